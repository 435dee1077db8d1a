"""What is said of a request in quarantine."""

from __future__ import annotations

from typing import Any

from tests.tui.made import made_held
from tests.tui.told import CLOCK, facts, headings, notes
from tui.model.held import SHOWN, diagnosis, told
from tui.model.items import Change, Note

BODY = b'{"type": "message.sent"}'


def said(body: bytes | str | None = BODY, **changes: Any) -> list[Any]:
    return list(told(made_held(1, **changes), body, CLOCK))


def test_the_diagnosis_comes_first_and_what_to_change_right_after() -> None:
    items = said(reason="hex-for-base64", detail="s is in hex", remedy="use base64")
    assert headings(items)[:2] == ["Hex for base64", "What to change"]
    assert notes(items)[:2] == ["S is in hex", "Use base64"]


def test_where_a_secret_is_the_remedy_the_key_for_it_is_named() -> None:
    key = "Here S does it, and admits at once what the secret fits"
    assert key in notes(said(remedy="copy the secret and run knocktop secret add"))
    assert key not in notes(said(remedy="use base64"))
    watching = told(made_held(1, remedy="run knocktop secret add"), BODY, CLOCK, read_only=True)
    assert key not in notes(list(watching))


def test_the_request_is_told_with_when_where_and_what_it_claims_to_be() -> None:
    found = facts(
        said(endpoint="shop", count=3, headers=[("X-Knock-Event", "a.b"), ("x-knock-signature", "t=1,s=x")])
    )
    assert found["received"] == "2026-11-23 10:42:00.958 UTC"
    assert found["sent to"] == "/webhooks/knock/shop"
    assert (found["says it is"], found["times"], found["signature"]) == ("a.b", "3", "t=1,s=x")


def test_a_request_without_headers_of_knock_says_so() -> None:
    found = facts(said(headers=[]))
    assert (found["says it is"], found["signature"]) == ("nothing", "none")
    assert "times" not in found


def test_the_signed_string_is_copied_whole_from_each_of_its_lines() -> None:
    items = said(signed_string="1.a\nb")
    lines = [item for item in items if isinstance(item, Note) and item.copy == "1.a\nb"]
    assert [line.text for line in lines] == ["1.a", "b"]


def test_where_what_was_signed_differs_the_place_is_shown() -> None:
    items = said(signed_string='1795430520000.{"a":1}', was_signed='1795430520000.{"a": 1}')
    (change,) = [item for item in items if isinstance(item, Change)]
    assert change.label == "They part at character 20"
    assert (change.copy_before, change.copy_after) == ('1795430520000.{"a": 1}', '1795430520000.{"a":1}')


def test_a_string_that_ends_early_parts_at_its_end() -> None:
    (change,) = [item for item in said(signed_string="1.ab", was_signed="1.a") if isinstance(item, Change)]
    assert change.label == "They part at character 4"


def test_without_a_signed_string_the_reason_is_said() -> None:
    assert "There is none, since the request has no t to begin it with." in notes(said(signed_string=None))
    signed = notes(said(signed_string=None, reason="no-event"))
    assert "The signature is right: it was made over this request with a secret of this relay." in signed


def test_the_body_is_shown_as_received_and_long_ones_are_cut_but_copied_whole() -> None:
    long = b"x" * (SHOWN + 5)
    items = said(long)
    last = [item for item in items if isinstance(item, Note)][-1]
    assert last == Note("… 5 more characters; y copies them all", copy=long.decode())


def test_a_body_that_is_empty_unread_or_unreadable_is_said_so() -> None:
    assert "It is empty." in notes(said(b""))
    assert "Reading the body…" in notes(said(None))
    assert "The body could not be read: gone" in notes(said("The body could not be read: gone"))
    assert "\ufffd" in notes(said(b"\xff"))


def test_masked_headers_are_named_as_such() -> None:
    items = said(headers=[("authorization", "***")])
    assert [item.note for item in items if getattr(item, "name", "") == "authorization"] == ["never shown"]


def test_the_diagnosis_can_be_pasted() -> None:
    item = made_held(1, reason="hex-for-base64", detail="s is in hex", remedy="use base64")
    assert diagnosis(item) == "hex for base64: s is in hex\nto change: use base64"
