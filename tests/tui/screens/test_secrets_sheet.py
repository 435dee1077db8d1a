"""The sheet of signing secrets: what is pasted goes to the relay and nowhere else."""

from __future__ import annotations

import pytest
from textual import events

from relay.contract.api import SecretInfo
from tests.hostile import HOSTILE
from tests.tui.made import made, made_held
from tests.tui.on_screen import Shown, shown
from tests.tui.scripted_source import ScriptedSource
from tui.app import AppOptions
from tui.commands import Actions
from tui.model.source import LinkChange, LinkState
from tui.screens.secrets import SecretsSheet

SECRET = "an-s8-longtail-secret"
SIZES = [(80, 24), (120, 40), (200, 60)]


def sheet(view: Shown) -> SecretsSheet:
    assert isinstance(view.app.screen, SecretsSheet)
    return view.app.screen


async def opened(view: Shown) -> None:
    await view.press("S")
    await view.until_seen("Signing secrets", "a new secret")


async def test_what_is_pasted_is_sent_to_the_relay_and_it_says_how_many_requests_were_admitted() -> None:
    source = ScriptedSource(secrets=0)
    source.hold(made_held(1), made_held(2), made_held(3))
    source.fitting = {1, 3}
    async with shown(source) as view:
        await view.until_seen("3 in quarantine")
        await opened(view)
        await view.at_once(events.Paste(f"{SECRET}\n"))
        await view.until_seen("3 requests in quarantine are checked again")
        assert source.did == []
        await view.press("enter")
        await view.until_seen("it admitted 2 requests", "the others do not fit")
        assert source.did == [("add", SECRET, None)]
        assert view.app.screen is view.screen


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("ascii_only", [False, True])
async def test_the_secret_stands_nowhere_on_the_screen(size: tuple[int, int], ascii_only: bool) -> None:
    source = ScriptedSource(secrets=0)
    async with shown(source, size, AppOptions(ascii=ascii_only)) as view:
        await opened(view)
        await view.press(*SECRET.replace("-", ""), "enter", "x")
        await view.until(lambda: bool(source.did))
        await view.until_seen("is set; nothing was in quarantine")
        assert "longtail" not in view.text


async def test_a_secret_that_is_typed_shows_as_dots_and_cannot_be_copied_out() -> None:
    async with shown(ScriptedSource(secrets=0)) as view:
        await opened(view)
        await view.press(*"abcdef")
        await view.until_seen("••••••")
        await view.press("ctrl+a", "ctrl+c", "ctrl+x")
        assert view.app.clipboard == ""
        assert sheet(view).secret.value == "abcdef"


async def test_nothing_that_is_said_holds_the_secret_also_when_the_relay_fails() -> None:
    source = ScriptedSource(secrets=0)
    async with shown(source) as view:
        await opened(view)
        source.fails = "the secret could not be written: no space left on device"
        await view.press(*"abcdef", "enter")
        await view.until_seen("It was not added: the secret could not be written: no space left on device")
        assert "abcdef" not in view.text
        assert not view.app._notifications
        source.fails = ""
        await view.press("enter")
        await view.until(lambda: source.did == [("add", "abcdef", None)])


async def test_a_secret_for_one_endpoint_counts_there_alone() -> None:
    source = ScriptedSource(secrets=0)
    async with shown(source) as view:
        await opened(view)
        await view.press(*SECRET.replace("-", ""), "tab", *"staging")
        await view.until_seen("requests to /webhooks/knock/staging", "no longer count there")
        await view.press("enter")
        await view.until(lambda: source.did == [("add", "ans8longtailsecret", "staging")])


async def test_what_is_lacking_is_said_and_nothing_is_sent() -> None:
    source = ScriptedSource(secrets=0)
    async with shown(source) as view:
        await opened(view)
        await view.press("enter")
        await view.until_seen("Paste the secret")
        await view.press("a", "tab", *"Not One")
        await view.until_seen("small letters, digits and hyphens")
        await view.press("enter", "ctrl+u", "shift+tab", "ctrl+u")
        sheet(view).secret.value = "x" * 1_025
        await view.until_seen("at most 1,024 printable characters")
        await view.press("enter")
        assert source.did == []


async def test_an_api_key_is_told_from_a_signing_secret() -> None:
    async with shown(ScriptedSource(secrets=0)) as view:
        await opened(view)
        await view.press(*"sk_test")
        await view.until_seen("This looks like an API key")


async def test_before_the_first_secret_it_says_what_changes() -> None:
    async with shown(ScriptedSource(secrets=0)) as view:
        await opened(view)
        await view.press("a")
        await view.until_seen("requests that do not fit it go to quarantine")


