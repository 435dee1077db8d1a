"""Where events are sent: a URL that the user named, and nothing else."""

from __future__ import annotations

from urllib.parse import urlsplit

from relay.contract.forwards import URL_LIMIT, without_credentials
from relay.contract.text import plain

_SHOWN = 200


class NoTarget(ValueError):
    """A text names no place that events can be sent to; the message says why in one line."""


def target(text: str) -> str:
    """Give the URL that a text names, with its white space around it removed. Raises `NoTarget`."""
    url = text.strip()
    if not url:
        raise NoTarget("a URL is needed, such as http://127.0.0.1:3000/webhooks")
    shown = repr(plain(without_credentials(url), _SHOWN))
    if len(url) > URL_LIMIT or not url.isprintable() or " " in url:
        raise NoTarget(f"{shown} is not a URL")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise NoTarget(f"{shown} is not a URL: {plain(str(error), _SHOWN)}") from None
    if parts.scheme.lower() not in ("http", "https") or not host:
        raise NoTarget(f"{shown} is not a URL that begins with http:// or https://")
    return url


def shown(url: str) -> str:
    """Write a URL for people: without what may be a password in it."""
    return plain(without_credentials(url), _SHOWN)
