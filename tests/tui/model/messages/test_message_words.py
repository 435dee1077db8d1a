from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from relay.contract.events import Channel
from relay.contract.timeline import MessageTimeline
from tests.tui.made import made
from tests.tui.scripted_source import NOW_US
from tests.tui.timelines import told
from tui.model.clock import Clock
from tui.model.commits import Commits
from tui.model.items import Fact, Heading, Row, Table
from tui.model.messages.story import At
from tui.model.messages.story import told as story_of
from tui.model.messages.words import badges, outcome, sign

ATTEMPT = {"attempt": 3, "max_attempts": 8, "retryable": True}
DETAILS = {"failure_reason": "fatal_error", "failure_details": "no such user"}
LATER = NOW_US + 3_600_000_000


def said(message: MessageTimeline, now_us: int = NOW_US, *, short: bool = False) -> str:
    return " · ".join(word.text for word in outcome(message, now_us, short=short))


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (told("m", ("sent", 0)), "sent · under way"),
        (told("m", ("sent", 0), ("delivered", 1)), "delivered"),
        (told("m", ("delivered", 1), ("seen", 2), ("read", 13)), "delivered · read after 12 s"),
        (told("m", ("delivery_attempted", 0), event_data=ATTEMPT), "retrying · 3/8"),
        (told("m", ("bounced", 0), event_data=DETAILS), "bounced · fatal error: no such user"),
        (told("m", ("delivered", 0), ("complaint", 9)), "delivered · complaint"),
        (told("m", ("sent", 0), channel=Channel("c", "push", "fcm", "k")), "sent · push ends here"),
        (told("m", ("sent", 0), channel=Channel("c", "email", "smtp", "k")), "sent · smtp ends here"),
        (told("m", ("sent", 0), channel=Channel("c", "email", "own", "k")), "sent · delivery not reported so far"),
    ],
)
def test_it_is_said_where_a_message_got_to_and_why_no_further(message: MessageTimeline, words: str) -> None:
    assert said(message) == words


def test_in_little_room_only_the_most_telling_is_said() -> None:
    assert said(told("m", ("bounced", 0), event_data=DETAILS), short=True) == "bounced · no such user"
    assert said(told("m", ("delivered", 1), ("read", 13)), short=True) == "delivered · read"


def test_what_hangs_says_for_how_long() -> None:
    message = told("m", ("sent", 0), now_us=LATER)
    assert said(message, LATER) == "sent · stalled for 1 h"
    assert sign(message).glyph == "?"


def test_a_sign_tells_failures_from_oddities() -> None:
    assert sign(told("m", ("bounced", 0))).glyph == "!"
    assert sign(told("m", ("delivered", 0), ("complaint", 1))).glyph == "!"
    late = told("m", ("sent", 0), ("delivered", 1), ("undelivered", 2), ("sent", 3), ("delivered", 4))
    assert sign(late).glyph == "~"
    assert sign(told("m", ("delivered", 0))).glyph == " "


def test_flags_are_badges_where_the_outcome_does_not_tell_them() -> None:
    message = told("m", ("delivered", 0), ("read", 1), ("unread", 2), delivery_count=2)
    assert [badge.text for badge in badges(message)] == ["undone", "repeated"]


def rows_of(message: MessageTimeline, width: int, commits: Commits | None = None) -> list[Row]:
    items = story_of(
        message,
        Clock(utc=True, now=lambda: NOW_US / 1_000_000),
        NOW_US,
        width,
        message.steps[-1].seq,
        commits or Commits(),
    )
    return list(next(item for item in items if isinstance(item, Table)).rows)


def test_a_story_tells_each_step_with_its_times_and_marks_the_chosen_one() -> None:
    rows = rows_of(told("m", ("sent", 0), ("delivered", 1.5)), 120)
    assert [cell.text.strip() for cell in rows[1].cells] == [
        *("delivered", "+1.5 s", "+1.5 s", "10:42:02.4", "2.  +300 ms"),
        "via sendgrid, 1.5 s after sent",
    ]
    assert [(row.here, row.raw) for row in rows] == [(False, At(1)), (True, At(2))]


def test_a_narrow_story_says_in_words_what_the_columns_would() -> None:
    message = told("m", ("sent", 3), ("delivered", 1), delivery_count=2)
    last = rows_of(message, 60)[-1].cells[-1].text
    assert "delivered 2 times" in last
    late = rows_of(message, 60)[0].cells[-1].text
    assert "arrived after a later one" in late


def test_a_story_tells_why_a_message_failed_and_which_attempts_did() -> None:
    message = told("m", ("delivery_attempted", 0), event_data={**ATTEMPT, **DETAILS})
    headings = [
        item.text
        for item in story_of(message, Clock(utc=True), NOW_US, 100, None, Commits())
        if isinstance(item, Heading)
    ]
    assert headings == ["dr_grant", "Flags", "Attempts that failed", "Message"]
    bounced = told("m", ("bounced", 0), event_data=DETAILS)
    facts = [
        item for item in story_of(bounced, Clock(utc=True), NOW_US, 100, None, Commits()) if isinstance(item, Fact)
    ]
    assert ("details", "no such user", ("event_data", "failure_details")) in [
        (fact.name, fact.value, fact.path) for fact in facts
    ]


def test_a_story_has_what_was_committed_between_its_steps_and_names_the_last_commit_before() -> None:
    message = told("m", ("sent", 0), ("delivered", 60))
    first = datetime.fromisoformat(message.first_at)
    commits = Commits()
    times = {1: -7_200, 2: -60, 3: 30, 4: 90}
    commits.take(
        [
            made(
                seq,
                "workflow.committed",
                created_at=(first + timedelta(seconds=after)).isoformat(),
                workflow=message.workflow if seq == 1 else "another",
                reading=f"commit {seq}",
            )
            for seq, after in times.items()
        ],
        4,
        0.0,
    )
    rows = rows_of(message, 120, commits)
    assert [row.cells[0].text for row in rows] == ["sent", "committed", "delivered"]
    assert [row.cells[-1].text for row in rows][1] == "commit 3"
    items = story_of(message, Clock(utc=True, now=lambda: NOW_US / 1_000_000), NOW_US, 100, None, commits)
    facts = {item.name: (item.value, item.note) for item in items if isinstance(item, Fact)}
    assert facts["after"] == ("commit 1", "workflow.committed, 2 h before")
