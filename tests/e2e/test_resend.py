"""`knocktop resend` from a real relay to a real app that checks Knock's signature the way Knock documents it."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from relay.contract.signature import HEADER
from relay.settings import Loaded, load
from tests.localapp import local_app, status
from tests.relay_process import SECRET, TOKEN, RelayProcess, environment, running, signed
from tests.terminal import terminal
from tests.tui.standins import free_port
from tui.cli.report import Failure
from tui.cli.resend import resend
from tui.exitcodes import ExitCode

BODY = b'{"type": "message.sent",  "data": {"id": "m1", "total": 10.0}}'
SECOND = b'{"type": "message.read", "data": {"id": "m1"}}'
ENVIRONMENT = "123e4567-e89b-12d3-a456-426614174000"

Resend = Callable[..., Awaitable[int]]


@pytest.fixture(scope="module")
def relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RelayProcess]:
    """A relay with two events."""
    with running(tmp_path_factory.mktemp("relay") / "data") as found:
        headers = signed(BODY, "message.sent") | {"X-Trace": "one", "Authorization": "Bearer t"}
        assert found.post(BODY, headers).json()["seq"] == 1
        assert found.post(SECOND, signed(SECOND, "message.read")).json()["seq"] == 2
        yield found


@pytest.fixture
def resending(relay: RelayProcess, tmp_path: Path) -> Resend:
    """Run the command with arguments as they were typed, with `config` as the user's own settings."""

    def loaded(config: str, secret: str) -> Loaded:
        (tmp_path / "config.toml").write_text(config)
        environ = {"KNOCKTOP_TOKEN": TOKEN} | ({"KNOCKTOP_SIGNING_SECRET": secret} if secret else {})
        flags = {"relay_url": relay.url, "data_dir": tmp_path / "data"}
        return load(flags, environ=environ, cwd=tmp_path, user_config_dir=tmp_path)

    async def run(*seqs: int, config: str = "", secret: str = SECRET, **arguments: Any) -> int:
        return await asyncio.to_thread(resend, loaded(config, secret), seqs, stdin=StringIO(), **arguments)

    return run


def forwards(relay: RelayProcess, seq: int) -> list[dict[str, Any]]:
    with relay.client() as client:
        found: list[dict[str, Any]] = client.get(f"/v1/events/{seq}").json()["forwards"]
        return found


