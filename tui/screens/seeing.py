"""What the filter line asks the relay while one types: values that were seen, keys of bodies, and how many match.

One question of a kind is under way at a time, and ends as soon as what is typed makes it another one: the relay
stops counting then.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from relay.contract.api import Group
from tui.later import later
from tui.model.completion import Vocabulary, wants_keys
from tui.model.drafting import Standing
from tui.model.filtering import Choice
from tui.model.offsets import with_offsets
from tui.model.seen import LIMIT, TYPES, Answers, Question
from tui.model.source import Source, SourceError
from tui.widgets.filter_line import FilterLine, Matching
from tui.work import begin_instead

if TYPE_CHECKING:
    from textual.worker import Worker

    from tui.screens.board import Board

PAUSE = 0.15
"""Seconds without another key after which the relay is asked."""
COUNT_PAUSE = 0.4


class Seeing:
    """Asks for one board."""

    def __init__(self, board: Board) -> None:
        self.board = board
        self.answers = Answers(board.dashboard.clock.zone)
        self._log: str | None = None
        self._question: Question | None = None
        self._choice: Choice | None = None
        self._asking: Worker[None] | None = None
        self._counting: Worker[None] | None = None
        self._timers: dict[str, asyncio.TimerHandle] = {}

    @property
    def _line(self) -> FilterLine:
        return self.board.filter_line

    def vocabulary(self, text: str, cursor: int, known: Vocabulary) -> Vocabulary:
        """Add what the relay said to what the window has."""
        answers = self.answers
        seen, all_seen = answers.seen(text, cursor, self.board.dashboard.upto)
        return replace(known, payloads=answers.payloads, headers=answers.headers, seen=seen, all_seen=all_seen)

    def typed(self) -> None:
        """Ask once the keys rest."""
        self._after("values", PAUSE, self._ask)
        self._after("count", COUNT_PAUSE, self._count)

    def _after(self, what: str, seconds: float, call: Callable[[], None]) -> None:
        if (timer := self._timers.pop(what, None)) is not None:
            timer.cancel()
        self._timers[what] = later(seconds, self.board, call)

    def ask(self) -> bool:
        """Ask at once what may stand at the cursor; tells whether the relay did not say anything of it so far."""
        board, field = self.board.dashboard, self._line.field
        text, cursor = field.value, field.cursor_position
        unknown = self.answers.seen(text, cursor, board.upto)[0] is None
        lacking = self.answers.lacking(text, cursor, board.monotonic(), board.upto) is not None
        if self.board.source is None or not (unknown and lacking):
            return False
        self._ask()
        return True

    def _ask(self) -> None:
        source = self.board.source
        if source is None or not self._line.editing:
            return
        if source.log_id != self._log:
            self._log, self.answers = source.log_id, Answers(self.board.dashboard.clock.zone)
        if _goes_on(self._asking) and self._question == self._lacking():
            return
        self._asking = begin_instead(self.board, "typed values", self._read, source)

    def _count(self) -> None:
        source, choice = self.board.source, self._uncounted()
        if choice is None:
            self._stop(self._counting)
        elif source is not None and not (_goes_on(self._counting) and choice == self._choice):
            self._choice = choice
            self._counting = begin_instead(self.board, "typed matches", self._read_count, source, choice)

    def stop(self) -> None:
        """Ask no more: nothing is typed."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        self._stop(self._asking)
        self._stop(self._counting)

    def _stop(self, asking: Worker[None] | None) -> None:
        if asking is not None:
            asking.cancel()

    def _lacking(self) -> Question | None:
        board, field = self.board.dashboard, self._line.field
        return self.answers.lacking(field.value, field.cursor_position, board.monotonic(), board.upto)

    async def _read(self, source: Source) -> None:
        while self._line.editing and await self._read_next(source):
            self._line.field.learn()

    async def _read_next(self, source: Source) -> bool:
        """Ask what is lacking at the cursor; tells whether there was something."""
        board, field = self.board.dashboard, self._line.field
        self._question = question = self._lacking()
        if wants_keys(field.value, field.cursor_position) and not self.answers.details:
            await self._read_keys(source)
            return bool(self.answers.details)
        if question is None:
            return False
        try:
            found: Sequence[Group] | None = await source.groups(question.by, question.filter, limit=LIMIT)
        except SourceError:
            # What the window has is all there is then; a relay of an earlier version never knows more.
            found = None
        self.answers.take(question, found, board.monotonic())
        return True

    async def _read_keys(self, source: Source) -> None:
        """Read the newest event of every type, whose keys are those that the log has."""
        try:
            items = (await source.totals("")).items
            for item in sorted(items, key=lambda item: -item.count)[:TYPES]:
                self.answers.details[item.type] = await source.detail(item.last_seq)
        except SourceError:
            return

    async def _read_count(self, source: Source, choice: Choice) -> None:
        text = with_offsets(choice.text, self.board.dashboard.clock.zone)
        try:
            found = Matching(choice, await self.board.matching(source, Choice(text, choice.types)))
        except SourceError as error:
            found = Matching(choice, why=str(error))
        self._line.told(found)

    def _uncounted(self) -> Choice | None:
        draft, matching = self._line.fault.draft, self._line.fault.matching
        if not self._line.editing or draft.standing is not Standing.GOOD:
            return None
        choice = Choice(draft.text.strip(), self.board.dashboard.filtering.latest.types)
        return choice if matching is None or matching.choice != choice else None


def _goes_on(worker: Worker[None] | None) -> bool:
    return worker is not None and not worker.is_finished
