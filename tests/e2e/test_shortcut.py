"""The short cut for ordinary webhooks answers as uvicorn does, whatever the connection is put through."""

from __future__ import annotations

import contextlib
import json
import re
import socket
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.relay_process import RelayProcess, running, signed

PATH = "/webhooks/knock"


@pytest.fixture(scope="module")
def relays(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RelayProcess, RelayProcess]]:
    """The same relay twice: with the short cut, and without."""
    directory = tmp_path_factory.mktemp("relays")
    with contextlib.ExitStack() as stack:
        short = stack.enter_context(running(directory / "short"))
        without = stack.enter_context(running(directory / "without", shortcut=False))
        yield short, without


def body(key: str, padding: int = 0) -> bytes:
    data = {"id": key, "text": "x" * padding}
    return json.dumps({"type": "message.sent", "created_at": "2026-11-20T14:03:08Z", "data": data}).encode()


def request(text: bytes, *headers: str, path: str = PATH, version: str = "1.1", verb: str = "POST") -> bytes:
    lines = [f"{verb} {path} HTTP/{version}", "Host: relay", *headers]
    lines += [f"{name}: {value}" for name, value in signed(text, "message.sent").items()]
    return "\r\n".join([*lines, f"Content-Length: {len(text)}", "", ""]).encode() + text


def spoken(relay: RelayProcess, pieces: Sequence[bytes], answers: int) -> tuple[list[str], bool]:
    """What the relay says to bytes sent piece by piece, without dates; and whether it then hung up."""
    host, port = relay.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        for piece in pieces:
            connection.sendall(piece)
        heard = b""
        found: list[str] = []
        while len(found) < answers:
            data = connection.recv(65_536)
            if not data:
                break
            heard += data
            while (one := re.match(rb"(HTTP/1\.1 .*?\r\n\r\n)", heard, re.DOTALL)) is not None:
                length = re.search(rb"content-length: (\d+)", one[1])
                end = one.end() + (int(length[1]) if length else 0)
                if len(heard) < end:
                    break
                found.append(re.sub(r"date: [^\r]*\r\n", "", heard[:end].decode()))
                heard = heard[end:]
        connection.settimeout(0.3)
        try:
            hung_up = connection.recv(1) == b""
        except TimeoutError:
            hung_up = False
    return found, hung_up


def sorted_head(answer: str) -> tuple[str, list[str], str]:
    """Status, headers in no order, body."""
    head, _, text = answer.partition("\r\n\r\n")
    status, *headers = head.split("\r\n")
    return status, sorted(headers), text


CASES: dict[str, tuple[list[bytes], int]] = {
    "one request": ([request(body("one"))], 1),
    "the same again": ([request(body("one"))], 1),
    "two, one after the other": ([request(body("two")), request(body("three"))], 2),
    "pipelined in one piece": ([b"".join(request(body(f"p{n}")) for n in range(5))], 5),
    "pipelined with another path between": (
        [request(body("q1")) + b"GET /healthzz HTTP/1.1\r\nHost: relay\r\n\r\n" + request(body("q2"))],
        3,
    ),
    "pipelined behind what is no event": ([request(b'{"no":"event"}') + request(body("r1"))], 2),
    "pipelined behind an unsigned event": (
        [b"POST %b HTTP/1.1\r\nHost: r\r\nContent-Length: 2\r\n\r\n{}" % PATH.encode() + request(body("s1"))],
        2,
    ),
    "byte by byte": ([bytes([byte]) for byte in request(body("bytes"))], 1),
    "head and body apart": (list(request(body("apart")).partition(b"\r\n\r\n")), 1),
    "connection: close": ([request(body("close"), "Connection: close")], 1),
    "connection: close with what is no event": ([request(b'{"no":"event"}', "Connection: close")], 1),
    "connection: close with an unsigned event": (
        [
            b"POST %b HTTP/1.1\r\nHost: r\r\nConnection: close\r\n" % PATH.encode(),
            b'Content-Length: 22\r\n\r\n{"type":"x","data":{}}',
        ],
        1,
    ),
    "HTTP/1.0": ([request(body("old"), version="1.0")], 1),
    "an endpoint": ([request(body("labelled"), path=f"{PATH}/billing")], 1),
    "a trailing slash": ([request(body("slash"), path=f"{PATH}/")], 1),
    "a query": ([request(body("query"), path=f"{PATH}?a=b")], 1),
    "an escaped path": ([request(body("escaped"), path="/webhooks/kn%6Fck")], 1),
    "expect: 100-continue": ([request(body("expect"), "Expect: 100-continue")], 2),
    "a large body": ([request(body("large", 100_000))], 1),
    "no event": ([request(b'{"no":"event"}')], 1),
    "no JSON": ([request(b"{")], 1),
    "an empty body": ([request(b"")], 1),
    "an unsigned event": ([b"POST %b HTTP/1.1\r\nHost: relay\r\nContent-Length: 2\r\n\r\n{}" % PATH.encode()], 1),
    "a body over the cap": (
        [b"POST %b HTTP/1.1\r\nHost: r\r\nContent-Length: 9999999\r\n\r\n" % PATH.encode()],
        1,
    ),
    "chunks": (
        [b"POST %b HTTP/1.1\r\nHost: r\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n" % PATH.encode()],
        1,
    ),
    "not HTTP": ([b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n"], 1),
    "a length that is none": ([b"POST %b HTTP/1.1\r\nHost: r\r\nContent-Length: x\r\n\r\n" % PATH.encode()], 1),
}


@pytest.mark.parametrize("name", CASES)
def test_both_ways_answer_the_same(name: str, relays: tuple[RelayProcess, RelayProcess]) -> None:
    pieces, answers = CASES[name]
    short, without = (spoken(relay, pieces, answers) for relay in relays)
    assert [sorted_head(answer) for answer in short[0]] == [sorted_head(answer) for answer in without[0]]
    assert short[1] == without[1]
    assert len(short[0]) == answers


def test_an_event_is_stored_the_same_either_way(relays: tuple[RelayProcess, RelayProcess]) -> None:
    text = body("stored-alike")
    shown = []
    for relay in relays:
        seq = relay.post_signed(text, "billing").json()["seq"]
        with relay.client() as client:
            detail = client.get(f"/v1/events/{seq}").json()
        shown.append({name: detail[name] for name in ("type", "endpoint", "verdict", "size", "payload", "entity")})
    assert shown[0] == shown[1]


def test_a_sender_that_hangs_up_before_the_answer_harms_nobody(tmp_path: Path) -> None:
    with running(tmp_path / "data") as relay:
        host, port = relay.url.removeprefix("http://").split(":")
        for number in range(50):
            with socket.create_connection((host, int(port)), timeout=10) as connection:
                connection.sendall(request(body(f"gone{number}")))
        assert relay.post_signed(body("still here")).status_code == 200
        assert relay.stop() == 0
