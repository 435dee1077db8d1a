"""Who forwards to which URL: one stream at a time, as long as it is connected, unless it insists."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from relay.contract.forwards import target_of
from relay.contract.moments import rfc3339

_FORWARDER = re.compile(r"[A-Za-z0-9._:-]{1,64}")


class AlreadyForwarded(Exception):
    """Another stream forwards to the same URL; the text says since when."""


class NoTarget(ValueError):
    """A URL that nothing can be forwarded to, or a forwarder's id that is none."""


class _Lease(NamedTuple):
    forwarder: str
    since_us: int


class Leases:
    """The URLs that are being forwarded to.

    `clock` is in microseconds since the epoch; `changed` is called when `targets` may be others.
    """

    def __init__(self, *, clock: Callable[[], int], changed: Callable[[], None]) -> None:
        self._clock = clock
        self._changed = changed
        self._held: dict[str, list[_Lease]] = {}

    @property
    def targets(self) -> tuple[str, ...]:
        """The URLs, the one that was taken first at the front; each once."""
        return tuple(self._held)

    @contextmanager
    def held(self, url: str, forwarder: str | None, *, force: bool) -> Iterator[None]:
        """Hold a URL within the block.

        What the same `forwarder` holds already it takes over: that is a connection of its own which has died,
        though nobody noticed yet. With `force` others may hold the URL beside it. Raises `AlreadyForwarded` or
        `NoTarget`.
        """
        target, lease = _target(url), _Lease(_forwarder(forwarder), self._clock())
        others = [each for each in self._held.get(target, ()) if each.forwarder != lease.forwarder]
        if others and not force:
            raise AlreadyForwarded(
                f"{target} is already forwarded to by another client, since {rfc3339(others[0].since_us)}"
            )
        self._held[target] = [*others, lease]
        self._changed()
        try:
            yield
        finally:
            self._give_back(target, lease)

    def _give_back(self, target: str, lease: _Lease) -> None:
        left = [each for each in self._held[target] if each is not lease] if target in self._held else []
        if left:
            self._held[target] = left
        else:
            self._held.pop(target, None)
        self._changed()


def _target(url: str) -> str:
    target = target_of(url)
    scheme, _, rest = target.partition("://")
    if scheme not in ("http", "https") or not rest or rest.startswith(("/", ":")):
        raise NoTarget("forwarding is the http or https URL that events are sent to")
    return target


def _forwarder(given: str | None) -> str:
    if given is None:
        return secrets.token_hex(8)
    if not _FORWARDER.fullmatch(given):
        raise NoTarget("forwarder is an id of at most 64 letters, digits and . _ : -")
    return given
