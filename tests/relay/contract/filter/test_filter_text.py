"""Free text is looked for in the body as received."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.contract.filter import Text, parse
from tests.relay.contract.filter.subjects import event, matches
from tests.relay.contract.filter.trees import characters


@pytest.mark.parametrize(
    ("filter_", "body"),
    [
        ("fInDs", b'{"type":"t","data":{"x":"Life finds a way"}}'),
        ('"a  b"', b'{"type":"t","data":{"x":"A  B"}}'),
        (r'"\"x\": 1"', b'{"type":"t","data":{"X": 1}}'),
        ("É", '{"type":"t","data":{"x":"É"}}'.encode()),
        (r'"\\u00e9"', rb'{"type":"t","data":{"x":"\u00E9"}}'),
        ("5e3", b'{"type":"t","data":{"x":5E3}}'),
        ('""', b'{"type":"t","data":{}}'),
        ("a*b", b'{"type":"t","data":{"x":"a*b"}}'),
        ("data", b'{"type":"t","data":{}}'),
    ],
)
def test_text_that_is_found(filter_: str, body: bytes) -> None:
    assert matches(filter_, body)


@pytest.mark.parametrize(
    ("filter_", "body"),
    [
        ("é", '{"type":"t","data":{"x":"É"}}'.encode()),
        ("é", rb'{"type":"t","data":{"x":"\u00e9"}}'),
        ("k", '{"type":"t","data":{"x":"\N{KELVIN SIGN}"}}'.encode()),
        ("ſ", b'{"type":"t","data":{"x":"s"}}'),
        ('"a b"', b'{"type":"t","data":{"x":"a  b"}}'),
        ("a*b", b'{"type":"t","data":{"x":"a-b"}}'),
        (r'"\ud800"', rb'{"type":"t","data":{"x":"\ud800"}}'),
    ],
)
def test_text_that_is_not_found(filter_: str, body: bytes) -> None:
    assert not matches(filter_, body)


def test_text_is_not_looked_for_in_headers() -> None:
    assert not matches("secret", headers=[("x-secret", "secret")])


@given(st.text(characters, min_size=1, max_size=3), st.text(st.sampled_from("aAéÉkK[{@`"), max_size=20))
def test_only_a_to_z_are_the_same_in_both_cases(text: str, body: str) -> None:
    raw = b'{"type":"t","data":{},"x":"' + body.encode() + b'"}'
    assert parse(str(Text(text))).matches(event(raw)) == (upper(text) in upper(raw.decode()))


def upper(text: str) -> str:
    return "".join(chr(ord(character) - 32) if "a" <= character <= "z" else character for character in text)
