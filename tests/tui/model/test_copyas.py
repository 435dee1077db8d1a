from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.contract import jsontext
from relay.contract.text import copyable
from tests.hostile import HOSTILE
from tests.tui.made import made_detail
from tui.model.copyas import (
    ARGUMENT_LIMIT,
    EXPECT,
    EXPECT_IN_PYTEST,
    PYTEST,
    awaited,
    curl,
    expect_command,
    httpx,
    json_of,
    json_of_body,
    kept_headers,
    pytest_expecting,
    python_bytes,
    safe_json,
)
from tui.model.copyas import (
    posted as copied,
)

URL = "http://127.0.0.1:4747/webhooks/knock"
HEADERS = [
    ("host", "example.com"),
    ("content-type", "application/json"),
    ("content-length", "12"),
    ("authorization", "Bearer secret"),
    ("x-forwarded-for", "10.0.0.1"),
    ("X-Knock-Event", "message.sent"),
    ("x-knock-signature", "t=1795183390158,s=FHKJd5Na8mN+5ykiX8nFK6e/6/VH4Q2dj2/qRspHoMg="),
]
SENT = [HEADERS[1], HEADERS[5], HEADERS[6]]
NASTY = [text.encode("utf-8", "surrogatepass") for text in HOSTILE if len(text) <= 2_000]
NASTY += [
    b'it\'s $(touch PWNED) `touch PWNED` "$HOME" \\ ! %s %n \\n',
    b"@/etc/passwd",
    b"-n",
    b"-",
    b"\xff\x00\xfe",
]
NASTY += [b"first\n\n", b"'", b"''", b"\\'", b"a\tb", b"\r\n", b"%", b"\\", b"\\101", bytes(range(256))]


def header_of(body: bytes) -> str:
    """Give what a header with these bytes in it is read as; none has what would end its line."""
    return body[:400].translate(None, b"\r\n\0").decode("latin-1")


class Ran(NamedTuple):
    """What a stand-in for curl was given."""

    arguments: list[bytes]
    body: bytes


def run(script: str, tmp_path: Path) -> Ran:
    """Run a command by the shell, with a curl that writes its arguments and what it reads into a file."""
    (tmp_path / "curl").write_text(
        f"#!{sys.executable}\n"
        "import os, sys\n"
        "body = sys.stdin.buffer.read() if '@-' in sys.argv else b''\n"
        "parts = [os.fsencode(part).hex() for part in sys.argv[1:]]\n"
        "print(' '.join([body.hex() or '-', *(part or '-' for part in parts)]))\n"
    )
    (tmp_path / "curl").chmod(0o755)
    environ = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["sh", "-c", script.encode()],
        cwd=tmp_path,
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=20,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    body, *arguments = (b"" if part == "-" else bytes.fromhex(part) for part in done.stdout.decode().split())
    assert {path.name for path in tmp_path.iterdir()} == {"curl"}
    return Ran(arguments, body)


def posted(ran: Ran) -> bytes:
    return ran.body if b"@-" in ran.arguments else ran.arguments[ran.arguments.index(b"--data-raw") + 1]


@pytest.mark.parametrize("body", NASTY, ids=range(len(NASTY)))
def test_the_shell_posts_exactly_the_body_and_nothing_else_happens(body: bytes, tmp_path: Path) -> None:
    value = header_of(body)
    command = curl(URL, [*HEADERS, ("x-knock-more", value)], body)
    ran = run(command, tmp_path)
    assert posted(ran) == body
    assert (b"x-knock-more: " + value.encode("latin-1") if value else b"x-knock-more;") in ran.arguments
    assert ran.arguments[:2] == [b"-sS", URL.encode()]
    assert [part for part in ran.arguments if b": " in part][:3] == [f"{n}: {v}".encode() for n, v in SENT]


@settings(max_examples=25)
@given(body=st.binary(max_size=200))
def test_any_bytes_come_out_of_the_shell_as_they_went_in(tmp_path_factory: Any, body: bytes) -> None:
    assert posted(run(curl(URL, HEADERS, body), tmp_path_factory.mktemp("shell"))) == body


@pytest.mark.parametrize("body", NASTY, ids=range(len(NASTY)))
def test_a_command_loses_nothing_on_its_way_over_the_clipboard(body: bytes) -> None:
    for text in (curl(URL, HEADERS, body), httpx(URL, HEADERS, body)):
        assert copyable(text)[1] == 0
        assert "\t" not in text


