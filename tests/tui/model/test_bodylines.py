from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from tests.tui.model.bodies import values
from tui.model.bodylines import pretty, tokens


@given(values, st.booleans())
def test_the_lines_are_the_same_json(value: object, ascii_: bool) -> None:
    body = json.dumps(value, ensure_ascii=ascii_).encode("utf-8", "surrogatepass")
    lines = pretty(body)
    assert json.loads("\n".join(lines)) == value


@given(values)
def test_tokens_together_are_the_line(value: object) -> None:
    for line in pretty(json.dumps(value).encode()):
        assert "".join(token.text for token in tokens(line)) == line


@given(st.text())
def test_any_text_is_split_without_losing_any(line: str) -> None:
    assert "".join(token.text for token in tokens(line)) == line


def test_numbers_repeated_keys_and_escapes_stay_as_received() -> None:
    lines = pretty(rb'{"a":1e400,"a":10.0,"n":12345678901234567890123,"u":"\u00e4\ud800"}')
    assert lines == [
        "{",
        '  "a": 1e400,',
        '  "a": 10.0,',
        '  "n": 12345678901234567890123,',
        r'  "u": "\u00e4\ud800"',
        "}",
    ]


def test_an_escaped_backslash_before_a_u_is_no_escape() -> None:
    assert pretty(rb'["\\ud800", "\udfff"]') == ["[", r'  "\\ud800",', r'  "\udfff"', "]"]


def test_what_is_not_json_is_shown_as_it_is() -> None:
    assert pretty(b"<html>\n</html>") == ["<html>", "</html>"]


def test_bytes_that_are_not_text_do_not_fail() -> None:
    assert pretty(b"\xff\xfe") == ["\ufffd\ufffd"]


def test_kinds_tell_keys_from_strings() -> None:
    kinds = [(token.text.strip(), token.kind) for token in tokens('  "a": "b: c",') if token.text.strip()]
    assert kinds == [('"a"', "key"), (":", "mark"), ('"b: c"', "string"), (",", "mark")]


def test_a_deep_body_is_not_indented_beyond_memory() -> None:
    lines = pretty(b"[" * 499 + b",".join([b"1"] * 70_000) + b"]" * 499)
    assert len(lines) == 70_998
    assert json.loads("".join(lines)) is not None
    assert sum(map(len, lines)) < 1_000_000
