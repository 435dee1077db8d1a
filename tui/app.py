"""The dashboard: it joins a source after the first paint, and applies what arrives to the model and the screen.

Nothing but Textual, msgspec and the standard library is imported before the first paint; whatever talks to the
network comes with the source.
"""

from __future__ import annotations

import asyncio
import gc
import os
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from textual import events, work
from textual.app import App
from textual.binding import Binding, BindingType
from textual.dom import DOMNode
from textual.screen import Screen
from textual.scrollbar import ScrollBar
from textual.theme import Theme
from textual.widgets import Input

from relay.contract.events import EventDetail, EventSummary
from relay.contract.text import copyable, plain
from tui import mouse
from tui.keys import BY_NAME, Key, bindings, keys_of
from tui.later import later
from tui.model.clock import Clock
from tui.model.columns import known, toggled
from tui.model.dashboard import Changed, Dashboard
from tui.model.environments import Environment
from tui.model.minutes import Span
from tui.model.pace import Pace
from tui.model.source import (
    Began,
    ConnectFailed,
    Item,
    LinkChange,
    LinkState,
    Pulse,
    Source,
    SourceError,
    StartFailed,
)
from tui.model.tunnel import Tunneller
from tui.screens.board import APP_KEYS, Board
from tui.screens.events import EventsScreen
from tui.screens.forwarding import ForwardControl, MakesForwards, no_forwards
from tui.screens.reader import Reader
from tui.screens.tunnelling import Tunnelling
from tui.state import State
from tui.themes import KNOCKTOP, SIXTEEN, variables
from tui.widgets.look import Look
from tui.widgets.scrollbar import WholeCells
from tui.widgets.sheet import Choices
from tui.work import begin

if TYPE_CHECKING:
    from rich.console import RenderableType
    from textual.command import Provider
    from textual.worker import Worker

    from tui.screens.messages import MessagesScreen

MESSAGE_LIMIT = 300
READY_AFTER = 0.5
"""Seconds after which what is needed later is loaded, once the first rows and counts are on screen."""
SCREENS_TO_LOAD = ("messages", "message", "runs", "failures", "types", "type_view", "diff")
KEPT_AFTER = 2.0
"""Seconds after which what the user set is kept."""

ScrollBar.renderer = WholeCells

Copier = Callable[[str], Awaitable[str]]
"""Put a text on the user's clipboard and say how. Raises `tui.clipboard.CannotCopy`."""

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
    directory: Path | None = None
    """Where a copy goes that nothing else takes."""
    theme: str = KNOCKTOP.name
    keys: Mapping[str, str] = field(default_factory=dict)
    tunnel: str = ""
    """The program or command that opens a tunnel at the start."""
    forward: str = ""
    """Where events are forwarded to from the start."""
    filters: Mapping[str, str] = field(default_factory=dict)
    """Filters that have a name in the configuration."""
    environments: Mapping[str, Environment] = field(default_factory=dict)
    """The environments of Knock that have names, by id."""
    file: str = ""
    """What all events are from, where nothing else can arrive."""
    secret_of: Callable[[EventDetail], str | None] = lambda _: None
    """Give the developer's own secret for an event; None where none is set."""
    signing_secret: Callable[[str], str | None] = lambda _: None
    """Give the secret to sign with for an address that takes events; None where none is set."""


def _actions() -> type[Provider]:
    from tui.commands import Actions

    return Actions


def _load_screens() -> None:
    """Load the screens that nobody went to yet: on a busy machine the first visit would wait for it."""
    for name in SCREENS_TO_LOAD:
        import_module(f"tui.screens.{name}")


def _leave_to_itself() -> None:
    """Spare the collector what was loaded so far: it would walk over all of it again and again."""
    gc.collect()
    gc.freeze()


