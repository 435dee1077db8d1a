import subprocess
import sys
from pathlib import Path

import pytest

from relay.settings import DataFiles, Settings, is_loopback, is_loopback_url


def test_the_settings_are_read_with_little_more_than_the_standard_library() -> None:
    heavy = {
        "fastapi",
        "starlette",
        "uvicorn",
        "textual",
        "rich",
        "httpx",
        "typer",
        "lark",
        "sqlite3",
        "asyncio",
        "pydantic",
    }
    code = f"import sys, relay.settings; print(*sorted({heavy!r} & set(sys.modules)))"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=True)
    assert answer.stdout.strip() == ""


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "localhost", "LOCALHOST", "::1"])
def test_this_machine_is_loopback(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["", "0.0.0.0", "::", "10.0.0.1", "relay.example", "127.0.0.1.example", "localhost.example"]
)
def test_anything_else_is_not_loopback(host: str) -> None:
    assert not is_loopback(host)


def test_a_url_is_loopback_by_its_host_alone() -> None:
    assert is_loopback_url("http://[::1]:4747/x")
    assert not is_loopback_url("http://localhost@relay.example")


def test_the_files_of_a_data_directory_have_fixed_names() -> None:
    files = Settings(data_dir=Path("/data")).files
    names = [getattr(files, name).name for name, kind in vars(DataFiles).items() if isinstance(kind, property)]
    expected = [
        "events.sqlite3",
        "token",
        "secrets.toml",
        "relay.json",
        "lock",
        "relay.log",
        "tui.log",
        "tunnel.log",
        "dashboard.json",
    ]
    assert names == expected
