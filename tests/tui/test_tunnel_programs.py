from __future__ import annotations

import os
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.contract.text import plain
from tests.hostile import HOSTILE
from tests.tunnel_standin import CLOUDFLARED, FAILURES, NGROK, OTHER, PUBLIC
from tui.tunnel.programs import (
    NoProgram,
    Plan,
    Speaks,
    advice,
    how_to_get,
    hushed,
    plan,
    public_url,
    shown,
    telling,
)

TARGET = "http://127.0.0.1:4747"


def found(name: str) -> str | None:
    return f"/bin/{name}"


def url_in(text: str, speaks: Speaks) -> str | None:
    return next(filter(None, (public_url(line, speaks) for line in text.splitlines())), None)


@pytest.mark.parametrize(
    ("text", "speaks", "url"),
    [
        (CLOUDFLARED.format(url=PUBLIC["cloudflared"]), "cloudflared", PUBLIC["cloudflared"]),
        (NGROK.format(url=PUBLIC["ngrok"], target=TARGET), "ngrok", PUBLIC["ngrok"]),
        (NGROK.format(url=PUBLIC["ngrok"], target="https://localhost:4747"), "ngrok", PUBLIC["ngrok"]),
        (OTHER.format(url=PUBLIC["other"]), "any", PUBLIC["other"]),
        (CLOUDFLARED.format(url=PUBLIC["cloudflared"]), "any", PUBLIC["cloudflared"]),
        (
            "see https://docs.a.example/ and https://github.com/a/b\nhttps://docs-1.a.example",
            "any",
            "https://docs-1.a.example",
        ),
        (
            '{"addr":"http://localhost:80","lvl":"info","msg":"started tunnel","url":"https://a.ngrok-free.dev"}',
            "ngrok",
            "https://a.ngrok-free.dev",
        ),
        ("Tunnel URL: https://a.example.com:8443/?x=1#y.", "any", "https://a.example.com:8443"),
        ("(https://a.example.com).", "any", "https://a.example.com"),
        ("https://app.localhost https://[::1]/ https://127.1.2.3 https://b.example", "any", "https://b.example"),
    ],
)
def test_the_public_address_is_found_in_what_a_program_writes(text: str, speaks: Speaks, url: str) -> None:
    assert url_in(text, speaks) == url


@pytest.mark.parametrize(
    ("text", "speaks"),
    [
        (FAILURES["cloudflared"], "cloudflared"),
        ("INF Requesting new quick Tunnel on https://trycloudflare.com...", "cloudflared"),
        (FAILURES["ngrok"], "ngrok"),
        ('lvl=info msg="update available" url=https://ngrok.com/download', "ngrok"),
        ("lvl=info obj=tunnels addr=https://localhost:4747 url=tcp://0.tcp.ngrok.io:1", "ngrok"),
        ("http://a.example.com", "any"),
        ("https://user:word@a.example.com/", "any"),
        ("https://", "any"),
        ("https://[::1", "any"),
    ],
)
def test_what_is_no_public_address_is_not_taken_for_one(text: str, speaks: Speaks) -> None:
    assert url_in(text, speaks) is None


@given(
    st.text(alphabet=string.printable + "\x1b[]éд", max_size=80), st.sampled_from(["cloudflared", "ngrok", "any"])
)
def test_no_line_is_too_strange_to_read(text: str, speaks: Speaks) -> None:
    url = public_url(f"url=https://{text}", speaks)
    assert url is None or url.startswith("https://")


def test_cloudflared_opens_a_quick_tunnel_whatever_else_is_configured() -> None:
    words = ("--config", os.devnull, "--no-autoupdate", "--grace-period", "2s", "--url", TARGET)
    assert plan("cloudflared", TARGET, which=found) == Plan(
        "cloudflared", ("/bin/cloudflared", "tunnel", *words), "cloudflared"
    )


