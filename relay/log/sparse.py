"""Of a body only what some paths lead through: to skip the rest is several times as fast as to read it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypedDict

import msgspec

from relay.contract import jsontext
from relay.contract.filter.walk import Keys

Read = Callable[[bytes], Any]

_typed_dict: Any = TypedDict  # its fields are those of a filter, which no type checker can know


def sparse(paths: Iterable[Keys]) -> Read:
    """Return what reads a body, for these paths alone, as if the whole of it had been read; for none, nothing.

    Bodies that hold no object on the way, or what only the tolerant parser takes, are read whole.
    """
    paths = tuple(paths)
    if not paths:
        return lambda _: None
    tree: dict[str, Any] = {}
    for keys in paths:
        # msgspec takes other keys of a TypedDict for empty ones.
        if not all(map(str.isascii, map(str, keys))):
            return jsontext.loads
        _grow(tree, keys)
    decode = msgspec.json.Decoder(_typed(tree)).decode

    def read(body: bytes) -> Any:
        try:
            return decode(body)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return jsontext.loads(body)

    return read


def _grow(tree: dict[str, Any], keys: Keys) -> None:
    """A tree's leaves are None: there the value is read whole."""
    *inner, last = map(str, keys)
    for key in inner:
        below = tree.setdefault(key, {})
        if below is None:
            return
        tree = below
    tree[last] = None


def _typed(tree: dict[str, Any]) -> Any:
    fields = {key: Any if below is None else _typed(below) | None for key, below in tree.items()}
    return _typed_dict("_Typed", fields, total=False)