def rows(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


async def test_events_go_out_in_order_byte_for_byte_with_the_headers_that_they_came_with(
    resending: Resend, relay: RelayProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    async with local_app(secret=SECRET) as app:
        assert await resending(2, 1, to=app.url) == ExitCode.DONE

        assert [one.body for one in app.received] == [SECOND, BODY]
        names = [name.decode() for name, _ in app.received[1].headers]
        kept = [name for name in names if name.lower() not in ("host", "content-length")]
        with relay.client() as client:
            stored = [name for name, _ in client.get("/v1/events/1").json()["headers"]]
        of_connection = ("host", "content-length", "connection", "authorization")
        assert kept == [name for name in stored if name.lower() not in of_connection]
    captured = capsys.readouterr()
    assert "authorization: kept by the relay but shown to nobody, so not sent" in captured.err
    assert [json.loads(line)["seq"] for line in captured.out.splitlines()] == [2, 1]


@pytest.mark.parametrize(
    ("sign", "answer", "says"),
    [("fresh", 200, '{"ok":true}'), ("stale", 401, "too old")]
    + [(sign, 401, "signature does not fit") for sign in ("tampered", "wrong-secret")],
)
async def test_a_right_handler_takes_what_is_fresh_and_refuses_the_rest(
    resending: Resend, relay: RelayProcess, capsys: pytest.CaptureFixture[str], sign: str, answer: int, says: str
) -> None:
    async with local_app(secret=SECRET) as app:
        assert await resending(1, to=app.url, sign=sign) == ExitCode.DONE

        assert app.received[0].body == BODY
        (row,) = rows(capsys)
        assert (row["sign"], row["status"], row["body"], row["right"]) == (sign, answer, says, True)
        told = forwards(relay, 1)[-1]
        assert (told["url"], told["kind"], told["sign"], told["status"]) == (app.url, "resend", sign, answer)


async def test_a_handler_that_refuses_nothing_is_a_finding(
    resending: Resend, capsys: pytest.CaptureFixture[str]
) -> None:
    async with local_app() as app:
        assert await resending(1, to=app.url, sign="tampered") == ExitCode.FINDINGS
        assert [row["right"] for row in rows(capsys)] == [False]
        assert await resending(1, to=app.url, sign="fresh") == ExitCode.DONE
        app.then(status(500), status(404))
        assert await resending(1, to=app.url, sign="stale") == ExitCode.FINDINGS
        assert await resending(1, to=app.url) == ExitCode.FAILED


async def test_the_same_twice_and_not_the_same(resending: Resend, capsys: pytest.CaptureFixture[str]) -> None:
    async with local_app() as app:
        assert await resending(1, to=app.url, twice=True) == ExitCode.DONE
        app.then(status(200, b'{"made": 1}'), status(200, b'{"made": 2}'))
        assert await resending(1, to=app.url, twice=True) == ExitCode.FINDINGS

        assert len({one.body for one in app.received}) == 1
        assert len(app.received) == 4
    same, other = rows(capsys)
    assert same["differs"] == []
    assert other["differs"] == ["body"]
    assert (other["first"]["body"], other["second"]["body"]) == ('{"made": 1}', '{"made": 2}')


async def test_a_changed_body_is_signed_afresh_if_nothing_else_is_asked_for(
    resending: Resend, capsys: pytest.CaptureFixture[str]
) -> None:
    def change(body: bytes) -> bytes:
        return body.replace(b"m1", b"m2")

    async with local_app(secret=SECRET) as app:
        assert await resending(1, to=app.url, edit=True, edit_with=change) == ExitCode.DONE
        assert app.received[0].body == change(BODY)
        assert await resending(1, to=app.url, edit=True, edit_with=change, sign="as-received") == ExitCode.DONE
        first, second = rows(capsys)
        assert (first["sign"], first["edited"], first["status"]) == ("fresh", True, 200)
        assert (second["status"], second["right"]) == (401, True)
        assert await resending(1, to=app.url, edit=True, edit_with=lambda _: None) == ExitCode.DONE
        assert (app.received[2].body, rows(capsys)[0]["edited"]) == (BODY, False)


async def test_a_changed_body_without_a_secret_is_sent_with_a_warning(
    resending: Resend, capsys: pytest.CaptureFixture[str]
) -> None:
    async with local_app(secret=SECRET) as app:
        assert await resending(1, to=app.url, edit=True, edit_with=lambda _: b"{}", secret="") == ExitCode.DONE
        assert app.received[0].header(HEADER) is not None
    assert "only a fresh signature fits it" in capsys.readouterr().err


async def test_nothing_is_sent_where_one_of_the_events_is_not_there(resending: Resend) -> None:
    async with local_app() as app:
        with pytest.raises(Failure, match="there is no event 99") as failure:
            await resending(1, 99, to=app.url)
        assert (failure.value.code, app.received) == (ExitCode.NO_SUCH_EVENT, [])


async def test_an_app_that_does_not_answer_ends_it_and_the_relay_is_told(
    resending: Resend, relay: RelayProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"http://127.0.0.1:{free_port()}/hooks"
    with pytest.raises(Failure, match="connection refused; 1 event was not sent") as failure:
        await resending(2, 1, to=url)
    assert failure.value.code == ExitCode.UNREACHABLE
    assert [row["error"] for row in rows(capsys)] == ["connection refused"]
    assert forwards(relay, 2)[-1]["error"] == "connection refused"


async def test_no_redirect_is_followed(resending: Resend) -> None:
    async with local_app() as elsewhere, local_app(status(307, b"", f"Location: {elsewhere.url}")) as app:
        assert await resending(1, to=app.url) == ExitCode.FAILED
        assert elsewhere.received == []


async def test_what_comes_from_production_is_sent_only_by_its_name(resending: Resend) -> None:
    config = f'[environments."{ENVIRONMENT}"]\nname = "live"\nproduction = true'
    async with local_app() as app:
        with pytest.raises(Failure, match="came from live, which is marked production") as failure:
            await resending(1, to=app.url, config=config)
        assert (failure.value.code, app.received) == (ExitCode.USAGE, [])
        assert await resending(1, to=app.url, config=config, yes_production=["live"]) == ExitCode.DONE


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ({"to": None}, "--to names the app"),
        ({"to": "localhost:3000"}, "not a URL"),
        ({"to": "http://127.0.0.1:1/", "sign": "frech"}, "--sign should be"),
        ({"to": "http://127.0.0.1:1/", "timeout": "soon"}, "--timeout"),
        ({"to": "http://127.0.0.1:1/", "edit": True}, "one event at a time"),
        ({"to": "http://127.0.0.1:1/", "sign": "fresh", "secret": ""}, "no signing secret here"),
        ({"to": "http://127.0.0.1:1/", "yes_production": ["live"]}, "names no environment"),
    ],
)
async def test_what_cannot_be_sent_is_refused_before_anything_is(
    resending: Resend, arguments: dict[str, Any], why: str
) -> None:
    with pytest.raises(Failure, match=why) as failure:
        await resending(1, 2, **arguments)
    assert failure.value.code == ExitCode.USAGE


EDITOR = """#!/bin/sh
echo EDITING
read go
sed s/m1/m2/ "$1" > "$1.new" && mv "$1.new" "$1"
"""


async def test_the_dashboard_gives_its_terminal_to_the_editor_and_takes_it_back(
    relay: RelayProcess, tmp_path: Path
) -> None:
    editor = tmp_path / "editor"
    editor.write_text(EDITOR)
    editor.chmod(0o700)
    environ = environment(
        tmp_path,
        KNOCKTOP_RELAY_URL=relay.url,
        KNOCKTOP_TOKEN=TOKEN,
        KNOCKTOP_SIGNING_SECRET=SECRET,
        KNOCKTOP_DATA_DIR=str(tmp_path / "data"),
        VISUAL=str(editor),
        TMPDIR=str(tmp_path),
    )

    def use(url: str) -> None:
        with terminal([sys.executable, "-m", "tui"], environ=environ, cwd=tmp_path) as shown:
            shown.wait_for_text("live")
            shown.wait_for_text("→ sent")
            shown.press("r")
            shown.wait_for_text("bytes, as received")
            shown.press(url)
            shown.wait_for_text("on this machine")
            shown.press("\x0f")
            shown.wait_for_text("EDITING")
            assert len(list(tmp_path.glob("knocktop-*/body.json"))) == 1
            shown.press("\r")
            shown.wait_for_text("changed by you, signed afresh")
            shown.press("\r")
            shown.wait_for_text("200 OK in")
            assert list(tmp_path.glob("knocktop-*")) == []

    async with local_app(secret=SECRET) as app:
        await asyncio.to_thread(use, app.url)
        assert b"m2" in app.received[0].body
