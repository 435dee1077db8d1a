"""What a filter on messages gains: its terms are judged, completed, split from those on events, and added."""

from __future__ import annotations

from datetime import UTC

import pytest

from tests.tui.timelines import told
from tui.model.byvalue import term
from tui.model.completion import Vocabulary, complete
from tui.model.drafting import Standing, judge
from tui.model.messages.facets import facets_of
from tui.model.messages.splitting import Parts, split, with_term


@pytest.mark.parametrize(
    ("text", "standing"),
    [
        ("outcome:bounced", Standing.GOOD),
        ("took:>5s channel:email", Standing.GOOD),
        ("outcome:", Standing.HALF),
        ("(flag:stalled", Standing.HALF),
        ("outcum:bounced", Standing.WRONG),
    ],
)
def test_a_text_is_judged_as_a_filter_on_messages(text: str, standing: Standing) -> None:
    assert judge(text, of_messages=True).standing is standing


def test_a_filter_on_events_still_knows_no_outcome() -> None:
    assert judge("outcome:bounced").standing is Standing.WRONG


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("channel:email", Parts("channel:email", "")),
        ("outcome:bounced", Parts("", "outcome:bounced")),
        ("channel:email outcome:bounced took:>5s", Parts("channel:email", "outcome:bounced took:>5s")),
        ("channel:email OR flag:stalled", Parts("", "channel:email OR flag:stalled")),
        ("", Parts("", "")),
    ],
)
def test_what_speaks_of_messages_is_split_from_what_the_stream_knows(text: str, parts: Parts) -> None:
    assert split(text, UTC) == parts


def test_a_term_is_added_once() -> None:
    assert with_term("channel:email", "outcome:sent", UTC) == "channel:email outcome:sent"
    assert with_term("channel:email outcome:sent", "outcome:sent", UTC) == "channel:email outcome:sent"
    assert with_term("", "outcome:sent", UTC) == "outcome:sent"


def test_names_and_values_of_messages_are_completed_where_messages_are_filtered() -> None:
    def offered(text: str, *, of_messages: bool) -> list[str]:
        vocabulary = Vocabulary(of_messages=of_messages)
        return [one.label for one in complete(text, len(text), vocabulary).candidates]

    assert offered("outc", of_messages=True) == ["outcome"]
    assert "outcome" not in offered("outc", of_messages=False)
    assert "bounced" in offered("outcome:b", of_messages=True)
    assert offered("flag:sta", of_messages=True) == ["stalled"]
    assert "message.read" in offered("never:message.r", of_messages=True)
    assert offered("took:", of_messages=True) == [">30s"]


def test_every_value_that_a_message_is_filtered_by_makes_a_filter() -> None:
    message = told("m", ("sent", 0), ("delivered", 1), ("unread", 2), ("read", 3))
    terms = [term(one.place, one.value) for one in facets_of(message)]
    assert {"outcome:delivered", "engagement:read", "message:m", "channel:email"} <= set(terms)
    assert all(judge(str(one), of_messages=True).standing is Standing.GOOD for one in terms)