class KnocktopApp(App[object]):
    """The dashboard over one source."""

    TITLE = "knocktop"
    CSS_PATH = str(Path(__file__).with_name("app.tcss"))
    DEFAULT_MODE = "events"
    COMMANDS = {_actions}  # noqa: RUF012 - a set of providers, as Textual wants it
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        binding for binding in bindings("everywhere") if isinstance(binding, Binding) and binding.id in APP_KEYS
    ]

    def __init__(
        self,
        connect: Connect,
        options: AppOptions | None = None,
        *,
        clock: Clock | None = None,
        state: State | None = None,
        copier: Copier | None = None,
        tunnels: Callable[[], Tunneller | None] = lambda: None,
        forwards: MakesForwards = no_forwards,
    ) -> None:
        self.options = options if options is not None else AppOptions()
        self.state = state if state is not None else State(path=Path(os.devnull))
        """What the user set; kept only where it was given."""
        self._keeps = state is not None
        self._keep_timer: asyncio.TimerHandle | None = None
        self._copier: Copier = copier if copier is not None else self._to_clipboard
        self.mouse_taken = True
        """Clicks and the wheel come here, not to the terminal."""
        self._look: Look | None = None
        without_colour = "NO_COLOR" in os.environ
        super().__init__(ansi_color=True if without_colour else None)
        if self.sixteen:
            self.ansi_color = True
        self.connect = connect
        self.source: Source | None = None
        self.reader: Reader | None = None
        """Reads pages and totals from the source; None before it was joined."""
        self.farewell = ""
        """Why the dashboard ended by itself, for whoever started it to print."""
        self.dashboard = Dashboard(
            clock if clock is not None else Clock(utc=self.options.utc),
            filter_text=self.options.filter,
            environments=self.options.environments,
        )
        self.dashboard.file = self.options.file
        self.pace = Pace()
        self.dashboard.span = Span(self.state.span) if self.state.span in set(Span) else Span.ALL
        self.dashboard.columns = known(self.state.columns)
        self.tunnelling = Tunnelling(self, tunnels)
        self._tunnel_due = bool(self.options.tunnel) and not self.options.read_only
        self.forwarding = ForwardControl(self, forwards)
        self._forward_due = bool(self.options.forward) and not self.options.read_only
        self._inbox: list[Item] = []
        self._flush_timer: asyncio.TimerHandle | None = None
        self._settled = False
        self._is_ready = False
        self.register_theme(KNOCKTOP)
        self.add_mode("events", self._events)
        self.add_mode("types", self._types)
        self.add_mode("messages", self._messages)
        self.add_mode("runs", self._runs)
        self.add_mode("failures", self._failures)
        self.add_mode("quarantine", self._quarantine)
        self.add_mode("forwards", self._forwards)
        wanted = self.state.theme or self.options.theme
        self.theme = wanted if wanted in self.available_themes else KNOCKTOP.name
        self.set_keymap(dict(self.options.keys))
        self.set_class(self.options.ascii, "-ascii")

    # How things look

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Give every theme the grounds and inks of the dashboard."""
        return variables(self.current_theme, self.console.color_system)

    @property
    def sixteen(self) -> bool:
        """The terminal has sixteen colours and no more."""
        return self.console.color_system in SIXTEEN

    @property
    def look(self) -> Look:
        """The styles and glyphs in force."""
        if self._look is None:
            flat = self.no_color or self.current_theme.ansi or self.sixteen or self.console.color_system is None
            few = self.console.color_system == "256"
            self._look = Look(self.theme_variables, ascii_only=self.options.ascii, flat=flat, few=few)
        return self._look

    def _theme_changed(self, theme: Theme) -> None:
        self.keep(theme=theme.name)
        self._look = None
        for screen in (screen for stack in self._screen_stacks.values() for screen in stack):
            screen.refresh(layout=True)
            for widget in screen.walk_children():
                widget.notify_style_update()
                widget.refresh()

    def _events(self) -> Screen[None]:
        return EventsScreen(self.dashboard, self.options.keys, read_only=self.options.read_only)

    def _types(self) -> Screen[None]:
        from tui.screens.types import TypesScreen

        return TypesScreen(self.dashboard, self.options.keys, read_only=self.options.read_only)

    def _messages(self) -> Screen[None]:
        from tui.screens.messages import MessagesScreen

        return MessagesScreen(self.dashboard, self.options.keys, read_only=self.options.read_only)

    def _runs(self) -> Screen[None]:
        from tui.screens.runs import RunsScreen

        return RunsScreen(self.dashboard, self.options.keys, read_only=self.options.read_only)

    def _failures(self) -> Screen[None]:
        from tui.screens.failures import FailuresScreen

        return FailuresScreen(self.dashboard, self.options.keys, read_only=self.options.read_only)

    def _quarantine(self) -> Screen[None]:
        from tui.screens.quarantine import QuarantineScreen

        return QuarantineScreen(self.dashboard, self.options.keys, read_only=self.options.read_only)

    def _forwards(self) -> Screen[None]:
        from tui.screens.forwards import ForwardsScreen

        return ForwardsScreen(self.dashboard, self.options.keys, read_only=self.options.read_only)

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
        if front is not None:
            front.came_from = None
        if self.current_mode == name:
            while len(self.screen_stack) > 1:
                await self.pop_screen()
        else:
            await self.switch_mode(name)

    async def show_type(self, type_: str) -> None:
        """Go to the view of one type."""
        from tui.screens.type_view import TypeViewScreen

        came_from = self.current_mode
        await self.action_board("types")
        options = self.options
        view = TypeViewScreen(type_, self.dashboard, options.keys, read_only=options.read_only)
        view.came_from = came_from if came_from != "types" else None
        await self.push_screen(view)

    async def show_event(self, seq: int, message_id: str | None = None) -> None:
        """Go to the screen of events, with the cursor on one event and its detail open; a step back returns.

        Where the filter keeps it out of the stream, it is shown in the story of its message, if that is given.
        """
        # Not `action_board`: the board in front is to be found again as it was left.
        came_from = self.current_mode
        await self.switch_mode("events")
        screen = self.events_screen
        if screen is not None:
            screen.came_from = came_from if came_from != "events" else None
            if await screen.find_seq(seq):
                screen.open_for_a_moment()
            elif message_id is None:
                screen.say_missing(seq)
            else:
                self.go_back()
                await self.show_message(message_id, seq)

    async def show_message(self, message_id: str, chosen: int | None = None) -> None:
        """Tell the story of one message over the screen in front, from one of its steps on."""
        from tui.screens.message import MessageScreen

        options = self.options
        keys, read_only = options.keys, options.read_only
        await self.push_screen(MessageScreen(message_id, self.dashboard, keys, chosen=chosen, read_only=read_only))

    async def go_to_messages(self) -> MessagesScreen | None:
        """Go to the screen of messages; a step back returns to the screen in front."""
        from tui.screens.messages import MessagesScreen

        came_from = self.current_mode
        await self.switch_mode("messages")
        screen = next((board for board in self.boards if isinstance(board, MessagesScreen)), None)
        if screen is not None and came_from != "messages":
            screen.came_from = came_from
        return screen

    def provoke(self) -> None:
        """Ask which deliveries are to be answered with failures, and for how long."""
        from tui.screens.provoke import ProvokeSheet

        front = self.front
        if front is not None and front.may_change() and self.source is not None:
            self.push_screen(ProvokeSheet(self.source, self.dashboard), self._provoked)

    def import_file(self) -> None:
        """Ask which file is to be taken into the log."""
        from tui.screens.import_ import ImportSheet

        def tell(done: str | None) -> None:
            if done is not None:
                self.say(done)

        front = self.front
        if front is not None and front.may_change() and self.source is not None:
            self.push_screen(ImportSheet(self.source, self.dashboard), tell)

    def _provoked(self, done: str | None) -> None:
        if done is not None:
            self.say(done)

    async def action_set_up(self) -> None:
        """Show the steps from nothing to the first event: where they stand anyway, or else over what is seen."""
        screen = self.events_screen
        if screen is not None and screen.set_up.display:
            await self.action_board("events")
            screen.set_focus(screen.set_up)
        else:
            from tui.screens.set_up import SetUpScreen

            options = self.options
            await self.push_screen(SetUpScreen(self.dashboard, options.keys, read_only=options.read_only))

    def go_back(self) -> None:
        """Leave the board in front for the one it was opened out of, or else for home."""
        front = self.front
        came_from = None
        if front is not None:
            came_from, front.came_from = front.came_from, None
        if len(self.screen_stack) > 1:
            self.pop_screen()
            mode = came_from
        else:
            mode = came_from or self.DEFAULT_MODE
        if mode is not None and mode != self.current_mode:
            self.switch_mode(mode)

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
        elif isinstance(self.focused, Choices) and self.focused.take_letter(key.character or ""):
            return
        else:
            await self._check_bindings(key.key)

    # From the source to the screen

    def on_mount(self) -> None:
        """Join the source once something is on screen."""
        self.theme_changed_signal.subscribe(self, self._theme_changed, immediate=True)
        if not self.state.mouse:
            self._take_mouse(False)
        self.call_after_refresh(self._run_source)

    @work(exclusive=True, group="source")
    async def _run_source(self) -> None:
        try:
            self.source = await self._joined()
            self.reader = Reader(self.dashboard, self.source, run=self._in_background, done=self._read)
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

    def _in_background(self, work: Callable[[], Awaitable[None]]) -> Worker[None]:
        return begin(self, "background", work)

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
            self._flush_timer = later(delay, self, self.flush)

    def flush(self) -> None:
        """Apply what arrived to the model, and let the screen paint what that touched."""
        if self._flush_timer is not None:
            self._flush_timer.cancel()
            self._flush_timer = None
        items, self._inbox = self._inbox, []
        if not items:
            return
        started = time.thread_time()
        public_url = self.dashboard.public_url
        changed = self.dashboard.apply(items)
        if self.dashboard.public_url != public_url and self.source is not None:
            for board in self.boards:
                board.joined(self.source)
        if any(isinstance(item, Pulse) for item in items):
            self._begin_what_is_due()
        for began in items:
            if isinstance(began, Began) and began.why != "filter":
                self._began(began)
        if Changed.RESTARTED in changed:
            self._settled = False
        if changed is not Changed.NOTHING:
            with self.batch_update():
                self.show(changed)
        self.pace.flushed(self.dashboard.monotonic())
        self.call_after_refresh(self._painted, started)

    def _begin_what_is_due(self) -> None:
        """Begin what was asked for at the start, now that the relay is there."""
        if self._tunnel_due:
            self._tunnel_due = False
            self.tunnelling.begin(self.options.tunnel)
        if self._forward_due:
            self._forward_due = False
            self.forwarding.begin(self.options.forward)

    def _began(self, began: Began) -> None:
        if began.why == "log":
            self.say("This relay has another log than before: it is shown from its newest event on", "warning")
        source = self.source
        seq = self.state.marks.get(source.log_id or "") if source is not None else None
        if source is not None and seq is not None:
            self._in_background(partial(self._mark_again, source, seq))

    async def _mark_again(self, source: Source, seq: int) -> None:
        # What is gone, or cannot be read now, is a mark that nobody misses.
        with suppress(SourceError):
            self.dashboard.marked = await source.detail(seq)
            self.show(Changed.ROWS)

    def show(self, changed: Changed) -> None:
        """Let the boards paint what changed in the model, and read what it lacks."""
        for board in self.boards:
            board.take(changed)
        if self.reader is not None:
            self.reader.want_totals()
            self.reader.want_commits()

    def _painted(self, started: float) -> None:
        # The time of the processor: the wait for the next frame of the screen is no work.
        self.pace.painted(time.thread_time() - started)

    def settled(self) -> None:
        """Load what the first letter of a filter or another screen would wait for, once there is no more to do."""
        _leave_to_itself()
        if not self._is_ready:
            self._is_ready = True
            later(READY_AFTER, self, partial(begin, self, "ready", self._make_ready))

    async def _make_ready(self) -> None:
        from tui.model.completion import make_ready

        # The language is another quarter of a second of work; in a thread no key waits for it.
        await asyncio.to_thread(make_ready)
        await asyncio.to_thread(_load_screens)
        _leave_to_itself()

    # What every screen needs

    def say(
        self,
        text: str,
        severity: Literal["information", "warning", "error"] = "information",
        *,
        instead: bool = False,
    ) -> None:
        """Show a message for a moment, in the place of the last one that was no warning; the text may be foreign.

        It comes `instead` of all that are shown, where those are about what is different now.
        """
        if instead:
            self.clear_notifications()
        elif severity == "information":
            self.hush()
        self.notify(self.look.text(text, MESSAGE_LIMIT), severity=severity, timeout=4, markup=False)

    def hush(self) -> None:
        """Take away the messages that say what is not so any more; warnings stay."""
        for message in [one for one in self._notifications if one.severity == "information"]:
            self._unnotify(message)

    def copy(self, value: str, name: str) -> None:
        """Put a value on the user's clipboard, without what could act where it is pasted, and say how."""
        kept, left_out = copyable(value)
        self._clipboard = kept
        without = f", without {left_out:,} control characters" if left_out else ""
        self._in_background(partial(self._copy, kept, f"{name}: {plain(kept, 40)}{without}"))

    async def _copy(self, text: str, what: str) -> None:
        from tui.clipboard import CannotCopy

        try:
            way = await self._copier(text)
        except CannotCopy as failure:
            self.say(str(failure), "error")
        else:
            self.say(f"Copied {way}, {what}")

    async def _to_clipboard(self, text: str) -> str:
        from tui import clipboard

        directory = self.options.directory or Path(tempfile.mkdtemp(prefix="knocktop-"))
        return await clipboard.copy(text, self._driver, directory)

    # What the user set

    def keep(self, **values: object) -> None:
        """Take values of `State` that the user set, and have them written soon."""
        for name, value in values.items():
            setattr(self.state, name, value)
        if self._keeps and self._keep_timer is None:
            self._keep_timer = later(KEPT_AFTER, self, self.save)

    def remember(self, filter_text: str) -> None:
        """Put a filter into the history of every board."""
        if filter_text:
            self.state.remember(filter_text)
            self.keep()
            for board in self.boards:
                board.filter_line.field.history = list(self.state.filter_history)

    def keep_target(self, url: str) -> None:
        """Remember a place that the user sent events to."""
        self.state.remember_target(url)
        self.keep()

    @property
    def saved_filters(self) -> Mapping[str, str]:
        """Filters that have a name: those of the configuration, and those that were saved here."""
        return {**self.options.filters, **self.state.filters}

    def toggle_column(self, name: str) -> None:
        """Show a column of the stream, or hide it."""
        if (screen := self.events_screen) is not None:
            board = self.dashboard
            board.columns = toggled(board.columns, name, screen.stream.size.width)
            self.keep(columns=list(board.columns))
            screen.stream.refresh()

    def save_filter(self, name: str, text: str | None) -> None:
        """Give a filter a name, or forget the one that has it."""
        others = {known: kept for known, kept in self.state.filters.items() if known != name}
        self.keep(filters=others if text is None else {**others, name: text})
        self.say(f"Forgot the filter {name}" if text is None else f"Saved the filter {name}")

    def save(self) -> None:
        """Write what the user set."""
        if self._keep_timer is None:
            return
        self._keep_timer.cancel()
        self._keep_timer = None
        try:
            self.state.save()
        except OSError as error:
            reason = error.strerror or str(error)
            self.say(f"What you set cannot be kept in {self.state.path}: {reason}", "warning")

    def exit(
        self, result: object | None = None, return_code: int = 0, message: RenderableType | None = None
    ) -> None:
        """End, with what the user set written."""
        self.save()
        super().exit(result, return_code, message)

    def mark(self, event: EventSummary | None) -> None:
        """Mark an event for others to be compared with, or take the mark away."""
        self.dashboard.marked = event
        log = self.source.log_id if self.source is not None else None
        if log is not None:
            others = {name: seq for name, seq in self.state.marks.items() if name != log}
            self.keep(marks=others if event is None else {**others, log: event.seq})
        self.show(Changed.ROWS)

    def action_mouse(self) -> None:
        """Leave the mouse to the terminal, which then selects text, or take it."""
        self._take_mouse(not self.mouse_taken)
        self.keep(mouse=self.mouse_taken)
        key = keys_of(BY_NAME["mouse"], self.options.keys)[0]
        if self.mouse_taken:
            self.say(f"The mouse is taken; {key} leaves it to the terminal", instead=True)
        else:
            self.say(f"The terminal has the mouse now; {key} takes it back", instead=True)

    def _take_mouse(self, taken: bool) -> None:
        self.mouse_taken = taken
        (mouse.take if taken else mouse.leave)(self._driver)

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

        if isinstance(self.screen, Board):
            await self.push_screen(HelpScreen(self.screen.pane, self.options.keys))

    def action_tunnel(self) -> None:
        """Ask for a tunnel, which makes the relay reachable for Knock."""
        if self.front is not None and self.front.may_change():
            self.tunnelling.ask()

    def action_forward(self) -> None:
        """Ask which events are to be forwarded to which app, or offer to stop that."""
        if self.front is not None and self.front.may_change():
            self.forwarding.ask()

    def action_help_quit(self) -> None:
        """Say how to quit to who pressed the key that ends other programs."""
        self.say(f"{keys_of(BY_NAME['quit'], self.options.keys)[0]} quits")

    def do(self, key: Key, node: DOMNode) -> None:
        """Take an action for the node it is meant for."""
        self.call_later(self.run_action, key.action, node)
