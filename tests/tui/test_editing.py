"""A body in an editor: what it opens, what is taken from it, and that nothing of it stays."""

from __future__ import annotations

import os
import signal
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tui.editing import CannotEdit, EditingEnded, edited, editor

BODY = b'{"type":"message.sent","data":{"total":10.0}}'


class Editor:
    """Stands in for a program: does something to the file that it is given, and remembers how it was found."""

    def __init__(self, change: Callable[[Path], None] = lambda file: None, code: int = 0) -> None:
        self.change = change
        self.code = code
        self.found = b""
        self.modes: list[int] = []
        self.file = Path()

    def __call__(self, command: list[str]) -> int:
        self.file = Path(command[-1])
        self.found = self.file.read_bytes()
        self.modes = [stat.S_IMODE(path.stat().st_mode) for path in (self.file, self.file.parent)]
        self.change(self.file)
        return self.code

    def edit(self, body: bytes = BODY) -> bytes | None:
        try:
            return edited(body, environ={"EDITOR": "theirs"}, run=self)
        finally:
            assert not self.file.parent.exists()


def writing(text: bytes) -> Callable[[Path], None]:
    def change(file: Path) -> None:
        file.write_bytes(text)
        file.with_name(".body.json.swp").write_bytes(text)

    return change


def test_json_is_opened_indented_with_its_values_as_they_were_written_and_for_nobody_else() -> None:
    theirs = Editor()

    assert theirs.edit() is None
    assert theirs.found == b'{\n  "type": "message.sent",\n  "data": {\n    "total": 10.0\n  }\n}'
    if os.name != "nt":
        assert theirs.modes == [0o600, 0o700]


def test_what_is_no_json_is_opened_as_it_is() -> None:
    theirs = Editor()

    assert theirs.edit(b"\xff{not json") is None
    assert theirs.found == b"\xff{not json"


def test_what_was_saved_is_taken_byte_for_byte_without_the_newline_that_editors_add() -> None:
    assert Editor(writing(b'{"type": "changed"}\n')).edit() == b'{"type": "changed"}'
    assert Editor(writing(b"no json any more")).edit() == b"no json any more"
    assert Editor(writing(b"one\ntwo\n")).edit(b"one\n") == b"one\ntwo\n"


def test_a_newline_at_the_end_alone_changes_nothing() -> None:
    def as_editors_save(file: Path) -> None:
        file.write_bytes(file.read_bytes() + b"\n")

    assert Editor(as_editors_save).edit() is None


def test_an_editor_that_fails_changes_nothing_and_leaves_nothing() -> None:
    with pytest.raises(CannotEdit, match="theirs ended with exit code 1"):
        Editor(writing(b"half"), code=1).edit()


def test_a_file_that_the_editor_removed_is_no_body() -> None:
    with pytest.raises(CannotEdit, match="cannot be read"):
        Editor(Path.unlink).edit()


def test_an_editor_that_is_not_there_is_named() -> None:
    with pytest.raises(CannotEdit, match="no-such-editor cannot be started: No such file or directory"):
        edited(BODY, environ={"EDITOR": "no-such-editor --wait"})


def test_what_ends_the_process_meanwhile_leaves_nothing_and_ctrl_c_is_for_the_editor() -> None:
    def strike(number: signal.Signals) -> Callable[[Path], None]:
        return lambda _: os.kill(os.getpid(), number)

    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    with pytest.raises(EditingEnded, match="SIGTERM"):
        Editor(strike(signal.SIGTERM)).edit()
    assert Editor(strike(signal.SIGINT)).edit() is None
    assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before


def test_a_real_program_edits_the_body(tmp_path: Path) -> None:
    program = tmp_path / "an editor.py"
    program.write_text("import pathlib, sys; pathlib.Path(sys.argv[-1]).write_text(sys.argv[1])")

    assert edited(b"{}", environ={"VISUAL": f"'{sys.executable}' '{program}' changed"}) == b"changed"


def test_visual_goes_before_editor_and_words_are_split_as_a_shell_does() -> None:
    assert editor({"VISUAL": "code --wait", "EDITOR": "vim"}) == ["code", "--wait"]
    assert editor({"VISUAL": " ", "EDITOR": "'my vim' -u NONE"}) == ["my vim", "-u", "NONE"]


def test_without_one_named_a_usual_one_is_looked_for(tmp_path: Path) -> None:
    if os.name != "nt":
        program = tmp_path / "nano"
        program.touch(0o755)
        assert editor({"PATH": str(tmp_path)}) == [str(program)]
    with pytest.raises(CannotEdit, match="no editor here"):
        editor({"PATH": str(tmp_path / "empty")})


def test_a_command_that_cannot_be_split_is_told() -> None:
    with pytest.raises(CannotEdit, match="EDITOR does not name a command"):
        editor({"EDITOR": "vim 'unclosed"})
