"""Commits that were taken from one environment to another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from relay.contract.knock import object_of, text_of
from tui.model.eventdata.fields import field, fields
from tui.model.eventdata.subject import Subject, inside, scalar
from tui.model.items import Cell, Heading, Item, Note, Row, Table

MAX_RESOURCES = 200
_FIRST = {
    "from": "from_environment",
    "to": "to_environment",
    "branch": "branch",
    "commits": "commit_count",
    "resources": "resource_count",
    "made with": "request_source",
}
_PATH = ("data", "resources")


def promoted(subject: Subject) -> Iterator[Item]:
    """From where to where, counts by type, the resources, by whom."""
    data = subject.data
    yield Heading("Promotion")
    for name, key in _FIRST.items():
        yield from _known(name, data.get(key), ("data", key))
    yield from subject.when("created", "created_at")
    if data.get("branch") is not None:
        yield Note("A branch was merged.")
    yield None
    yield from by_whom(subject)
    yield None
    yield from _counts(data)
    yield from _resources(subject, data)
    yield None
    yield Heading("EventData")
    if subject.event_data is None:
        yield Note("Knock sent none with this event.")
    else:
        yield from fields(subject.event_data, ("event_data",))
    yield from subject.body_unread()


def by_whom(subject: Subject) -> Iterator[Item]:
    """Say who did it, where Knock says so."""
    yield Heading("By")
    actor = inside(subject.data, "actor")
    if isinstance(actor, dict) and actor:
        yield from fields(actor, ("data", "actor"), [key for key, value in actor.items() if value is None])
    elif actor is not None:
        yield from field("actor", actor, ("data", "actor"))
    elif subject.whole:
        yield Note("Knock does not say who.")


def _known(name: str, value: Any, path: tuple[str | int, ...]) -> Iterator[Item]:
    if isinstance(value, dict | list):
        yield from field(name, value, path)
    else:
        yield from scalar(name, value, path)


def _counts(data: dict[str, Any]) -> Iterator[Item]:
    counts = data.get("resource_type_counts")
    if not counts:
        return
    yield Heading("Counts by type")
    if not isinstance(counts, dict):
        yield from fields(counts, ("data", "resource_type_counts"))
    else:
        pairs = sorted(counts.items(), key=_by_count)
        yield from fields(dict(pairs), ("data", "resource_type_counts"))
    yield None


def _by_count(pair: tuple[str, Any]) -> tuple[float, str]:
    key, count = pair
    return (-count if type(count) in (int, float) else 0, key)


def _resources(subject: Subject, data: dict[str, Any]) -> Iterator[Item]:
    resources = data.get("resources")
    if resources is None:
        if subject.whole:
            yield Note("Knock does not say which resources.")
        return
    shown = resources if isinstance(resources, list) else [resources]
    yield Heading("Resources", f"{len(shown):,}")
    yield Table(tuple(_resource(at, value) for at, value in enumerate(shown[:MAX_RESOURCES])))
    if len(shown) > MAX_RESOURCES:
        yield Note(f"… {len(shown) - MAX_RESOURCES:,} more; Body shows them all")
    if data.get("resources_truncated") is True:
        count = data.get("resource_count")
        of = f" of {count:,}" if type(count) is int else ""
        yield Note(f"Knock lists only the first {len(shown):,}{of}.", "warn")


def _resource(at: int, value: Any) -> Row:
    kind = text_of(inside(value, "type"))
    name = text_of(inside(value, "identifier"))
    if kind is None and name is None:
        text = text_of(value) or ", ".join(
            f"{key}={text_of(inner) or '…'}" for key, inner in object_of(value).items()
        )
        return Row((Cell("?", "quiet"), Cell(text[:400] or "?")), copy=text, name="resource")
    cells = (Cell((kind or "?").replace("_", " "), "quiet"), Cell(name or "?"))
    return Row(cells, copy=name or kind or "", name="resource", path=(*_PATH, at, "identifier"), raw=name)
