"""What is simulated is what the contract allows; its rules are written down here a second time, on purpose."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from relay.contract.knock import CATALOGUE, FAMILIES, family_of, recipient_of
from relay.contract.payloads import EVENT_DATA, Lenient, Recipient
from relay.contract.signature import Secret, check
from tui.simulator import ENVIRONMENTS, SCENARIOS, TYPES, Lifecycle, SimulatedEvent, brisk, event, parse_override
from tui.simulator.event import request

NOW = datetime(2026, 11, 24, 9, 30, 15, 250_000, tzinfo=UTC)
SEEDS = range(12)

SENT, DELIVERED, ATTEMPTED = "message.sent", "message.delivered", "message.delivery_attempted"
BOUNCED, UNDELIVERED, COMPLAINT = "message.bounced", "message.undelivered", "message.complaint"
DELIVERY = {SENT: "sent", DELIVERED: "delivered", ATTEMPTED: "delivery_attempted"} | {
    BOUNCED: "bounced",
    UNDELIVERED: "undelivered",
}
BEFORE: dict[str, set[str | None]] = {
    SENT: {None, ATTEMPTED, UNDELIVERED},
    ATTEMPTED: {None, ATTEMPTED, UNDELIVERED},
    DELIVERED: {SENT},
    BOUNCED: {None, ATTEMPTED, SENT},
    UNDELIVERED: {ATTEMPTED, SENT},
}
DONE_BY = {
    "message.seen": {"seen"},
    "message.read": {"read", "seen"},
    "message.interacted": {"interacted", "read", "seen"},
    "message.link_clicked": {"link_clicked", "read", "seen"},
    "message.archived": {"archived"},
}
UNDONE_BY = {"message.unseen": "seen", "message.unread": "read", "message.unarchived": "archived"}
ENGAGEMENT_OF = {
    "email": {"message.read", "message.link_clicked"},
    "sms": {"message.link_clicked"},
    "chat": {"message.link_clicked"},
    "push": set[str](),
    "http": set[str](),
    "in_app_feed": {*DONE_BY, *UNDONE_BY},
}
MESSAGE_FIELDS = {
    *("__typename", "actors", "archived_at", "channel", "channel_id", "clicked_at", "data", "engagement_statuses"),
    *("id", "inserted_at", "interacted_at", "link_clicked_at", "metadata", "read_at", "recipient"),
    *("recipient_snapshot", "scheduled_at", "seen_at", "source", "status", "tenant", "updated_at", "workflow"),
}
KSUID = re.compile(r"[0-9A-Za-z]{27}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
MOST_LAG = timedelta(seconds=8)


def body(one: SimulatedEvent) -> Any:
    return json.loads(one.body)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def stories(scenario: str) -> Iterator[list[Any]]:
    """The parsed bodies of some lifecycles of a scenario."""
    for seed in SEEDS:
        yield [body(one) for one in Lifecycle(scenario, seed=seed, start=NOW)]


def by_message(story: list[Any]) -> list[list[Any]]:
    threads: dict[str, list[Any]] = {}
    for one in story:
        if one["type"].startswith("message."):
            threads.setdefault(one["data"]["id"], []).append(one)
    return list(threads.values())


def message_threads(scenario: str) -> Iterator[list[Any]]:
    for story in stories(scenario):
        yield from by_message(story)


scenarios = pytest.mark.parametrize("scenario", SCENARIOS)
types = pytest.mark.parametrize("event_type", TYPES)


@types
def test_a_single_event_has_the_type_asked_for_and_happens_now(event_type: str) -> None:
    for seed in SEEDS:
        payload = body(event(event_type, seed=seed, now=NOW))
        assert (payload["type"], payload["created_at"]) == (event_type, "2026-11-24T09:30:15.250000Z")


@types
def test_the_headers_name_type_and_environment_of_the_body(event_type: str) -> None:
    headers = event(event_type, seed=3, now=NOW).headers
    assert [name for name, _ in headers] == ["content-type", "x-knock-environment-id", "x-knock-event"]
    assert dict(headers)["x-knock-event"] == event_type
    assert dict(headers)["x-knock-environment-id"] in {environment.id for environment in ENVIRONMENTS}


def test_every_documented_type_is_simulated_by_a_scenario() -> None:
    assert set(TYPES) == set(CATALOGUE)
    assert len(TYPES) == 31
    assert set().union(*(scenario.types for scenario in SCENARIOS.values())) == set(TYPES)


@scenarios
def test_a_scenario_has_the_types_it_promises(scenario: str) -> None:
    for story in stories(scenario):
        assert {one["type"] for one in story} >= SCENARIOS[scenario].types


@scenarios
def test_events_come_in_the_order_in_which_they_happen(scenario: str) -> None:
    for story in stories(scenario):
        times = [moment(one["created_at"]) for one in story]
        assert times == sorted(times)
        assert times[0] >= NOW


@scenarios
def test_delivery_events_follow_each_other_as_knock_lets_them(scenario: str) -> None:
    for thread in message_threads(scenario):
        channel = thread[0]["data"]["channel"]["type"]
        last: str | None = None
        for kind in (one["type"] for one in thread):
            if kind in DELIVERY:
                straight = kind == DELIVERED and channel in {"in_app_feed", "http"}
                assert last in (BEFORE[SENT] if straight else BEFORE[kind])
                last = kind


@scenarios
def test_push_and_chat_are_never_delivered_and_in_app_and_http_never_sent(scenario: str) -> None:
    forbidden = {"push": DELIVERED, "chat": DELIVERED, "in_app_feed": SENT, "http": SENT}
    for thread in message_threads(scenario):
        for one in thread:
            assert one["type"] != forbidden.get(one["data"]["channel"]["type"])


@scenarios
def test_engagement_is_what_the_channel_can_tell_and_comes_after_the_message_went_out(scenario: str) -> None:
    for thread in message_threads(scenario):
        arrived = False
        for one in thread:
            kind = one["type"]
            arrived = arrived or kind in {SENT, DELIVERED}
            if kind not in DELIVERY and kind != COMPLAINT:
                assert arrived
                assert kind in ENGAGEMENT_OF[one["data"]["channel"]["type"]]


@scenarios
def test_only_what_was_done_is_undone(scenario: str) -> None:
    for thread in message_threads(scenario):
        held: set[str] = set()
        for kind in (one["type"] for one in thread):
            assert kind not in UNDONE_BY or UNDONE_BY[kind] in held
            held = after(kind, held)


def after(kind: str, held: set[str]) -> set[str]:
    """What engagement holds once an event of this type has happened."""
    return (held | DONE_BY.get(kind, set())) - {UNDONE_BY.get(kind, "")}


@scenarios
def test_the_entity_is_as_it_was_after_this_event_or_one_soon_after(scenario: str) -> None:
    for thread in message_threads(scenario):
        for position, one in enumerate(thread):
            shown = one["data"]["status"], frozenset(one["data"]["engagement_statuses"])
            assert shown in set(states_from(thread, position)), one["type"]


def states_from(thread: list[Any], position: int) -> Iterator[tuple[str, frozenset[str]]]:
    """Status and engagement after the event at `position`, and after each that was there when it was rendered."""
    status, held = "queued", set[str]()
    rendered_by = moment(thread[position]["created_at"]) + MOST_LAG
    for number, one in enumerate(thread):
        if number > position and moment(one["created_at"]) > rendered_by:
            return
        status, held = DELIVERY.get(one["type"], status), after(one["type"], held)
        if number >= position:
            yield status, frozenset(held)
            if status in {"delivery_attempted", "undelivered"}:
                yield "queued", frozenset(held)


@scenarios
def test_engagement_has_a_time_exactly_while_it_holds(scenario: str) -> None:
    for thread in message_threads(scenario):
        for data in (one["data"] for one in thread):
            timed = {name for name in DONE_BY if data[f"{name.removeprefix('message.')}_at"] is not None}
            assert {name.removeprefix("message.") for name in timed} == set(data["engagement_statuses"])
            assert data["clicked_at"] == data["link_clicked_at"]
            assert data["engagement_statuses"] == sorted(data["engagement_statuses"])


@scenarios
def test_times_of_a_message_are_plausible(scenario: str) -> None:
    for thread in message_threads(scenario):
        for one in thread:
            data = one["data"]
            assert moment(data["inserted_at"]) < moment(one["created_at"]) <= moment(data["updated_at"])
            for name in ("seen", "read", "interacted", "link_clicked", "archived"):
                if data[f"{name}_at"] is not None:
                    assert data["inserted_at"] < data[f"{name}_at"] <= data["updated_at"]


@scenarios
def test_what_a_message_is_never_changes(scenario: str) -> None:
    constant = ("id", "channel", "recipient", "source", "inserted_at", "workflow", "tenant", "actors", "data")
    for thread in message_threads(scenario):
        assert all(one["data"][name] == thread[0]["data"][name] for one in thread for name in constant)


@scenarios
def test_a_message_has_all_its_fields_and_a_source_with_run_ids(scenario: str) -> None:
    for thread in message_threads(scenario):
        data = thread[0]["data"]
        assert set(data) == MESSAGE_FIELDS
        assert data["channel_id"] == data["channel"]["id"]
        assert data["workflow"] == data["source"]["key"]
        assert UUID.fullmatch(data["source"]["workflow_run_id"])
        assert UUID.fullmatch(data["source"]["workflow_recipient_run_id"])
        assert data["source"]["type"] in {"workflow", "broadcast"}
        assert len(data["actors"]) <= 10


@scenarios
def test_attempts_count_up_from_one_to_at_most_eight(scenario: str) -> None:
    for thread in message_threads(scenario):
        numbers = [one["event_data"]["attempt"] for one in thread if one["type"] == ATTEMPTED]
        assert numbers == list(range(1, len(numbers) + 1))
        assert len(numbers) <= 8
        assert all(one["event_data"]["max_attempts"] == 8 for one in thread if one["type"] == ATTEMPTED)


@scenarios
def test_an_attempt_is_retryable_unless_the_message_fails_next(scenario: str) -> None:
    for thread in message_threads(scenario):
        for one, following in pairwise(thread):
            if one["type"] == ATTEMPTED:
                retried = following["type"] != UNDELIVERED
                assert one["event_data"].get("retryable", retried) is retried


@scenarios
def test_undelivered_says_whether_the_attempts_ran_out(scenario: str) -> None:
    for thread in message_threads(scenario):
        for attempt, one in pairwise(thread):
            if one["type"] == UNDELIVERED:
                exhausted = attempt["event_data"]["attempt"] == 8
                assert one["event_data"]["failure_reason"] == ("retries_exhausted" if exhausted else "fatal_error")
                assert set(one["event_data"]) == {"__typename", "failure_reason", "failure_details"}


@scenarios
def test_event_data_is_what_the_type_has(scenario: str) -> None:
    for story in stories(scenario):
        for one in story:
            kind, event_data = one["type"], one["event_data"]
            if kind.endswith(".committed"):
                assert UUID.fullmatch(event_data["commit_id"])
            elif kind == "commits.promoted":
                assert event_data == {"promote_group_id": one["data"]["promote_group_id"]}
            elif kind == BOUNCED:
                push = one["data"]["channel"]["type"] == "push"
                assert set(event_data) == {"__typename", "failure_reason", "failure_details"} | (
                    {"token"} if push else set()
                )
            elif kind == "message.link_clicked":
                assert event_data["url"].startswith("https://")
            elif kind == "message.interacted":
                assert event_data is None or all(isinstance(value, str | int) for value in event_data.values())
            elif kind not in {ATTEMPTED, UNDELIVERED, COMPLAINT}:
                assert event_data is None


@types
def test_the_contracts_models_read_every_field_of_the_entity(event_type: str) -> None:
    for seed in SEEDS:
        data = body(event(event_type, seed=seed, now=NOW))["data"]
        assert_nothing_lost(FAMILIES[family_of(event_type)].entity.read(data), data)


@types
def test_the_contracts_models_read_every_field_of_the_event_data(event_type: str) -> None:
    for seed in SEEDS:
        event_data = body(event(event_type, seed=seed, now=NOW))["event_data"]
        model = EVENT_DATA.get(event_type)
        if model is None:
            assert event_data is None
        elif event_data is not None:
            free = event_type in {COMPLAINT, "message.interacted"}
            assert_nothing_lost(model.read(event_data), event_data, but=event_data.keys() if free else frozenset())


def assert_nothing_lost(model: Lenient, raw: dict[str, Any], but: AbstractSet[str] = frozenset()) -> None:
    """Each field of `raw` has a field of the model, with its value; those in `but` are the caller's own."""
    names = {field.alias or name: name for name, field in type(model).model_fields.items()}
    for key, value in raw.items():
        if key in names:
            assert_same(getattr(model, names[key]), value)
        else:
            assert key in but
            assert (model.model_extra or {})[key] == value


