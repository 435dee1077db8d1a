"""Which JSON values a term is true of."""

from __future__ import annotations

from itertools import zip_longest
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.contract.filter import Like, Name, Term, parse
from tests.relay.contract.filter.subjects import data, event, matches

LONG = 12_345_678_901_234_567_890_123_456_789_012


@pytest.mark.parametrize(
    ("test", "value"),
    [
        # text: exactly, in its case
        (":a", "a"),
        (":a,b", "b"),
        (':""', ""),
        (':"a b"', "a b"),
        (':"true"', "true"),
        (':"5"', "5"),
        (r':"\ud800"', "\ud800"),
        (':"a\\u0000b"', "a\0b"),
        # digits: a number of that value, a text of those characters
        (":5", 5),
        (":5", 5.0),
        (":5", "5"),
        (":5.0", 5),
        (":05", 5),
        (":05", "05"),
        (":-0", 0),
        (":1e2", 100),
        (":1e2", "1e2"),
        (":0.1", 0.1),
        (f":{LONG}", LONG),
        (":1e400", "1e400"),
        # JSON's own
        (":true", True),
        (":false", False),
        (":null", None),
        (":null,a", "a"),
        # wildcards
        (":*", ""),
        (":*", "anything"),
        (":a*", "a"),
        (":a*", "abc"),
        (":*c", "abc"),
        (":*b*", "abc"),
        (":a*c", "ac"),
        (":a*b*c", "a-b-c"),
        (":*a*a*", "aa"),
        (r':"a \**"', "a *b"),
        # comparisons
        (":>1", 2),
        (":>1", 1.5),
        (":>=2", 2),
        (":<1", -5),
        (":<=1.5", 1),
        (":2..5", 2),
        (":2..5", 5),
        (":2..5", 3.3),
        (":1,>5", 7),
        (f":>{LONG - 1}", LONG),
        (":>0", 1e308),
        (":>2026-11-23", "2026-11-24T00:00:00Z"),
        (":2026-11-23..2026-11-24", "2026-11-24"),
        # regular expressions
        ("~b", "abc"),
        ("~^abc$", "abc"),
        ("~(?i)B", "abc"),
        ('~""', "abc"),
    ],
)
def test_what_a_test_is_true_of(test: str, value: object) -> None:
    assert matches(f"data.x{test}", data(value))


@pytest.mark.parametrize(
    ("test", "value"),
    [
        (":a", "A"),
        (":a", "ab"),
        (":a", None),
        (":a", ["b"]),
        (":a", {"a": "a"}),
        (':"5"', 5),
        (":5", "5.0"),
        (":5", "05"),
        (":5", True),
        (":1", True),
        (":0", False),
        (":0", None),
        (":0", ""),
        (f":{LONG}", LONG + 1),
        (f":{LONG}", float(LONG)),
        (":true", 1),
        (":true", "true"),
        (":false", 0),
        (":false", None),
        (":null", "null"),
        (":null", False),
        (":null", 0),
        (":null", ""),
        (":null", []),
        (":null", {}),
        (":*", 5),
        (":*", None),
        (":*", True),
        (":5*", 55),
        (":a*a", "a"),
        (":a*b*c", "acb"),
        (":ab*bc", "abc"),
        (":*b*b", "ab"),
        (r':"a\*"', "ab"),
        (":>1", "2"),
        (":>1", True),
        (":<1", False),
        (":<1", None),
        (":>1", 1),
        (":2..5", "3"),
        (":>2026-11-23", "2026-11-23T23:59:59Z"),
        (":>2026-11-23", 1e18),
        (":>2026-11-23", "20261124"),
        (":>2026-11-23", "later"),
        (":>0", "1e400"),
        ("~5", 5),
        ("~^b", "abc"),
        ("~B", "abc"),
        ('~""', None),
        ('~""', {}),
    ],
)
def test_what_a_test_is_not_true_of_and_its_negation_is(test: str, value: object) -> None:
    assert not matches(f"data.x{test}", data(value))
    assert matches(f"-data.x{test}", data(value))


def test_a_value_that_no_double_holds_is_a_text_of_those_characters() -> None:
    body = b'{"type":"t","data":{"x":1e400,"y":-1e400}}'
    assert matches("data.x:1e400 data.y:-1e400", body)
    assert not matches("data.x:1e401", body)
    assert not matches("data.x:>1", body)


def test_the_last_of_repeated_keys_counts() -> None:
    body = b'{"type":"t","data":{"x":1,"x":2}}'
    assert matches("data.x:2 -data.x:1", body)


def test_absent_null_and_another_type_are_all_false() -> None:
    bodies: list[dict[str, Any]] = [{"data": {}}, data(None), data({"y": 1}), data([])]
    for body in bodies:
        for test in (":a", ":5", ":>1", ":*", "~a", ":true"):
            assert not matches(f"data.x{test}", body)
            assert matches(f"-data.x{test}", body)


@given(
    st.lists(st.text("ab", max_size=3), min_size=2, max_size=4), st.lists(st.text("ab", max_size=2), max_size=6)
)
def test_a_wildcard_stands_for_any_run_of_characters(parts: list[str], gaps: list[str]) -> None:
    text = "".join(part + gap for part, gap in zip_longest(parts, gaps, fillvalue=""))
    tree = Term(Name("tenant"), (Like(tuple(parts)),))
    assert parse(str(tree)).matches(event({"type": "t", "data": {"tenant": text}})) == glob(parts, text)


def glob(parts: list[str], text: str) -> bool:
    """Say whether `text` is the parts with something between them, by trying everything."""
    first, *rest = parts
    if not rest:
        return first == text
    return text.startswith(first) and any(
        glob(rest, text[position:]) for position in range(len(first), len(text) + 1)
    )


@given(st.sampled_from([0, 1, 5, -5, 0.5, 2**63, 10**30]), st.sampled_from([0, 1, 5, -5, 0.5, 2**63, 10**30]))
def test_numbers_compare_by_value(value: Any, limit: Any) -> None:
    assert matches(f"data.x:<{limit}", data(value)) == (value < limit)
    assert matches(f"data.x:<={limit}", data(value)) == (value <= limit)
    assert matches(f"data.x:>{limit}", data(value)) == (value > limit)
    assert matches(f"data.x:>={limit}", data(value)) == (value >= limit)
    assert matches(f"data.x:{limit}", data(value)) == (value == limit)
