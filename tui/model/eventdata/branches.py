"""A branch of an environment: where it came from, when, by whom."""

from __future__ import annotations

from collections.abc import Iterator

from relay.contract.knock import object_of
from tui.model.eventdata.fields import field, fields, seldom
from tui.model.eventdata.promotions import by_whom
from tui.model.eventdata.subject import Subject, inside, moment, took
from tui.model.items import Fact, Heading, Item, Note

_TIMES = ("created_at", "rebased_at", "deleted_at")
_FIRST = ("name", "slug", "parent_environment")


def branch(subject: Subject) -> Iterator[Item]:
    """Branch, parent, times, actor."""
    yield from seldom(subject.event_data)
    yield Heading("Branch")
    if not subject.whole:
        yield from subject.body_unread()
        return
    value = inside(subject.data, "branch")
    known = object_of(value)
    for key in _FIRST:
        if known.get(key) is not None:
            yield from field("parent" if key == _FIRST[-1] else key, known[key], ("data", "branch", key))
    yield from fields(known, ("data", "branch"), (*_FIRST, *_TIMES))
    if not isinstance(value, dict):
        yield (
            Note("The event names no branch.") if value is None else Note("What it calls the branch is no object:")
        )
        if value is not None:
            yield from field("branch", value, ("data", "branch"))
    yield None
    yield Heading("When")
    yield from _times(subject)
    yield None
    yield from by_whom(subject)
    rest = [key for key in subject.data if key not in ("branch", "actor", "__typename")]
    if rest:
        yield None
        yield Heading("Also in its data")
        yield from fields(subject.data, ("data",), ("branch", "actor", "__typename"))


def _times(subject: Subject) -> Iterator[Item]:
    for key in _TIMES:
        yield from subject.when(key.removesuffix("_at"), "branch", key)
    made = moment(inside(subject.data, "branch", "created_at"))
    end = moment(inside(subject.data, "branch", "deleted_at"))
    lived = took(made, end)
    if lived:
        yield Fact("lived", lived)
