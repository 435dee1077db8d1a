"""`knocktop config --init`: what it writes can be read, and nothing that is there is written over."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from relay.settings import SettingsError, load
from relay.settings.sources import in_files
from tui.cli.config_init import text_of
from tui.cli.main import run

Captured = pytest.CaptureFixture[str]


def uncommented(text: str) -> str:
    """The file as it is when every setting in it is in force."""
    return "".join(line if line.startswith("# ") else line.removeprefix("#") for line in text.splitlines(True))


def test_the_users_file_goes_into_the_users_directory(home: Path, capsys: Captured) -> None:
    assert run(["config", "--init"]) == 0
    file = home / "config" / "knocktop" / "config.toml"
    assert capsys.readouterr().out == f"{file}\n"
    assert file.read_text() == text_of(project=False)
    assert file.stat().st_mode & 0o777 == 0o600


def test_the_projects_file_goes_where_one_is(home: Path, capsys: Captured) -> None:
    assert run(["config", "--init", "--project"]) == 0
    assert capsys.readouterr().out == f"{Path.cwd() / 'knocktop.toml'}\n"


@pytest.mark.parametrize("project", [False, True])
def test_what_is_there_is_left_as_it_is(home: Path, capsys: Captured, project: bool) -> None:
    arguments = ["config", "--init", *(["--project"] if project else [])]
    file = Path.cwd() / "knocktop.toml" if project else home / "config" / "knocktop" / "config.toml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("utc = true\n")
    assert run(arguments) == 1
    assert file.read_text() == "utc = true\n"
    assert f"error: {file} is there already" in capsys.readouterr().err


def test_a_link_that_leads_nowhere_is_not_followed(home: Path) -> None:
    Path("knocktop.toml").symlink_to("elsewhere")
    assert run(["config", "--init", "--project"]) == 1
    assert not Path("elsewhere").exists()


@pytest.mark.parametrize("project", [False, True])
def test_as_written_it_changes_nothing(tmp_path: Path, project: bool) -> None:
    file = tmp_path / ("knocktop.toml" if project else "config.toml")
    file.write_text(text_of(project=project))
    found = load(environ={}, cwd=tmp_path, user_config_dir=tmp_path)
    assert {origin.kind for origin in found.origins.values()} == {"default"}


@pytest.mark.parametrize("project", [False, True])
def test_every_setting_is_in_it_and_can_be_put_in_force(tmp_path: Path, project: bool) -> None:
    file = tmp_path / ("knocktop.toml" if project else "config.toml")
    file.write_text(uncommented(text_of(project=project)))
    found = load(environ={}, cwd=tmp_path, user_config_dir=tmp_path)
    set_ = {re.split(r"[.]", name)[0] for name, origin in found.origins.items() if origin.file == file}
    assert set_ == set(in_files(project=project))


def test_a_users_file_put_in_force_as_a_projects_is_refused(tmp_path: Path) -> None:
    (tmp_path / "knocktop.toml").write_text(uncommented(text_of(project=False)))
    with pytest.raises(SettingsError, match="a project file may not name"):
        load(environ={}, cwd=tmp_path, user_config_dir=tmp_path / "none")


def test_a_project_is_asked_for_together_with_a_file(home: Path, capsys: Captured) -> None:
    assert run(["config", "--project"]) == 2
    assert "--project goes with --init" in capsys.readouterr().err