async def test_a_relay_over_plain_http_elsewhere_is_warned_of() -> None:
    class Far(ScriptedSource):
        def ingest_url(self, endpoint: str | None = None) -> str:
            return "http://knock.example.com/webhooks/knock"

    async with shown(Far(secrets=0)) as view:
        await opened(view)
        await view.press("a")
        await view.until_seen("plain HTTP")


def two_secrets() -> ScriptedSource:
    source = ScriptedSource([made(1)], secrets=2)
    source.keys = [
        SecretInfo(id="1a2b3c4d", endpoint="staging"),
        SecretInfo(id="9f8e7d6c", endpoint=None, added=False),
    ]
    return source


async def test_secrets_are_listed_by_their_ids() -> None:
    async with shown(two_secrets()) as view:
        await opened(view)
        await view.until_seen("1a2b3c4d", "endpoint staging", "9f8e7d6c", "from the relay's settings")


async def test_a_secret_is_removed_by_enter_twice() -> None:
    source = two_secrets()
    async with shown(source) as view:
        await opened(view)
        await view.until_seen("1a2b3c4d")
        await view.press("down")
        await view.until_seen("removes", "1a2b3c4d for the endpoint staging", "Enter remove")
        await view.press("enter")
        await view.until_seen("Once more removes it")
        assert source.did == []
        await view.press("enter")
        await view.until(lambda: source.did == [("remove", "1a2b3c4d")])
        await view.until_seen("Secret 1a2b3c4d is removed")


async def test_moving_on_forgets_the_first_enter() -> None:
    source = two_secrets()
    async with shown(source) as view:
        await opened(view)
        await view.until_seen("1a2b3c4d")
        await view.press("down", "enter", "up", "down", "enter")
        await view.until_seen("Once more removes it")
        assert source.did == []


async def test_a_secret_of_the_settings_cannot_be_removed_here() -> None:
    source = two_secrets()
    async with shown(source) as view:
        await opened(view)
        await view.until_seen("9f8e7d6c")
        await view.press("up")
        await view.until_seen("comes from the relay's settings")
        await view.press("enter", "enter")
        assert source.did == []


async def test_the_last_secret_goes_with_a_warning() -> None:
    source = ScriptedSource([made(1)])
    source.keys = [SecretInfo(id="1a2b3c4d")]
    async with shown(source) as view:
        await opened(view)
        await view.until_seen("1a2b3c4d")
        await view.press("down")
        await view.until_seen("no secret is left")


async def test_what_cannot_be_read_or_removed_is_said() -> None:
    source = two_secrets()
    source.fails = "the relay is gone"
    async with shown(source) as view:
        await opened(view)
        await view.until_seen("Which secrets there are could not be read: the relay is gone")
        await view.press("escape")
        source.fails = ""
        await opened(view)
        await view.until_seen("1a2b3c4d")
        source.fails = "the relay is gone"
        await view.press("down", "enter", "enter")
        await view.until_seen("It was not removed: the relay is gone")


async def test_escape_leaves_and_sends_nothing() -> None:
    source = two_secrets()
    async with shown(source) as view:
        await opened(view)
        await view.press(*"abc", "escape")
        assert view.app.screen is view.screen
        assert source.did == []


async def test_who_only_looks_is_not_asked_for_a_secret() -> None:
    async with shown(ScriptedSource([made(1)]), options=AppOptions(read_only=True)) as view:
        await view.press("S")
        await view.until_seen("--read-only: it only looks")
        assert view.app.screen is view.screen
        assert not [one for one in Actions(view.screen)._commands() if "signing secret" in one.text]


async def test_it_can_be_set_from_the_palette_and_while_the_link_is_lost() -> None:
    source = ScriptedSource([made(1)])
    async with shown(source) as view:
        source.put(LinkChange(LinkState.RECONNECTING, 30.0, "connection refused"))
        await view.press("ctrl+p", *"signing", "enter")
        await view.until_seen("Signing secrets")


@pytest.mark.parametrize("size", SIZES)
async def test_hostile_endpoints_and_failures_stand_there_as_text(size: tuple[int, int]) -> None:
    source = ScriptedSource([made(1)])
    source.keys = [SecretInfo(id=text[:500], endpoint=text[:500]) for text in HOSTILE if text.strip()]
    async with shown(source, size) as view:
        await opened(view)
        await view.until(lambda: len(sheet(view).known) == len(source.keys))
        for key in source.keys[::7]:
            source.fails = key.id
            await view.press("down", "enter", "enter")
            await view.until(lambda: bool(sheet(view).failure))
            await view.pilot.pause()
            assert not any(char < " " for line in view.lines for char in line)
            assert all(strip.cell_length == size[0] for strip in view.app.screen._compositor.render_strips())
            await view.press(*["down"] * 6)
            sheet(view).failure = ""