def assert_same(read: object, raw: Any) -> None:
    if isinstance(read, Recipient):
        assert str(read) == recipient_of(raw)
    elif isinstance(read, Lenient):
        assert_nothing_lost(read, raw)
    elif isinstance(read, datetime):
        assert read == moment(raw)
    elif isinstance(read, list):
        for inner, inner_raw in zip(read, raw, strict=True):
            assert_same(inner, inner_raw)
    else:
        assert read == raw


def test_a_dead_token_stays_the_same_on_every_bounce_to_that_device() -> None:
    for story in stories("push-dead-token"):
        bounces = [one for one in story if one["type"] == BOUNCED]
        assert len(bounces) >= 2
        assert len({(one["data"]["recipient"], one["event_data"]["token"]) for one in bounces}) == 1


def test_a_complaint_leaves_the_status_as_it_was() -> None:
    for thread in message_threads("complaint"):
        assert [one["type"] for one in thread][-1] == COMPLAINT
        assert thread[-1]["data"]["status"] == "delivered"


def test_a_digest_is_one_message_with_the_actors_of_all_its_triggers() -> None:
    for story in stories("digest"):
        started = [one["data"] for one in story if one["type"] == "workflow_recipient_run.started"]
        item = next(one["data"] for one in story if one["data"].get("channel", {}).get("type") == "in_app_feed")
        assert len(started) >= 3
        assert sorted(run["actor"] for run in started) == sorted(item["actors"])
        assert len({run["workflow_run_id"] for run in started}) == len(started)


