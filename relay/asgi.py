"""The relay's front door: which application a request goes to, and who is let in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from relay.auth import Gate, is_protected
from relay.contract import jsontext
from relay.ingest import PREFIX, Ingest, Receive, Scope, Send
from relay.stream import PATH as STREAM_PATH
from relay.stream import Stream, refuse

Application: TypeAlias = Callable[[Any, Any, Any], Awaitable[None]]

_JSON = (b"content-type", b"application/json")
_PROBLEM = (b"content-type", b"application/problem+json")

_NO_TOKEN = {"title": "Token missing or refused", "status": 401, "detail": "send Authorization: Bearer TOKEN"}
_ORIGIN = {"title": "Origin refused", "status": 403, "detail": "this page's origin is not allowed: --allow-origin"}
_NOT_FOUND = {"title": "Not found", "status": 404, "detail": f"events are posted to {PREFIX}"}


class FrontDoor:
    """The ASGI application. Ingest comes first, ahead of any routing; viewers pass the gate."""

    def __init__(
        self,
        *,
        ingest: Ingest,
        stream: Stream,
        api: Application,
        gate: Gate,
        health: Callable[[], dict[str, Any]],
        ready: Callable[[], bool],
    ) -> None:
        self._ingest = ingest
        self._stream = stream
        self._api = api
        self._gate = gate
        self._health = health
        self._ready = ready

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        if scope["type"] == "http":
            if path.startswith(PREFIX):
                await self._ingest(scope, receive, send)
            else:
                await self._http(path, scope, receive, send)
        elif scope["type"] == "websocket":
            await self._websocket(path, scope, receive, send)

    async def _http(self, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        if is_protected(path):
            if not self._gate.has_token(scope["headers"]):
                await _answer(send, 401, _NO_TOKEN, (b"www-authenticate", b"Bearer"))
            elif not self._gate.allows_origin(scope["headers"]):
                await _answer(send, 403, _ORIGIN)
            else:
                await self._api(scope, receive, send)
        elif path == "/healthz":
            await _answer(send, 200, self._health())
        elif path == "/readyz":
            is_ready = self._ready()
            await _answer(send, 200 if is_ready else 503, {"ready": is_ready})
        else:
            await _answer(send, 404, _NOT_FOUND)

    async def _websocket(self, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = None
        if is_protected(path) and not self._gate.has_token(scope["headers"]):
            refusal = _NO_TOKEN
        elif is_protected(path) and not self._gate.allows_origin(scope["headers"]):
            refusal = _ORIGIN
        elif path != STREAM_PATH:
            refusal = _NOT_FOUND | {"detail": f"the stream is at {STREAM_PATH}"}
        if refusal is None:
            await self._stream(scope, receive, send)
            return
        await receive()  # websocket.connect
        await refuse(send, int(str(refusal["status"])), refusal)


async def _answer(send: Send, status: int, value: dict[str, Any], *headers: tuple[bytes, bytes]) -> None:
    body = jsontext.dumps(value)
    kind = _JSON if status < 400 or "title" not in value else _PROBLEM
    all_headers = [kind, (b"content-length", b"%d" % len(body)), *headers]
    await send({"type": "http.response.start", "status": status, "headers": all_headers})
    await send({"type": "http.response.body", "body": body})
