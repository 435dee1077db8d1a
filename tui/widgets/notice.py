"""What stands where the events would be while there are none: why, and the next step."""

from __future__ import annotations

from collections.abc import Iterator

from relay.contract.text import plain
from tui.model.dashboard import Dashboard
from tui.model.facts import Fact, Heading, Item, Note, plural
from tui.model.set_up import heading
from tui.model.source import LinkState
from tui.widgets.facts_view import FactsView


class Notice(FactsView, can_focus=False):
    """A sentence with what to do, in place of the list."""

    def __init__(self, dashboard: Dashboard) -> None:
        super().__init__("notice")
        self.dashboard = dashboard
        self.address = ""
        self.trouble: tuple[str, str] | None = None
        """What failed before there was any link, and the next step."""
        self._shown: list[Item] = []

    def renew_text(self) -> None:
        """Say what is true now."""
        items = [None, *self._say()]
        if items != self._shown:
            self._shown = items
            self.show(items, keep=True)

    @property
    def waits(self) -> bool:
        """Nothing is wrong and nothing is narrowed: there is no event yet, and the set-up is what to show."""
        board = self.dashboard
        wrong = self.trouble or board.link.sentence(board.monotonic())
        if wrong is not None or not board.began or board.narrowed:
            return False
        return board.counts.known and board.link.state is not LinkState.CATCHING_UP and not board.total

    def _say(self) -> Iterator[Item]:
        board = self.dashboard
        wrong = self.trouble or board.link.sentence(board.monotonic())
        if wrong is not None:
            yield Heading(f"{wrong[0]}.")
            if wrong[1]:
                yield Note(f"{wrong[1]}.")
        elif not board.began:
            yield Heading("Connecting to the relay…" if not self.address else f"Connecting to {self.address}…")
        elif board.narrowed:
            yield from self._no_match()
        elif not self.waits:
            yield Note("Reading what the relay has…")
        else:
            yield Heading(heading(board))
            yield None
            yield Fact("1", "goes to the set-up, on the screen of events")
            if board.quarantined:
                yield Fact("6", "shows what is wrong with each request, and what to change")

    def _looking(self) -> Iterator[Item]:
        board = self.dashboard
        searched = board.browse.search.sentence(board.clock)
        if searched is None:
            yield Note("Looking for matches…")
            return
        yield Heading(f"{searched[0]}: no match so far.")
        if board.counts.known and board.total:
            yield Note(
                f"{plural(board.total, 'event')} in all of the log {'match' if board.total > 1 else 'matches'}."
            )
        yield Note(f"{searched[1]}.")

    def _no_match(self) -> Iterator[Item]:
        board = self.dashboard
        if not board.counts.known or board.total:
            yield from self._looking()
            return
        of = board.counts.total or board.counts.of
        if of is None:
            yield Heading("No event matches the filter.")
        elif board.counts.total:
            yield Heading(f"None of {plural(of, 'event')} is of a picked type.")
        else:
            yield Heading(f"None of {plural(of, 'event')} matches.")
        yield None
        for term, count in board.counts.lifted:
            yield Fact(f"{count:,}", f"without {plain(term, 200)}", "ink" if count else "quiet")
        if board.counts.lifted:
            yield None
        yield Fact("\\", "lifts the filter and shows all events; once more restores it")
        yield Fact("/", "changes it")
