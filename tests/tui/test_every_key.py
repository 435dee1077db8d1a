"""Every key of every pane: it is pressed on the real screen, and has to lead to the action of its row."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.tui.made import made
from tests.tui.on_screen import shown
from tests.tui.scripted_source import ScriptedSource
from tests.tui.ways import WAYS
from tui.keys import KEYS, PANES, Key, Pane

TESTS = Path(__file__).parent

DUE: Mapping[Pane, str] = {
    "stream": """
        question_mark colon ctrl+p 1 2 tab shift+tab z slash backslash p t w escape q ctrl+q f2 s
        down up j k pagedown pageup g home G end F left right enter space m equals_sign o O e E i I y Y
    """,
    "detail": """
        question_mark colon ctrl+p 1 2 tab shift+tab z slash backslash p t w escape q ctrl+q f2
        left_square_bracket right_square_bracket f n N left right space y Y i I o O e E equals_sign
        down up j k pagedown pageup g home G end
    """,
    "types": "down up j k g home G end space enter left right",
    "table": "down up j k pagedown pageup g home G end F left right enter space i I y",
    "values": "down up i I y",
    "runs": "down up j k pagedown pageup g home G end left right space enter i I y Y o O e E 4 1",
    "failures": "down up j k pagedown pageup g home G end enter i I y Y tab w z 5 1",
    "failure": "down up j k pagedown pageup g home G end enter i I y Y tab 5 1",
    "messages": """
        down up j k pagedown pageup g home G end F left right plus minus 0 enter space o O e E i I y Y m
        equals_sign less_than_sign greater_than_sign slash backslash p z 1 2 3
    """,
    "story": "down up j k pagedown pageup g home G end enter o O e E i I y Y m equals_sign escape z",
    "quarantine": "down up j k pagedown pageup g home G end enter a d y Y S 1 6",
    "request": "down up j k pagedown pageup g home G end a d y Y S 1 6",
    "forwards": "down up j k pagedown pageup g home G end F enter space i I y m equals_sign backslash 1 7",
    "answer": "down up j k pagedown pageup g home G end enter i I y Y m equals_sign 1 7",
    "set_up": "down up j k g home G end enter space y S 1 2 6",
    "field": "enter escape ctrl+u up down tab",
    "find": "enter escape",
    "sheet": "enter escape",
    "resend": "ctrl+o ctrl+t ctrl+r ctrl+b",
    "export": "ctrl+t ctrl+r",
}
"""The keys that people are told of, and that have to be bound in each pane."""


@pytest.mark.parametrize("pane", PANES)
async def test_every_key_of_a_pane_leads_to_the_action_of_its_row(pane: Pane) -> None:
    events = [made(seq, message_id="m", event_data={"attempt": seq}) for seq in range(1, 6)]
    async with shown(ScriptedSource(events), (160, 48)) as view:
        await WAYS[pane](view)
        await view.pilot.pause()
        taken: list[str] = []

        async def note(action: object, *_: object, **__: object) -> bool:
            taken.append(str(action))
            return True

        view.app.run_action = note  # type: ignore[method-assign]
        wrong = []
        for row in KEYS:
            for key in row.keys.split(",") if row.pane == pane else ():
                taken.clear()
                await view.press(key)
                if taken != [row.action]:
                    wrong.append((row.name, key, list(taken)))
        assert wrong == []


@pytest.mark.parametrize("pane", DUE)
def test_every_key_that_people_are_told_of_is_bound_in_its_pane(pane: Pane) -> None:
    bound = {key for row in KEYS if row.pane in (pane, "everywhere") for key in row.keys.split(",")}
    assert set(DUE[pane].split()) - bound == set()


TYPED = {"\r": "enter", "\x1b": "escape", "\t": "tab", "]": "right_square_bracket", "[": "left_square_bracket"}


def words_of(path: Path) -> set[str]:
    """The texts that a test file names, and the keys that it types."""
    tree = ast.parse(path.read_text())
    texts = {
        node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    spread = [arg.value for arg in ast.walk(tree) if isinstance(arg, ast.Starred)]
    typed = [
        call.args[0]
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "typed" and call.args
    ]
    single = "".join(str(node.value) for node in (*spread, *typed) if isinstance(node, ast.Constant))
    return texts | {TYPED.get(char, char) for char in single}


def test_every_row_is_named_by_a_test_or_one_of_its_keys_is_pressed_in_one() -> None:
    others = [path for path in TESTS.rglob("test_*.py") if path.name not in ("test_every_key.py", "test_keys.py")]
    screens = [path for path in others if ".press(" in path.read_text() or "typed(" in path.read_text()]
    named = set().union(*(words_of(path) for path in screens))

    def is_tested(row: Key) -> bool:
        return row.name in named or bool(named & set(row.keys.split(",")))

    assert [row.name for row in KEYS if not is_tested(row)] == []
