"""The life of a relay that a dashboard starts: a real one, found, joined and stopped as by several dashboards."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import connect

from relay.settings import Loaded, load
from tests.relay_process import environment, running
from tests.tui.standins import free_port
from tui.exitcodes import ExitCode
from tui.halt import leave, stop_relay
from tui.launch import Running, StartFailed, join_or_start


class User:
    """Someone with an empty home, who uses one data directory and one port."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.data_dir = home / "data"
        self.port = free_port()
        self.environ = environment(home)
        self.environ.pop("PYTHONPATH")

    def settings(self, data_dir: Path | None = None, port: int | None = None) -> Loaded:
        flags = {"data_dir": data_dir or self.data_dir, "port": port or self.port}
        return load(flags, environ=self.environ, cwd=self.home, user_config_dir=self.home / "config")

    async def starts_dashboard(self, data_dir: Path | None = None, port: int | None = None) -> Running:
        return await join_or_start(self.settings(data_dir, port), environ=self.environ)

    def runs(self, *arguments: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "tui", *arguments, "--data-dir", str(self.data_dir)]
        return subprocess.run(
            command, env=environment(self.home), cwd=self.home, capture_output=True, text=True, timeout=timeout
        )


@pytest.fixture
def user(tmp_path: Path) -> Iterator[User]:
    found = User(tmp_path)
    yield found
    asyncio.run(stop_relay(found.settings()))


def stream(relay: Running) -> connect:
    url = relay.url.replace("http", "ws", 1) + "/v1/stream"
    return connect(url, additional_headers={"authorization": f"Bearer {relay.token}"}, proxy=None)


def pid(relay: Running) -> int:
    assert relay.health is not None
    assert relay.health.pid is not None
    return relay.health.pid


async def test_the_first_dashboard_starts_a_relay_and_the_last_one_stops_it(user: User) -> None:
    first = await user.starts_dashboard()
    second = await user.starts_dashboard()
    assert (first.started, second.started) == (True, False)
    assert pid(first) == pid(second)
    async with stream(second) as viewer:
        await viewer.recv()
        assert "stays" in str(await leave(first))
    assert await leave(second) is None
    assert first.process is not None
    assert first.process.wait(10) == 0
    assert not user.settings().settings.files.relay.exists()


async def test_dashboards_that_start_at_once_share_one_relay(user: User) -> None:
    found = await asyncio.gather(*(user.starts_dashboard() for _ in range(3)))
    assert len({pid(relay) for relay in found}) == 1
    assert [relay.started for relay in found].count(True) == 1


async def test_dashboards_at_other_ports_share_the_relay_of_their_data_directory(user: User) -> None:
    found = await asyncio.gather(*(user.starts_dashboard(port=port) for port in (free_port(), free_port())))
    assert len({(relay.url, pid(relay)) for relay in found}) == 1


async def test_the_relay_takes_webhooks_before_it_is_joined(user: User) -> None:
    relay = await user.starts_dashboard()
    async with httpx.AsyncClient(trust_env=False) as http:
        answer = await http.post(f"{relay.url}/webhooks/knock", content=b'{"type": "message.sent", "data": {}}')
    assert answer.json() == {"seq": 1, "duplicate": False}


async def test_the_relay_runs_under_the_settings_of_the_dashboard(user: User) -> None:
    (user.home / "knocktop.toml").write_text(
        "retention_events = 7\nretention_age = 0\nretention_size = '1MiB'\n"
        "allow_origin = ['http://a.test', 'http://b.test']\npublic_url = 'https://relay.example'"
    )
    relay = await user.starts_dashboard()
    async with httpx.AsyncClient(trust_env=False, headers={"authorization": f"Bearer {relay.token}"}) as http:
        stats = (await http.get(f"{relay.url}/v1/stats", headers={"origin": "http://b.test"})).json()
    assert stats["retention"] == {"events": 7, "age": 0, "size": 2**20}