def test_ngrok_is_given_the_address_and_writes_to_its_output() -> None:
    words = ("http", "127.0.0.1:4747", "--log", "stdout", "--log-format", "logfmt")
    assert plan("ngrok", TARGET, which=found) == Plan("ngrok", ("/bin/ngrok", *words), "ngrok")


def test_a_command_gets_the_address_of_the_relay_where_it_says_so() -> None:
    told = plan("ssh -R '80:localhost:{port}' \"a {url}\"", "http://[::1]:99", which=found)
    assert told.argv == ("/bin/ssh", "-R", "80:localhost:99", "a http://[::1]:99")
    assert (told.program, told.speaks) == ("ssh", "any")


@pytest.mark.parametrize(
    ("choice", "speaks"),
    [
        ("/opt/bin/cloudflared tunnel --url {url}", "cloudflared"),
        ("cloudflared.exe tunnel --url {url}", "cloudflared"),
        ("ngrok http --log stdout {port}", "ngrok"),
        ("./cloudflared.sh {port}", "any"),
    ],
)
def test_a_command_of_a_known_program_is_read_as_that_program_writes(choice: str, speaks: Speaks) -> None:
    assert plan(choice, TARGET, which=found).speaks == speaks


def test_a_command_whose_address_was_configured_need_not_print_it() -> None:
    known = "https://knock.example.com"
    assert plan("cloudflared tunnel run mine", TARGET, which=found, public_url=known).url == known
    assert plan("cloudflared", TARGET, which=found, public_url=known).url is None


@pytest.mark.parametrize("choice", ["cloudflared", "ngrok", "./mine --port {port}"])
def test_a_program_that_is_not_there_is_said_with_how_to_get_it(choice: str) -> None:
    with pytest.raises(NoProgram, match="is not found on the PATH") as error:
        plan(choice, TARGET, which=lambda _: None)
    assert error.value.hint == how_to_get(choice) != ""


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32", "freebsd14"])
@pytest.mark.parametrize("name", ["cloudflared", "ngrok"])
def test_there_is_a_way_to_get_it_on_every_system(name: str, platform: str) -> None:
    assert name in how_to_get(name, platform).lower()


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("ERROR:  Your authtoken: 2abcDEF", "ERROR:  Your authtoken: …"),
        ("tunnel run --token eyJhIjoi mine", "tunnel run --token … mine"),
        ("api_key=abc x", "api_key=… x"),
        ('"password": "abc", "x": 1', '"password": "…", "x": 1'),
        ("the authtoken you gave is properly formed", "the authtoken you gave is properly formed"),
    ],
)
def test_what_looks_like_a_secret_is_not_shown(text: str, left: str) -> None:
    assert hushed(text) == left


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_that_a_program_writes_acts_on_a_terminal(text: str) -> None:
    found = shown(f"\x1b[1m{text}\x1b[0m")
    assert found == plain(found)


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (["INF one", "ERROR: no account", "ERROR: see the page"], "ERROR: no account"),
        (["ERROR:", "t=1 lvl=eror msg=no"], "t=1 lvl=eror msg=no"),
        (["one", "the other side hung up"], "the other side hung up"),
        ([], ""),
    ],
)
def test_of_the_last_words_the_one_that_tells_why_is_chosen(lines: list[str], told: str) -> None:
    assert telling(lines) == told


@pytest.mark.parametrize(
    ("speaks", "line", "step"),
    [
        ("ngrok", "ERROR:  ERR_NGROK_4018", "add-authtoken"),
        ("ngrok", "ERROR:  ERR_NGROK_108", "end the other ngrok"),
        ("cloudflared", 'status_code="429 Too Many Requests"', "wait"),
        ("cloudflared", FAILURES["cloudflared"], "reaches the internet"),
        ("any", "no idea", ""),
    ],
)
def test_last_words_that_are_known_lead_to_a_next_step(speaks: Speaks, line: str, step: str) -> None:
    found = advice(speaks, ["something before", line])
    assert step in found
    assert bool(found) == bool(step)
