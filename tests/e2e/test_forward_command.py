"""`knocktop forward` on a real relay and a real app: its lines, its exit codes, and its end."""

from __future__ import annotations

import asyncio
import io
import json
import os
import signal
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from relay.settings import load
from relay.settings.model import Environment
from tests.e2e.test_commands import Shell
from tests.e2e.test_forwarding import body_of, detail_of, forwarding, post
from tests.localapp import LocalApp, held, local_app, status
from tests.relay_process import TOKEN, RelayProcess, running
from tests.tui.test_tail import Narration, Output, at_once
from tui.cli.forward import forward, forward_here
from tui.cli.report import Failure
from tui.exitcodes import ExitCode
from tui.forward.plan import Plan
from tui.forward.production import Production
from tui.since import BEGINNING

BOUND = 20.0
ENVIRONMENT = "123e4567-e89b-12d3-a456-426614174000"


@pytest.fixture(scope="module")
def relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RelayProcess]:
    with running(tmp_path_factory.mktemp("relay"), "--verify", "off") as relay:
        yield relay


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Command:
    """A running `forward`, and what it wrote."""

    def __init__(self) -> None:
        self.out = Output()
        self.err = Narration()

    async def lines(self, count: int) -> list[str]:
        async with asyncio.timeout(BOUND):
            return [line.decode() for line in await self.out.lines(count)]

    def run(
        self, relay: RelayProcess, app: LocalApp, *, production: Production | None = None, **options: Any
    ) -> Coroutine[Any, Any, int]:
        ours: dict[str, Any] = {
            "is_tty": options.pop("is_tty", False),
            "stdin": options.pop("stdin", io.StringIO()),
            "utc": True,
        }
        plan: dict[str, Any] = {"url": app.url, "patience": 0.0, "timeout": 5.0}
        return forward(
            relay.url,
            TOKEN,
            Plan(**(plan | options)),
            marked=production or Production({}),
            secret_of=lambda _: None,
            out=self.out,
            err=self.err,
            sleep=at_once,
            **ours,
        )


@asynccontextmanager
async def commanded(relay: RelayProcess, app: LocalApp, **options: Any) -> AsyncIterator[Command]:
    """Run the command, and end it as Ctrl-C does."""
    command = Command()
    task = asyncio.create_task(command.run(relay, app, **options))
    async with asyncio.timeout(BOUND):
        await command.err.saying("forwarding to")
    yield command
    os.kill(os.getpid(), signal.SIGINT)
    async with asyncio.timeout(BOUND):
        assert await task == ExitCode.DONE


async def failure_of(run: Coroutine[Any, Any, int]) -> tuple[int, str]:
    with pytest.raises(Failure) as caught:
        async with asyncio.timeout(BOUND):
            await run
    return caught.value.code, str(caught.value)


async def test_a_program_reads_an_object_an_event(relay: RelayProcess) -> None:
    async with local_app(status(201)) as app, commanded(relay, app) as command:
        (seq,) = post(relay, "object")
        found = json.loads(*await command.lines(1))

    assert found.pop("ms") > 0
    assert found.pop("at").endswith("Z")
    assert found == {
        "seq": seq,
        "type": "message.sent",
        "reading": found["reading"],
        "message_id": "object",
        "status": 201,
        "attempt": 1,
        "error": None,
    }


