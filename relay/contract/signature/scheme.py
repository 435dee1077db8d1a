"""The scheme: base64(HMAC-SHA256(secret, t + "." + raw body)), sent as `t=<unix ms>,s=<base64>`.

The key is the secret's text in UTF-8, nothing stripped and nothing decoded; `t` is signed as the text that it is.
"""

from __future__ import annotations

import hmac
from binascii import b2a_base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from hmac import compare_digest
from typing import NamedTuple

from relay.contract.events import Verdict

HEADER = "x-knock-signature"

TOLERANCE_MS = 300_000
"""How far `t` may be from now, either way."""

MAX_HEADER = 1_024
"""Characters of a header that is read at all; Knock's have 61."""

_MAX_DIGITS = 18
"""Longer numbers fit neither a 64-bit integer nor any clock."""


@dataclass(frozen=True, slots=True)
class Secret:
    """A signing secret, and the endpoint it belongs to; its value never shows in a repr.

    `id` is the first 8 hex digits of its SHA-256, `key` the bytes to sign with. Raises `ValueError` for an empty
    value, since anyone could sign with that.
    """

    value: str = field(repr=False)
    endpoint: str | None = None
    id: str = field(init=False, compare=False)
    key: bytes = field(init=False, compare=False, repr=False)
    _keyed: hmac.HMAC = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        if not self.value:
            raise ValueError("a signing secret can't be empty")
        key = self.value.encode("utf-8", "surrogatepass")
        object.__setattr__(self, "id", sha256(key).hexdigest()[:8])
        object.__setattr__(self, "key", key)
        object.__setattr__(self, "_keyed", hmac.new(key, digestmod="sha256"))

    def signature(self, t: bytes, body: bytes) -> bytes:
        """The base64 text that `s` has to be."""
        # A copy of the keyed state costs less than to begin anew, and a large body need not be joined to its `t`.
        mac = self._keyed.copy()
        mac.update(t + b".")
        mac.update(body)
        return b2a_base64(mac.digest(), newline=False)


class Check(NamedTuple):
    """Outcome of one check: `secret_id` of the secret that fitted, `t_ms` where `t` could be read."""

    verdict: Verdict
    secret_id: str | None
    t_ms: int | None


def sign(secret: str, body: bytes, t_ms: int) -> str:
    """The value of the header for a body, signed at `t_ms` milliseconds since the epoch."""
    t = str(t_ms)
    return f"t={t},s={Secret(secret).signature(t.encode(), body).decode()}"


def check(header: str | None, body: bytes, secrets: Sequence[Secret], now_ms: int) -> Check:
    """Say whether one of `secrets` signed the raw `body`; never raises, whatever the header.

    Without secrets there is nothing to check: `unverified`, with or without a header. A right signature over a `t`
    that is not a whole number is `stale`: one of our secrets signed these bytes, and nothing says when.
    """
    if not header or header.isspace():
        return Check(Verdict.MISSING_SIGNATURE if secrets else Verdict.UNVERIFIED, None, None)
    t, signatures = read_header(header)
    t_ms = milliseconds(t)
    if not secrets:
        return Check(Verdict.UNVERIFIED, None, t_ms)
    signed = t.encode("utf-8", "surrogatepass")
    sent = [signature.encode("utf-8", "surrogatepass") for signature in signatures]
    for secret in secrets if t and sent else ():
        right = secret.signature(signed, body)
        for signature in sent:
            if compare_digest(signature, right):
                fresh = t_ms is not None and abs(now_ms - t_ms) <= TOLERANCE_MS
                return Check(Verdict.VERIFIED if fresh else Verdict.STALE, secret.id, t_ms)
    return Check(Verdict.BAD_SIGNATURE, None, t_ms)


def read_header(header: str) -> tuple[str, list[str]]:
    """The first `t` of a header and every `s`, in any order, among any other parts; empty where there is none."""
    t = ""
    signatures = []
    # Base64 ends in "=", so that a part is cut at its first one only.
    for part in header.split(",") if len(header) <= MAX_HEADER else ():
        name, _, value = part.partition("=")
        name = name.strip()
        if name == "s":
            signatures.append(value.strip())
        elif name == "t" and not t:
            t = value.strip()
    return t, signatures


def milliseconds(t: str) -> int | None:
    """The number that `t` is, if it is one."""
    return int(t) if t.isascii() and t.isdigit() and len(t) <= _MAX_DIGITS else None
