"""What an app answered to an event that was sent again: whether it is what a right handler answers, and twice."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Literal, NamedTuple

from relay.contract.text import plain
from tui.model import diff

if TYPE_CHECKING:
    from tui.forward.request import Sign
    from tui.forward.send import Answer

Expected = Literal["accept", "refuse"]
NOT_COMPARED = "time and headers are not compared"

_ERROR_LIMIT = 200


class Judged(NamedTuple):
    """An answer in words, the `ink` of what it means, and whether it was the expected one; None for no matter."""

    words: str
    ink: Literal["good", "warn", "bad"]
    right: bool | None


def expected(how: Sign, *, edited: bool = False) -> Expected | None:
    """Say what a right handler does; None where it may do either.

    What is sent as it came is refused by a handler that looks at the age of a signature, and taken by others.
    """
    if how.to_refuse:
        return "refuse"
    if how.needs_secret:
        return "accept"
    return "refuse" if edited else None


def judged(answer: Answer, awaited: Expected | None) -> Judged:
    """Hold an answer against what a right handler does."""
    status = answer.status
    if status is None:
        return Judged(f"no answer: {plain(answer.error or '', _ERROR_LIMIT)}", "bad", False)
    broke = f"; {plain(answer.error, _ERROR_LIMIT)}" if answer.error else ""
    if awaited == "refuse":
        if 400 <= status < 500:
            return Judged(f"refused, as is right{broke}", "good", True)
        if answer.taken:
            return Judged(f"NOT REFUSED: a right handler answers 4xx{broke}", "bad", False)
        return Judged(f"neither taken nor refused: a right handler answers 4xx{broke}", "bad", False)
    if answer.taken:
        return Judged(f"taken{broke}", "warn" if broke else "good", not broke if awaited else None)
    if awaited == "accept":
        return Judged(f"not taken: a right handler answers 2xx{broke}", "bad", False)
    return Judged(f"not taken{broke}", "warn", None)


def status_text(answer: Answer) -> str:
    """Write a status with its phrase: `404 Not Found`."""
    if answer.status is None:
        return "none"
    try:
        return f"{answer.status} {HTTPStatus(answer.status).phrase}"
    except ValueError:
        return str(answer.status)


def body_text(answer: Answer) -> str:
    """Say what an answer's body is: its text in one line, or that there is none."""
    if answer.status is None:
        return "none"
    if not answer.body:
        return "empty"
    return answer.body + (" … cut" if answer.truncated else "")


def ms_text(ms: float) -> str:
    """Write how long an answer took."""
    if ms >= 1_000:
        return f"{ms / 1_000:.1f} s"
    return f"{ms:.0f} ms" if ms >= 10 else f"{ms:.1f} ms"


class Twice(NamedTuple):
    """The answers to the same request, sent twice, and in what they differ."""

    first: Answer
    second: Answer
    differs: tuple[Literal["status", "body"], ...]
    bodies: diff.Compared

    @property
    def note(self) -> str:
        """Say what was left out of the comparison, and how far it went."""
        cut = self.first.truncated or self.second.truncated
        return NOT_COMPARED + ("; of the bodies only what is kept, the first 64 KiB" if cut else "")


def twice(first: Answer, second: Answer) -> Twice:
    """Compare two answers: their statuses, and their bodies value by value where they are JSON."""
    bodies = diff.compare(_bytes(first), _bytes(second))
    # One that broke off behind its status is another answer than one that came whole, whatever came of it.
    broke = (first.error is None) != (second.error is None)
    status: tuple[Literal["status"], ...] = ("status",) if first.status != second.status else ()
    body: tuple[Literal["body"], ...] = ("body",) if bodies.paths or (broke and not status) else ()
    return Twice(first, second, (*status, *body), bodies)


def _bytes(answer: Answer) -> bytes:
    return (answer.body or "").encode("utf-8", "surrogatepass")
