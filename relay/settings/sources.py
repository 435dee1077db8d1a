"""From flags, environment and files to one `Settings`, knowing of every value where it came from.

The project file comes with a cloned repository, so it may not name what acts or opens doors: no program, no
secret, no token. Whatever else is wrong in a file is refused with its line.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NoReturn, TypeAlias

import platformdirs

from relay.contract.text import plain
from relay.settings.errors import SettingsError
from relay.settings.model import READERS, Settings, TableReader
from relay.settings.values import Given, Reader, Unusable, is_loopback_url

PREFIX = "KNOCKTOP_"
PROJECT_FILE = "knocktop.toml"
USER_FILE = "config.toml"

KeyPath: TypeAlias = tuple[str, ...]
Kind: TypeAlias = Literal["flag", "environment", "project file", "user file", "default"]

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_SECRET = ("token", "signing_secret")
INTERNAL = ("idle_exit", "started_by")
_NOT_IN_PROJECT = {
    "token": "a token",
    "relays": "a token",
    "signing_secret": "a secret",
    "signing_secret_file": "a secret",
    "endpoints": "a secret",
    "tunnel": "a program",
}
_LOOPBACK_IN_PROJECT = {"forward": "a forward target outside this machine"}
_IN_FILES = [name for name in READERS if name not in _SECRET and name not in INTERNAL]


def in_files(*, project: bool) -> list[str]:
    """Return the settings that a file may name, as they are declared: the user's own, or a project's."""
    return [name for name in _IN_FILES if not (project and name in _NOT_IN_PROJECT)]


_IN_FLAGS = [name for name, read in READERS.items() if name not in _SECRET and not isinstance(read, TableReader)]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value came from: the flag, variable or key, and the place in a file."""

    kind: Kind
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
    layers = [
        _read_file(user_file, "user file"),
        _read_file(project_file, "project file"),
        _read_variables(environ, cwd),
        _read_flags(flags or {}, cwd),
    ]
    values: dict[str, Any] = {}
    origins = {name: Origin("default") for name in READERS}
    for layer in layers:
        values = _merged(values, layer.values)
        origins |= {dotted(path): origin for path, origin in layer.origins.items()}
    _keep_guards(values, origins, layers[0])
    settings = Settings(**{name: _made(name, value) for name, value in values.items()})
    return Loaded(settings, origins, project_file, user_file, _unused(environ))


def dotted(path: Iterable[str]) -> str:
    """Return a key as TOML writes it: ``relays."https://relay.example".token_env``."""
    return ".".join(part if _BARE_KEY.fullmatch(part) else f'"{part}"' for part in path)


@dataclass(slots=True)
class _Layer:
    """What one source gives: values as they are read, and of each its origin.

    `place` tells the origin of a key, by its path as it is written in the source.
    """

    base: Path
    place: Callable[[KeyPath], Origin]
    text: bool = True
    values: dict[str, Any] = field(default_factory=dict)
    origins: dict[KeyPath, Origin] = field(default_factory=dict)

    def take(self, name: str, value: Any) -> None:
        """Read one setting; raises `SettingsError` if it cannot have that value."""
        read = READERS[name]
        if isinstance(read, TableReader):
            self.values[name] = self._table(name, value, read)
        else:
            self.values[name] = self._value((name,), (name,), value, read)

    def _table(self, name: str, value: Any, read: TableReader) -> dict[str, Any]:
        if not isinstance(value, dict):
            self._refuse((name,), self._given(value).refused("a table"))
        entries: dict[str, Any] = {}
        for key, entry in value.items():
            written = (name, key)
            try:
                known = read.name(self._given(key))
            except Unusable as error:
                self._refuse(written, error)
            if isinstance(read.entry, Mapping):
                entries[known] = self._record(written, (name, known), entry, read.entry)
                self._check_record(written, name, entries[known])
            else:
                entries[known] = self._value(written, (name, known), entry, read.entry)
        return entries

    def _record(
        self, written: KeyPath, known: KeyPath, value: Any, readers: Mapping[str, Reader[Any]]
    ) -> dict[str, Any]:
        if not isinstance(value, dict):
            self._refuse(written, self._given(value).refused("a table"))
        for key in value:
            if key not in readers:
                self.refuse_key((*written, key), readers)
        return {
            key: self._value((*written, key), (*known, key), inner, readers[key]) for key, inner in value.items()
        }

    def _check_record(self, written: KeyPath, name: str, record: dict[str, Any]) -> None:
        try:
            _made(name, {"": record})
        except Unusable as error:
            self._refuse(written, error)

    def _value(self, written: KeyPath, known: KeyPath, value: Any, read: Reader[Any]) -> Any:
        try:
            found = read(self._given(value))
        except Unusable as error:
            self._refuse(written, error)
        self.origins[known] = self.place(written)
        return found

    def _given(self, value: Any) -> Given:
        return Given(value, self.base, self.text)

    def _refuse(self, path: KeyPath, error: Unusable) -> NoReturn:
        origin = self.place(path)
        subject = f"`{dotted(path)}`" if origin.file else str(origin)
        hint = _nearest(error.given, error.words)
        raise SettingsError(f"{subject} {error}", origin.file, origin.line, hint) from None

    def refuse_key(self, path: KeyPath, known: Iterable[str]) -> NoReturn:
        """Refuse a key that means nothing, and name the nearest that does."""
        origin = self.place(path)
        raise SettingsError(f"unknown key `{dotted(path)}`", origin.file, origin.line, _nearest(path[-1], known))


