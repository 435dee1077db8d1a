"""Set any field of a body by its path: `data.recipient=user_9`, `data.actors.0=x`, `data.data."a.b"=10`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from relay.contract import jsontext

MAX_PATH = 100
"""Keys that a path may have; bodies are refused far above it."""

_KEY = re.compile(r'"(?:[^"\\]|\\.)*"|[^.="]+')


class OverrideError(ValueError):
    """An override that cannot be read or cannot be made; names its path."""


@dataclass(frozen=True, slots=True)
class Override:
    """One field and the value that it gets."""

    path: tuple[str, ...]
    value: Any

    def __str__(self) -> str:
        return _written(self.path)


def parse(text: str) -> Override:
    """Read `path=value`. The value is JSON where it is JSON, and a string otherwise. Raises `OverrideError`."""
    path: list[str] = []
    position = 0
    while match := _KEY.match(text, position):
        path.append(_key(match.group(), text))
        position = match.end()
        if text[position : position + 1] != ".":
            break
        position += 1
    if text[position : position + 1] != "=" or not path or text[position - 1] == ".":
        raise OverrideError(f"{text!r} is not PATH=VALUE, as in data.recipient=user_9")
    if len(path) > MAX_PATH:
        raise OverrideError(f"a path of {len(path)} keys is longer than {MAX_PATH}")
    return Override(tuple(path), _value(text[position + 1 :]))


def apply(overrides: Iterable[Override], payload: dict[str, Any]) -> None:
    """Make each override in `payload`, in order; what is absent or null on the way becomes an object.

    Raises `OverrideError` where a path leads through a text or number, or past the end of an array.
    """
    for override in overrides:
        _set(payload, override)


def _set(payload: dict[str, Any], override: Override) -> None:
    holder: Any = payload
    for depth, key in enumerate(override.path[:-1]):
        inner = _get(holder, key, override, depth)
        if inner is None:
            inner = {}
            _put(holder, key, inner, override, depth)
        holder = inner
    _put(holder, override.path[-1], deepcopy(override.value), override, len(override.path) - 1)


def _get(holder: Any, key: str, override: Override, depth: int) -> Any:
    if isinstance(holder, dict):
        return holder.get(key)
    if isinstance(holder, list):
        index = _index(holder, key, override, depth)
        return holder[index] if index < len(holder) else None
    raise _no_fields(override, depth, holder)


def _put(holder: Any, key: str, value: Any, override: Override, depth: int) -> None:
    if isinstance(holder, dict):
        holder[key] = value
    elif isinstance(holder, list):
        index = _index(holder, key, override, depth)
        holder[index : index + 1] = [value]
    else:
        raise _no_fields(override, depth, holder)


def _index(holder: list[Any], key: str, override: Override, depth: int) -> int:
    """An array takes the position of an element it has, or the next one."""
    index = int(key) if key.isascii() and key.isdigit() and len(key) < 10 else None
    if index is None or index > len(holder):
        where = _written(override.path[:depth])
        raise OverrideError(
            f"{override}: {where} is an array, {key!r} is no position from 0 to {len(holder)} in it"
        )
    return index


def _no_fields(override: Override, depth: int, holder: object) -> OverrideError:
    kind = {bool: "true or false", str: "a text"}.get(type(holder), "a number")
    return OverrideError(f"{override}: {_written(override.path[:depth])} is {kind} and holds no fields")


def _key(written: str, text: str) -> str:
    if not written.startswith('"'):
        return written
    try:
        return str(jsontext.loads(written.encode("utf-8", "surrogatepass")))
    except jsontext.JsonError as error:
        raise OverrideError(f"{text!r}: {written} is no quoted key: {error}") from None


def _value(text: str) -> Any:
    try:
        return jsontext.loads(text.encode("utf-8", "surrogatepass"))
    except jsontext.JsonError:
        return text


def _written(path: tuple[str, ...]) -> str:
    return ".".join(
        key if _KEY.fullmatch(key) and '"' not in key else jsontext.dumps(key).decode() for key in path
    )
