"""The colours that stand on the screen, as they were computed, for every theme that can be chosen."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from rich.color import Color as RichColor
from rich.color import ColorSystem, ColorType
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.theme import BUILTIN_THEMES

from relay.contract.events import EventSummary, Verdict
from tests.tui.made import made, made_detail, made_forward, made_held
from tests.tui.on_screen import Shown, shown
from tests.tui.scripted_source import ScriptedSource
from tui.app import AppOptions
from tui.model.environments import Environment
from tui.model.source import Missing
from tui.themes import KNOCKTOP, contrast, variables
from tui.widgets.glyphs import MARKS

RULE = 4.5
THEMES = [*BUILTIN_THEMES, KNOCKTOP.name]
BARS = frozenset(" \u00b7\u2580\u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588\u258a\u258b\u258c\u258e\u2590")
"""Bars, edges and the dots of a grid: what they say is said in characters, too."""
SYSTEMS = {"truecolor": ColorSystem.TRUECOLOR, "256": ColorSystem.EIGHT_BIT, "standard": ColorSystem.STANDARD}
XTERM = [
    *("#000000", "#cd0000", "#00cd00", "#cdcd00", "#0000ee", "#cd00cd", "#00cdcd", "#e5e5e5"),
    *("#7f7f7f", "#ff0000", "#00ff00", "#ffff00", "#5c5cff", "#ff00ff", "#00ffff", "#ffffff"),
]
ENVIRONMENTS = {"env-1": Environment("staging", "#101010"), "env-2": Environment("live", "red", production=True)}


def every_kind() -> list[EventSummary]:
    names = [*MARKS, "order.paid"]
    verdicts = list(Verdict)
    return [
        made(
            seq,
            name,
            verdict=verdicts[seq % len(verdicts)],
            delivery_count=1 + seq % 2,
            failed=name in MARKS and MARKS[name].failing,
            forwarded=(500, 204)[seq % 2] if seq % 5 == 0 else None,
            environment_id=f"env-{1 + seq % 2}",
            event_data={"attempt": 3, "max_attempts": 8, "note": "text", "none": None, "list": [1, 2.5, True]},
        )
        for seq, name in enumerate(names, 1)
    ]


@asynccontextmanager
async def wide(theme: str) -> AsyncIterator[Shown]:
    events = every_kind()
    source = ScriptedSource(events, secrets=0)
    last = events[-1].seq
    source.details[last] = made_detail(last, "message.delivery_attempted", event_data=events[3].event_data)
    source.hold(made_held(1, count=2), made_held(2, was_signed="1."), made_held(3, endpoint="shop"))
    answers: tuple[dict[str, Any], ...] = (
        {"status": 200},
        {"status": 302, "edited": True},
        {"status": None, "error": "refused"},
    )
    source.forwarded = [made_forward(9 - n, n=n, **answer) for n, answer in enumerate(answers)]
    options = AppOptions(theme=theme, environments=ENVIRONMENTS, read_only=True)
    async with shown(source, (200, 60), options) as view:
        source.put(Missing(last + 1, last + 9, "retention"))
        await view.until_seen("gone for good", "in quarantine")
        yield view


def unreadable(view: Shown) -> Iterator[tuple[str, str, str, float]]:
    """Every text on screen that cannot be read, with its colours."""
    dark = view.app.current_theme.dark
    default = {True: ("#c0c0c0", "#000000"), False: ("#202020", "#ffffff")}[dark]
    screen = view.app.screen
    # What lies below a sheet is dimmed, since it is not what is read then.
    region = screen.children[-1].region if screen.is_modal else screen.region
    for strip in screen._compositor.render_strips()[region.y : region.bottom]:
        for segment in strip.crop(region.x, region.right):
            if set(segment.text) <= BARS:
                continue
            ink, ground = colours(segment, *default, SYSTEMS[view.app.console.color_system or ""])
            apart = contrast(ink, ground)
            if apart < RULE:
                yield segment.text.strip(), ink.hex, ground.hex, round(apart, 2)


def colours(segment: Segment, pen: str, paper: str, system: ColorSystem) -> tuple[Color, Color]:
    style = segment.style
    assert style is not None, segment
    assert not style.dim, segment
    ink, ground = colour(style.color, pen, system), colour(style.bgcolor, paper, system)
    return (ground, ink) if style.reverse else (ink, ground)


def colour(found: RichColor | None, default: str, system: ColorSystem) -> Color:
    """What an xterm with so many colours shows."""
    if found is None or found.type is ColorType.DEFAULT:
        return Color.parse(default)
    found = found.downgrade(system)
    if found.number is not None and found.number < len(XTERM):
        return Color.parse(XTERM[found.number])
    return Color(*found.get_truecolor())


@pytest.fixture(params=["truecolor", "256", "standard"])
def system(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """How many colours the terminal says that it has."""
    monkeypatch.setenv("TERM", "xterm-16color" if request.param == "standard" else "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor" if request.param == "truecolor" else "")
    monkeypatch.delenv("NO_COLOR", raising=False)
    return str(request.param)


STEPS = {
    "the cursor and a mark": ("k", "m", "k"),
    "the detail": ("enter",),
    "its body": ("right_square_bracket", "right_square_bracket"),
    "its deliveries": ("left_square_bracket", "left_square_bracket", "left_square_bracket"),
    "the filter": ("slash", *"type:x"),
    "the types": ("escape", "2"),
    "the messages and a story": ("3", "k", "enter"),
    "the runs": ("4", "enter"),
    "the failures": ("5",),
    "the quarantine": ("6",),
    "a request in it": ("enter",),
    "the forwards": ("7",),
    "an answer": ("tab",),
    "the set-up": ("escape", "escape", "ctrl+p", *"set-up:", "enter"),
    "the help": ("question_mark",),
    "the palette": ("escape", "1", "ctrl+p"),
    "what it found": tuple("pau"),
}


def themes_apart(system: str) -> list[str]:
    """Themes that give the dashboard other colours in a terminal with so many, one for each."""
    known = {theme.name: theme for theme in (*BUILTIN_THEMES.values(), KNOCKTOP)}
    apart = {tuple(sorted(variables(known[name], system).items())): name for name in THEMES}
    return list(apart.values())


async def test_whatever_stands_on_the_screen_can_be_read_in_every_theme(system: str) -> None:
    low = {}
    themes = themes_apart(system)
    async with wide(KNOCKTOP.name) as view:
        assert view.app.console.color_system == system
        view.app.say("said", "warning")
        for name, keys in STEPS.items():
            await view.press(*keys)
            for theme in themes:
                view.app.theme = theme
                await view.pilot.pause(0)
                if found := set(unreadable(view)):
                    low[name, theme] = found
    assert not low


async def seen(view: Shown) -> list[list[tuple[str, Style | None]]]:
    """All that is painted on the screens, and how."""
    painted = []
    for keys in (("enter",), ("2",), ("1",)):
        await view.press(*keys)
        await view.pilot.pause()
        strips = view.app.screen._compositor.render_strips()
        painted += [[(segment.text, segment.style) for segment in strip.simplify()] for strip in strips]
    return painted


@pytest.mark.parametrize("theme", ["solarized-light", "ansi-dark", "nord"])
async def test_another_theme_repaints_everything_also_on_a_screen_that_is_hidden(theme: str) -> None:
    async with wide(theme) as view:
        await view.press("2", "1")
        expected = await seen(view)
    async with wide(KNOCKTOP.name) as view:
        await view.press("2", "1")
        view.app.theme = theme
        assert await seen(view) == expected
