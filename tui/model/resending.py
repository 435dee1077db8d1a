"""What the sheet says of an event that is to be sent again, and of what came back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from tui.model import diff
from tui.model.answers import Judged, Twice, body_text, expected, judged, ms_text, status_text
from tui.model.bodylines import pretty
from tui.model.items import Cell, Code, Fact, Item, Note, Row, Table

if TYPE_CHECKING:
    from tui.forward.resend import Again
    from tui.forward.send import Answer

BODY_LINES = 6
"""Lines of an answer's body that are shown; all of it is kept with the event."""
SHORT = 72
"""Characters that a body may have to be shown as it came, in one line."""
CHANGES = 3
"""Paths at which two bodies differ that are shown."""
BODY_CELL = 60


class Outcome(NamedTuple):
    """What came of sending an event; `second` is the answer to the same again, where it was sent twice.

    `unnoted` says why the relay did not note it, where it did not.
    """

    again: Again
    first: Answer
    second: Twice | None = None
    unnoted: str = ""

    @property
    def verdict(self) -> Judged:
        """What the first answer is worth."""
        return judged(self.first, expected(self.again.how, edited=self.again.edited))


def awaited(again: Again) -> str:
    """Say what a right handler answers."""
    match expected(again.how, edited=again.edited):
        case "accept":
            return "2xx"
        case "refuse":
            return "4xx: it refuses this"
        case _:
            return "2xx, or 4xx where it looks at the age of a signature"


def told(outcomes: Sequence[Outcome]) -> Iterator[Item]:
    """Say what came back: of one event all that there is room for, of several a line each."""
    if len(outcomes) == 1:
        yield from _in_full(outcomes[0])
    elif outcomes:
        yield Table(tuple(map(_line, outcomes)), ("seq", "answer", "time", ""))
    for why in dict.fromkeys(one.unnoted for one in outcomes if one.unnoted):
        yield Note(f"  The relay did not note it: {why}", "warn")


def _in_full(outcome: Outcome) -> Iterator[Item]:
    answer, verdict = outcome.first, outcome.verdict
    if outcome.second is not None:
        yield from _beside(outcome.second, verdict)
        return
    if answer.status is None:
        yield Fact("answer", "none", "bad", answer.error or "")
        return
    yield Fact("answer", f"{status_text(answer)} in {ms_text(answer.ms)}", verdict.ink)
    yield Fact("which is", verdict.words, verdict.ink)
    yield from _body(answer)


def _body(answer: Answer) -> Iterator[Item]:
    if not answer.body:
        yield Fact("body", "empty", "quiet")
        return
    lines = [answer.body.strip()]
    if len(lines[0]) > SHORT or "\n" in lines[0]:
        lines = pretty(answer.body.encode("utf-8", "surrogatepass"))
    is_json = lines[0][:1] in ("{", "[")
    yield from (Code(f"  {line}") if is_json else Note(f"  {line}", "ink") for line in islice(lines, BODY_LINES))
    if len(lines) > BODY_LINES or answer.truncated:
        yield Note("  … the rest is in the event's detail", "quiet")


def _beside(both: Twice, verdict: Judged) -> Iterator[Item]:
    """Put two answers beside each other, and mark what differs."""
    if both.differs:
        yield Note(f"  Two different answers: {' and '.join(both.differs)}", "bad")
    else:
        yield Note("  The same answer twice", "good")
    first, second = both.first, both.second
    rows = (
        ("status", status_text(first), status_text(second)),
        ("time", ms_text(first.ms), ms_text(second.ms)),
        ("body", body_text(first)[:BODY_CELL], body_text(second)[:BODY_CELL]),
    )
    yield Table(tuple(_pair(*row, differs=row[0] in both.differs) for row in rows), ("", "first", "second", ""))
    found = [one for one in both.bodies.differences if one.path]
    yield from (diff.shown(one) for one in found[:CHANGES])
    if len(found) > CHANGES:
        yield Note(f"  … and {both.bodies.paths - CHANGES:,} more paths differ")
    yield Note(f"  The first: {verdict.words}; {both.note}")


def _pair(name: str, first: str, second: str, *, differs: bool) -> Row:
    ink = "bad strong" if differs else "ink"
    return Row(
        (Cell(name, "quiet"), Cell(first, ink), Cell(second, ink), Cell("differs" if differs else "", "bad"))
    )


def _line(outcome: Outcome) -> Row:
    answer, verdict = outcome.first, outcome.verdict
    words = verdict.words
    if outcome.second is not None:
        differs = outcome.second.differs
        words = f"twice: {' and '.join(differs)} differ" if differs else "the same twice"
        verdict = verdict._replace(ink="bad" if differs else "good")
    return Row(
        (
            Cell(f"{outcome.again.event.seq:,}", "quiet"),
            Cell(status_text(answer), verdict.ink),
            Cell(ms_text(answer.ms)),
            Cell(words, verdict.ink),
        )
    )
