"""Traffic is sent when it falls due, in order, signed at that moment, and again where it was not taken."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import islice, pairwise

import pytest

from relay.contract.knock import CATALOGUE
from relay.contract.signature import HEADER, sign
from tui.player import INGEST_PATH, Ingest, play
from tui.simulator import SimulatedEvent, Traffic, event

START = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
SECRET = "a-secret"


class Stage:
    """A relay and a clock that stands still but for the waits; it is over at `until`."""

    def __init__(self, until: timedelta) -> None:
        self.now = START
        self.until = START + until
        self.sent: list[tuple[datetime, SimulatedEvent]] = []
        self.on_post: Callable[[SimulatedEvent], bool] = lambda _: True

    def over(self, seconds: float) -> bool:
        self.now += timedelta(seconds=seconds)
        return self.now >= self.until

    def post(self, one: SimulatedEvent) -> bool:
        self.sent.append((self.now, one))
        return self.on_post(one)

    def play(self, *, seed: int = 1, rate: float = 5.0) -> None:
        traffic = Traffic(seed, rate, start=START)
        play(traffic, self.post, SECRET, now=lambda: self.now, over=self.over)

    @property
    def ages(self) -> list[float]:
        """How old each event was when it was sent, in seconds."""
        return [(at - one.created_at).total_seconds() for at, one in self.sent]


@pytest.mark.parametrize("seed", range(10))
def test_every_type_is_sent_within_two_minutes_at_five_a_second(seed: int) -> None:
    stage = Stage(timedelta(minutes=2))
    stage.play(seed=seed)
    assert {one.type for _, one in stage.sent} == set(CATALOGUE)


def test_each_is_sent_when_it_falls_due() -> None:
    stage = Stage(timedelta(seconds=60))
    stage.play()
    planned = [delivery.at for delivery in islice(Traffic(1, 5.0, start=START), len(stage.sent))]
    assert len(planned) > 200
    # Seconds become a float on the way to the wait.
    assert all(abs(at - due) < timedelta(milliseconds=1) for (at, _), due in zip(stage.sent, planned, strict=True))


def test_the_same_seed_sends_the_same_bodies() -> None:
    one, two, other = (Stage(timedelta(seconds=20)) for _ in range(3))
    one.play(seed=3)
    two.play(seed=3)
    other.play(seed=4)
    assert [event.body for _, event in one.sent] == [event.body for _, event in two.sent]
    assert one.sent[0][1].body != other.sent[0][1].body


def test_each_is_signed_at_the_moment_it_is_sent() -> None:
    stage = Stage(timedelta(seconds=5))
    stage.play()
    for at, one in stage.sent:
        t_ms = round(at.timestamp() * 1_000)
        assert dict(one.headers)[HEADER] == sign(SECRET, one.body, t_ms)


def test_what_was_not_taken_is_sent_again_before_anything_else() -> None:
    stage = Stage(timedelta(seconds=10))
    answers = iter([False, False])
    stage.on_post = lambda _: next(answers, True)
    stage.play()
    bodies = [one.body for _, one in stage.sent[:4]]
    assert bodies[0] == bodies[1] == bodies[2] != bodies[3]
    assert stage.sent[0][0] < stage.sent[1][0] < stage.sent[2][0]


def test_it_ends_also_while_nothing_is_taken() -> None:
    stage = Stage(timedelta(seconds=10))
    stage.on_post = lambda _: False
    stage.play()
    assert stage.now == stage.until


@pytest.mark.parametrize("leap", [timedelta(hours=2), timedelta(hours=-2)])
def test_after_the_clock_leapt_it_goes_on_at_the_usual_rate_with_events_of_the_present(leap: timedelta) -> None:
    stage = Stage(timedelta(hours=3))

    def leap_once(_: SimulatedEvent) -> bool:
        if len(stage.sent) == 100:
            stage.now += leap
            stage.until = stage.now + timedelta(seconds=60)
        return True

    stage.on_post = leap_once
    stage.play()
    after = stage.sent[100:]
    assert 200 < len(after) < 400
    assert all(b - a < timedelta(seconds=1) for (a, _), (b, _) in pairwise(after))
    fresh = [age for age in stage.ages[100:] if abs(age) < 60]
    assert len(fresh) > len(after) / 3


def test_a_slow_relay_is_not_sent_a_burst_afterwards() -> None:
    stage = Stage(timedelta(seconds=200))

    def slow(_: SimulatedEvent) -> bool:
        if len(stage.sent) == 10:
            stage.now += timedelta(seconds=100)
        return True

    stage.on_post = slow
    stage.play()
    resumed = stage.sent[10][0]
    assert sum(at - resumed < timedelta(seconds=1) for at, _ in stage.sent[10:]) < 15


# Over HTTP


class Served:
    """A server on loopback that answers with `status` and notes what came; `hang_up` closes after each answer."""

    def __init__(self) -> None:
        self.status = 200
        self.hang_up = False
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.connections = 0


@contextmanager
def serving() -> Iterator[tuple[str, Served]]:
    served = Served()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            served.connections += 1
            super().setup()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            served.requests.append((self.path, dict(self.headers), body))
            self.send_response(served.status)
            self.send_header("content-length", "2")
            self.end_headers()
            self.wfile.write(b"{}")
            self.close_connection = served.hang_up

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", served
        finally:
            server.shutdown()
            thread.join(10)


ONE = event("message.sent", seed=1, now=START).signed(SECRET, 1_000)


@pytest.fixture
def served() -> Iterator[tuple[Ingest, Served]]:
    with serving() as (url, server):
        ingest = Ingest(url)
        yield ingest, server
        ingest.close()


def test_a_request_is_sent_as_it_is(served: tuple[Ingest, Served]) -> None:
    ingest, server = served
    assert ingest.post(ONE)
    path, headers, body = server.requests[0]
    assert (path, body) == (INGEST_PATH, ONE.body)
    assert {name.lower(): value for name, value in headers.items()}.items() >= dict(ONE.headers).items()
    assert json.loads(body)["type"] == "message.sent"


def test_requests_share_a_connection(served: tuple[Ingest, Served]) -> None:
    ingest, server = served
    assert all(ingest.post(ONE) for _ in range(3))
    assert server.connections == 1


def test_a_connection_that_was_closed_meanwhile_is_made_again(served: tuple[Ingest, Served]) -> None:
    ingest, server = served
    server.hang_up = True
    assert ingest.post(ONE)
    assert any(ingest.post(ONE) for _ in range(2))


@pytest.mark.parametrize(("status", "taken"), [(200, True), (202, True), (400, True), (500, False), (503, False)])
def test_only_what_the_relay_could_not_keep_is_to_be_sent_again(
    served: tuple[Ingest, Served], status: int, taken: bool
) -> None:
    ingest, server = served
    server.status = status
    assert ingest.post(ONE) is taken


def test_nothing_at_the_address_is_to_be_tried_again() -> None:
    with serving() as (url, _):
        pass
    ingest = Ingest(url)
    assert not ingest.post(ONE)
    ingest.close()
