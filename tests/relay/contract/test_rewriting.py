"""A body is written again as the programs that people use would write it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.contract.signature.rewriting import BODY_LIMIT, WRITTEN_LIMIT, rewritings

ARRIVED = '{"b":"Zoë <b>","a":[10.0,1.50],"2":"/","1":{}}'.encode()


def how(body: bytes, signed: bytes | str) -> str | None:
    wanted = signed.encode() if isinstance(signed, str) else signed
    return next((rewriting.how() for rewriting in rewritings(body) if rewriting.data == wanted), None)


NO_ASCII = r"non-ASCII characters as \u escapes"
SHORT_FRACTION = "numbers without needless digits (1.5 for 1.50)"
NO_FRACTION = "numbers without needless digits (10 for 10.0)"


@pytest.mark.parametrize(
    ("signed", "words"),
    [
        (
            r'{"b": "Zo\u00eb <b>", "a": [10.0, 1.5], "2": "/", "1": {}}',
            ["a space after each comma and colon", NO_ASCII, SHORT_FRACTION, "as Python's json.dumps does it"],
        ),
        (
            '{"1":{},"2":"/","b":"Zoë <b>","a":[10,1.5]}',
            [NO_FRACTION, "number-like keys first", "as JavaScript's JSON.stringify does it"],
        ),
        (
            r'{"1":{},"2":"/","a":[10,1.5],"b":"Zoë \u003cb\u003e"}',
            [
                r"< > & as \u003c \u003e \u0026",
                NO_FRACTION,
                "its keys sorted",
                "as Go's json.Marshal does it",
            ],
        ),
        (
            r'{"b":"Zo\u00eb <b>","a":[10.0,1.5],"2":"\/","1":{}}',
            [NO_ASCII, r"slashes as \/", SHORT_FRACTION, "as PHP's json_encode does it"],
        ),
        ('{"1":{},"2":"/","a":[10.0,1.50],"b":"Zoë <b>"}', ["its keys sorted"]),
        (
            '{\n  "b": "Zoë <b>",\n  "a": [\n    10.0,\n    1.50\n  ],\n  "2": "/",\n  "1": {}\n}\n',
            ["lines indented by 2 spaces", "a line break at its end"],
        ),
    ],
    ids=["Python", "JavaScript", "Go", "PHP", "sorted", "indented"],
)
def test_the_way_that_fits_is_named(signed: str, words: list[str]) -> None:
    assert how(ARRIVED, signed) == f"the body written with {', '.join(words)}"


@pytest.mark.parametrize(
    ("arrived", "signed", "words"),
    [
        ('{"a":10.0}', '{"a": 10.0}', "a space after each comma and colon, as Python's json.dumps does it"),
        ('{"a": [1, 2]}', '{"a":[1,2]}', "no spaces between its parts, as JavaScript's JSON.stringify does it"),
        (
            r'{"a":"\u00e9"}',
            '{"a":"é"}',
            "non-ASCII characters as they are, as JavaScript's JSON.stringify does it",
        ),
        (r'{"a":"\u003c"}', '{"a":"<"}', "< > & as they are, as JavaScript's JSON.stringify does it"),
        (
            '{"a":1.50,"1":1}',
            '{"1":1,"a":1.5}',
            f"{SHORT_FRACTION}, number-like keys first, as JavaScript's JSON.stringify does it",
        ),
        ('{"a":1,"1":1}', '{"1":1,"a":1}', "number-like keys first, as JavaScript's JSON.stringify does it"),
        (r'{"a":"\/"}', '{"a":"/"}', "slashes as they are, as JavaScript's JSON.stringify does it"),
        (r'{"a":"\u0041"}', '{"a":"A"}', "other escapes, as JavaScript's JSON.stringify does it"),
    ],
)
def test_the_way_back_is_named_too(arrived: str, signed: str, words: str) -> None:
    assert how(arrived.encode(), signed) == f"the body written with {words}"


@pytest.mark.parametrize(
    ("number", "in_javascript"),
    [
        ("10.0", "10"),
        ("-0.0", "0"),
        ("-0", "0"),
        ("1e2", "100"),
        ("1.50", "1.5"),
        ("1E21", "1e+21"),
        ("100000000000000000000.0", "100000000000000000000"),
        ("12345678901234567890", "12345678901234567000"),
        ("0.00001", "0.00001"),
        ("4.35e-5", "0.0000435"),
        ("-1e-6", "-0.000001"),
        ("1.0e-7", "1e-7"),
        ("5.0e-324", "5e-324"),
        ("1.7976931348623157E308", "1.7976931348623157e+308"),
        ("1e400", "null"),
        ("0.10", "0.1"),
    ],
)
def test_javascript_writes_numbers_in_its_own_manner(number: str, in_javascript: str) -> None:
    written = {rewriting.data for rewriting in rewritings(f"[ {number} ]".encode())}
    assert f"[{in_javascript}]".encode() in written


def test_javascript_puts_array_indexes_first_and_no_other_numbers() -> None:
    arrived = b'{"b":1,"4294967295":2,"4294967294":3,"01":4,"0":5}'
    assert how(arrived, '{"0":5,"4294967294":3,"b":1,"4294967295":2,"01":4}') is not None


def test_an_integer_of_any_length_is_written_as_it_was_sent() -> None:
    assert how(b"[ %b ]" % (b"9" * 10_000), b"[%b]" % (b"9" * 10_000)) is not None


def test_javascript_escapes_lone_surrogates_and_little_else() -> None:
    arrived = rb'[ "\u00e9\ud83d\ude00\ud800\/\u2028\u007f\u0001" ]'
    assert how(arrived, '["é😀\\ud800/\u2028\x7f\\u0001"]') is not None


@pytest.mark.parametrize(
    ("arrived", "signed", "words"),
    [
        (b"{}", b"", "an empty body, as of a request that had been read before"),
        (b"{}", b"{}\n", "the body with a line break at its end"),
        (b"{}\n", b"{}", "the body without the line break at its end"),
        (b" {} ", b"{}", "the body without the white space around it"),
        (b"a\r\nb", b"a\nb", "the body with LF for each CR LF"),
        (b"a\nb", b"a\r\nb", "the body with CR LF for each LF"),
        (b"\xef\xbb\xbf{}", b"{}", "the body without its byte order mark"),
        (b"{}", b"\xef\xbb\xbf{}", "the body with a byte order mark"),
        (b"{}", b"[object Object]", "[object Object], the text of a parsed body in JavaScript"),
        (b"{}", b"b'{}'", "the body as Python shows bytes: b'…'"),
        (b"{}", b"e30=", "the body in base64"),
        ('"ë"'.encode(), '"Ã«"'.encode(), "the body read as Latin-1 and written as UTF-8"),
        (b'{"a":1}', rb'"{\"a\":1}"', "the body as one JSON string, as JSON.stringify makes of a text"),
        (
            b"{}",
            b'{"type":"Buffer","data":[123,125]}',
            "a Buffer put through JSON.stringify instead of the bytes in it",
        ),
        (b'{"a":null}', b"{'a': None}", "a parsed body as Python shows it"),
    ],
)
def test_what_else_may_have_been_signed_is_named(arrived: bytes, signed: bytes, words: str) -> None:
    assert how(arrived, signed) == words


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(JSON, st.sampled_from([None, 2, 4]), st.booleans(), st.booleans())
def test_whatever_python_wrote_is_found_from_what_it_wrote_otherwise(
    value: object, indent: int | None, escaped: bool, ordered: bool
) -> None:
    arrived = json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "backslashreplace")
    signed = json.dumps(value, indent=indent, ensure_ascii=escaped, sort_keys=ordered)
    data = signed.encode("utf-8", "backslashreplace")
    assert data == arrived or how(arrived, data) is not None


@given(st.binary(max_size=60) | JSON.map(lambda value: json.dumps(value).encode()))
def test_each_way_is_given_once_and_is_another_than_the_body(body: bytes) -> None:
    written = [rewriting.data for rewriting in rewritings(body)]
    assert len({body, *written}) == 1 + len(written)


@given(st.binary(max_size=60) | JSON.map(lambda value: json.dumps(value, indent=1).encode()))
def test_every_way_can_be_told_in_one_line(body: bytes) -> None:
    assert [rewriting for rewriting in rewritings(body) if not rewriting.how() or "\n" in rewriting.how()] == []


@pytest.mark.parametrize(
    "body",
    [
        b"[" + b"1.50," * (BODY_LIMIT // 6) + b"1]",
        b"[" * 400 + b"1," * (BODY_LIMIT // 2 - 500) + b"1" + b"]" * 400,
        b"[" + b'"</",' * (BODY_LIMIT // 6) + b"1]",
        b"[" + '{"b":1.50,"a":"</é>","1":0},'.encode() * (BODY_LIMIT // 30) + b"1]",
        b"\x00" * BODY_LIMIT,
    ],
    ids=["numbers", "deep", "escapes", "all at once", "no JSON"],
)
def test_what_is_written_for_a_large_body_is_bounded(body: bytes) -> None:
    assert sum(len(rewriting.data) for rewriting in rewritings(body)) <= WRITTEN_LIMIT


def test_a_way_too_long_to_write_out_is_left_out_and_the_others_are_tried() -> None:
    deep = b"[" * 400 + b'{"b":"\xc3\xa9","a":1},' * 4_000 + b"1" + b"]" * 400
    written = b"[" * 400 + rb'{"a": 1, "b": "\u00e9"}, ' * 4_000 + b"1" + b"]" * 400 + b"\n"
    assert how(deep, written) is not None


def test_a_body_over_the_limit_is_not_written_again() -> None:
    assert list(rewritings(b" " * (BODY_LIMIT + 1))) == []


def test_a_body_nested_too_deep_is_written_again_as_a_text_only() -> None:
    assert how(b"[" * 100_000, b"[" * 100_000 + b"\n") is not None