@pytest.mark.parametrize("scenario", ["runs", "digest", "broadcast"])
def test_a_run_starts_before_its_messages_and_completes_once(scenario: str) -> None:
    for story in stories(scenario):
        running: dict[str, str] = {}
        for one in story:
            data = one["data"]
            if one["type"].startswith("workflow_recipient_run."):
                step = one["type"].partition(".")[2]
                assert running.get(data["id"]) in ({None} if step == "started" else {"started", "error"})
                running[data["id"]] = step
            else:
                assert data["source"]["workflow_recipient_run_id"] in running
        assert set(running.values()) == {"completed"}


def test_an_error_counts_and_leaves_the_run_processing() -> None:
    for story in stories("runs"):
        erred = [one["data"] for one in story if one["type"] == "workflow_recipient_run.error"]
        assert [(run["error_count"], run["status"]) for run in erred] in ([(1, "processing")], [(1, "completed")])
        completed = [one["data"] for one in story if one["type"] == "workflow_recipient_run.completed"]
        assert sorted(run["error_count"] for run in completed) == [0, 0, 1]
        assert {run["status"] for run in completed} == {"completed"}


def test_a_template_is_committed_as_it_was_last_saved_and_then_promoted() -> None:
    for story in stories("template-deploy"):
        saved: dict[str, Any] = {}
        committed: list[str] = []
        for one in story[:-1]:
            kind, _, change = one["type"].partition(".")
            if change == "updated":
                saved[kind] = one["data"]
            else:
                assert one["data"] == saved[kind]
                committed.append(one["event_data"]["commit_id"])
        assert story[-1]["type"] == "commits.promoted"
        assert story[-1]["data"]["commit_count"] == len(set(committed)) == 5
        assert story[-1]["data"]["resource_type_counts"] == dict.fromkeys(saved, 1)


