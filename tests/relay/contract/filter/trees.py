"""Hypothesis strategies for trees of the filter language, for bodies, and for text that looks like a filter."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from relay.contract.filter import (
    Above,
    And,
    At,
    Below,
    Between,
    Day,
    Digits,
    Equals,
    Exists,
    Failed,
    Field,
    Header,
    Instant,
    Like,
    Literal,
    Matches,
    Name,
    Node,
    Not,
    Or,
    Path,
    Term,
    Test,
    Text,
)
from relay.contract.filter.terms import TERMS, Kind, kind_of

# Lone surrogates are in, as JSON has them; pairs of halves are not, since they are one character when read.
characters = st.one_of(
    st.sampled_from("ab\"'\\*().,:~<>=- -\n\t\u00a0\u2028$%[]/0éKſ\x00\x1b"),
    st.characters(exclude_categories=["Cs"]),
    st.characters(min_codepoint=0xD800, max_codepoint=0xDBFF, categories=["Cs"]),
)
texts = st.text(characters, max_size=8) | st.sampled_from(
    ["AND", "OR", "NOT", "failed", "exists", "true", "null", "5", "-5", "2..5", "007", "1e5", "x" * 50]
)

names = st.sampled_from([Name(name) for name in TERMS])
keys = texts | st.integers(0, 20)
paths = st.builds(
    Path,
    st.lists(keys, min_size=1, max_size=4).map(tuple)
    | st.tuples(st.sampled_from(["data", "event_data", "header"]), keys),
)
# A header's name is kept in lower case, which not every character has to have.
headers = st.builds(Header, texts.filter(bool))
fields: st.SearchStrategy[Field] = names | paths | headers

digits = st.builds(Digits, st.from_regex(r"-?[0-9]{1,6}(\.[0-9]{1,3})?([eE][+-]?[0-9]{1,3})?", fullmatch=True))
likes = st.builds(Like, st.lists(texts, min_size=2, max_size=4).map(tuple))
numbers = st.integers(-(10**30), 10**30) | st.floats(allow_nan=False, allow_infinity=False)
moments = st.builds(Instant, st.integers(-62_135_596_800_000_000, 253_402_300_799_999_999)) | st.builds(
    Day, st.dates(date(1, 1, 1), date(9999, 12, 31))
)
ages = st.integers(0, 36_500 * 86_400_000_000).map(lambda us: timedelta(microseconds=us))


def _compared(limits: st.SearchStrategy[Any]) -> st.SearchStrategy[Test]:
    pairs = st.lists(limits, min_size=2, max_size=2).map(lambda pair: sorted(pair, key=_start))
    return st.one_of(
        st.builds(Below, limits, st.booleans()),
        st.builds(Above, limits, st.booleans()),
        pairs.map(lambda pair: Between(*pair)),
    )


def _start(limit: Any) -> Any:
    return limit.first_us if isinstance(limit, Instant | Day) else limit


_null = st.just(Literal(None))
_TESTS: dict[Kind, st.SearchStrategy[Test]] = {
    Kind.TEXT: st.one_of(
        st.builds(Equals, texts), likes, digits, st.builds(Literal, st.sampled_from([True, False, None]))
    ),
    Kind.NUMBER: st.one_of(digits, _null, _compared(numbers)),
    Kind.SIZE: st.one_of(digits, _null, _compared(numbers)),
    Kind.TIME: st.one_of(st.builds(At, moments), _null, _compared(moments)),
    Kind.AGE: _compared(ages),
}
_TESTS[Kind.ANY] = st.one_of(_TESTS[Kind.TEXT], _compared(numbers), _compared(moments))

_MASKED = {Header("authorization"), Header("cookie"), Header("proxy-authorization")}
_open_fields = fields.filter(lambda field: field not in _MASKED)
_text_fields = _open_fields.filter(lambda field: kind_of(field) in (Kind.TEXT, Kind.ANY))
_FRAGMENTS = r"""a é \d [^a] (?i)x " \" (a|(b)) \\ .* ^ $ [()] a{2} ~ :"""
patterns = st.lists(st.sampled_from([*_FRAGMENTS.split(), " "]), max_size=5).map("".join)

terms: st.SearchStrategy[Node] = st.one_of(
    st.builds(Text, texts),
    _open_fields.flatmap(
        lambda field: st.builds(
            Term, st.just(field), st.lists(_TESTS[kind_of(field)], min_size=1, max_size=3).map(tuple)
        )
    ),
    st.builds(Matches, _text_fields, patterns),
    st.builds(Exists, fields),
    st.just(Failed()),
)
trees: st.SearchStrategy[Node] = st.recursive(
    terms,
    lambda nodes: st.one_of(
        st.builds(Not, nodes),
        st.lists(nodes, min_size=2, max_size=3).map(lambda parts: And(tuple(parts))),
        st.lists(nodes, min_size=2, max_size=3).map(lambda parts: Or(tuple(parts))),
    ),
    max_leaves=8,
)

_PIECES = r""": ~ " \ ( ) , .. . - < > >= * OR AND NOT failed exists( exists data. event_data. header. type
recipient seq size created age data.x .x a 5 2026-11-23 10m null true [ { ^ outcome data."a.b" "free" (?i) é"""
scraps = st.lists(st.sampled_from([*_PIECES.split(), " ", "\n", "\u00a0", "\ud800"]), max_size=12).map("".join)
"""Text made of the pieces of filters, which goes wrong in more ways than random characters do."""

leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([0, 1, -1, 2, 10**30, 0.5, 1e308, 2.0]),
    texts,
    st.sampled_from(["2026-11-23T10:00:00Z", "2026-11-23", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00+14:00"]),
)
json_values = st.recursive(
    leaves,
    lambda values: (
        st.lists(values, max_size=3) | st.dictionaries(texts | st.sampled_from("ab0"), values, max_size=3)
    ),
    max_leaves=8,
)
_KNOWN = """__typename created_at data event_data type recipient id collection channel key provider source workflow
tenant status engagement_statuses workflow_run_id workflow_recipient_run_id commit_id x"""
known_objects = st.dictionaries(st.sampled_from(_KNOWN.split()), json_values, max_size=8)
bodies = st.fixed_dictionaries(
    {"type": texts.filter(bool), "data": known_objects},
    optional={"event_data": known_objects | json_values, "created_at": json_values, "x": json_values},
)
"""Envelopes as the relay accepts them: any JSON in any field but `type` and `data`."""
