"""The routes by which events leave for a file, and come from one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import FastAPI, Query, Request, Response
from starlette.responses import StreamingResponse

from relay.answers import ExactTypes, FilterText, Types, answers_with, json_answer, problem_answer
from relay.contract.chosen import types_of
from relay.contract.exported import MEDIA_TYPE, ExportedEvent, Imported, ImportedEvent
from relay.contract.filter import parse
from relay.exporting import export
from relay.importing import READ_SECONDS, Broken, Importing, Slow
from relay.log.sqlite import SqliteLog
from relay.secretstore import SecretStore

MAX_SEQ = (1 << 62) - 1
STRUCTS = (ExportedEvent, ImportedEvent, Imported)

Seq = Annotated[int, Query(ge=0, le=MAX_SEQ)]


def _lines_of(name: str) -> dict[str, Any]:
    return {MEDIA_TYPE: {"schema": {"$ref": f"#/components/schemas/{name}"}}}


_EXPORTED: dict[int | str, dict[str, Any]] = {
    200: {"description": "A line an event", "content": _lines_of("ExportedEvent")}
}


def add(app: FastAPI, log: SqliteLog, secrets: SecretStore, *, clock: Callable[[], int]) -> None:
    """Add the routes; `clock` gives microseconds since the epoch."""
    importing = Importing(log, secrets, clock=clock)

    @app.get("/v1/export", responses=_EXPORTED)
    async def export_(
        filter_: FilterText = "",
        types: Types = [],  # noqa: B006 - FastAPI copies it
        type_: ExactTypes = [],  # noqa: B006 - the same
        after: Seq = 0,
        before: Seq | None = None,
    ) -> Response:
        """Write events as NDJSON, oldest first, up to the newest of now: in full, with headers and exact bodies.

        Both bounds are left out. An answer that breaks off was cut: pass the last `seq` that came as `after`.
        """
        lines = export(
            log, after=after, before=before, types=types_of(types, type_) or None, filter_=parse(filter_)
        )
        # As with a body: it is a stranger's, and this may be opened in a browser.
        headers = {
            "x-content-type-options": "nosniff",
            "content-disposition": 'attachment; filename="events.ndjson"',
        }
        return StreamingResponse(lines, media_type=MEDIA_TYPE, headers=headers)

    @app.post(
        "/v1/import",
        responses=answers_with(Imported),
        openapi_extra={"requestBody": {"required": True, "content": _lines_of("ImportedEvent")}},
    )
    async def import_(request: Request) -> Response:
        """Take events as an export writes them; of a line only times, headers, body, endpoint and verdict count.

        `received_at` is kept, signatures are checked with this relay's secrets as of then, and the verdict of the
        line is kept beside that (`imported_verdict` of the delivery). An event that is here stays as it is.
        """
        try:
            return json_answer(await importing.run(request.stream()))
        except Slow:
            detail = f"nothing came for {READ_SECONDS:.0f} s; the lines before that are stored"
            return problem_answer(408, "Too slow", detail)
        except Broken as broken:
            done = broken.done
            counts = {name: getattr(done, name) for name in ("added", "duplicates", "refused_count", "lines")}
            return problem_answer(503, "Not stored", str(broken), **counts)
