"""The dashboard: it joins a source after the first paint, and applies what arrives to the model and the screen.

Nothing but Textual, msgspec and the standard library is imported before the first paint; whatever talks to the
network comes with the source.
"""

from __future__ import annotations

import asyncio
import gc
import os
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from textual import events, work
from textual.app import App
from textual.binding import Binding, BindingType
from textual.dom import DOMNode
from textual.screen import Screen
from textual.scrollbar import ScrollBar
from textual.theme import Theme
from textual.timer import Timer
from textual.widgets import Input

from relay.contract.text import copyable, plain
from tui.keys import BY_NAME, Key, bindings, keys_of
from tui.model.clock import Clock
from tui.model.dashboard import Changed, Dashboard
from tui.model.pace import Pace
from tui.model.source import Began, ConnectFailed, Item, LinkChange, LinkState, Source, StartFailed
from tui.screens.board import Board
from tui.screens.events import EventsScreen
from tui.screens.reader import Reader
from tui.themes import KNOCKTOP, variables
from tui.widgets.look import Look
from tui.widgets.scrollbar import WholeCells

if TYPE_CHECKING:
    from textual.command import Provider

MESSAGE_LIMIT = 300
_FEW_COLOURS = (None, "standard", "windows")

ScrollBar.renderer = WholeCells

