"""What a user set is there next time, whatever became of the file and whoever else wrote it."""

from __future__ import annotations

import json
import stat
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.state import ENTRIES, HISTORY, LONGEST, State


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "dashboard.json"


def written(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def write(path: Path, text: str | bytes) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)


def test_without_a_file_everything_is_left_to_the_dashboard(path: Path) -> None:
    assert State.load(path) == State(path=path)
    assert State.load(path).detail == "auto"


def test_what_was_set_is_there_next_time(path: Path) -> None:
    state = State.load(path)
    state.remember("failed")
    state.filters["mine"] = "recipient:dr_grant"
    state.marks["log-1"] = 42
    state.picked = ["message.sent"]
    state.columns = ["time", "type"]
    state.theme, state.span, state.detail, state.mouse = "nord", "15m", "open", False
    state.save()
    assert State.load(path) == state
    assert State.load(path).filters == {"mine": "recipient:dr_grant"}


def test_text_comes_back_as_it_was(path: Path) -> None:
    state = State.load(path)
    for text in ('"渡辺 はな"', '"\ud800 half"', '"\x1b[31m"', '"a\u202eb"'):
        state.remember(text)
    state.save()
    assert State.load(path).filter_history == state.filter_history


def test_nothing_is_written_where_nothing_changed(path: Path) -> None:
    State.load(path).save()
    assert not path.parent.exists()


def test_a_value_that_was_set_back_is_written_again(path: Path) -> None:
    state = State.load(path)
    state.theme = "nord"
    state.save()
    state.theme = ""
    state.save()
    assert State.load(path).theme == ""


def test_nobody_else_may_read_it(path: Path) -> None:
    state = State.load(path)
    state.remember("failed")
    state.save()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_nothing_but_the_file_and_its_lock_is_left_behind(path: Path) -> None:
    state = State.load(path)
    state.remember("failed")
    state.save()
    assert {found.name for found in path.parent.iterdir()} == {"dashboard.json", "dashboard.json.lock"}


def test_a_file_that_cannot_be_written_is_an_os_error_and_the_old_one_stays(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = State.load(path)
    state.remember("first")
    state.save()
    state.remember("second")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        state.save()
    assert written(path)["filter_history"] == ["first"]
    assert not path.with_name("dashboard.json.part").exists()
    monkeypatch.undo()
    state.save()
    assert written(path)["filter_history"] == ["first", "second"]


# The history


def test_a_filter_stands_once_in_the_history_where_it_was_used_last(path: Path) -> None:
    state = State.load(path)
    for text in ("a", "b", "a"):
        state.remember(text)
    assert state.filter_history == ["b", "a"]


def test_the_history_forgets_the_oldest(path: Path) -> None:
    state = State.load(path)
    for number in range(HISTORY + 3):
        state.remember(f"seq:{number}")
    assert len(state.filter_history) == HISTORY
    assert state.filter_history[0] == "seq:3"


@pytest.mark.parametrize("text", ["", "x" * (LONGEST + 1)])
def test_what_is_no_filter_is_not_remembered(path: Path, text: str) -> None:
    state = State.load(path)
    state.remember(text)
    assert state.filter_history == []


# A file that others wrote, or damaged


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", '"text"', '{"theme": "nord"', b"\xff\xfe", b"\0" * 100, "[" * 100_000, '{"a": NaN}'],
)
def test_a_damaged_file_is_as_none_and_is_put_aside_on_save(path: Path, text: str | bytes) -> None:
    write(path, text)
    state = State.load(path)
    assert state == State(path=path)
    state.remember("failed")
    state.save()
    assert State.load(path).filter_history == ["failed"]
    aside = path.with_name("dashboard.json.damaged").read_bytes()
    assert aside == (text.encode() if isinstance(text, str) else text)


def test_a_damaged_value_does_not_take_the_others_along(path: Path) -> None:
    entries = {
        "filter_history": ["a", 1, None, "", "x" * (LONGEST + 1), "b"],
        "filters": {"good": "failed", "bad": 3, "": "x"},
        "marks": {"log": 3, "other": "x", "true": True, "none": 0},
        "picked": "message.sent",
        "theme": 3,
        "detail": "sideways",
        "mouse": "yes",
        "span": "60m",
    }
    write(path, json.dumps(entries))
    state = State.load(path)
    assert state.filter_history == ["a", "b"]
    assert state.filters == {"good": "failed"}
    assert state.marks == {"log": 3}
    assert (state.picked, state.theme, state.detail, state.mouse, state.span) == ([], "", "auto", True, "60m")


def test_what_a_newer_version_wrote_stays_in_the_file(path: Path) -> None:
    write(path, json.dumps({"format": 7, "layout": {"wide": [1]}, "detail": {"side": "left"}, "theme": "nord"}))
    state = State.load(path)
    assert (state.theme, state.detail) == ("nord", "auto")
    state.mouse = False
    state.save()
    assert written(path) == {
        "format": 7,
        "layout": {"wide": [1]},
        "detail": {"side": "left"},
        "theme": "nord",
        "mouse": False,
    }


def test_a_directory_in_the_place_of_the_file_is_as_no_file(path: Path) -> None:
    path.mkdir(parents=True)
    assert State.load(path) == State(path=path)


def test_no_list_grows_without_bound(path: Path) -> None:
    many = [f"type.{number}" for number in range(ENTRIES + 5)]
    write(path, json.dumps({"picked": many, "filters": dict.fromkeys(many, "failed"), "filter_history": many}))
    state = State.load(path)
    assert (len(state.picked), len(state.filters), len(state.filter_history)) == (ENTRIES, ENTRIES, HISTORY)
    assert state.filter_history[-1] == many[-1]


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=10,
)
_NAMES = st.sampled_from(["filter_history", "filters", "marks", "picked", "columns", "theme", "detail", "mouse"])


@given(st.dictionaries(_NAMES, _JSON))
def test_whatever_stands_in_the_file_can_be_loaded_and_saved(
    tmp_path_factory: pytest.TempPathFactory, entries: dict[str, Any]
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.json"
    write(path, json.dumps(entries))
    state = State.load(path)
    state.remember("failed")
    state.filters["mine"] = "failed"
    state.save()
    again = State.load(path)
    assert again == state
    assert again.filter_history[-1] == "failed"


# Several dashboards


def test_two_dashboards_keep_each_others_history_and_filters(path: Path) -> None:
    one, two = State.load(path), State.load(path)
    one.remember("a")
    one.filters["one"] = "a"
    two.remember("b")
    two.filters["two"] = "b"
    one.save()
    two.save()
    assert two.filter_history == ["a", "b"]
    assert State.load(path).filter_history == ["a", "b"]
    assert State.load(path).filters == {"one": "a", "two": "b"}


def test_a_setting_of_another_dashboard_is_not_set_back_by_one_that_left_it_alone(path: Path) -> None:
    one, two = State.load(path), State.load(path)
    one.theme = "nord"
    one.save()
    two.mouse = False
    two.save()
    assert State.load(path).theme == "nord"
    assert two.theme == ""  # and the screen that is open keeps its own


def test_a_filter_that_another_dashboard_removed_is_not_put_back(path: Path) -> None:
    first = State.load(path)
    first.filters = {"a": "failed", "b": "failed"}
    first.save()
    one, two = State.load(path), State.load(path)
    del one.filters["a"]
    one.save()
    two.filters["c"] = "failed"
    two.save()
    assert State.load(path).filters == {"b": "failed", "c": "failed"}


def test_a_cleared_history_does_not_come_back_from_the_file(path: Path) -> None:
    first = State.load(path)
    first.remember("a")
    first.remember("b")
    first.save()
    other = State.load(path)
    other.remember("c")
    other.save()
    first.filter_history = []
    first.save()
    assert State.load(path).filter_history == ["c"]


def test_a_filter_used_again_moves_behind_those_of_others(path: Path) -> None:
    first = State.load(path)
    for text in ("a", "b"):
        first.remember(text)
    first.save()
    one, two = State.load(path), State.load(path)
    one.remember("c")
    one.save()
    two.remember("a")
    two.save()
    assert State.load(path).filter_history == ["b", "c", "a"]


def test_dashboards_that_save_at_the_same_moment_lose_nothing(path: Path) -> None:
    def use(name: str) -> None:
        state = State.load(path)
        for number in range(5):
            state.remember(f"{name}:{number}")
            state.save()

    threads = [threading.Thread(target=use, args=(name,)) for name in ("a", "b", "c", "d")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    expected = {f"{name}:{number}" for name in ("a", "b", "c", "d") for number in range(5)}
    assert set(State.load(path).filter_history) == expected
