"""The environments of Knock that events come from, under the names that the user gave them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from relay.contract.events import EventSummary

MAX_SEEN = 16
COLOUR = "colour:"
"""Before the name of an ink that is a colour as the user wrote it."""
_ID_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Environment:
    """How an environment is shown; `colour` is as the user wrote it."""

    name: str
    colour: str | None = None
    production: bool = False
    named: bool = True

    @property
    def ink(self) -> str:
        """The ink of its name: the user's colour, or else one of ours."""
        if self.colour:
            return COLOUR + self.colour.replace(" ", "")
        return "bad" if self.production else "event-template"


class Environments:
    """Those that were seen. `known` are the ones that have names, by id."""

    def __init__(self, known: Mapping[str, Environment] | None = None) -> None:
        self._known = {id_.lower(): one for id_, one in (known or {}).items()}
        self._seen: dict[str, None] = {}
        self._last: str | None = None

    def note(self, events: Iterable[EventSummary]) -> None:
        """Learn where events come from."""
        for event in events:
            id_ = event.environment_id
            if id_ is None or id_ == self._last:
                continue
            self._last = id_
            self._seen.pop(id_, None)
            self._seen[id_] = None
            if len(self._seen) > MAX_SEEN:
                del self._seen[next(iter(self._seen))]

    def restart(self) -> None:
        """Forget what was seen."""
        self._seen.clear()
        self._last = None

    @property
    def seen(self) -> list[Environment]:
        """The environments of the events seen, in an order that no event changes: production first."""
        found = (self.of(id_) for id_ in self._seen)
        return sorted(found, key=lambda one: (not one.production, not one.named, one.name))

    def of(self, id_: str) -> Environment:
        """Give an environment by its id; one without a name is called by the beginning of that, foreign text."""
        return self._known.get(id_.lower()) or Environment(f"env {id_[:_ID_SHOWN]}", named=False)

    @property
    def mixed(self) -> bool:
        """Events come from several."""
        return len(self._seen) > 1

    def to_beware(self, event: EventSummary) -> Environment | None:
        """Give the environment of an event that is marked as production, where others send events as well."""
        id_ = event.environment_id
        if id_ is None or not self.mixed:
            return None
        environment = self.of(id_)
        return environment if environment.production else None