def test_a_promotion_reaches_the_webhooks_of_its_destination() -> None:
    slugs = {environment.id: environment.slug for environment in ENVIRONMENTS}
    for seed in range(40):
        promoted = event("commits.promoted", seed=seed, now=NOW)
        assert slugs[dict(promoted.headers)["x-knock-environment-id"]] == body(promoted)["data"]["to_environment"]


def test_a_branch_is_made_rebased_merged_and_deleted() -> None:
    for created, rebased, merged, deleted in stories("branch"):
        assert set(created["data"]["branch"]) == {"slug", "name", "parent_environment", "created_at"}
        assert rebased["data"]["branch"]["rebased_at"] == rebased["created_at"]
        assert merged["data"]["branch"] == merged["data"]["from_environment"] == created["data"]["branch"]["slug"]
        assert merged["data"]["to_environment"] == created["data"]["branch"]["parent_environment"]
        assert deleted["data"]["branch"]["deleted_at"] == deleted["created_at"]


def test_message_ids_are_ksuids_that_sort_by_time() -> None:
    minutes = [body(event(SENT, seed=seed, now=NOW + timedelta(minutes=30 * seed)))["data"] for seed in range(40)]
    assert all(KSUID.fullmatch(data["id"]) for data in minutes)
    by_id = sorted(minutes, key=lambda data: str(data["id"]))
    assert all(a["inserted_at"][:19] <= b["inserted_at"][:19] for a, b in pairwise(by_id))


