"""The part of the viewer API that sets canned answers, and ends them."""

from __future__ import annotations

import msgspec
from fastapi import FastAPI, Request, Response

from relay.answers import answers_with, json_answer, json_content, problem_answer
from relay.canned import CannedAnswers, TooMany
from relay.contract.canned import (
    MAX_DELAY_MS,
    MAX_RETRY_AFTER,
    MAX_SECONDS,
    CannedAnswer,
    CannedAnswersPage,
    NewCannedAnswer,
    ScriptError,
    parse_script,
)
from relay.contract.filter import parse

STRUCTS: tuple[type[msgspec.Struct], ...] = (NewCannedAnswer, CannedAnswer, CannedAnswersPage)
"""The structs that these routes take and answer with."""


class BadAnswer(ValueError):
    """A canned answer that cannot be given; says what is wrong."""


def add(app: FastAPI, canned: CannedAnswers) -> None:
    """Add the routes."""
    _errors(app)
    body = {"required": True, "content": json_content(NewCannedAnswer)}

    @app.get("/v1/answers", responses=answers_with(CannedAnswersPage))
    async def answers() -> Response:
        """The canned answers in force, the one that is looked at first, first."""
        return json_answer(CannedAnswersPage(items=canned.all()))

    @app.put("/v1/answers", responses=answers_with(CannedAnswer), openapi_extra={"requestBody": body})
    async def put(request: Request) -> Response:
        """Answer deliveries of events that match as scripted, once they are stored, for so many seconds.

        Only what would be answered 200. `500x3,200`: three deliveries of an event are answered 500, those after
        them 200; the last answer repeats. Another one with the same filter is replaced, and counts anew; the one
        that was set last is looked at first.
        """
        given = _given(await request.body())
        return json_answer(canned.put(given, parse(given.filter), parse_script(given.answer)))

    @app.delete("/v1/answers", responses=answers_with(CannedAnswersPage))
    async def end_all() -> Response:
        """End all of them; gives what they did."""
        return json_answer(CannedAnswersPage(items=canned.end()))

    @app.delete("/v1/answers/{answer_id}", responses=answers_with(CannedAnswersPage))
    async def end_one(answer_id: int) -> Response:
        """End one; gives what it did."""
        ended = canned.end(answer_id)
        if not ended:
            return problem_answer(404, "No such canned answer", f"no canned answer {answer_id} is in force")
        return json_answer(CannedAnswersPage(items=ended))


def _given(body: bytes) -> NewCannedAnswer:
    try:
        given = msgspec.json.decode(body, type=NewCannedAnswer)
    except (msgspec.MsgspecError, ValueError) as error:
        raise BadAnswer(f"send {{'filter': text, 'answer': '500x3,200'}} as JSON: {error}") from None
    if not 0 <= given.delay_ms <= MAX_DELAY_MS:
        raise BadAnswer(f"delay_ms should be 0 to {MAX_DELAY_MS:,}")
    if given.retry_after is not None and not 0 <= given.retry_after <= MAX_RETRY_AFTER:
        raise BadAnswer(f"retry_after should be 0 to {MAX_RETRY_AFTER:,} seconds")
    if not 1 <= given.for_seconds <= MAX_SECONDS:
        raise BadAnswer(f"for_seconds should be 1 to {MAX_SECONDS:,}")
    return given


def _errors(app: FastAPI) -> None:
    async def bad(_: Request, error: Exception) -> Response:
        return problem_answer(400, "Bad request", str(error))

    async def too_many(_: Request, error: Exception) -> Response:
        return problem_answer(409, "Too many canned answers", str(error))

    app.add_exception_handler(BadAnswer, bad)
    app.add_exception_handler(ScriptError, bad)
    app.add_exception_handler(TooMany, too_many)
