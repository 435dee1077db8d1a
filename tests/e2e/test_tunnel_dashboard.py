"""`knocktop` with a tunnel on a real terminal: it opens with the dashboard, and ends with it however that ends."""

from __future__ import annotations

import os
import re
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import httpx
import pytest

from tests.relay_process import SECRET, environment, sample, signed
from tests.terminal import Terminal, terminal
from tests.tui.standins import free_port
from tests.tunnel_programs import Programs, lives, wait_until_gone
from tui.exitcodes import ExitCode


class User:
    """Someone with an empty home, a cloudflared of their own, one data directory and one port."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.programs = Programs(home)
        self.data_dir = home / "data"
        self.url = f"http://127.0.0.1:{free_port()}"
        self.environ = environment(
            home,
            KNOCKTOP_DATA_DIR=str(self.data_dir),
            KNOCKTOP_PORT=self.url.rpartition(":")[2],
            PATH=f"{self.programs.path}{os.pathsep}{os.environ['PATH']}",
        )

    def knocktop(self, *arguments: str) -> AbstractContextManager[Terminal]:
        return terminal([sys.executable, "-m", "tui", *arguments], environ=self.environ, cwd=self.home)

    def stop_relay(self) -> None:
        token = self.data_dir / "token"
        if token.exists():
            headers = {"authorization": f"Bearer {token.read_text().strip()}"}
            try:
                httpx.post(f"{self.url}/v1/stop", headers=headers, trust_env=False)
            except httpx.TransportError:
                return


@pytest.fixture
def user(tmp_path: Path) -> Iterator[User]:
    found = User(tmp_path)
    yield found
    found.programs.kill()
    found.stop_relay()


def in_words(raw: bytearray) -> str:
    return re.sub(r"\x1b\[[?<]?[0-9;]*[a-zA-Z]", "", bytes(raw).decode("utf-8", "replace"))


def test_it_opens_takes_what_is_signed_shows_nothing_to_strangers_and_ends_with_the_dashboard(user: User) -> None:
    public = user.programs.install("cloudflared", "slow")
    user.environ["KNOCKTOP_SIGNING_SECRET"] = SECRET
    with user.knocktop("--tunnel", "cloudflared") as shown:
        shown.wait_for_text(f"{public}/webhooks/knock")
        through = user.programs.url
        for path in ("/v1/events", "/v1/stats", "/metrics", "/openapi.json"):
            assert httpx.get(through + path, trust_env=False, timeout=20).status_code == 401
        body = sample("message.sent")[0]
        sent = httpx.post(
            f"{through}/webhooks/knock",
            content=body,
            headers=signed(body, "message.sent"),
            trust_env=False,
            timeout=20,
        )
        assert sent.status_code == 200
        shown.wait_for_text("1 of 1")
        pid = user.programs.pid
        assert lives(pid)
        shown.press("q")
        assert shown.wait() == 0
        assert not lives(pid)


def test_without_a_secret_the_header_says_what_that_means(user: User) -> None:
    user.programs.install("mine")
    with user.knocktop("--tunnel", "mine --port {port}") as shown:
        shown.wait_for_text("no secret: anyone can post")
        assert user.programs.arguments == ["--port", user.url.rpartition(":")[2]]
        shown.press("q")
        shown.wait()


def a_signal(number: signal.Signals) -> Callable[[Terminal], None]:
    return lambda shown: shown.child.send_signal(number)


@pytest.mark.parametrize(
    "end",
    [a_signal(signal.SIGTERM), a_signal(signal.SIGKILL), a_signal(signal.SIGHUP)],
    ids=["SIGTERM", "SIGKILL", "SIGHUP"],
)
def test_however_the_dashboard_ends_so_does_the_tunnel(user: User, end: Callable[[Terminal], None]) -> None:
    public = user.programs.install("ngrok", "stubborn")
    with user.knocktop("--tunnel", "ngrok") as shown:
        shown.wait_for_text(public.removeprefix("https://"))
        end(shown)
        wait_until_gone(user.programs.pid)
        wait_until_gone(int(user.programs.note("child")))


def test_a_terminal_that_closes_takes_it_along(user: User) -> None:
    public = user.programs.install("ngrok")
    command = [sys.executable, "-m", "tui", "--tunnel", "ngrok"]
    shown = Terminal(command, columns=100, rows=30, environ=user.environ, cwd=user.home)
    try:
        shown.wait_for_text(public.removeprefix("https://"))
    finally:
        shown.close()
    wait_until_gone(user.programs.pid)


def test_a_crash_of_the_dashboard_ends_it_too(user: User) -> None:
    user.programs.install("ngrok")
    code = (
        "from tui.screens.tunnelling import Tunnelling\n"
        "def crash(*_):\n    raise ZeroDivisionError\n"
        "Tunnelling._say = lambda self, state: state.url and crash()\n"
        "from tui.__main__ import main; main()"
    )
    command = [sys.executable, "-c", code, "--tunnel", "ngrok"]
    with terminal(command, environ=user.environ, cwd=user.home) as shown:
        assert shown.wait() == ExitCode.FAILED
        wait_until_gone(user.programs.pid)
    assert "ZeroDivisionError" in in_words(shown.raw)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--tunnel", "'open"], "--tunnel should be a program such as cloudflared"),
        (["--tunnel", "ngrok", "--read-only"], "--tunnel opens the relay to the internet"),
        (["--tunnel", "ngrok", "tail"], "--tunnel is for the dashboard, not for `tail`"),
        (["--tunnel", "ngrok", "demo"], "--tunnel is for the dashboard, not for `demo`"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_drawn(
    user: User, arguments: list[str], said: str
) -> None:
    with user.knocktop(*arguments) as shown:
        assert shown.wait() == ExitCode.USAGE
    assert said in in_words(shown.raw)
