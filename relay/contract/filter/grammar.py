"""From the text of a filter to its tree. Lark takes long to import, so only `parse` imports this, and late."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo
from functools import cache
from importlib import resources
from typing import TypeAlias

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedInput
from lark.lark import PostLex
from lark.visitors import Interpreter

from relay.contract.events import MASKED_HEADERS
from relay.contract.filter import literals
from relay.contract.filter.errors import FilterError, moved
from relay.contract.filter.explain import explain, refuse_forgotten_colon
from relay.contract.filter.fields import NEVER, Field, Header
from relay.contract.filter.names import field_of
from relay.contract.filter.quoting import unquote
from relay.contract.filter.regex import finder
from relay.contract.filter.terms import Kind, kind_of
from relay.contract.filter.times import LocalDay
from relay.contract.filter.tree import And, Exists, Failed, Matches, Node, Not, Or, Term, Text
from relay.contract.filter.values import Limit, Literal, Test

Parsed: TypeAlias = Tree[Token]

MAX_TERMS = 100
MAX_LEVELS = 20
"""Parentheses and negations that may be open at once."""

_TERM_STARTS = frozenset({"NAME", "WORD", "PHRASE", "FAILED", "EXISTS"})
_JOINTS = frozenset({"SPACE", "AND", "OR"})


def tree_of(text: str, zone: tzinfo, *, of_messages: bool = False) -> Node:
    """Parse a filter on events, or on messages, that is not empty. Raises `FilterError`."""
    try:
        parsed = _lark().parse(text)
    except UnexpectedInput as error:
        raise explain(text, error) from None
    node: Node = _Builder(zone, of_messages).visit(parsed)
    return node


@cache
def _lark() -> Lark:
    grammar = resources.files(__package__).joinpath("grammar.lark").read_text("utf-8")
    return Lark(grammar, parser="lalr", postlex=_Limits(), maybe_placeholders=False)


class _Limits(PostLex):
    """Counts terms and levels while the tokens come, before anything is built of them."""

    always_accept = ()

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        terms = 0
        negations = [0]  # of the operand that comes next; one number for each open parenthesis
        for token in stream:
            terms += token.type in _TERM_STARTS
            if token.type in ("NOT", "MINUS"):
                negations[-1] += 1
            elif token.type == "LPAR":
                negations.append(0)
            elif token.type == "RPAR" and len(negations) > 1:
                negations.pop()
            elif token.type in _JOINTS:
                negations[-1] = 0
            if terms > MAX_TERMS:
                raise _beyond(token, f"a filter has at most {MAX_TERMS} terms")
            if len(negations) - 1 + sum(negations) > MAX_LEVELS:
                raise _beyond(token, f"a filter is at most {MAX_LEVELS} levels deep")
            yield token


def _beyond(token: Token, message: str) -> FilterError:
    return FilterError(message, column=_offset(token) + 1, length=len(token))


def _offset(token: Token) -> int:
    return token.start_pos or 0


class _Builder(Interpreter[Token, Node]):
    """Builds the tree from the top down: what a value means depends on the field before it."""

    def __init__(self, zone: tzinfo, of_messages: bool) -> None:
        self._zone = zone
        self._of_messages = of_messages

    def disjunction(self, tree: Parsed) -> Node:
        return Or(tuple(self.visit(part) for part in _branches(tree)))

    def conjunction(self, tree: Parsed) -> Node:
        return And(tuple(self.visit(part) for part in _branches(tree)))

    def negation(self, tree: Parsed) -> Node:
        (part,) = _branches(tree)
        return Not(self.visit(part))

    def group(self, tree: Parsed) -> Node:
        (part,) = _branches(tree)
        node: Node = self.visit(part)
        return node

    def word(self, tree: Parsed) -> Node:
        (word,) = _tokens(tree)
        refuse_forgotten_colon(word, _offset(word), of_messages=self._of_messages)
        return Text(str(word))

    def phrase(self, tree: Parsed) -> Node:
        (phrase,) = _tokens(tree)
        with moved(_offset(phrase)):
            return Text(unquote(str(phrase)))

    def failed(self, _tree: Parsed) -> Node:
        return Failed()

    def exists(self, tree: Parsed) -> Node:
        _, name, _ = _tokens(tree)
        field = self._field(name)
        if field == NEVER:
            raise FilterError(
                "never takes an event type, as in never:message.read", column=_offset(name) + 1, length=len(name)
            )
        return Exists(field)

    def term(self, tree: Parsed) -> Node:
        name = _tokens(tree)[0]
        field = self._field(name)
        tests = tuple(self._test(field, test) for test in _branches(tree))
        if any(test != Literal(None) for test in tests):
            _refuse_masked(field, name)
        return Term(field, tests)

    def _test(self, field: Field, tree: Parsed) -> Test:
        tokens = _tokens(tree)
        match tree.data, tokens:
            case "equal", [value]:
                with moved(_offset(value)):
                    return literals.equal(field, str(value), self._zone)
            case "compare", [operator, value]:
                return literals.compare(operator, self._limit(field, value))
        low, _, high = tokens
        limits = self._limit(field, low), self._limit(field, high)
        with moved(_offset(low)):
            return literals.between(*limits, length=_offset(high) + len(high) - _offset(low))

    def _limit(self, field: Field, value: Token) -> Limit | LocalDay:
        with moved(_offset(value)):
            return literals.limit(field, str(value), self._zone)

    def matches(self, tree: Parsed) -> Node:
        name, _, pattern = _tokens(tree)
        return _matches(self._field(name), name, str(pattern), _offset(pattern))

    def matches_quoted(self, tree: Parsed) -> Node:
        name, _, pattern = _tokens(tree)
        return _matches(self._field(name), name, pattern[1:-1], _offset(pattern) + 1)

    def _field(self, name: Token) -> Field:
        with moved(_offset(name)):
            return field_of(str(name), of_messages=self._of_messages)


def _matches(field: Field, name: Token, pattern: str, offset: int) -> Node:
    _refuse_masked(field, name)
    if kind_of(field) not in (Kind.ANY, Kind.TEXT):
        raise FilterError(
            f"{field} is {kind_of(field)}, in which no text is found", column=_offset(name) + 1, length=len(name)
        )
    with moved(offset):
        node = Matches(field, pattern)
        finder(node.pattern)
    return node


def _refuse_masked(field: Field, name: Token) -> None:
    """What no one is shown is not given away bit by bit either."""
    if isinstance(field, Header) and field.name in MASKED_HEADERS:
        raise FilterError(
            f"{field} is masked; all that can be asked is exists({field})",
            column=_offset(name) + 1,
            length=len(name),
        )


def _branches(tree: Parsed) -> list[Parsed]:
    return [child for child in tree.children if isinstance(child, Tree)]


def _tokens(tree: Parsed) -> list[Token]:
    return [child for child in tree.children if isinstance(child, Token)]
