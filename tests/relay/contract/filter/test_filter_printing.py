"""A tree prints itself as text that parses back to it."""

from __future__ import annotations

import pytest
from hypothesis import given

from relay.contract.filter import (
    And,
    Equals,
    FilterError,
    Header,
    Like,
    Matches,
    Name,
    Node,
    Not,
    Or,
    Path,
    Term,
    Text,
    parse,
)
from tests.relay.contract.filter.subjects import NOW_US
from tests.relay.contract.filter.trees import scraps, trees


@given(trees)
def test_every_tree_parses_back_from_its_own_text(tree: Node) -> None:
    assert parse(str(tree), NOW_US).tree == tree


@given(scraps)
def test_the_normal_form_of_a_filter_means_the_same_filter(text: str) -> None:
    try:
        filter_ = parse(text, NOW_US)
    except FilterError:
        return
    assert parse(str(filter_), NOW_US).tree == filter_.tree


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("", ""),
        (" \n ", ""),
        ("NOT  type:a", "-type:a"),
        ("a AND b", "a b"),
        ("((a OR b))", "a OR b"),
        ("(a b) OR c", "a b OR c"),
        ("a (b OR c)", "a (b OR c)"),
        ("NOT (a b)", "-(a b)"),
        ("status:sent,delivered", "status:sent,delivered"),
        ('tenant:"acme"', "tenant:acme"),
        ('tenant:"5"', 'tenant:"5"'),
        ('tenant:"null"', 'tenant:"null"'),
        (r'tenant:"a\*",b*', r'tenant:"a\*",b*'),
        (r'tenant:"a \**"', r'tenant:"a \**"'),
        ("type:a**b", "type:a*b"),
        ("size:>10k", "size:>10000"),
        ("age:<90s", "age:<1m30s"),
        ("created:>2026-11-23T10:00", "created:>2026-11-23T10:00Z"),
        ("created:>2026-11-23T10:00+02:00", "created:>2026-11-23T08:00Z"),
        ("created:2026-11-23", "created:2026-11-23"),
        ("header.X-Knock-Event:a", "header.x-knock-event:a"),
        (".data.x:a", "data.x:a"),
        ("exists( data.x )", "exists(data.x)"),
        ('"failed"', '"failed"'),
        ('"tab\there"', r'"tab\there"'),
        (r'tenant:"\u0041\ud83d\ude00"', 'tenant:"A\U0001f600"'),
    ],
)
def test_the_normal_form(written: str, normal: str) -> None:
    assert str(parse(written, NOW_US)) == normal


def test_nested_joints_of_one_kind_are_one() -> None:
    assert And((And((Text("a"), Text("b"))), Text("c"))) == And((Text("a"), Text("b"), Text("c")))
    assert Or((Text("a"), Or((Text("b"), Text("c"))))) == Or((Text("a"), Text("b"), Text("c")))


def test_what_cannot_be_seen_is_escaped() -> None:
    text = str(Term(Name("tenant"), (Equals("\x1b[2J\u202e\ud800"),)))
    assert text == r'tenant:"\u001b[2J\u202e\ud800"'


def test_a_digit_key_and_an_index_are_told_apart() -> None:
    assert str(Path(("data", "0", 0))) == 'data."0".0'
    assert parse('data."0".0:a').tree == Term(Path(("data", "0", 0)), (Equals("a"),))


@pytest.mark.parametrize("pattern", [r"a\"b", 'a"b', r"\\\"", '"', r"\d+ x", "(?i)^ops@", '["]'])
def test_a_regular_expression_survives_its_quotes(pattern: str) -> None:
    node = Matches(Name("tenant"), pattern)
    assert parse(str(node)).tree == node


def test_an_escaped_quote_in_a_regular_expression_is_a_quote() -> None:
    assert Matches(Name("tenant"), r"a\"b") == Matches(Name("tenant"), 'a"b')


@pytest.mark.parametrize(
    "build",
    [
        lambda: And((Text("a"),)),
        lambda: Or(()),
        lambda: Term(Name("tenant"), ()),
        lambda: Like(("a",)),
        lambda: Path(()),
        lambda: Matches(Name("tenant"), "a\\"),
    ],
)
def test_what_could_not_be_written_cannot_be_built(build: object) -> None:
    assert callable(build)
    with pytest.raises(ValueError, match=r"needs|takes|can't"):
        build()


def test_a_headers_name_is_kept_in_lower_case() -> None:
    assert Header("X-Knock-Event") == Header("x-knock-event")


def test_nodes_are_values() -> None:
    assert len({Not(Text("a")), Not(Text("a")), Not(Text("b"))}) == 2
