"""Events made up for tests of the screen: only what a test cares about has to be named."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from relay.contract.api import ForwardItem, QuarantineItem, TypeCount
from relay.contract.canned import CannedAnswer, NewCannedAnswer
from relay.contract.events import Channel, Delivery, Entity, EventDetail, EventSummary, Forward, Verdict
from relay.contract.knock import family_of, is_known
from tui.model.source import Totals

RECEIVED = "2026-11-23T10:42:00.958652Z"


def made(seq: int, type_: str = "message.sent", **facts: Any) -> EventSummary:
    """Make a summary of a plausible message event."""
    return EventSummary(seq=seq, type=type_, **{**_facts(seq), **facts})


def made_detail(seq: int, type_: str = "message.sent", **facts: Any) -> EventDetail:
    """Make the same event in full."""
    more = {
        "headers": [("content-type", "application/json"), ("x-knock-event", type_)],
        "payload": {"type": type_, "data": {"id": f"message-{seq}"}},
        "deliveries": [delivery(1)],
        "forwards": [],
    }
    return EventDetail(seq=seq, type=type_, **{**_facts(seq), **more, **facts})


def delivery(n: int, **facts: Any) -> Delivery:
    """Make one verified arrival."""
    given: dict[str, Any] = {
        "received_at": RECEIVED,
        "endpoint": None,
        "verdict": Verdict.VERIFIED,
        "signature_t": 1_795_430_520_000,
        "secret": "1a2b3c4d",
        "remote": "127.0.0.1",
        "headers": [("content-type", "application/json")],
        "body_differs": False,
    }
    return Delivery(n=n, **{**given, **facts})


def made_forward(entry: int, seq: int = 1, **facts: Any) -> tuple[ForwardItem, Forward]:
    """Make a forward, as a list has it and in full."""
    given: dict[str, Any] = {
        "at": RECEIVED,
        "url": "http://127.0.0.1:3000/webhooks",
        "sign": "as-received",
        "status": 200,
        "ms": 12.5,
        "n": 1,
        "headers": [("content-type", "application/json")],
        "body": '{"ok":true}',
        **facts,
    }
    event = {"type": "message.sent", "message_id": f"m{seq}", "reading": "via sendgrid", "failed": False}
    of_event = {name: given.pop(name, value) for name, value in event.items()}
    shown = given | {"headers": None, "body": None}
    return ForwardItem(entry=entry, seq=seq, **of_event, **shown), Forward(**given)


def made_held(id_: int, **facts: Any) -> QuarantineItem:
    """Make a request in quarantine."""
    given: dict[str, Any] = {
        "received_at": RECEIVED,
        "count": 1,
        "endpoint": None,
        "headers": [("content-type", "application/json"), ("x-knock-event", "message.sent")],
        "size": 53,
        "reason": "another-secret",
        "detail": "the secret configured here doesn't fit: signed with another secret, or the body was changed",
        "remedy": "copy the secret from this webhook's page in Knock and run knocktop secret add",
        "signed_string": '1795430520000.{"type": "message.sent", "data": {"id": "message-1"}}',
    }
    return QuarantineItem(id=id_, **{**given, **facts})


def made_totals(upto: int, by_type: Mapping[str, int], last: Mapping[str, EventSummary] | None = None) -> Totals:
    """Make the totals of a log with so many events of each type, all of them in the last minute."""
    return Totals(upto, [_type_count(name, count, (last or {}).get(name)) for name, count in by_type.items()])


def _type_count(name: str, count: int, last: EventSummary | None) -> TypeCount:
    return TypeCount(
        type=name,
        family=family_of(name),
        known=is_known(name),
        count=count,
        last_seq=last.seq if last is not None else count,
        last_at=last.received_at if last is not None else RECEIVED,
        per_minute=[0] * 59 + [count],
    )


def _facts(seq: int) -> dict[str, Any]:
    return {
        "reading": "via sendgrid",
        "failed": False,
        "created_at": RECEIVED,
        "received_at": RECEIVED,
        "entity": Entity("message", f"message-{seq}"),
        "message_id": f"message-{seq}",
        "recipient": "dr_grant",
        "workflow": "security-breach-alert",
        "channel": Channel(id="c1", type="email", provider="sendgrid", key="my-sendgrid-channel"),
        "tenant": "ingen",
        "status": "sent",
        "engagement_statuses": [],
        "workflow_run_id": "run-1",
        "workflow_recipient_run_id": "recipient-run-1",
        "environment_id": "env-1",
        "endpoint": None,
        "event_data": None,
        "size": 1_204,
        "verdict": Verdict.VERIFIED,
        "delivery_count": 1,
    }


def made_canned(new: NewCannedAnswer, id_: int = 1, *, answered: int = 0) -> CannedAnswer:
    """A canned answer that was just put in force."""
    return CannedAnswer(
        id=id_,
        filter=new.filter,
        answer=new.answer,
        delay_ms=new.delay_ms,
        retry_after=new.retry_after,
        until="2126-11-23T10:52:00.000000Z",
        seconds_left=new.for_seconds,
        answered=answered,
        events=None if "," not in new.answer else min(answered, 1),
        waiting=0,
        passed=0,
    )
