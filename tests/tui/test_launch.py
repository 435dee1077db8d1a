"""Joining and starting, against real processes that stand in for relays."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from relay.settings import Settings
from tests.tui.standins import TOKEN, Standins, free_port
from tui.exitcodes import ExitCode
from tui.launch import Running, StartFailed, join_or_start
from tui.spawn import Detached

Starts = Callable[..., list[Detached]]


@pytest.fixture
def starts(monkeypatch: pytest.MonkeyPatch, standins: Standins) -> Starts:
    """Have what is started be a stand-in of this mode; gives the list of those that were."""

    def with_mode(mode: str = "relay", **options: object) -> list[Detached]:
        started: list[Detached] = []

        def spawn(_: Settings, host: str, port: int, environ: Mapping[str, str]) -> Detached:
            assert host == "127.0.0.1"
            started.append(standins.detached(mode, port, **options))
            return started[-1]

        monkeypatch.setattr("tui.launch.spawn", spawn)
        return started

    return with_mode


async def failure(*arguments: Any, **named: Any) -> StartFailed:
    with pytest.raises(StartFailed) as caught:
        await join_or_start(*arguments, **named)
    return caught.value


async def test_a_relay_that_is_there_is_joined(standins: Standins, starts: Starts) -> None:
    started = starts()
    there = standins.start()
    running = await join_or_start(standins.loaded(there.port))
    assert (running.url, running.token, running.started) == (there.url, TOKEN, False)
    assert started == []


async def test_where_nothing_is_a_relay_is_started(standins: Standins, starts: Starts) -> None:
    started = starts()
    port = free_port()
    running = await join_or_start(standins.loaded(port))
    assert running.url == f"http://127.0.0.1:{port}"
    assert running.started
    assert running.health is not None
    assert [process.pid for process in started] == [running.health.pid]


async def test_a_relay_is_joined_only_when_it_is_ready(standins: Standins, starts: Starts) -> None:
    starts("relay", late=3)
    assert (await join_or_start(standins.loaded(free_port()))).started


async def test_a_relay_named_by_its_url_is_started_there(standins: Standins, starts: Starts) -> None:
    starts()
    url = f"http://127.0.0.1:{free_port()}"
    running = await join_or_start(standins.loaded(relay_url=url))
    assert (running.url, running.started) == (url, True)


@pytest.mark.parametrize("mode", ["foreign", "mute"])
async def test_something_else_at_the_address_is_refused(standins: Standins, starts: Starts, mode: str) -> None:
    started = starts()
    there = standins.start(mode)
    error = await failure(standins.loaded(there.port))
    assert error.code == ExitCode.ADDRESS_IN_USE
    assert str(error).startswith(f"what is at {there.url} ")
    assert error.hint
    assert started == []


async def test_two_at_once_share_the_one_that_got_the_port(standins: Standins, starts: Starts) -> None:
    started = starts()
    port = free_port()
    one, other = await asyncio.gather(join_or_start(standins.loaded(port)), join_or_start(standins.loaded(port)))
    assert pid(one) == pid(other)
    assert sorted([one.started, other.started]) == [False, True]
    assert {process.wait(10) for process in started if process.pid != pid(one)} <= {ExitCode.ADDRESS_IN_USE}


async def test_the_loser_of_the_lock_joins_the_holder_where_it_is(standins: Standins, starts: Starts) -> None:
    files = standins.loaded().settings.files
    holder = standins.start(lock=files.lock, record=files.relay, late=5)
    starts("relay", lock=files.lock, record=files.relay)
    running = await join_or_start(standins.loaded(free_port()))
    assert (running.url, running.started) == (holder.url, False)


async def test_the_relay_of_the_data_directory_is_joined_where_it_is(standins: Standins, starts: Starts) -> None:
    started = starts()
    there = standins.start(record=standins.data_dir / "relay.json")
    running = await join_or_start(standins.loaded(free_port()))
    assert running.url == there.url
    assert started == []


async def test_a_port_of_zero_finds_the_relay_by_its_record(standins: Standins, starts: Starts) -> None:
    starts("relay", record=standins.data_dir / "relay.json")
    running = await join_or_start(standins.loaded(0))
    assert running.started
    assert running.url != "http://127.0.0.1:0"


async def test_a_relay_at_another_port_is_not_the_one_that_was_named(standins: Standins, starts: Starts) -> None:
    starts()
    there = standins.start(record=standins.data_dir / "relay.json")
    error = await failure(standins.loaded(relay_url=f"http://127.0.0.1:{free_port()}"))
    assert error.code == ExitCode.DATA_DIR_IN_USE
    assert there.url in str(error)
    assert there.url in str(error.hint)


async def test_a_record_of_a_relay_that_is_gone_is_not_followed(standins: Standins, starts: Starts) -> None:
    other = standins.start(pid=1)
    record = {"pid": other.pid, "url": other.url}
    (standins.data_dir / "relay.json").write_text(json.dumps(record))
    starts()
    assert (await join_or_start(standins.loaded(free_port()))).started


async def test_a_record_that_leads_off_this_machine_is_not_followed(standins: Standins, starts: Starts) -> None:
    there = standins.start()
    record = {"pid": there.pid, "url": f"http://0.0.0.0:{there.port}"}
    (standins.data_dir / "relay.json").write_text(json.dumps(record))
    starts()
    assert (await join_or_start(standins.loaded(free_port()))).started


async def test_a_relay_that_dies_at_once_is_told_with_its_code_and_last_words(
    standins: Standins, starts: Starts
) -> None:
    starts("dies", code=7)
    error = await failure(standins.loaded(free_port()))
    assert error.code == ExitCode.FAILED
    assert "exit code 7" in str(error)
    assert error.details == ("word 4", "word 5", "word 6", "word 7", "word 8")
    assert str(standins.data_dir / "relay.log") in str(error.hint)


async def test_words_of_another_day_are_not_the_last_ones(standins: Standins, starts: Starts) -> None:
    (standins.data_dir / "relay.log").write_text("of another day\n")
    starts("dies", words=2)
    assert (await failure(standins.loaded(free_port()))).details == ("word 0", "word 1")


async def test_a_relay_that_never_gets_ready_is_told_with_its_pid(standins: Standins, starts: Starts) -> None:
    started = starts("never")
    error = await failure(standins.loaded(free_port()), patience_s=0.5)
    assert error.code == ExitCode.FAILED
    assert f"(pid {started[0].pid})" in str(error)


async def test_the_program_that_cannot_be_started_is_told(
    standins: Standins, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.executable", str(standins.home / "nothing"))
    error = await failure(standins.loaded(free_port()))
    assert error.code == ExitCode.FAILED
    assert "No such file or directory" in str(error)


async def test_a_refused_token_names_address_and_data_directory(standins: Standins, starts: Starts) -> None:
    starts()
    there = standins.start(token="another")
    error = await failure(standins.loaded(there.port))
    assert error.code == ExitCode.TOKEN_REFUSED
    assert there.url in str(error)
    assert str(standins.data_dir) in str(error)
    assert TOKEN not in str(error).split()


async def test_a_data_directory_without_a_token_cannot_join(standins: Standins, starts: Starts) -> None:
    starts()
    (standins.data_dir / "token").unlink()
    error = await failure(standins.loaded(standins.start().port))
    assert error.code == ExitCode.TOKEN_REFUSED


async def test_a_refused_variable_is_named(standins: Standins, starts: Starts) -> None:
    starts()
    there = standins.start()
    error = await failure(standins.loaded(there.port, {"KNOCKTOP_TOKEN": "wrong"}))
    assert (error.code, "KNOCKTOP_TOKEN" in str(error)) == (ExitCode.TOKEN_REFUSED, True)


async def test_an_address_elsewhere_is_never_started(standins: Standins, starts: Starts) -> None:
    started = starts()
    url = f"http://0.0.0.0:{free_port()}"
    running = await join_or_start(standins.loaded(relay_url=url, environ={"KNOCKTOP_TOKEN": "t"}))
    assert (running.url, running.token, running.health, started) == (url, "t", None, [])


async def test_a_relay_that_would_listen_to_all_is_never_started(standins: Standins, starts: Starts) -> None:
    started = starts()
    running = await join_or_start(standins.loaded(free_port(), host="0.0.0.0"))
    assert (running.started, started) == (False, [])


async def test_an_address_elsewhere_without_a_token_says_where_to_set_it(
    standins: Standins, starts: Starts
) -> None:
    starts()
    error = await failure(standins.loaded(relay_url="http://0.0.0.0:9"))
    assert error.code == ExitCode.TOKEN_REFUSED
    assert '[relays."http://0.0.0.0:9"]' in str(error.hint)


async def test_a_relay_on_its_way_out_is_not_joined(standins: Standins, starts: Starts) -> None:
    leaving = standins.start("never")
    started = starts()
    search = asyncio.create_task(join_or_start(standins.loaded(leaving.port)))
    done, _ = await asyncio.wait({search}, timeout=0.3)
    assert not done
    leaving.process.terminate()
    running = await search
    assert running.started
    assert len(started) >= 1


async def test_no_proxy_stands_between(
    standins: Standins, starts: Starts, monkeypatch: pytest.MonkeyPatch
) -> None:
    starts()
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    there = standins.start()
    assert (await join_or_start(standins.loaded(there.port))).url == there.url


def test_the_token_does_not_show_in_what_is_running() -> None:
    assert "hush" not in repr(Running("http://127.0.0.1:1", "hush"))


def pid(running: Running) -> int | None:
    assert running.health is not None
    return running.health.pid


async def test_a_relay_for_all_that_never_ran_is_told_how_to_start(standins: Standins, starts: Starts) -> None:
    started = starts()
    (standins.data_dir / "token").unlink()
    error = await failure(standins.loaded(free_port(), host="0.0.0.0"))
    assert (error.code, error.hint, started) == (ExitCode.UNREACHABLE, "start it with: knocktop relay", [])
