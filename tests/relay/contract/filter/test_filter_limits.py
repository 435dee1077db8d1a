"""A filter is bounded in length, terms and depth, and nothing within the bounds takes long or recurses."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest

from relay.contract.filter import FilterError, parse
from relay.contract.filter.regex import MAX_MEMORY


def refused(text: str) -> FilterError:
    with pytest.raises(FilterError) as caught:
        parse(text)
    return caught.value


def test_4096_characters_parse_and_one_more_does_not() -> None:
    assert parse("a" * 4_096).tree
    error = refused("a" * 4_097)
    assert (error.message, error.column, error.length) == ("a filter has at most 4,096 characters", 4_097, 1)


def test_100_terms_parse_and_one_more_does_not() -> None:
    assert parse(" ".join("a" * 100)).tree
    error = refused(" ".join("a" * 101))
    assert (error.message, error.column) == ("a filter has at most 100 terms", 201)


@pytest.mark.parametrize("term", ["a", '"a b"', "type:a,b", "tenant~x", "failed", "exists(data.x)"])
def test_every_kind_of_term_counts(term: str) -> None:
    assert parse(" ".join([term] * 100)).tree
    assert refused(" OR ".join([term] * 101)).message == "a filter has at most 100 terms"


def test_values_of_one_term_do_not_count_as_terms() -> None:
    assert parse("seq:" + ",".join(map(str, range(500)))).tree


@pytest.mark.parametrize(
    ("opening", "closing"), [("(", ")"), ("-", ""), ("NOT ", ""), ("-(", ")"), ("NOT (b OR ", ")")]
)
def test_20_levels_parse_and_one_more_does_not(opening: str, closing: str) -> None:
    levels = 2 if "(" in opening and opening != "(" else 1
    assert parse(opening * (20 // levels) + "a" + closing * (20 // levels)).tree
    times = 20 // levels + 1
    error = refused(opening * times + "a" + closing * times)
    assert error.message == "a filter is at most 20 levels deep"


def test_levels_are_what_is_open_at_once() -> None:
    assert parse(" ".join(["-(-a)"] * 30) + " (" * 18 + "-a b" + ")" * 18).tree


@pytest.mark.parametrize("piece", ["(", "-", "NOT ", "-(", "a (", "exists("])
def test_endless_nesting_is_refused_and_does_not_recurse(piece: str) -> None:
    refused((piece * 4_096)[:4_096])


@pytest.mark.parametrize(
    "text",
    [
        "tenant~" + "(a" * 2_000,
        "tenant~" + "[a" * 2_000,
        "tenant~" + "(a)" * 1_300 + "(",
        "tenant~" + "((((a)*)*)*)*" * 300,
        "type:" + "a*," * 1_300 + "a",
        "data" + ".a" * 2_000 + ":1",
        'data."' + '\\"' * 2_000,
        '"' * 4_095,
        "data.x:" + "9" * 4_000,
        "data.x:>" + "9" * 4_000,
        "data." + "9" * 4_000 + ":a",
        "age:<" + "1m" * 2_000,
        " " * 4_000 + ")",
        "a OR " * 800,
    ],
)
def test_hostile_filters_are_read_in_no_time(text: str) -> None:
    parse("a")
    before = time.process_time()
    with suppress(FilterError):
        parse(text)
    assert time.process_time() - before < 0.5


def test_a_regular_expression_may_not_take_more_memory_than_allowed() -> None:
    assert MAX_MEMORY == 1 << 20
    assert "too large" in refused("tenant~" + "(?:a?){1000}" * 50).message
