"""The command line as a user meets it: what is there, what is refused, and with which exit code."""

from __future__ import annotations

import inspect
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from relay import __main__ as relay_command
from tests.tui.standins import Standins, free_port
from tui.cli.commands import relay as knocktop_relay
from tui.cli.main import run

Captured = pytest.CaptureFixture[str]


def test_help_names_every_command_that_there_is(home: Path, capsys: Captured) -> None:
    assert run(["--help"]) == 0
    listed = capsys.readouterr().out.partition("Commands:")[2].split("\n")
    assert [line.split()[0] for line in listed if line.strip()] == [
        "demo",
        "relay",
        "tail",
        "expect",
        "forward",
        "resend",
        "trigger",
        "config",
        "export",
        "import",
        "verify",
        "provoke",
        "purge",
        "doctor",
        "completion",
        "secret",
    ]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--filtr", "x"], "error: No such option: --filtr"),
        (["tailx"], "error: No such command 'tailx'"),
        (["config", "more"], "error: Got unexpected extra argument"),
        (["--relay", "nope", "config"], "error: --relay should be a URL such as"),
        (["config", "--relay", "nope"], "error: --relay should be a URL such as"),
        (["--filter", "x", "config"], "error: --filter is for the dashboard, not for `config`"),
        (["--read-only", "config"], "error: --read-only is for the dashboard, not for `config`"),
        (["--forward", "nowhere"], "error: --forward should be a URL such as http://127.0.0.1:3000/webhooks"),
        (["--forward", "http://127.0.0.1:3000", "--read-only"], "error: --forward sends events to an app, which"),
        (["--forward", "http://127.0.0.1:3000", "demo"], "error: --forward is for the dashboard, not for `demo`"),
        (["forward", "nowhere"], "error: 'nowhere' is not a URL that begins with http:// or https://"),
        (["trigger"], "error: name an event type or a scenario"),
        (["relay", "--port", "x"], "error: --port should be a whole number from 0 to 65535, not 'x'"),
    ],
)
def test_what_is_not_understood_is_exit_2(home: Path, capsys: Captured, arguments: list[str], told: str) -> None:
    assert run(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert told in captured.err


def test_a_usage_error_points_at_the_help_of_its_command(home: Path, capsys: Captured) -> None:
    run(["config", "--jsn"])
    assert "hint: knocktop config --help says what there is" in capsys.readouterr().err


def test_a_wrong_file_is_exit_2_with_its_line(home: Path, capsys: Captured) -> None:
    Path("knocktop.toml").write_text("\nprot = 1\n")
    assert run(["config"]) == 2
    assert capsys.readouterr().err == (
        f"error: {Path.cwd() / 'knocktop.toml'}:2: unknown key `prot`\nhint: did you mean `port`?\n"
    )


def test_config_shows_the_settings(home: Path, capsys: Captured) -> None:
    assert run(["config", "--json"]) == 0
    settings = json.loads(capsys.readouterr().out)["settings"]
    assert settings["data_dir"]["value"] == str(home / "share" / "knocktop")


@pytest.mark.parametrize(
    "arguments", [["--data-dir", "there", "config", "--json"], ["config", "--json", "--data-dir", "there"]]
)
def test_a_flag_means_the_same_before_and_after_the_command(
    home: Path, capsys: Captured, arguments: list[str]
) -> None:
    assert run(arguments) == 0
    settings = json.loads(capsys.readouterr().out)["settings"]
    assert settings["data_dir"]["value"] == str(home / "work" / "there")


def test_the_flag_after_the_command_is_the_nearer_one(home: Path, capsys: Captured) -> None:
    assert run(["--data-dir", "one", "config", "--json", "--data-dir", "two"]) == 0
    assert json.loads(capsys.readouterr().out)["settings"]["data_dir"]["value"].endswith("two")


def test_knocktop_relay_takes_the_flags_of_the_relay_and_stop() -> None:
    ours = dict(inspect.signature(knocktop_relay, eval_str=True).parameters)
    del ours["context"], ours["stop"]
    assert ours == dict(inspect.signature(relay_command.command, eval_str=True).parameters)


def test_stopping_where_nothing_runs_is_done(home: Path, capsys: Captured) -> None:
    assert run(["relay", "--stop"]) == 0
    assert capsys.readouterr().err == f"no relay runs on {home / 'share' / 'knocktop'}\n"


def test_stop_ends_the_relay_of_the_data_directory(home: Path, standins: Standins, capsys: Captured) -> None:
    relay = standins.start(lock=standins.data_dir / "lock", record=standins.data_dir / "relay.json")
    assert run(["relay", "--stop", "--data-dir", str(standins.data_dir)]) == 0
    assert capsys.readouterr().err == f"stopped the relay at {relay.url} (pid {relay.pid})\n"
    assert relay.process.wait(10) == 0


def test_a_relay_that_cannot_be_stopped_is_exit_1(home: Path, standins: Standins, capsys: Captured) -> None:
    standins.start(lock=standins.data_dir / "lock", record=standins.data_dir / "relay.json", pid=1)
    assert run(["relay", "--stop", "--data-dir", str(standins.data_dir)]) == 1
    assert "does not answer" in capsys.readouterr().err


def test_trigger_says_what_cannot_be_reached(home: Path, capsys: Captured) -> None:
    assert run(["trigger", "message.sent", "--to", "http://127.0.0.1:1"]) == 16
    assert "error: http://127.0.0.1:1 cannot be reached" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--help"], ["config"]])
def test_a_command_imports_nothing_that_it_does_not_need(home: Path, arguments: list[str]) -> None:
    heavy = {"textual", "httpx", "websockets", "uvicorn", "fastapi", "lark", "asyncio", "sqlite3"}
    code = (
        "import sys; from tui.cli.main import run; run(sys.argv[1:]); "
        f"print('imported:', *sorted({heavy!r} & set(sys.modules)))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        timeout=30,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])},
    )
    assert answer.stdout.splitlines()[-1] == "imported:"


def test_the_module_runs_as_the_command_does(home: Path) -> None:
    answer = subprocess.run(
        ["sh", "-c", '"$0" -m tui config >&- 2>&-', sys.executable],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])},
        timeout=30,
    )
    assert answer.returncode == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["-n", "x"], "error: Invalid value for '-n'"),
        (["-n", "-1"], "error: -n should be 0 or more, not -1"),
        (["--since", "soon"], "error: --since: soon is no place to begin"),
        (["--format", "xml"], "error: --format should be line, ndjson or raw, not 'xml'"),
        (["-tenant:acme"], "error: No such option: -t"),
    ],
)
def test_tail_refuses_what_it_does_not_understand(
    home: Path, capsys: Captured, arguments: list[str], told: str
) -> None:
    assert run(["tail", *arguments]) == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["tail"], ["tail", "--", "-tenant:acme"], []])
def test_tail_without_a_relay_is_exit_16(home: Path, capsys: Captured, arguments: list[str]) -> None:
    Path("knocktop.toml").write_text(f"port = {free_port()}")
    assert run(arguments) == 16
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "hint: start one with `knocktop relay`" in captured.err
