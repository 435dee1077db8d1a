from __future__ import annotations

import pytest

from relay.contract.filter import And, Equals, Name, Term, parse
from tests.hostile import HOSTILE
from tui.model.narrowing import of_type


def test_a_plain_name_narrows_by_type() -> None:
    assert of_type("channel:email", "message.sent") == ("channel:email", ("message.sent",))


@pytest.mark.parametrize("name", [one[:128] for one in HOSTILE if one] + ["a,b", "message.*", '"'])
def test_any_other_name_goes_into_the_filter(name: str) -> None:
    text, types = of_type("channel:email", name)
    if types:
        assert "," not in types[0]
        return
    tree = parse(text).tree
    assert isinstance(tree, And)
    assert tree.parts[1] == Term(Name("type"), (Equals(name),))


def test_without_a_filter_the_type_is_the_filter() -> None:
    assert of_type("", "a,b") == ('type:"a,b"', ())
