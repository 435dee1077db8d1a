"""One sending against a real app: the bytes that reach it, and what is made of whatever it answers."""

from __future__ import annotations

import asyncio
import gzip
from datetime import UTC, datetime

import pytest

from relay.contract.forwards import BODY_LIMIT
from tests.localapp import LocalApp, held, huge, local_app, raw, status
from tui.forward.request import Outgoing
from tui.forward.send import Answer, Sender

BODY = b'{"type": "message.sent",  "data": {"n": 10.0, "name": "Zo\xc3\xab"}}'
HEADERS = [
    (b"Content-Type", b"application/json"),
    (b"x-trace", b"one"),
    (b"X-Knock-Event", b"message.sent"),
    (b"x-trace", b"two"),
    (b"x-name", b"Zo\xeb"),
]


async def sent(app: LocalApp, *, within: float = 5.0, path: str = "") -> Answer:
    async with Sender(app.url, timeout=within) as sender:
        return await sender.send(Outgoing(app.url + path, HEADERS, BODY))


async def test_what_arrives_is_the_body_and_the_headers_and_nothing_of_ours_but_host_and_length(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    async with local_app() as app:
        answer = await sent(app, path="/a%20b?x=1&y=%C3%AB")
        (one,) = app.received

    assert (answer.status, answer.body, answer.error, answer.taken) == (200, "ok", None, True)
    assert one.line == b"POST /hooks/a%20b?x=1&y=%C3%AB HTTP/1.1"
    assert one.body == BODY
    place = app.url.removeprefix("http://").removesuffix("/hooks").encode()
    assert one.headers == [(b"Host", place), (b"Content-Length", b"%d" % len(BODY)), *HEADERS]


async def test_a_connection_is_used_again_and_cookies_that_it_set_are_not_sent_back() -> None:
    async with local_app(status(200, b"", "Set-Cookie: a=b")) as app, Sender(app.url) as sender:
        for _ in range(3):
            await sender.send(Outgoing(app.url, HEADERS, BODY))

        assert app.connections == 1
        assert {name for one in app.received for name, _ in one.headers} == {
            b"Host",
            b"Content-Length",
            *(name for name, _ in HEADERS),
        }


async def test_a_user_in_the_address_is_who_it_is_sent_as() -> None:
    async with local_app() as app, Sender(app.url) as sender:
        await sender.send(Outgoing(app.url.replace("//", "//ann:p%40ss@"), [], BODY))

        assert app.received[0].header("authorization") == "Basic YW5uOnBAc3M="


async def test_no_redirect_is_followed() -> None:
    async with local_app() as elsewhere, local_app(status(307, b"", f"Location: {elsewhere.url}")) as app:
        answer = await sent(app)

        assert (answer.status, answer.taken, answer.passing) == (307, False, False)
        assert elsewhere.received == []


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", "not valid HTTP: illegal status line"),
        (b"HTTP/1.1 2", "the connection was closed without an answer"),
        (b"", "the connection was closed without an answer"),
    ],
)
async def test_what_is_no_http_is_no_answer(data: bytes, says: str) -> None:
    async with local_app(raw(data)) as app:
        answer = await sent(app)

    assert answer.status is None
    assert answer.passing
    assert answer.error is not None
    assert says in answer.error


async def test_an_answer_that_is_closed_half_way_keeps_its_status_and_says_so() -> None:
    async with local_app(raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{half")) as app:
        answer = await sent(app)

    assert (answer.status, answer.body, answer.passing) == (200, "{half", False)
    assert answer.error == "the answer broke off"


async def test_a_huge_answer_is_cut_and_not_read_to_its_end() -> None:
    async with local_app(huge(64 << 20)) as app:
        answer = await sent(app)

    assert (answer.status, answer.truncated, answer.error) == (200, True, None)
    assert answer.body == "x" * BODY_LIMIT


async def test_an_answer_that_never_comes_is_waited_for_no_longer_than_the_timeout() -> None:
    never = asyncio.Event()
    async with local_app(held(never, status(200))) as app:
        answer = await sent(app, within=0.05)

    assert (answer.status, answer.error) == (None, "no answer within 0.05 s")


async def test_an_answer_that_never_ends_keeps_its_status() -> None:
    async def trickle(_: object, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n")
        await asyncio.Event().wait()

    async with local_app(trickle) as app:
        answer = await sent(app, within=0.05)

    assert (answer.status, answer.body) == (200, "data: 1\n\n")
    assert answer.error == "the answer did not end within 0.05 s"


async def test_nobody_there_is_no_answer() -> None:
    async with local_app() as app:
        pass
    answer = await sent(app)

    assert (answer.status, answer.error, answer.passing) == (None, "connection refused", True)


async def test_a_packed_answer_is_unpacked_within_the_limit_and_others_than_text_do_no_harm() -> None:
    bomb = gzip.compress(b"y" * (8 << 20))
    async with local_app(
        status(200, gzip.compress(b'{"ok":1}'), "Content-Encoding: gzip"),
        status(200, bomb, "Content-Encoding: gzip"),
        status(200, b"\xff" * BODY_LIMIT),
    ) as app:
        small, large, binary = [await sent(app) for _ in range(3)]

    assert (small.body, small.truncated) == ('{"ok":1}', False)
    assert (large.body, large.truncated) == ("y" * BODY_LIMIT, True)
    assert len((binary.body or "").encode()) <= BODY_LIMIT
    assert binary.truncated


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("7", 7.0),
        ("Mon, 23 Nov 2026 10:42:30 GMT", 30.0),
        ("Mon, 23 Nov 2026 10:00:00 GMT", 0.0),
        ("soon", None),
        ("-1", None),
    ],
)
def test_what_the_app_asks_to_wait_is_read_in_both_forms(said: str, seconds: float | None) -> None:
    now = datetime(2026, 11, 23, 10, 42, tzinfo=UTC)

    assert Answer(1.0, 429, [("Retry-After", said)]).retry_after(now) == seconds
