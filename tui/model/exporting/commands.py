"""An export as a script of the shell: a command an event, each of which posts it again."""

from __future__ import annotations

from relay.contract.exported import ExportedEvent, body_of
from relay.contract.text import plain
from tui.model.copyas import curl
from tui.model.redaction import TEST_SECRET

_TYPE_LIMIT = 140


def head(redacted: bool) -> bytes:
    """Give the first lines: what this is, and what signs it."""
    lines = ["#!/bin/sh", "# Knock events, exported by knocktop, the oldest first: each command posts one."]
    if redacted:
        lines += [
            "# Personal data is replaced, the same text by the same stand-in everywhere.",
            f"# Signed with the secret {TEST_SECRET} as of when each event was received. An app that",
            "# refuses old signatures wants `knocktop resend --sign fresh`, or an export with --format pytest,",
            "# which signs when it posts.",
        ]
    else:
        lines.append("# Bodies and signatures are as they were received, personal data included.")
    return "".join(f"{line}\n" for line in lines).encode()


def command(event: ExportedEvent, url: str) -> bytes:
    """Give the command that posts an event."""
    about = f"# seq {event.seq}, {plain(event.type, _TYPE_LIMIT)}, received {plain(event.received_at, 40)}"
    return f"\n{about}\n{curl(url, event.headers, body_of(event))}\necho\n".encode()
