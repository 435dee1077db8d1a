from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.contract import jsontext
from tests.hostile import HOSTILE
from tests.tui.model.bodies import bodies
from tui.model.bodytree import CLOSE, BodyTree, build
from tui.model.slices import Work, at_once


def tree_of(body: bytes) -> BodyTree:
    return at_once(build(body))


def lines_of(body: bytes) -> list[str]:
    tree = tree_of(body)
    return ["  " * tree.depth(line) + tree.line(line).decode() for line in range(len(tree))]


@given(bodies())
def test_the_lines_joined_are_the_same_json(body: bytes) -> None:
    tree = tree_of(body)
    joined = b"\n".join(tree.line(line) for line in range(len(tree)))
    assert tree.is_json
    assert jsontext.loads(joined) == jsontext.loads(body)


@given(bodies())
def test_the_pieces_of_a_line_are_the_line(body: bytes) -> None:
    tree = tree_of(body)
    for line in range(len(tree)):
        assert "".join(token.text for token in tree.tokens(line)) == tree.line(line).decode("utf-8", "replace")


@given(bodies())
def test_every_path_leads_to_its_value_and_back_to_its_line(body: bytes) -> None:
    tree, whole = tree_of(body), jsontext.loads(body)
    for line in range(len(tree)):
        value: Any = whole
        for key in tree.path(line):
            value = value[key]
        assert tree.value(line) == value
        assert tree.find_path(tree.path(line)) == tree.whole(line)


@given(bodies())
def test_containers_know_their_children(body: bytes) -> None:
    tree = tree_of(body)
    for line in range(len(tree)):
        if tree.folds(line):
            *children, end = tree.children(line)
            assert tree.kinds[end] == CLOSE
            assert len(children) == tree.count(line) == len(tree.value(line))  # type: ignore[arg-type]
            assert {tree.parents[child] for child in children} == {line}


@given(bodies(), st.integers(0, 5))
def test_to_a_level_are_the_lines_above_it(body: bytes, level: int) -> None:
    tree = tree_of(body)
    assert list(at_once(tree.to_level(level))) == [
        line for line in range(len(tree)) if tree.levels[line] <= level or level >= tree.deepest
    ]


@given(st.binary())
def test_what_is_json_is_told_as_python_does(body: bytes) -> None:
    def refuse(name: str) -> None:
        raise ValueError(name)

    try:
        json.loads(body.decode(), parse_constant=refuse)
    except ValueError:
        assert not tree_of(body).is_json
    else:
        assert tree_of(body).is_json


@given(st.text('[]{}",:0 tru\\n', max_size=12))
def test_what_is_nearly_json_is_told_as_python_does(text: str) -> None:
    try:
        json.loads(text)
    except ValueError:
        assert not tree_of(text.encode()).is_json
    else:
        assert tree_of(text.encode()).is_json


@given(st.text())
def test_a_text_that_is_not_json_is_its_own_lines(text: str) -> None:
    tree = tree_of(f"<{text}".encode("utf-8", "replace"))
    assert b"\n".join(tree.line(line) for line in range(len(tree))).decode() == f"<{text}".encode(
        "utf-8", "replace"
    ).decode().removesuffix("\n")


def test_numbers_repeated_keys_escapes_and_the_order_of_keys_stay_as_received() -> None:
    assert lines_of(rb'{"z":1e400,"a" : 10.0,"a":-0,"n":12345678901234567890123,"u":"\u00e4\ud800\/"}') == [
        "{",
        '  "z": 1e400,',
        '  "a": 10.0,',
        '  "a": -0,',
        '  "n": 12345678901234567890123,',
        r'  "u": "\u00e4\ud800\/"',
        "}",
    ]


def test_containers_without_children_take_one_line() -> None:
    assert lines_of(b'{"a": { }, "b": [ [ ] ]}') == ["{", '  "a": {},', '  "b": [', "    []", "  ]", "}"]


@pytest.mark.parametrize("escapes", [399, 400, 401, 100_000])
def test_a_string_of_many_escapes_is_one_line(escapes: int) -> None:
    body = rb'{"k\n": "%b", "next": 1}' % (rb"\n\u00e4" * escapes)
    tree = tree_of(body)
    assert tree.is_json
    assert tree.value(0) == {"k\n": "\nä" * escapes, "next": 1}
    assert len(tree) == 4


def test_keys_of_many_escapes_are_read() -> None:
    assert tree_of(b'{"%b": [1]}' % (rb"\t" * 5_000)).path(2) == ("\t" * 5_000, 0)


def test_an_unfinished_string_of_many_escapes_is_no_json() -> None:
    assert not tree_of(b'{"a": "%b' % (rb"\n" * 5_000)).is_json
    assert not tree_of(b'{"a": "%b\t"}' % (rb"\n" * 5_000)).is_json


def test_500_levels_are_a_tree_and_more_are_text() -> None:
    assert len(tree_of(b"[" * 500 + b"]" * 500)) == 999
    assert not tree_of(b"[" * 501 + b"]" * 501).is_json


def test_bytes_that_are_not_text_are_marked() -> None:
    assert lines_of(b'["\xff"]\nend') == ['["\ufffd"]', "end"]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_texts_come_back_whole(text: str) -> None:
    body = json.dumps({text: [text]}).encode()
    tree = tree_of(body)
    assert tree.copied(2) == text
    assert tree.path(2) == (text, 0)


def test_a_value_is_copied_without_quotes_and_escapes() -> None:
    tree = tree_of(rb'{"a":"one\ntwo","n":1.50,"t":true,"e":{}}')
    assert [tree.copied(line) for line in (1, 2, 3, 4)] == ["one\ntwo", "1.50", "true", "{}"]


def test_a_line_of_text_is_copied_by_itself() -> None:
    assert tree_of(b"<html>\n <body>\n</html>").copied(1) == " <body>"


def test_a_container_is_copied_whole_and_indented_from_its_first_and_its_last_line() -> None:
    tree = tree_of(b'{"a":{"b":[1,2]},"c":3}')
    whole = '{\n  "b": [\n    1,\n    2\n  ]\n}'
    assert tree.copied(1) == whole
    assert tree.copied(6) == whole


def test_what_would_take_gigabytes_of_indentation_is_copied_without() -> None:
    tree = tree_of(b"[" * 499 + b",".join([b"1"] * 70_000) + b"]" * 499)
    assert len(tree.copied(0)) == len(tree.lines) - 1


def test_a_path_that_leads_nowhere_is_not_found() -> None:
    tree = tree_of(b'{"a": [1, {"b": 2}], "a.b": 3}')
    assert [tree.find_path(path) for path in (("a", 2), ("b",), ("a", "b"), ("a", 0, "c"), (0,))] == [None] * 5
    assert tree.find_path(("a", 1, "b")) == 4


@pytest.mark.parametrize(
    "body",
    [
        json.dumps({f"key{number}": "x" * 38 for number in range(100_000)}).encode(),
        b'["%b"]' % (b"x" * 5_000_000),
        b'["%b"]' % (rb"\n" * 2_500_000),
        b'["' + b"x" * 5_000_000,
        b"[" * 499 + b"1," * 150_000 + b"1" + b"]" * 499,
        b"\xff" * 5_000_000,
        b"\n" * 200_000,
    ],
    ids=["wide", "long string", "escapes", "unfinished", "deep", "binary", "lines"],
)
def test_large_bodies_are_read_in_short_steps(body: bytes) -> None:
    work, steps = Work(build(body)), 0
    while not work.run(0.0):
        steps += 1
        assert 0 <= work.done <= 1
    assert steps > len(work.result) // 4_000
