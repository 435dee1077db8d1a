"""What `knocktop forward` writes to stdout of an event: a line for people, an object for programs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, BinaryIO

from relay.contract import jsontext
from relay.contract.moments import rfc3339
from relay.contract.text import plain
from tui.forward.outcome import outcome
from tui.forward.plan import Sent
from tui.widgets.cells import fit
from tui.widgets.steady import steady

Write = Callable[[Sent, datetime], None]
"""Write what came of an event, and when that was."""

_TYPE_CELLS = 32
_READING_CELLS = 40
_GOOD, _BAD, _RESET = "\x1b[32m", "\x1b[1;31m", "\x1b[0m"


class Lines:
    """A line an event: the time, its seq, its type and its reading, the status and how long the answer took."""

    def __init__(self, out: BinaryIO, encoding: str, *, utc: bool, colour: bool) -> None:
        self._out = out
        self._encoding = encoding
        self._utc = utc
        self._colour = colour

    def __call__(self, sent: Sent, at: datetime) -> None:
        """Write one."""
        time = (at if self._utc else at.astimezone()).time().isoformat("milliseconds")
        event = sent.event
        what = f"{_cells(event.type, _TYPE_CELLS)}  {_cells(event.reading, _READING_CELLS)}"
        came = self._inked(outcome(sent), _GOOD if sent.answer.taken else _BAD)
        line = f"{time}  {event.seq:>6}  {what}  -> {came}"
        # A terminal that lacks a character gets its escape, not an error in the middle of a line.
        self._out.write(f"{line}\n".encode(self._encoding, "backslashreplace"))
        self._out.flush()

    def _inked(self, text: str, ink: str) -> str:
        return f"{ink}{text}{_RESET}" if self._colour else text


class Ndjson:
    """An object an event: the event's names, and the last answer."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out

    def __call__(self, sent: Sent, at: datetime) -> None:
        """Write one."""
        self._out.write(jsontext.dumps(_facts(sent, at)) + b"\n")
        self._out.flush()


def _facts(sent: Sent, at: datetime) -> dict[str, Any]:
    event, answer = sent.event, sent.answer
    return {
        "at": rfc3339(round(at.timestamp() * 1_000_000)),
        "seq": event.seq,
        "type": event.type,
        "reading": event.reading,
        "message_id": event.message_id,
        "status": answer.status,
        "ms": round(answer.ms, 3),
        "attempt": sent.attempt,
        "error": answer.error,
    }


def _cells(text: str, width: int) -> str:
    return fit(steady(plain(text, width * 2)), width)
