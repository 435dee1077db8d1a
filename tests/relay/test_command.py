"""`python -m relay`: its flags, what it refuses, and what it does without."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from relay.__main__ import main
from relay.settings import Settings

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def ran(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Settings]:
    """The settings that the relay was run with; it ends at once, with 7."""
    found: list[Settings] = []

    def run(settings: Settings) -> int:
        found.append(settings)
        return 7

    for name in [name for name in os.environ if name.startswith("KNOCKTOP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("relay.server.run", run)
    return found


def test_its_exit_code_is_that_of_the_relay(ran: list[Settings]) -> None:
    assert main([]) == 7


def test_every_flag_is_a_setting(ran: list[Settings], tmp_path: Path) -> None:
    flags = {
        "--host": "127.0.0.2",
        "--port": "0",
        "--data-dir": "there",
        "--log": "sqlite",
        "--verify": "reject",
        "--retention-events": "5",
        "--retention-age": "12h",
        "--retention-size": "1MiB",
        "--stall-after": "2m",
        "--public-url": "https://relay.example/",
        "--idle-exit": "1h",
        "--started-by": "dashboard",
    }
    origins = ["--allow-origin", "http://a", "--allow-origin", "http://b,http://c"]
    main([part for flag in flags.items() for part in flag] + origins)
    assert ran == [
        Settings(
            host="127.0.0.2",
            port=0,
            data_dir=tmp_path / "there",
            verify="reject",
            retention_events=5,
            retention_age=timedelta(hours=12),
            retention_size=2**20,
            stall_after=timedelta(minutes=2),
            allow_origin=["http://a", "http://b", "http://c"],
            public_url="https://relay.example",
            idle_exit=timedelta(hours=1),
            started_by="dashboard",
        )
    ]


def test_a_flag_that_is_not_given_leaves_the_file_alone(ran: list[Settings]) -> None:
    Path("knocktop.toml").write_text('port = 5000\nallow_origin = ["http://a"]\nretention_age = "1d"')
    main([])
    assert (ran[0].port, ran[0].allow_origin, ran[0].retention_age) == (5000, ["http://a"], timedelta(days=1))


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--prot", "1"], "error: No such option: --prot"),
        (["more"], "error: Got unexpected extra argument(s) (more)"),
        (["--port", "x"], "error: --port should be a whole number from 0 to 65535, not 'x'\n"),
        (["--verify", "rejekt"], "hint: did you mean `reject`?\n"),
    ],
)
def test_what_is_not_understood_is_exit_2(
    ran: list[Settings], capsys: Captured, arguments: list[str], told: str
) -> None:
    assert main(arguments) == 2
    assert told in capsys.readouterr().err
    assert ran == []


def test_a_wrong_file_is_exit_2_with_its_line(ran: list[Settings], capsys: Captured) -> None:
    Path("knocktop.toml").write_text("\nport = 'x'")
    assert main([]) == 2
    assert "knocktop.toml:2: `port` should be a whole number" in capsys.readouterr().err


def test_a_secret_is_never_an_argument(ran: list[Settings]) -> None:
    assert [main([flag, "x"]) for flag in ("--token", "--signing-secret", "--secret")] == [2, 2, 2]


def test_it_needs_nothing_of_what_a_person_runs() -> None:
    code = (
        "import sys, relay.__main__, relay.server; print(*sorted({'tui', 'textual', 'rich'} & set(sys.modules)))"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert answer.stdout == "\n"