def test_a_ksuid_holds_the_second_in_which_the_message_was_made() -> None:
    data = body(event(SENT, seed=1, now=NOW))["data"]
    digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    number = 0
    for character in data["id"]:
        number = number * 62 + digits.index(character)
    assert (number >> 128) + 1_400_000_000 == int(moment(data["inserted_at"]).timestamp())


@types
def test_times_have_microseconds_and_end_in_z(event_type: str) -> None:
    payload = body(event(event_type, seed=5, now=NOW))
    times = [value for key, value in walk(payload) if key.endswith("_at") and value is not None]
    assert times
    assert all(TIME.fullmatch(value) for value in times)


def walk(value: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from walk(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from walk(inner, key)
    else:
        yield key, value


@types
def test_keys_are_in_alphabetical_order_at_every_level(event_type: str) -> None:
    def check_order(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        assert [key for key, _ in pairs] == sorted(key for key, _ in pairs)
        return dict(pairs)

    json.loads(event(event_type, seed=2, now=NOW).body, object_pairs_hook=check_order)


@types
def test_the_body_is_compact_json_in_raw_utf_8(event_type: str) -> None:
    for seed in SEEDS:
        raw = event(event_type, seed=seed, now=NOW).body
        assert raw == json.dumps(json.loads(raw), ensure_ascii=False, separators=(",", ":")).encode()


def test_some_bodies_have_text_outside_ascii() -> None:
    bodies = [event(SENT, seed=seed, now=NOW).body for seed in range(40)]
    assert not all(raw.isascii() for raw in bodies)


def test_a_zone_other_than_utc_is_written_in_utc() -> None:
    local = NOW.astimezone(datetime.strptime("+0530", "%z").tzinfo)
    assert event(SENT, seed=1, now=local).body == event(SENT, seed=1, now=NOW).body


@types
def test_the_same_seed_and_time_give_the_same_bytes(event_type: str) -> None:
    assert event(event_type, seed=11, now=NOW) == event(event_type, seed=11, now=NOW)


@scenarios
def test_the_same_seed_plays_the_same_lifecycle(scenario: str) -> None:
    assert list(Lifecycle(scenario, seed=4, start=NOW)) == list(Lifecycle(scenario, seed=4, start=NOW))


def test_other_seeds_make_other_messages() -> None:
    assert len({body(event(SENT, seed=seed, now=NOW))["data"]["id"] for seed in range(50)}) == 50


def test_the_bytes_do_not_depend_on_how_python_hashes_in_this_process() -> None:
    script = """
import hashlib
from datetime import UTC, datetime
from tui.simulator import SCENARIOS, Lifecycle
digest = hashlib.sha256()
for name in SCENARIOS:
    for one in Lifecycle(name, seed=1, start=datetime(2026, 1, 1, tzinfo=UTC)):
        digest.update(one.body)
print(digest.hexdigest())
"""
    digests = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        ).stdout
        for hash_seed in ("1", "2")
    }
    assert len(digests) == 1


@scenarios
def test_a_lifecycle_can_be_placed_by_its_last_event(scenario: str) -> None:
    for seed in SEEDS:
        assert list(Lifecycle.ending(scenario, NOW, seed=seed))[-1].created_at == NOW


@scenarios
def test_a_lifecycle_can_be_placed_by_its_first_event(scenario: str) -> None:
    for seed in SEEDS:
        assert Lifecycle.beginning(scenario, NOW, seed=seed, tempo=brisk).next_at == NOW


@scenarios
def test_a_brisk_lifecycle_is_over_in_two_minutes(scenario: str) -> None:
    for seed in SEEDS:
        times = [one.created_at for one in Lifecycle(scenario, seed=seed, start=NOW, tempo=brisk)]
        assert times[-1] - times[0] < timedelta(minutes=2)


def test_retries_last_about_half_an_hour() -> None:
    for story in stories("retry-storm"):
        exhausted = next(thread for thread in by_message(story) if attempts(thread) == 8)
        lasted = moment(exhausted[-1]["created_at"]) - moment(exhausted[0]["created_at"])
        assert timedelta(minutes=15) < lasted < timedelta(minutes=35)


def attempts(thread: list[Any]) -> int:
    return sum(one["type"] == ATTEMPTED for one in thread)


def test_an_event_that_is_rendered_late_shows_what_has_happened_since() -> None:
    lifecycle = Lifecycle.beginning("happy-email", NOW, seed=1)
    late = body(lifecycle.take(rendered_at=NOW + timedelta(hours=3)))
    assert (late["type"], late["data"]["status"]) == (SENT, "delivered")
    assert late["data"]["engagement_statuses"] == ["link_clicked", "read", "seen"]


@scenarios
def test_an_event_that_is_rendered_at_once_shows_what_it_changed(scenario: str) -> None:
    for seed in SEEDS:
        for one in rendered_at_once(Lifecycle(scenario, seed=seed, start=NOW)):
            if one["type"].startswith(("message.", "workflow_recipient_run.")) or one["type"].endswith(".updated"):
                assert one["data"]["updated_at"] == one["created_at"]


def test_rendering_one_event_late_tells_nothing_early_of_other_entities() -> None:
    for seed in SEEDS:
        lifecycle = Lifecycle("runs", seed=seed, start=NOW)
        first = body(lifecycle.take(rendered_at=NOW + timedelta(days=1)))
        others = [one for one in rendered_at_once(lifecycle) if one["data"]["id"] != first["data"]["id"]]
        assert all(one["data"]["updated_at"] == one["created_at"] for one in others)


def rendered_at_once(lifecycle: Lifecycle) -> Iterator[Any]:
    while (now := lifecycle.next_at) is not None:
        yield body(lifecycle.take(rendered_at=now))


def test_each_save_of_a_template_changes_it() -> None:
    for seed in SEEDS:
        contents: dict[str, list[str]] = {}
        for one in rendered_at_once(Lifecycle("template-deploy", seed=seed, start=NOW)):
            kind, _, change = one["type"].partition(".")
            template = {key: value for key, value in one["data"].items() if key not in {"sha", "updated_at"}}
            if change == "updated" and kind != "source_event_action":
                contents.setdefault(kind, []).append(json.dumps(template))
        assert all(len(set(drafts)) == len(drafts) for drafts in contents.values())


def test_message_sent_sometimes_comes_with_the_status_delivered() -> None:
    statuses = {
        thread[0]["data"]["status"]
        for seed in range(120)
        for thread in by_message([body(one) for one in Lifecycle("happy-email", seed=seed, start=NOW)])
    }
    assert statuses == {"sent", "delivered"}


def test_a_signed_event_verifies() -> None:
    signed = event(BOUNCED, seed=1, now=NOW).signed("some-secret", 1_795_500_000_000)
    header = dict(signed.headers)["x-knock-signature"]
    outcome = check(header, signed.body, [Secret("some-secret", None)], 1_795_500_000_000)
    assert outcome.verdict == "verified"


def test_signing_again_replaces_the_signature() -> None:
    signed = event(BOUNCED, seed=1, now=NOW).signed("one", 1).signed("two", 2)
    assert [value[:4] for name, value in signed.headers if name == "x-knock-signature"] == ["t=2,"]


def test_an_override_changes_the_body_and_not_the_entity() -> None:
    data = {"actors": ["ada"]}
    overrides = [parse_override("data.actors.0=guest")]
    one = request(
        SENT, created_at=NOW, data=data, event_data=None, environment=ENVIRONMENTS[0], overrides=overrides
    )
    assert body(one)["data"] == {"actors": ["guest"]}
    assert data == {"actors": ["ada"]}


def test_an_overridden_type_is_in_body_and_header() -> None:
    custom = event(SENT, seed=1, now=NOW, overrides=[parse_override("type=message.pinned")])
    assert (custom.type, dict(custom.headers)["x-knock-event"]) == ("message.pinned", "message.pinned")
    assert body(custom)["type"] == "message.pinned"


@pytest.mark.parametrize("value", ["7", "null", "", "a\r\nx: y", "ä"])
def test_a_type_that_no_header_can_hold_leaves_the_header_as_it_was(value: str) -> None:
    custom = event(SENT, seed=1, now=NOW, overrides=[parse_override(f"type={value}")])
    assert dict(custom.headers)["x-knock-event"] == SENT
