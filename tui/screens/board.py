"""What the screens that show events have in common: header, filter, a body of their own, foot and keys.

Only the screen in front paints. One that another hides notes what it missed and catches up when it is shown again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, cast

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widget import Widget

from relay.contract.events import EventSummary
from tui.keys import Key, Pane, bindings
from tui.model.browse import Stance
from tui.model.byvalue import spelled_out, terms
from tui.model.completion import EVENTS, Vocabulary
from tui.model.dashboard import Changed, Dashboard
from tui.model.filtering import EVERYTHING, Choice, FilterFault
from tui.model.offsets import with_offsets
from tui.model.set_up import INGEST_PATH, TUNNELS, Place
from tui.model.source import FilterRefused, Source, SourceError
from tui.screens.seeing import Seeing
from tui.widgets.bar import Bar
from tui.widgets.filter_line import FilterField, FilterLine
from tui.widgets.foot import Foot
from tui.widgets.header import Header
from tui.widgets.keyline import KeyLine
from tui.widgets.set_up import SetUp
from tui.widgets.too_small import MIN_HEIGHT, MIN_WIDTH, TooSmall
from tui.work import begin_instead

if TYPE_CHECKING:
    from tui.app import KnocktopApp

PANELS_A_SECOND = 5

APP_KEYS = ("quit", "palette")
"""Keys of everywhere that the app binds itself: it would bind its own, which a user cannot change."""
CHANGING = ("resend", "secrets", "tunnel", "admit", "admit_this", "discard_held", "discard_this")
"""Keys that change something at the relay: who only looks is not offered them."""


class Board(Screen[None]):
    """A screen over the dashboard.

    A subclass gives `compose_body`, `root` (what has the focus at first, and after the last step back), its `pane`
    and `node_of`; it paints in `apply` what changed and in `paint_panels` what may wait for a fifth of a second.
    """

    CSS_PATH: ClassVar[str | list[str]] = "board.tcss"  # type: ignore[assignment]
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        binding for binding in bindings("everywhere") if getattr(binding, "id", "") not in APP_KEYS
    ]
    HOME: ClassVar[bool] = False
    """There is no screen to go back to from this one."""

    def __init__(self, dashboard: Dashboard, changed_keys: Mapping[str, str], *, read_only: bool = False) -> None:
        super().__init__()
        self.dashboard = dashboard
        self.changed_keys = changed_keys
        self.read_only = read_only
        self.header = Header(dashboard, changed_keys, read_only=read_only)
        self.filter_line = FilterLine(dashboard)
        self.seeing = Seeing(self)
        self.foot = self.make_foot()
        self.key_line = KeyLine(changed_keys)
        self.too_small = TooSmall()
        self._dirty = Changed.HEADER | Changed.COUNTS
        self.came_from: str | None = None
        """The screen that this one was opened out of, where a step back returns to it."""
        self._missed = Changed.NOTHING
        self._second = -1

    # The parts

    def make_foot(self) -> Bar:
        """Make the line above the keys."""
        return Foot(self.dashboard)

    def compose(self) -> ComposeResult:
        """Place what every board has around its body."""
        yield self.header
        yield from self.compose_above()
        yield self.filter_line
        yield from self.compose_body()
        yield self.foot
        yield self.key_line
        yield self.too_small

    def compose_above(self) -> ComposeResult:
        """Place what stands between the header and the filter."""
        yield from ()

    def compose_body(self) -> ComposeResult:
        """Place what is between the filter and the foot."""
        raise NotImplementedError

    @property
    def root(self) -> Widget:
        """What has the focus at first, and after the last step back."""
        raise NotImplementedError

    @property
    def knocktop(self) -> KnocktopApp:
        """The app, by its own type."""
        return cast("KnocktopApp", self.app)

    @property
    def source(self) -> Source | None:
        """The relay; None before it was joined."""
        return self.knocktop.source

    @property
    def in_front(self) -> bool:
        """Nothing but sheets covers this board."""
        return self.is_attached and self.knocktop.front is self

    @property
    def pane(self) -> Pane:
        """The pane that has the focus."""
        return "field" if isinstance(self.focused, FilterField) else self.body_pane

    @property
    def body_pane(self) -> Pane:
        """The pane of the body that has the focus."""
        raise NotImplementedError

    def node_of(self, key: Key) -> DOMNode | None:
        """Give what an action is for; None where that is not on screen."""
        return self if key.pane == "everywhere" and not (self.read_only and key.name in CHANGING) else None

    # From the model to the widgets

    def on_mount(self) -> None:
        """Begin to paint what changes by itself: ages, rates, countdowns."""
        self.set_focus(self.root)
        self.filter_line.renew()
        self.filter_line.field.history = list(self.knocktop.state.filter_history)
        self.filter_line.field.vocabulary = self.vocabulary
        self.filter_line.field.ask = self.seeing.ask
        if self.source is not None:
            self.joined(self.source)
        self.set_interval(1 / PANELS_A_SECOND, self._tick)

    def joined(self, source: Source) -> None:
        """Show where the relay is."""
        self.header.address = source.address
        self.header.webhook_url = source.webhook_url
        self.header.refresh()

    def trouble(self, what: str, then: str) -> None:
        """Say why there is no source yet, and the next step."""

    def take(self, changed: Changed) -> None:
        """Paint what a flush touched, or note it for when this board is in front again."""
        if self.in_front:
            self.apply(changed)
        else:
            self._missed |= changed

    def apply(self, changed: Changed) -> None:
        """Paint what was touched; what may wait is left to `paint_panels`."""
        self._dirty |= changed
        if Changed.RESTARTED in changed:
            self.filter_line.renew()
        if Changed.ROWS in changed:
            self.foot.refresh()
        if Changed.LINK in changed:
            self._paint()

    def paint_panels(self, changed: Changed) -> None:
        """Paint what is painted a few times a second."""
        if Changed.HEADER in changed:
            self.header.refresh()
            self.foot.refresh()
        if Changed.COUNTS in changed and self.filter_line.display and not self.filter_line.editing:
            self.filter_line.renew()

    def _tick(self) -> None:
        if self.in_front:
            self._paint()

    def _paint(self) -> None:
        second = int(self.dashboard.monotonic())
        if second != self._second:
            self._second = second
            self._dirty |= Changed.HEADER | Changed.COUNTS
        dirty, self._dirty = self._dirty, Changed.NOTHING
        if dirty:
            self.paint_panels(dirty)
            self.show_pane()

    def repaint(self) -> None:
        """Paint all that `paint_panels` paints, for a new size or after keys that change it."""
        self._dirty |= Changed.HEADER | Changed.COUNTS
        self._paint()

    def on_screen_resume(self) -> None:
        """Catch up with what happened while another board was in front, and show the keys of the pane."""
        missed, self._missed = self._missed, Changed.NOTHING
        self.apply(missed | Changed.HEADER | Changed.COUNTS)
        self.show_pane()

    def on_resize(self, event: events.Resize) -> None:
        """Lay out for another size."""
        self.set_class(event.size.width < MIN_WIDTH or event.size.height < MIN_HEIGHT, "-too-small")
        self.too_small.refresh()
        self.lay_out(event.size.width, event.size.height)

    def lay_out(self, width: int, height: int) -> None:
        """Choose what is seen at this size."""

    # The set-up

    def show_place(self, set_up: SetUp, source: Source) -> None:
        """Let the steps of the set-up say where the relay is, and what is done by now."""
        set_up.address = source.address
        url = source.ingest_url()
        set_up.place = Place(url.removesuffix(INGEST_PATH), source.webhook_url)
        set_up.renew_text()

    @on(SetUp.Pressed)
    async def _do_step(self, message: SetUp.Pressed) -> None:
        app, place, ways = self.knocktop, message.set_up.place, message.set_up.ways
        match message.name:
            case "address" | "webhook":
                app.copy(place.webhook_url, "address")
            case "tunnel" if ways.tunnel:
                await app.run_action("app.tunnel")
            case "tunnel":
                app.copy(place.tunnel(next(iter(ways.found), TUNNELS[0])), "command")
            case "secret":
                self.action_secrets()
            case "trial":
                app.copy(place.trigger, "command")
            case "quarantine":
                await app.action_board("quarantine")

    # The filter

    def action_filter(self) -> None:
        """Edit the filter."""
        self.filter_line.edit()

    @on(FilterLine.Typed)
    def _filter_typed(self) -> None:
        self.seeing.typed()

    def vocabulary(self, text: str, cursor: int) -> Vocabulary:
        """Give what the filter line completes from: what was seen, and what was saved."""
        board = self.dashboard
        rows = reversed(board.browse.window.rows[-EVENTS:])
        events_seen = [row for row in rows if isinstance(row, EventSummary)]
        known = Vocabulary(self.knocktop.saved_filters, board.counts.by_type, events_seen, self.payload)
        return self.seeing.vocabulary(text, cursor, known)

    async def matching(self, source: Source, choice: Choice) -> int:
        """Count what a filter that is typed would show."""
        return await source.count(choice.text, choice.types)

    @property
    def payload(self) -> object:
        """The body of the event that is looked at, as far as it was read."""
        return None

    def action_apply(self) -> None:
        """Apply what was typed."""
        text = self.filter_line.field.take()
        self.knocktop.remember(text)
        self.set_filter(with_offsets(text, self.dashboard.clock.zone))

    def action_discard(self) -> None:
        """Leave the field, and keep the filter as it was."""
        self.seeing.stop()
        self.filter_line.leave()
        self.set_focus(self.root)
        self.show_pane()

    def action_lift(self) -> None:
        """Lift all filters, or restore them."""
        choice = self.dashboard.filtering.toggled
        if choice is None:
            self.knocktop.say("There is no filter to lift")
        else:
            self.set_filter(*choice)

    def filter_by(self, term: str, types: tuple[str, ...] | None = None) -> None:
        """Show only events that a term matches, too: it is added to the filter with AND, but for what it has."""
        from relay.contract.filter import And, FilterError, parse

        zone = self.dashboard.clock.zone
        try:
            added = parse(term, zone=zone).tree
            applied = parse(self.dashboard.filtering.latest.text, zone=zone).tree
        except FilterError as error:
            self.knocktop.say(f"That cannot be filtered by: {error}", "warning")
            return
        if added is None:
            return
        parts = applied.parts if isinstance(applied, And) else () if applied is None else (applied,)
        more = added.parts if isinstance(added, And) else (added,)
        both = [*parts, *(part for part in more if part not in parts)]
        self.set_filter(str(And(tuple(both)) if len(both) > 1 else both[0]), types)

    def set_filter(self, text: str, types: tuple[str, ...] | None = None) -> None:
        """Ask for another filter, and for other types where they are given."""
        filtering = self.dashboard.filtering
        choice = Choice(text, filtering.latest.types if types is None else types)
        source = self.source
        if source is None:
            self.knocktop.say("There is no relay yet to filter for", "warning")
            return
        if self.filter_line.editing:
            self.action_discard()
        if choice != filtering.latest or not self.dashboard.began:
            filtering.wanted = choice
            self.filter_line.renew()
            begin_instead(self, "filter", self._ask_filter, source, choice)
        if not self.dashboard.link.state.connected:
            self.knocktop.say("There is no link now; the filter is applied once there is one", "warning")

    def pick(self, types: Sequence[str]) -> None:
        """Show the picked types alone: these too, or no longer where all of them were picked."""
        text, picked = self.dashboard.filtering.latest
        others = tuple(name for name in picked if name not in types)
        self.set_filter(text, others if set(types) <= set(picked) else (*others, *types))

    async def _ask_filter(self, source: Source, choice: Choice) -> None:
        filtering = self.dashboard.filtering
        try:
            await source.set_filter(choice.text, choice.types)
        except FilterRefused as refused:
            filtering.wanted = None
            filtering.fault = FilterFault(choice.text, str(refused), refused.column, refused.length, refused.hint)
            self.filter_line.edit()
        except SourceError as error:
            filtering.wanted = None
            self.filter_line.renew()
            self.knocktop.say(str(error), "error")

    def action_save_filter(self) -> None:
        """Give the filter in force a name."""
        from tui.screens.save_filter import SaveFilterSheet

        app = self.knocktop
        text = spelled_out(self.dashboard.filtering.latest)
        if not text:
            app.say("There is no filter to save")
            return

        def save(name: str | None) -> None:
            if name is not None:
                app.save_filter(name, text)

        app.push_screen(SaveFilterSheet(text, app.saved_filters, app.options.filters), save)

    # Actions

    def types_here(self) -> tuple[str, ...]:
        """Give the types under the cursor, where there is a pane of types."""
        return ()

    def action_only(self) -> None:
        """Show only events with the value under the cursor."""
        self.by_value(without=False)

    def action_exclude(self) -> None:
        """Leave out the events with the value under the cursor."""
        self.by_value(without=True)

    def by_value(self, *, without: bool) -> None:
        """Filter by what is under the cursor."""
        found = terms("type", self.types_here(), without=without)
        if found is None:
            self.knocktop.say("There is no type to filter by here")
        else:
            self.filter_by(found)

    def action_goto(self) -> None:
        """Ask for a time, and go to it on the screen of events."""
        from tui.screens.goto import GotoSheet

        app = self.knocktop

        async def go(us: int | None) -> None:
            if us is None:
                return
            await app.action_board("events")
            if app.events_screen is not None:
                app.events_screen.going.to_time(us)

        app.push_screen(GotoSheet(self.dashboard.clock, narrowed=self.dashboard.narrowed), go)

    def action_secrets(self) -> None:
        """Ask for the signing secret."""
        from tui.screens.secrets import SecretsSheet

        app, source = self.knocktop, self.source
        if self.may_change() and source is not None:

            def tell(done: str | None) -> None:
                if done is not None:
                    app.say(done)

            app.push_screen(SecretsSheet(source, self.dashboard), tell)

    def seq_here(self) -> int | None:
        """Give the event under the cursor, by its seq; None where there is none."""
        return None

    def action_resend(self) -> None:
        """Ask where the event under the cursor is to be sent again, and how."""
        app, source, marked = self.knocktop, self.source, self.dashboard.marked_seq
        if not self.may_change() or source is None:
            return
        seq = self.seq_here() or marked
        if seq is None:
            app.say("There is no event here to send again")
            return
        from tui.screens.resend import ResendSheet, in_editor

        sheet = ResendSheet(
            source,
            seq,
            marked=marked,
            targets=app.state.targets,
            keep_target=app.keep_target,
            secret_of=app.options.secret_of,
            environments=app.options.environments,
            edit=lambda body: in_editor(app, body),
        )
        app.push_screen(sheet)

    def action_export(self) -> None:
        """Ask which events are to be written to which file."""
        from tui.screens.export import ExportSheet

        app, source = self.knocktop, self.source
        if source is None:
            app.say("There is no relay yet to export from", "warning")
            return

        def tell(done: str | None) -> None:
            if done is not None:
                app.say(done)

        sheet = ExportSheet(source, self.dashboard, here=self.seq_here(), marked=self.dashboard.marked_seq)
        app.push_screen(sheet, tell)

    def may_change(self) -> bool:
        """Tell whether something can be changed at the relay from here, and say why where it cannot."""
        if self.read_only:
            self.knocktop.say("This dashboard was started with --read-only: it only looks", "warning")
        elif self.source is None:
            self.knocktop.say("There is no relay yet", "warning")
        return not self.read_only and self.source is not None

    def action_pause(self) -> None:
        """Pause the list, or go on."""
        browse = self.dashboard.browse
        if browse.stance is Stance.PAUSED:
            browse.resume()
        else:
            browse.pause()
        self._dirty |= Changed.HEADER
        self.apply(Changed.ROWS)
        self._paint()

    def action_span(self) -> None:
        """Turn to the next span of counts and sparklines."""
        span = self.dashboard.span = self.dashboard.span.next
        self.knocktop.keep(span=span.value)
        self.apply(Changed.COUNTS)
        self.repaint()
        what = "all that the log holds" if span.minutes is None else f"the last {span}"
        self.knocktop.say(f"Counts are of {what}", instead=True)

    def action_zoom(self) -> None:
        """Give the pane that has the focus the whole screen, or take it back."""
        zoomed = self.has_class("-zoomed")
        self.remove_class(*(name for name in self.classes if name.startswith("-zoom")))
        if not zoomed:
            self.add_class("-zoomed", f"-zoom-{self.body_pane}")
        self.call_after_refresh(self.zoomed)
        self.show_pane()

    def zoomed(self) -> None:
        """Fit what is seen to its new size."""
        self.repaint()

    def action_back(self) -> None:
        """Take one step back, if there is one."""
        self.step_back()
        self.show_pane()

    def action_leave(self) -> None:
        """Take one step back, or quit."""
        if not self.step_back():
            self.app.exit()
        self.show_pane()

    @property
    def at_root(self) -> bool:
        """There is no step back to take."""
        home = self.HOME and self.came_from is None
        return home and self.focused is self.root and not self.has_class("-zoomed")

    def step_back(self) -> bool:
        """Take one step back; tells whether there was one."""
        if self.has_class("-zoomed"):
            self.action_zoom()
        elif self.focused is not self.root:
            self.set_focus(self.root)
        elif self.HOME and self.came_from is None:
            return False
        else:
            self.knocktop.go_back()
        return True

    # The keys

    def on_descendant_focus(self) -> None:
        """Show the keys of the pane."""
        self.show_pane()

    def on_descendant_blur(self) -> None:
        """Show the keys of the pane."""
        self.show_pane()

    def show_pane(self) -> None:
        """Show the keys of the pane that has the focus; what covers this board shows its own."""
        # `is_current` is true as well of what can be seen behind a sheet.
        if self.app.screen is self:
            self.key_line.show(self.pane, at_root=self.at_root, words=self.words_now())

    def words_now(self) -> dict[str, str]:
        """Give what keys do now where that is not what they mostly do, by their names; empty for nothing."""
        filtering = self.dashboard.filtering
        words = {"resend": ""} if self.read_only else {}
        if filtering.toggled is None:
            words["lift"] = ""
        elif filtering.choice == EVERYTHING:
            words["lift"] = "restore"
        return words
