"""What the dashboard keeps between its runs, in a file that several dashboards may read and write at once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from copy import copy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple, Self, TypeAlias

from relay.contract import jsontext

HISTORY = 200
"""Filters that the history holds; the oldest are forgotten first."""
TARGETS = 20
"""Places that events were sent to, of which the oldest are forgotten first, too."""
ENTRIES = 500
"""Entries that any other list or table holds, for the same reason."""
LONGEST = 4_096
"""Characters that a text may have: as many as a filter."""

_FORMAT = 1
_FILE_LIMIT = 16 << 20
_LOCK_S = 0.5
_LEVELS = 50


@dataclass(slots=True, kw_only=True)
class State:
    """What a user set; an empty text or list leaves the choice to the dashboard. `path` is where it is kept.

    The newest of `filter_history` is its last. `filters` are the saved ones by name, `picked` the types that
    narrow the stream, `marks` the marked seqs by the id of their log. `targets` are the places that events were
    sent to again, the newest last.
    """

    path: Path
    filter_history: list[str] = field(default_factory=list)
    filters: dict[str, str] = field(default_factory=dict)
    marks: dict[str, int] = field(default_factory=dict)
    picked: list[str] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    targets: list[str] = field(default_factory=list)
    theme: str = ""
    span: str = ""
    detail: Literal["auto", "open", "closed"] = "auto"
    mouse: bool = True
    _kept: dict[str, Any] = field(init=False, default_factory=dict, repr=False, compare=False)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read `path`; what is missing there, damaged, or only a newer version understands is as at the start."""
        state = cls(path=path)
        for name, value in _known(_read(path) or {}).items():
            setattr(state, name, value)
        state._kept = state._values()
        return state

    def remember(self, filter_text: str) -> None:
        """Put a filter at the end of the history, where it stands only once."""
        if _text(filter_text):
            self.filter_history = _appended(self.filter_history, [filter_text])

    def remember_target(self, url: str) -> None:
        """Put a place that events were sent to at the end of those, where it stands only once."""
        if _text(url):
            self.targets = _appended(self.targets, [url])[-TARGETS:]

    def save(self) -> None:
        """Write what changed here since the last time, and leave what other dashboards changed meanwhile.

        Their filters join ours in the history and among the saved ones, and their marks ours. What this version
        does not know stays in the file. Where nothing changed, nothing is written. Raises `OSError`.
        """
        mine = self._values()
        changed = [name for name, value in mine.items() if name not in self._kept or value != self._kept[name]]
        if not changed:
            return
        # Only who saves pays for this import: it takes longer than to read the file before the first paint.
        from filelock import FileLock

        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with FileLock(_beside(self.path, "lock"), timeout=_LOCK_S, mode=0o600):
            written = self._written()
            theirs = _known(written)
            for name in changed:
                merged = _KINDS[name].merge(self._kept.get(name), mine[name], theirs.get(name))
                written[name] = mine[name] = merged
            _write(self.path, jsontext.dumps({"format": _FORMAT, **written}))
        for name in changed:
            setattr(self, name, mine[name])
        self._kept = self._values()

    def _values(self) -> dict[str, Any]:
        return {name: copy(getattr(self, name)) for name in _KINDS}

    def _written(self) -> dict[str, Any]:
        """Return what is in the file; one that cannot be read is put aside, since saved filters are work."""
        found = _read(self.path)
        if found is None and self.path.exists():
            self.path.replace(_beside(self.path, "damaged"))
        return found or {}


Table: TypeAlias = dict[str, Any]


class _Kind(NamedTuple):
    """How a value is read from JSON, `None` where it is none; and merged: as it was, ours, theirs if there is."""

    read: Callable[[Any], Any]
    merge: Callable[[Any, Any, Any], Any]


def _ours(_was: Any, ours: Any, _theirs: Any) -> Any:
    return ours


def _merged_history(was: list[str] | None, ours: list[str], theirs: list[str] | None) -> list[str]:
    """Add what is new here to theirs, and drop from it what was dropped here."""
    before = list(was or ())
    old = iter(before)
    # What still stands in the old order was there before; from the first that does not, all was put at the end.
    kept = next((place for place, text in enumerate(ours) if text not in old), len(ours))
    dropped = set(before) - set(ours)
    return _appended([text for text in theirs or () if text not in dropped], ours[kept:])


def _merged_table(was: Table | None, ours: Table, theirs: Table | None) -> Table:
    before = was or {}
    stay = {name: value for name, value in (theirs or {}).items() if name in ours or name not in before}
    new = {name: value for name, value in ours.items() if name not in before or before[name] != value}
    return _last({name: value for name, value in stay.items() if name not in new} | new)


def _appended(history: Iterable[str], new: list[str]) -> list[str]:
    """Return the history with `new` at its end, each text once, where it stood last."""
    latest = dict.fromkeys(reversed([*history, *new]))
    return list(reversed(list(latest)[:HISTORY]))


def _last(table: dict[str, Any]) -> dict[str, Any]:
    return dict(list(table.items())[-ENTRIES:])


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and 0 < len(value) <= LONGEST else None


def _texts(value: Any) -> list[str] | None:
    return [text for text in value if _text(text)][-ENTRIES:] if isinstance(value, list) else None


def _history(value: Any) -> list[str] | None:
    texts = _texts(value)
    return None if texts is None else _appended(texts, [])


def _filters(value: Any) -> dict[str, str] | None:
    if not isinstance(value, dict):
        return None
    return _last({name: text for name, text in value.items() if _text(name) and _text(text)})


def _marks(value: Any) -> dict[str, int] | None:
    if not isinstance(value, dict):
        return None
    return _last({log: seq for log, seq in value.items() if _text(log) and type(seq) is int and seq > 0})


def _detail(value: Any) -> str | None:
    return value if value in ("auto", "open", "closed") else None


def _switch(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


_KINDS: Mapping[str, _Kind] = {
    "filter_history": _Kind(_history, _merged_history),
    "filters": _Kind(_filters, _merged_table),
    "marks": _Kind(_marks, _merged_table),
    "picked": _Kind(_texts, _ours),
    "columns": _Kind(_texts, _ours),
    "targets": _Kind(_history, _merged_history),
    "theme": _Kind(_text, _ours),
    "span": _Kind(_text, _ours),
    "detail": _Kind(_detail, _ours),
    "mouse": _Kind(_switch, _ours),
}
"""Every value that is kept, by its name in the class and in the file."""


def _known(written: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that this version understands."""
    values = {name: kind.read(written[name]) for name, kind in _KINDS.items() if name in written}
    return {name: value for name, value in values.items() if value is not None}


def _read(path: Path) -> dict[str, Any] | None:
    """Return the object in the file, `None` where there is none or it cannot be read."""
    try:
        with path.open("rb") as file:
            value = jsontext.loads(file.read(_FILE_LIMIT), _LEVELS)
    except (OSError, jsontext.JsonError):
        return None
    return value if isinstance(value, dict) else None


def _write(path: Path, data: bytes) -> None:
    """Replace the file at once, so that whoever reads it, also after a crash, finds the old one or the new one."""
    part = _beside(path, "part")
    part.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(f"{path.name}.{ending}")
