"""`knocktop verify`: each mistake is named, with an exit code that a script can rely on."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from hmac import digest
from pathlib import Path
from typing import Any

import pytest

from relay.contract.signature import sign
from tests.relay_process import ROOT
from tui.cli.main import run

SECRET = "knock-secret"
BODY = '{"type": "message.sent", "data": {"name": "Zoë", "price": 10.0, "url": "a/b", "2": 1, "1": 2}}'.encode()

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def body(home: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A file with a body, at a user who has one signing secret."""
    monkeypatch.setenv("KNOCKTOP_SIGNING_SECRET", SECRET)
    Path("body.json").write_bytes(BODY)
    return "body.json"


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def signed(text: bytes, secret: str = SECRET) -> bytes:
    return digest(secret.encode(), text, sha256)


def header(text: bytes, t: int, secret: str = SECRET) -> str:
    """A header whose signature is over any text."""
    return f"t={t},s={b64encode(signed(text, secret)).decode()}"


def explained(capsys: Captured, *arguments: str) -> tuple[int, dict[str, Any]]:
    code = run(["verify", *arguments, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_a_good_signature_is_exit_0(body: str, capsys: Captured) -> None:
    assert run(["verify", body, "--signature", sign(SECRET, BODY, now_ms())]) == 0
    out = capsys.readouterr().out
    assert out.startswith("good\nfound:       signed 0 s ago with secret ")
    assert SECRET not in out


def test_a_signature_that_only_got_old_is_good_and_says_so(body: str, capsys: Captured) -> None:
    code, found = explained(capsys, body, "--signature", sign(SECRET, BODY, now_ms() - 3_600_000))
    assert (code, found["good"], found["reason"]) == (0, True, "stale")
    assert "signed 60 min ago" in found["detail"]


def test_a_clock_that_is_ahead_is_told(body: str, capsys: Captured) -> None:
    _, found = explained(capsys, body, "--signature", sign(SECRET, BODY, now_ms() + 3_600_000))
    assert found["reason"] == "stale"
    assert "ahead of this machine's clock" in found["detail"]
    assert "set the clocks" in found["remedy"]


def mistakes() -> dict[str, tuple[str, str, str]]:
    """By name: the header that comes of a mistake, its reason, and words of the explanation."""
    t = now_ms()
    tree = json.loads(BODY)
    compact = json.dumps(tree, separators=(",", ":"), ensure_ascii=False).encode()
    escaped = json.dumps(tree).encode()
    ordered = json.dumps(tree, sort_keys=True, ensure_ascii=False).encode()
    whole = BODY.replace(b"10.0", b"10")
    good = sign(SECRET, BODY, t)
    return {
        "seconds": (sign(SECRET, BODY, t // 1_000), "seconds-for-milliseconds", "seconds"),
        "hex": (f"t={t},s={signed(b'%d.' % t + BODY).hex()}", "hex-for-base64", "in hex"),
        "spacing": (header(b"%d." % t + compact, t), "body-rewritten", "no spaces between its parts"),
        "escapes": (header(b"%d." % t + escaped, t), "body-rewritten", r"non-ASCII characters as \u escapes"),
        "key order": (header(b"%d." % t + ordered, t), "body-rewritten", "its keys sorted"),
        "floats": (header(b"%d." % t + whole, t), "body-rewritten", "10 for 10.0"),
        "no dot": (header(b"%d" % t + BODY, t), "dot-not-signed", "without the dot"),
        "no time": (header(BODY, t), "time-not-signed", "the body alone"),
        "truncated": (good[:40], "truncated-signature", "instead of 44"),
        "missing": ("", "missing-header", "there is no x-knock-signature header"),
        "no t": (good.partition(",")[2], "malformed-header", "no t="),
        "another secret": (sign("of staging", BODY, t), "another-secret", "another secret"),
        "no time at all": (header(b"soon." + BODY, 0).replace("t=0", "t=soon"), "time-unreadable", "t is soon"),
    }


@pytest.mark.parametrize("name", list(mistakes()))
def test_each_mistake_is_exit_3_and_is_named(body: str, capsys: Captured, name: str) -> None:
    given, reason, words = mistakes()[name]
    code, found = explained(capsys, body, "--signature", given)
    assert (code, found["good"], found["reason"]) == (3, False, reason)
    assert words in found["detail"]
    assert found["remedy"]


def test_the_secret_of_another_endpoint_is_named(
    body: str, home: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = home / "config" / "knocktop"
    user.mkdir(parents=True)
    (user / "config.toml").write_text('[endpoints.billing]\nsecret_env = "BILLING"\n')
    monkeypatch.setenv("BILLING", "of billing")
    given = sign("of billing", BODY, now_ms())
    code, found = explained(capsys, body, "--signature", given)
    assert (code, found["reason"]) == (3, "secret-of-another-endpoint")
    assert "endpoint billing" in found["detail"]
    assert explained(capsys, body, "--signature", given, "--endpoint", "billing")[0] == 0


def test_an_endpoint_without_secrets_of_its_own_is_checked_with_the_others(body: str) -> None:
    assert run(["verify", body, "--signature", sign(SECRET, BODY, now_ms()), "--endpoint", "orders"]) == 0


def test_a_secret_that_was_added_on_this_machine_counts(home: Path) -> None:
    Path("body.json").write_bytes(BODY)
    data = home / "share" / "knocktop"
    data.mkdir(parents=True)
    (data / "secrets.toml").touch(mode=0o600)
    (data / "secrets.toml").write_text('[[secret]]\nvalue = "added"\n')
    assert run(["verify", "body.json", "--signature", sign("added", BODY, now_ms())]) == 0


def test_without_a_secret_it_says_how_to_get_one(home: Path, capsys: Captured) -> None:
    Path("body.json").write_bytes(BODY)
    code, found = explained(capsys, "body.json", "--signature", sign(SECRET, BODY, now_ms()))
    assert (code, found["reason"]) == (3, "no-secret")
    assert "knocktop secret add" in found["remedy"]


def test_the_exact_string_that_was_signed_is_shown_and_where_it_parts(body: str, capsys: Captured) -> None:
    t = now_ms()
    tree = json.loads(BODY)
    wrong = json.dumps(tree, separators=(",", ":"), ensure_ascii=False)
    assert run(["verify", body, "--signature", header(f"{t}.{wrong}".encode(), t)]) == 3
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "bad: body-rewritten"
    assert lines[3:] == [
        f"Knock signs: {t}.{BODY.decode()}",
        f"was signed:  {t}.{wrong}",
        "they part at character 23, behind the |",
        f'Knock signs: {t}.{{"type":| "message.sent", "data":',
        f'was signed:  {t}.{{"type":|"message.sent","data":{{"',
    ]


def test_a_text_that_ends_where_another_goes_on_has_nothing_behind_the_mark(body: str, capsys: Captured) -> None:
    t = now_ms()
    run(["verify", body, "--signature", header(b"%d." % t + BODY + b"\n", t)])
    *_, right, wrong = capsys.readouterr().out.splitlines()
    assert (right[-1], wrong[-2:]) == ("|", "|↵")


def test_a_header_may_come_with_its_name(body: str) -> None:
    assert run(["verify", body, "--signature", f"X-Knock-Signature: {sign(SECRET, BODY, now_ms())}"]) == 0


def test_a_hyphen_reads_the_body_from_stdin(home: Path) -> None:
    environ: Mapping[str, str] = {
        "PYTHONPATH": str(ROOT),
        "HOME": str(home),
        "PATH": "",
        "KNOCKTOP_SIGNING_SECRET": SECRET,
    }
    command = [sys.executable, "-m", "tui", "verify", "-", "--signature", sign(SECRET, BODY, now_ms())]
    answer = subprocess.run(command, input=BODY, env=environ, capture_output=True, timeout=60)
    assert answer.returncode == 0, answer.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nothing.json", "--signature", "t=1,s=x"], "error: nothing.json cannot be read: No such file"),
        ([".", "--signature", "t=1,s=x"], "error: . cannot be read: Is a directory"),
        (["body.json"], "error: Missing option '--signature'"),
    ],
)
def test_what_cannot_be_checked_is_exit_2(body: str, capsys: Captured, arguments: list[str], told: str) -> None:
    assert run(["verify", *arguments]) == 2
    assert told in capsys.readouterr().err


def test_a_body_cannot_act_on_the_terminal(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    monkeypatch.setenv("KNOCKTOP_SIGNING_SECRET", SECRET)
    Path("body").write_bytes(b"\x1b[2J\xff")
    run(["verify", "body", "--signature", "t=1\x1b[31m,s=x"])
    assert "\x1b" not in capsys.readouterr().out


def test_half_a_surrogate_pair_in_the_header_is_no_crash(body: str, capsys: Captured) -> None:
    code, found = explained(capsys, body, "--signature", f"t=\udcff,s={'x' * 44}")
    assert (code, found["signed_string"][:2]) == (3, "?.")
