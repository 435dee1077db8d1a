"""What a path leads to in a parsed body: without recursion, whatever the body's shape."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

Keys: TypeAlias = tuple[str | int, ...]


def leaves(payload: Any, keys: Keys, *, spread: bool = True) -> Iterator[Any]:
    """Yield every value that `keys` lead to; `None` where they lead nowhere.

    A path goes on in each element of an array that it meets, but for a number, which is the index of one. With
    `spread`, the elements of an array at the end are given instead of the array.
    """
    pending: list[tuple[Iterator[Any], int]] = [(iter((payload,)), 0)]
    while pending:
        values, depth = pending[-1]
        for value in values:
            reached, at = _follow(value, keys, depth)
            if not isinstance(reached, list) or (at == len(keys) and not spread):
                yield reached
            elif reached:
                pending.append((iter(reached), at))
                break
            elif at < len(keys):
                yield None
        else:
            pending.pop()


def _follow(value: Any, keys: Keys, at: int) -> tuple[Any, int]:
    """Go down from `value` by the keys after the first `at`, to the end or to an array that is to be spread."""
    for position in range(at, len(keys)):
        key = keys[position]
        if isinstance(value, dict):
            value = value.get(str(key))
        elif not isinstance(value, list):
            return None, len(keys)
        elif isinstance(key, str):
            return value, position
        else:
            value = value[key] if key < len(value) else None
    return value, len(keys)
