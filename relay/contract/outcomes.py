"""What a message comes to, and what is worth a look on its way: the words that filters and timelines share."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """Where a message got to. Without any event of its delivery the outcome is the status that Knock gives."""

    SENT = "sent"
    RETRYING = "retrying"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    UNDELIVERED = "undelivered"
    UNKNOWN = "unknown"


class Flag(StrEnum):
    """What is worth a look in a timeline, in the order in which flags are given."""

    COMPLAINT = "complaint"
    STALLED = "stalled"
    RETRIED = "retried"
    MANUAL_RETRY = "manual-retry"
    LATE_FAILURE = "late-failure"
    UNDONE = "undone"
    OUT_OF_ORDER = "out-of-order"
    DUPLICATE_DELIVERY = "duplicate-delivery"
    BODY_DIFFERS = "body-differs"
    ATTEMPTS_MISSING = "attempts-missing"
    HISTORY_TRIMMED = "history-trimmed"

    @property
    def meaning(self) -> str:
        """What it says, in a few words."""
        return _MEANINGS[self]


_MEANINGS = {
    Flag.COMPLAINT: "the recipient reported it as spam",
    Flag.STALLED: "it can still move, and nothing came for a while",
    Flag.RETRIED: "an attempt to send it failed",
    Flag.MANUAL_RETRY: "it was tried again after Knock had given it up",
    Flag.LATE_FAILURE: "it bounced or failed after it was delivered",
    Flag.UNDONE: "what the recipient did was undone",
    Flag.OUT_OF_ORDER: "an event arrived after one that Knock made later",
    Flag.DUPLICATE_DELIVERY: "an event arrived more than once",
    Flag.BODY_DIFFERS: "an event arrived again with another body",
    Flag.ATTEMPTS_MISSING: "attempts that there must have been are not in the log",
    Flag.HISTORY_TRIMMED: "its first events are no longer kept",
}
