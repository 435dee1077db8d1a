"""Ids and times as Knock writes them, made from an injected source of chance and an injected time."""

from __future__ import annotations

import string
from datetime import UTC, datetime
from random import Random
from typing import TypeAlias
from uuid import UUID

Seed: TypeAlias = int | Random
"""A number to begin from, or a source of chance to go on with."""

KSUID_EPOCH = 1_400_000_000
KSUID_LENGTH = 27
_KSUID_CHANCE_BYTES = 16
_BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase


def chance(seed: Seed) -> Random:
    """Return the source of chance that `seed` stands for; the same number gives the same draws."""
    return seed if isinstance(seed, Random) else Random(seed)  # noqa: S311 - play, nothing secret is drawn


def ksuid(at: datetime, rng: Random) -> str:
    """Make an id of 27 base62 characters that sorts by the second it was made in."""
    seconds = int(at.timestamp()) - KSUID_EPOCH
    number = (seconds << 8 * _KSUID_CHANCE_BYTES) | rng.getrandbits(8 * _KSUID_CHANCE_BYTES)
    digits = []
    for _ in range(KSUID_LENGTH):
        number, digit = divmod(number, 62)
        digits.append(_BASE62[digit])
    return "".join(reversed(digits))


def uuid(rng: Random) -> str:
    """Make a random UUID."""
    return str(UUID(int=rng.getrandbits(128), version=4))


def token(rng: Random, length: int) -> str:
    """Make a word of base62 characters, such as a device token or a provider's id."""
    return "".join(rng.choices(_BASE62, k=length))


def timestamp(at: datetime) -> str:
    """Write a time in UTC with microseconds, as in `2026-01-31T17:12:59.958652Z`. `at` must know its zone."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