def test_a_body_that_is_too_long_for_an_argument_goes_through_a_pipe(tmp_path: Path) -> None:
    body = json.dumps({"type": "message.sent", "data": {"text": "it's 100 % " * 30_000}}).encode()
    assert len(body) > ARGUMENT_LIMIT
    command = curl(URL, HEADERS, body)
    script = tmp_path / "script"
    script.write_text(command)
    (tmp_path / "run").mkdir()
    assert posted(run(f". {script}", tmp_path / "run")) == body


@pytest.mark.parametrize(
    "value", ['it\'s $HOME `id` "x" \\', "caf\xe9", "\x1b[31m", "-x", "", "a;b", "\x00nul", "two\nlines\r"]
)
def test_hostile_headers_are_one_argument_each(value: str, tmp_path: Path) -> None:
    ran = run(curl(URL, [("x-knock-event", value), ("content-type", "a")], b"{}"), tmp_path)
    wire = value.encode("latin-1").translate(None, b"\r\n\0")
    assert ran.arguments[2:4] == [b"-H", b"x-knock-event: " + wire if wire else b"x-knock-event;"]


def test_without_a_type_of_its_own_a_body_is_given_none(tmp_path: Path) -> None:
    assert b"content-type:" in run(curl(URL, [], b"{}"), tmp_path).arguments


def test_only_headers_that_say_what_the_body_is_and_who_signed_it_are_sent() -> None:
    assert kept_headers(HEADERS) == SENT


def test_an_ordinary_command_can_be_read() -> None:
    assert curl(URL, SENT[:1], b'{"type": "message.sent"}') == (
        f"curl -sS {URL} \\\n  -H 'content-type: application/json' \\\n"
        '  --data-raw \'{"type": "message.sent"}\''
    )


# Python


def program(text: str) -> dict[str, Any]:
    """Run a program with a stand-in for httpx, and give what was posted."""
    given: dict[str, Any] = {}

    class Answer:
        status_code = 200
        text = "ok"

    class StandIn:
        @staticmethod
        def post(url: str, *, content: bytes, headers: list[tuple[Any, Any]]) -> Answer:
            given.update(url=url, content=content, headers=headers)
            return Answer()

    code = compile(text.replace("import httpx\n", ""), "copied", "exec")
    exec(code, {"httpx": StandIn, "print": lambda *_: None})
    return given


@pytest.mark.parametrize("body", NASTY, ids=range(len(NASTY)))
def test_the_program_posts_exactly_the_body(body: bytes) -> None:
    given = program(httpx(URL, HEADERS, body))
    assert given == {"url": URL, "content": body, "headers": SENT}


@pytest.mark.parametrize("body", NASTY, ids=range(len(NASTY)))
def test_bytes_are_a_literal_of_python(body: bytes) -> None:
    written = python_bytes(body)
    literal = written.removesuffix(".encode()")
    value = ast.literal_eval(literal)
    assert (value.encode() if isinstance(value, str) else value) == body


def test_headers_that_are_not_ascii_go_as_bytes() -> None:
    assert program(httpx(URL, [("x-knock-event", "caf\xe9")], b""))["headers"] == [("x-knock-event", b"caf\xe9")]


# pytest


STAND_IN = """
from __future__ import annotations
import json

class Answer:
    is_success, status_code, text = True, 200, "ok"

def post(url, *, content, headers):
    wire = [[(part if isinstance(part, bytes) else part.encode()).hex() for part in pair] for pair in headers]
    with open("posted", "a") as file:
        print(json.dumps([url, content.hex(), wire]), file=file)
    return Answer()
"""


