"""Regular expressions are RE2's: linear in time, and deaf to what breaks others."""

from __future__ import annotations

import time

import pytest
from hypothesis import given

from relay.contract.filter import FilterError, parse
from relay.contract.filter.regex import finder
from tests.relay.contract.filter.subjects import data, matches
from tests.relay.contract.filter.trees import texts


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("ops@", "mail ops@example.com now"),
        (r"^\w+@example\.com$", "ops@example.com"),
        ("(?i)OPS", "ops"),
        ("(?s)a.b", "a\nb"),
        ("é+", "caféé"),
        (r"\p{Greek}", "λ"),
        (r"\x{1F600}", "\U0001f600"),
        ("a.b", "a\ud800b"),
        ("^.*$", "\udfff"),
        ("\N{REPLACEMENT CHARACTER}", "\ud800"),
        (r"\x00", "a\0b"),
        ("", ""),
    ],
)
def test_what_is_found(pattern: str, text: str) -> None:
    assert finder(pattern)(text)


@pytest.mark.parametrize(("pattern", "text"), [("OPS", "ops"), ("^b", "a\nb"), ("a.b", "a\nb"), ("é", "e")])
def test_what_is_not_found(pattern: str, text: str) -> None:
    assert not finder(pattern)(text)


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+$", "(a*)*b", "(.*)(.*)(.*)(.*)(.*)x"])
def test_no_expression_takes_more_than_linear_time(pattern: str) -> None:
    finds = finder(pattern)
    before = time.process_time()
    assert not finds("a" * 200_000 + "!")
    assert time.process_time() - before < 2


@pytest.mark.parametrize("pattern", ["[", "(", ")", "*", "a**", r"a\1", "(?=a)", "(?<!a)", r"\Z", "a{1001}", "\\"])
def test_what_re2_refuses_is_refused_at_a_column_within_it(pattern: str) -> None:
    with pytest.raises(FilterError) as caught:
        finder(pattern)
    assert 1 <= caught.value.column <= len(pattern)
    assert caught.value.column - 1 + caught.value.length <= len(pattern)


def test_a_refusal_writes_nothing_to_the_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(FilterError):
        finder("a{1001}")
    assert capfd.readouterr() == ("", "")


@given(texts)
def test_any_text_can_be_searched(text: str) -> None:
    assert matches('data.x~""', data(text))


def test_any_value_of_several_is_searched() -> None:
    body = {"type": "message.sent", "data": {"channel": {"id": "i", "type": "email", "key": "my-key"}}}
    for pattern in ("^i$", "^email$", "^my-key$"):
        assert matches(f"channel~{pattern}", body)
    assert not matches("channel~^key$", body)
    assert matches("data.x~^b$", data(["a", "b"]))


def test_an_expression_in_parentheses_ends_with_its_own() -> None:
    assert matches("(data.x~^(a|b)$ OR never)", data("b"))
    assert parse("(data.x~a OR data.x~(b))").tree == parse("data.x~a OR data.x~(b)").tree
