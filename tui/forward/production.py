"""Environments that are marked as production: what comes from one is sent only where its name was typed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol


class Marked(Protocol):
    """An environment as the settings or the dashboard have it; without a name it goes by its id."""

    @property
    def name(self) -> str | None: ...

    @property
    def production(self) -> bool: ...


class Production:
    """The environments that are marked, and those of them whose names were typed so far.

    `known` are all that the user described, by their ids.
    """

    def __init__(self, known: Mapping[str, Marked]) -> None:
        self._names = {id_.lower(): one.name or id_ for id_, one in known.items() if one.production}
        self._typed: set[str] = set()

    @property
    def names(self) -> list[str]:
        """The name of every environment that is marked, each once."""
        return list(dict.fromkeys(self._names.values()))

    @property
    def untyped(self) -> list[str]:
        """The names that are yet to be typed."""
        return [name for name in self.names if name not in self._typed]

    def take(self, typed: str) -> bool:
        """Let through what comes from the environment whose name was typed; tells whether one has that name."""
        name = typed.strip()
        if name not in self._names.values():
            return False
        self._typed.add(name)
        return True

    def name_of(self, environment_id: str | None) -> str | None:
        """Give the name of the marked environment that an event comes from; None where it comes from no such."""
        return None if environment_id is None else self._names.get(environment_id.lower())

    def lacking(self, environment_ids: Iterable[str | None]) -> list[str]:
        """Give the names that are yet to be typed before events of these environments may be sent."""
        found = (self.name_of(id_) for id_ in environment_ids)
        return list(dict.fromkeys(name for name in found if name is not None and name not in self._typed))
