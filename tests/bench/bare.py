"""What ingest is measured against: an ASGI application that reads the body and answers 200, nothing else."""

from __future__ import annotations

import sys
from typing import Any

import uvicorn

ANSWER = b'{"seq":1,"duplicate":false}'


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Read the body, answer."""
    message = await receive()
    while message.get("more_body"):
        message = await receive()
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(ANSWER))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": ANSWER})


if __name__ == "__main__":
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=int(sys.argv[1]),
        http="httptools",
        loop="uvloop",
        ws="none",
        lifespan="off",
        interface="asgi3",
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_keep_alive=65,
    )
