"""The one hot path, short: an ordinary POST from Knock, taken without a task and without ASGI.

uvicorn's httptools protocol parses the request as ever. When it turns out to be an ordinary webhook (POST to the
ingest path, a small body of known length, nothing pipelined before it), it goes to `Ingest.take_soon` when it
is whole, and the answer is written in one piece once the event is on disk. Whatever is not ordinary, or does not
turn out well, is handed to uvicorn as if nothing had happened, and goes through ASGI. tests/e2e/test_shortcut.py
holds both ways against each other; `shortcut = false` in the settings switches this one off.
"""

from __future__ import annotations

from collections.abc import Hashable
from functools import partial
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from relay.contract import jsontext
from relay.ingest import HELD_BACK, PATH_BYTES, Ingest
from relay.log.commit import Job

MAX_BODY = 32 << 10
"""Bytes; below uvicorn's own limit for a body that nobody has asked for yet."""


MAX_HEAD = 64 << 10
"""Bytes of a request's line and headers."""


class _Nobody:
    """Whom uvicorn wakes when more of a request is there: no application waits for it."""

    def set(self) -> None:
        """Nothing to wake."""


_NOBODY = _Nobody()


class _Webhook:
    """Stands where uvicorn keeps the request in progress, and has the attributes that uvicorn touches."""

    __slots__ = ("body", "disconnected", "keep_alive", "message_event", "more_body", "response_complete")

    def __init__(self, keep_alive: bool) -> None:
        self.body = bytearray()
        self.more_body = True
        self.response_complete = False
        self.disconnected = False
        self.keep_alive = keep_alive
        self.message_event = _NOBODY


_TOO_SLOW = (
    b"HTTP/1.1 408 Request Timeout\r\n%bconnection: close\r\ncontent-type: application/problem+json\r\n"
    b"content-length: %d\r\n\r\n%b"
)

_last: tuple[list[tuple[bytes, bytes]], bytes] = ([], b"")


def _lines(headers: list[tuple[bytes, bytes]]) -> bytes:
    """Headers as they are written; uvicorn makes another list of them each second."""
    global _last  # noqa: PLW0603 - one tuple, replaced whole
    if _last[0] is not headers:
        _last = (headers, b"".join([b"%b: %b\r\n" % header for header in headers]))
    return _last[1]


def protocol_of(ingest: Ingest | None) -> type[HttpToolsProtocol]:
    """uvicorn's protocol with the short cut to `ingest`; `None` leaves everything to uvicorn."""
    return type("WebhookProtocol", (_WebhookProtocol,), {"ingest": ingest})


class _WebhookProtocol(HttpToolsProtocol):
    """One connection; `ingest` belongs to the class, since uvicorn makes the instances."""

    ingest: Ingest | None
    _head: int | None = None
    _endpoint: bytes | None = None
    _begun = 0

    @property
    def unfinished(self) -> Hashable | None:
        """The number of the request whose head is incomplete, 0 before the first; or the webhook whose body is."""
        if self._head is not None or not self._begun:
            return self._begun
        webhook: Any = self.cycle
        return webhook if type(webhook) is _Webhook and webhook.more_body else None

    def give_up(self) -> None:
        """End a connection whose sender does not come to the end of a request; other bodies end in `Ingest`."""
        if self.transport.is_closing():
            return
        if self._begun:
            said = {"title": "Too slow", "status": 408, "detail": "the request did not come to its end in time"}
            body = jsontext.dumps(said)
            self.transport.write(_TOO_SLOW % (_lines(self.server_state.default_headers), len(body), body))
            if self.ingest is not None:
                self.ingest.gave_up()
        self.transport.close()

    def eof_received(self) -> bool:  # type: ignore[override] # uvicorn's gives nothing, which is to close
        """Answer a whole request also where its sender has nothing more to say; True keeps our side open.

        Who ends its side while an answer is held back on purpose is taken for one that waits no longer.
        """
        cycle: Any = self.cycle
        if cycle is None or cycle.response_complete or cycle.more_body:
            return False
        if type(cycle) is not _Webhook and HELD_BACK in cycle.scope:
            return False
        cycle.keep_alive = False
        return True

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        # uvicorn keeps the head of a request however long it is. What came before its end is its size.
        if self._head is not None:
            self._head += len(data)
            if self._head > MAX_HEAD and not self.transport.is_closing():
                self.send_400_response("The request's head is too large.")

    def on_message_begin(self) -> None:
        webhook: Any = self.cycle
        if self.ingest is not None and type(webhook) is _Webhook and not webhook.response_complete:
            # What is kept of a request is about to be overwritten, and the other way still needs it.
            self.ingest.take_arrived()
        super().on_message_begin()
        self._head = 0
        self._begun += 1

    def on_headers_complete(self) -> None:
        self._head = None
        if self.ingest is not None and self._is_ordinary():
            # The attribute is declared as uvicorn's own class; what is used of it is all there.
            self.cycle = _Webhook(self.parser.should_keep_alive())  # type: ignore[assignment]
        else:
            super().on_headers_complete()

    def _is_ordinary(self) -> bool:
        busy: Any = self.cycle  # None before the first request, whatever its declaration says
        if busy is not None and not busy.response_complete:
            return False
        found = PATH_BYTES.fullmatch(self.url)
        if found is None or self.parser.get_method() != b"POST":
            return False
        self._endpoint = found[1]
        if self.parser.get_http_version() != "1.1" or self.expect_100_continue or self.parser.should_upgrade():
            return False
        length = None
        for name, value in self.headers:
            if name == b"content-length":
                length = value
            elif name == b"transfer-encoding":
                return False
        return length is not None and len(length) < 6 and int(length) <= MAX_BODY

    def on_message_complete(self) -> None:
        webhook: Any = self.cycle
        if self.ingest is None or type(webhook) is not _Webhook or webhook.response_complete:
            super().on_message_complete()
            return
        webhook.more_body = False
        endpoint = None if self._endpoint is None else self._endpoint.decode()
        body = bytes(webhook.body)
        client = self.client[0] if self.client else None
        answer = partial(self._answer, webhook)
        otherwise = partial(self._leave_to_asgi, webhook, body)
        self.ingest.take_soon(endpoint, self.headers, body, client, answer, otherwise)

    def _leave_to_asgi(self, webhook: _Webhook, body: bytes) -> None:
        """Begin anew, the ordinary way, with a body that is all there."""
        if webhook.disconnected:
            return
        self.cycle = None  # type: ignore[assignment]
        super().on_headers_complete()
        # The parser forgets at a message's end that the connection was to close, and knows nothing of a shutdown.
        self.cycle.keep_alive = webhook.keep_alive
        self.cycle.body += body
        super().on_message_complete()

    def _answer(self, webhook: _Webhook, job: Job) -> None:
        """Write the answer, in the loop's thread, once it is known what came of the event."""
        assert self.ingest is not None  # noqa: S101 - nothing else calls this
        webhook.response_complete = True
        head, body = self.ingest.answer_to(job)
        if webhook.disconnected or self.transport.is_closing():
            return
        others = _lines(self.server_state.default_headers)
        end = b"" if webhook.keep_alive else b"connection: close\r\n"
        self.transport.write(b"%b%bcontent-length: %d\r\n%b\r\n%b" % (head, others, len(body), end, body))
        if not webhook.keep_alive:
            self.transport.close()
        self.on_response_complete()
