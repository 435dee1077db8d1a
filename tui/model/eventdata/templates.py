"""What Knock keeps of notifications: workflows, layouts, translations, partials, actions; saved and committed."""

from __future__ import annotations

from collections.abc import Iterator

from relay.contract import jsontext
from relay.contract.events import EventDetail
from relay.contract.knock import text_of
from tui.model import diff
from tui.model.eventdata.fields import field, fields, seldom
from tui.model.eventdata.promotions import by_whom
from tui.model.eventdata.related import EARLIER
from tui.model.eventdata.subject import Subject, inside, moment, scalar, took
from tui.model.items import Fact, Heading, Item, Note

_NAMES = ("name", "key", "locale_code", "namespace", "tenant", "event_type", "action_type", "sha", "environment")
_MORE = ("description", "type", "format", "active", "valid", "is_deleted", "trigger_frequency")
_TIMES = ("created_at", "inserted_at", "updated_at", "deleted_at")
_WITH_EVERY_SAVE = (("data", "updated_at"), ("data", "sha"))


def updated(subject: Subject) -> Iterator[Item]:
    """Key, name, sha, and what differs from the one seen before."""
    yield from seldom(subject.event_data)
    yield from _template(subject)
    yield None
    yield Heading("What changed", "since it was last seen")
    yield from _earlier(subject)
    yield from _details(subject)


def committed(subject: Subject) -> Iterator[Item]:
    """The commit, and the update before it."""
    yield Heading("Commit")
    commit = inside(subject.event_data, "commit_id")
    known = text_of(commit)
    if known:
        yield Fact("commit id", known, path=("event_data", "commit_id"), raw=commit)
    if subject.event_data is None:
        yield Note("Knock does not say which commit.")
    else:
        yield from fields(subject.event_data, ("event_data",), ("commit_id",) if known else ())
    yield None
    yield from _template(subject)
    yield None
    yield Heading("The update before it")
    yield from _earlier(subject)
    yield from _details(subject)


def _template(subject: Subject) -> Iterator[Item]:
    """What names it, and where it stands."""
    yield Heading((subject.event.entity.kind or "template").replace("_", " ").capitalize())
    if not subject.whole:
        if subject.event.entity.id:
            yield Fact("id", subject.event.entity.id)
        yield from subject.body_unread()
        return
    known = [key for key in _NAMES if subject.data.get(key) is not None]
    for key in known:
        yield from field(key, subject.data[key], ("data", key))
    if not known:
        yield Note("The event does not name it.")
    where = subject.event.environment_id
    if where and subject.data.get("environment") is None:
        yield Fact("environment", where, note="as the headers say", path="env", raw=where)
    if inside(subject.data, "actor") is not None:
        yield None
        yield from by_whom(subject)


def _details(subject: Subject) -> Iterator[Item]:
    """The rest that is short; templates in full are for Body."""
    data = subject.data
    items: list[Item] = []
    for key in _MORE:
        if data.get(key) is not None:
            items += field(key, data[key], ("data", key))
    steps = data.get("steps")
    if isinstance(steps, list):
        items.append(Fact("steps", _steps(steps), path=("data", "steps"), raw=steps))
    for key in _TIMES:
        items += subject.when(key.removesuffix("_at"), key)
    if items:
        yield None
        yield Heading("Details", "Body has all of it")
        yield from items


def _steps(steps: list[object]) -> str:
    kinds = [text_of(inside(step, "channel_type")) or text_of(inside(step, "type")) or "?" for step in steps[:20]]
    return f"{len(steps):,}: {', '.join(kinds)}{', …' if len(steps) > 20 else ''}" if steps else "none"


def _earlier(subject: Subject) -> Iterator[Item]:
    found = subject.found(EARLIER)
    yield from subject.unread(found, "what was received of it before")
    if found is None or found.trouble:
        return
    earlier = found.whole
    if earlier is None:
        yield Note(
            "None in the log: nothing was received of it before, or it was trimmed."
            if found.all
            else "None among the events that were searched; there may be one before them."
        )
        return
    yield from _who(subject, earlier)
    yield None
    yield from _differences(subject, earlier)


def _who(subject: Subject, earlier: EventDetail) -> Iterator[Item]:
    at = earlier.created_at or earlier.received_at
    before = took(moment(at), subject.created_us)
    note = f"{before} before" if before and not before.startswith("-") else ""
    yield Fact("seen", subject.clock.full(at), note=note, copy=at)
    yield Fact("as", earlier.type, note=f"seq {earlier.seq:,}", copy=str(earlier.seq), path="seq", raw=earlier.seq)
    yield from scalar("sha then", inside(earlier.payload, "data", "sha"), ("data", "sha"), ink="quiet")


def _differences(subject: Subject, earlier: EventDetail) -> Iterator[Item]:
    """Say what differs, but for what differs with every save and is told above."""
    compared = diff.compare(
        jsontext.dumps({"data": inside(earlier.payload, "data")}), jsontext.dumps({"data": subject.data})
    )
    telling = tuple(one for one in compared.differences if one.path not in _WITH_EVERY_SAVE)
    left_out = len(compared.differences) - len(telling)
    if not compared.paths:
        yield Note("The template is the same as then.")
    elif not telling:
        yield Note("Nothing but the time and the sha differs.")
    yield from diff.items(compared._replace(differences=telling, paths=compared.paths - left_out, note=""))
