from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.tui.model.bodies import bodies
from tui.model.bodytree import BodyTree, build
from tui.model.find import Needle, search
from tui.model.folds import Folds
from tui.model.slices import at_once


def unfolded(body: bytes) -> Folds:
    tree = at_once(build(body))
    return Folds(tree, tree.every[:])


def seen(tree: BodyTree, folded: set[int]) -> list[int]:
    """The lines that are in no folded container, found by walking up from each of them."""
    return [line for line in range(len(tree)) if not folded & set(containers(tree, line))]


def containers(tree: BodyTree, line: int) -> list[int]:
    found = []
    while tree.levels[line]:
        line = tree.parents[line]
        found.append(line)
    return found


@given(bodies(), st.lists(st.integers(0, 1_000)))
def test_after_any_folding_the_rows_are_what_is_in_nothing_folded(body: bytes, toggled: list[int]) -> None:
    folds = unfolded(body)
    folded: set[int] = set()
    for number in toggled:
        row = number % len(folds)
        line = folds.lines[row]
        if folds.is_open(row):
            folds.fold(row)
            folded.add(line)
        elif folds.can_open(row):
            folds.unfold(row)
            folded.discard(line)
        assert list(folds.lines) == seen(folds.tree, folded)
        assert folds.row(line) == row


@given(bodies(), st.integers(0, 4), st.lists(st.integers(0, 1_000)))
def test_folded_to_a_level_containers_unfold_one_by_one(body: bytes, level: int, opened: list[int]) -> None:
    tree = at_once(build(body))
    folds = Folds(tree, at_once(tree.to_level(level)))
    folded = {line for line in range(len(tree)) if tree.folds(line) and tree.levels[line] >= level}
    if level >= tree.deepest:
        folded = set()
    for number in opened:
        row = number % len(folds)
        folds.unfold(row)
        folded.discard(folds.lines[row])
        assert list(folds.lines) == seen(tree, folded)


@given(bodies(), st.lists(st.integers(0, 1_000)), st.integers(0, 1_000))
def test_any_line_can_be_revealed(body: bytes, toggled: list[int], number: int) -> None:
    folds = unfolded(body)
    for one in toggled:
        folds.fold(one % len(folds))
    line = number % len(folds.tree)
    assert folds.lines[folds.reveal(line)] == line


@given(bodies(), st.text(min_size=1, max_size=2), st.lists(st.integers(0, 1_000)))
def test_what_was_found_folds_and_unfolds_like_the_rest(body: bytes, text: str, toggled: list[int]) -> None:
    tree = at_once(build(body))
    found = at_once(search(tree, Needle(text)))
    folds = Folds(tree, found.rows)
    for number in toggled if len(folds) else ():
        row = number % len(folds)
        if folds.is_open(row):
            before = list(folds.lines)
            folds.fold(row)
            assert not folds.is_open(row)
            folds.unfold(row)
            assert list(folds.lines) == before
            folds.fold(row)
        else:
            folds.unfold(row)
        assert list(folds.lines) == sorted(set(folds.lines))
    for hit in found.hits:
        assert folds.lines[folds.reveal(hit)] == hit


def test_a_line_that_is_not_seen_is_on_the_row_it_is_folded_in() -> None:
    folds = unfolded(b'{"a": {"b": {"c": 1}}}')
    folds.fold(1)
    assert folds.row(3) == 1
