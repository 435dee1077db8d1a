"""From flags, environment and files to one `Settings`, knowing of every value where it came from.

The project file comes with a cloned repository, so it may not name what acts or opens doors: no program, no
secret, no token. Whatever else is wrong in a file is refused with its line.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

import platformdirs
from pydantic import BaseModel, ValidationError

from relay.contract.text import plain
from relay.settings.errors import SettingsError
from relay.settings.model import Endpoint, Environment, RelayAccess, Settings
from relay.settings.tomllines import KeyPath, fault_of, line_of, lines_of
from relay.settings.values import canonical_url

PREFIX = "KNOCKTOP_"
PROJECT_FILE = "knocktop.toml"
USER_FILE = "config.toml"

_SHOWN_VALUE = 60
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value came from; `name` is the flag or the variable, `file` and `line` the place in a file."""

    kind: Literal["flag", "environment", "project file", "user file", "default"]
    name: str | None = None
    file: Path | None = None
    line: int | None = None

    def __str__(self) -> str:
        if self.file is not None:
            return f"{self.file}:{self.line}"
        return self.name or self.kind


@dataclass(frozen=True, slots=True)
class Loaded:
    """The settings in force, where each came from, and what was looked at.

    `origins` has a key for every setting, and one for every value within a table (``keys.quit``). `unused` are
    variables with our prefix that mean nothing to this version.
    """

    settings: Settings
    origins: dict[str, Origin]
    project_file: Path
    user_file: Path
    unused: tuple[str, ...] = ()


def load(
    flags: Mapping[str, Any] | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    user_config_dir: Path | None = None,
) -> Loaded:
    """Return the settings: flag, then environment, then project file, then user file, then default.

    `flags` are named as the settings are; None means not given. Raises `SettingsError`.
    """
    environ = os.environ if environ is None else environ
    cwd = Path.cwd() if cwd is None else cwd
    user_config_dir = platformdirs.user_config_path("knocktop") if user_config_dir is None else user_config_dir
    project_file, user_file = cwd / PROJECT_FILE, user_config_dir / USER_FILE
    variables, unused = _variables(environ)
    layers = [
        _File(user_file, "user file").read(),
        _File(project_file, "project file").read(),
        _layer(variables, {(name,): Origin("environment", _variable(name)) for name in variables}, cwd),
        _layer(_given(flags or {}), {(name,): Origin("flag", _flag(name)) for name in flags or {}}, cwd),
    ]
    values: dict[str, Any] = {}
    origins = {name: Origin("default") for name in Settings.model_fields}
    for layer in layers:
        values |= {name: _merged(values.get(name), value) for name, value in _set_in(layer.settings)}
        origins |= {dotted(path): origin for path, origin in layer.origins.items()}
    return Loaded(Settings.model_validate(values), origins, project_file, user_file, unused)


def dotted(path: Iterable[str]) -> str:
    """Return a key as TOML writes it: ``relays."https://relay.example".token_env``."""
    return ".".join(part if _BARE_KEY.fullmatch(part) else f'"{part}"' for part in path)


_TABLES: dict[str, type[BaseModel] | None] = {
    "endpoints": Endpoint,
    "relays": RelayAccess,
    "environments": Environment,
    "filters": None,
    "keys": None,
}
_SECRET = ("token", "signing_secret")
_INTERNAL = ("idle_exit", "started_by")
_NOT_IN_PROJECT = {
    "token": "a token",
    "relays": "a token",
    "signing_secret": "a secret",
    "signing_secret_file": "a secret",
    "endpoints": "a secret",
}
_IN_VARIABLES = [name for name in Settings.model_fields if name not in _TABLES and name not in _INTERNAL]
_IN_FILES = [name for name in Settings.model_fields if name not in _SECRET and name not in _INTERNAL]


class _Layer(NamedTuple):
    settings: Settings
    origins: dict[KeyPath, Origin]


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    kind: Literal["project file", "user file"]

    def read(self) -> _Layer:
        try:
            text = self.path.read_bytes().decode("utf-8")
        except (FileNotFoundError, NotADirectoryError):
            return _Layer(Settings(), {})
        except OSError as error:
            raise SettingsError(f"cannot be read: {error.strerror}", self.path) from None
        except UnicodeDecodeError as error:
            line = error.object.count(b"\n", 0, error.start) + 1
            raise SettingsError("is not UTF-8", self.path, line) from None
        try:
            values = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            message, line = fault_of(error, text)
            raise SettingsError(f"is not TOML: {message}", self.path, line) from None
        lines = lines_of(text)
        self._refuse_names(values, lines)
        return self._checked(values, lines)

    def _refuse_names(self, values: dict[str, Any], lines: dict[KeyPath, int]) -> None:
        for name, value in values.items():
            path = next(_leaves({name: value}))
            line = line_of(lines, path)
            if self.kind == "project file" and name in _NOT_IN_PROJECT:
                raise SettingsError(
                    f"`{dotted(path)}`: a project file may not name {_NOT_IN_PROJECT[name]}",
                    self.path,
                    line,
                    f"put it in your own {USER_FILE}, or set it in the environment",
                )
            if name in _SECRET:
                hint = f"set {_variable(name)}" + (
                    ", or name a file with `signing_secret_file`" if name == "signing_secret" else ""
                )
                raise SettingsError(f"`{name}`: a file of settings holds no secret itself", self.path, line, hint)
            if name not in (*_IN_FILES, "relay"):
                raise SettingsError(
                    f"unknown key `{dotted((name,))}`", self.path, lines[(name,)], _nearest(name, _IN_FILES)
                )

    def _checked(self, values: dict[str, Any], lines: dict[KeyPath, int]) -> _Layer:
        if "relay" in values:  # named as its flag is
            if "relay_url" in values:
                raise SettingsError("`relay` and `relay_url` are the same key", self.path, lines[("relay",)])
            values["relay_url"] = values.pop("relay")
            lines[("relay_url",)] = lines[("relay",)]
        paths = {path: path for path in _leaves(values)}
        origins = {
            path: Origin(self.kind, dotted(path), self.path, line_of(lines, path)) for path in (*lines, *paths)
        }
        layer = _layer(values, origins, self.path.parent, strict=True)
        return layer._replace(origins={_canonical(path): origins[path] for path in paths})


