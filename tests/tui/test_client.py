"""The viewer API's client: what it asks, what it makes of the answers, and what it never does."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

import httpx
import msgspec
import pytest

from relay.contract import api, jsontext
from relay.contract.canned import CannedAnswersPage, NewCannedAnswer
from relay.contract.events import Delivery, EventDetail, Forward, Verdict
from relay.contract.exported import Imported
from relay.contract.timeline import RunsPage, RunTree
from tests.tui.made import made_canned
from tests.tui.scripted_relay import AT, TOKEN, Book, ScriptedRelay, an_event, some_events
from tui.client import ApiProblem, NoSuchEvent, NotARelay, RelayClient, RelayError, RelayUnreachable, TokenRefused

SECRET = "whsec-not-to-be-seen"


class Answering:
    """A relay that gives one answer to everything and remembers what it was asked."""

    def __init__(self, status: int = 200, body: object = b"", headers: dict[str, str] | None = None) -> None:
        self.requests: list[httpx.Request] = []
        self._status, self._headers = status, headers
        self._content = body if isinstance(body, bytes) else jsontext.dumps(body)
        self.client = RelayClient(
            "http://relay.test/base/", TOKEN, transport=httpx.MockTransport(self._handle), timeout=1
        )

    def _handle(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return httpx.Response(self._status, content=self._content, headers=self._headers)

    @property
    def asked(self) -> str:
        request = self.requests[-1]
        return f"{request.method} {request.url.raw_path.decode()}"


def a_problem(status: int, **more: Any) -> api.Problem:
    return api.Problem(title="a title", status=status, detail="a detail", **more)


def a_detail(seq: int, **changes: Any) -> EventDetail:
    delivery = Delivery(
        n=1,
        received_at=AT,
        endpoint=None,
        verdict=Verdict.VERIFIED,
        signature_t=1795183393200,
        secret="0a1b2c3d",
        remote="127.0.0.1",
        headers=[("x-knock-event", "message.sent")],
        body_differs=False,
    )
    facts = {
        "headers": [("a", "1"), ("a", "2")],
        "payload": {"type": "x"},
        "deliveries": [delivery],
        "forwards": [],
    }
    summary = an_event(seq)
    fields = {name: getattr(summary, name) for name in summary.__struct_fields__}
    return EventDetail(**(fields | facts | changes))


STATS = Book().stats()
FORWARD = Forward(url="http://127.0.0.1:3000/", status=200, ms=2.5, headers=[("a", "1")], body="ok", n=1)
RUN = RunTree(
    workflow_run_id="r/1",
    workflow="welcome",
    environment_id=None,
    first_at=AT,
    last_at=AT,
    complete=True,
    recipients=[],
)
HELD = api.QuarantineItem(
    id=7,
    received_at=AT,
    count=2,
    endpoint=None,
    headers=[],
    size=10,
    reason="wrong-secret",
    detail="d",
    remedy="r",
)

Call = Callable[[RelayClient], Awaitable[object]]
CALLS: list[tuple[Call, str, object]] = [
    (lambda c: c.healthz(), "GET /base/healthz", api.Health(service="knocktop-relay", version="0.1.0")),
    (lambda c: c.events(), "GET /base/v1/events?limit=100", api.EventPage(items=[], next=None, scanned=0)),
    (
        lambda c: c.events("type:a b", ["x.y", "z"], before=9, limit=500),
        "GET /base/v1/events?filter=type%3Aa+b&types=x.y%2Cz&before=9&limit=500",
        api.EventPage(items=some_events(8, 3), next=3, scanned=8),
    ),
    (
        lambda c: c.events(after=0),
        "GET /base/v1/events?after=0&limit=100",
        api.EventPage(items=some_events(2, 1), next=2, scanned=2),
    ),
    (lambda c: c.count("failed"), "GET /base/v1/events/count?filter=failed", api.Count(count=3, upto=9)),
    (lambda c: c.event(42), "GET /base/v1/events/42", a_detail(42)),
    (
        lambda c: c.report_forward(42, FORWARD),
        "POST /base/v1/events/42/forwards",
        api.ForwardStored(seq=43, n=1),
    ),
    (lambda c: c.forward(42, 1), "GET /base/v1/events/42/forwards/1", FORWARD),
    (
        lambda c: c.forwards(before=9, limit=2),
        "GET /base/v1/forwards?before=9&limit=2",
        api.ForwardsPage(items=[], next=None),
    ),
    (
        lambda c: c.types("failed"),
        "GET /base/v1/types?filter=failed",
        api.TypesPage(
            upto=9,
            items=[
                api.TypeCount(
                    type="a", family="a", known=False, count=1, last_seq=9, last_at=AT, per_minute=[0] * 60
                )
            ],
        ),
    ),
    (
        lambda c: c.runs("failed", before="a.9", limit=40),
        "GET /base/v1/runs?filter=failed&before=a.9&limit=40",
        RunsPage(items=[], next="a.3", scanned=7),
    ),
    (lambda c: c.run("r/1"), "GET /base/v1/runs/r%2F1", RUN),
    (lambda c: c.stats(), "GET /base/v1/stats", STATS),
    (
        lambda c: c.quarantine(before=8, limit=2),
        "GET /base/v1/quarantine?before=8&limit=2",
        api.QuarantinePage(items=[HELD], next=7, held=3, limit=1000),
    ),
    (lambda c: c.admit(7), "POST /base/v1/quarantine/7/admit", api.Stored(seq=43, duplicate=False)),
    (lambda c: c.add_secret(SECRET, "shop"), "POST /base/v1/secrets", api.SecretAdded(id="0a1b2c3d", admitted=4)),
]


@pytest.mark.parametrize(("call", "asked", "answer"), CALLS, ids=[asked for _, asked, _ in CALLS])
async def test_an_answer_is_read_whole(call: Call, asked: str, answer: object) -> None:
    relay = Answering(body=answer)
    assert await call(relay.client) == answer
    assert relay.asked == asked


async def test_the_body_of_a_request_in_quarantine_comes_byte_for_byte() -> None:
    relay = Answering(body=b'{"a": \xff}\n')
    assert await relay.client.held_body(7) == b'{"a": \xff}\n'
    assert relay.asked == "GET /base/v1/quarantine/7/body"


@pytest.mark.parametrize(
    ("call", "asked"),
    [
        (lambda c: c.discard(7), "DELETE /base/v1/quarantine/7"),
        (lambda c: c.remove_secret("0a1b2c3d"), "DELETE /base/v1/secrets/0a1b2c3d"),
        (lambda c: c.withdraw("https://a.example"), "DELETE /base/v1/public-url?url=https%3A%2F%2Fa.example"),
        (lambda c: c.stop(), "POST /base/v1/stop"),
    ],
)
async def test_an_answer_without_a_body_is_enough_for_what_is_only_done(call: Call, asked: str) -> None:
    relay = Answering(status=204)
    await call(relay.client)
    assert relay.asked == asked


async def test_canned_answers_are_put_in_force_listed_and_ended() -> None:
    given = NewCannedAnswer(filter="type:a", answer="500x3,200")
    told = made_canned(given, 7)
    relay = Answering(body=told)
    assert await relay.client.provoke(given) == told
    assert relay.asked == "PUT /base/v1/answers"
    relay = Answering(body=CannedAnswersPage(items=[told]))
    assert await relay.client.answers() == [told]
    assert relay.asked == "GET /base/v1/answers"
    assert await relay.client.end_answers() == [told]
    assert relay.asked == "DELETE /base/v1/answers"
    assert await relay.client.end_answers(7) == [told]
    assert relay.asked == "DELETE /base/v1/answers/7"


async def test_bodies_come_back_byte_for_byte() -> None:
    body = b'{"a": 1}\r\n\xff\x00 '
    relay = Answering(body=body)
    assert await relay.client.body(3) == body
    assert relay.asked == "GET /base/v1/events/3/body"
    assert await relay.client.delivery_body(3, 2) == body
    assert relay.asked == "GET /base/v1/events/3/deliveries/2/body"


async def test_secrets_are_listed_by_their_ids() -> None:
    known = api.SecretInfo(id="0a1b2c3d", endpoint="shop", added=False)
    assert await Answering(body=api.SecretsPage(items=[known])).client.secrets() == [known]


@pytest.mark.parametrize(("status", "ready"), [(200, True), (503, False)])
async def test_a_relay_says_whether_it_is_ready(status: int, ready: bool) -> None:
    assert await Answering(status=status).client.readyz() is ready


async def test_every_request_bears_the_token() -> None:
    relay = Answering(body=STATS)
    await relay.client.stats()
    assert relay.requests[0].headers["authorization"] == f"Bearer {TOKEN}"


async def test_fields_of_a_newer_relay_are_passed_over() -> None:
    answer = msgspec.to_builtins(STATS) | {"mood": "good"}
    assert await Answering(body=answer).client.stats() == STATS


async def test_what_a_fast_parser_refuses_although_it_is_json_is_read_all_the_same() -> None:
    detail = a_detail(1, payload={"torn": "\ud83d", "huge": 1})
    body = jsontext.dumps(detail).replace(b'"huge":1', b'"huge":1e999')
    found = await Answering(body=body).client.event(1)
    assert found.payload == {"torn": "\ud83d", "huge": "1e999"}


# Errors


@pytest.mark.parametrize(("status", "trimmed"), [(404, False), (410, True)])
@pytest.mark.parametrize("call", [lambda c: c.event(5), lambda c: c.body(5), lambda c: c.delivery_body(5, 1)])
async def test_an_event_that_is_not_there_is_told_from_one_that_was_trimmed(
    call: Call, status: int, trimmed: bool
) -> None:
    with pytest.raises(NoSuchEvent) as caught:
        await call(Answering(status, a_problem(status)).client)
    assert (caught.value.seq, caught.value.trimmed) == (5, trimmed)


@pytest.mark.parametrize(
    ("status", "token", "reason"),
    [(401, "wrong", "token refused"), (401, None, "token missing"), (403, "right", "a detail")],
)
async def test_a_refused_token_is_an_error_of_its_own(status: int, token: str | None, reason: str) -> None:
    client = Answering(status, a_problem(status)).client
    client.token = token
    with pytest.raises(TokenRefused) as caught:
        await client.stats()
    assert str(caught.value) == f"no access to http://relay.test/base: {reason}"


async def test_a_filter_that_does_not_parse_says_where() -> None:
    wrong = a_problem(400, column=4, length=8, expected=["recipient"], suggestion="recipient:user_1")
    with pytest.raises(ApiProblem) as caught:
        await Answering(400, wrong).client.events("x y recipent:user_1")
    error = caught.value
    assert (error.status, error.column, error.length) == (400, 4, 8)
    assert (error.expected, error.suggestion) == (["recipient"], "recipient:user_1")


async def test_the_text_of_a_problem_is_safe_to_print() -> None:
    with pytest.raises(ApiProblem) as caught:
        await Answering(500, api.Problem(title="t", status=500, detail="\x1b]0;evil\x07\nmore")).client.stats()
    assert str(caught.value) == "␛]0;evil␇↵more"


@pytest.mark.parametrize(
    ("status", "body"),
    [(200, b"<html>"), (200, b'{"log":1}'), (200, b"[]"), (404, b"not found"), (502, b""), (302, b"")],
)
async def test_an_answer_that_no_relay_gives_is_told_as_that(status: int, body: bytes) -> None:
    with pytest.raises(NotARelay, match=r"http://relay\.test/base"):
        await Answering(status, body).client.stats()


async def test_another_service_on_the_port_is_not_taken_for_a_relay() -> None:
    with pytest.raises(NotARelay, match="it calls itself nginx"):
        await Answering(body={"service": "nginx"}).client.healthz()


async def test_something_else_on_the_port_does_not_pass_for_a_missing_event() -> None:
    with pytest.raises(NotARelay):
        await Answering(404, b"<html>").client.event(5)


async def test_nobody_there_is_said_with_the_address_and_the_reason() -> None:
    async with ScriptedRelay() as relay:
        url = relay.url
    async with RelayClient(url, TOKEN) as client:
        with pytest.raises(RelayUnreachable) as caught:
            await client.healthz()
    assert str(caught.value) == f"{url} is not reachable: connection refused"


@pytest.mark.parametrize("error", [httpx.ReadTimeout("slow"), httpx.ConnectTimeout("slow")])
async def test_a_relay_that_is_too_slow_is_not_reachable(error: httpx.RequestError) -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        raise error from TimeoutError()

    async with RelayClient("http://relay.test", None, transport=httpx.MockTransport(answer)) as client:
        with pytest.raises(RelayUnreachable, match="no answer in time"):
            await client.stats()


@pytest.mark.parametrize("url", ["", "nonsense", "http://a:b", "http://[::1"])
async def test_an_address_that_is_none_is_not_reachable(url: str) -> None:
    async with RelayClient(url, TOKEN) as client:
        with pytest.raises(RelayUnreachable):
            await client.stats()


async def test_half_a_surrogate_pair_in_a_filter_does_not_break_the_request() -> None:
    relay = Answering(body=api.Count(count=0, upto=0))
    await relay.client.count("caf\udce9")
    assert relay.asked == "GET /base/v1/events/count?filter=caf%3F"


@pytest.mark.parametrize("typed", ["../stats", "a/b?c#d", ".."])
async def test_an_id_as_typed_stays_one_step_of_the_path(typed: str) -> None:
    relay = Answering(status=204)
    await relay.client.remove_secret(typed)
    steps = relay.requests[0].url.raw_path.decode().split("/")
    assert steps[:-1] == ["", "base", "v1", "secrets"]
    assert "?" not in steps[-1]


# What it never does


async def test_a_redirect_is_not_followed() -> None:
    relay = Answering(307, headers={"location": "http://elsewhere.test/"})
    with pytest.raises(NotARelay):
        await relay.client.stats()
    assert len(relay.requests) == 1


async def test_proxies_of_the_surroundings_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    async with ScriptedRelay() as relay, RelayClient(relay.url, TOKEN) as client:
        assert (await client.healthz()).service == "knocktop-relay"


async def test_a_secret_is_in_the_body_and_in_nothing_that_is_told() -> None:
    relay = Answering(500, a_problem(500))
    with pytest.raises(RelayError) as caught:
        await relay.client.add_secret(SECRET)
    assert msgspec.json.decode(relay.requests[0].content) == {"secret": SECRET, "endpoint": None}
    assert SECRET not in f"{caught.value!r} {relay.requests[0].url} {api.NewSecret(secret=SECRET)!r}"


def test_all_that_can_be_asked_is_listed_here() -> None:
    public = {name for name, _ in inspect.getmembers(RelayClient, inspect.isfunction) if not name.startswith("_")}
    assert public == {
        *("aclose", "healthz", "readyz", "events", "count", "event", "body", "delivery_body", "types", "stats"),
        *("report_forward", "forward", "forwards", "export", "import_lines"),
        *("answers", "provoke", "end_answers"),
        *("groups", "messages", "message", "funnel", "runs", "run"),
        *(
            "quarantine",
            "held_body",
            "admit",
            "discard",
            "secrets",
            "add_secret",
            "remove_secret",
            "announce",
            "withdraw",
            "purge",
            "stop",
        ),
    }


async def test_a_count_over_all_of_the_history_is_waited_for_and_a_page_is_not() -> None:
    relay = Answering(body={"upto": 1, "items": [], "count": 0, "next": None, "scanned": 0})
    await relay.client.types("thousandth")
    await relay.client.count("thousandth")
    await relay.client.events("thousandth")
    assert [request.extensions["timeout"]["read"] for request in relay.requests] == [None, None, 1]


# Events to a file, and from one


async def test_lines_go_as_they_are_with_their_length() -> None:
    relay = Answering(body=Imported(added=2, lines=2))
    assert (await relay.client.import_lines(b"{1}\n{2}\n")).added == 2
    request = relay.requests[0]
    assert relay.asked == "POST /base/v1/import"
    assert (request.headers["content-length"], await request.aread()) == ("8", b"{1}\n{2}\n")
    assert "transfer-encoding" not in request.headers


class Chunks(httpx.AsyncByteStream):
    def __init__(self, chunks: Sequence[bytes], *, is_cut: bool) -> None:
        self._chunks, self._is_cut = chunks, is_cut

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self._chunks:
            yield chunk
        if self._is_cut:
            raise httpx.RemoteProtocolError("incomplete")


def exporting(*chunks: bytes, is_cut: bool = False) -> RelayClient:
    def answer(request: httpx.Request) -> httpx.Response:
        assert request.url.raw_path == b"/v1/export?filter=failed&types=a%2Cb&after=0"
        return httpx.Response(200, stream=Chunks(chunks, is_cut=is_cut))

    return RelayClient("http://relay.test", TOKEN, transport=httpx.MockTransport(answer))


async def test_an_export_gives_whole_lines_however_they_came() -> None:
    lines = exporting(b"1", b"1\n2", b"", b"2\n33\n4", b"4\n").export("failed", ["a", "b"])
    assert [some async for some in lines] == [b"11\n", b"22\n33\n", b"44\n"]


async def test_an_export_that_breaks_off_is_not_taken_for_a_whole_one() -> None:
    with pytest.raises(RelayUnreachable, match="it broke off in the middle"):
        [some async for some in exporting(b"1\n", is_cut=True).export("failed", ["a", "b"])]


async def test_an_export_with_a_filter_that_does_not_parse_says_where() -> None:
    relay = Answering(400, a_problem(400, column=4))
    with pytest.raises(ApiProblem) as caught:
        [some async for some in relay.client.export("x y")]
    assert caught.value.column == 4
