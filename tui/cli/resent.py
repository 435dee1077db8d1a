"""What `knocktop resend` writes to stdout: lines for people, NDJSON for programs."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from typing import Any, Protocol, TextIO

from rich.cells import cell_len

from relay.contract import jsontext
from relay.contract.forwards import without_credentials
from relay.contract.text import plain
from tui.forward.resend import Again
from tui.forward.send import Answer
from tui.model.answers import Judged, Twice, body_text, ms_text, status_text
from tui.model.diff import shown
from tui.model.items import Change
from tui.widgets.cells import fit
from tui.widgets.steady import steady

_NAMES = 9
"""Cells of the names before two answers."""
_CHANGES = 40
"""Paths at which two bodies differ that are listed."""
_WIDEST = 160


class Written(Protocol):
    """How the results are written."""

    def once(self, again: Again, answer: Answer, verdict: Judged) -> None:
        """Write what came of one sending."""

    def twice(self, again: Again, both: Twice, verdict: Judged) -> None:
        """Write what came of sending the same twice; the verdict is on the first answer."""


def written(out: TextIO | None = None) -> Written:
    """Give what is right for who reads stdout."""
    out = sys.stdout if out is None else out
    return Lines(out, shutil.get_terminal_size().columns) if out.isatty() else Ndjson(out)


class Lines:
    """A line an event, with the body of the answer below it; two answers beside each other."""

    def __init__(self, out: TextIO, width: int) -> None:
        self._out = out
        self._width = min(max(width, 60), _WIDEST)

    def once(self, again: Again, answer: Answer, verdict: Judged) -> None:
        """Write what came of one sending."""
        if answer.status is not None:
            self._line(f"{_head(again)}  {status_text(answer)}  {ms_text(answer.ms)}  {verdict.words}")
            if answer.body:
                self._line(f"  {_cut(body_text(answer), self._width - 2)}")

    def twice(self, again: Again, both: Twice, verdict: Judged) -> None:
        """Write the two answers beside each other, and mark what differs."""
        same = "the same answer twice" if not both.differs else "TWO DIFFERENT ANSWERS"
        self._line(f"{_head(again)}  {same}; the first: {verdict.words}")
        room = (self._width - _NAMES - 2 - 14) // 2
        self._row("", "first", "second", "", room)
        for name, first, second, mark in _rows(both):
            self._row(name, first, second, mark, room)
        for line in _changed(both):
            self._line(_cut(line, self._width))
        self._line(f"  {both.note}")

    def _row(self, name: str, first: str, second: str, mark: str, room: int) -> None:
        cells = (fit(_cut(text, room), room) for text in (first, second))
        self._line(f"  {name:<{_NAMES}}{'  '.join(cells)}  {mark}".rstrip())

    def _line(self, text: str) -> None:
        self._out.write(text + "\n")
        self._out.flush()


class Ndjson:
    """An object an event."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def once(self, again: Again, answer: Answer, verdict: Judged) -> None:
        """Write what came of one sending."""
        self._object({**_facts(again), **_answer(answer), "right": verdict.right})

    def twice(self, again: Again, both: Twice, verdict: Judged) -> None:
        """Write both answers, and the names of what differs."""
        answers = {"first": _answer(both.first), "second": _answer(both.second)}
        self._object({**_facts(again), **answers, "differs": list(both.differs), "right": verdict.right})

    def _object(self, value: dict[str, Any]) -> None:
        self._out.write(jsontext.dumps(value).decode() + "\n")
        self._out.flush()


def _head(again: Again) -> str:
    return f"seq {again.event.seq}  {steady(plain(again.event.type, 60))}"


def _rows(both: Twice) -> Iterator[tuple[str, str, str, str]]:
    first, second = both.first, both.second
    marks = dict.fromkeys(both.differs, "<- differs")
    yield "status", status_text(first), status_text(second), marks.get("status", "")
    yield "time", ms_text(first.ms), ms_text(second.ms), ""
    yield "body", body_text(first), body_text(second), marks.get("body", "")
    if first.error or second.error:
        yield "error", first.error or "none", second.error or "none", ""


def _changed(both: Twice) -> Iterator[str]:
    """List the paths at which two bodies differ, where they have paths."""
    found = [shown(one) for one in both.bodies.differences[:_CHANGES] if one.path]
    for change in found:
        yield f"  {plain(change.label)}: {_value(change, 0)} -> {_value(change, 1)}"
    more = both.bodies.paths - len(found)
    if found and more:
        yield f"  and {more:,} more paths"


def _value(change: Change, side: int) -> str:
    lines = (change.before, change.after)[side]
    return "nothing" if lines is None else plain(" ".join(line.strip() for line in lines), 200)


def _cut(text: str, width: int) -> str:
    """Make foreign text one line that fits."""
    safe = steady(plain(text, width))
    return safe if cell_len(safe) <= width else fit(safe, width, "…").rstrip()


def _facts(again: Again) -> dict[str, Any]:
    return {
        "seq": again.event.seq,
        "type": again.event.type,
        "url": without_credentials(again.url),
        "sign": again.how.value,
        "edited": again.edited,
    }


def _answer(answer: Answer) -> dict[str, Any]:
    return {
        "status": answer.status,
        "ms": round(answer.ms, 3),
        "headers": answer.headers,
        "body": answer.body,
        "truncated": answer.truncated,
        "error": answer.error,
    }
