"""Drafts for tests of the log."""

from __future__ import annotations

from relay.contract import jsontext
from relay.contract.events import Entity, EventFacts, Verdict
from relay.contract.moments import rfc3339
from relay.log.base import Draft


def draft(
    key: str,
    *,
    kind: str = "message.sent",
    body: bytes | None = None,
    verdict: Verdict = Verdict.VERIFIED,
    received_us: int = 1_795_183_388_958_652,
) -> Draft:
    """A draft whose identity is `key`."""
    text = jsontext.dumps({"type": kind, "data": {"id": key}}) if body is None else body
    facts = EventFacts(
        type=kind,
        reading=f"reading of {key}",
        failed=False,
        created_at=None,
        received_at=rfc3339(received_us),
        entity=Entity("message", key),
        message_id=key,
        recipient=None,
        workflow=None,
        channel=None,
        tenant=None,
        status=None,
        engagement_statuses=None,
        workflow_run_id=None,
        workflow_recipient_run_id=None,
        environment_id=None,
        endpoint=None,
        event_data=None,
        size=len(text),
    )
    return Draft(
        identity=key.encode(),
        type=kind,
        received_us=received_us,
        endpoint=None,
        verdict=verdict,
        summary=jsontext.dumps(facts),
        headers=jsontext.dumps([("x-knock-event", kind)]),
        body=text,
        signature_t=received_us // 1_000,
        secret=None,
        remote="127.0.0.1",
    )
