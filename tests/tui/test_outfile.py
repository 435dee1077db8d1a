"""A file that has its name only once it is whole."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tui.outfile import OutFile


def test_a_whole_file_gets_its_name_and_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "events.ndjson"
    path.write_text("before")
    path.chmod(0o644)
    with OutFile(path) as out:
        out.write(b"one\n")
        out.write(b"two\n")
        assert path.read_text() == "before"
    assert path.read_bytes() == b"one\ntwo\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_of_half_a_file_nothing_is_left_and_what_was_there_stays(tmp_path: Path) -> None:
    path = tmp_path / "events.ndjson"
    path.write_text("before")
    with pytest.raises(KeyboardInterrupt):
        _interrupted(path)
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def _interrupted(path: Path) -> None:
    with OutFile(path) as out:
        out.write(b"half")
        raise KeyboardInterrupt


def test_a_link_stays_one(tmp_path: Path) -> None:
    path, link = tmp_path / "a", tmp_path / "b"
    path.write_text("before")
    link.symlink_to(path)
    with OutFile(link) as out:
        out.write(b"after")
    assert (link.is_symlink(), path.read_text()) == (True, "after")


def test_what_is_no_file_is_not_replaced_by_one(tmp_path: Path) -> None:
    with pytest.raises(FileExistsError, match="no file"), OutFile(tmp_path):
        pass
    with pytest.raises(FileNotFoundError), OutFile(tmp_path / "no" / "such"):
        pass
