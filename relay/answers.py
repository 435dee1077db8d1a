"""How the viewer API answers and what it is asked with, shared by the modules that its routes are in."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from fastapi import Query, Response

from relay.contract import api, jsontext

Limit = Annotated[int, Query(ge=1, le=api.MAX_LIMIT)]
FilterText = Annotated[str, Query(alias="filter", description="An expression of the filter language")]


Types = Annotated[list[str], Query(description="Event types, comma separated")]
ExactTypes = Annotated[
    list[str], Query(alias="type", description="An event type as it is, commas and all; as often as wanted")
]


def json_answer(value: Any, status: int = 200) -> Response:
    """An answer that is JSON."""
    return Response(jsontext.dumps(value), status, media_type="application/json")


def problem_answer(status: int, title: str, detail: str, **fields: Any) -> Response:
    """An answer that is an error."""
    return Response(
        jsontext.dumps({"title": title, "status": status, "detail": detail, **fields}),
        status,
        media_type="application/problem+json",
    )


def answers_with(model: type[msgspec.Struct]) -> dict[int | str, dict[str, Any]]:
    """What the document says of a route that answers with a struct."""
    return {200: {"description": "Done", "content": json_content(model)}}


def json_content(model: type[msgspec.Struct]) -> dict[str, Any]:
    """What the document says of a struct as JSON."""
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{model.__name__}"}}}
