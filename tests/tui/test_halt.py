"""Leaving and stopping, against real processes that stand in for relays."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from tests.tui.standins import TOKEN, Standin, Standins, free_port
from tui.halt import NotStopped, leave, stop_relay
from tui.launch import Running


def seen(relay: Standin, token: str = TOKEN) -> Running:
    return Running(relay.url, token)


def holding(standins: Standins, mode: str = "relay", **options: object) -> Standin:
    """A stand-in that holds the data directory and says so in it."""
    files = standins.loaded().settings.files
    return standins.start(mode, 0, lock=files.lock, record=files.relay, **options)


async def test_the_last_dashboard_stops_a_relay_that_a_dashboard_started(standins: Standins) -> None:
    relay = standins.start(started_by="dashboard")
    assert await leave(seen(relay)) is None
    assert relay.process.wait(10) == 0


async def test_a_viewer_that_is_just_leaving_does_not_count(standins: Standins, tmp_path: Path) -> None:
    viewers = tmp_path / "viewers"
    viewers.write_text("1")
    relay = standins.start(started_by="dashboard", viewers=viewers)
    leaving = asyncio.create_task(leave(seen(relay)))
    await asyncio.wait({leaving}, timeout=0.1)
    assert not leaving.done()
    (tmp_path / "none").write_text("0")
    (tmp_path / "none").replace(viewers)
    assert await leaving is None
    assert relay.process.wait(10) == 0


async def test_a_relay_with_other_viewers_stays_and_the_line_says_how_to_stop_it(standins: Standins) -> None:
    relay = standins.start(started_by="dashboard", viewers=2)
    line = await leave(seen(relay))
    assert line is not None
    assert relay.url in line
    assert "viewers left: 2" in line
    assert "knocktop relay --stop" in line
    assert relay.process.poll() is None


async def test_a_relay_that_does_not_say_who_views_stays(standins: Standins) -> None:
    relay = standins.start(started_by="dashboard", viewers="null")
    assert "stays" in str(await leave(seen(relay)))
    assert relay.process.poll() is None


async def test_a_relay_that_somebody_started_by_hand_stays_and_the_line_says_so(standins: Standins) -> None:
    relay = standins.start()
    line = await leave(seen(relay))
    assert line is not None
    assert "no dashboard started it; stop it with: knocktop relay --stop" in line
    assert relay.process.poll() is None


async def test_a_relay_that_refuses_to_stop_stays_and_says_so(standins: Standins) -> None:
    relay = standins.start(started_by="dashboard")
    assert "stays" in str(await leave(seen(relay, token="wrong")))
    assert relay.process.poll() is None


async def test_leaving_a_relay_that_is_gone_is_nothing_to_tell() -> None:
    assert await leave(Running(f"http://127.0.0.1:{free_port()}", TOKEN)) is None


async def test_the_relay_of_the_data_directory_is_asked_to_stop(standins: Standins) -> None:
    relay = holding(standins)
    stopped = await stop_relay(standins.loaded())
    assert stopped is not None
    assert (stopped.pid, stopped.url) == (relay.pid, relay.url)
    assert relay.process.wait(10) == 0


async def test_a_relay_that_refuses_is_sent_sigterm_once_it_is_known(
    standins: Standins,
) -> None:
    relay = holding(standins, "deaf")
    assert await stop_relay(standins.loaded()) is not None
    assert relay.process.wait(10) == 0


async def test_a_relay_with_another_token_is_sent_sigterm(standins: Standins) -> None:
    relay = holding(standins, token="another")
    assert await stop_relay(standins.loaded()) is not None
    assert relay.process.wait(10) == 0


async def test_without_a_record_there_is_nothing_to_stop(standins: Standins) -> None:
    assert await stop_relay(standins.loaded()) is None


async def test_a_record_that_nobody_holds_is_of_a_relay_that_is_gone(standins: Standins) -> None:
    bystander = standins.start()
    files = standins.loaded().settings.files
    files.relay.write_text(json.dumps({"pid": bystander.pid, "url": bystander.url}))
    files.lock.touch()
    assert await stop_relay(standins.loaded()) is None
    assert bystander.process.poll() is None


async def test_a_process_that_is_not_known_to_be_the_relay_is_never_touched(standins: Standins) -> None:
    relay = holding(standins, pid=1)
    with pytest.raises(NotStopped, match=f"pid {relay.pid}.*does not answer"):
        await stop_relay(standins.loaded())
    assert relay.process.poll() is None


async def test_a_relay_that_goes_on_is_told_of_after_a_while(standins: Standins) -> None:
    relay = holding(standins, "stays")
    with pytest.raises(NotStopped, match=r"still runs after 0\.3 s"):
        await stop_relay(standins.loaded(), patience_s=0.3)
    assert relay.process.poll() is None
