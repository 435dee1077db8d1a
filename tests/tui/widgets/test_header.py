from __future__ import annotations

import pytest

from relay.contract.canned import NewCannedAnswer
from tests.tui.made import made, made_canned, made_held
from tests.tui.on_screen import shown
from tests.tui.scripted_source import ScriptedSource
from tui.app import AppOptions
from tui.model.environments import Environment
from tui.model.source import LinkChange, LinkState

KNOWN = {"env-1": Environment("development"), "env-2": Environment("production", "#ff0000", production=True)}


async def test_it_says_how_the_link_is_how_old_the_last_event_and_where_the_relay() -> None:
    async with shown(ScriptedSource([made(1)]), (120, 40)) as view:
        await view.until_seen("● live", "last event 29 s ago", "http://127.0.0.1:4747/webhooks/knock")


async def test_environments_go_by_the_names_of_the_user_production_first() -> None:
    events = [made(1, environment_id="env-1"), made(2, environment_id="env-2")]
    async with shown(ScriptedSource(events), (120, 40), AppOptions(environments=KNOWN)) as view:
        await view.until_seen("◆ production ◆ development")


async def test_of_more_environments_than_there_is_room_for_it_says_how_many() -> None:
    events = [made(seq, environment_id=f"env-{seq}") for seq in range(1, 7)]
    async with shown(ScriptedSource(events), (120, 40), AppOptions(environments=KNOWN)) as view:
        await view.until_seen("◆ production ◆ development ◆ env env-3 +3")


async def test_environments_without_names_are_counted() -> None:
    events = [made(1, environment_id="a"), made(2, environment_id="b")]
    async with shown(ScriptedSource(events), (120, 40)) as view:
        await view.until_seen("2 environments")


async def test_one_environment_without_a_name_is_not_worth_a_word() -> None:
    async with shown(ScriptedSource([made(1)]), (120, 40)) as view:
        await view.until_seen("live")
        assert "env" not in view.lines[0]


@pytest.mark.parametrize("width", [80, 120])
async def test_what_needs_attention_stays_whatever_the_width(width: int) -> None:
    source = ScriptedSource([made(1, environment_id="env-2")], secrets=0)
    source.put(source.pulse(quarantined=1_234, secrets=0))
    async with shown(source, (width, 40), AppOptions(environments=KNOWN, read_only=True)) as view:
        await view.until_seen("1,234 ")
        assert "quar" in view.lines[0]
        assert "no secret" in view.lines[0]
        assert "● live" in view.lines[0]


async def test_what_is_in_quarantine_is_told_with_the_key_that_leads_there() -> None:
    source = ScriptedSource([made(1)])
    source.put(source.pulse(quarantined=2))
    async with shown(source, (80, 24), AppOptions(keys={"quarantine": "f6"})) as view:
        await view.until_seen(" 2 in quarantine: F6 ")


async def test_it_never_says_live_when_nothing_can_arrive() -> None:
    source = ScriptedSource([made(1)])
    async with shown(source) as view:
        source.put(LinkChange(LinkState.RECONNECTING, 7.0, "the relay closed the connection"))
        await view.until_seen("reconnecting in 7 s")
        assert "live" not in view.lines[0]


@pytest.mark.parametrize("width", [80, 120, 200])
async def test_answers_that_are_provoked_are_told_loudly_whatever_the_width(width: int) -> None:
    source = ScriptedSource([made(1)])
    source.canned = [made_canned(NewCannedAnswer(filter="", answer="500x3,200"))]
    async with shown(source, (width, 24)) as view:
        source.hold(made_held(1))
        await view.until_seen("provoking", "quar")
        await source.end_canned()
        await view.until(lambda: "provoking" not in view.text)
