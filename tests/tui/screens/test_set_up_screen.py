"""The set-up: the steps to the first event are buttons, and turn into ticks."""

from __future__ import annotations

import pytest

from tests.tui.made import made, made_held
from tests.tui.on_screen import Shown, shown
from tests.tui.scripted_source import ScriptedSource
from tui.app import AppOptions
from tui.model.source import Began, LinkChange, LinkState
from tui.screens.secrets import SecretsSheet
from tui.screens.set_up import SetUpScreen
from tui.widgets.set_up import SetUp

SIZES = [(80, 24), (120, 40), (200, 60)]
PUBLIC = "https://calm-river.trycloudflare.com/webhooks/knock"


def nothing_yet() -> ScriptedSource:
    return ScriptedSource(secrets=0)


async def ready(view: Shown) -> SetUp:
    await view.until_seen("Waiting for the first event.", "1 Address")
    return view.screen.set_up


@pytest.fixture(autouse=True)
def programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever this machine has: cloudflared is found, ngrok is not."""
    monkeypatch.setattr("tui.widgets.set_up.shutil.which", lambda name: name if name == "cloudflared" else None)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("ascii_only", [False, True])
async def test_it_fits_and_takes_the_focus(size: tuple[int, int], ascii_only: bool) -> None:
    async with shown(nothing_yet(), size, AppOptions(ascii=ascii_only)) as view:
        steps = await ready(view)
        await view.until_seen("2 In Knock", "3 Secret", "4 No Knock", "until then events show as unverified")
        assert view.screen.focused is steps
        assert view.screen.pane == "set_up"
        assert "Enter do it" in view.lines[-1]
        assert all(strip.cell_length == size[0] for strip in view.app.screen._compositor.render_strips())


async def test_enter_on_the_address_copies_it_and_so_does_y_on_every_step() -> None:
    async with shown(nothing_yet()) as view:
        await ready(view)
        await view.press("enter")
        await view.until(lambda: view.app.clipboard == "http://127.0.0.1:4747/webhooks/knock")
        view.app._clipboard = ""
        await view.press("down", "y")
        await view.until(lambda: view.app.clipboard == "http://127.0.0.1:4747/webhooks/knock")


async def test_the_tunnel_is_a_button() -> None:
    async with shown(nothing_yet()) as view:
        await ready(view)
        taken: list[str] = []

        async def tunnel() -> None:
            taken.append("tunnel")

        view.app.action_tunnel = tunnel  # type: ignore[attr-defined,method-assign,assignment,unused-ignore]
        await view.press("j", "enter")
        assert taken == ["tunnel"]


async def test_enter_on_the_secret_opens_its_sheet_and_what_is_set_ticks_it() -> None:
    async with shown(nothing_yet()) as view:
        await ready(view)
        await view.press("j", "j", "j", "space")
        await view.until(lambda: isinstance(view.app.screen, SecretsSheet))
        await view.press(*"fits", "enter")
        await view.until_seen("✓ Secret    set")


async def test_the_webhook_copies_the_address_and_the_trial_its_command() -> None:
    async with shown(nothing_yet()) as view:
        await ready(view)
        await view.press("G", "g", "k", "enter")
        await view.until(lambda: view.app.clipboard == "knocktop trigger message.sent")
        await view.press("up", "up", "enter")
        await view.until(lambda: view.app.clipboard == "http://127.0.0.1:4747/webhooks/knock")


async def test_a_click_does_a_step() -> None:
    async with shown(nothing_yet()) as view:
        steps = await ready(view)
        row = next(at for at, line in enumerate(view.lines) if "4 No Knock" in line) - steps.region.y
        await view.pilot.click(steps, offset=(20, row))
        await view.until(lambda: view.app.clipboard == "knocktop trigger message.sent")


async def test_an_address_that_knock_can_reach_is_ticked_as_soon_as_there_is_one() -> None:
    source = nothing_yet()
    async with shown(source) as view:
        await ready(view)
        source.webhook_url = PUBLIC
        await view.until_seen(f"✓ Address   {PUBLIC}")
        assert "not reachable" not in view.text


async def test_it_goes_with_the_first_event_and_the_stream_has_the_focus_then() -> None:
    source = nothing_yet()
    async with shown(source) as view:
        steps = await ready(view)
        source.arrive(made(1))
        await view.until_seen("dr_grant")
        assert not steps.display
        assert view.screen.focused is view.screen.stream


async def test_it_does_not_take_the_focus_from_who_types() -> None:
    source = ScriptedSource([made(1)])
    async with shown(source) as view:
        await view.press("slash", *"abc")
        source.log = []
        source.put(Began(0, "", "log"))
        await view.until(lambda: view.screen.set_up.display)
        assert view.screen.pane == "field"


async def test_what_is_in_quarantine_is_said_first_and_leads_there() -> None:
    source = nothing_yet()
    source.hold(made_held(1))
    async with shown(source) as view:
        await view.until_seen("No event yet, but 1 request is in quarantine.", "6 shows what is wrong with it")
        await view.press("end", "home", "enter")
        await view.until_seen("1 of at most 1,000 held")


async def test_a_lost_link_takes_its_place_and_gives_it_back() -> None:
    source = nothing_yet()
    async with shown(source) as view:
        await ready(view)
        source.put(LinkChange(LinkState.RECONNECTING, 30.0, "no answer in time"))
        await view.until_seen("Link lost: no answer in time.", "what arrives meanwhile is kept by the relay")
        assert "1 Address" not in view.text
        source.put(LinkChange(LinkState.LIVE))
        await ready(view)
        assert view.screen.focused is view.screen.set_up


async def test_it_comes_back_from_the_palette_with_its_ticks() -> None:
    source = ScriptedSource([made(1)])
    async with shown(source) as view:
        await view.press("ctrl+p", *"set-up:", "enter")
        await view.until(lambda: isinstance(view.app.screen, SetUpScreen))
        await view.until_seen("The way from Knock to here", "✓ Secret", "✓ No Knock", "2 In Knock")
        await view.press("y")
        await view.until(lambda: view.app.clipboard.endswith("/webhooks/knock"))
        await view.press("escape")
        assert view.app.screen is view.screen


async def test_the_palette_leads_to_the_steps_where_they_stand_anyway() -> None:
    async with shown(nothing_yet()) as view:
        steps = await ready(view)
        await view.press("2", "ctrl+p", *"set-up:", "enter")
        await view.until(lambda: view.app.screen is view.screen)
        assert view.screen.focused is steps


async def test_opened_before_the_first_event_it_goes_with_it() -> None:
    source = nothing_yet()
    async with shown(source) as view:
        await ready(view)
        await view.app.push_screen(SetUpScreen(view.app.dashboard, {}))
        source.arrive(made(1))
        await view.until(lambda: view.app.screen is view.screen)


async def test_the_screen_of_types_says_where_the_set_up_is() -> None:
    source = nothing_yet()
    source.hold(made_held(1))
    async with shown(source) as view:
        await view.press("2")
        await view.until_seen("No event yet, but 1 request is in quarantine.", "goes to the set-up", "6  ")


async def test_the_keys_of_the_user_are_named() -> None:
    async with shown(nothing_yet(), options=AppOptions(keys={"secrets": "f9", "copy_address": "c"})) as view:
        await ready(view)
        await view.until_seen("F9 pastes the signing secret", "c copies")
