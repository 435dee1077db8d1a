"""What each type says, in one line."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.contract.moments import microseconds
from relay.contract.readings import READING_LIMIT, Earlier, EarlierMessages, duration_text, reading
from relay.contract.text import plain
from tests.relay.contract.samples import any_json, any_object, any_type, sample

SAMPLES = {
    "message.sent": "via sendgrid",
    "message.sent-minimal": "via 01234567-89ab-cdef-0123-456789abcdef",
    "message.sent-object-recipient": "via sendgrid",
    "message.delivered": "via sendgrid",
    "message.delivery_attempted": "attempt 1/8, will retry",
    "message.delivery_attempted-no-retryable": "attempt 2/8",
    "message.undelivered": "retries exhausted: The message could not be delivered to the provider.",
    "message.undelivered-null-details": "fatal error",
    "message.bounced-email": "fatal_error: <provider dependent text>",
    "message.bounced-push": "fatal_error: <provider dependent text>, token …34567890",
    "message.complaint": "complaint: fields are not published",
    "message.seen": "after 56 m",
    "message.unseen": "undone",
    "message.read": "after 57 m",
    "message.unread": "undone",
    "message.archived": "after 57 m",
    "message.unarchived": "undone",
    "message.interacted": "status=approved",
    "message.interacted-no-metadata": "interacted",
    "message.link_clicked": "https://example.com/safety",
    "workflow_recipient_run.started": "by api",
    "workflow_recipient_run.completed": "completed",
    "workflow_recipient_run.error": "1 error",
    "workflow.updated": "december-16-demo",
    "workflow.committed": "december-16-demo, commit 123e456",
    "email_layout.updated": "Transactional",
    "email_layout.committed": "Transactional, commit 123e456",
    "translation.updated": "en/my_app",
    "translation.committed": "en/my_app, commit 123e456",
    "source_event_action.updated": "Order Created -> workflows_trigger",
    "source_event_action.committed": "Order Created -> workflows_trigger, commit 123e456",
    "partial.updated": "My Partial",
    "partial.committed": "My Partial, commit 123e456",
    "commits.promoted-branch-merge": "feature-branch -> development: 3 commits, 2 resources",
    "branch.created": "feature-branch from development, by John Doe",
    "branch.deleted": "feature-branch from development",
    "branch.rebased": "feature-branch from development, by John Doe",
}

CREATED = "2026-11-20T14:10:00.000000Z"
MADE = {"inserted_at": "2026-11-20T14:07:00.000000Z"}


def read(
    event_type: str,
    data: object = None,
    event_data: object = None,
    *,
    created_at: object = CREATED,
    earlier: Earlier | None = None,
) -> str:
    return reading(event_type, data, event_data, created_at, earlier)


def before(*steps: tuple[str, str]) -> Earlier | None:
    """Give what is known after these types at these times of the day of `CREATED`."""
    messages = EarlierMessages(1)
    for event_type, time in steps:
        messages.note("m1", event_type, f"2026-11-20T{time}Z")
    return messages.of("m1")


@pytest.mark.parametrize(("name", "text"), SAMPLES.items())
def test_a_sample_reads_as_its_type_says(name: str, text: str) -> None:
    payload = sample(name)
    assert reading(payload["type"], payload["data"], payload["event_data"], payload["created_at"], None) == text


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ({"channel": {"provider": "sendgrid", "key": "mail"}}, "via sendgrid"),
        ({"channel": {"key": "mail", "type": "email"}}, "via mail"),
        ({"channel": {"type": "email"}, "channel_id": "c1"}, "via email"),
        ({"channel": "email", "channel_id": "c1"}, "via c1"),
        ({}, "sent"),
    ],
)
def test_sent_names_the_channel_by_the_best_that_there_is(data: dict[str, Any], text: str) -> None:
    assert read("message.sent", data) == text


def test_delivered_tells_how_long_after_sent() -> None:
    data = {"channel": {"provider": "sendgrid"}}
    earlier = before(("message.sent", "14:09:58.500000"))
    assert read("message.delivered", data, earlier=earlier) == "via sendgrid, 1.5 s after sent"


def test_delivered_counts_from_the_last_time_it_was_sent() -> None:
    earlier = before(("message.sent", "13:00:00"), ("message.sent", "14:09:50"))
    assert read("message.delivered", earlier=earlier) == "10 s after sent"


def test_a_sending_after_the_delivery_is_not_what_it_counts_from() -> None:
    earlier = before(("message.sent", "14:10:01"))
    assert read("message.delivered", {"channel_id": "c1"}, earlier=earlier) == "via c1"


@pytest.mark.parametrize(
    ("event_data", "text"),
    [
        ({"attempt": 3, "max_attempts": 8, "retryable": True}, "attempt 3/8, will retry"),
        ({"attempt": 8, "max_attempts": 8, "retryable": False}, "attempt 8/8, final"),
        ({"attempt": 3, "max_attempts": 8}, "attempt 3/8"),
        ({"attempt": 3, "max_attempts": 8, "retryable": "no"}, "attempt 3/8"),
        ({"attempt": 3}, "attempt 3"),
        ({"max_attempts": 8}, "attempt ?/8"),
        ({"retryable": False}, "attempt failed, final"),
        (None, "attempt failed"),
    ],
)
def test_an_attempt_tells_its_number_and_what_comes_next(event_data: object, text: str) -> None:
    assert read("message.delivery_attempted", {}, event_data) == text


@pytest.mark.parametrize(
    ("event_data", "text"),
    [
        ({"failure_reason": "retries_exhausted", "failure_details": "gone"}, "retries exhausted: gone"),
        ({"failure_reason": "fatal_error", "failure_details": "gone"}, "fatal error: gone"),
        ({"failure_reason": "solar_flare", "failure_details": "gone"}, "solar_flare: gone"),
        ({"failure_reason": "solar_flare"}, "solar_flare"),
        ({"failure_details": "gone"}, "gone"),
        ({}, "undelivered"),
    ],
)
def test_undelivered_tells_reason_and_details(event_data: object, text: str) -> None:
    assert read("message.undelivered", {}, event_data) == text


@pytest.mark.parametrize(
    ("event_data", "text"),
    [
        ({"failure_reason": "hard_bounce", "failure_details": "no mailbox"}, "hard_bounce: no mailbox"),
        ({"token": "abcdefghijklmnop"}, "token …ijklmnop"),
        ({"token": "short"}, "token short"),
        ({"failure_reason": "stale", "token": "abcdefghijklmnop"}, "stale, token …ijklmnop"),
        (None, "bounced"),
    ],
)
def test_bounced_tells_reason_details_and_the_end_of_the_token(event_data: object, text: str) -> None:
    assert read("message.bounced", {}, event_data) == text


def test_long_details_of_a_bounce_do_not_push_the_token_out() -> None:
    event_data = {"failure_reason": "r" * 2_000, "failure_details": "d" * 2_000, "token": "abcdefghijklmnop"}
    assert read("message.bounced", {}, event_data).endswith("…, token …ijklmnop")


@pytest.mark.parametrize(
    ("event_data", "text"),
    [
        ({"__typename": "EventData", "at": 5, "email": "a@example.com"}, "complaint: a@example.com"),
        ({"at": 5, "email": ""}, "complaint"),
        (None, "complaint"),
    ],
)
def test_a_complaint_tells_its_first_text(event_data: object, text: str) -> None:
    assert read("message.complaint", {}, event_data) == text


@pytest.mark.parametrize("event_type", ["message.seen", "message.read", "message.archived"])
def test_engagement_tells_how_long_after_the_message_was_made(event_type: str) -> None:
    assert read(event_type, MADE) == "after 3 m"


@pytest.mark.parametrize(
    "inserted_at", ["2026-11-20T14:10:00.000001Z", "1999-01-01T00:00:00Z", "yesterday", 5, None, ["x"]]
)
def test_a_time_that_makes_no_sense_is_not_told(inserted_at: object) -> None:
    assert read("message.seen", {"inserted_at": inserted_at}) == "seen"


@pytest.mark.parametrize("created_at", [None, 5, "now", {}])
def test_without_a_time_of_its_own_an_engagement_tells_none(created_at: object) -> None:
    assert read("message.read", MADE, created_at=created_at) == "read"


def test_engagement_for_a_second_time_is_told_as_again() -> None:
    assert read("message.seen", MADE, earlier=before(("message.seen", "14:08:00"))) == "again"


def test_engagement_that_was_undone_before_is_not_again() -> None:
    earlier = before(("message.seen", "14:08:00"), ("message.unseen", "14:08:30"))
    assert read("message.seen", MADE, earlier=earlier) == "after 3 m"


def test_engagement_of_another_kind_is_not_again() -> None:
    assert read("message.read", MADE, earlier=before(("message.seen", "14:08:00"))) == "after 3 m"


def test_an_event_that_was_noted_already_is_not_its_own_repeat() -> None:
    assert read("message.seen", MADE, earlier=before(("message.seen", "14:10:00"))) == "after 3 m"


@pytest.mark.parametrize(
    ("event_type", "done"),
    [
        ("message.unseen", "message.seen"),
        ("message.unread", "message.read"),
        ("message.unarchived", "message.archived"),
    ],
)
def test_a_reversal_tells_how_long_what_it_undid_had_stood(event_type: str, done: str) -> None:
    assert read(event_type, MADE, earlier=before((done, "14:09:50"))) == "undone after 10 s"


def test_a_reversal_counts_from_the_last_time_it_was_done() -> None:
    earlier = before(("message.read", "14:00:00"), ("message.read", "14:09:59"))
    assert read("message.unread", earlier=earlier) == "undone after 1 s"


def test_a_reversal_of_what_was_undone_already_is_told_as_again() -> None:
    earlier = before(("message.read", "14:09:00"), ("message.unread", "14:09:30"))
    assert read("message.unread", earlier=earlier) == "again"


def test_interaction_tells_its_metadata() -> None:
    event_data = {"__typename": "EventData", "status": "approved", "nps_score": 8}
    assert read("message.interacted", {}, event_data) == "status=approved nps_score=8"


def test_a_value_is_quoted_where_its_end_could_not_be_told() -> None:
    event_data = {"label": "Yes please", "empty": "", "sum": "a=b", "ok": True, "none": None, "more": {"a": 1}}
    expected = 'label="Yes please" empty="" sum="a=b" ok=true none=null more={…}'
    assert read("message.interacted", {}, event_data) == expected


@pytest.mark.parametrize(
    ("event_type", "data", "text"),
    [
        ("started", {"trigger_source": {"type": "schedule"}}, "by schedule"),
        ("started", {"trigger_source": "api"}, "started"),
        ("completed", {"error_count": 0}, "completed"),
        ("completed", {"error_count": 2}, "completed, 2 errors"),
        ("error", {"error_count": 2}, "2 errors"),
        ("error", {"error_count": 0}, "error"),
        ("error", {"error_count": True}, "error"),
    ],
)
def test_a_run_tells_its_trigger_or_its_errors(event_type: str, data: dict[str, Any], text: str) -> None:
    assert read(f"workflow_recipient_run.{event_type}", data) == text


@pytest.mark.parametrize(
    ("data", "text"),
    [({"name": "Welcome", "key": "welcome"}, "Welcome"), ({"key": "welcome"}, "welcome"), ({}, "updated")],
)
def test_an_update_tells_name_or_key(data: dict[str, Any], text: str) -> None:
    assert read("workflow.updated", data) == text


@pytest.mark.parametrize(
    ("data", "event_data", "text"),
    [
        ({"name": "Welcome"}, {"commit_id": "9f3c1e2aa0"}, "Welcome, commit 9f3c1e2"),
        ({"name": "Welcome"}, None, "Welcome"),
        ({}, {"commit_id": "9f3c1e2aa0"}, "commit 9f3c1e2"),
    ],
)
def test_a_commit_tells_name_and_the_head_of_its_id(data: dict[str, Any], event_data: object, text: str) -> None:
    assert read("workflow.committed", data, event_data) == text


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (
            {
                "from_environment": "development",
                "to_environment": "production",
                "commit_count": 12,
                "resource_count": 5,
            },
            "development -> production: 12 commits, 5 resources",
        ),
        ({"commit_count": 1, "resource_count": 1}, "1 commit, 1 resource"),
        ({"from_environment": "development", "to_environment": "production"}, "development -> production"),
        ({"to_environment": "production", "commit_count": "many"}, "to production"),
        ({}, "promoted"),
    ],
)
def test_a_promotion_tells_its_way_and_its_counts(data: dict[str, Any], text: str) -> None:
    assert read("commits.promoted", data) == text


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (
            {"branch": {"slug": "feature-x", "parent_environment": "development"}, "actor": {"name": "Ann"}},
            "feature-x from development, by Ann",
        ),
        ({"branch": {"name": "X"}, "actor": {"email": "ann@example.com"}}, "X, by ann@example.com"),
        ({"branch": "feature-x"}, "created"),
    ],
)
def test_a_branch_tells_its_parent_and_who(data: dict[str, Any], text: str) -> None:
    assert read("branch.created", data) == text


@pytest.mark.parametrize(
    ("data", "event_data", "text"),
    [
        ({"id": 1}, {"a": 1, "b": {}, "c": "x", "d": True, "e": 2}, "a=1 c=x d=true"),
        ({"id": 1, "__typename": "X", "gone": None, "list": [], "name": "n"}, None, "id=1 name=n"),
        ({"id": 1}, {"__typename": "EventData"}, "id=1"),
        ({}, None, "step completed"),
    ],
)
def test_an_unknown_type_shows_its_first_three_scalars(data: object, event_data: object, text: str) -> None:
    assert read("guide.step_completed", data, event_data) == text


def test_a_reading_does_not_search_without_end() -> None:
    event_data = {f"{number}": number for number in range(1_000)} | {"email": "a@example.com"}
    assert read("message.complaint", {}, event_data) == "complaint"


def test_a_reading_is_plain() -> None:
    assert read("message.link_clicked", {}, {"url": "https://x/\x1b[31m\nred"}) == "https://x/␛[31m↵red"


def test_a_reading_that_was_cut_says_so() -> None:
    text = read("message.undelivered", {}, {"failure_reason": "r" * 100, "failure_details": "d" * 1_000})
    assert len(text) == READING_LIMIT
    assert text.endswith("…")


@given(any_type, any_object | any_json, any_object | any_json, any_json, st.booleans())
def test_any_json_has_a_reading_of_one_safe_line(
    event_type: str, data: object, event_data: object, created_at: object, known: bool
) -> None:
    earlier = before(("message.sent", "14:00:00"), ("message.seen", "14:01:00")) if known else None
    text = reading(event_type, data, event_data, created_at, earlier)
    assert len(text) <= READING_LIMIT
    assert text == plain(text)


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (0, "0 ms"),
        (850, "850 ms"),
        (999.9, "999 ms"),
        (1_000, "1 s"),
        (1_500, "1.5 s"),
        (9_999, "9.9 s"),
        (59_999, "59 s"),
        (180_000, "3 m"),
        (200_000, "3 m 20 s"),
        (3_599_999, "59 m"),
        (7_500_000, "2 h 5 m"),
        (14 * 3_600_000 + 1_800_000, "14 h"),
        (3 * 86_400_000, "3 d"),
        (9 * 86_400_000 + 3_600_000, "9 d 1 h"),
        (400 * 86_400_000, "400 d"),
        (-1_500, "-1.5 s"),
        (float("nan"), "?"),
        (float("-inf"), "?"),
    ],
)
def test_a_duration_is_short(ms: float, text: str) -> None:
    assert duration_text(ms) == text


def test_nothing_is_known_of_a_message_that_was_never_heard_of() -> None:
    assert EarlierMessages(10).of("m1") is None


@pytest.mark.parametrize(
    ("event_type", "created_at"),
    [("message.bounced", CREATED), ("message.sent", None), ("message.sent", "yesterday")],
)
def test_what_no_reading_looks_back_to_is_not_kept(event_type: str, created_at: str | None) -> None:
    messages = EarlierMessages(10)
    messages.note("m1", event_type, created_at)
    assert len(messages) == 0


def test_the_message_that_was_not_heard_of_longest_is_forgotten_first() -> None:
    messages = EarlierMessages(2)
    for message_id in ("m1", "m2", "m1", "m3"):
        messages.note(message_id, "message.sent", CREATED)
    assert [message_id for message_id in ("m1", "m2", "m3") if messages.of(message_id)] == ["m1", "m3"]


def test_steps_are_known_in_the_order_they_happened_not_in_that_they_arrived() -> None:
    earlier = before(("message.unseen", "14:08:30"), ("message.seen", "14:08:00"))
    assert read("message.seen", MADE, earlier=earlier) == "after 3 m"


def test_the_same_event_twice_is_as_good_as_once() -> None:
    messages = EarlierMessages(10)
    messages.note("m1", "message.sent", "2026-11-20T14:09:00Z")
    for second in range(31):
        messages.note("m1", "message.seen", f"2026-11-20T14:09:{second + 1:02}Z")
        messages.note("m1", "message.seen", f"2026-11-20T14:09:{second + 1:02}Z")
    assert read("message.delivered", earlier=messages.of("m1")) == "1 m after sent"


def test_a_message_that_toggles_for_ever_is_remembered_by_its_newest_steps() -> None:
    messages = EarlierMessages(10)
    for minute in range(60):
        messages.note("m1", "message.seen", f"2026-11-20T13:{minute:02}:00Z")
        messages.note("m1", "message.unseen", f"2026-11-20T13:{minute:02}:30Z")
    earlier = messages.of("m1")
    assert earlier is not None
    assert earlier.latest("message.seen", us("14:00:00")) == us("13:59:00")
    assert earlier.latest("message.seen", us("13:30:00")) is None


def us(time: str) -> int:
    moment = microseconds(f"2026-11-20T{time}Z")
    assert moment is not None
    return moment
