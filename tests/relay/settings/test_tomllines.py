import tomllib
from typing import Any

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from relay.settings.tomllines import KeyPath, fault_of, line_of, lines_of

DOCUMENT = '''\
# a comment = 1
port = 1 # another
"a b".c = """x
y = 3
"""""
z = { q = [1, { w = 2 }, # not ] yet
  "]"], r = 'f' }

[endpoints."x.y"]
secret_env = "A"
[ filters ]
"\\u00e9" = "f=1"
last = 1979-05-27 07:32:00'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("port",), 2),
        (("a b", "c"), 3),
        (("z",), 6),
        (("z", "q", "w"), 6),
        (("z", "r"), 7),
        (("endpoints",), 9),
        (("endpoints", "x.y"), 9),
        (("endpoints", "x.y", "secret_env"), 10),
        (("filters", "é"), 12),
        (("filters", "last"), 13),
    ],
)
def test_a_key_has_the_line_on_which_it_stands(path: KeyPath, line: int) -> None:
    assert lines_of(DOCUMENT)[path] == line


def test_what_stands_in_strings_and_comments_is_no_key() -> None:
    assert not {("y",), ("a comment",), ("a b", "y")} & set(lines_of(DOCUMENT))


def test_windows_line_ends_count_once() -> None:
    assert lines_of("a = 1\r\nb = '''x\r\ny'''\r\nc = 3\r\n") == {("a",): 1, ("b",): 2, ("c",): 4}


def test_a_key_that_stands_nowhere_has_the_line_of_the_table_around_it() -> None:
    assert line_of(lines_of(DOCUMENT), ("endpoints", "x.y", "nothing")) == 9
    assert line_of(lines_of(DOCUMENT), ("nothing",)) is None


@pytest.mark.parametrize(
    ("text", "line"), [("a = 1\nb = = 2", 2), ("a = 1\na = 2\n", 2), ("a = 1\nb = [", 2), ("[x", 1)]
)
def test_a_fault_has_its_line_and_no_second_place_in_its_text(text: str, line: int) -> None:
    with pytest.raises(tomllib.TOMLDecodeError) as caught:
        tomllib.loads(text)
    message, found = fault_of(caught.value, text)
    assert found == line
    assert "(at" not in message


_names = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
_scalars = st.integers(-(2**60), 2**60) | st.booleans() | st.floats(allow_nan=False) | _names | st.datetimes()
_values = st.recursive(
    _scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_names, inner, max_size=3)
)


@given(st.dictionaries(_names, _values, max_size=5), st.booleans())
def test_every_key_of_any_document_is_found_on_a_line_that_names_it(
    document: dict[str, Any], multiline: bool
) -> None:
    text = tomli_w.dumps(document, multiline_strings=multiline)
    rows = text.replace("\r\n", "\n").split("\n")
    lines = lines_of(text)
    for path in _paths(tomllib.loads(text)):
        row = rows[lines[path] - 1]
        assert path[-1] in row or '"' in row, (path, row)


def _paths(table: dict[str, Any], above: KeyPath = ()) -> list[KeyPath]:
    paths: list[KeyPath] = []
    for name, value in table.items():
        paths.append((*above, name))
        if isinstance(value, dict):
            paths += _paths(value, (*above, name))
    return paths
