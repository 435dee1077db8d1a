"""Readings: what an event says, in one line of plain text.

Some of them look back: how long after the message was sent, whether it was seen before. `EarlierMessages` keeps
what that takes, and no more, of the messages that were heard of last.
"""

from __future__ import annotations

import math
import re
from bisect import insort
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple

from relay.contract.knock import CATALOGUE, FailureReason, entity_of, object_of, text_of
from relay.contract.moments import microseconds
from relay.contract.text import ELLIPSIS, plain

READING_LIMIT = 1_024
"""Characters that a reading has at most."""

_SENT = "message.sent"
_UNDONE_BY = {
    "message.seen": "message.unseen",
    "message.read": "message.unread",
    "message.archived": "message.unarchived",
}
_UNDOES = {undoing: done for done, undoing in _UNDONE_BY.items()}
_REMEMBERED = frozenset({_SENT, "message.delivered", *_UNDONE_BY, *_UNDOES})
_MAX_STEPS = 32
_MAX_PIECE = 512
_TOKEN_TAIL = 8
_COMMIT_HEAD = 7
_UNKNOWN_FIELDS = 3
_MAX_FIELDS = 64
_AMBIGUOUS = re.compile(r"""[\s="]""")
_WORDS: Mapping[object, str] = {None: "null", True: "true", False: "false"}

_SECOND = 1_000
_MINUTE = 60 * _SECOND
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR
_ABSURD_US = 10 * 365 * _DAY * 1_000
"""Ten years: what claims to have taken longer has a wrong clock behind it."""


def duration_text(ms: float) -> str:
    """Write a time span in short: `850 ms`, `1.5 s`, `3 m`, `2 h 5 m`, `3 d`.

    Rounded down. A second unit follows while the first is below ten. A span that runs backwards has a minus.
    """
    if not abs(ms) < math.inf:
        return "?"
    if ms < 0:
        return f"-{duration_text(-ms)}"
    whole = int(ms)
    if whole < _SECOND:
        return f"{whole} ms"
    if whole < 10 * _SECOND:
        tenths = whole // 100
        return f"{tenths // 10}.{tenths % 10} s" if tenths % 10 else f"{tenths // 10} s"
    if whole < _MINUTE:
        return f"{whole // _SECOND} s"
    if whole < _HOUR:
        return _two_units(whole, (_MINUTE, "m"), (_SECOND, "s"))
    if whole < _DAY:
        return _two_units(whole, (_HOUR, "h"), (_MINUTE, "m"))
    return _two_units(whole, (_DAY, "d"), (_HOUR, "h"))


def _two_units(ms: int, large: tuple[int, str], small: tuple[int, str]) -> str:
    count, rest = divmod(ms, large[0])
    smaller = rest // small[0]
    text = f"{count} {large[1]}"
    return f"{text} {smaller} {small[1]}" if smaller and count < 10 else text


class Earlier:
    """What the earlier events of one message said: when it was sent, delivered, and how the recipient engaged."""

    __slots__ = ("_steps",)

    def __init__(self) -> None:
        self._steps: list[tuple[int, str]] = []

    def latest(self, event_type: str, before_us: int) -> int | None:
        """When this last happened before that time; both in microseconds since the epoch."""
        for at, step in reversed(self._steps):
            if step == event_type and at < before_us:
                return at
        return None

    def stands(self, event_type: str, undoing: str, before_us: int) -> bool:
        """Whether this happened before that time, and was not undone in between."""
        done = self.latest(event_type, before_us)
        if done is None:
            return False
        undone = self.latest(undoing, before_us)
        return undone is None or undone < done

    def note(self, event_type: str, at_us: int) -> None:
        """Remember a step; the same one again changes nothing."""
        step = (at_us, event_type)
        if step in self._steps:
            return
        insort(self._steps, step)
        # A message that is seen and unseen for ever must not grow for ever.
        del self._steps[:-_MAX_STEPS]


class EarlierMessages:
    """What was said of the messages that were heard of last, at most `limit` of them."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        # Finding the oldest key of a plain dict walks over all that were deleted before it.
        self._messages: OrderedDict[str, Earlier] = OrderedDict()

    def __len__(self) -> int:
        return len(self._messages)

    def of(self, message_id: str) -> Earlier | None:
        """What is known of a message."""
        return self._messages.get(message_id)

    def note(self, message_id: str, event_type: str, created_at: str | None) -> None:
        """Remember what an event says, if a later reading could want it; twice is as good as once."""
        if event_type not in _REMEMBERED or created_at is None:
            return
        at = microseconds(created_at)
        if at is None:
            return
        earlier = self._messages.get(message_id)
        if earlier is None:
            earlier = self._messages[message_id] = Earlier()
            if len(self._messages) > self._limit:
                self._messages.popitem(last=False)
        else:
            self._messages.move_to_end(message_id)
        earlier.note(event_type, at)


class _Event(NamedTuple):
    """What a reading is made from."""

    type: str
    data: dict[str, Any]
    event_data: dict[str, Any]
    created_at: Any
    earlier: Earlier | None

    @property
    def created_us(self) -> int | None:
        return _us(self.created_at)

    @property
    def deed(self) -> str:
        """The type's last word, for when there is nothing else to say."""
        return self.type.rpartition(".")[2].replace("_", " ")


