"""What is sent when an event is forwarded or sent again: its exact bytes, its headers, and its signature."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from relay.contract.events import MASKED_HEADERS
from relay.contract.signature import HEADER, sign

STALE_MS = 3_600_000
"""How old a stale signature is: an hour, where Knock suggests to take none above five minutes."""

WRONG_SECRET = "knocktop-wrong-secret"  # noqa: S105 - it is made to be refused
"""What is signed with to test that it is refused."""

HOP_BY_HOP = frozenset(
    {
        "connection",
        "content-length",
        "expect",
        "host",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
"""Headers, in lower case, that are between two ends of one connection: those of ours are our own."""


class Sign(StrEnum):
    """How what is sent is signed, as the flag writes it."""

    AS_RECEIVED = "as-received"
    FRESH = "fresh"
    STALE = "stale"
    TAMPERED = "tampered"
    WRONG_SECRET = "wrong-secret"  # noqa: S105 - the name of a way to sign

    @property
    def words(self) -> str:
        """Say how it is signed."""
        return _WORDS[self]

    @property
    def needs_secret(self) -> bool:
        """It is signed with the developer's own secret."""
        return self in (Sign.FRESH, Sign.STALE, Sign.TAMPERED)

    @property
    def to_refuse(self) -> bool:
        """A handler that checks signatures answers it with 4xx."""
        return self in (Sign.STALE, Sign.TAMPERED, Sign.WRONG_SECRET)


_WORDS = {
    Sign.AS_RECEIVED: "as received",
    Sign.FRESH: "signed afresh",
    Sign.STALE: "signed an hour ago",
    Sign.TAMPERED: "with a signature of other bytes",
    Sign.WRONG_SECRET: "signed with a wrong secret",
}


class NoSecret(ValueError):
    """There is no secret here to sign with."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request that is ready to be sent, but for the headers of the connection.

    `left_out` names the headers that cannot be sent, since the relay shows their values to nobody.
    """

    url: str
    headers: list[tuple[bytes, bytes]]
    body: bytes
    left_out: tuple[str, ...] = ()


def outgoing(
    url: str,
    headers: Sequence[tuple[str, str]],
    body: bytes,
    how: Sign = Sign.AS_RECEIVED,
    *,
    secret: str | None = None,
    now_ms: int = 0,
) -> Outgoing:
    """Give what is sent to `url` for an event: the bytes of `body`, and its end-to-end headers in their order.

    `headers` are those that it came with, as `EventDetail` has them. A signature that is made takes the place of
    the first one; `now_ms` is the time in milliseconds since the epoch. Raises `NoSecret` where one is needed.
    """
    sent = end_to_end(headers)
    left_out = masked(sent)
    sent = [(name, value) for name, value in sent if name.lower() not in MASKED_HEADERS]
    if how is not Sign.AS_RECEIVED:
        sent = _signed(sent, signature(how, body, secret=secret, now_ms=now_ms))
    raw = [(name.encode("latin-1", "replace"), value.encode("latin-1", "replace")) for name, value in sent]
    return Outgoing(url, raw, body, left_out)


def masked(headers: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """Name the end-to-end headers that cannot be sent, since the relay shows their values to nobody."""
    names = (name for name, _ in end_to_end(headers) if name.lower() in MASKED_HEADERS)
    return tuple(dict.fromkeys(names))


def end_to_end(headers: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Leave out the headers of the connection that a request came over, and those that it names."""
    named = {
        option.strip().lower()
        for name, value in headers
        if name.lower() == "connection"
        for option in value.split(",")
    }
    return [(name, value) for name, value in headers if name.lower() not in HOP_BY_HOP | named]


def signature(how: Sign, body: bytes, *, secret: str | None, now_ms: int) -> str:
    """Make the value of the signature's header for a body. Raises `NoSecret`."""
    if how is Sign.WRONG_SECRET:
        return sign(WRONG_SECRET if secret != WRONG_SECRET else WRONG_SECRET[::-1], body, now_ms)
    if not secret:
        raise NoSecret(f"there is no signing secret here to sign {how} with")
    if how is Sign.STALE:
        return sign(secret, body, now_ms - STALE_MS)
    # As if somebody had changed the body on its way: the signature is right, but for what it was before.
    return sign(secret, body if how is Sign.FRESH else body + b" ", now_ms)


def _signed(headers: list[tuple[str, str]], value: str) -> list[tuple[str, str]]:
    """Put a signature in the place of the first one, or at the end where there is none."""
    places = [place for place, (name, _) in enumerate(headers) if name.lower() == HEADER]
    if not places:
        return [*headers, (HEADER, value)]
    first = places[0]
    kept = [header for place, header in enumerate(headers) if place not in places[1:]]
    kept[first] = (headers[first][0], value)
    return kept
