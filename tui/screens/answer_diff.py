"""Two answers beside each other: in what they differ, over the screen of forwards."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from relay.contract.api import ForwardItem
from relay.contract.events import Forward
from tui.model import diff
from tui.model.clock import Clock
from tui.model.forwarded import ms_words, status_ink, status_words
from tui.model.forwards import place_of
from tui.model.items import Cell, Heading, Item, Note, Row, Table
from tui.model.source import Source, SourceError
from tui.screens.diff import Difference


class AnswerDiffScreen(Difference):
    """The answer to one forward against that to another."""

    def __init__(self, source: Source, before: ForwardItem, after: ForwardItem, clock: Clock) -> None:
        super().__init__()
        self.source = source
        self.before = before
        self.after = after
        self.clock = clock

    async def read(self) -> Iterator[Item]:
        """Read both answers, and say in what they differ."""
        try:
            before, after = await asyncio.gather(
                *(self.source.forward(item.seq, item.n) for item in (self.before, self.after))
            )
        except SourceError as error:
            return iter([Note(f"The answers could not be compared: {error}", "warn")])
        compared = await asyncio.to_thread(diff.compare, _body(before), _body(after))
        return self._said(before, after, compared)

    def _said(self, before: Forward, after: Forward, compared: diff.Compared) -> Iterator[Item]:
        yield Heading("Difference", "from the one answer to the other")
        yield Table((self._row("-", "bad", self.before), self._row("+", "good", self.after)))
        yield None
        if not _is_kept(before) or not _is_kept(after):
            yield Note("The body of one of them is not kept any more, so that only what is above can be compared.")
            return
        if before.truncated or after.truncated:
            yield Note("Of what is longer than 64 KiB the rest was not kept, and is not compared.", "warn")
        yield from diff.items(compared)

    def _row(self, sign: str, ink: str, item: ForwardItem) -> Row:
        cells = (
            Cell(sign, f"{ink} strong"),
            Cell(f"seq {item.seq:,}", "quiet"),
            Cell(self.clock.short(item.at), "quiet"),
            Cell(status_words(item.status), status_ink(item.status)),
            Cell(ms_words(item.ms)),
            Cell(place_of(item.url)),
        )
        return Row(cells, copy=str(item.seq), name="seq")


def _is_kept(forward: Forward) -> bool:
    return forward.status is None or forward.headers is not None or forward.body is not None


def _body(forward: Forward) -> bytes:
    return (forward.body or forward.error or "").encode("utf-8", "replace")
