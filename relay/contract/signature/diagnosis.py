"""What is wrong with a signature, and what to change."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from relay.contract.events import Verdict
from relay.contract.signature.faults import Fault, Reason
from relay.contract.signature.scheme import HEADER, TOLERANCE_MS, Check, Secret, check, milliseconds
from relay.contract.text import ELLIPSIS, plain

if TYPE_CHECKING:
    from relay.contract.signature.claim import Claim

SIGNED_STRING_LIMIT = 4_096
"""Characters of the signed string that a diagnosis shows."""


class Diagnosis(NamedTuple):
    """Why a signature is good or bad, one line each for what was found and what to change.

    `signed_string` is what Knock's scheme signs for this header and body: `t`, a dot and the body; None where the
    header has no `t`. `was_signed` is what the signature fits instead, where that was found out. Both have at most
    `SIGNED_STRING_LIMIT` characters and are foreign text: show them through `plain`. No secret and no right
    signature is in any of the texts.
    """

    reason: Reason
    detail: str
    remedy: str
    signed_string: str | None
    was_signed: str | None = None


def diagnose(
    header: str | None,
    body: bytes,
    secrets: Sequence[Secret],
    now_ms: int,
    *,
    others: Sequence[Secret] = (),
) -> Diagnosis:
    """Say what a signature is and what to change; never raises, whatever the header.

    `others` are the secrets of other endpoints. May take tens of milliseconds for a body of 100 KB and more.
    """
    if not secrets and not others:
        return Diagnosis(*_NO_SECRET, signed_string=None)
    if not header or header.isspace():
        return Diagnosis(*_MISSING, signed_string=None)
    # Whoever only signs or checks does not pay for what a diagnosis needs.
    from relay.contract.signature.claim import read_claim

    claim = read_claim(header)
    signed_string = _shown(f"{claim.t}.", body) if claim.t else None
    checked = check(header, body, secrets, now_ms)
    if checked.verdict.authentic:
        return Diagnosis(*_of_time(checked, claim.t, now_ms), signed_string)
    faults, signed = _faults(claim, body, secrets, others)
    detail = "; ".join(fault.detail for fault in faults)
    remedy = "; ".join(fault.remedy for fault in faults)
    was_signed = None if signed is None else _shown("", signed)
    return Diagnosis(faults[0].reason, detail, remedy, signed_string, was_signed)


def _shown(before: str, data: bytes) -> str:
    text = before + data[: 4 * SIGNED_STRING_LIMIT].decode("utf-8", "replace")
    return text if len(text) <= SIGNED_STRING_LIMIT else text[: SIGNED_STRING_LIMIT - 1] + ELLIPSIS


_NO_SECRET = Fault(
    Reason.NO_SECRET,
    "no signing secret is configured, so nothing can be checked",
    "copy the signing secret from the webhook's page in Knock and run knocktop secret add",
)
_MISSING = Fault(
    Reason.MISSING,
    f"there is no {HEADER} header",
    f"sign with {HEADER}: t=<unix ms>,s=<base64>, and let any proxy pass that header on"
    " (x-webhook-signature is of Knock's webhook channel, not of its outbound webhooks)",
)


def _faults(
    claim: Claim, body: bytes, secrets: Sequence[Secret], others: Sequence[Secret]
) -> tuple[list[Fault], bytes | None]:
    """All that is wrong, at least one thing, the one to change first in front; and what was signed instead."""
    from relay.contract.signature.mistakes import Search
    from relay.contract.signature.rewriting import BODY_LIMIT

    seconds = [fault] if (fault := _seconds(claim.t)) else []
    if claim.digest is None:
        return claim.faults + seconds, None
    search = Search(claim.digest)
    found = next(search.matches(claim.t, body, secrets, others), None)
    if found is not None and found + claim.faults:
        as_knock = claim.t.encode("utf-8", "surrogatepass") + b"." + body
        return found + claim.faults + seconds, None if search.signed == as_knock else search.signed
    large = len(body) > BODY_LIMIT or search.left < 0
    return [*claim.faults, _other_secret(len(secrets), large=large), *seconds], None


def _other_secret(configured: int, *, large: bool) -> Fault:
    none = {0: "no secret is configured for this endpoint", 1: "the secret configured here doesn't fit"}
    detail = none.get(configured, f"none of the {configured} secrets configured here fits")
    return Fault(
        Reason.OTHER_SECRET,
        f"{detail}: signed with another secret, or the body was changed on its way"
        + (" (it is too large to try how)" if large else ""),
        "copy the secret from this webhook's page in Knock and run knocktop secret add: each environment and each"
        " webhook has its own secret; if it is the right one, look for what writes the body anew on its way",
    )


def _of_time(checked: Check, t: str, now_ms: int) -> Fault:
    if checked.t_ms is None:
        return Fault(
            Reason.TIME_UNREADABLE,
            f"the signature is right, but t is {plain(t, 40)}, which is no whole number",
            "send t as whole milliseconds since 1970",
        )
    age = now_ms - checked.t_ms
    when = (
        f"signed {_duration(age)} ago" if age >= 0 else f"signed {_duration(-age)} ahead of this machine's clock"
    )
    if checked.verdict is Verdict.VERIFIED:
        return Fault(Reason.GOOD, f"{when} with secret {checked.secret_id}", "nothing to change")
    return _seconds(t) or Fault(
        Reason.STALE,
        f"the signature is right, but was {when}; the limit is {_duration(TOLERANCE_MS)}",
        "nothing to change if it was sent again or kept; else set the clocks of sender and relay, and send t in"
        " milliseconds",
    )


def _seconds(t: str) -> Fault | None:
    number = milliseconds(t)
    if number is None or not 10**8 <= number < 10**11:
        return None
    read_as = datetime.fromtimestamp(number / 1000, UTC)
    return Fault(
        Reason.SECONDS,
        f"t is {number}, which are seconds: as milliseconds that is {read_as:%B %Y}",
        "send and sign t in milliseconds: Date.now() in JavaScript, time.time_ns() // 1_000_000 in Python",
    )


_UNITS = (("days", 86_400_000), ("h", 3_600_000), ("min", 60_000))


def _duration(ms: int) -> str:
    unit, size = next((unit for unit in _UNITS if ms >= 2 * unit[1]), ("s", 1_000))
    return f"{ms // size:,} {unit}"
