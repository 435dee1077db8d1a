"""What the palette offers: every action by what it does, with its keys; then columns, saved filters and themes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, cast

from rich.cells import cell_len
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.types import IgnoreReturnCallbackType

from tui.keys import CLOSED, KEYS, PANES, Key, keys_of
from tui.model.columns import FROM, TITLES, columns
from tui.screens.board import Board
from tui.widgets.cells import fit
from tui.widgets.look import Look

if TYPE_CHECKING:
    from tui.app import KnocktopApp

WIDTH = 58
NAME_LIMIT = 40
MOVES = ("move", "page", "edge", "across", "sideways", "far", "oldest")
"""Actions that only move the cursor or the view."""


class Command(NamedTuple):
    """A line of the palette. Text that is not our own may hold what Textual takes for markup."""

    text: str
    note: str
    run: IgnoreReturnCallbackType
    is_ours: bool = True

    def display(self, text: Content | None = None) -> Content:
        """Put the note, mostly its keys, at the right end of the text."""
        shown = Content(self.text) if text is None else text
        space = " " * max(WIDTH - shown.cell_length - cell_len(self.note), 2)
        return Content.assemble(shown, space, (self.note, "$quiet"))


class Actions(Provider):
    """Every action that can be taken on the screen, those of the pane with the focus first."""

    async def discover(self) -> Hits:
        """Give them all."""
        for command in self._commands():
            yield DiscoveryHit(command.display(), command.run, command.text)

    async def search(self, query: str) -> Hits:
        """Give those that match what was typed."""
        matcher = self.matcher(query)
        for command in self._commands():
            score = matcher.match(command.text)
            if score > 0:
                marked = matcher.highlight(command.text) if command.is_ours else None
                yield Hit(score, command.display(marked), command.run, command.text)

    def _commands(self) -> Iterator[Command]:
        app = cast("KnocktopApp", self.app)
        if app.front is not None:
            yield from _actions(app, app.front)
            yield from _columns(app, app.front)
            yield from _filters(app, app.front)
            if not (app.options.read_only or app.options.file):
                yield Command("import: take events from a file", "", app.import_file)
            if not app.options.read_only:
                now = "in force" if app.dashboard.provoked_for is not None else ""
                yield Command("provoke answers: fail on purpose, to see Knock's retries", now, app.provoke)
                yield Command("trigger: send simulated events", "", partial(_trigger, app))
            yield Command("set-up: address, webhook, secret, first event", "", app.action_set_up)
        yield from _themes(app)


def _actions(app: KnocktopApp, board: Board) -> Iterator[Command]:
    own = board.body_pane
    for pane in (own, "everywhere", *(pane for pane in PANES if pane not in (own, "everywhere", *CLOSED))):
        # What one looks for here is seldom a way to move the cursor.
        for key in sorted((key for key in KEYS if key.pane == pane), key=_moves):
            node = board.node_of(key) if key.name != "palette" else None
            if node is not None:
                text = key.text if pane in (own, "everywhere") else f"{key.text} ({PANES[pane].lower()})"
                written = "  ".join(keys_of(key, app.options.keys))
                yield Command(text, written, _doing(app, key, board))


def _moves(key: Key) -> bool:
    return key.action.partition("(")[0] in MOVES


def _doing(app: KnocktopApp, key: Key, board: Board) -> Callable[[], None]:
    def do() -> None:
        # What the action is for is looked up again: the palette may have stayed open for a while.
        node = board.node_of(key)
        if node is not None:
            app.do(key, node)

    return do


def _trigger(app: KnocktopApp) -> None:
    # The sheet brings the simulator along.
    from tui.screens.trigger import ask

    ask(app)


def _columns(app: KnocktopApp, board: Board) -> Iterator[Command]:
    screen = app.events_screen
    if board is not screen or screen is None:
        return
    shown = {column.name for column in columns(screen.stream.size.width, app.dashboard.columns)}
    for name in FROM:
        verb = "hide" if name in shown else "show"
        yield Command(f"{verb} the column {TITLES.get(name, name)}", "", partial(app.toggle_column, name))


def _filters(app: KnocktopApp, board: Board) -> Iterator[Command]:
    look: Look = app.look
    for name, text in app.saved_filters.items():
        shown = fit(look.text(text, WIDTH), NAME_LIMIT, look.ellipsis).rstrip()
        yield Command(
            f"filter {look.text(name, NAME_LIMIT)}", shown, partial(board.set_filter, text), is_ours=False
        )
    for name in app.state.filters:
        forget = partial(app.save_filter, name, None)
        yield Command(f"forget the filter {look.text(name, NAME_LIMIT)}", "", forget, is_ours=False)


def _themes(app: KnocktopApp) -> Iterator[Command]:
    for name in sorted(app.available_themes):
        yield Command(f"theme {name}", "in use" if name == app.theme else "", partial(setattr, app, "theme", name))
