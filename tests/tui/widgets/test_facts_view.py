from __future__ import annotations

from datetime import UTC, datetime

import pytest
from rich.cells import cell_len

from tests.hostile import HOSTILE
from tests.tui.made import delivery, made_detail
from tui.model.clock import Clock
from tui.model.facts import Fact, Item, Ladder, Note, Title, deliveries, eventdata, headers, summary
from tui.themes import INKS, KNOCKTOP, variables
from tui.widgets.facts_view import VALUE_LIMIT, lay_out
from tui.widgets.look import Look

LOOK = Look(variables(KNOCKTOP))
CLOCK = Clock(utc=True, now=lambda: datetime(2026, 11, 23, 11, tzinfo=UTC).timestamp())


def lines(*items: Item, width: int = 40, look: Look = LOOK) -> list[str]:
    return ["".join(text for text, _ in line.spans) for line in lay_out(items, width, look)]


def test_names_stand_at_the_left_of_their_values() -> None:
    assert lines(Fact("message", "m1"), Fact("recipient", "dr_grant")) == [
        " message    m1",
        " recipient  dr_grant",
    ]


def test_a_long_value_is_wrapped_beside_its_name() -> None:
    assert lines(Fact("reason", "the mailbox does not exist at this host"), width=33) == [
        " reason     the mailbox does not",
        "            exist at this host",
    ]


def test_lines_of_a_value_stay_lines() -> None:
    assert lines(Fact("details", "one\ntwo")) == [" details    one", "            two"]


def test_a_note_follows_its_value_or_stands_below_it() -> None:
    assert lines(Fact("seq", "7", note="the last")) == [" seq        7  the last"]
    assert lines(Fact("seq", "7", note="the last one there is, by far")) == [
        " seq        7",
        "            the last one there is, by",
        "            far",
    ]


def test_every_line_of_a_value_copies_the_whole_value() -> None:
    fact = Fact("reason", "the mailbox does not exist at this host", copy="raw")
    copies = [line.copy for line in lay_out([fact], 33, LOOK)]
    assert [copy.value for copy in copies if copy] == ["raw", "raw"]


def test_a_value_that_is_too_long_says_how_much_is_left_out() -> None:
    assert "… 5 more characters; y copies them all" in lines(Fact("v", "x" * (VALUE_LIMIT + 5)), width=80)[-1]


def test_the_attempts_are_drawn() -> None:
    assert lines(Ladder(2, 4)) == [" ■■■ ■■■ ··· ···", " 1   2   3   4  "]


def test_the_title_has_the_glyph_and_the_type_in_full() -> None:
    assert lines(Title("message.bounced", "no mailbox")) == [" ↩ message.bounced", "   no mailbox"]


@pytest.mark.parametrize("width", [24, 52, 90])
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_event_is_laid_out_without_control_characters_and_within_the_width(
    text: str, width: int
) -> None:
    event = made_detail(
        1,
        text or "x",
        reading=text,
        recipient=text,
        tenant=text,
        event_data={text: text, "nested": [text], "number": 1},
        headers=[(text, text)],
        deliveries=[delivery(1, remote=text, endpoint=text, secret=text)],
    )
    items = [
        *summary(event, CLOCK),
        *eventdata(event, None, CLOCK),
        *headers(event),
        *deliveries(event, CLOCK),
        Note(text),
    ]
    for line in lay_out(items, width, LOOK):
        shown = "".join(part for part, _ in line.spans)
        assert not any(char < " " or "\x7f" <= char <= "\x9f" for char in shown)
        assert {ink.partition(" ")[0] for _, ink in line.spans} <= set(INKS)


@pytest.mark.parametrize("width", [40, 80])
def test_wrapped_facts_stay_within_the_width(width: int) -> None:
    for line in lines(Fact("wide", "東京タワー" * 30), Fact("long", "word " * 50), width=width):
        assert cell_len(line) <= width
