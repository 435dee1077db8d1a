"""How terms are joined, and what of a text is a term, a name, a value."""

from __future__ import annotations

import pickle

import pytest

from relay.contract.filter import (
    Above,
    And,
    Below,
    Between,
    Digits,
    Equals,
    Exists,
    Failed,
    Header,
    Like,
    Literal,
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

a, b, c = Text("a"), Text("b"), Text("c")


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a b", And((a, b))),
        ("a AND b", And((a, b))),
        ("a\n\tb", And((a, b))),
        ("a OR b", Or((a, b))),
        ("a b OR c", Or((And((a, b)), c))),
        ("a OR b c", Or((a, And((b, c))))),
        ("a AND b OR c", Or((And((a, b)), c))),
        ("(a OR b) c", And((Or((a, b)), c))),
        ("NOT a b", And((Not(a), b))),
        ("NOT a OR b", Or((Not(a), b))),
        ("NOT (a b)", Not(And((a, b)))),
        ("-a -b", And((Not(a), Not(b)))),
        ("-(a OR b)", Not(Or((a, b)))),
        ("NOT -a", Not(Not(a))),
        ("( a )", a),
        ("(a)OR(b)", Or((a, b))),
        ("NOT(a)", Not(a)),
    ],
)
def test_how_terms_are_joined(text: str, tree: Node) -> None:
    assert parse(text).tree == tree


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("word", Text("word")),
        ("a-b_c.d@e/f", Text("a-b_c.d@e/f")),
        ("a,b", Text("a,b")),
        ("a*", Text("a*")),
        ("not", Text("not")),
        ("or", Text("or")),
        ("ORDER", Text("ORDER")),
        ("failed2", Text("failed2")),
        ("type", Text("type")),
        ("5", Text("5")),
        ("naïve", Text("naïve")),
        ('"free text"', Text("free text")),
        ('"OR"', Text("OR")),
        ('"failed"', Text("failed")),
        ('""', Text("")),
        (r'"a\"b\\c\/d\n\t\u0041\*e"', Text('a"b\\c/d\n\tA*e')),
        ('"a\nb"', Text("a\nb")),
        ("failed", Failed()),
        ("exists(data.x)", Exists(Path(("data", "x")))),
        ("exists (tenant)", Exists(Name("tenant"))),
    ],
)
def test_what_is_text_and_what_is_not(text: str, tree: Node) -> None:
    assert parse(text).tree == tree


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("tenant:acme", Term(Name("tenant"), (Equals("acme"),))),
        ("tenant:a,b", Term(Name("tenant"), (Equals("a"), Equals("b")))),
        ('tenant:"a,b",c', Term(Name("tenant"), (Equals("a,b"), Equals("c")))),
        ("tenant:a:b~c", Term(Name("tenant"), (Equals("a:b~c"),))),
        ("tenant:-a", Term(Name("tenant"), (Equals("-a"),))),
        ("tenant:a.b", Term(Name("tenant"), (Equals("a.b"),))),
        ("tenant:OR", Term(Name("tenant"), (Equals("OR"),))),
        ("tenant:a*b*", Term(Name("tenant"), (Like(("a", "b", "")),))),
        ("tenant:*", Term(Name("tenant"), (Like(("", "")),))),
        ('tenant:"a *"', Term(Name("tenant"), (Like(("a ", "")),))),
        (r'tenant:"a\*"', Term(Name("tenant"), (Equals("a*"),))),
        ('tenant:""', Term(Name("tenant"), (Equals(""),))),
        ("tenant:null,true,false", Term(Name("tenant"), (Literal(None), Literal(True), Literal(False)))),
        ('tenant:"null"', Term(Name("tenant"), (Equals("null"),))),
        ("tenant:5,-2.50,1e3", Term(Name("tenant"), (Digits("5"), Digits("-2.50"), Digits("1e3")))),
        ('tenant:"5"', Term(Name("tenant"), (Equals("5"),))),
        ("tenant:5x", Term(Name("tenant"), (Equals("5x"),))),
        ("seq:<5,>=7,2..3", Term(Name("seq"), (Below(5), Above(7, inclusive=True), Between(2, 3)))),
        ("seq:-5..-2", Term(Name("seq"), (Between(-5, -2),))),
        ("data.x:1.5..2", Term(Path(("data", "x")), (Between(1.5, 2),))),
        ("size:10k,2MiB", Term(Name("size"), (Digits("10000"), Digits("2097152")))),
        ("tenant~^a(b|c)$", Matches(Name("tenant"), "^a(b|c)$")),
        (r'tenant~"a b\d\""', Matches(Name("tenant"), r'a b\d"')),
        (r"tenant~[(]\)", Matches(Name("tenant"), r"[(]\)")),
        ("(tenant~(a|(b)))", Matches(Name("tenant"), "(a|(b))")),
    ],
)
def test_what_a_value_is(text: str, tree: Node) -> None:
    assert parse(text).tree == tree


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("data.x", Path(("data", "x"))),
        ("event_data.attempt", Path(("event_data", "attempt"))),
        (".data.x", Path(("data", "x"))),
        (".created_at", Path(("created_at",))),
        (".event_data", Path(("event_data",))),
        ('data.data."order.total"', Path(("data", "data", "order.total"))),
        ('data."a b:c~d"."\\u0065"', Path(("data", "a b:c~d", "e"))),
        ("data.actors.0", Path(("data", "actors", 0))),
        ('data.actors."0".00', Path(("data", "actors", "0", "00"))),
        ('data."*".""', Path(("data", "*", ""))),
        ("header.X-Knock-Event", Header("x-knock-event")),
        ("header.a.b", Header("a.b")),
        ('header."a b"', Header("a b")),
    ],
)
def test_what_a_path_is(text: str, field: Path | Header) -> None:
    assert parse(f"{text}:1").tree == Term(field, (Digits("1"),))
    assert parse(f"exists({text})").tree == Exists(field)


@pytest.mark.parametrize("text", ["", " ", "\n\t", "\u00a0"])
def test_an_empty_filter_says_nothing(text: str) -> None:
    filter_ = parse(text)
    assert (filter_.text, filter_.tree, str(filter_)) == ("", None, "")


def test_a_filter_keeps_its_text_beside_its_normal_form() -> None:
    filter_ = parse("NOT  tenant:acme")
    assert (filter_.text, str(filter_)) == ("NOT  tenant:acme", "-tenant:acme")


@pytest.mark.parametrize(
    "text", ["word", '"a b"', "type:a", "seq:5", "tenant~x", 'tenant~"x"', "data.x:1", "header.x:a"]
)
def test_a_tree_holds_plain_text_and_nothing_of_the_parser(text: str) -> None:
    assert "lark" not in pickle.dumps(parse(text).tree).decode("latin-1")
