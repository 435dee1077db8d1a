"""`knocktop trigger`: send simulated events, signed as Knock signs, to the relay or to any URL."""

from __future__ import annotations

import asyncio
import secrets
import textwrap
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from http import HTTPStatus
from random import Random
from typing import Any, TextIO

import httpx

from relay.contract import jsontext
from relay.contract.text import plain
from tui.cli.choices import WIDTH, scenario_lines
from tui.exitcodes import ExitCode
from tui.simulator import (
    SCENARIOS,
    TYPES,
    Lifecycle,
    Override,
    OverrideError,
    SimulatedEvent,
    event,
    parse_override,
)
from tui.simulator.notation import chance
from tui.unreachable import why

INGEST_PATH = "/webhooks/knock"
TIMEOUT_S = 10.0
"""How long one event may take from connecting to the end of the answer."""

_ANSWER_LIMIT = 64 * 1024
_TYPE_WIDTH = max(map(len, TYPES))
_DETAIL_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Clock:
    """The time of day, seconds that pass, and how to wait for them."""

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    elapsed: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back for one event."""

    status: int
    body: Any
    """The parsed JSON of the answer; `None` where it is none."""

    @property
    def quarantined(self) -> bool:
        return self.status == HTTPStatus.ACCEPTED and self._field("quarantined") is True

    @property
    def accepted(self) -> bool:
        """It is an event now, as far as the answer says."""
        return HTTPStatus(200) <= self.status < HTTPStatus(300) and not self.quarantined

    def __str__(self) -> str:
        seq, detail = self._field("seq"), self._field("detail") or self._field("title")
        if self.quarantined:
            return f"{self.status} quarantined"
        if self.accepted and isinstance(seq, int):
            return f"{self.status} seq {seq}{', duplicate' if self._field('duplicate') is True else ''}"
        if not self.accepted and isinstance(detail, str):
            return f"{self.status} {plain(detail, _DETAIL_LIMIT)}"
        return f"{self.status} {_phrase(self.status)}".rstrip()

    def _field(self, name: str) -> Any:
        return self.body.get(name) if isinstance(self.body, dict) else None


class UsageError(ValueError):
    """What was asked for cannot be sent; `hint` says what can."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


def ingest_url(relay_url: str) -> str:
    """Return where the relay at `relay_url` takes webhooks."""
    return relay_url.rstrip("/") + INGEST_PATH


def choices() -> str:
    """Return all that can be triggered, as text for an error or for help."""
    types = textwrap.fill(", ".join(TYPES), WIDTH, initial_indent="  ", subsequent_indent="  ")
    return "\n".join(("event types:", types, "scenarios:", *scenario_lines()))


def nearest(name: str) -> str | None:
    """Return the type or scenario that was most likely meant: `bounced` is `message.bounced`."""
    lowered = name.lower()
    by_short_name = {type_.partition(".")[2]: type_ for type_ in reversed(TYPES)}
    known = {**by_short_name, **{name: name for name in (*TYPES, *SCENARIOS)}}
    close = get_close_matches(lowered, known, n=1, cutoff=0.6)
    return known[close[0]] if close else None


async def trigger(
    names: str | Sequence[str],
    *,
    to: str,
    secret: str | None,
    count: int = 1,
    rate: float | None = None,
    seed: int | None = None,
    sets: Sequence[str] = (),
    out: TextIO,
    err: TextIO,
    clock: Clock = Clock(),
) -> int:
    """Send the events that `names` (event types or scenarios) stand for to the URL `to`, `count` times over.

    Writes a line an event to `out` and everything else to `err`. `rate` is in events a second; without it they
    follow each other at once. Without a `secret` they go unsigned. Returns the exit code: 0 when each was accepted
    as an event, 1 when an answer was another, 2 for what cannot be sent, 16 when nothing answers.
    """
    names = [names] if isinstance(names, str) else names
    try:
        url = _url(to)
        overrides = [parse_override(text) for text in sets]
        _check(names, count, rate)
        events = _Events(
            names, count, chance(secrets.randbits(64) if seed is None else seed), overrides, clock.now
        )
        return await _Sender(url, secret or None, rate, out, err, clock).send_all(events)
    except OverrideError as error:
        _complain(err, f"--set {error}")
    except UsageError as error:
        _complain(err, str(error), error.hint)
    return ExitCode.USAGE


class _Events:
    """The events to send, each round of them made when its turn comes, so that its times are of that moment."""

    def __init__(
        self,
        names: Sequence[str],
        count: int,
        rng: Random,
        overrides: Sequence[Override],
        now: Callable[[], datetime],
    ) -> None:
        self._names = names
        self._count = count
        self._rng = rng
        self._overrides = overrides
        self._now = now
        self._last: datetime | None = None

    def __iter__(self) -> Iterator[SimulatedEvent]:
        for _ in range(self._count):
            yield from [one for name in self._names for one in self._of(name)]

    def _of(self, name: str) -> list[SimulatedEvent]:
        if name in SCENARIOS:
            return list(Lifecycle.ending(name, self._moment(), seed=self._rng, overrides=self._overrides))
        return [event(name, seed=self._rng, now=self._moment(), overrides=self._overrides)]

    def _moment(self) -> datetime:
        """Now, but never the same twice: two events of one entity are told apart by their time."""
        now = self._now()
        if self._last is not None and now <= self._last:
            now = self._last + timedelta(microseconds=1)
        self._last = now
        return now


