"""The tunnel on the screen: asked for with T, followed in the header, and its end told with the next step."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.hostile import HOSTILE
from tests.tui.made import made
from tests.tui.on_screen import Shown, shown
from tests.tui.scripted_source import ScriptedSource
from tests.tui.scripted_tunnels import NGROK, URL, ScriptedTunnels
from tui.app import AppOptions
from tui.commands import Actions
from tui.model.source import Pulse
from tui.model.tunnel import Offer, TunnelState
from tui.screens.tunnel import TunnelSheet

ADDRESS = f"{URL}/webhooks/knock"
SIZES = [(80, 24), (120, 40), (200, 60)]


def knows(source: ScriptedSource, url: str) -> None:
    """The relay says that Knock reaches it at an address, or no longer does."""
    source.webhook_url = f"{url or 'http://127.0.0.1:4747'}/webhooks/knock"
    source.put(Pulse(upto=source.last, last_seq=source.last, public_url=url))


@asynccontextmanager
async def looked_at(
    tunnels: ScriptedTunnels, size: tuple[int, int] = (120, 40), *, secrets: int = 1, **options: Any
) -> AsyncIterator[Shown]:
    source = ScriptedSource(secrets=secrets)
    async with shown(source, size, AppOptions(**options), tunnels=lambda: tunnels) as view:
        yield view


async def asked(view: Shown) -> None:
    await view.press("T")
    await view.until(lambda: isinstance(view.app.screen, TunnelSheet))
    await view.until_seen("Tunnel", "log")


async def started(view: Shown, tunnels: ScriptedTunnels) -> None:
    await asked(view)
    await view.press("enter")
    await view.until(lambda: bool(tunnels.opened))
    await view.until_seen("tunnel starting")


def copied(view: Shown) -> str:
    return view.app.clipboard


@pytest.mark.parametrize("size", SIZES)
async def test_it_says_which_programs_there_are_and_what_is_opened_and_does_nothing_before_enter(
    size: tuple[int, int],
) -> None:
    tunnels = ScriptedTunnels()
    async with looked_at(tunnels, size, secrets=0) as view:
        await asked(view)
        await view.until_seen(
            "/usr/bin/cloudflared",
            "not found; get it from ngrok.com/download",
            "cloudflared tunnel --url",
            "the relay to the internet",
            "no signing secret is set",
            "/data/tunnel.log",
            "Enter start it",
        )
        await view.press("down", "up", "c", "n", "escape")
        assert tunnels.opened == []


async def test_enter_starts_it_and_its_address_is_shown_and_copied() -> None:
    tunnels = ScriptedTunnels()
    async with looked_at(tunnels) as view:
        await started(view, tunnels)
        assert tunnels.last.program == "cloudflared"
        knows(view.source, URL)
        tunnels.last.open()
        await view.until(lambda: copied(view) == ADDRESS)
        await view.until_seen("Copied by OSC 52", "webhook's address")
        await view.until(lambda: ADDRESS in view.lines[0])
        assert "tunnel" not in view.lines[0]


async def test_with_a_tunnel_and_no_secret_the_header_says_what_that_means() -> None:
    tunnels = ScriptedTunnels()
    async with looked_at(tunnels, secrets=0) as view:
        assert "anyone" not in view.lines[0]
        await started(view, tunnels)
        tunnels.last.open()
        await view.until(lambda: "no secret: anyone can post" in view.lines[0])


async def test_on_a_narrow_screen_it_still_says_so() -> None:
    source = ScriptedSource([made(1)], secrets=0)
    async with shown(source, (80, 24)) as view:
        knows(source, URL)
        await view.until(lambda: "no secret: anyone can post" in view.lines[0])
        source.put(source.pulse(quarantined=1_234, secrets=0))
        await view.until_seen("1,234")
        assert "no secret" in view.lines[0]


async def test_another_dashboard_shows_the_address_too_and_that_it_is_gone() -> None:
    source = ScriptedSource()
    async with shown(source, (120, 40)) as view:
        knows(source, URL)
        await view.until(lambda: ADDRESS in view.lines[0])
        await view.press("y")
        await view.until(lambda: copied(view) == ADDRESS)
        knows(source, "")
        await view.until(lambda: "http://127.0.0.1:4747/webhooks/knock" in view.lines[0])


async def test_an_open_one_can_be_copied_again_and_stopped() -> None:
    tunnels = ScriptedTunnels()
    async with looked_at(tunnels) as view:
        await started(view, tunnels)
        tunnels.last.open()
        await view.until(lambda: view.app.dashboard.tunnel.state is TunnelState.OPEN)
        view.app._clipboard = ""
        await asked(view)
        await view.until_seen("copy the address", "stop the tunnel", ADDRESS, "Enter copy")
        await view.press("enter")
        await view.until(lambda: copied(view) == ADDRESS)
        await asked(view)
        await view.press("down")
        await view.until_seen("Enter stop it")
        assert not tunnels.last.stopped
        await view.press("enter")
        await view.until(lambda: tunnels.last.stopped)
        await view.until_seen("tunnel stopping")
        tunnels.last.end()
        await view.until_seen("The tunnel is closed; its address leads nowhere now")
        assert "tunnel" not in view.lines[0]


async def test_one_that_is_still_starting_can_be_stopped() -> None:
    tunnels = ScriptedTunnels()
    async with looked_at(tunnels) as view:
        await started(view, tunnels)
        await asked(view)
        await view.until_seen("waiting for its public address", "Enter stop it")
        await view.press("enter")
        await view.until(lambda: tunnels.last.stopped)


async def test_a_sheet_that_is_open_follows_what_becomes_of_the_tunnel() -> None:
    tunnels = ScriptedTunnels()
    async with looked_at(tunnels) as view:
        await started(view, tunnels)
        await asked(view)
        tunnels.last.open()
        await view.until_seen("copy the address", ADDRESS)
        tunnels.last.die()
        await view.until_seen("cloudflared: exit code 1: no such host", "Enter start it")


@pytest.mark.parametrize("size", SIZES)
async def test_its_death_is_in_the_header_with_the_key_that_starts_it_again(size: tuple[int, int]) -> None:
    tunnels = ScriptedTunnels()
    async with looked_at(tunnels, size, secrets=0) as view:
        await started(view, tunnels)
        tunnels.last.open()
        await view.until(lambda: view.app.dashboard.tunnel.state is TunnelState.OPEN)
        tunnels.last.die(
            lines=("first words", "no such host"), hint="check that this machine reaches the internet"
        )
        await view.until(lambda: "tunnel ended" in view.lines[0])
        assert "T" in view.lines[0].partition("tunnel ended")[2][:6]
        await view.until_seen("The tunnel ended: exit code 1")
        await asked(view)
        await view.until_seen("first words", "reaches the internet", "Enter start it")
        await view.press("enter")
        await view.until(lambda: len(tunnels.opened) == 2)
        await view.until(lambda: "tunnel ended" not in view.lines[0])


async def test_the_header_names_the_key_that_the_user_chose() -> None:
    tunnels = ScriptedTunnels()
    async with looked_at(tunnels, keys={"tunnel": "ctrl+t"}) as view:
        await view.press("ctrl+t")
        await view.until_seen("Enter start it")
        await view.press("enter")
        await view.until(lambda: bool(tunnels.opened))
        tunnels.last.die()
        await view.until(lambda: "tunnel ended, Ctrl-T starts it again" in view.lines[0])


async def test_a_program_that_is_not_there_is_not_started_and_the_next_step_is_said() -> None:
    tunnels = ScriptedTunnels([NGROK])
    async with looked_at(tunnels) as view:
        await asked(view)
        await view.until_seen("ngrok is not found on the PATH", "next step")
        await view.press("enter")
        assert isinstance(view.app.screen, TunnelSheet)
        assert tunnels.opened == []


async def test_it_begins_with_a_program_that_is_there() -> None:
    tunnels = ScriptedTunnels([NGROK, Offer("mine", "mine", "/bin/mine", "mine 4747")])
    async with looked_at(tunnels) as view:
        await started(view, tunnels)
        assert tunnels.last.program == "mine"


async def test_a_relay_elsewhere_is_not_made_public_from_here() -> None:
    tunnels = ScriptedTunnels(refusal="the relay at https://relay.example is not on this machine")
    async with looked_at(tunnels) as view:
        await asked(view)
        await view.until_seen("is not on this machine")
        await view.press("enter")
        assert tunnels.opened == []


async def test_what_is_wrong_although_it_is_open_is_said() -> None:
    tunnels = ScriptedTunnels()
    async with looked_at(tunnels) as view:
        await started(view, tunnels)
        tunnels.last.open(why="the relay was not told of it: no access")
        await view.until_seen("The tunnel is open, but the relay was not told of it")
        await view.until(lambda: copied(view) == ADDRESS)


async def test_who_only_looks_opens_no_tunnel() -> None:
    tunnels = ScriptedTunnels()
    async with looked_at(tunnels, read_only=True, tunnel="cloudflared") as view:
        await view.press("T")
        await view.until_seen("it only looks")
        offered = Actions(view.app.screen)._commands()
        assert not any("reachable" in command.text for command in offered)
        assert tunnels.opened == []


async def test_before_there_is_a_relay_there_is_nothing_to_open() -> None:
    async with shown(ScriptedSource()) as view:
        await view.press("T")
        await view.until_seen("There is no relay yet that a tunnel could lead to")


async def test_one_that_was_asked_for_on_the_command_line_starts_by_itself() -> None:
    tunnels = ScriptedTunnels()
    async with looked_at(tunnels, tunnel="ngrok") as view:
        await view.until(lambda: [tunnel.program for tunnel in tunnels.opened] == ["ngrok"])
        await view.until_seen("tunnel starting")
        knows(view.source, URL)
        await view.until(lambda: ADDRESS in view.lines[0])
        assert len(tunnels.opened) == 1


@pytest.mark.parametrize("configured", [None, "https://mine.example"])
async def test_where_knock_gets_there_already_none_starts_by_itself(configured: str | None) -> None:
    tunnels = ScriptedTunnels()
    tunnels.configured_url = configured
    source = ScriptedSource(live=False)
    source.begin()
    knows(source, URL)
    async with shown(source, (120, 40), AppOptions(tunnel="ngrok"), tunnels=lambda: tunnels) as view:
        await view.until_seen("No tunnel: Knock reaches this relay at", "T opens one")
        assert tunnels.opened == []


async def test_an_address_that_stands_in_the_settings_does_not_keep_one_from_starting() -> None:
    tunnels = ScriptedTunnels()
    tunnels.configured_url = URL
    source = ScriptedSource(live=False)
    source.begin()
    knows(source, URL)
    async with shown(source, (120, 40), AppOptions(tunnel="ngrok"), tunnels=lambda: tunnels) as view:
        await view.until(lambda: bool(tunnels.opened))


async def test_at_the_end_it_is_stopped() -> None:
    tunnels = ScriptedTunnels()
    async with looked_at(tunnels) as view:
        await started(view, tunnels)
        assert not tunnels.last.stopped
    assert tunnels.last.stopped


@pytest.mark.parametrize("text", HOSTILE[::3])
async def test_no_word_of_a_program_or_a_relay_bends_a_row(text: str) -> None:
    tunnels = ScriptedTunnels([Offer(text, text, text, text, text), Offer("other", text, None, text, text)])
    async with looked_at(tunnels, (100, 30)) as view:
        await view.press("T", "down", "up", "enter")
        await view.until(lambda: bool(tunnels.opened))
        tunnels.last.open(text, why=text)
        knows(view.source, text)
        await view.until(lambda: view.app.dashboard.tunnel.state is TunnelState.OPEN)
        await view.press("T")
        tunnels.last.die(text, lines=(text, text), hint=text)
        await view.until(lambda: view.app.dashboard.tunnel.state is TunnelState.DIED)
        await view.pilot.pause()
        strips = view.app.screen._compositor.render_strips()
        assert {strip.cell_length for strip in strips} == {100}
        assert not [
            strip for strip in strips for segment in strip if segment.style and segment.style.meta.get("@click")
        ]