def reading(event_type: str, data: object, event_data: object, created_at: object, earlier: Earlier | None) -> str:
    """Say in one line of plain text what an event of this type says, in at most 1,024 characters.

    Any JSON value may stand anywhere. A type that Knock does not document shows its first scalar fields.
    """
    event = _Event(event_type, object_of(data), object_of(event_data), created_at, earlier)
    return plain(_READINGS.get(event_type, _first_fields)(event) or event.deed, READING_LIMIT)


def _us(value: object) -> int | None:
    return microseconds(value) if isinstance(value, str) else None


def _elapsed(since_us: int | None, until_us: int | None) -> str | None:
    """The time between two moments, unless one is unknown or they make no sense together."""
    if since_us is None or until_us is None or not 0 <= until_us - since_us <= _ABSURD_US:
        return None
    return duration_text((until_us - since_us) // 1_000)


def _piece(value: object, limit: int = _MAX_PIECE) -> str:
    """A text or number to stand beside others; empty when it is neither."""
    text = text_of(value) or ""
    return text if len(text) <= limit else text[: limit - 1] + ELLIPSIS


def _joined(*parts: str | None) -> str:
    return ", ".join(part for part in parts if part)


def _explained(what: str, how: str) -> str:
    return f"{what}: {how}" if what and how else what or how


def _counted(value: object, noun: str) -> str:
    """`1 commit`, `12 commits`; empty for what is no count."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
        return ""
    count = _piece(value)
    return count and (f"{count} {noun}" if value == 1 else f"{count} {noun}s")


def _pairs(fields: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The fields that say something, but not endlessly many."""
    return ((key, value) for key, value in islice(fields.items(), _MAX_FIELDS) if key != "__typename")


def _pair(key: str, value: object) -> str:
    return f"{_piece(key)}={_scalar(value)}"


def _scalar(value: object) -> str:
    if isinstance(value, str):
        # Quoted where its end could not be told otherwise.
        return _piece(value) if value and not _AMBIGUOUS.search(value) else f'"{_piece(value)}"'
    if isinstance(value, (dict, list)):
        return "{…}" if isinstance(value, dict) else "[…]"
    return _WORDS[value] if value is None or isinstance(value, bool) else _piece(value)


def _sent(event: _Event) -> str:
    return _via(event.data)


def _via(data: dict[str, Any]) -> str:
    channel = object_of(data.get("channel"))
    for name in (channel.get("provider"), channel.get("key"), channel.get("type"), data.get("channel_id")):
        if text := _piece(name):
            return f"via {text}"
    return ""


def _delivered(event: _Event) -> str:
    via = _via(event.data)
    at = event.created_us
    if event.earlier is None or at is None:
        return via
    took = _elapsed(event.earlier.latest(_SENT, at), at)
    return _joined(via, took and f"{took} after sent")


def _attempted(event: _Event) -> str:
    attempt = _piece(event.event_data.get("attempt"))
    of = _piece(event.event_data.get("max_attempts"))
    count = f"{attempt or '?'}/{of}" if of else attempt or "failed"
    retryable = event.event_data.get("retryable")
    if not isinstance(retryable, bool):
        return f"attempt {count}"
    return f"attempt {count}, {'will retry' if retryable else 'final'}"


def _undelivered(event: _Event) -> str:
    reason = _piece(event.event_data.get("failure_reason"))
    known = reason in (FailureReason.RETRIES_EXHAUSTED, FailureReason.FATAL_ERROR)
    details = _piece(event.event_data.get("failure_details"), READING_LIMIT)
    return _explained(reason.replace("_", " ") if known else reason, details)


def _bounced(event: _Event) -> str:
    reason = _piece(event.event_data.get("failure_reason"), _MAX_PIECE // 2)
    token = text_of(event.event_data.get("token"))
    details = event.event_data.get("failure_details")
    if not token:
        return _explained(reason, _piece(details, READING_LIMIT))
    # Long details leave room for the token, which is what one acts on.
    tail = token if len(token) <= _TOKEN_TAIL else ELLIPSIS + token[-_TOKEN_TAIL:]
    return _joined(_explained(reason, _piece(details)), f"token {tail}")


def _complaint(event: _Event) -> str:
    texts = (value for _, value in _pairs(event.event_data) if isinstance(value, str) and value)
    return _explained("complaint", _piece(next(texts, "")))


def _engaged(event: _Event) -> str:
    """How long after the message was made, which every message says; its sending may not be known."""
    at = event.created_us
    if (
        event.earlier is not None
        and at is not None
        and event.earlier.stands(event.type, _UNDONE_BY[event.type], at)
    ):
        return "again"
    took = _elapsed(_us(event.data.get("inserted_at")), at)
    return f"after {took}" if took else ""


def _undone(event: _Event) -> str:
    done = _UNDOES[event.type]
    at = event.created_us
    if event.earlier is None or at is None:
        return "undone"
    if event.earlier.stands(event.type, done, at):
        return "again"
    took = _elapsed(event.earlier.latest(done, at), at)
    return f"undone after {took}" if took else "undone"


def _interacted(event: _Event) -> str:
    return " ".join(_pair(key, value) for key, value in _pairs(event.event_data))


def _link_clicked(event: _Event) -> str:
    return _piece(event.event_data.get("url"), READING_LIMIT)


def _run_started(event: _Event) -> str:
    trigger = _piece(object_of(event.data.get("trigger_source")).get("type"))
    return f"by {trigger}" if trigger else ""


def _run_completed(event: _Event) -> str:
    return _joined("completed", _errors(event))


def _errors(event: _Event) -> str:
    count = event.data.get("error_count")
    return _counted(count, "error") if count != 0 else ""


def _named(event: _Event) -> str:
    """The resource's name or key; a translation has its place, a source event action what it does."""
    name = _piece(event.data.get("name")) or _piece(event.data.get("key"))
    return name or _piece(entity_of(event.type, event.data, event.event_data).id) or _action(event.data)


def _action(data: dict[str, Any]) -> str:
    return " -> ".join(filter(None, (_piece(data.get("event_type")), _piece(data.get("action_type")))))


def _committed(event: _Event) -> str:
    commit = _piece(event.event_data.get("commit_id"))[:_COMMIT_HEAD]
    return _joined(_named(event), commit and f"commit {commit}")


def _promoted(event: _Event) -> str:
    commits = _counted(event.data.get("commit_count"), "commit")
    resources = _counted(event.data.get("resource_count"), "resource")
    return _explained(_route(event.data), _joined(commits, resources))


def _route(data: dict[str, Any]) -> str:
    start = _piece(data.get("from_environment"), 128)
    end = _piece(data.get("to_environment"), 128)
    if start and end:
        return f"{start} -> {end}"
    return f"from {start}" if start else end and f"to {end}"


def _branch(event: _Event) -> str:
    branch = object_of(event.data.get("branch"))
    actor = object_of(event.data.get("actor"))
    slug = _piece(branch.get("slug"), 256) or _piece(branch.get("name"), 256)
    parent = _piece(branch.get("parent_environment"), 256)
    who = _piece(actor.get("name"), 256) or _piece(actor.get("email"), 256)
    return _joined(f"{slug} from {parent}" if slug and parent else slug, who and f"by {who}")


def _first_fields(event: _Event) -> str:
    return _scalars(event.event_data) or _scalars(event.data)


def _scalars(fields: dict[str, Any]) -> str:
    found = (
        _pair(key, value)
        for key, value in _pairs(fields)
        if value is not None and not isinstance(value, (dict, list))
    )
    return " ".join(islice(found, _UNKNOWN_FIELDS))


_READINGS: Mapping[str, Callable[[_Event], str]] = {
    _SENT: _sent,
    "message.delivered": _delivered,
    "message.delivery_attempted": _attempted,
    "message.undelivered": _undelivered,
    "message.bounced": _bounced,
    "message.complaint": _complaint,
    **dict.fromkeys(_UNDONE_BY, _engaged),
    **dict.fromkeys(_UNDOES, _undone),
    "message.interacted": _interacted,
    "message.link_clicked": _link_clicked,
    "workflow_recipient_run.started": _run_started,
    "workflow_recipient_run.completed": _run_completed,
    "workflow_recipient_run.error": _errors,
    **{name: _named for name in CATALOGUE if name.endswith(".updated")},
    **{name: _committed for name in CATALOGUE if name.endswith(".committed")},
    "commits.promoted": _promoted,
    **{name: _branch for name, known in CATALOGUE.items() if known.family == "branch"},
}
