"""How a request names the types it is about: a list with commas, and one by one those that have a comma."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def types_given(types: Sequence[str]) -> dict[str, str | list[str]]:
    """Give the parameters that name some types; what is empty is left out of the address."""
    return {
        "types": ",".join(name for name in types if "," not in name),
        "type": [name for name in types if "," in name],
    }


def types_of(listed: Iterable[str], exact: Iterable[str]) -> frozenset[str]:
    """Give the types that every `types` and every `type` of a request name; an empty name is none."""
    return frozenset(name for name in (*(one for given in listed for one in given.split(",")), *exact) if name)