async def test_a_person_reads_a_line_an_event_and_of_each_that_was_not_taken_what_to_do(
    relay: RelayProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    hostile = status(418, b"", "X-Evil: \x1b[2J")
    async with (
        local_app(status(500), status(500), hostile, status(307)) as app,
        commanded(relay, app, is_tty=True, retries=1, concurrency=1) as command,
    ):
        seq, *_ = post(relay, "first", "second", "third", "fourth")
        lines = await command.lines(4)
        said = command.err.getvalue()

    assert [line.split("-> ")[1].split(" ms")[0].rpartition(" ")[0] for line in lines] == [
        "500 Internal Server Error",
        "418 I'm a Teapot",
        "307 Temporary Redirect",
        "200 OK",
    ]
    assert f"event {seq}: 500 Internal Server Error" in said
    assert "again in 1 s, at most 2 times" in said
    assert f"error: event {seq} (message.sent) was not taken after 2 attempts: 500" in said
    assert f"hint: knocktop resend {seq} --to {app.url}" in said
    assert "hint: no redirect is followed" in said
    assert "\x1b" not in said


async def test_what_is_passed_over_is_said_once_with_the_way_out(relay: RelayProcess) -> None:
    async with local_app() as app, commanded(relay, app) as command:
        for key in ("unsure-1", "unsure-2"):
            relay.post(body_of(key))
        post(relay, "sure")
        await command.lines(1)

    assert command.err.getvalue().count("is unverified, and events like it are not forwarded") == 1
    assert command.err.getvalue().count("hint: --unverified") == 1


async def test_each_refusal_has_its_exit_code_and_nothing_is_sent(relay: RelayProcess) -> None:
    post(relay, "refused-1", "refused-2")
    async with local_app() as app, forwarding(relay, app):
        code, said = await failure_of(Command().run(relay, app))
        assert (code, "already forwarded" in said) == (ExitCode.ADDRESS_IN_USE, True)
    async with local_app() as app:
        plan: dict[str, Any] = {"filter": "message:refused-*", "since": BEGINNING, "backlog": 1}
        code, said = await failure_of(Command().run(relay, app, **plan))
        assert (code, "2 events match" in said) == (ExitCode.BACKLOG_REFUSED, True)
        code, _ = await failure_of(Command().run(relay, app, filter="nonsense:1"))
        assert code == ExitCode.USAGE
        assert app.received == []
    code, said = await failure_of(Command().run(relay, app))
    assert (code, "connection refused" in said) == (ExitCode.UNREACHABLE, True)


async def test_what_comes_from_production_takes_its_name(relay: RelayProcess) -> None:
    post(relay, "from-production")
    known = {ENVIRONMENT: Environment(name="live", production=True)}
    async with local_app() as app:
        code, said = await failure_of(Command().run(relay, app, production=Production(known)))
        assert (code, "marked production" in said) == (ExitCode.USAGE, True)
        async with commanded(relay, app, production=Production(known), stdin=Terminal("live\n")) as command:
            post(relay, "let-through")
            await command.lines(1)
        only = "message:nobody-yet"
        async with commanded(relay, app, production=Production(known), filter=only) as command:
            post(relay, "nobody-yet")
            await command.err.saying("hint: --yes-production 'live'")
        assert len(app.received) == 1


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"url": "elsewhere"}, "is not a URL that begins with http"),
        ({"concurrency": 0}, "--concurrency should be 1 to 256"),
        ({"retries": -1}, "--retries should be 0 to 100"),
        ({"timeout": "soon"}, "--timeout 'soon'"),
        ({"since": "then"}, "--since: then is no place to begin"),
        ({"sign": "frehs"}, "--sign should be as-received"),
        ({"sign": "fresh"}, "no signing secret here to sign fresh with"),
        ({"yes_production": ["live"]}, "--yes-production"),
    ],
)
def test_what_cannot_be_meant_is_wrong_usage(tmp_path: Path, changes: dict[str, Any], says: str) -> None:
    given = {
        "url": "http://127.0.0.1:9/",
        "concurrency": 4,
        "timeout": "10s",
        "retries": 3,
        "backlog": 9,
    } | changes
    loaded = load({"data_dir": tmp_path}, environ={}, cwd=tmp_path, user_config_dir=tmp_path)
    run: Callable[..., int] = forward_here
    with pytest.raises(Failure, match=says) as caught:
        run(loaded, given.pop("url"), **given)
    assert caught.value.code == ExitCode.USAGE


async def test_asked_to_end_twice_it_ends_at_once_and_reports_what_was_on_its_way(relay: RelayProcess) -> None:
    never = asyncio.Event()
    async with local_app(held(never, status(200))) as app:
        command = Command()
        task = asyncio.create_task(command.run(relay, app))
        async with asyncio.timeout(BOUND):
            await command.err.saying("forwarding to")
            (seq,) = post(relay, "cut-short")
            await app.until(1)
            for _ in range(2):
                os.kill(os.getpid(), signal.SIGINT)
                await asyncio.sleep(0)
            with pytest.raises(asyncio.CancelledError):
                await task

    assert "one event was not sent to the end" in command.err.getvalue()
    assert [one.error for one in (await detail_of(relay, seq)).forwards] == ["interrupted"]


async def test_the_command_itself_forwards_until_it_is_told_to_end(relay: RelayProcess, tmp_path: Path) -> None:
    async with local_app() as app:
        shell = Shell(tmp_path, relay)
        process = await asyncio.to_thread(shell.start, "forward", app.url, "message:shell-*", "--concurrency", "2")
        assert process.stderr is not None
        while "forwarding to" not in (line := await asyncio.to_thread(process.stderr.readline)):
            assert line, "it ended"
        post(relay, "shell-1", "another")
        await app.until(1)
        process.send_signal(signal.SIGTERM)
        out, err = await asyncio.to_thread(process.communicate, None, BOUND)

    assert (process.returncode, err) == (0, "")
    assert [json.loads(line)["message_id"] for line in out.splitlines()] == ["shell-1"]
