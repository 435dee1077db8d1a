"""What the relay of a data directory says of itself in `relay.json`."""

from __future__ import annotations

from pathlib import Path

import msgspec

from relay.settings.values import canonical_url


class Record(msgspec.Struct, kw_only=True):
    """The relay that holds, or last held, a data directory."""

    pid: int
    url: str
    version: str | None = None
    log: str | None = None
    started_by: str | None = None


def recorded(path: Path) -> Record | None:
    """Return what `path` says, or None if that cannot be read; the relay itself may be gone all the same."""
    try:
        record = msgspec.json.decode(path.read_bytes(), type=Record)
        record.url = canonical_url(record.url)
    except (OSError, ValueError):
        return None
    return record if record.pid > 0 else None
