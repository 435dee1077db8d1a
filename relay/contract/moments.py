"""Moments in time as both sides write them: UTC, RFC 3339, microseconds, `Z`."""

from __future__ import annotations

from datetime import UTC, datetime

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_cached = (-1, "")


def rfc3339(us: int) -> str:
    """Microseconds since the epoch as `2026-11-23T10:42:00.958652Z`."""
    # Events come many to a second, and writing the date is most of the work.
    global _cached  # noqa: PLW0603 - one tuple, replaced whole, so that threads never see half of it
    second, micros = divmod(us, 1_000_000)
    cached_second, text = _cached
    if second != cached_second:
        text = datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")
        _cached = (second, text)
    return f"{text}.{micros:06d}Z"


def microseconds(text: str) -> int | None:
    """Microseconds since the epoch of an ISO 8601 time, or `None`; without an offset it is UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    delta = moment - _EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds
