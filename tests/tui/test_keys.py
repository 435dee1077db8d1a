from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from tui.app import KnocktopApp
from tui.keys import BY_NAME, KEYS, PANES, Pane, bindings, clashes, hints, shown
from tui.model.dashboard import Dashboard
from tui.model.facts import Fact
from tui.screens.events import EventsScreen
from tui.screens.help import HelpLines, help_items
from tui.themes import KNOCKTOP, variables
from tui.widgets.filter_line import FilterField
from tui.widgets.lines import Lines
from tui.widgets.look import Look
from tui.widgets.stream import Stream


def test_no_key_has_two_meanings_in_one_pane() -> None:
    assert clashes({}) == []


def test_names_are_unique() -> None:
    assert len(BY_NAME) == len(KEYS)


def test_every_key_is_in_the_help() -> None:
    items = help_items("stream", {}, Look(variables(KNOCKTOP)))
    helped = {item.value for item in items if isinstance(item, Fact)}
    assert {key.text for key in KEYS} <= helped


def test_the_help_begins_with_the_pane_that_was_asked_about() -> None:
    first = next(iter(help_items("detail", {}, Look(variables(KNOCKTOP)))))
    assert first is not None
    assert getattr(first, "text", "") == PANES["detail"]


@pytest.mark.parametrize("pane", PANES)
def test_every_hint_of_the_footer_has_a_key_and_a_word(pane: Pane) -> None:
    assert all(key and word for key, word in hints(pane, {}))


def test_the_most_useful_hint_comes_first() -> None:
    assert next(iter(hints("stream", {}))) == ("/", "filter")


def test_keys_are_written_as_people_do() -> None:
    assert [shown(key) for key in ("ctrl+p", "shift+tab", "question_mark", "G", "pagedown")] == [
        "Ctrl-P",
        "Shift-Tab",
        "?",
        "G",
        "PgDn",
    ]


def test_a_key_of_the_user_takes_the_place_of_ours_in_the_footer() -> None:
    assert ("f", "filter") in list(hints("stream", {"filter": "f"}))


def test_a_key_of_the_user_that_means_two_things_is_told_of() -> None:
    assert clashes({"follow": "z"}) == ["z means both follow and zoom in the pane Stream"]


def test_a_key_for_no_action_is_told_of() -> None:
    assert clashes({"fliter": "f"}) == ["no action is called fliter"]


@dataclass
class Bound:
    """Where the keys of a pane are bound, and what answers their actions."""

    pane: Pane
    target: type[object]
    others: dict[str, type[object]] = field(default_factory=dict)


WHERE = [
    Bound("stream", Stream),
    Bound("detail", Lines),
    Bound("field", FilterField),
    Bound("help", HelpLines),
    Bound("everywhere", EventsScreen),
]


@pytest.mark.parametrize("bound", WHERE, ids=lambda bound: bound.pane)
def test_every_key_leads_to_an_action_that_exists(bound: Bound) -> None:
    spaces = {"app": KnocktopApp, "screen": EventsScreen, "": bound.target}
    for key in KEYS:
        if key.pane == bound.pane:
            space, _, name = key.action.partition("(")[0].rpartition(".")
            assert hasattr(spaces[space], f"action_{name}"), key.name


@pytest.mark.parametrize("pane", PANES)
def test_every_binding_bears_the_name_of_its_key(pane: Pane) -> None:
    names = {getattr(binding, "id", "") for binding in bindings(pane)}
    assert names == {key.name for key in KEYS if key.pane == pane}


def test_the_screens_bind_what_is_everywhere() -> None:
    bound = {getattr(binding, "id", "") for binding in (*EventsScreen.BINDINGS, *KnocktopApp.BINDINGS)}
    assert bound == {key.name for key in KEYS if key.pane == "everywhere"}
    assert EventsScreen(Dashboard(), {}).pane == "stream"
