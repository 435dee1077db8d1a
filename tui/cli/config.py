"""`knocktop config`: every setting, its value and where it came from; every path in use."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple, TextIO

import msgspec

from relay.contract.quantities import format_duration, format_size
from relay.contract.signature import Secret
from relay.contract.text import plain
from relay.settings import Loaded, Origin, SecretStr, Settings, dotted
from relay.settings.sources import INTERNAL, PREFIX
from tui.cli.report import hint, say

_UNSET = "not set"


class Row(NamedTuple):
    """One setting: its key, its value, the same as text that may be shown, and its origin."""

    key: str
    value: Any
    shown: str
    origin: Origin


def config(loaded: Loaded, *, as_json: bool = False, out: TextIO | None = None) -> None:
    """Print the settings in force and the paths in use to `out`, as columns or as one JSON object."""
    out = sys.stdout if out is None else out
    if as_json:
        out.write(msgspec.json.format(msgspec.json.encode(_document(loaded)), indent=2).decode() + "\n")
    else:
        out.writelines(f"{line}\n" for line in _columns(loaded))
    for name in loaded.unused:
        say(f"{name} means nothing to this version")
        known = [PREFIX + field.name.upper() for field in fields(Settings)]
        if close := get_close_matches(name, known, n=1):
            hint(f"did you mean {close[0]}?")


def rows(loaded: Loaded) -> Iterator[Row]:
    """Give every setting, and of a table every value; a secret as the ids of what it holds."""
    for field in fields(Settings):
        if field.name in INTERNAL:
            continue
        value = getattr(loaded.settings, field.name)
        if isinstance(value, dict) and value:
            yield from _table(loaded, field.name, value)
        else:
            yield Row(field.name, value, _shown(field.name, value), loaded.origins[field.name])


def paths(loaded: Loaded) -> Mapping[str, Path]:
    """Return every path in use by its name, whether there is something or not."""
    files = loaded.settings.files
    return {
        "project file": loaded.project_file,
        "user file": loaded.user_file,
        "data directory": files.directory,
        "event log": files.log,
        "viewer token": files.token,
        "added secrets": files.secrets,
        "running relay": files.relay,
        "lock": files.lock,
        "relay log": files.relay_log,
        "dashboard log": files.tui_log,
        "tunnel log": files.tunnel_log,
        "dashboard state": files.dashboard,
    }


def _table(loaded: Loaded, name: str, table: Mapping[str, Any]) -> Iterator[Row]:
    for key, entry in table.items():
        values: dict[tuple[str, ...], Any] = {(name, key): entry}
        if is_dataclass(entry):
            values = {(name, key, field.name): getattr(entry, field.name) for field in fields(entry)}
        for path, value in values.items():
            if origin := loaded.origins.get(dotted(path)):
                yield Row(dotted(path), value, _shown(name, value), origin)


def _shown(name: str, value: Any) -> str:
    """Return a value as it is written in a file; secrets do not show."""
    match value:
        case None | "" | [] | {}:
            return _UNSET
        case SecretStr():
            return "set, " + ", ".join(f"id {id_}" for id_ in _ids(value))
        case bool():
            return str(value).lower()
        case timedelta():
            return format_duration(value)
        case int() if name == "retention_size":
            return format_size(value)
        case list():
            return ", ".join(value)
    return str(value)


def _ids(value: SecretStr) -> list[str]:
    return [Secret(part.strip()).id for part in value.get_secret_value().split(",") if part.strip()]


def _columns(loaded: Loaded) -> Iterator[str]:
    lines = [(plain(row.key), plain(row.shown), plain(str(row.origin))) for row in rows(loaded)]
    widths = [max(len(line[column]) for line in lines) for column in (0, 1)]
    for key, value, origin in lines:
        yield f"{key:<{widths[0]}}  {value:<{widths[1]}}  {origin}"
    yield ""
    named = paths(loaded)
    width = max(map(len, named))
    for name, path in named.items():
        yield f"{name:<{width}}  {plain(str(path))}{'' if path.exists() else '  (none)'}"


def _document(loaded: Loaded) -> dict[str, Any]:
    return {
        "settings": {row.key: {"value": _raw(row), **_origin(row.origin)} for row in rows(loaded)},
        "paths": {name: {"path": str(path), "exists": path.exists()} for name, path in paths(loaded).items()},
    }


def _raw(row: Row) -> Any:
    """Return a value as JSON has it; sizes are bytes, and what JSON has no type for is the text that is shown."""
    return row.value if row.value is None or isinstance(row.value, bool | int | str | list | dict) else row.shown


def _origin(origin: Origin) -> dict[str, Any]:
    place = {"file": str(origin.file), "line": origin.line} if origin.file else {}
    name = {"name": origin.name} if origin.name else {}
    return {"origin": origin.kind, **name, **place}
