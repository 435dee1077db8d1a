"""The screens of events and of messages when somebody last looked: every character, and how it is painted.

    UPDATE_SNAPSHOTS=1 pytest tests/tui/test_snapshots.py

writes the files anew. Look at what changed, with `docs/screenshots.py` too, before it is kept.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path

import pytest
from rich.style import Style
from textual.strip import Strip

from relay.contract.events import Channel, Entity, EventSummary, Verdict
from tests.tui.made import made
from tests.tui.on_screen import shown
from tests.tui.scripted_source import ScriptedSource
from tests.tui.timelines import happened
from tui.app import AppOptions
from tui.model.environments import Environment
from tui.themes import GROUNDS, INKS, variables
from tui.widgets.glyphs import MARKS

SNAPSHOTS = Path(__file__).with_name("snapshots")
READINGS = {
    "message.sent": "via sendgrid",
    "message.delivered": "via sendgrid, 1.5 s after sent",
    "message.delivery_attempted": "attempt 3/8, will retry",
    "message.undelivered": "retries exhausted: the provider answered 503 eight times",
    "message.bounced": "fatal_error: 550 5.1.1 <ellie@example.com>: no such user",
    "message.link_clicked": "https://example.com/parks/isla-nublar?ref=mail",
}
PEOPLE = ("dr_grant", "ellie.sattler", "ian_malcolm", "東京の人")
NAMES = {"env-1": Environment("development"), "env-2": Environment("production", production=True)}


def events() -> list[EventSummary]:
    """A plausible minute, with something of every kind."""
    names = [*MARKS, "order.paid", *list(READINGS) * 5]
    return [_event(seq, name) for seq, name in enumerate(names, 1)]


def _event(seq: int, name: str) -> EventSummary:
    facts: dict[str, object] = {
        "received_at": f"2026-11-23T10:{41 + seq // 60}:{seq % 60:02}.{seq % 10}58652Z",
        "reading": READINGS.get(name, name.partition(".")[2].replace("_", " ")),
        "failed": name in MARKS and MARKS[name].failing,
        "recipient": PEOPLE[seq % len(PEOPLE)],
        "channel": Channel("c1", ("email", "sms", "in_app_feed")[seq % 3], "sendgrid", "my-sendgrid-channel"),
        "verdict": Verdict.STALE if seq % 11 == 0 else Verdict.UNVERIFIED if seq % 13 == 0 else Verdict.VERIFIED,
        "delivery_count": 3 if seq % 7 == 0 else 1,
        "forwarded": 500 if seq % 17 == 0 else None,
        "imported": seq % 19 == 0,
        "environment_id": "env-2" if seq % 9 == 0 else "env-1",
    }
    if not name.startswith(("message.", "workflow_recipient_run.", "order.")):
        facts |= {"recipient": None, "channel": None, "message_id": None}
        facts["entity"] = Entity(name.partition(".")[0], f"entity-{seq}")
    return made(seq, name, **facts)


def written(strips: Sequence[Strip], colours: Mapping[str, str]) -> str:
    """Every row as it reads, then as it is painted: so many cells of an ink on a ground."""
    names: dict[str, str] = {}
    for name in (*GROUNDS, *INKS, *colours):
        names.setdefault(colours[name].lower(), name)
    rows = []
    for strip in strips:
        cells = [_named(segment.style, names) for segment in strip for _ in range(segment.cell_length)]
        rows.append(" ".join(f"{len(list(run))}:{name}" for name, run in groupby(cells)))
    return "\n".join([*(strip.text.rstrip() for strip in strips), "", *rows, ""])


def _named(style: Style | None, names: Mapping[str, str]) -> str:
    assert style is not None
    ink, ground = (
        names.get(colour.triplet.hex, colour.triplet.hex) if colour is not None and colour.triplet else "default"
        for colour in (style.color, style.bgcolor)
    )
    marks = [name for name in ("bold", "reverse", "underline") if getattr(style, name)]
    return "/".join([ink, ground, *marks])


@pytest.fixture(autouse=True)
def _many_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.delenv("NO_COLOR", raising=False)


@pytest.mark.parametrize("theme", ["knocktop", "textual-light"])
@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_the_screen_of_events_looks_as_it_was_looked_at(size: tuple[int, int], theme: str) -> None:
    source = ScriptedSource(events(), secrets=0)
    source.put(source.pulse(quarantined=2, secrets=0))
    async with shown(source, size, AppOptions(theme=theme, environments=NAMES)) as view:
        await view.until_seen(" 2 in quarantine", "62 of 62")
        await view.press("k", "k", "m", "k")
        await view.until_seen("browsing", "59 of 62")
        if view.screen.detail_seen:
            await view.until(lambda: view.screen.detail.complete)
        await view.pilot.pause()
        painted = written(view.app.screen._compositor.render_strips(), variables(view.app.current_theme))
    assert painted == kept(painted, f"events-{size[0]}x{size[1]}-{theme}")


def kept(painted: str, name: str) -> str:
    """What was looked at; it is what is painted now, where that is to be kept."""
    file = SNAPSHOTS / f"{name}.txt"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        file.write_text(painted, "utf-8")
    return file.read_text("utf-8")


def lanes() -> list[EventSummary]:
    """Messages that came to different ends."""
    details = {"failure_reason": "fatal_error", "failure_details": "550 5.1.1 no such user"}
    attempt = {"attempt": 2, "max_attempts": 8, "retryable": True}
    return [
        *happened("m-1", ("sent", 0), ("delivered", 1.5), ("read", 12), recipient="anna"),
        *happened("m-2", ("delivered", 1), ("seen", 8), ("unseen", 9), first_seq=4, recipient="ben"),
        *happened("m-3", ("sent", 2), first_seq=7, recipient="carla"),
        *happened("m-3", ("bounced", 6), first_seq=8, recipient="carla", failed=True, event_data=details),
        *happened("m-4", ("delivery_attempted", 5), first_seq=9, recipient="東京の人", event_data=attempt),
        *happened("m-5", ("delivered", 6), first_seq=10, recipient="dora", delivery_count=2),
        *happened("m-6", ("sent", 20), first_seq=12, recipient="emma"),
    ]


@pytest.mark.parametrize("size", [(80, 24), (160, 40)], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_the_screen_of_messages_looks_as_it_was_looked_at(size: tuple[int, int]) -> None:
    async with shown(ScriptedSource(lanes(), secrets=0), size) as view:
        committed = made(11, "workflow.committed", created_at="2026-11-23T10:42:04Z", message_id=None)
        view.app.dashboard.commits.take([committed], committed.seq, 0.0)
        await view.press("3")
        await view.until_seen("6 of 6", "◆ commit")
        if size[1] >= 40:
            await view.until_seen("Funnel of 6")
        await view.press("k", "k", "k", "O")
        await view.until_seen("browsing", "3 of 6", "→ sent  via sendgrid")
        await view.pilot.pause()
        painted = written(view.app.screen._compositor.render_strips(), variables(view.app.current_theme))
    assert painted == kept(painted, f"messages-{size[0]}x{size[1]}")
