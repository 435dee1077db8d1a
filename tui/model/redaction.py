"""Personal data replaced by stand-ins, the same one for the same text wherever and whenever it stands.

What is not known to be harmless is taken for personal: trigger data, metadata, recipients, actors, tenants, the
bodies of templates, and every key that Knock does not document. What stays is looked through for addresses. A
stand-in is made from a hash, so who guesses a value can check the guess: this keeps data from a reader, and makes
nobody anonymous.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import Any

from msgspec.structs import replace

from relay.contract import jsontext
from relay.contract.events import EventFacts
from relay.contract.exported import ExportedEvent, body_of
from relay.contract.facts import facts_of
from relay.contract.knock import MESSAGE, RECIPIENT_RUN, family_of
from relay.contract.moments import microseconds
from relay.contract.signature import HEADER, sign
from tui.model.copyas import kept_headers

TEST_SECRET = "knocktop-test-secret"  # noqa: S105 - published, so that what is signed with it proves nothing
"""What events are signed with once their bodies were changed."""

_DIGITS = 10
_SMALL = 100
"""Numbers below are counts, not what somebody could be found by."""


def _keys(text: str) -> frozenset[str]:
    return frozenset(text.split())


_TIMES = _keys(
    "created_at updated_at inserted_at archived_at clicked_at interacted_at link_clicked_at read_at seen_at"
    " scheduled_at deleted_at rebased_at"
)
# Keys whose values Knock chooses, or that name parts of a configuration and nobody, by family.
_OF_MESSAGE = _keys("__typename id status engagement_statuses workflow channel_id") | _TIMES
_OF_RUN = _keys("__typename id workflow_run_id workflow status error_count") | _TIMES
_OF_TEMPLATE = (
    _keys(
        "__typename id type key name sha environment active valid categories tags locale_code namespace format"
        " trigger_frequency is_mjml event_type action_type is_deleted icon_name visual_block_enabled"
    )
    | _TIMES
)
_OF_COMMITS = (
    _keys(
        "__typename promote_group_id from_environment to_environment branch request_source commit_count"
        " resource_count resources_truncated"
    )
    | _TIMES
)
_KNOWN = {
    MESSAGE: _OF_MESSAGE,
    RECIPIENT_RUN: _OF_RUN,
    "commits": _OF_COMMITS,
    **dict.fromkeys(("workflow", "email_layout", "translation", "source_event_action", "partial"), _OF_TEMPLATE),
}
_OF_EVENT_DATA = _keys(
    "__typename attempt max_attempts retryable failure_reason failure_details commit_id promote_group_id"
)
# The same of the objects within. All in any other object is personal.
_WITHIN = {
    "channel": _keys("__typename id key name type provider") | _TIMES,
    "source": _keys(
        "__typename type key step_ref categories version_id workflow_run_id workflow_recipient_run_id"
    ),
    "trigger_source": _keys("__typename type schedule_id audience_key"),
    "branch": _keys("__typename slug name parent_environment") | _TIMES,
    "resources": _keys("__typename type identifier"),
    "resource_type_counts": _OF_TEMPLATE | _keys("workflow email_layout translation source_event_action partial"),
}
_ANYWHERE = _keys("__typename") | _TIMES
_PERSONS = _keys("__typename collection")
"""What may stay of a person, an object or data of the app's own."""

_EMAIL = r"[A-Za-z0-9._%+'-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*"
_URL = r"\b[A-Za-z][A-Za-z0-9+.-]{1,20}://[^\s\"'<>)\]]+"
_UUID = r"\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b"
_IP = r"\b[0-9]{1,3}(?:\.[0-9]{1,3}){3}\b"
_PHONE = r"(?<![\w.])\+?[0-9](?:[ ()/.-]{0,2}[0-9]){6,14}(?!\w)"
_TOKEN = r"\b(?=[A-Za-z_-]*[0-9])[A-Za-z0-9_-]{20,}\b"  # noqa: S105 - a pattern
_email, _url, _uuid, _ip, _phone = (re.compile(each) for each in (_EMAIL, _URL, _UUID, _IP, _PHONE))
_telling = re.compile(f"{_URL}|{_EMAIL}|{_IP}")
_telling_in_words = re.compile(f"{_URL}|{_EMAIL}|{_UUID}|{_IP}|{_PHONE}|{_TOKEN}")


