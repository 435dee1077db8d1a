"""Send simulated events, signed as Knock signs: what is asked for, one request after another, and each answer."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from http import HTTPStatus
from random import Random
from typing import Any

import httpx

from relay.contract import jsontext
from relay.contract.text import plain
from tui.simulator import (
    SCENARIOS,
    TYPES,
    Lifecycle,
    Override,
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
_DETAIL_LIMIT = 200
_CLIENT_HEADERS = {"user-agent": "knocktop-trigger", "accept": "*/*", "accept-encoding": "identity"}
_TAKES_NO_EVENTS = {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.NOT_IMPLEMENTED}
_ASTRAY = "nothing takes events at that address: a relay's ends in /webhooks/knock; see `knocktop doctor`"
_UNSIGNED_REFUSED = "the relay has a signing secret, and none is set here: set KNOCKTOP_SIGNING_SECRET to it"
_SIGNED_REFUSED = "the relay knows another signing secret than the one set here: compare KNOCKTOP_SIGNING_SECRET"


@dataclass(frozen=True, slots=True)
class Clock:
    """The time of day, seconds that pass, and how to wait for them."""

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    elapsed: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


CLOCK = Clock()


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

    @property
    def seq(self) -> int | None:
        """The event's seq, where a relay tells it."""
        seq = self._field("seq")
        return seq if isinstance(seq, int) and self.accepted else None

    def __str__(self) -> str:
        detail = self._field("detail") or self._field("title")
        if self.quarantined:
            return f"{self.status} quarantined"
        if self.seq is not None:
            return f"{self.status} seq {self.seq}{', duplicate' if self._field('duplicate') is True else ''}"
        if not self.accepted and isinstance(detail, str):
            return f"{self.status} {plain(detail, _DETAIL_LIMIT)}"
        return f"{self.status} {_phrase(self.status)}".rstrip()

    def _field(self, name: str) -> Any:
        return self.body.get(name) if isinstance(self.body, dict) else None


class CannotSend(ValueError):
    """What was asked for cannot be sent."""


class UnknownName(CannotSend):
    """No event type or scenario is called `name`; `meant` is the one that probably was."""

    def __init__(self, name: str) -> None:
        super().__init__(f"no event type or scenario is called {plain(name)!r}")
        self.name = name
        self.meant = nearest(name)


class Unreachable(Exception):
    """Nothing answers at the URL; `is_relay` where it looks like one of ours."""

    def __init__(self, url: httpx.URL, reason: str) -> None:
        super().__init__(f"{_shown(url)} cannot be reached: {reason}")
        self.is_relay = url.path.startswith(INGEST_PATH)


def ingest_url(relay_url: str) -> str:
    """Return where the relay at `relay_url` takes webhooks."""
    return relay_url.rstrip("/") + INGEST_PATH


def nearest(name: str) -> str | None:
    """Return the type or scenario that was most likely meant: `bounced` is `message.bounced`."""
    lowered = name.lower()
    by_short_name = {type_.partition(".")[2]: type_ for type_ in reversed(TYPES)}
    known = {**by_short_name, **{name: name for name in (*TYPES, *SCENARIOS)}}
    close = get_close_matches(lowered, known, n=1, cutoff=0.6)
    return known[close[0]] if close else None


class Triggering:
    """One order of events, to be sent once.

    `names` are event types or scenarios, sent in their order `count` times over to the URL `to`. `rate` is in
    events a second; without it they follow each other at once. Without a `secret` they go unsigned. Raises
    `CannotSend` and `OverrideError` for what cannot be sent.
    """

    def __init__(
        self,
        names: Sequence[str],
        *,
        to: str,
        secret: str | None,
        count: int = 1,
        rate: float | None = None,
        seed: int | None = None,
        sets: Sequence[str] = (),
        clock: Clock = CLOCK,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        self._url = _url(to)
        overrides = [parse_override(text) for text in sets]
        _check(names, count, rate)
        rng = chance(secrets.randbits(64) if seed is None else seed)
        self._events = _Events(names, count, rng, overrides, clock.now)
        self._secret = secret or None
        self._gap_s = 0.0 if rate is None else 1 / rate
        self._clock = clock
        self._timeout_s = timeout_s
        self._mistrusted = False
        self._astray = False
        self.all_accepted = True
        """No answer so far was another than that the event was taken."""

    @property
    def signs(self) -> bool:
        """There is a secret to sign with."""
        return self._secret is not None

    @property
    def advice(self) -> str:
        """What to do about the answers so far; empty where there is nothing to be done."""
        if self._mistrusted:
            return _SIGNED_REFUSED if self.signs else _UNSIGNED_REFUSED
        return _ASTRAY if self._astray else ""

    async def answers(self) -> AsyncGenerator[tuple[SimulatedEvent, Answer]]:
        """Send them, and give each with its answer. Raises `Unreachable`, `OverrideError` before any is sent."""
        began = self._clock.elapsed()
        async with httpx.AsyncClient(trust_env=False, timeout=self._timeout_s, headers=_CLIENT_HEADERS) as client:
            for number, one in enumerate(self._events):
                await self._await_turn(began + number * self._gap_s)
                try:
                    answer = await self._send(client, one)
                except (httpx.TransportError, TimeoutError) as error:
                    raise Unreachable(self._url, why(error)) from None
                self._note(answer)
                yield one, answer

    async def _await_turn(self, due: float) -> None:
        wait = due - self._clock.elapsed()
        if wait > 0:
            await self._clock.sleep(wait)

    async def _send(self, client: httpx.AsyncClient, one: SimulatedEvent) -> Answer:
        if self._secret is not None:
            one = one.signed(self._secret, int(self._clock.now().timestamp() * 1_000))
        async with (
            asyncio.timeout(self._timeout_s),
            client.stream("POST", self._url, content=one.body, headers=one.headers) as response,
        ):
            return Answer(response.status_code, await _json(response))

    def _note(self, answer: Answer) -> None:
        self.all_accepted = self.all_accepted and answer.accepted
        self._mistrusted = self._mistrusted or answer.quarantined or answer.status == HTTPStatus.UNAUTHORIZED
        self._astray = self._astray or answer.status in _TAKES_NO_EVENTS


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
        raise CannotSend(f"{plain(text)!r} is not a URL: {plain(str(error))}") from None
    if url.scheme not in {"http", "https"} or not url.host:
        raise CannotSend(f"{plain(text)!r} is not a URL that begins with http:// or https://")
    return url


def _check(names: Sequence[str], count: int, rate: float | None) -> None:
    for name in names:
        if name not in SCENARIOS and name not in TYPES:
            raise UnknownName(name)
    if count < 1:
        raise CannotSend(f"--count {count} sends nothing: it is 1 or more")
    if rate is not None and not 0 < rate < float("inf"):
        raise CannotSend(f"--rate {rate:g} is no number of events a second")


def _shown(url: httpx.URL) -> str:
    """The URL without what may be a password in it."""
    return plain(str(url.copy_with(userinfo=b"")))


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
