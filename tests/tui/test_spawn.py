"""How a relay is started, with an interpreter that notes what it is given."""

from __future__ import annotations

import json
import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import relay
from relay.settings import SecretStr, Settings
from tui.spawn import spawn

NOTED = """#!{python}
import json, os, sys
sys.stderr.write("said\\n")
facts = {{"argv": sys.argv[1:], "env": dict(os.environ), "cwd": os.getcwd(), "sid": os.getsid(0)}}
facts |= {{"pid": os.getpid(), "stdin": os.stat(0).st_rdev == os.stat(os.devnull).st_rdev}}
open("noted.json", "w").write(json.dumps(facts))
"""

Spawned = Callable[..., dict[str, Any]]


@pytest.fixture
def spawned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Spawned:
    """Start with settings and an environment, and give what the process noted."""
    interpreter = tmp_path / "python"
    interpreter.write_text(NOTED.format(python=sys.executable))
    interpreter.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(interpreter))

    def start(environ: dict[str, str] | None = None, **settings: Any) -> dict[str, Any]:
        data = tmp_path / "data"
        process = spawn(Settings(data_dir=data, **settings), "127.0.0.1", 4848, environ or {})
        assert process.wait(20) == 0
        noted: dict[str, Any] = json.loads((data / "noted.json").read_text())
        return noted

    return start


def test_the_relay_is_told_every_setting_of_its_own(spawned: Spawned, tmp_path: Path) -> None:
    assert spawned(retention_size=5, allow_origin=["http://a", "http://b"], public_url="https://p")["argv"] == [
        "-P",
        "-m",
        "relay",
        "--host=127.0.0.1",
        "--port=4848",
        f"--data-dir={tmp_path / 'data'}",
        "--log=sqlite",
        "--verify=quarantine",
        "--retention-events=1000000",
        "--retention-age=30d",
        "--retention-size=5",
        "--stall-after=10m",
        "--allow-origin=http://a,http://b",
        "--public-url=https://p",
        "--started-by=dashboard",
        "--idle-exit=12h",
    ]


def test_a_secret_goes_by_the_environment_alone(spawned: Spawned) -> None:
    noted = spawned({"KNOCKTOP_SIGNING_SECRET": "hush"}, signing_secret=SecretStr("hush"), token=SecretStr("hush"))
    assert "hush" not in " ".join(noted["argv"])
    assert noted["env"]["KNOCKTOP_SIGNING_SECRET"] == "hush"


def test_the_file_of_a_secret_is_named_whole(spawned: Spawned, tmp_path: Path) -> None:
    noted = spawned({"KNOCKTOP_SIGNING_SECRET_FILE": "key"}, signing_secret_file=tmp_path / "key")
    assert noted["env"]["KNOCKTOP_SIGNING_SECRET_FILE"] == str(tmp_path / "key")


def test_it_is_out_of_reach_of_the_terminal(spawned: Spawned) -> None:
    noted = spawned()
    assert noted["sid"] == noted["pid"]
    assert noted["stdin"]


def test_it_leaves_the_current_directory_alone(spawned: Spawned, tmp_path: Path) -> None:
    assert spawned()["cwd"] == str(tmp_path / "data")


def test_it_runs_the_same_code_as_the_dashboard(spawned: Spawned) -> None:
    assert spawned({"PYTHONPATH": "/more"})["env"]["PYTHONPATH"].split(os.pathsep) == [
        str(Path(relay.__file__).parents[1]),
        "/more",
    ]


def test_what_it_says_is_added_to_the_log_for_its_owner_alone(spawned: Spawned, tmp_path: Path) -> None:
    spawned()
    spawned()
    log = tmp_path / "data" / "relay.log"
    assert log.read_text() == "said\nsaid\n"
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert stat.S_IMODE(log.parent.stat().st_mode) == 0o700
