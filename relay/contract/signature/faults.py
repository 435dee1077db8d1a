"""What can be wrong with a signature."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Reason(StrEnum):
    """What a diagnosis comes to."""

    GOOD = "good"
    STALE = "stale"
    SECONDS = "seconds-for-milliseconds"
    TIME_UNREADABLE = "time-unreadable"
    NO_SECRET = "no-secret"  # noqa: S105 - a reason, not a password
    MISSING = "missing-header"
    MALFORMED = "malformed-header"
    TRUNCATED = "truncated-signature"
    OTHER_ALGORITHM = "other-algorithm"
    HEX = "hex-for-base64"
    OTHER_BASE64 = "other-base64"
    TIME_NOT_SIGNED = "time-not-signed"
    DOT_NOT_SIGNED = "dot-not-signed"
    OTHER_TIME_SIGNED = "other-time-signed"
    SECRET_CHANGED = "secret-changed"  # noqa: S105 - the same
    BODY_REWRITTEN = "body-rewritten"
    OTHER_ENDPOINT = "secret-of-another-endpoint"
    OTHER_SECRET = "another-secret"  # noqa: S105 - the same


class Fault(NamedTuple):
    """One thing that is wrong: what was found, and what to change, in words that follow on one another."""

    reason: Reason
    detail: str
    remedy: str
