"""`knocktop trigger` against a real socket: what it sends, what it says, how it ends."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import socket
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from relay.contract.signature import Secret, check
from tui.cli.commands import invoke
from tui.cli.invocation import Invocation
from tui.cli.trigger import choices, trigger
from tui.simulator import SCENARIOS, TYPES
from tui.triggering import TIMEOUT_S, Clock, ingest_url, nearest

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
SECRET = "some-secret"

Reply = tuple[int, bytes]


@dataclass
class Request:
    line: str
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def payload(self) -> Any:
        return json.loads(self.body)

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key == name), None)


@dataclass
class Target:
    """An HTTP server on a free port that notes each request and answers from a list, then with its last answer."""

    url: str = ""
    replies: list[Reply] = field(default_factory=lambda: [(200, b'{"seq": 42, "duplicate": false}')])
    extra: bytes = b""
    requests: list[Request] = field(default_factory=list)
    connections: list[asyncio.Task[None] | None] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections.append(asyncio.current_task())
        try:
            while request := await self._read(reader):
                self.requests.append(request)
                status, body = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
                head = f"HTTP/1.1 {status} X\r\ncontent-length: {len(body)}\r\n".encode()
                writer.write(head + self.extra + b"\r\n" + body)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _read(self, reader: asyncio.StreamReader) -> Request | None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        except asyncio.IncompleteReadError:
            return None
        line, *rest = head.rstrip().split("\r\n")
        headers = [(name.lower(), value) for name, _, value in (one.partition(": ") for one in rest)]
        length = int(dict(headers).get("content-length", "0"))
        return Request(line, headers, await reader.readexactly(length))


@pytest.fixture
async def target() -> AsyncIterator[Target]:
    target = Target()
    server = await asyncio.start_server(target.serve, "127.0.0.1", 0)
    target.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/webhooks/knock"
    async with server:
        yield target
        async with asyncio.timeout(5):
            await asyncio.gather(*filter(None, target.connections))


@dataclass
class Outcome:
    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


async def run(
    names: str | Sequence[str],
    to: str,
    *,
    secret: str | None = SECRET,
    count: int = 1,
    rate: float | None = None,
    seed: int | None = None,
    sets: Sequence[str] = (),
    clock: Clock | None = None,
    timeout_s: float = TIMEOUT_S,
) -> Outcome:
    out, err = io.StringIO(), io.StringIO()
    async with asyncio.timeout(30):
        code = await trigger(
            names,
            to=to,
            secret=secret,
            count=count,
            rate=rate,
            seed=seed,
            sets=sets,
            out=out,
            err=err,
            clock=clock or Clock(),
            timeout_s=timeout_s,
        )
    return Outcome(code, out.getvalue(), err.getvalue())


def at(now: datetime) -> Clock:
    return Clock(now=lambda: now)


def dead_url() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}/webhooks/knock"


async def test_an_event_is_posted_and_its_seq_is_said(target: Target) -> None:
    outcome = await run("message.sent", target.url)
    assert (outcome.code, outcome.lines, outcome.err) == (0, ["message.sent                      200 seq 42"], "")
    assert [request.line for request in target.requests] == ["POST /webhooks/knock HTTP/1.1"]


async def test_the_request_has_the_headers_of_knock(target: Target) -> None:
    await run("message.sent", target.url)
    [request] = target.requests
    assert request.header("content-type") == "application/json"
    assert request.header("x-knock-event") == "message.sent" == request.payload["type"]
    assert request.header("x-knock-environment-id")
    assert request.header("user-agent") == "knocktop-trigger"


async def test_the_signature_verifies_at_the_time_of_sending(target: Target) -> None:
    await run("retry-storm", target.url, clock=at(NOW))
    t_ms = int(NOW.timestamp() * 1_000)
    verdicts = {
        check(request.header("x-knock-signature"), request.body, [Secret(SECRET, None)], t_ms).verdict
        for request in target.requests
    }
    assert verdicts == {"verified"}


async def test_without_a_secret_it_goes_unsigned_and_says_so(target: Target) -> None:
    outcome = await run("message.sent", target.url, secret=None)
    assert target.requests[0].header("x-knock-signature") is None
    assert outcome.code == 0
    assert "sent unsigned" in outcome.err
    assert "unverified" in outcome.err


async def test_a_duplicate_is_said(target: Target) -> None:
    target.replies = [(200, b'{"seq": 7, "duplicate": true}')]
    outcome = await run("message.sent", target.url)
    assert (outcome.code, outcome.lines[0].split()[1:]) == (0, ["200", "seq", "7,", "duplicate"])


async def test_an_address_that_takes_no_events_is_told_from_a_relay_that_refused_one(target: Target) -> None:
    target.replies = [(404, b"")]
    outcome = await run("message.sent", target.url)
    assert outcome.code == 1
    assert outcome.err == (
        "hint: nothing takes events at that address: a relay's ends in /webhooks/knock; see `knocktop doctor`\n"
    )


async def test_a_quarantined_event_is_said_and_the_secrets_are_named_as_the_cause(target: Target) -> None:
    target.replies = [(202, b'{"quarantined": true}')]
    outcome = await run("message.sent", target.url)
    assert (outcome.code, outcome.lines[0].split()[1:]) == (1, ["202", "quarantined"])
    assert outcome.err == (
        "hint: the relay knows another signing secret than the one set here: compare KNOCKTOP_SIGNING_SECRET\n"
    )


async def test_a_quarantined_unsigned_event_asks_for_the_secret(target: Target) -> None:
    target.replies = [(202, b'{"quarantined": true}')]
    outcome = await run("message.sent", target.url, secret=None)
    assert "none is set here: set KNOCKTOP_SIGNING_SECRET" in outcome.err


async def test_a_refusal_is_said_with_its_reason(target: Target) -> None:
    target.replies = [(503, b'{"title": "quarantine full", "detail": "1,000 requests are held"}')]
    outcome = await run("message.sent", target.url)
    assert (outcome.code, outcome.lines[0][34:]) == (1, "503 1,000 requests are held")


async def test_one_refusal_among_many_is_not_success(target: Target) -> None:
    target.replies = [(200, b"{}"), (500, b"oops"), (200, b"{}")]
    outcome = await run("message.sent", target.url, count=3)
    assert outcome.code == 1
    assert [line[34:] for line in outcome.lines] == ["200 OK", "500 Internal Server Error", "200 OK"]


@pytest.mark.parametrize("body", [b"", b"ok", b"[1]", b'{"seq": "x"}', b'{"detail": 5}', b"\xff\xfe"])
async def test_an_app_may_answer_what_it_likes(target: Target, body: bytes) -> None:
    target.replies = [(204, b"")] if not body else [(200, body)]
    outcome = await run("message.sent", target.url)
    assert outcome.code == 0
    assert outcome.lines[0][34:] in {"204 No Content", "200 OK"}


async def test_an_unknown_status_is_shown_as_it_is(target: Target) -> None:
    target.replies = [(799, b"")]
    assert (await run("message.sent", target.url)).lines[0][34:] == "799"


async def test_a_redirect_is_not_followed(target: Target) -> None:
    target.replies = [(307, b"")]
    target.extra = f"location: {target.url}\r\n".encode()
    outcome = await run("message.sent", target.url)
    assert (outcome.code, outcome.lines[0][34:]) == (1, "307 Temporary Redirect")
    assert len(target.requests) == 1


async def test_a_hostile_answer_cannot_write_to_the_terminal(target: Target) -> None:
    target.replies = [
        (500, json.dumps({"detail": "\x1b]0;gotcha\x07\r\nmessage.sent 200" + "x" * 5_000}).encode())
    ]
    outcome = await run("message.sent", target.url)
    assert len(outcome.lines) == 1
    assert len(outcome.lines[0]) < 250
    assert outcome.lines[0].isprintable()


async def test_an_answer_without_end_is_not_read_to_its_end() -> None:
    hung_up = asyncio.Event()

    async def pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        with contextlib.suppress(ConnectionError):
            while True:
                writer.write(b" " * 65_536)
                await writer.drain()
        writer.close()
        hung_up.set()

    server = await asyncio.start_server(pour, "127.0.0.1", 0)
    async with server:
        outcome = await run("message.sent", f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
        async with asyncio.timeout(5):
            await hung_up.wait()
    assert (outcome.code, outcome.lines[0][34:]) == (0, "200 OK")


async def test_the_proxy_of_the_environment_is_not_used(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", dead_url())
    monkeypatch.setenv("http_proxy", dead_url())
    assert (await run("message.sent", target.url)).code == 0


async def test_nothing_there_is_said_with_the_way_on() -> None:
    url = dead_url()
    outcome = await run("message.sent", url)
    assert (outcome.code, outcome.out) == (16, "")
    assert outcome.err == (
        f"error: {url} cannot be reached: connection refused\nhint: start a relay with: knocktop relay\n"
    )


async def test_an_app_that_is_not_there_is_no_reason_to_start_a_relay() -> None:
    outcome = await run("message.sent", dead_url().replace("/webhooks/knock", "/my-app"))
    assert (outcome.code, outcome.err.count("\n")) == (16, 1)


async def test_a_target_that_never_answers_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        outcome = await run("message.sent", f"http://127.0.0.1:{silent.getsockname()[1]}/", timeout_s=0.05)
    assert outcome.code == 16
    assert "no answer in time" in outcome.err


async def test_a_password_in_the_url_is_not_shown() -> None:
    outcome = await run("message.sent", dead_url().replace("http://", "http://user:hunter2@"))
    assert outcome.code == 16
    assert "hunter2" not in outcome.err


@pytest.mark.parametrize(
    "url", ["", "localhost:4747", "ftp://example.com/", "http://", "http://[::1", "\x1b[2J", "\udc80"]
)
async def test_what_is_no_url_is_refused(url: str) -> None:
    outcome = await run("message.sent", url)
    assert outcome.code == 2
    assert "is not a URL" in outcome.err
    assert outcome.err.replace("\n", "").isprintable()


@pytest.mark.parametrize("event_type", TYPES)
async def test_every_type_can_be_triggered(target: Target, event_type: str) -> None:
    assert (await run(event_type, target.url)).code == 0
    assert [request.payload["type"] for request in target.requests] == [event_type]


@pytest.mark.parametrize("scenario", SCENARIOS)
async def test_a_scenario_is_sent_in_order_and_has_just_ended(target: Target, scenario: str) -> None:
    await run(scenario, target.url, clock=at(NOW))
    times = [request.payload["created_at"] for request in target.requests]
    assert times == sorted(times)
    assert times[-1] == "2026-11-24T09:30:00.000000Z"


async def test_several_names_are_sent_one_after_the_other(target: Target) -> None:
    await run(["branch.created", "message.read"], target.url, count=2)
    assert [request.payload["type"] for request in target.requests] == ["branch.created", "message.read"] * 2


async def test_each_of_a_count_is_an_event_of_its_own_even_at_the_same_moment(target: Target) -> None:
    await run("email_layout.updated", target.url, count=5, clock=at(NOW))
    assert len({request.payload["created_at"] for request in target.requests}) == 5


async def test_the_same_seed_sends_the_same_bytes(target: Target) -> None:
    for _ in range(2):
        await run("feed", target.url, seed=9, clock=at(NOW))
    half = len(target.requests) // 2
    sent = [request.body for request in target.requests]
    assert sent[:half] == sent[half:]


async def test_without_a_seed_each_run_differs(target: Target) -> None:
    for _ in range(2):
        await run("message.sent", target.url, clock=at(NOW))
    assert len({request.payload["data"]["id"] for request in target.requests}) == 2


async def test_a_rate_spreads_events_over_time(target: Target) -> None:
    passed = 0.0

    async def sleep(seconds: float) -> None:
        nonlocal passed
        passed += seconds

    clock = Clock(elapsed=lambda: passed, sleep=sleep)
    await run("message.sent", target.url, count=5, rate=2, clock=clock)
    assert passed == pytest.approx(2.0)


async def test_without_a_rate_nothing_waits(target: Target) -> None:
    async def sleep(seconds: float) -> None:
        raise AssertionError(f"slept for {seconds} s")

    assert (await run("message.sent", target.url, count=3, clock=Clock(sleep=sleep))).code == 0


async def test_a_field_is_set_by_its_path_in_each_event(target: Target) -> None:
    await run("happy-email", target.url, sets=["data.recipient=user_9", "event_data.n=3"])
    assert {request.payload["data"]["recipient"] for request in target.requests} == {"user_9"}
    assert {request.payload["event_data"]["n"] for request in target.requests} == {3}


async def test_another_type_can_be_set(target: Target) -> None:
    outcome = await run("message.sent", target.url, sets=["type=message.pinned"])
    assert target.requests[0].header("x-knock-event") == "message.pinned" == target.requests[0].payload["type"]
    assert outcome.out.startswith("message.pinned ")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("data.status.code=1", "data.status.code: data.status is a text"),
        ("recipient", "'recipient' is not PATH=VALUE"),
    ],
)
async def test_a_field_that_cannot_be_set_is_named_and_nothing_is_sent(
    target: Target, text: str, named: str
) -> None:
    outcome = await run("message.sent", target.url, sets=[text])
    assert outcome.code == 2
    assert outcome.err.startswith(f"error: --set {named}")
    assert target.requests == []


async def test_nothing_of_a_scenario_is_sent_when_a_later_event_cannot_be_set(target: Target) -> None:
    outcome = await run("runs", target.url, sets=["data.channel_id.x=1"])
    assert (outcome.code, target.requests) == (2, [])
    assert outcome.err == "error: --set data.channel_id.x: data.channel_id is a text and holds no fields\n"


async def test_an_unknown_name_is_refused_with_what_was_meant_and_where_all_are_listed(target: Target) -> None:
    outcome = await run(["message.sent", "message.bonced"], target.url)
    assert (outcome.code, target.requests) == (2, [])
    assert outcome.err.splitlines() == [
        "error: no event type or scenario is called 'message.bonced'",
        "hint: did you mean message.bounced?",
        "hint: knocktop trigger --help lists them all",
    ]


def test_the_help_lists_every_type_and_scenario(capsys: pytest.CaptureFixture[str]) -> None:
    assert invoke(["trigger", "--help"], Invocation()) == 0
    out = capsys.readouterr().out
    assert all(name in out for name in (*TYPES, *SCENARIOS))


@pytest.mark.parametrize("name", ["feed", "template-deploy", "message.bounced", "branch.created"])
async def test_the_same_seed_at_another_time_differs_in_times_and_message_ids_alone(
    target: Target, name: str
) -> None:
    def timeless(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            is_message = value.get("__typename") == "Message"
            return {inner: timeless(value[inner], inner) for inner in value if not (is_message and inner == "id")}
        return "a time" if value is not None and (key.endswith("_at") or key == "timestamp") else value

    for hours in (0, 1):
        await run(name, target.url, seed=9, clock=at(NOW + timedelta(hours=hours)))
    half = len(target.requests) // 2
    payloads = [request.payload for request in target.requests]
    assert payloads[:half] != payloads[half:]
    assert [timeless(payload) for payload in payloads[:half]] == [timeless(payload) for payload in payloads[half:]]


async def test_a_name_unlike_any_other_is_told_how_to_send_it_all_the_same(target: Target) -> None:
    outcome = await run("x\x1b[31m", target.url)
    assert "trigger message.sent --set type=NAME" in outcome.err
    assert "\x1b" not in outcome.err


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("bounced", "message.bounced"),
        ("Message.Sent", "message.sent"),
        ("message_sent", "message.sent"),
        ("retrystorm", "retry-storm"),
        ("promoted", "commits.promoted"),
        ("qqqqqqq", None),
    ],
)
def test_the_nearest_name(typed: str, meant: str | None) -> None:
    assert nearest(typed) == meant


@pytest.mark.parametrize("count", [0, -1])
async def test_a_count_that_sends_nothing_is_refused(target: Target, count: int) -> None:
    outcome = await run("message.sent", target.url, count=count)
    assert (outcome.code, outcome.err) == (2, f"error: --count {count} sends nothing: it is 1 or more\n")


@pytest.mark.parametrize("rate", [0.0, -2.0, float("nan"), float("inf")])
async def test_a_rate_that_is_none_is_refused(target: Target, rate: float) -> None:
    outcome = await run("message.sent", target.url, rate=rate)
    assert outcome.code == 2
    assert "is no number of events a second" in outcome.err


async def test_lines_are_out_before_the_next_event_is_sent(target: Target) -> None:
    seen: list[int] = []

    class Watched(io.StringIO):
        def flush(self) -> None:
            seen.append(len(target.requests))

    await trigger("message.sent", to=target.url, secret=SECRET, count=3, out=Watched(), err=io.StringIO())
    assert seen == [1, 2, 3]


@pytest.mark.parametrize("base", ["http://127.0.0.1:4800", "http://127.0.0.1:4800/"])
def test_the_relay_takes_webhooks_at_one_address(base: str) -> None:
    assert ingest_url(base) == "http://127.0.0.1:4800/webhooks/knock"


def test_the_choices_fit_into_80_columns() -> None:
    assert max(map(len, choices().splitlines())) <= 80
