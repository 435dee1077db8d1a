"""Write a log file of the present schema, to be kept: `python -m tests.relay.log.make_schema_file FILE`.

A file of every schema that landed stays in tests/relay/log/schemas, and each is brought up to date by the tests.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from relay.contract.events import Forward, Verdict
from relay.log.base import Retention
from relay.log.sqlite import SqliteLog
from tests.relay.log.drafts import draft


async def make(path: Path) -> None:
    """Events, a duplicate, a differing body, a body that was replaced, a trimmed event, a forward."""
    log = SqliteLog.open(path, retention=Retention(4, 0, 0), clock=lambda: 1_795_183_400_000_000)
    await log.append(draft("trimmed"))
    await log.append(draft("plain"))
    await log.append(draft("twice"))
    await log.append(draft("twice"))
    await log.append(draft("differs", body=b'{"type":"message.sent","data":{"n":1}}'))
    await log.append(draft("differs", body=b'{"type":"message.sent","data":{"n":2}}'))
    await log.append(draft("replaced", body=b'{"type":"message.sent","data":{"n":3}}', verdict=Verdict.UNVERIFIED))
    await log.append(draft("replaced", body=b'{"type":"message.sent","data":{"n":4}}', verdict=Verdict.VERIFIED))
    await log.trim()
    await log.forwarded(2, Forward(url="http://127.0.0.1:3000/", status=500, ms=3.5, headers=[], body="no"))
    await log.close()


if __name__ == "__main__":
    asyncio.run(make(Path(sys.argv[1])))
