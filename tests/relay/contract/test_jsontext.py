"""JSON is read and written as the standard says, whichever parser does it."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from relay.contract.jsontext import MAX_DEPTH, JsonError, dumps, loads

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()))
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-(2**200), 2**200)
    | st.floats(allow_nan=False, allow_infinity=False)
    | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ANY_TEXT, inner, max_size=4),
    max_leaves=20,
)
PIECES = st.sampled_from(
    [*"}[],:\"\\10.-+eE9a/é' \n\x0b\xa0\x00\x7f\ufeff", '{"a":', "\\u", "d800", "true", "nul", "NaN", "Infinity"]
)


def by_the_standard_library(data: bytes) -> Any:
    def refuse(name: str) -> Any:
        raise ValueError(name)

    return json.loads(data.decode("utf-8"), parse_constant=refuse)


def same(left: Any, right: Any) -> bool:
    """Equal, and of the same types throughout, with the sign of zero."""
    return repr(left) == repr(right)


@given(VALUES, st.booleans(), st.sampled_from([None, 1]))
def test_what_is_json_reads_as_the_standard_library_reads_it(
    value: Any, escaped: bool, indent: int | None
) -> None:
    data = json.dumps(value, ensure_ascii=escaped, indent=indent).encode("utf-8", "backslashreplace")
    assert same(loads(data), by_the_standard_library(data))


@given(st.lists(PIECES, max_size=12).map(lambda pieces: "".join(pieces).encode()) | st.binary(max_size=20))
@example(b"")
@example(b"01")
@example(b"1.")
@example(b"-")
@example(b"[1,]")
@example(b'{"a":1,}')
@example(b'"\x01"')
@example(b'"\\x"')
@example(b'"\xed\xa0\x80"')
@example(b"\xef\xbb\xbf1")
@example(b"1 2")
@example(b"\xff")
def test_what_is_no_json_is_refused_as_the_standard_library_refuses_it(data: bytes) -> None:
    try:
        expected = by_the_standard_library(data)
    except ValueError:
        with pytest.raises(JsonError):
            loads(data)
    else:
        assert same(loads(data), expected)


@given(VALUES)
def test_what_is_written_reads_the_same(value: Any) -> None:
    assert same(loads(dumps(value)), value)


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_is_refused_by_name(constant: str) -> None:
    with pytest.raises(JsonError, match=f"^{constant} is not JSON$"):
        loads(f"[{constant}]".encode())


@pytest.mark.parametrize("number", ["1e400", "-1e400", "1E+999", "9" * 400 + ".0"])
def test_a_number_beyond_a_double_is_given_as_its_text(number: str) -> None:
    assert loads(f"[{number}]".encode()) == [number]


def test_integers_are_exact() -> None:
    assert loads(b"[123456789012345678901234567890, -18446744073709551617]") == [
        123456789012345678901234567890,
        -18446744073709551617,
    ]


def test_an_integer_too_long_to_convert_is_given_as_its_text() -> None:
    assert loads(b"9" * 10_000) == "9" * 10_000


def test_big_integers_are_written_exactly() -> None:
    assert dumps({"n": 2**100}) == b'{"n":1267650600228229401496703205376}'


def test_the_last_of_repeated_keys_counts() -> None:
    assert loads(b'{"a":1,"b":2,"a":3}') == {"a": 3, "b": 2}


@pytest.mark.parametrize("text", [r'"\ud800"', r'"\udc00"', r'"a\ud83dz"', r'{"\ud800":["\udfff"]}'])
def test_escaped_lone_surrogates_come_back_escaped(text: str) -> None:
    assert dumps(loads(text.encode())) == text.encode()


def test_an_escaped_pair_is_one_character() -> None:
    assert loads(rb'"\ud83c\udf89"') == "🎉"


@pytest.mark.parametrize(
    ("data", "where"),
    [(b'{"a":}', "at line 1, column 6"), (b"[1,\n2", "at line 2, column 2"), (b'"\xff"', "not UTF-8 at byte 1")],
)
def test_a_refusal_says_where(data: bytes, where: str) -> None:
    with pytest.raises(JsonError, match=where):
        loads(data)


def nested(levels: int, inner: bytes = b"") -> bytes:
    objects, lists = levels // 2, levels - levels // 2
    return b'{"a":' * objects + b"[" * lists + inner + b"]" * lists + b"}" * objects


@pytest.mark.parametrize("inner", [b"", rb'"\ud800"', b'"[[[{{{"', b"1"])
def test_as_many_levels_as_allowed_are_read(inner: bytes) -> None:
    assert same(loads(nested(MAX_DEPTH, inner)), by_the_standard_library(nested(MAX_DEPTH, inner)))


@pytest.mark.parametrize("inner", [b"", rb'"\ud800"', b"1"])
def test_one_level_more_is_refused(inner: bytes) -> None:
    with pytest.raises(JsonError, match=f"^nested deeper than {MAX_DEPTH} levels$"):
        loads(nested(MAX_DEPTH + 1, inner))


def test_the_depth_is_that_of_the_deepest_place_not_the_number_of_brackets() -> None:
    data = b"[" + b",".join([nested(MAX_DEPTH - 1)] * 20) + b"]"
    assert loads(data) == by_the_standard_library(data)


def test_a_deep_place_after_shallow_ones_is_found() -> None:
    with pytest.raises(JsonError, match="nested deeper"):
        loads(b"[" + b"[],{}," * 500 + nested(MAX_DEPTH) + b"]")


@pytest.mark.parametrize(
    "text",
    [
        "[" * 600,
        '{"[' * 600,
        '\\"[' * 600,
        "\\\\" * 3 + '\\"' + "[" * 600,
        '"' * 600 + "[" * 600,
        '"],["' * 600,
        "]" * 600,
    ],
)
def test_brackets_inside_strings_do_not_count(text: str) -> None:
    data = json.dumps({text: [text, {"b": text}]}).encode()
    assert loads(data) == by_the_standard_library(data)


@given(
    st.lists(st.sampled_from(["[", "]", "{", "}", '"[["', r'"\""', r'"\\"', '""', ",", "1"]), max_size=40),
    st.integers(0, 6),
)
def test_the_depth_found_is_the_one_that_counting_finds(pieces: list[str], levels: int) -> None:
    depth = deepest = 0
    for piece in pieces:
        depth += (piece in "[{") - (piece in "]}")
        deepest = max(deepest, depth)
    try:
        loads("".join(pieces).encode(), levels)
        refused = ""
    except JsonError as error:
        refused = str(error)
    assert ("nested deeper" in refused) is (deepest > levels)


HUGE = 5 << 20
HOSTILE_BODIES = {
    "pairs": b"[" + b"[]," * (HUGE // 3) + b"1]",
    "unclosed pairs": b"[]" * (HUGE // 2),
    "towers": b"[" + (b"[" * 499 + b"]" * 499) * (HUGE // 998) + b"]",
    "strings between": b"[" + b'{"[":"]"},' * (HUGE // 10) + b"1]",
    "short strings": b"[" * 300 + b'"",' * (HUGE // 3) + b"{}" * 300,
    "escapes": b'["' + b'\\\\\\"' * (HUGE // 4 - 400) + b'",' + b"[]," * 500 + b"1]",
    "quotes": b'["' + b'"' * HUGE + b"[]" * 600,
    "never closed": b"[" * HUGE,
}


@pytest.mark.parametrize("kind", HOSTILE_BODIES)
def test_finding_the_depth_of_a_huge_hostile_body_is_quick(kind: str) -> None:
    began = time.process_time()
    with suppress(JsonError):
        loads(HOSTILE_BODIES[kind])
    assert time.process_time() - began < 3
