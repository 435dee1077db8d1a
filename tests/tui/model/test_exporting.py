"""The forms of an export: what each says of an event, and that nothing in an event can act through it."""

from __future__ import annotations

import ast
import csv
import io
import json
import re
from typing import Any

import pytest
from msgspec.structs import replace

from relay.contract import jsontext
from relay.contract.events import Verdict
from relay.contract.exported import ExportedEvent, body_of, line_of, read_exported
from relay.contract.facts import facts_of, rendered
from relay.contract.signature import Secret, check
from tests.hostile import HOSTILE
from tui.model.exporting import CSV, CURL, NDJSON, PYTEST, Kind, form_of, kind_of
from tui.model.redaction import TEST_SECRET

URL = "http://127.0.0.1:1/webhooks/knock"
RECEIVED = "2026-11-23T10:42:00.000000Z"


def line(body: bytes, seq: int = 1, headers: dict[str, str] | None = None) -> bytes:
    facts = facts_of(
        jsontext.loads(body),
        received_at=RECEIVED,
        environment_id=None,
        endpoint="staging",
        size=len(body),
        cut=False,
    )
    known = b'{"seq":%d,%b,"verdict":"verified","delivery_count":1}' % (seq, rendered(facts)[1:-1])
    return line_of(known, (headers or {"x-knock-event": "m"}).items(), body, None) + b"\n"


def hostile(text: str) -> bytes:
    return jsontext.dumps(
        {"type": text[:128] or "t", "data": {"recipient": text, text: 1}, "event_data": {"a": text}}
    )


LINES = b"".join(line(hostile(text), seq) for seq, text in enumerate(HOSTILE, 1))


def written(kind: Kind, lines: bytes = LINES, *, redact: bool = False) -> str:
    form = form_of(kind, redact=redact, url=lambda endpoint: f"{URL}/{endpoint}" if endpoint else URL)
    return (form.begin() + form.events(lines) + form.end()).decode()


def test_exact_lines_are_passed_on_as_they_are() -> None:
    form = form_of(NDJSON, redact=False, url=str)
    assert form.begin() + form.events(LINES) + form.end() == LINES


def test_redacted_lines_are_lines_of_events_again() -> None:
    made = [read_exported(one) for one in written(NDJSON, redact=True).encode().splitlines()]
    assert [event.seq for event in made] == list(range(1, len(HOSTILE) + 1))
    for event in made:
        signature = dict(event.headers)["x-knock-signature"]
        found = check(signature, body_of(event), [Secret(TEST_SECRET, None)], 1_795_430_520_000)
        assert found.verdict is Verdict.VERIFIED


def test_every_cell_of_a_table_is_one_cell_and_none_is_calculated() -> None:
    header, *rows = csv.reader(io.StringIO(written(CSV), newline=""))
    assert len(rows) == len(HOSTILE)
    for row in rows:
        assert len(row) == len(header)
        assert not any(re.match(r"\s*[=+\-@\t\r\n]", cell) for cell in row)
        assert not any(
            re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u202e]", cell) for cell in row
        )


@pytest.mark.parametrize("formula", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "\uff1d1"])
def test_what_a_spreadsheet_would_calculate_has_an_apostrophe_before_it(formula: str) -> None:
    body = jsontext.dumps({"type": "t", "data": {"tenant": formula}})
    [_, row] = csv.DictReader(io.StringIO(written(CSV, line(body) * 2), newline=""))
    assert row["tenant"] == f"'{formula}"


def test_a_table_has_what_the_summary_has() -> None:
    body = jsontext.dumps({"type": "message.sent", "data": {"id": "m1", "channel": {"id": "c", "type": "email"}}})
    [row] = csv.DictReader(io.StringIO(written(CSV, line(body)), newline=""))
    assert (row["seq"], row["type"], row["failed"], row["entity_id"]) == ("1", "message.sent", "false", "m1")
    assert (row["channel_type"], row["endpoint"], row["forwarded"], row["verdict"]) == (
        "email",
        "staging",
        "",
        "verified",
    )


def test_commands_name_the_secret_and_sign_with_it_or_leave_all_as_it_was() -> None:
    body = b'{"type": "message.sent",  "data": {"recipient": "dr_grant"}}'
    one = line(body, headers={"x-knock-signature": "t=1,s=old"})
    redacted, plain = written(CURL, one, redact=True), written(CURL, one)
    assert "dr_grant" not in redacted
    assert TEST_SECRET in redacted.partition("\n\n")[0]
    assert "s=old" not in redacted
    assert body.decode() in plain
    assert "x-knock-signature: t=1,s=old" in plain
    assert f"curl -sS {URL}/staging" in plain


@pytest.mark.parametrize("redact", [True, False])
def test_a_suite_is_python_that_holds_the_bodies_and_nothing_else_of_an_event(redact: bool) -> None:
    text = written(PYTEST, redact=redact)
    namespace: dict[str, Any] = {}
    tree = ast.parse(text)
    compile(tree, "suite", "exec")
    exec(text, namespace)
    cases = namespace["EVENTS"]
    assert len(cases) == len(HOSTILE)
    assert all(re.fullmatch(r"seq-\d+-[A-Za-z0-9._-]+", case.id) for case in cases)
    if redact:
        assert f"secret {TEST_SECRET}" in namespace["__doc__"]
        signature = namespace["signature"](b"body")
        now_ms = int(signature[2:].partition(",")[0])
        assert check(signature, b"body", [Secret(TEST_SECRET, None)], now_ms).verdict is Verdict.VERIFIED
    else:
        assert [case.values[2] for case in cases] == [hostile(text) for text in HOSTILE]
        assert all(case.values[:2] == (f"{URL}/staging", [("x-knock-event", "m")]) for case in cases)


@pytest.mark.parametrize("kind", [CSV, CURL, PYTEST])
def test_nothing_that_is_shown_acts_on_a_terminal(kind: Kind) -> None:
    assert not re.search(
        r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e]", written(kind).replace("\r", "")
    )


def test_a_body_that_is_no_text_goes_as_base64_and_comes_back() -> None:
    known = line(b'{"type":"t","data":{}}').partition(b',"headers"')[0] + b"}"
    event = read_exported(line_of(known, [], b"\xff\x00", None))
    assert (event.body, event.body_base64, body_of(event)) == (None, "/wA=", b"\xff\x00")
    assert body_of(replace(event, body="x")) == b"x"


def test_a_form_is_found_by_its_name() -> None:
    assert (kind_of("csv"), kind_of("xml")) == (CSV, None)


def test_the_line_of_an_event_is_one_line_with_all_fields_of_a_summary() -> None:
    told = json.loads(line(hostile("a\nb")))
    assert set(ExportedEvent.__struct_fields__) >= set(told) >= {"seq", "reading", "verdict", "headers", "body"}