Connect = Callable[[], Awaitable[Source]]
"""Join a relay, or start one. Raises `StartFailed` to end the dashboard, `ConnectFailed` to be asked again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppOptions:
    """What the user chose. `keys` overrides keys by the name of their action.

    `read_only` is for who only looks: nothing that changes or sends anything is offered, and the header says so.
    """

    filter: str = ""
    utc: bool = False
    ascii: bool = False
    read_only: bool = False
    theme: str = KNOCKTOP.name
    keys: Mapping[str, str] = field(default_factory=dict)


def _actions() -> type[Provider]:
    from tui.commands import Actions

    return Actions


class KnocktopApp(App[object]):
    """The dashboard over one source."""

    TITLE = "knocktop"
    CSS_PATH = str(Path(__file__).with_name("app.tcss"))
    DEFAULT_MODE = "events"
    COMMANDS = {_actions}  # noqa: RUF012 - a set of providers, as Textual wants it
    ENABLE_COMMAND_PALETTE = True
    COMMAND_PALETTE_BINDING = "ctrl+p"
    BINDINGS: ClassVar[list[BindingType]] = [
        binding for binding in bindings("everywhere") if isinstance(binding, Binding) and binding.id == "quit"
    ]

    def __init__(self, connect: Connect, options: AppOptions | None = None, *, clock: Clock | None = None) -> None:
        self.options = options if options is not None else AppOptions()
        self._look: Look | None = None
        without_colour = "NO_COLOR" in os.environ
        super().__init__(ansi_color=True if without_colour else None)
        self.connect = connect
        self.source: Source | None = None
        self.reader: Reader | None = None
        """Reads pages and totals from the source; None before it was joined."""
        self.farewell = ""
        """Why the dashboard ended by itself, for whoever started it to print."""
        self.dashboard = Dashboard(
            clock if clock is not None else Clock(utc=self.options.utc), filter_text=self.options.filter
        )
        self.pace = Pace()
        self._inbox: list[Item] = []
        self._flush_timer: Timer | None = None
        self._settled = False
        self.register_theme(KNOCKTOP)
        self.add_mode("events", self._events)
        self.add_mode("types", self._types)
        self.theme = self.options.theme if self.options.theme in self.available_themes else KNOCKTOP.name
        self.set_keymap(dict(self.options.keys))
        self.set_class(self.options.ascii, "-ascii")

    # How things look

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Give every theme the grounds and inks of the dashboard."""
        return variables(self.current_theme)

    @property
    def look(self) -> Look:
        """The styles and glyphs in force."""
        if self._look is None:
            flat = self.no_color or self.current_theme.ansi or self.console.color_system in _FEW_COLOURS
            self._look = Look(self.theme_variables, ascii_only=self.options.ascii, flat=flat)
        return self._look

    def _theme_changed(self, _: Theme) -> None:
        self._look = None
        self.screen.refresh(layout=True)
        for widget in self.screen.walk_children():
            widget.notify_style_update()
            widget.refresh()

    def _events(self) -> Screen[None]:
        return EventsScreen(self.dashboard, self.options.keys, read_only=self.options.read_only)

    def _types(self) -> Screen[None]:
        from tui.screens.types import TypesScreen

        return TypesScreen(self.dashboard, self.options.keys, read_only=self.options.read_only)

    @property
    def boards(self) -> list[Board]:
        """Every screen that shows events and was made so far, the one in front and the others."""
        return [one for stack in self._screen_stacks.values() for one in stack if isinstance(one, Board)]

    @property
    def front(self) -> Board | None:
        """The board that is seen, be it below a sheet."""
        stack = self._screen_stacks.get(self.current_mode, [])
        return next((screen for screen in reversed(stack) if isinstance(screen, Board)), None)

    @property
    def events_screen(self) -> EventsScreen | None:
        """The screen of events, whatever covers it."""
        return next((board for board in self.boards if isinstance(board, EventsScreen)), None)

    async def action_board(self, name: str) -> None:
        """Go to a screen, to the first one of its kind where several lie over each other."""
        front = self.front
        if front is not None and front.filter_line.editing:
            front.action_discard()
        if self.current_mode == name:
            while len(self.screen_stack) > 1:
                await self.pop_screen()
        else:
            await self.switch_mode(name)

    def go_back(self) -> None:
        """Leave the board in front for the one below it, or for home."""
        if len(self.screen_stack) > 1:
            self.pop_screen()
        else:
            self.switch_mode(self.DEFAULT_MODE)

    # From the keyboard to what it does

    async def on_event(self, event: events.Event) -> None:
        """Do what a key means before the next one is looked at.

        Textual hands a key to the widget with the focus, and looks for its meaning once it came back up through
        all of the parents. Until then the keys that follow would go to where the focus was, and mean what they
        meant there: what is typed fast after `/` would pause the list.
        """
        if isinstance(event, events.Key) and not event.is_forwarded:
            self.app_focus = True
            await self._act(event)
        elif isinstance(event, events.Paste) and not event.is_forwarded and isinstance(self.focused, Input):
            self.focused._on_paste(event)  # noqa: SLF001 - what Textual would call, only later
        else:
            await super().on_event(event)

    async def _act(self, key: events.Key) -> None:
        if await self._check_bindings(key.key, priority=True):
            return
        if key.is_printable and isinstance(self.focused, Input):
            await self.focused._on_key(key)  # noqa: SLF001 - as above
        else:
            await self._check_bindings(key.key)

    # From the source to the screen

    def on_mount(self) -> None:
        """Join the source once something is on screen."""
        self.theme_changed_signal.subscribe(self, self._theme_changed, immediate=True)
        self.call_after_refresh(self._run_source)

    @work(exclusive=True, group="source")
    async def _run_source(self) -> None:
        try:
            self.source = await self._joined()
            self.reader = Reader(self.dashboard, self.source, run=self._run_reading, done=self._read)
            for board in self.boards:
                board.joined(self.source)
            async for item in self.source.items():
                self._receive(item)
        except StartFailed as failure:
            self.farewell = str(failure)
            self.exit(return_code=failure.code)
        finally:
            if self.source is not None:
                await self.source.close()

    async def _joined(self) -> Source:
        while True:
            try:
                return await self.connect()
            except ConnectFailed as failure:
                self._receive(LinkChange(LinkState.FAILED, failure.retry_in, str(failure)))
                for board in self.boards:
                    board.trouble(str(failure), failure.hint)
                await asyncio.sleep(failure.retry_in)

    def _run_reading(self, reading: Callable[[], Awaitable[None]]) -> object:
        return self.run_worker(reading, group="reading")

    def _read(self, changed: Changed) -> None:
        self.show(changed)
        if not self._settled and self.dashboard.counts.known:
            self._settled = True
            self.settled()

    def _receive(self, item: Item) -> None:
        self._inbox.append(item)
        if self._flush_timer is not None:
            return
        delay = self.pace.delay(self.dashboard.monotonic())
        if delay <= 0:
            self.flush()
        else:
            self._flush_timer = self.set_timer(delay, self.flush)

    def flush(self) -> None:
        """Apply what arrived to the model, and let the screen paint what that touched."""
        if self._flush_timer is not None:
            self._flush_timer.stop()
            self._flush_timer = None
        items, self._inbox = self._inbox, []
        if not items:
            return
        started = time.thread_time()
        changed = self.dashboard.apply(items)
        if any(isinstance(item, Began) and item.why == "log" for item in items):
            self.say("This relay has another log than before: what was on screen is gone", "warning")
        if Changed.RESTARTED in changed:
            self._settled = False
        if changed is not Changed.NOTHING:
            with self.batch_update():
                self.show(changed)
        self.pace.flushed(self.dashboard.monotonic())
        self.call_after_refresh(self._painted, started)

    def show(self, changed: Changed) -> None:
        """Let the boards paint what changed in the model, and read what it lacks."""
        for board in self.boards:
            board.take(changed)
        if self.reader is not None:
            self.reader.want_totals()

    def _painted(self, started: float) -> None:
        # The time of the processor: the wait for the next frame of the screen is no work.
        self.pace.painted(time.thread_time() - started)

    def settled(self) -> None:
        """Leave what was loaded so far to itself: the collector would walk over all of it again and again."""
        gc.collect()
        gc.freeze()

    # What every screen needs

    def say(self, text: str, severity: Literal["information", "warning", "error"] = "information") -> None:
        """Show a message for a moment; the text may be foreign."""
        self.notify(self.look.text(text, MESSAGE_LIMIT), severity=severity, timeout=4, markup=False)

    def copy(self, value: str, name: str) -> None:
        """Put a value on the clipboard of the terminal, without what could act where it is pasted."""
        kept, left_out = copyable(value)
        self.copy_to_clipboard(kept)
        shown = plain(kept, 40)
        without = f", without {left_out:,} control characters" if left_out else ""
        self.say(f"Copied {name}: {shown}{without} (OSC 52)")

    async def action_command_palette(self) -> None:  # type: ignore[override]
        """Offer every action by name. Whatever is typed next goes into its field."""
        from textual.command import CommandPalette

        if not CommandPalette.is_open(self):
            palette = CommandPalette(placeholder="What to do", id="--command-palette")
            await self.push_screen(palette)
            palette.set_focus(palette.query_one(Input))

    async def action_keys(self) -> None:
        """Show the keys of the pane that has the focus."""
        from tui.screens.help import HelpScreen

        screen = self.screen
        if isinstance(screen, Board):
            pane = screen.pane
            screen.key_line.show("help", at_root=False)
            await self.push_screen(HelpScreen(pane, self.options.keys))

    def action_help_quit(self) -> None:
        """Say how to quit to who pressed the key that ends other programs."""
        self.say(f"{keys_of(BY_NAME['quit'], self.options.keys)[0]} quits")

    def do(self, key: Key, node: DOMNode) -> None:
        """Take an action for the node it is meant for."""
        self.call_later(self.run_action, key.action, node)
