from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from relay.contract.events import Channel, Entity, Verdict
from tests.hostile import HOSTILE
from tests.tui.made import made
from tui.model.clock import Clock
from tui.model.environments import Environment, Environments
from tui.model.matched import matched
from tui.model.source import Missing
from tui.themes import KNOCKTOP, variables
from tui.widgets.event_row import RowPainter
from tui.widgets.look import Look

CLOCK = Clock(utc=True, now=lambda: datetime(2026, 11, 23, 11, tzinfo=UTC).timestamp())


@dataclass
class Painted:
    width: int = 100
    shift: int = 0
    ascii_only: bool = False
    trusting: bool = False
    of_file: bool = False

    def row(self, type_: str = "message.sent", **facts: Any) -> str:
        return self.painter().paint(made(1_234, type_, **facts), "ground", selected=False).text

    def painter(self) -> RowPainter:
        look = Look(variables(KNOCKTOP), ascii_only=self.ascii_only)
        return RowPainter(
            look,
            CLOCK,
            self.width - 1,
            outer_width=self.width,
            shift=self.shift,
            trusting=self.trusting,
            of_file=self.of_file,
        )


def words(row: str) -> list[str]:
    return row.split()


def test_a_row_says_when_what_to_whom_and_how() -> None:
    row = Painted(width=100).row()
    assert words(row) == ["10:42:00.9", "→", "sent", "dr_grant", "email", "security-breach…", "via", "sendgrid"]


def test_a_wide_row_ends_in_its_reading() -> None:
    row = Painted(width=200).row()
    assert row.rstrip().endswith("1,234 via sendgrid")
    assert "verified" in row


def test_an_event_without_a_recipient_says_what_it_is_about() -> None:
    row = Painted().row("email_layout.updated", recipient=None, entity=Entity("email_layout", "main"))
    assert "email layout" in row


@pytest.mark.parametrize("width", [60, 64, 72, 80, 100, 130])
@pytest.mark.parametrize("trusting", [False, True])
def test_that_an_event_is_unverified_is_said_however_narrow_the_list(width: int, trusting: bool) -> None:
    row = Painted(width=width, trusting=trusting).row(
        reading="via sendgrid, 4.1 s after sent " * 3,
        verdict=Verdict.UNVERIFIED,
        delivery_count=12,
        body_differs=True,
        forwarded=500,
        imported=True,
    )
    assert "unv" in words(row)
    assert "…" in row


def test_a_short_reading_leaves_room_to_say_it_in_full() -> None:
    row = Painted(width=80, trusting=True).row(reading="delivered", verdict=Verdict.UNVERIFIED)
    assert words(row)[-1] == "unverified"


def test_where_all_is_from_a_file_no_row_repeats_it_and_what_is_wrong_is_still_said() -> None:
    told = Painted(width=80, of_file=True).row(verdict=Verdict.UNVERIFIED, imported=True, delivery_count=2)
    assert words(told)[-1] == "×2"
    assert not {"imported", "imp", "unverified", "unv"} & {*words(told)}
    assert "bad" in Painted(width=80, of_file=True).row(verdict=Verdict.BAD_SIGNATURE, imported=True)


def test_without_a_secret_it_is_said_quietly() -> None:
    event = made(1, verdict=Verdict.UNVERIFIED)
    quiet, loud = (
        next(
            segment
            for segment in Painted(trusting=trusting).painter().paint(event, "ground", selected=False)
            if "unverified" in segment.text
        )
        for trusting in (True, False)
    )
    assert quiet.style != loud.style


def test_the_marked_event_shows_its_mark_also_under_the_cursor() -> None:
    painter = Painted().painter()
    for selected in (False, True):
        assert painter.paint(made(1), "ground", selected=selected, marked=True).text.startswith("»10:42")
    assert painter.paint(made(1), "ground", selected=True).text.startswith("▌10:42")


@pytest.mark.parametrize("width", [80, 100, 130, 160, 200])
def test_the_names_of_the_columns_stand_over_them(width: int) -> None:
    painter = Painted(width=width).painter()
    heading, row = painter.heading("quiet").text, painter.paint(made(1_234), "ground", selected=False).text
    assert heading.index("recipient") == row.index("dr_grant")
    assert heading.index("reading") == row.index("via sendgrid")
    if width >= 160:
        assert heading.index("seq") + 3 == row.index("1,234") + 5