def _read_file(file: Path, kind: Literal["project file", "user file"]) -> _Layer:
    try:
        text = file.read_bytes().decode("utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return _Layer(file.parent, lambda _: Origin(kind))
    except OSError as error:
        raise SettingsError(f"cannot be read: {error.strerror}", file) from None
    except UnicodeDecodeError as error:
        raise SettingsError("is not UTF-8", file, error.object.count(b"\n", 0, error.start) + 1) from None
    return _read_toml(text, file, kind)


def _read_toml(text: str, file: Path, kind: Literal["project file", "user file"]) -> _Layer:
    # Most start without a file, and then without a parser.
    import tomllib

    from relay.settings.tomllines import fault_of, line_of, lines_of

    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message, line = fault_of(error, text)
        raise SettingsError(f"is not TOML: {message}", file, line) from None
    lines = lines_of(text)
    layer = _Layer(file.parent, lambda path: Origin(kind, dotted(path), file, line_of(lines, path)), text=False)
    for key, value in document.items():
        name = "relay_url" if key == "relay" else key  # named as its flag is
        if name != key:
            lines[(name,)] = lines[(key,)]
        _check_name(name, value, layer, ours=kind == "user file")
        if name in layer.values:
            raise SettingsError("`relay` and `relay_url` are the same key", file, lines[(key,)])
        layer.take(name, value)
    return layer


def _check_name(name: str, value: Any, layer: _Layer, *, ours: bool) -> None:
    """Refuse what a file may not name, pointing at the first line that does."""
    path: KeyPath = (name,)
    while name in _NOT_IN_PROJECT and isinstance(value, dict) and value:
        key, value = next(iter(value.items()))
        path = (*path, key)
    origin = layer.place(path)
    if name in _NOT_IN_PROJECT and not ours:
        raise SettingsError(
            f"`{dotted(path)}`: a project file may not name {_NOT_IN_PROJECT[name]}",
            origin.file,
            origin.line,
            f"put it in your own {USER_FILE}, or set it in the environment",
        )
    if name in _LOOPBACK_IN_PROJECT and not ours and not _stays_here(value):
        raise SettingsError(
            f"`{name}`: a project file may not name {_LOOPBACK_IN_PROJECT[name]}",
            origin.file,
            origin.line,
            f"put it in your own {USER_FILE}, or give it as a flag",
        )
    if name in _SECRET:
        other = ", or name a file with `signing_secret_file`" if name == "signing_secret" else ""
        hint = f"set {_variable(name)}{other}"
        raise SettingsError(f"`{name}`: a file of settings holds no secret itself", origin.file, origin.line, hint)
    if name not in _IN_FILES:
        layer.refuse_key((name,), _IN_FILES)


def _stays_here(value: Any) -> bool:
    """Whether a URL leads to this machine; what is no text is refused for what it is."""
    try:
        return not isinstance(value, str) or is_loopback_url(value.strip())
    except ValueError:
        return False


def _read_variables(environ: Mapping[str, str], cwd: Path) -> _Layer:
    """Read our variables; an empty one is as good as none."""
    layer = _Layer(cwd, lambda path: Origin("environment", _variable(path[0])))
    for name, read in READERS.items():
        text = environ.get(_variable(name), "")
        if text.strip() and name not in INTERNAL and not isinstance(read, TableReader):
            layer.take(name, text)
    return layer


def _read_flags(flags: Mapping[str, Any], cwd: Path) -> _Layer:
    """Read what was given; every process of the machine sees arguments, so no secret is one."""
    layer = _Layer(cwd, lambda path: Origin("flag", _flag(path[0])))
    for name, value in flags.items():
        if name not in _IN_FLAGS:
            raise ValueError(f"no such flag: {name}")
        if value is not None:
            layer.take(name, value)
    return layer


def _unused(environ: Mapping[str, str]) -> tuple[str, ...]:
    known = {_variable(name) for name, read in READERS.items() if not isinstance(read, TableReader)}
    return tuple(sorted(name for name in environ if name.startswith(PREFIX) and name not in known))


def _variable(name: str) -> str:
    return PREFIX + name.upper()


def _flag(name: str) -> str:
    return "--relay" if name == "relay_url" else "--" + name.replace("_", "-")


def _nearest(name: str, names: Iterable[str]) -> str | None:
    import difflib

    close = difflib.get_close_matches(name, list(names), n=1)
    return f"did you mean `{plain(close[0])}`?" if close else None


def _merged(lower: Any, upper: Any) -> Any:
    """Return `upper` over `lower`: tables are merged name by name and key by key, anything else is replaced."""
    if isinstance(lower, dict) and isinstance(upper, dict):
        return lower | {key: _merged(lower.get(key), value) for key, value in upper.items()}
    return upper


def _keep_guards(values: dict[str, Any], origins: dict[str, Origin], user: _Layer) -> None:
    """Keep what the user marked as production: a project file, which comes with a repository, unmarks nothing."""
    for id_, environment in user.values.get("environments", {}).items():
        if environment.get("production"):
            path = ("environments", id_, "production")
            values["environments"][id_]["production"] = True
            origins[dotted(path)] = user.origins[path]


def _made(name: str, value: Any) -> Any:
    """Return a value as the settings hold it: records are made of what all sources gave."""
    read = READERS[name]
    record = read.record if isinstance(read, TableReader) else None
    return value if record is None else {key: record(**entry) for key, entry in value.items()}
