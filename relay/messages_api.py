"""The part of the viewer API that speaks of messages and runs."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import FastAPI, Query, Request, Response

from relay.answers import FilterText, Limit, answers_with, json_answer, problem_answer
from relay.contract.filter import parse, parse_on_messages
from relay.contract.timeline import Funnel, MessagesPage, MessageTimeline, RunsPage, RunTree
from relay.log.funnel import By
from relay.log.messages import BadCursor, Sort
from relay.messages import Messages, NotKept
from relay.whileawaited import while_awaited

STRUCTS: tuple[type[msgspec.Struct], ...] = (MessagesPage, MessageTimeline, Funnel, RunsPage, RunTree)
"""The structs that these routes answer with."""

DEFAULT_LIMIT = 100
Before = Annotated[str | None, Query(description="What next was on the page before")]


def add(app: FastAPI, messages: Messages) -> None:
    """Add the routes."""
    _errors(app)

    @app.get("/v1/messages", responses=answers_with(MessagesPage))
    async def page(
        request: Request,
        filter_: FilterText = "",
        sort: Sort = "activity",
        before: Before = None,
        limit: Limit = DEFAULT_LIMIT,
    ) -> Response:
        """Messages with an event that matches, each with its newest 20 steps.

        In the filter `outcome flag engagement never steps took` speak of the message. `failing` has those first
        that are bounced, undelivered, retrying or complained of, `slowest` the newest by how long they took.
        """
        asking = messages.page(parse_on_messages(filter_), sort=sort, before=before, limit=limit)
        return json_answer(await while_awaited(request, asking))

    @app.get("/v1/messages/{message_id:path}", responses=answers_with(MessageTimeline))
    async def timeline(request: Request, message_id: str) -> Response:
        """What happened to one message, whole."""
        return json_answer(await while_awaited(request, messages.timeline(message_id)))

    @app.get("/v1/funnel", responses=answers_with(Funnel))
    async def funnel(request: Request, filter_: FilterText = "", by: By | None = None) -> Response:
        """How far the messages come that match, of those that can, and how long each step takes."""
        return json_answer(await while_awaited(request, messages.funnel(parse_on_messages(filter_), by=by)))

    @app.get("/v1/runs", responses=answers_with(RunsPage))
    async def runs(
        request: Request, filter_: FilterText = "", before: Before = None, limit: Limit = DEFAULT_LIMIT
    ) -> Response:
        """Workflow runs with an event that matches, the one with the newest first."""
        asking = messages.runs(parse(filter_), before=before, limit=limit)
        return json_answer(await while_awaited(request, asking))

    @app.get("/v1/runs/{workflow_run_id:path}", responses=answers_with(RunTree))
    async def run(request: Request, workflow_run_id: str) -> Response:
        """The tree of a run: recipients, steps, messages."""
        return json_answer(await while_awaited(request, messages.run(workflow_run_id)))


def _errors(app: FastAPI) -> None:
    async def not_kept(_: Request, error: Exception) -> Response:
        return problem_answer(404, "Not in the log", str(error))

    async def bad_cursor(_: Request, error: Exception) -> Response:
        return problem_answer(400, "Bad request", str(error))

    app.add_exception_handler(NotKept, not_kept)
    app.add_exception_handler(BadCursor, bad_cursor)
