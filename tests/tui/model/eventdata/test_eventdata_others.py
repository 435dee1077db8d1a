"""Runs, templates, promotions, branches, and what is not in the catalogue."""

from __future__ import annotations

from typing import Any

import pytest

from relay.contract.events import EventDetail
from tests.relay.contract.samples import sample
from tests.tui.told import cells, changes, fact, facts, found, headings, message, notes, told, view
from tui.model.eventdata.related import EARLIER, RUN
from tui.model.items import Code, Fact

RUN_ID = "550e8400-e29b-41d4-a716-446655440000"


def changed(name: str, seq: int = 2, event_data: Any = None, **data: Any) -> EventDetail:
    payload = sample(name)
    payload["data"] = {**payload["data"], **data}
    return told(payload if event_data is None else {**payload, "event_data": event_data}, seq)


# Runs


def test_a_run_says_what_set_it_off_and_how_it_stands() -> None:
    said = facts(view(told(sample("workflow_recipient_run.error"))))
    assert (said["type"], said["cancellation_key"]) == ("api", "comment-123-user-456")
    assert (said["status"], said["errors"], said["actor"], said["since begun"]) == (
        "processing",
        "1",
        "user_456",
        "2 m",
    )


def test_a_run_lists_its_course_and_its_messages_by_their_newest_event() -> None:
    run = told(sample("workflow_recipient_run.completed"), 5)
    start = told(sample("workflow_recipient_run.started"), 1)
    events = [
        start,
        message("message.sent", 1, 2),
        message("message.delivered", 3, 3),
        message("message.seen", 4, 4, id="m2"),
        run,
    ]
    items = view(run, found(RUN, events))
    assert [row[-1] for row in cells(items)[:2]] == ["started: by api", "completed"]
    assert [row[2:] for row in cells(items)[2:]] == [
        ("delivered: via sendgrid",),
        ("seen: after 4 s",),
    ]


def test_a_run_whose_start_is_not_in_the_log_says_so() -> None:
    run = told(sample("workflow_recipient_run.completed"))
    assert "Its start is not in the log: the log began later, or has let it go." in notes(
        view(run, found(RUN, [run]))
    )


# Templates


def test_an_update_says_what_differs_from_the_one_seen_before() -> None:
    steps = sample("workflow.updated")["data"]["steps"]
    earlier = changed("workflow.updated", 1, sha="old", steps=[steps[0], steps[2]], active=True)
    items = view(changed("workflow.updated", 2), found(EARLIER, [earlier], whole=earlier))
    assert set(changes(items)) == {"data.active", "data.steps.1"}
    assert (facts(items)["sha then"], facts(items)["key"]) == ("old", "december-16-demo")


def test_an_update_that_changed_nothing_says_so() -> None:
    earlier = changed("workflow.updated", 1)
    assert "The template is the same as then." in notes(
        view(changed("workflow.updated"), found(EARLIER, [earlier], whole=earlier))
    )
    again = changed("workflow.updated", 1, sha="old", updated_at="2020-01-01T00:00:00Z")
    assert "Nothing but the time and the sha differs." in notes(
        view(changed("workflow.updated"), found(EARLIER, [again], whole=again))
    )


def test_the_first_update_seen_does_not_claim_to_be_the_first() -> None:
    items = view(changed("partial.updated"), found(EARLIER, []))
    assert "None in the log: nothing was received of it before, or it was trimmed." in notes(items)


def test_a_commit_is_shown_with_the_update_before_it() -> None:
    update = changed("email_layout.updated", 1)
    items = view(changed("email_layout.committed"), found(EARLIER, [update], whole=update))
    assert facts(items)["commit id"] == "123e4567-e89b-12d3-a456-426614174000"
    assert facts(items)["as"] == "email_layout.updated"
    assert headings(items)[2] == "The update before it"


@pytest.mark.parametrize(
    ("name", "key", "value"),
    [("translation.updated", "locale_code", "en"), ("source_event_action.updated", "event_type", "Order Created")],
)
def test_templates_without_a_key_are_named_by_what_they_have(name: str, key: str, value: str) -> None:
    assert facts(view(told(sample(name))))[key] == value


@pytest.mark.parametrize(
    ("name", "where"), [("translation.updated", "env-1"), ("workflow.updated", "development")]
)
def test_a_template_says_in_which_environment_it_changed(name: str, where: str) -> None:
    assert facts(view(told(sample(name))))["environment"] == where


def test_a_template_says_by_whom_where_that_is_known_and_is_silent_otherwise() -> None:
    by_ann = view(changed("workflow.committed", actor={"name": "Ann", "email": None}))
    assert "By" in headings(by_ann)
    said = [item.value for item in by_ann if isinstance(item, Fact) and item.path == ("data", "actor", "name")]
    assert said == ["Ann"]
    assert "By" not in headings(view(changed("workflow.committed")))


# Promotions and branches


def test_a_promotion_lists_counts_and_resources() -> None:
    items = view(
        changed(
            "commits.promoted-branch-merge",
            resource_type_counts={"workflow": 1, "partial": 7},
            resources_truncated=True,
            resource_count=8,
        )
    )
    said = facts(items)
    assert (said["from"], said["to"], said["commits"], said["resources"]) == (
        "feature-branch",
        "development",
        "3",
        "8",
    )
    assert [name for name in said if name in ("partial", "workflow")] == ["partial", "workflow"]
    assert ("email layout", "transactional") in cells(items)
    assert "Knock lists only the first 2 of 8." in notes(items)
    assert "Knock does not say who." in notes(items)


def test_a_branch_says_where_it_came_from_when_and_by_whom() -> None:
    said = facts(view(told(sample("branch.rebased"))))
    assert (said["slug"], said["parent"], said["email"]) == (
        "feature-branch",
        "development",
        "john.doe@example.com",
    )
    assert {"created", "rebased"} <= set(said)


def test_a_branch_that_is_gone_says_how_long_it_lived() -> None:
    items = view(told(sample("branch.deleted")))
    assert {"created", "deleted", "lived"} <= set(facts(items))
    assert "Knock does not say who." in notes(items)


# What is not in the catalogue


def test_an_unknown_type_is_marked_and_shown_whole() -> None:
    event = told(
        {"type": "message.teleported", "data": {"to": "mars", "crew": ["ann"]}, "event_data": {"speed": 9}}
    )
    items = view(event)
    assert notes(items)[0].startswith("This type is not in the catalogue")
    assert (facts(items)["to"], facts(items)["speed"]) == ("mars", "9")
    assert any(isinstance(item, Code) and "ann" in item.text for item in items)


def test_nested_event_data_without_end_is_cut_and_says_so() -> None:
    items = view(told({"type": "x", "data": {}, "event_data": {f"key_{n}": n for n in range(500)}}))
    assert "… 300 more; Body shows them all" in notes(items)
    assert "… 4,002 more lines; Body shows them all" in notes(view(told({"type": "x", "event_data": [0] * 5_000})))


def test_times_are_said_in_relation_to_the_event() -> None:
    assert fact(view(told(sample("branch.rebased"))), "rebased").note == "1 m 27 s before this"