def test_repeated_deliveries_are_a_badge() -> None:
    assert "×3" in Painted().row(delivery_count=3)


def test_what_did_not_verify_is_a_badge_unless_there_is_a_column_for_it() -> None:
    assert Painted(width=100).row(verdict=Verdict.STALE).rstrip().endswith("stale")
    assert Painted(width=200).row(verdict=Verdict.STALE).count("stale") == 1


def test_what_came_of_the_last_forward_is_a_badge_and_loud_where_it_failed() -> None:
    assert "forwarded 500" in Painted().row(forwarded=500)
    assert "forwarded 204" in Painted().row(forwarded=204)
    assert "forward failed" in Painted().row(forwarded=204, forward_failed=True)


def test_that_a_forward_worked_is_the_first_thing_to_make_room() -> None:
    reading = "via sendgrid, 4.1 s after sent " * 3
    assert "fwd" not in Painted(width=64).row(reading=reading, forwarded=204)
    assert "fwd 500" in Painted(width=64).row(reading=reading, forwarded=500)


def test_a_long_reading_makes_room_for_badges() -> None:
    row = Painted().row(reading="x" * 500, verdict=Verdict.UNVERIFIED, delivery_count=2)
    assert "x…" in row
    assert row.rstrip().endswith("×2  unv")


def test_nothing_of_a_row_moved_sideways_is_lost() -> None:
    reading = "the end of a long reading"
    row = Painted(width=80, shift=40).row(reading="." * 30 + reading)
    assert reading in row


def test_a_row_moved_sideways_keeps_its_bar() -> None:
    strip = Painted(shift=30).painter().paint(made(1), "row-cursor", selected=True)
    assert strip.text.startswith("▌")


def test_a_gap_says_which_seqs_are_gone_and_why() -> None:
    strip = Painted().painter().paint(Missing(1_000, 2_000, "retention"), "ground", selected=False)
    assert "seqs 1,000 to 2,000 are gone for good: retention" in strip.text


@pytest.mark.parametrize("ascii_only", [False, True])
@pytest.mark.parametrize("width", [64, 80, 120, 200])
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_in_every_field_leaves_a_straight_row_without_control_characters(
    text: str, width: int, ascii_only: bool
) -> None:
    text = text[:1_024]
    painter = Painted(width=width, ascii_only=ascii_only).painter()
    event = made(
        1,
        text or "x",
        reading=text,
        created_at=text,
        received_at=text,
        entity=Entity(text, text),
        message_id=text,
        recipient=text,
        workflow=text,
        channel=Channel(text, text, text, text),
        tenant=text,
        endpoint=text,
    )
    strip = painter.paint(event, "ground", selected=False)
    assert strip.cell_length == width - 1
    assert not any(char < " " or "\x7f" <= char <= "\x9f" for char in strip.text)
    assert strip.text.isascii() or not ascii_only


def test_what_the_filter_asks_for_is_underlined_and_the_row_says_the_same() -> None:
    painted = Painted()
    event = made(1_234, recipient="ann_lee")
    plain_row = painted.painter().paint(event, "ground", selected=False)
    painter = painted.painter()
    painter.needles = matched("recipient:ann_lee SENDGRID")
    row = painter.paint(event, "ground", selected=False)
    assert row.text == plain_row.text
    marked = [segment.text for segment in row if segment.style is not None and segment.style.underline]
    assert marked == ["ann_lee", "sendgrid"]


def test_what_comes_from_production_says_so_where_others_send_events_as_well() -> None:
    known = {"env-1": Environment("development"), "env-2": Environment("live", "red", production=True)}
    environments = Environments(known)
    events = [made(seq, environment_id=f"env-{seq}") for seq in (1, 2, 3)]

    def rows(width: int, *wanted: str) -> list[str]:
        look = Look(variables(KNOCKTOP))
        painter = RowPainter(look, CLOCK, width - 1, outer_width=width, wanted=wanted, environments=environments)
        return [painter.paint(event, "ground", selected=False).text for event in events]

    environments.note(events[1:2])
    assert not any("live" in row for row in rows(100))
    environments.note(events)
    assert ["◆ live" in row for row in rows(100)] == [False, True, False]
    named = rows(150, "environment")
    assert all(name in row for name, row in zip(("development", "live", "env env-3"), named, strict=True))
    assert not any("◆" in row for row in named)