def _layer(values: dict[str, Any], origins: dict[KeyPath, Origin], base: Path, *, strict: bool = False) -> _Layer:
    try:
        settings = Settings.model_validate(values, strict=strict, context={"base": base})
    except ValidationError as error:
        raise _refusal(error, origins) from None
    return _Layer(settings, {path: origin for path, origin in origins.items() if path[0] in values})


def _refusal(error: ValidationError, origins: dict[KeyPath, Origin]) -> SettingsError:
    """Return the first thing that is wrong, as a sentence about the key, the variable or the flag."""
    first = error.errors(include_url=False)[0]
    path = tuple(str(part) for part in first["loc"] if part != "[key]")
    place = path
    while place not in origins and len(place) > 1:
        place = place[:-1]
    origin = origins[place]
    if first["type"] == "extra_forbidden":
        model = _TABLES[path[0]]
        names = list(model.model_fields) if model else []
        return SettingsError(f"unknown key `{dotted(path)}`", origin.file, origin.line, _nearest(path[-1], names))
    subject = f"`{dotted(path)}`" if origin.file else str(origin)
    value = first["input"]
    shown = isinstance(value, str | int | float) and path[0] not in _SECRET
    reason = _reason(first["type"], first["msg"]) + (f", not {_excerpt(value)}" if shown else "")
    choices = re.findall(r"'([^']+)'", first["msg"]) if first["type"] == "literal_error" else []
    return SettingsError(f"{subject} {reason}", origin.file, origin.line, _nearest(str(value), choices))


def _reason(kind: str, message: str) -> str:
    if kind in ("dict_type", "model_type"):
        return "should be a table"
    message = message.removeprefix("Value error, ").split(", unable to")[0]
    return re.sub(r"^(Input|String|Value) ", "", message)


def _excerpt(value: Any) -> str:
    text = plain(str(value), _SHOWN_VALUE)
    return f"'{text}'" if isinstance(value, str) else text


def _nearest(name: str, names: Iterable[str]) -> str | None:
    close = difflib.get_close_matches(name, list(names), n=1)
    return f"did you mean `{close[0]}`?" if close else None


def _variable(name: str) -> str:
    return PREFIX + name.upper()


def _flag(name: str) -> str:
    return "--relay" if name == "relay_url" else "--" + name.replace("_", "-")


def _variables(environ: Mapping[str, str]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return the settings that the environment gives, and the variables that mean nothing; empty means not set."""
    names = {_variable(name): name for name in _IN_VARIABLES}
    values = {names[key]: text for key, text in environ.items() if key in names and text.strip()}
    return values, tuple(sorted(key for key in environ if key.startswith(PREFIX) and key not in names))


def _given(flags: Mapping[str, Any]) -> dict[str, Any]:
    """Return the flags that were given; every process of the machine sees arguments, so no secret is one."""
    refused = [name for name in flags if name not in Settings.model_fields or name in _SECRET or name in _TABLES]
    if refused:
        raise ValueError(f"no such flag: {', '.join(refused)}")
    return {name: value for name, value in flags.items() if value is not None}


def _leaves(values: Mapping[str, Any]) -> Iterator[KeyPath]:
    """Give the path of every value; only tables that settings have are looked into."""
    for name, value in values.items():
        if name not in _TABLES or not isinstance(value, dict) or not value:
            yield (name,)
            continue
        for entry, inner in value.items():
            if isinstance(inner, dict) and inner:
                yield from ((name, entry, key) for key in inner)
            else:
                yield (name, entry)


def _canonical(path: KeyPath) -> KeyPath:
    """Return `path`, valid, with the names of environments and relays as the settings hold them."""
    if path[0] == "environments":
        return (path[0], path[1].lower(), *path[2:])
    if path[0] == "relays":
        return (path[0], canonical_url(path[1]), *path[2:])
    return path


def _set_in(settings: Settings) -> Iterator[tuple[str, Any]]:
    return ((name, getattr(settings, name)) for name in settings.model_fields_set)


def _merged(lower: Any, upper: Any) -> Any:
    """Return `upper` over `lower`: tables are merged entry by entry and key by key, anything else is replaced."""
    if isinstance(lower, dict) and isinstance(upper, dict):
        return lower | {key: _merged(lower.get(key), value) for key, value in upper.items()}
    if isinstance(lower, BaseModel) and isinstance(upper, BaseModel):
        return lower.model_copy(update={name: getattr(upper, name) for name in upper.model_fields_set})
    return upper