def stand_in(text: str) -> str:
    """Give what stands for a text: of the same kind where it is of one, and always the same."""
    mark = _mark(text)
    if _email.fullmatch(text):
        return f"{mark}@example.com"
    if _url.fullmatch(text):
        return f"https://example.com/{mark}"
    if _uuid.fullmatch(text):
        whole = _mark(text, 32)
        return f"{whole[:8]}-{whole[8:12]}-4{whole[13:16]}-8{whole[17:20]}-{whole[20:]}"
    if _ip.fullmatch(text):
        return f"10.{int(mark[:2], 16)}.{int(mark[2:4], 16)}.{int(mark[4:6], 16)}"
    if microseconds(text) is not None and not text.isdigit():
        return f"2000-01-{1 + int(mark[:4], 16) % 28:02d}T00:00:00Z"
    if _phone.fullmatch(text):
        return f"+1555{_number(mark, 7)}"
    return f"redacted-{mark}" if text else text


def _mark(text: str, digits: int = _DIGITS) -> str:
    data = text.encode("utf-8", "surrogatepass")
    return hmac.new(TEST_SECRET.encode(), data, hashlib.sha256).hexdigest()[:digits]


def _number(mark: str, digits: int) -> str:
    return str(int(mark, 16) % 10**digits).zfill(digits)


def _stand_in_number(number: float) -> int | float:
    if abs(number) < _SMALL:
        return number
    text = str(number)
    whole = len(text.lstrip("-").partition(".")[0])
    made = int("1" + _number(_mark(text), min(whole, 12) - 1))
    return made if isinstance(number, int) else float(made)


def redacted(event: ExportedEvent) -> ExportedEvent:
    """Replace what is personal in an event, and sign it with the secret for tests as of when it was received."""
    payload = redacted_payload(jsontext.loads(body_of(event)))
    body = jsontext.dumps(payload)
    headers = kept_headers(event.headers)
    received_ms = (microseconds(event.received_at) or 0) // 1_000
    signature = sign(TEST_SECRET, body, received_ms)
    kept = [(name, value) for name, value in headers if name.lower() != HEADER]
    facts = facts_of(
        payload,
        received_at=event.received_at,
        environment_id=event.environment_id,
        endpoint=event.endpoint,
        size=len(body),
        cut=False,
    )
    told = {name: getattr(facts, name) for name in EventFacts.__struct_fields__}
    return replace(event, **told, headers=[*kept, (HEADER, signature)], body=body.decode(), body_base64=None)


def redacted_payload(payload: dict[str, Any]) -> dict[str, Any]:
    """Replace what is personal in a parsed body; the type, the times and the ids of Knock's own things stay."""
    known = _KNOWN.get(family_of(payload["type"]), _ANYWHERE)
    made: dict[str, Any] = {}
    for name, value in payload.items():
        if name in ("__typename", "type", "created_at"):
            made[name] = _kept(value, name)
        elif name in ("data", "event_data"):
            made[name] = _walked(value, known if name == "data" else _OF_EVENT_DATA)
        else:
            made[_scrubbed(name)] = _personal(value)
    made["type"] = payload["type"]
    return made


def _walked(value: Any, known: frozenset[str]) -> Any:
    """An object of Knock's: what is known of it stays, as far as nothing in it tells of anybody."""
    if isinstance(value, list):
        return [_walked(each, known) for each in value]
    if not isinstance(value, dict):
        return _personal(value)
    made: dict[str, Any] = {}
    for name, each in value.items():
        if name in _WITHIN and isinstance(each, dict | list):
            made[name] = _walked(each, _WITHIN[name])
        elif name in known:
            made[name] = _kept(each, name)
        else:
            made[_scrubbed(name)] = _personal(each)
    return made


def _kept(value: Any, name: str) -> Any:
    """A value that is known to be Knock's, unless it has the form of something else."""
    if isinstance(value, str):
        return _said(value) if name in ("failure_reason", "failure_details") else _scrubbed(value)
    if isinstance(value, list):
        return [_kept(each, name) for each in value]
    return _personal(value) if isinstance(value, dict) else value


def _personal(value: Any) -> Any:
    """All of a value that is not Knock's."""
    if isinstance(value, dict):
        return {
            _scrubbed(name): each if name in _PERSONS and isinstance(each, str) else _personal(each)
            for name, each in value.items()
        }
    if isinstance(value, list):
        return [_personal(each) for each in value]
    if isinstance(value, str):
        return stand_in(value)
    return value if isinstance(value, bool) or value is None else _stand_in_number(value)


def _found(match: re.Match[str]) -> str:
    return stand_in(match.group())


def _scrubbed(text: str) -> str:
    """A name or an id, without an address in it; times and ids of Knock's stay."""
    return text if microseconds(text) is not None or _uuid.fullmatch(text) else _telling.sub(_found, text)


def _said(text: str) -> str:
    """What a provider said in words, without what points at somebody."""
    return _telling_in_words.sub(_found, text)