def test_a_test_posts_exactly_the_body_of_every_hostile_event(tmp_path: Path) -> None:
    """One run of pytest for all: each body is a suite of its own, with an httpx that notes what it is given."""
    (tmp_path / "httpx.py").write_text(STAND_IN)
    (tmp_path / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\npythonpath = .\n")
    kinds = [*HOSTILE[:60], "message.sent", "import os; x"]
    for number, body in enumerate(NASTY):
        headers = [*HEADERS, ("x-knock-more", header_of(body))]
        event = made_detail(number, kinds[number % len(kinds)][:50], headers=headers)
        text = copied(PYTEST, URL, event, body).text
        (tmp_path / f"test_{number:03}.py").write_text(text, "utf-8")
    environ = {name: value for name, value in os.environ.items() if name != "KNOCK_WEBHOOK_URL"}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly"],
        cwd=tmp_path,
        env=environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout
    given = [json.loads(line) for line in (tmp_path / "posted").read_text().splitlines()]
    assert [bytes.fromhex(body) for _, body, _ in given] == NASTY
    for (url, _, headers), body in zip(given, NASTY, strict=True):
        wire = [(bytes.fromhex(name).decode(), bytes.fromhex(value).decode("latin-1")) for name, value in headers]
        assert (url, wire) == (URL, [*SENT, ("x-knock-more", header_of(body))])


def test_an_ordinary_test_can_be_read() -> None:
    assert copied(PYTEST, URL, made_detail(1, headers=SENT[:1]), b"{}").text == (
        "import os\n\nimport httpx\n\n"
        f"URL = os.environ.get(\"KNOCK_WEBHOOK_URL\") or '{URL}'\n"
        "BODY = b'{}'\n"
        "HEADERS = [\n    ('content-type', 'application/json'),\n]\n\n\n"
        "def test_message_sent_is_taken():\n"
        "    answer = httpx.post(URL, content=BODY, headers=HEADERS)\n"
        '    assert answer.is_success, f"{answer.status_code} {answer.text}"\n'
    )


# What waits for events


FILTERS = [text for text in HOSTILE if len(text) <= 2_000 and "\0" not in text and not text.endswith("\n")]
FILTERS += ["-tenant:acme", "it's $(touch PWNED) `id` \\ !", 'data."a b":"c d" OR failed', "type:message.sent"]


def test_the_shell_gives_the_command_every_hostile_filter_as_one_argument(tmp_path: Path) -> None:
    (tmp_path / "knocktop").write_text("#!/bin/sh\nprintf '%s\\0' \"$@\"\n")
    (tmp_path / "knocktop").chmod(0o755)
    script = "\n".join(map(expect_command, FILTERS))
    done = subprocess.run(
        ["sh", "-c", script],
        cwd=tmp_path,
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
        capture_output=True,
        timeout=20,
    )
    assert (done.returncode, done.stderr, [path.name for path in tmp_path.iterdir()]) == (0, b"", ["knocktop"])
    words = done.stdout.split(b"\0")[:-1]
    expected: list[bytes] = []
    for text in FILTERS:
        dashes = [b"--"] if text.startswith("-") else []
        expected += [b"expect", b"--within", b"30s", *dashes, text.encode("utf-8", "surrogatepass")]
    assert words == expected


@pytest.mark.parametrize("text", FILTERS, ids=range(len(FILTERS)))
def test_python_gives_every_hostile_filter_as_it_is(text: str) -> None:
    program = ast.parse(pytest_expecting(text))
    [call] = [node for node in ast.walk(program) if isinstance(node, ast.Call)]
    assert ast.literal_eval(call.args[0]) == text
    assert copyable(pytest_expecting(text))[1] == copyable(expect_command(text))[1] == 0


def test_what_waits_is_written_as_one_would_write_it() -> None:
    assert awaited(EXPECT, "type:message.sent") == ("knocktop expect --within 30s type:message.sent", "expect")
    assert awaited(EXPECT_IN_PYTEST, "failed tenant:acme").text == (
        "def test_it_comes(knock_events):\n    [event] = knock_events.expect('failed tenant:acme')\n"
    )


# JSON


@pytest.mark.parametrize("text", [text for text in HOSTILE if len(text) <= 2_000], ids=repr)
def test_json_loses_nothing_on_its_way_over_the_clipboard(text: str) -> None:
    written = json_of({"k": text})
    assert copyable(written)[1] == 0
    assert json.loads(written) == {"k": text}


def test_json_of_a_body_keeps_its_numbers_and_the_order_of_its_keys() -> None:
    assert json_of_body(b'{"b":1.10,"a":[1e400]}') == '{\n  "b": 1.10,\n  "a": [\n    1e400\n  ]\n}'


@given(st.text(max_size=50))
def test_escaping_says_the_same(text: str) -> None:
    written = safe_json(jsontext.dumps(text).decode())
    assert json.loads(written) == text
