"""What the recipient did: seen, read, archived and their opposites, interacted, followed a link."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple
from urllib.parse import SplitResult, unquote_plus, urlsplit

from relay.contract.events import EventSummary
from relay.contract.knock import Engagement, text_of
from tui.model.eventdata.fields import fields, seldom
from tui.model.eventdata.history import before, cut_short
from tui.model.eventdata.related import CLICKS, MESSAGE
from tui.model.eventdata.subject import Subject, inside, moment, order, took
from tui.model.items import Cell, Fact, Heading, Item, Note, Row, Table

TYPES = (
    "message.seen",
    "message.unseen",
    "message.read",
    "message.unread",
    "message.archived",
    "message.unarchived",
)
MAX_PARAMETERS = 100
MAX_CLICKS = 50

_SETS = {f"message.{name}": name.value for name in Engagement}
_UNDOES = {"message.unseen": "seen", "message.unread": "read", "message.unarchived": "archived"}
_GLYPHS = {name: type_ for type_, name in _SETS.items()}

_UNHEARD = "counted along with another, come later, or its event is not in the log"


class _Deed(NamedTuple):
    """When something was done last, and that it was not undone since."""

    at: str


def engaged(subject: Subject) -> Iterator[Item]:
    """The set of engagement before this event and after it."""
    yield from seldom(subject.event_data)
    yield from _before_and_after(subject)
    yield None
    yield from _times(subject)


def interacted(subject: Subject) -> Iterator[Item]:
    """The metadata of the call, and the set of engagement."""
    data = subject.event_data
    yield Heading("Metadata")
    if data is None:
        yield Note("The call that said so gave no metadata.")
    else:
        yield from fields(data, ("event_data",))
    yield None
    yield from _before_and_after(subject)
    yield None
    yield from _times(subject)


def link_clicked(subject: Subject) -> Iterator[Item]:
    """The link in its parts, and the other clicks on it."""
    url = inside(subject.event_data, "url")
    link = text_of(url)
    if link:
        yield Heading("Link")
        yield Fact("url", link, path=("event_data", "url"), raw=url)
        yield from _parts(link)
    others = list(fields(subject.event_data, ("event_data",), ("url",))) if link else []
    if not link or others:
        if link:
            yield None
        yield Heading("EventData")
        if subject.event_data is None:
            yield Note("Knock does not say which link.")
        else:
            yield from others or fields(subject.event_data, ("event_data",))
    yield None
    if link:
        yield from _clicks(subject)
        yield None
    yield from _before_and_after(subject)


# Engagement


def _before_and_after(subject: Subject) -> Iterator[Item]:
    found = subject.found(MESSAGE)
    yield Heading("Engagement")
    earlier = before(subject)
    was = _standing(earlier)
    now = _standing([*earlier, subject.event])
    touched = _SETS.get(subject.event.type) or _UNDOES.get(subject.event.type)
    rows = [_row(subject, name, was.get(name), now.get(name), name == touched) for name in _GLYPHS]
    yield Table(tuple(rows), ("", "before", "after"))
    yield from subject.unread(found, "the other events of this message")
    yield from cut_short(found, "events of this message")
    yield from _said_by_knock(subject, now)


def _standing(events: Sequence[EventSummary]) -> dict[str, _Deed]:
    """Give what was done and not undone by the end of these events."""
    standing: dict[str, _Deed] = {}
    for event in events:
        if event.type in _SETS:
            standing[_SETS[event.type]] = _Deed(event.created_at or event.received_at)
        elif event.type in _UNDOES:
            standing.pop(_UNDOES[event.type], None)
    return standing


def _row(subject: Subject, name: str, was: _Deed | None, now: _Deed | None, touched: bool) -> Row:
    def cell(deed: _Deed | None, strong: bool) -> Cell:
        if deed is None:
            return Cell("no", "ink strong" if strong else "quiet")
        at = subject.clock.short(deed.at)
        return Cell(f"yes {at}" if at else "yes", "good strong" if strong else "ink")

    words = name.replace("_", " ")
    cells = (Cell(words, "ink strong" if touched else "ink"), cell(was, False), cell(now, touched))
    copy = (now or was or _Deed("")).at
    return Row(cells, _GLYPHS[name], touched, copy, "time", "engagement", name)


def _said_by_knock(subject: Subject, now: dict[str, _Deed]) -> Iterator[Item]:
    """Compare with the entity, which tells the state at the time of sending, and may be later than this event."""
    said = subject.event.engagement_statuses
    if said is None:
        return
    yield Fact(
        "in the body", ", ".join(said) or "none", "quiet", "the state when Knock sent it", path="engagement"
    )
    found = subject.found(MESSAGE)
    if found is None or found.trouble:
        return
    unheard = [name.replace("_", " ") for name in said if name not in now and name in _GLYPHS]
    if unheard:
        yield Note(f"The body also says {' and '.join(unheard)}: {_UNHEARD}.")


def _times(subject: Subject) -> Iterator[Item]:
    yield Heading("When")
    made = inside(subject.data, "inserted_at")
    lasted = took(moment(made), subject.created_us)
    if lasted:
        yield Fact("since made", lasted, copy=made, path=("data", "inserted_at"), raw=made)
    for event in before(subject)[::-1]:
        if event.type in ("message.sent", "message.delivered"):
            lasted = took(moment(event.created_at), subject.created_us)
            if lasted:
                yield Fact(f"since {event.type.rpartition('.')[2]}", lasted, copy=event.created_at)
    if subject.event.recipient:
        yield Fact("recipient", subject.event.recipient, path="recipient")


# Links


def _parts(url: str) -> Iterator[Item]:
    parts = _split(url)
    if parts is None:
        yield Note("This is no address that can be taken apart.", "warn")
        return
    yield from _part("scheme", parts.scheme)
    yield from _part("host", parts.netloc.rpartition("@")[2])
    if "@" in parts.netloc:
        yield from _part("user", parts.netloc.rpartition("@")[0])
    yield from _part("path", parts.path)
    if parts.query:
        yield None
        yield Heading("Query")
        yield from _query(parts.query)
    yield from _part("fragment", parts.fragment)


def _split(url: str) -> SplitResult | None:
    try:
        return urlsplit(url)
    except ValueError:
        return None


def _part(name: str, text: str) -> Iterator[Item]:
    if text:
        yield Fact(name, text)


def _query(query: str) -> Iterator[Item]:
    pairs = query.split("&")
    for pair in pairs[:MAX_PARAMETERS]:
        name, _, value = pair.partition("=")
        if pair:
            yield Fact(unquote_plus(name) or "(no name)", unquote_plus(value))
    if len(pairs) > MAX_PARAMETERS:
        yield Note(f"… {len(pairs) - MAX_PARAMETERS:,} more")


def _clicks(subject: Subject) -> Iterator[Item]:
    found = subject.found(CLICKS)
    others = [event for event in found.events if event.seq != subject.event.seq] if found is not None else []
    others.sort(key=order, reverse=True)
    people = len({event.recipient for event in others if event.recipient is not None})
    count = f"{len(others):,}{'' if found is None or found.all else ' or more'}"
    yield Heading(
        "Other clicks on it", f"{count}, by {people} recipients" if people > 1 else count if others else ""
    )
    if others:
        yield Table(tuple(_click(subject, event) for event in others[:MAX_CLICKS]))
        if len(others) > MAX_CLICKS:
            yield Note(f"… {len(others) - MAX_CLICKS:,} older")
    elif found is not None and not found.trouble:
        yield Note("None in the log." if found.all else "None among the newest events that were searched.")
    yield from subject.unread(found, "the clicks on this link")


def _click(subject: Subject, event: EventSummary) -> Row:
    at = event.created_at or event.received_at
    same = event.message_id is not None and event.message_id == subject.event.message_id
    return Row(
        (
            Cell(subject.clock.short(at), "quiet"),
            Cell(event.recipient or "?"),
            Cell("this message" if same else event.message_id or "", "quiet"),
        ),
        event.type,
        copy=event.message_id or at,
        name="message id",
        path="message",
        raw=event.message_id,
    )
