"""A workflow's run for one recipient: what set it off, how it stands, and its messages."""

from __future__ import annotations

from collections.abc import Iterator

from relay.contract.events import EventSummary
from relay.contract.knock import RECIPIENT_RUN
from tui.model.eventdata.fields import field, fields, seldom
from tui.model.eventdata.history import TRIMMED, course, cut_short, said
from tui.model.eventdata.related import RUN
from tui.model.eventdata.subject import Subject, inside, moment, order, took
from tui.model.items import Cell, Fact, Heading, Item, Note, Row, Table

MAX_MESSAGES = 50
_STARTED = f"{RECIPIENT_RUN}.started"
_ERROR = f"{RECIPIENT_RUN}.error"


def run(subject: Subject) -> Iterator[Item]:
    """Trigger source, status, counts, the run's events and its messages."""
    yield from seldom(subject.event_data)
    yield from _state(subject)
    yield None
    yield from _trigger(subject)
    yield None
    yield from _events(subject)
    yield None
    yield from _messages(subject)


def _state(subject: Subject) -> Iterator[Item]:
    yield Heading("Run")
    event = subject.event
    yield from _named("workflow", event.workflow, "workflow")
    yield from _named("status", event.status, "status", "as it was when Knock sent this")
    yield from _errors(subject)
    yield from _named("recipient", event.recipient, "recipient")
    actor = inside(subject.data, "actor")
    if actor is not None:
        yield from field("actor", actor, ("data", "actor"))
    yield from _named("tenant", event.tenant, "tenant")
    yield from _lasted(subject)
    yield from _named("id", event.workflow_recipient_run_id, "recipient_run")
    yield from _named("workflow run", event.workflow_run_id, "run")


def _named(name: str, value: str | None, path: str, note: str = "") -> Iterator[Item]:
    if value:
        yield Fact(name, value, note=note, path=path)


def _errors(subject: Subject) -> Iterator[Item]:
    errors = inside(subject.data, "error_count")
    path = ("data", "error_count")
    note = "Knock’s dashboard says which; it sends no text" if subject.event.type == _ERROR else ""
    if type(errors) is int:
        yield Fact("errors", f"{errors:,}", "bad" if errors else "good", note, path=path, raw=errors)
    elif errors is not None:
        yield from field("errors", errors, path)


def _lasted(subject: Subject) -> Iterator[Item]:
    made = inside(subject.data, "inserted_at")
    lasted = took(moment(made), subject.created_us)
    if lasted:
        yield Fact("since begun", lasted, copy=made, path=("data", "inserted_at"), raw=made)


def _trigger(subject: Subject) -> Iterator[Item]:
    yield Heading("Set off by")
    source = inside(subject.data, "trigger_source")
    if not subject.whole:
        yield from subject.body_unread()
    elif source is None:
        yield Note("The event does not say.")
    else:
        yield from fields(source, ("data", "trigger_source"))


def _events(subject: Subject) -> Iterator[Item]:
    found = subject.found(RUN)
    own = {subject.event.seq: subject.event}
    if found is not None:
        own |= {event.seq: event for event in found.events if event.type.startswith(f"{RECIPIENT_RUN}.")}
    events = sorted(own.values(), key=order)
    yield Heading("Its course")
    yield Table(tuple(course(subject, events)))
    if found is not None and not found.trouble and found.all and all(event.type != _STARTED for event in events):
        yield Note(f"Its start is not in the log: {TRIMMED.replace('them', 'it')}.")


def _messages(subject: Subject) -> Iterator[Item]:
    """List the run's messages, each by the newest event of it."""
    found = subject.found(RUN)
    newest: dict[str, EventSummary] = {}
    for event in sorted(found.events, key=order) if found is not None else ():
        if event.message_id is not None:
            newest[event.message_id] = event
    yield Heading("Its messages", f"{len(newest):,}" if newest else "")
    if newest:
        shown = list(newest.items())[:MAX_MESSAGES]
        yield Table(tuple(_message(subject, id_, event) for id_, event in shown))
        if len(newest) > MAX_MESSAGES:
            yield Note(f"… {len(newest) - MAX_MESSAGES:,} more")
    elif found is not None and not found.trouble:
        yield Note("None in the log so far.")
    yield from subject.unread(found, "the events of this run")
    yield from cut_short(found, "events of this run")


def _message(subject: Subject, id_: str, event: EventSummary) -> Row:
    channel = event.channel
    way = (channel.type or channel.provider or channel.key or "") if channel is not None else ""
    return Row(
        (
            Cell(subject.clock.short(event.created_at or event.received_at), "quiet"),
            Cell(way),
            Cell(said(event), "bad" if event.failed else "ink"),
        ),
        event.type,
        copy=id_,
        name="message id",
        path="message",
        raw=id_,
    )
