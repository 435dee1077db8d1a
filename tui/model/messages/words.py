"""What is said of a message in a few words: where it got to, why not further, and what is odd about it.

Words come with the ink that they are painted in. They hold foreign text; whoever paints them makes it safe.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from relay.contract.events import Channel
from relay.contract.knock import ChannelType, Engagement, MessageStatus, object_of
from relay.contract.timeline import Flag, MessageTimeline, Outcome, Step
from relay.contract.timeline.reach import reports_delivery
from tui.model.messages.axis import latency
from tui.model.messages.lane import age_ms, is_moving, is_stalled

CHANNELS = {"in_app_feed": "in-app", "in_app": "in-app", "in_app_guide": "guide"}
"""Types of channels by other names than Knock's."""

_OUTCOME_INKS = {
    Outcome.SENT: "event-sent",
    Outcome.RETRYING: "event-attempted",
    Outcome.DELIVERED: "event-delivered",
    Outcome.BOUNCED: "event-failed",
    Outcome.UNDELIVERED: "event-failed",
    MessageStatus.DELIVERY_ATTEMPTED: "event-attempted",
}
_DEEDS = (
    (Engagement.LINK_CLICKED, "clicked", "event-engaged"),
    (Engagement.INTERACTED, "interacted", "event-engaged"),
    (Engagement.ARCHIVED, "archived", "event-archived"),
    (Engagement.READ, "read", "event-seen"),
    (Engagement.SEEN, "seen", "event-seen"),
)
"""What a recipient did, the most telling first."""

_BADGES = {
    Flag.MANUAL_RETRY: ("tried again", "warn"),
    Flag.LATE_FAILURE: ("failed late", "bad"),
    Flag.UNDONE: ("undone", "quiet"),
    Flag.OUT_OF_ORDER: ("out of order", "warn"),
    Flag.DUPLICATE_DELIVERY: ("repeated", "warn"),
    Flag.BODY_DIFFERS: ("body differs", "warn"),
    Flag.ATTEMPTS_MISSING: ("attempts missing", "warn"),
    Flag.HISTORY_TRIMMED: ("beginning gone", "quiet"),
}
"""Flags that the outcome does not tell already."""

_REASONS = {"retries_exhausted": "retries exhausted", "fatal_error": "fatal error"}
_ENDS = {ChannelType.PUSH: "push ends here", ChannelType.CHAT: "chat ends here"}


class Words(NamedTuple):
    """A text and its ink."""

    text: str
    ink: str


class Sign(NamedTuple):
    """One cell that says at once whether something is wrong; `ascii` is for terminals without more."""

    glyph: str
    ascii: str
    ink: str


_FAILED = Sign("!", "!", "bad")
_STALLED = Sign("?", "?", "warn")
_ODD = Sign("~", "~", "warn")
_FINE = Sign(" ", " ", "quiet")
_ODDITIES = frozenset(
    {Flag.MANUAL_RETRY, Flag.LATE_FAILURE, Flag.OUT_OF_ORDER, Flag.BODY_DIFFERS, Flag.ATTEMPTS_MISSING}
)


def sign(message: MessageTimeline) -> Sign:
    """Say whether a message failed or was complained of, hangs, or is odd in another way."""
    if is_failing(message):
        return _FAILED
    if is_stalled(message):
        return _STALLED
    return _ODD if _ODDITIES.intersection(message.flags) else _FINE


def is_failing(message: MessageTimeline) -> bool:
    """Tell whether a message did not arrive, or was reported as spam."""
    return message.outcome in (Outcome.BOUNCED, Outcome.UNDELIVERED) or Flag.COMPLAINT in message.flags


def channel_word(channel: Channel | None) -> str:
    """Name a channel by its type."""
    kind = (channel.type if channel is not None else None) or ""
    return CHANNELS.get(kind, kind)


def outcome(message: MessageTimeline, now_us: int, *, short: bool = False) -> Sequence[Words]:
    """Say where a message got to, then what happened there; `short` leaves out what is told elsewhere."""
    head = Words(message.outcome.replace("_", " "), _OUTCOME_INKS.get(message.outcome, "ink"))  # type: ignore[call-overload]
    return [head, *_more(message, now_us, short=short)]


def _more(message: MessageTimeline, now_us: int, *, short: bool) -> Iterator[Words]:
    if Flag.COMPLAINT in message.flags:
        yield Words("complaint", "event-complaint")
    if message.failure is not None:
        yield from _failure(message, short=short)
    elif message.outcome == Outcome.RETRYING:
        yield from _retrying(message, now_us)
    elif deed := _deed(message, short=short):
        yield deed
    elif is_stalled(message):
        yield Words(f"stalled for {latency(age_ms(message, now_us))}", "warn")
    elif is_moving(message):
        yield Words("under way", "quiet")
    elif message.outcome == Outcome.SENT:
        yield Words(_end(message.channel), "quiet")


def _failure(message: MessageTimeline, *, short: bool) -> Iterator[Words]:
    failure = message.failure
    assert failure is not None  # noqa: S101 - asked by the caller
    reason = _REASONS.get(failure.reason or "", (failure.reason or "").replace("_", " "))
    said = ": ".join(part for part in (reason, failure.details) if part)
    if short and failure.details:
        said = failure.details
    if not said and failure.token:
        said = f"token …{failure.token[-8:]}"
    last = message.attempts[-1] if message.attempts else None
    if not said and last is not None and last.retryable is False:
        said = "final attempt"
    if said:
        yield Words(said, "ink")


def _retrying(message: MessageTimeline, now_us: int) -> Iterator[Words]:
    last = message.attempts[-1] if message.attempts else None
    if last is not None and last.number is not None:
        yield Words(
            f"{last.number}/{last.of}" if last.of is not None else f"attempt {last.number}", "event-attempted"
        )
    if is_stalled(message):
        yield Words(f"stalled for {latency(age_ms(message, now_us))}", "warn")


def _deed(message: MessageTimeline, *, short: bool) -> Words | None:
    for deed, word, ink in _DEEDS:
        if deed in message.engagement:
            step = _newest(message, f"message.{deed}")
            said = _values(step) if step is not None and deed is Engagement.INTERACTED else ""
            took = latency(step.since_first_ms) if step is not None and step.since_first_ms else ""
            return Words(f"{said or word} after {took}" if took and not short else said or word, ink)
    return None


def _newest(message: MessageTimeline, kind: str) -> Step | None:
    return next((step for step in reversed(message.steps) if step.type == kind), None)


def _values(step: Step) -> str:
    """Give what the app itself said of an interaction, as far as it is short."""
    given = object_of(object_of(step.event_data).get("metadata"))
    return " ".join(str(value) for value in given.values() if isinstance(value, str) and len(value) <= 20)[:24]


def _end(channel: Channel | None) -> str:
    """Say why nothing more is to be expected of a message that was sent."""
    kind = channel.type if channel is not None else None
    if kind in _ENDS:
        return _ENDS[ChannelType(kind)]
    if reports_delivery(channel) is False and channel is not None:
        return f"{channel.provider or kind} ends here"
    return "delivery not reported so far"


def badges(message: MessageTimeline) -> Sequence[Words]:
    """Give the flags that the outcome does not tell already, the weightiest first."""
    return [Words(*_BADGES[flag]) for flag in Flag if flag in message.flags and flag in _BADGES]