class _Sender:
    """Sends events one after another and says of each what became of it."""

    def __init__(
        self, url: httpx.URL, secret: str | None, rate: float | None, out: TextIO, err: TextIO, clock: Clock
    ) -> None:
        self._url = url
        self._secret = secret
        self._gap_s = 0.0 if rate is None else 1 / rate
        self._out = out
        self._err = err
        self._clock = clock
        self._all_accepted = True
        self._mistrusted = False
        self._astray = False

    async def send_all(self, events: _Events) -> int:
        began = self._clock.elapsed()
        async with httpx.AsyncClient(trust_env=False, timeout=TIMEOUT_S, headers=_CLIENT_HEADERS) as client:
            for number, one in enumerate(events):
                await self._await_turn(began + number * self._gap_s)
                try:
                    answer = await self._send(client, one)
                except (httpx.TransportError, TimeoutError) as error:
                    hint = _NO_RELAY if self._url.path.startswith(INGEST_PATH) else ""
                    _complain(self._err, f"{_shown(self._url)} cannot be reached: {why(error)}", hint)
                    return ExitCode.UNREACHABLE
                self._note(one, answer)
        return self._conclude()

    async def _await_turn(self, due: float) -> None:
        wait = due - self._clock.elapsed()
        if wait > 0:
            await self._clock.sleep(wait)

    async def _send(self, client: httpx.AsyncClient, one: SimulatedEvent) -> Answer:
        if self._secret is not None:
            one = one.signed(self._secret, int(self._clock.now().timestamp() * 1_000))
        async with (
            asyncio.timeout(TIMEOUT_S),
            client.stream("POST", self._url, content=one.body, headers=one.headers) as response,
        ):
            return Answer(response.status_code, await _json(response))

    def _note(self, one: SimulatedEvent, answer: Answer) -> None:
        self._all_accepted = self._all_accepted and answer.accepted
        self._mistrusted = self._mistrusted or answer.quarantined or answer.status == HTTPStatus.UNAUTHORIZED
        self._astray = self._astray or answer.status in _TAKES_NO_EVENTS
        print(f"{plain(one.type):<{_TYPE_WIDTH}}  {answer}", file=self._out, flush=True)

    def _conclude(self) -> int:
        if self._mistrusted:
            _hint(self._err, _UNSIGNED_REFUSED if self._secret is None else _SIGNED_REFUSED)
        elif self._astray:
            _hint(self._err, _ASTRAY)
        elif self._secret is None:
            print(_UNSIGNED, file=self._err)
        return ExitCode.DONE if self._all_accepted else ExitCode.FAILED


_CLIENT_HEADERS = {"user-agent": "knocktop-trigger", "accept": "*/*", "accept-encoding": "identity"}
_NO_RELAY = "start a relay with: knocktop relay"
_TAKES_NO_EVENTS = {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.NOT_IMPLEMENTED}
_ASTRAY = "nothing takes events at that address: a relay's ends in /webhooks/knock; see `knocktop doctor`"
_UNSIGNED = "sent unsigned, as no signing secret is set here: a relay shows these events as unverified"
_UNSIGNED_REFUSED = "the relay has a signing secret, and none is set here: set KNOCKTOP_SIGNING_SECRET to it"
_SIGNED_REFUSED = "the relay knows another signing secret than the one set here: compare KNOCKTOP_SIGNING_SECRET"


async def _json(response: httpx.Response) -> Any:
    """The JSON of an answer, however long the answer goes on."""
    body = b""
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > _ANSWER_LIMIT:
            return None
    try:
        return jsontext.loads(body)
    except jsontext.JsonError:
        return None


def _url(text: str) -> httpx.URL:
    try:
        url = httpx.URL(text)
    except (httpx.InvalidURL, ValueError) as error:
        raise UsageError(f"{plain(text)!r} is not a URL: {plain(str(error))}") from None
    if url.scheme not in {"http", "https"} or not url.host:
        raise UsageError(f"{plain(text)!r} is not a URL that begins with http:// or https://")
    return url


def _check(names: Sequence[str], count: int, rate: float | None) -> None:
    for name in names:
        if name not in SCENARIOS and name not in TYPES:
            raise UsageError(*_unknown(name))
    if count < 1:
        raise UsageError(f"--count {count} sends nothing: it is 1 or more")
    if rate is not None and not 0 < rate < float("inf"):
        raise UsageError(f"--rate {rate:g} is no number of events a second")


def _unknown(name: str) -> tuple[str, str]:
    """What is wrong with a name, and the way on."""
    meant = nearest(name)
    hint = (
        f"did you mean {meant}?" if meant else "any other type is sent with: trigger message.sent --set type=NAME"
    )
    return (
        f"no event type or scenario is called {plain(name)!r}",
        f"{hint}\nhint: knocktop trigger --help lists them all",
    )


def _shown(url: httpx.URL) -> str:
    """The URL without what may be a password in it."""
    return plain(str(url.copy_with(userinfo=b"")))


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _complain(err: TextIO, message: str, hint: str = "") -> None:
    print(f"error: {plain(message)}", file=err)
    if hint:
        _hint(err, hint)


def _hint(err: TextIO, hint: str) -> None:
    print(f"hint: {hint}", file=err)
