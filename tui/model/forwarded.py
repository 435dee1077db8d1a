"""What is said of a forward: what was answered, to what, and the answer itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http import HTTPStatus
from itertools import islice

from relay.contract.api import ForwardItem
from relay.contract.events import MASKED_HEADERS, EventDetail, Forward
from tui.model.answers import ms_text
from tui.model.bodylines import pretty
from tui.model.clock import Clock
from tui.model.environments import Environments
from tui.model.items import Code, Fact, Heading, Item, Note

LINES = 2_000
"""Lines of a body that are shown."""
LINE_LIMIT = 4_000
"""Characters of a line that is no JSON that are shown."""
FEW_LINES = 12
"""Lines of a body that are shown where there are several answers below each other."""
FEW = 20
"""Forwards that are told one below the other, the newest."""

SIGNED = {
    "as-received": ("as received", "byte for byte, with the signature that it came with"),
    "fresh": ("fresh", "with your own secret, then"),
    "stale": ("stale", "with your own secret, but a timestamp that is too old"),
    "tampered": ("tampered", "the signature of other bytes"),
    "wrong-secret": ("wrong secret", "another secret than yours"),
}


def status_words(status: int | None) -> str:
    """Write a status with its phrase: `404 Not Found`; `no answer` for none."""
    if status is None:
        return "no answer"
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def status_ink(status: int | None) -> str:
    """Give the ink of what an answer means."""
    if status is None or status >= 400:
        return "bad"
    return "good" if 200 <= status < 300 else "warn"


def ms_words(ms: float | None) -> str:
    """Write how long an answer took; empty where that is not known."""
    return "" if ms is None else ms_text(ms)


def how_words(forward: Forward) -> str:
    """Say in a few words how it was sent."""
    signed, _ = SIGNED.get(forward.sign or "", (forward.sign or "", ""))
    parts = ("resent" if forward.kind == "resend" else "", signed, "edited" if forward.edited else "")
    return ", ".join(part for part in parts if part)


def told(
    item: ForwardItem,
    forward: Forward | str | None,
    event: EventDetail | None,
    clock: Clock,
    environments: Environments | None = None,
) -> Iterator[Item]:
    """Say all that is known of a forward; without its answer that is still being read, or a text says why not."""
    from tui.model.facts import summary

    yield _answered(item)
    if item.error:
        yield Fact("error", item.error, "bad")
    yield Fact("to", item.url, note=how_words(item), path="target")
    yield Fact("event", f"{item.seq:,}", note=f"{item.type}, {item.reading}", copy=str(item.seq), path="type")
    yield None
    if forward is None:
        yield Note("Reading the answer…")
    elif isinstance(forward, str):
        yield Note(forward, "warn")
    else:
        yield from _answer(forward)
    yield None
    yield Heading("Sending")
    yield from _sending(item, clock)
    if event is not None:
        yield None
        yield from summary(event, clock, environments)


def listed(event: EventDetail, clock: Clock) -> Iterator[Item]:
    """Tell the forwards of an event one below the other, the newest first."""
    for number, forward in enumerate(islice(reversed(event.forwards), FEW)):
        if number:
            yield None
        yield Heading(f"{'Resend' if forward.kind == 'resend' else 'Forward'} {forward.n:,}")
        # What forwards are chosen by on their own screen is nothing that events are filtered by.
        yield _answered(forward)._replace(path=None)
        if forward.error:
            yield Fact("error", forward.error, "bad")
        yield Fact("to", forward.url)
        yield from (fact._replace(path=None) for fact in _sending(forward, clock))
        if forward.body:
            yield from _body(forward.body, FEW_LINES)
    if len(event.forwards) > FEW:
        yield None
        yield Note(f"… and {len(event.forwards) - FEW:,} more before these")


def last_words(event: EventDetail) -> str:
    """Say where the event was forwarded to last, and how long the answer took; foreign text."""
    forward = event.forwards[-1] if event.forwards else None
    if forward is None:
        return ""
    took = f"in {ms_words(forward.ms)}, " if forward.ms is not None and forward.status is not None else ""
    return f"{took}by {forward.url}" if forward.status is not None else f"{forward.url}: {forward.error or ''}"


def _answered(forward: Forward) -> Fact:
    took = f"in {ms_words(forward.ms)}" if forward.ms is not None else ""
    return Fact("answer", status_words(forward.status), status_ink(forward.status), took, path="answer")


def _sending(forward: Forward, clock: Clock) -> Iterator[Fact]:
    yield Fact("sent", clock.full(forward.at), note=_nth(forward), copy=forward.at)
    if forward.sign is not None:
        signed, meaning = SIGNED.get(forward.sign, (forward.sign, ""))
        yield Fact("signed", signed, note=meaning, path="signed")
    if forward.edited:
        yield Fact("body", "edited before it was sent", "warn")
    if forward.attempt > 1:
        yield Fact("attempt", f"{forward.attempt:,}", "warn", "tried again after the one before failed")


def _nth(forward: Forward) -> str:
    kind = "resent by hand" if forward.kind == "resend" else "forwarded as it came"
    return f"{kind}, sending {forward.n:,} of the event"


def _answer(forward: Forward) -> Iterator[Item]:
    if forward.status is None:
        yield Note("There was no answer.")
        return
    if forward.headers is None and forward.body is None:
        yield Note("The answer is not kept any more: an event keeps those of its last 10 forwards.")
        return
    body = forward.body or ""
    size = f"{len(body.encode('utf-8', 'surrogatepass')):,} bytes"
    yield Heading("Body of the answer", f"the first {size}, more was not kept" if forward.truncated else size)
    yield from _body(body, LINES) if body else [Note("It is empty.")]
    yield None
    yield Heading("Headers of the answer", f"{len(forward.headers or ()):,}")
    for name, value in forward.headers or ():
        masked = name.lower() in MASKED_HEADERS
        yield Fact(name, value, "quiet" if masked else "ink", "never shown" if masked else "")


def _body(body: str, most: int) -> Iterator[Item]:
    raw = body.encode("utf-8", "replace")
    is_json = _is_json(body)
    lines = pretty(raw) if is_json else body.split("\n")
    for line in lines[:most]:
        if is_json:
            yield Code(line, body)
        else:
            yield Note(line[:LINE_LIMIT] or " ", "ink", body)
    if len(lines) > most or (not is_json and any(len(line) > LINE_LIMIT for line in lines[:most])):
        left = f"{len(lines) - most:,} more lines" if len(lines) > most else "more"
        yield Note(f"… {left}; y copies all of it", copy=body)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
