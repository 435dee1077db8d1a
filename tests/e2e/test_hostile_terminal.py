"""Hostile text all the way: from webhooks to the bytes that a real terminal gets, over every screen."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from tests.hostile import HOSTILE
from tests.relay_process import TOKEN, environment, running, signed
from tests.terminal import Terminal, terminal

SEQUENCE = re.compile(rb"\x1b\[[0-9;:?<>=]*[ -/]*[@-~]|\x1b\]22;[a-z-]*\x07|\r\n(?=\x1b\[|\Z)")
"""What the dashboard itself says to a terminal: places, colours, modes, and the shape of the pointer."""
CONTROL = re.compile(rb"[\x00-\x1f\x7f]|\xc2[\x80-\x9f]")

VISITS = [
    ("\r", "EventData"),
    ("]", ""),
    ("]", ""),
    ("*G", ""),
    ("f\x1b", ""),
    ("fa\r", ""),
    ("]", "x-knock-event"),
    ("]", "Delivery 1"),
    ("\x1b\x1b", ""),
    ("=", ""),
    ("\x1b", ""),
    ("/recipient:\t", ""),
    ("\x1b\x1b\x1b", ""),
    ("t", ""),
    ("\x1b", ""),
    ("i", ""),
    ("\x1b", ""),
    ("Y", ""),
    ("\x1b", ""),
    ("?", "Everywhere"),
    ("G\x1b", ""),
    (":", "What to do"),
    ("\x1b", ""),
    ("2", ""),
    ("\r", ""),
    ("\t", ""),
    ("q1g", ""),
]


def body(number: int, text: str, type_: str) -> bytes:
    deep: Any = text
    for _ in range(400):
        deep = [deep]
    data = {
        "id": text,
        "recipient": text,
        "tenant": text,
        "workflow": text,
        "channel": {"id": text, "type": text, "provider": text, "key": text},
        "source": {"key": text, "version_id": text},
        text: {text: [text]},
        "deep": deep,
    }
    return json.dumps(
        {
            "type": type_,
            "created_at": f"2026-11-20T14:03:08.{number:06d}Z",
            "data": data,
            "long": "\x1b]0;t\x07" * 100_000 if number % 10 == 0 else "",
            "event_data": {text[:50]: text, "attempt": text, "url": text, "metadata": {text: text}},
        }
    ).encode()


def controls(written: bytes) -> set[bytes]:
    """What is left that acts once the sequences of the dashboard itself are taken out."""
    return set(CONTROL.findall(SEQUENCE.sub(b"", written)))


def settle(program: Terminal) -> None:
    """Take all that is painted, so that no sequence is half there."""
    while program.read(0.3):
        pass


def visit(program: Terminal) -> None:
    settle(program)
    for keys, wanted in VISITS:
        before = len(program.raw)
        program.press_and_see(keys)
        if wanted:
            program.wait_for_text(wanted)
        settle(program)
        assert not controls(bytes(program.raw[before:])), f"after {keys!r}:\n" + "\n".join(program.lines)


def test_no_byte_of_hostile_text_reaches_the_terminal_as_a_control_on_any_screen(tmp_path: Path) -> None:
    known = ["message.interacted", "message.link_clicked", "message.bounced", "message.delivery_attempted"]
    with running(tmp_path / "data") as relay:
        texts = [text for text in HOSTILE if len(text) < 2_000]
        for number, text in enumerate(texts):
            types = [*known, text[:100] or "x"]
            sent_body = body(number, text, types[number % len(types)])
            # The header with the type is a text that HTTP can carry, whatever the body says.
            sent = relay.post(sent_body, signed(sent_body, "message.sent"))
            assert sent.status_code == 200, sent.text
        environ = environment(tmp_path, KNOCKTOP_TOKEN=TOKEN)
        command = [sys.executable, "-m", "tui", "--relay", relay.url, "--utc"]
        with terminal(command, environ=environ, cwd=tmp_path, columns=160, rows=45) as program:
            program.wait_for_text(f"of {len(texts)}")
            visit(program)
            assert program.child.poll() is None
