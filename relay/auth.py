"""Who may look: the viewer token, and where a browser's request comes from.

A tunnel exposes the whole port, so every path that shows or changes anything needs the token, also on loopback.
"""

from __future__ import annotations

import hmac
import os
import secrets
from collections.abc import Sequence
from pathlib import Path

from relay.settings.files import is_private

PROTECTED = ("/v1", "/metrics", "/openapi.json")


def is_protected(path: str) -> bool:
    """Whether a path needs the token, be it known or not."""
    return any(path == prefix or path.startswith(prefix + "/") for prefix in PROTECTED)


class Gate:
    """Checks the token and the origin of a request; headers are ASGI's, names in lower case."""

    def __init__(self, token: str, allowed_origins: Sequence[str] = ()) -> None:
        self._expected = b"Bearer " + token.encode()
        self._allowed = frozenset(origin.rstrip("/").lower() for origin in allowed_origins)

    def has_token(self, headers: Sequence[tuple[bytes, bytes]]) -> bool:
        """The bearer token is there and right; takes the same time whichever byte is wrong."""
        given = [value for name, value in headers if name == b"authorization"]
        return len(given) == 1 and hmac.compare_digest(_scheme_in_title_case(given[0]), self._expected)

    def allows_origin(self, headers: Sequence[tuple[bytes, bytes]]) -> bool:
        """No browser sent it, or a page of this host or of an allowed one did."""
        found = dict(headers)
        if b"origin" not in found:
            return True
        origin = found[b"origin"].decode("latin-1").rstrip("/").lower()
        host = found.get(b"host", b"").decode("latin-1").lower()
        return origin in self._allowed or (host != "" and origin in (f"http://{host}", f"https://{host}"))


def _scheme_in_title_case(value: bytes) -> bytes:
    scheme, space, rest = value.partition(b" ")
    return scheme.title() + space + rest


def token_of(path: Path, configured: str | None) -> str:
    """The configured token, else the one in the file, else a new one written there for its owner alone.

    A file that others can read is no secret, and may have come with somebody's repository: it is replaced.
    """
    if configured:
        return configured
    try:
        token = path.read_text("utf-8").strip()
        if token and is_private(path):
            return token
        path.unlink()
    except FileNotFoundError:
        pass
    token = secrets.token_urlsafe(32)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(token + "\n")
    return token
