from __future__ import annotations

import json
import time

from hypothesis import given
from hypothesis import strategies as st

from tui.model.bodylines import pretty, tokens, value_at

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
values = st.recursive(scalars, lambda v: st.lists(v, max_size=4) | st.dictionaries(st.text(), v, max_size=4))


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


def test_the_value_on_a_line_is_copied_without_quotes_and_escapes() -> None:
    lines = pretty(rb'{"a":"one\ntwo","n":1.50,"t":true}')
    assert [value_at(lines, index) for index in (1, 2, 3)] == ["one\ntwo", "1.50", "true"]


def test_a_container_is_copied_whole_from_its_first_and_its_last_line() -> None:
    lines = pretty(b'{"a":{"b":[1,2]},"c":3}')
    whole = '{\n  "b": [\n    1,\n    2\n  ]\n}'
    assert value_at(lines, 1) == whole
    assert value_at(lines, 6) == whole


def test_an_empty_container_is_copied() -> None:
    assert value_at(pretty(b'{"a":{},"b":[]}'), 1) == "{}"


@given(values)
def test_the_value_on_the_first_line_is_the_whole_body(value: object) -> None:
    lines = pretty(json.dumps(value).encode())
    copied = value_at(lines, 0)
    assert copied == value if isinstance(value, str) else json.loads(copied) == value


def test_a_body_of_five_mebibytes_is_ready_within_a_second() -> None:
    one = {
        "id": "2w3SbXOIkDj8Q6xzR8t8JDvTNsL",
        "n": 1.5,
        "nested": {"list": [1, 2, 3], "text": "Life finds a way"},
    }
    body = json.dumps([one] * (5 * 1024 * 1024 // len(json.dumps(one)))).encode()
    started = time.perf_counter()
    assert len(pretty(body)) > 400_000
    assert time.perf_counter() - started < 1.0
