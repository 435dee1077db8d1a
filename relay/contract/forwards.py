"""Limits and words of forwards, which both sides go by."""

from __future__ import annotations

import urllib.parse
from typing import Literal, TypeAlias

from msgspec.structs import replace

from relay.contract.events import Forward

Sign: TypeAlias = Literal["as-received", "fresh", "stale", "tampered", "wrong-secret"]
"""How an event is signed when it is sent again."""

Kind: TypeAlias = Literal["forward", "resend"]
"""Whether it was sent as it came, or because somebody asked for it."""

BODY_LIMIT = 64 << 10
"""Bytes of an answer's body, in UTF-8, that are kept."""
HEADERS_LIMIT = 64 << 10
"""Bytes of an answer's headers, in UTF-8, that are kept."""
URL_LIMIT = 2_048
ERROR_LIMIT = 1_024
"""Characters."""


def without_credentials(url: str) -> str:
    """A URL as it may be stored and shown: without `user:password@`, and cut."""
    start = url.find("//")
    end = min((at for at in (url.find(mark, start + 2) for mark in "/?#\\") if at >= 0), default=len(url))
    if start < 0:
        return url.rpartition("@")[2][:URL_LIMIT]
    host = url[start + 2 : end].rpartition("@")[2]
    return f"{url[: start + 2]}{host}{url[end:]}"[:URL_LIMIT]


def target_of(url: str) -> str:
    """A target as it is compared: scheme and host in lower case, no usual port, no fragment, no credentials."""
    shown = without_credentials(url.strip())
    try:
        parts = urllib.parse.urlsplit(shown)
        port = parts.port
    except ValueError:
        return shown
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    place = host if port in (None, usual) else f"{host}:{port}"
    return urllib.parse.urlunsplit((parts.scheme, place, parts.path or "/", parts.query, ""))


def fitted(forward: Forward) -> Forward:
    """A forward as the relay takes it: what is too much of an answer is cut, and credentials are."""
    body = forward.body and _cut(forward.body, BODY_LIMIT)
    return replace(
        forward,
        url=without_credentials(forward.url),
        headers=forward.headers and _first_headers(forward.headers),
        body=body,
        error=forward.error and forward.error[:ERROR_LIMIT],
        truncated=forward.truncated or body != forward.body,
    )


def size_of(text: str) -> int:
    """Bytes of a text in UTF-8; half of a surrogate pair is three."""
    return len(text.encode("utf-8", "surrogatepass"))


def _cut(text: str, limit: int) -> str:
    raw = text.encode("utf-8", "surrogatepass")
    if len(raw) <= limit:
        return text
    # Not within a character: its later bytes begin with 10.
    while limit and raw[limit] & 0xC0 == 0x80:
        limit -= 1
    return raw[:limit].decode("utf-8", "surrogatepass")


def _first_headers(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    kept: list[tuple[str, str]] = []
    left = HEADERS_LIMIT
    for name, value in headers:
        left -= size_of(name) + size_of(value)
        if left < 0:
            break
        kept.append((name, value))
    return kept
