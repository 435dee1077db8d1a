"""The part of the viewer API that speaks of forwards."""

from __future__ import annotations

import math
from typing import Annotated

import msgspec
from fastapi import FastAPI, Query, Request, Response

from relay.answers import Limit, answers_with, json_answer, json_content, problem_answer
from relay.contract import api, jsontext
from relay.contract.events import Forward
from relay.contract.forwards import BODY_LIMIT, ERROR_LIMIT, HEADERS_LIMIT, size_of, without_credentials
from relay.log.sqlite import SqliteLog

STRUCTS: tuple[type[msgspec.Struct], ...] = (api.NewForward, api.ForwardStored, api.ForwardsPage, Forward)
"""The structs that these routes take and answer with."""

MAX_REPORT = 1 << 20
"""Bytes of a report: as JSON an answer takes up to six times the room."""
_DEPTH = 8
_LAST = (1 << 62) - 1
Before = Annotated[int | None, Query(ge=0, le=_LAST, description="What next was on the page before")]


def add(app: FastAPI, log: SqliteLog) -> None:
    """Add the routes."""
    wanted = {"required": True, "content": json_content(api.NewForward)}

    @app.post(
        "/v1/events/{seq}/forwards",
        responses=answers_with(api.ForwardStored),
        openapi_extra={"requestBody": wanted},
    )
    async def report(seq: int, request: Request) -> Response:
        """Keep that an event was forwarded, and what was answered; every viewer of the event is told."""
        body = await _body(request)
        if body is None:
            return _too_large(f"a report has at most {MAX_REPORT:,} bytes")
        try:
            given = msgspec.convert(jsontext.loads(body, _DEPTH), api.NewForward)
        except (msgspec.MsgspecError, ValueError) as error:
            return problem_answer(400, "Bad request", f"send a forward as JSON: {error}")
        if why := _why_not(given):
            return problem_answer(400, "Bad request", why)
        if size_of(given.body or "") > BODY_LIMIT:
            return _too_large(f"at most {BODY_LIMIT:,} bytes of an answer's body are kept: cut it")
        if sum(size_of(name) + size_of(value) for name, value in given.headers or ()) > HEADERS_LIMIT:
            return _too_large(f"at most {HEADERS_LIMIT:,} bytes of an answer's headers are kept: leave some out")
        entry, n = await log.forwarded(seq, _forward(given))
        return json_answer(api.ForwardStored(seq=entry, n=n))

    @app.get("/v1/events/{seq}/forwards/{n}", responses=answers_with(Forward))
    async def forward(seq: int, n: int) -> Response:
        """One forward of an event, with headers and body of the answer."""
        return json_answer(await log.forward(seq, n))

    @app.get("/v1/forwards", responses=answers_with(api.ForwardsPage))
    async def forwards(
        before: Before = None,
        limit: Limit = api.DEFAULT_LIMIT,
    ) -> Response:
        """Forwards of all events, those first that were reported last, without headers and body of the answers."""
        items = await log.forwards(before=_LAST if before is None else before, limit=limit)
        following = items[-1].entry if len(items) == limit else None
        return json_answer(api.ForwardsPage(items=items, next=following))


async def _body(request: Request) -> bytes | None:
    """What was sent, or `None` for too much of it."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_REPORT:
            return None
    return bytes(body)


def _why_not(given: api.NewForward) -> str:
    if given.status is None and not given.error:
        return "a forward has the status of its answer, or the error why there was none"
    if given.ms is not None and not math.isfinite(given.ms):
        return "ms should be a number"
    return "" if given.url.strip() else "url should say where it was sent"


def _forward(given: api.NewForward) -> Forward:
    values = {name: getattr(given, name) for name in given.__struct_fields__}
    error = None if given.error is None else given.error[:ERROR_LIMIT]
    return Forward(**values | {"url": without_credentials(given.url), "error": error})


def _too_large(detail: str) -> Response:
    return problem_answer(413, "Too large", detail)
