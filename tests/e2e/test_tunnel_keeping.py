"""Tunnels by programs that stand in for the real ones: how they open, fail, die and end, with a real relay."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import httpx
import pytest

from relay.settings import Settings
from tests.relay_process import TOKEN, RelayProcess, environment, running, sample
from tests.tunnel_programs import Programs, lives, wait_until_gone
from tui.launch import Running
from tui.model.tunnel import Tunnel, TunnelState
from tui.tunnel.opened import Opened, Tunnels

BOUND = 30.0
PROGRAMS = ["cloudflared", "ngrok", "./mine --port {port} --to {url}"]


@pytest.fixture(scope="module")
def relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RelayProcess]:
    with running(tmp_path_factory.mktemp("relay")) as relay:
        yield relay


@pytest.fixture
def programs(tmp_path: Path) -> Iterator[Programs]:
    found = Programs(tmp_path)
    yield found
    found.kill()


@pytest.fixture
def tunnels(relay: RelayProcess, programs: Programs, tmp_path: Path) -> Iterator[Tunnels]:
    found = made(relay, programs, tmp_path)
    yield found
    found.close()


def made(
    relay: RelayProcess, programs: Programs, home: Path, *, patience: float = BOUND, **settings: Any
) -> Tunnels:
    return Tunnels(
        Running(relay.url, TOKEN),
        Settings(data_dir=home / "data", **settings),
        which=lambda name: programs.which(name.removeprefix("./")),
        environ=environment(home, KNOCKTOP_TOKEN="hush", KNOCKTOP_SIGNING_SECRET="hush"),
        patience=patience,
    )


def name_of(choice: str) -> str:
    return choice.split(maxsplit=1)[0].removeprefix("./")


def logged(tunnels: Tunnels) -> str:
    return Path(tunnels.log).read_text()


def is_private(tunnels: Tunnels) -> bool:
    return Path(tunnels.log).stat().st_mode & 0o077 == 0


async def until(states: AsyncIterator[Tunnel], *wanted: TunnelState) -> Tunnel:
    async with asyncio.timeout(BOUND):
        async for state in states:
            if state.state in wanted:
                return state
    raise AssertionError(f"it never was {wanted}")


async def opened(tunnel: Opened) -> Tunnel:
    return await until(tunnel.states(), TunnelState.OPEN, TunnelState.DIED)


def public_url(relay: RelayProcess) -> str | None:
    with relay.client() as client:
        found: str | None = client.get("/v1/public-url").json()["url"]
    return found


@pytest.mark.parametrize("habits", ["opens", "slow"])
@pytest.mark.parametrize("choice", PROGRAMS)
async def test_it_opens_and_the_relay_knows_its_address_until_it_is_stopped(
    relay: RelayProcess, programs: Programs, tunnels: Tunnels, choice: str, habits: str
) -> None:
    url = programs.install(name_of(choice), habits)
    tunnel = tunnels.open(choice)
    async with aclosing(tunnel.states()) as states:
        now = await until(states, TunnelState.OPEN, TunnelState.DIED)
        assert (now.state, now.program, now.url, now.why) == (TunnelState.OPEN, name_of(choice), url, "")
        assert public_url(relay) == url
        tunnel.stop()
        assert await until(states, TunnelState.OFF, TunnelState.DIED) == Tunnel()
    assert public_url(relay) is None
    assert not lives(programs.pid)


@pytest.mark.parametrize("choice", PROGRAMS)
async def test_through_it_events_come_in_and_nothing_can_be_read_without_the_token(
    relay: RelayProcess, programs: Programs, tunnels: Tunnels, choice: str
) -> None:
    programs.install(name_of(choice))
    await opened(tunnels.open(choice))
    through = RelayProcess(relay.child, programs.url, relay.directory)
    async with httpx.AsyncClient(base_url=programs.url, trust_env=False, timeout=BOUND) as stranger:
        for path in ("/v1/events", "/v1/public-url", "/v1/secrets", "/metrics", "/openapi.json", "/v1/stream"):
            assert (await stranger.get(path)).status_code == 401
        answer = await stranger.put("/v1/public-url", json={"url": "https://evil.example"})
        assert answer.status_code == 401
    assert through.post_signed(sample("message.sent")[0]).status_code == 200
    assert through.post(sample("message.sent")[0]).status_code == 202


@pytest.mark.parametrize(
    ("choice", "why", "hint"),
    [
        ("cloudflared", "no such host", "reaches the internet"),
        ("ngrok", "exit code 1: ERROR: authentication failed: Usage of ngrok", "add-authtoken"),
        ("./mine", "exit code 1: permission denied (publickey)", ""),
    ],
)
async def test_a_program_that_dies_at_once_is_told_in_its_own_words(
    relay: RelayProcess, programs: Programs, tunnels: Tunnels, choice: str, why: str, hint: str
) -> None:
    programs.install(name_of(choice), "dies")
    now = await opened(tunnels.open(choice))
    assert now.state is TunnelState.DIED
    assert why in now.why
    assert hint in now.hint
    assert now.lines
    assert "2abcDEFghi" not in str(now) + logged(tunnels)
    assert public_url(relay) is None


async def test_a_program_that_never_prints_an_address_is_ended_after_a_while(
    relay: RelayProcess, programs: Programs, tmp_path: Path
) -> None:
    programs.install("cloudflared", "mute")
    tunnels = made(relay, programs, tmp_path, patience=4.0)
    tunnel = tunnels.open("cloudflared")
    async with aclosing(tunnel.states()) as states:
        now = await until(states, TunnelState.OPEN, TunnelState.DIED)
        assert (now.state, now.why) == (TunnelState.DIED, "it printed no public address within 4 s")
        assert now.lines
        async for _ in states:
            pass
    wait_until_gone(programs.pid)


async def test_its_death_is_noticed_and_the_relay_forgets_the_address(
    relay: RelayProcess, programs: Programs, tunnels: Tunnels
) -> None:
    programs.install("cloudflared", "later")
    async with aclosing(tunnels.open("cloudflared").states()) as states:
        await until(states, TunnelState.OPEN)
        programs.end()
        now = await until(states, TunnelState.DIED)
        assert now.why == "exit code 7: the other side hung up"
        async for _ in states:
            pass
    assert public_url(relay) is None


async def test_one_that_was_killed_is_not_said_to_have_ended_for_what_it_wrote_before(
    relay: RelayProcess, programs: Programs, tunnels: Tunnels
) -> None:
    programs.install("cloudflared", "opens")
    async with aclosing(tunnels.open("cloudflared").states()) as states:
        await until(states, TunnelState.OPEN)
        programs.kill()
        assert (await until(states, TunnelState.DIED)).why == "it was killed by signal 9"


async def test_one_that_died_can_be_opened_again(
    relay: RelayProcess, programs: Programs, tunnels: Tunnels
) -> None:
    programs.install("ngrok", "dies")
    await opened(tunnels.open("ngrok"))
    url = programs.install("ngrok")
    assert (await opened(tunnels.open("ngrok"))).url == url


async def test_a_program_that_does_not_want_to_end_is_killed_with_its_children(
    relay: RelayProcess, programs: Programs, tunnels: Tunnels
) -> None:
    programs.install("mine", "stubborn")
    await opened(tunnels.open("./mine"))
    tunnels.close()
    assert not lives(programs.pid)
    wait_until_gone(int(programs.note("child")))


async def test_whoever_kept_it_being_killed_ends_the_program_too(
    relay: RelayProcess, programs: Programs, tunnels: Tunnels
) -> None:
    programs.install("cloudflared")
    tunnel = tunnels.open("cloudflared")
    async with aclosing(tunnel.states()) as states:
        await until(states, TunnelState.OPEN)
        assert tunnel._keeper is not None
        os.kill(tunnel._keeper.pid, signal.SIGTERM)
        assert (await until(states, TunnelState.DIED)).why == "the process that kept it ended"
    wait_until_gone(programs.pid)


async def test_one_that_is_stopped_before_it_is_open_ends(programs: Programs, tunnels: Tunnels) -> None:
    programs.install("cloudflared", "mute")
    tunnel = tunnels.open("cloudflared")
    async with aclosing(tunnel.states()) as states:
        await until(states, TunnelState.STARTING)
        going_on = asyncio.ensure_future(until(states, TunnelState.OFF, TunnelState.DIED, TunnelState.OPEN))
        pid = await asyncio.to_thread(lambda: programs.pid)
        tunnel.stop()
        assert await going_on == Tunnel()
    assert not lives(pid)


async def test_a_program_that_is_not_there_is_said_with_how_to_get_it(tunnels: Tunnels) -> None:
    now = await opened(tunnels.open("cloudflared"))
    assert (now.state, now.why) == (TunnelState.DIED, "cloudflared is not found on the PATH")
    assert "cloudflared" in now.hint


async def test_a_command_with_an_address_of_its_own_need_not_print_it(
    relay: RelayProcess, programs: Programs, tmp_path: Path
) -> None:
    programs.install("mine", "mute")
    tunnels = made(relay, programs, tmp_path, public_url="https://knock.example.com")
    try:
        assert (await opened(tunnels.open("./mine"))).url == "https://knock.example.com"
    finally:
        tunnels.close()


async def test_the_program_gets_the_relays_address_and_none_of_our_secrets(
    relay: RelayProcess, programs: Programs, tunnels: Tunnels
) -> None:
    programs.install("mine")
    await opened(tunnels.open(PROGRAMS[2]))
    port = relay.url.rpartition(":")[2]
    assert programs.arguments == ["--port", port, "--to", relay.url]
    assert not [name for name in json.loads(programs.note("environment")) if name.startswith("KNOCKTOP_")]
    assert TOKEN not in logged(tunnels)


async def test_what_the_program_writes_is_in_the_log_for_its_owner_alone(
    programs: Programs, tunnels: Tunnels
) -> None:
    programs.install("cloudflared")
    await opened(tunnels.open("cloudflared"))
    tunnels.close()
    assert "Requesting new quick Tunnel" in logged(tunnels)
    assert is_private(tunnels)


async def test_a_relay_that_cannot_be_told_does_not_keep_it_from_opening(
    relay: RelayProcess, programs: Programs, tmp_path: Path
) -> None:
    url = programs.install("mine")
    tunnels = Tunnels(
        Running(relay.url, "wrong"), Settings(data_dir=tmp_path / "data"), which=lambda _: programs.which("mine")
    )
    try:
        now = await opened(tunnels.open("mine --port {port}"))
        assert (now.state, now.url) == (TunnelState.OPEN, url)
        assert now.why.startswith("the relay was not told of it")
    finally:
        tunnels.close()


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "http://localhost:9", "http://[::1]:9"])
def test_a_relay_on_this_machine_can_be_made_public(url: str) -> None:
    assert Tunnels(Running(url, ""), Settings()).refusal == ""


def test_a_relay_elsewhere_is_not_made_public_from_here() -> None:
    refusal = Tunnels(Running("https://relay.example", ""), Settings()).refusal
    assert refusal.startswith("the relay at https://relay.example is not on this machine")


def test_the_configured_program_is_offered_first_and_each_with_where_it_is(
    relay: RelayProcess, programs: Programs, tmp_path: Path
) -> None:
    programs.install("ngrok")
    offers = made(relay, programs, tmp_path, tunnel="mine --token hush {port}").offers()
    assert [(offer.name, bool(offer.path)) for offer in offers] == [
        ("mine", False),
        ("cloudflared", False),
        ("ngrok", True),
    ]
    assert "hush" not in offers[0].command
    assert relay.url in offers[1].command
