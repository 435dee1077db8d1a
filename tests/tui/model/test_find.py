from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.hostile import HOSTILE
from tests.tui.model.bodies import bodies
from tests.tui.model.test_folds import containers
from tui.model.bodytree import build
from tui.model.find import Found, Hits, Needle, Piece, narrow, search
from tui.model.slices import Work, at_once


def found(body: bytes, text: str) -> Found:
    return at_once(search(at_once(build(body)), Needle(text)))


def hits(body: bytes, text: str) -> list[str]:
    tree = at_once(build(body))
    return [tree.line(line).decode() for line in at_once(search(tree, Needle(text))).hits]


@given(bodies(), st.text(min_size=1, max_size=2))
def test_the_rows_are_the_hits_and_all_that_they_are_in(body: bytes, text: str) -> None:
    tree = at_once(build(body))
    result = at_once(search(tree, Needle(text)))
    around = {line for hit in result.hits for line in (hit, *containers(tree, hit))}
    assert list(result.rows) == sorted(around)
    assert list(result.hits) == sorted(set(result.hits))


@given(bodies(), st.text("abcdefgXYZ0123456789.", min_size=1, max_size=2))
def test_every_line_that_has_the_text_is_a_hit_and_no_other(body: bytes, text: str) -> None:
    tree = at_once(build(body))
    expected = [line for line in range(len(tree)) if text.encode().lower() in tree.line(line).lower()]
    assert list(at_once(search(tree, Needle(text))).hits) == expected


def test_keys_and_values_are_found_in_any_case_of_a_to_z() -> None:
    assert hits(b'{"Message": 1, "a": "MESSAGE", "b": "other"}', "mesSage") == ['"Message": 1,', '"a": "MESSAGE",']


def test_other_letters_are_found_as_they_are_and_as_they_are_escaped() -> None:
    assert hits(rb'["caf\u00e9", "caf\u00E9", "\ud83d\ude00"]', "é") == [r'"caf\u00e9",', r'"caf\u00E9",']
    assert hits(rb'["\ud83d\ude00", "x"]', "\U0001f600") == [r'"\ud83d\ude00",']
    assert hits('["café", "CAFÉ"]'.encode(), "é") == ['"café",']


@pytest.mark.parametrize("text", [",", ":", "{", "}", "[", ", ", ": "])
def test_what_stands_between_keys_and_values_is_no_hit(text: str) -> None:
    assert hits(b'{"a": [1, 2, {"b": {}}], "c": "d"}', text) == []


def test_punctuation_within_keys_and_values_is_a_hit() -> None:
    assert hits(b'{"a,b": 1, "c": "d,e", "f": 2}', ",") == ['"a,b": 1,', '"c": "d,e",']


def test_a_key_with_its_value_is_found_as_it_is_shown() -> None:
    assert hits(b'{"status":"sent","other":"sent"}', '"status": "se') == ['"status": "sent",']


def test_lines_of_text_are_found() -> None:
    assert hits(b"<html>\n<body>,\n</html>", "body") == ["<body>,"]
    assert hits(b"<html>\n<body>,\n</html>", ",") == ["<body>,"]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_texts_are_looked_for_and_in(text: str) -> None:
    body = json.dumps([text, "x"]).encode()
    assert len(found(body, text[:100] or "x").hits) <= 2
    assert list(Needle(text[:50]).spans(text[:5_000])) is not None


def test_a_long_search_goes_by_steps() -> None:
    work = Work(search(at_once(build(b"[" + b"1," * 20_000 + b"1]")), Needle("1")))
    steps = 0
    while not work.run(0.0):
        steps += 1
    assert steps >= 10
    assert len(work.result.hits) == 20_001


@given(st.text(max_size=20), st.text(max_size=3))
def test_spans_are_where_the_text_is(text: str, sought: str) -> None:
    for start, end in Needle(sought).spans(text):
        assert Needle(sought).within(text[start:end])


def test_the_next_hit_comes_round() -> None:
    some = Hits([2, 5, 9])
    assert [some.next(line, 1) for line in (0, 2, 5, 9)] == [2, 5, 9, 2]
    assert [some.next(line, -1) for line in (0, 2, 5, 9, 10)] == [9, 9, 2, 5, 9]
    assert [some.number(line) for line in (1, 2, 5, 9)] == [None, 1, 2, 3]
    assert Hits().next(3, 1) is None


def pieces(*texts: str) -> list[Piece]:
    return [Piece(text, heading=text.isupper()) for text in texts]


def test_narrowed_lines_keep_their_heading_and_what_they_are_indented_under() -> None:
    lines = pieces("ABOUT", " name", " other", "DATA", " metadata", "   {", "     key: sought", "     no", "   }")
    narrowed = narrow(lines, Needle("sought"))
    assert [lines[index].text for index in narrowed.kept] == ["DATA", " metadata", "   {", "     key: sought"]
    assert narrowed.hits == [3]


def test_neither_headings_nor_empty_lines_are_hits_or_stay_by_themselves() -> None:
    assert narrow(pieces("DATA", " data", "", " other", "DATABASE"), Needle("data")) == ([0, 1], [1])


def test_a_thing_in_several_lines_stays_whole() -> None:
    thing = object()
    lines = [Piece(" one", thing), Piece("    two", thing), Piece(" three", object())]
    assert narrow(lines, Needle("two")) == ([0, 1], [1])


def test_what_is_broken_between_two_lines_is_a_hit_on_the_first() -> None:
    thing = object()
    lines = [Piece(" the mail", thing, whole="the mailbox"), Piece("    box", thing, whole="the mailbox")]
    assert narrow(lines, Needle("mailbox")) == ([0, 1], [0])


def test_what_is_written_in_escapes_is_marked_too() -> None:
    text = r'"café", "caf\u00E9 caf\u00e9"'
    assert [text[start:end] for start, end in Needle("É".lower()).spans(text)] == ["é", r"\u00E9", r"\u00e9"]
    assert list(Needle("").spans(text)) == []