async def test_a_relay_of_another_data_directory_is_told_by_both_names(user: User) -> None:
    await user.starts_dashboard()
    other = user.home / "other"
    other.mkdir()
    (other / "token").write_text("another")
    with pytest.raises(StartFailed) as caught:
        await user.starts_dashboard(data_dir=other)
    assert caught.value.code == ExitCode.TOKEN_REFUSED
    assert f"http://127.0.0.1:{user.port}" in str(caught.value)
    assert str(other) in str(caught.value)


async def test_a_log_of_a_newer_version_is_told_in_the_words_of_the_relay(user: User) -> None:
    user.data_dir.mkdir()
    with closing(sqlite3.connect(user.data_dir / "events.sqlite3")) as log:
        log.execute("PRAGMA user_version = 999")
    with pytest.raises(StartFailed, match="exit code 1") as caught:
        await user.starts_dashboard()
    assert "newer" in " ".join(caught.value.details)


DASHBOARD = """
import asyncio, fcntl, os, signal, sys, termios
from relay.settings import load
from tui.launch import join_or_start
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
asyncio.run(join_or_start(load({"data_dir": sys.argv[1], "port": sys.argv[2]})))
os.write(1, b"ready")
signal.pause()
"""


def in_a_terminal(user: User) -> tuple[subprocess.Popen[bytes], int]:
    """Start what a dashboard does to have a relay, on a terminal of its own; gives the terminal's other side."""
    leader, follower = os.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", DASHBOARD, str(user.data_dir), str(user.port)],
        env=environment(user.home),
        stdin=follower,
        stdout=follower,
        stderr=follower,
        start_new_session=True,
    )
    os.close(follower)
    return process, leader


async def test_the_relay_outlives_a_dashboard_whose_terminal_closes(user: User) -> None:
    dashboard, terminal = in_a_terminal(user)
    try:
        assert await asyncio.wait_for(asyncio.to_thread(os.read, terminal, 100), 60) == b"ready"
    finally:
        os.close(terminal)
    assert await asyncio.to_thread(dashboard.wait, 10) == -signal.SIGHUP
    assert not (await user.starts_dashboard()).started


def test_knocktop_relay_stop_ends_a_relay_in_the_foreground(user: User) -> None:
    with running(user.data_dir) as relay:
        answer = user.runs("relay", "--stop")
        assert (answer.returncode, answer.stdout) == (0, "")
        assert answer.stderr == f"stopped the relay at {relay.url} (pid {relay.child.pid})\n"
        assert relay.child.wait(10) == 0


async def test_a_relay_can_be_started_as_soon_as_stop_is_done(user: User) -> None:
    first = await user.starts_dashboard()
    await stop_relay(user.settings())
    second = await user.starts_dashboard()
    assert second.started
    assert pid(first) != pid(second)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_knocktop_relay_ends_cleanly_on_a_signal(user: User, number: signal.Signals) -> None:
    port = free_port()
    relay = subprocess.Popen(
        [sys.executable, "-m", "tui", "relay", "--data-dir", str(user.data_dir), "--port", str(port)],
        env=environment(user.home),
        cwd=user.home,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 30
    while not (user.data_dir / "relay.json").exists():
        assert relay.poll() is None
        assert time.monotonic() < deadline
    relay.send_signal(number)
    assert relay.wait(30) == 0


def test_knocktop_relay_on_a_directory_in_use_is_exit_19(user: User) -> None:
    with running(user.data_dir):
        answer = user.runs("relay", "--port", str(free_port()))
        assert answer.returncode == ExitCode.DATA_DIR_IN_USE


def test_knocktop_relay_at_an_address_in_use_is_exit_18(user: User) -> None:
    with running(user.home / "other") as relay:
        answer = user.runs("relay", "--port", relay.url.rpartition(":")[2])
        assert answer.returncode == ExitCode.ADDRESS_IN_USE
