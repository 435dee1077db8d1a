"""The viewer API. Answers are the structs of the contract; events are spliced from what the log holds as JSON."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Annotated, Any

import msgspec
from fastapi import FastAPI, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from relay import canned_api, files_api, forwards_api, messages_api
from relay.answers import (
    ExactTypes,
    FilterText,
    Limit,
    Types,
    answers_with,
    json_answer,
    json_content,
    problem_answer,
)
from relay.canned import CannedAnswers
from relay.contract import api, jsontext, knock
from relay.contract.chosen import types_of
from relay.contract.events import EventDetail
from relay.contract.filter import FilterError, parse
from relay.contract.filter.names import field_of
from relay.contract.filter.times import time_us
from relay.contract.moments import rfc3339
from relay.contract.timeline import STALL_AFTER_US
from relay.draft import NoEnvelope
from relay.leases import Leases
from relay.log.base import LogError, NoSuchEvent, NotDurable, Retention, TrimmedEvent
from relay.log.sqlite import SqliteLog
from relay.log.stored import StoredEvent
from relay.messages import Messages
from relay.metrics import CONTENT_TYPE, Metrics
from relay.publicurl import PublicUrls
from relay.purge import NEVER_US, Purge
from relay.quarantine import NotHeld, Quarantine
from relay.secretstore import SecretStore
from relay.settings.values import canonical_url
from relay.stream import filter_problem
from relay.whileawaited import while_awaited

MAX_SEQ = (1 << 62) - 1
LONGEST_ANNOUNCED = 3_600
"""Seconds that an announced address holds at most."""

Seq = Annotated[int, Query(ge=0, le=MAX_SEQ)]


class Relay(msgspec.Struct, kw_only=True):
    """What the API serves from. `stop` begins the relay's end; `clock` gives microseconds."""

    log: SqliteLog
    secrets: SecretStore
    quarantine: Quarantine
    purge: Purge
    metrics: Metrics
    public_urls: PublicUrls
    canned: CannedAnswers
    leases: Leases
    retention: Retention
    backend: str
    version: str
    started_at: str
    stall_after_us: int = STALL_AFTER_US
    clock: Callable[[], int]
    viewers: Callable[[], int]
    stop: Callable[[], None]
    secrets_changed: Callable[[], None]


def build(relay: Relay) -> FastAPI:
    """The application for everything under the token."""
    app = FastAPI(
        title="knocktop relay", version=relay.version, docs_url=None, redoc_url=None, redirect_slashes=False
    )
    _errors(app)
    _events(app, relay)
    forwards_api.add(app, relay.log)
    files_api.add(app, relay.log, relay.secrets, clock=relay.clock)
    messages_api.add(app, Messages(relay.log, stall_after_us=relay.stall_after_us))
    _quarantine(app, relay)
    _secrets(app, relay)
    _public_url(app, relay)
    canned_api.add(app, relay.canned)
    _purge(app, relay)
    _relay(app, relay)
    app.openapi = lambda: _document(app)  # type: ignore[method-assign]
    return app


def _document(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document: FastAPI's, with the structs of the contract and the ingest described."""
    if app.openapi_schema is None:
        from fastapi.openapi.utils import get_openapi

        document = get_openapi(title=app.title, version=app.version, routes=app.routes)
        _, schemas = msgspec.json.schema_components(_STRUCTS, ref_template="#/components/schemas/{name}")
        components = document.setdefault("components", {})
        components.setdefault("schemas", {}).update(schemas)
        components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        document["security"] = [{"token": []}]
        for path in ("/webhooks/knock", "/webhooks/knock/{endpoint}"):
            document["paths"][path] = {"post": _ingest_operation(path)}
        app.openapi_schema = document
    return app.openapi_schema


def _ingest_operation(path: str) -> dict[str, Any]:
    name = {
        "name": "endpoint",
        "in": "path",
        "required": True,
        "schema": {"type": "string", "pattern": "^[a-z0-9-]{1,64}$"},
    }
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    stored = {"application/json": {"schema": {"$ref": "#/components/schemas/Stored"}}}
    return {
        "summary": "Take an event from Knock",
        "security": [],
        "parameters": [name] if "{" in path else [],
        "requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}},
        "responses": {
            "200": {"description": "On disk", "content": stored},
            "202": {"description": "In quarantine"},
            "400": {"description": "No event", "content": problem},
            "401": {"description": "Not verified, with --verify reject", "content": problem},
            "413": {"description": "Over 5 MiB", "content": problem},
            "503": {"description": "Not stored; try again", "content": problem},
            "default": {"description": "On disk, and answered as /v1/answers has it", "content": problem},
        },
    }


_STRUCTS = (
    EventDetail,
    api.EventPage,
    api.Count,
    api.TypesPage,
    api.GroupsPage,
    api.Stats,
    api.QuarantinePage,
    api.Stored,
    api.NewSecret,
    api.SecretAdded,
    api.SecretsPage,
    api.NewPublicUrl,
    api.PublicUrl,
    api.PurgeRequest,
    api.Purged,
    api.Problem,
    *files_api.STRUCTS,
    *forwards_api.STRUCTS,
    *messages_api.STRUCTS,
    *canned_api.STRUCTS,
)


class _Problem(Exception):
    """An answer that is an error."""

    def __init__(self, status: int, title: str, detail: str, **fields: Any) -> None:
        super().__init__(detail)
        self.body = {"title": title, "status": status, "detail": detail, **fields}
        self.status = status


Handler = Callable[[Request, Any], Awaitable[Response]]


def _errors(app: FastAPI) -> None:
    async def known(_: Request, error: _Problem) -> Response:
        return Response(jsontext.dumps(error.body), error.status, media_type="application/problem+json")

    async def invalid(_: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"][1:])
        return problem_answer(400, "Bad request", f"{where}: {first['msg']}" if where else str(first["msg"]))

    async def http(_: Request, error: HTTPException) -> Response:
        answer = problem_answer(
            error.status_code, str(error.detail), "there is nothing at this path, or not this way"
        )
        for name, value in (error.headers or {}).items():
            answer.headers[name] = value
        return answer

    async def wrong_filter(_: Request, error: FilterError) -> Response:
        return problem_answer(400, "The filter does not parse", error.message, **filter_problem(error))

    def plainly(status: int, title: str) -> Handler:
        async def answer(_: Request, error: Exception) -> Response:
            return problem_answer(status, title, str(error))

        return answer

    async def left(_: Request, __: ClientDisconnect) -> Response:
        # Nobody reads it: there only has to be an answer.
        return Response(status_code=503)

    handlers: dict[type[Exception], Any] = {
        ClientDisconnect: left,
        _Problem: known,
        RequestValidationError: invalid,
        HTTPException: http,
        FilterError: wrong_filter,
        NoSuchEvent: plainly(404, "No such event"),
        TrimmedEvent: plainly(410, "No longer kept"),
        NotHeld: plainly(404, "Not in quarantine"),
        NoEnvelope: plainly(409, "No event"),
        NotDurable: plainly(503, "Not stored"),
        LogError: plainly(503, "The log can't be read"),
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)


def _events(app: FastAPI, relay: Relay) -> None:
    @app.get("/v1/events", responses=answers_with(api.EventPage))
    async def events(
        filter_: FilterText = "",
        types: Types = [],  # noqa: B006 - FastAPI copies it
        type_: ExactTypes = [],  # noqa: B006 - the same
        before: Seq | None = None,
        after: Seq | None = None,
        limit: Limit = api.DEFAULT_LIMIT,
    ) -> Response:
        """Events, newest first: below `before`, or with `after` alone the oldest matches above it."""
        page = await relay.log.page(
            before=before,
            after=after,
            limit=limit,
            types=types_of(types, type_) or None,
            filter_=parse(filter_),
            seconds=0.2,
        )
        found: Iterable[StoredEvent] = page.events
        if after is not None and before is None:
            found = reversed(page.events)
        following = b"null" if page.next is None else b"%d" % page.next
        items = b",".join(event.json for event in found)
        body = b'{"items":[%b],"next":%b,"scanned":%d}' % (items, following, page.scanned)
        return Response(body, media_type="application/json")

    @app.get("/v1/events/count", responses=answers_with(api.Count))
    async def count(
        request: Request,
        filter_: FilterText = "",
        types: Types = [],  # noqa: B006 - FastAPI copies it
        type_: ExactTypes = [],  # noqa: B006 - the same
    ) -> Response:
        """How many events match."""
        asking = relay.log.count(types=types_of(types, type_) or None, filter_=parse(filter_))
        found, upto = await while_awaited(request, asking)
        return json_answer(api.Count(count=found, upto=upto))

    @app.get("/v1/events/{seq}", responses=answers_with(EventDetail))
    async def event(seq: int) -> Response:
        """One event in full."""
        return Response((await relay.log.details([seq]))[seq], media_type="application/json")

    @app.get("/v1/events/{seq}/body")
    async def body(seq: int) -> Response:
        """The bytes exactly as received."""
        return _bytes((await relay.log.get(seq)).body)

    @app.get("/v1/events/{seq}/deliveries/{n}/body")
    async def delivery_body(seq: int, n: int) -> Response:
        """The bytes that came with one delivery."""
        return _bytes(await relay.log.delivery_body(seq, n))

    @app.get("/v1/types", responses=answers_with(api.TypesPage))
    async def types(request: Request, filter_: FilterText = "") -> Response:
        """Every event type that is kept, with its counts."""
        upto, totals = await while_awaited(request, relay.log.types(filter_=parse(filter_)))
        items = [
            api.TypeCount(
                type=each.type,
                family=knock.family_of(each.type),
                known=knock.is_known(each.type),
                count=each.count,
                last_seq=each.last_seq,
                last_at=rfc3339(each.last_us),
                per_minute=each.per_minute,
            )
            for each in totals
        ]
        return json_answer(api.TypesPage(upto=upto, items=items))

    @app.get("/v1/groups", responses=answers_with(api.GroupsPage))
    async def groups(
        request: Request,
        by: Annotated[str, Query(description="A name, a path or a header, as in a filter")],
        filter_: FilterText = "",
        mask: Annotated[bool, Query(description="Take texts that differ in numbers or ids for one")] = False,
        limit: Limit = api.DEFAULT_LIMIT,
    ) -> Response:
        """The values that events have, the most frequent first."""
        asking = relay.log.groups(field_of(by), filter_=parse(filter_), mask=mask, limit=limit)
        upto, found = await while_awaited(request, asking)
        items = [
            api.Group(
                value=each.value,
                count=each.count,
                first_seq=each.first_seq,
                last_seq=each.last_seq,
                per_minute=each.per_minute,
            )
            for each in found
        ]
        return json_answer(api.GroupsPage(items=items, upto=upto))


def _bytes(body: bytes) -> Response:
    # Never sniffed and never shown inline: a body is a stranger's, and this may be opened in a browser.
    return Response(
        body,
        media_type="application/json",
        headers={"x-content-type-options": "nosniff", "content-disposition": "attachment"},
    )


def _quarantine(app: FastAPI, relay: Relay) -> None:
    @app.get("/v1/quarantine", responses=answers_with(api.QuarantinePage))
    async def quarantine(before: Seq | None = None, limit: Limit = api.DEFAULT_LIMIT) -> Response:
        """Requests that did not verify, each with its diagnosis."""
        return json_answer(await relay.quarantine.page(before=before, limit=limit))

    @app.get("/v1/quarantine/{held_id}/body")
    async def held_body(held_id: int) -> Response:
        """The bytes of one exactly as received."""
        return _bytes(await relay.quarantine.body(held_id))

    @app.post("/v1/quarantine/{held_id}/admit", responses=answers_with(api.Stored))
    async def admit(held_id: int) -> Response:
        """Make an event of one, with the verdict as it is."""
        seq, duplicate = await relay.quarantine.admit(held_id)
        return json_answer(api.Stored(seq=seq, duplicate=duplicate))

    @app.delete("/v1/quarantine/{held_id}", status_code=204)
    async def discard(held_id: int) -> Response:
        """Forget one."""
        await relay.quarantine.discard(held_id)
        return Response(status_code=204)


def _secrets(app: FastAPI, relay: Relay) -> None:
    body = {"content": json_content(api.NewSecret)}

    @app.get("/v1/secrets", responses=answers_with(api.SecretsPage))
    async def secrets() -> Response:
        """Every signing secret in force, without its value."""
        return json_answer(api.SecretsPage(items=relay.secrets.infos()))

    @app.post("/v1/secrets", responses=answers_with(api.SecretAdded), openapi_extra={"requestBody": body})
    async def add(request: Request) -> Response:
        """Add a signing secret for good, and admit what it fits."""
        given = _new_secret(await request.body())
        try:
            secret = relay.secrets.add(given.secret, given.endpoint)
        except OSError as error:
            raise _Problem(503, "Not stored", f"the secret could not be written: {error.strerror}") from None
        admitted = await relay.quarantine.admit_fitting()
        relay.secrets_changed()
        return json_answer(api.SecretAdded(id=secret.id, admitted=admitted))

    @app.delete("/v1/secrets/{secret_id}", status_code=204)
    async def remove(secret_id: str) -> Response:
        """Remove a secret that was added."""
        if not relay.secrets.remove(secret_id):
            if relay.secrets.is_configured(secret_id):
                raise _Problem(409, "Not removable", "this secret comes from the settings: remove it there")
            raise _Problem(404, "No such secret", "no secret has this id")
        relay.secrets_changed()
        return Response(status_code=204)


def _new_secret(body: bytes) -> api.NewSecret:
    try:
        given = msgspec.json.decode(body, type=api.NewSecret)
    except (msgspec.MsgspecError, ValueError):
        # What is wrong with it is not repeated: it may hold the secret.
        raise _Problem(400, "Bad request", "send {'secret': text, 'endpoint': text or null} as JSON") from None
    secret = given.secret.strip()
    if not api.is_secret(secret):
        raise _Problem(400, "Bad request", f"a secret is 1 to {api.SECRET_LIMIT:,} printable characters")
    endpoint = given.endpoint
    if endpoint is not None and not api.is_endpoint(endpoint):
        raise _Problem(400, "Bad request", "an endpoint's name is [a-z0-9-]{1,64}")
    return api.NewSecret(secret=secret, endpoint=endpoint)


def _public_url(app: FastAPI, relay: Relay) -> None:
    body = {"required": True, "content": json_content(api.NewPublicUrl)}

    @app.get("/v1/public-url", responses=answers_with(api.PublicUrl))
    async def public_url() -> Response:
        """The address at which Knock reaches this relay."""
        return json_answer(api.PublicUrl(url=relay.public_urls.current))

    @app.put("/v1/public-url", responses=answers_with(api.PublicUrl), openapi_extra={"requestBody": body})
    async def announce(request: Request) -> Response:
        """Announce an address that leads here, for `seconds`; viewers are told at once. Once more prolongs it."""
        given = _new_public_url(await request.body())
        relay.public_urls.announce(given.url, given.seconds)
        return json_answer(api.PublicUrl(url=relay.public_urls.current))

    @app.delete("/v1/public-url", status_code=204)
    async def withdraw(url: str) -> Response:
        """Forget an address that was announced."""
        relay.public_urls.withdraw(_canonical(url))
        return Response(status_code=204)


def _new_public_url(body: bytes) -> api.NewPublicUrl:
    try:
        given = msgspec.json.decode(body, type=api.NewPublicUrl)
    except (msgspec.MsgspecError, ValueError) as error:
        detail = f"send {{'url': text, 'seconds': number}} as JSON: {error}"
        raise _Problem(400, "Bad request", detail) from None
    if not 1 <= given.seconds <= LONGEST_ANNOUNCED:
        raise _Problem(400, "Bad request", f"seconds should be 1 to {LONGEST_ANNOUNCED:,}")
    return api.NewPublicUrl(url=_canonical(given.url), seconds=given.seconds)


def _canonical(url: str) -> str:
    try:
        return canonical_url(url)
    except ValueError:
        detail = "url should be http or https, without user, query or fragment"
        raise _Problem(400, "Bad request", detail) from None


def _purge(app: FastAPI, relay: Relay) -> None:
    body = {"required": True, "content": json_content(api.PurgeRequest)}

    @app.post("/v1/purge", responses=answers_with(api.Purged), openapi_extra={"requestBody": body})
    async def purge(request: Request) -> Response:
        """Remove the events and the quarantined requests that match, for good; or count them with `dry_run`."""
        try:
            given = msgspec.json.decode(await request.body(), type=api.PurgeRequest)
        except (msgspec.MsgspecError, ValueError) as error:
            detail = f"send {{'filter': text, 'before': time or null}} as JSON: {error}"
            raise _Problem(400, "Bad request", detail) from None
        before_us = NEVER_US if given.before is None else time_us(given.before)
        if before_us is None:
            raise _Problem(400, "Bad request", "before should be a time such as 2026-11-23T10:42:00Z")
        filter_ = parse(given.filter)
        return json_answer(await relay.purge.run(filter_, before_us=before_us, dry_run=given.dry_run))


def _relay(app: FastAPI, relay: Relay) -> None:
    @app.get("/v1/stats", responses=answers_with(api.Stats))
    async def stats() -> Response:
        """The log as a whole."""
        found = relay.log.stats()
        return json_answer(
            api.Stats(
                log=found.log_id,
                first_seq=relay.log.oldest_seq,
                last_seq=found.last_seq,
                events=found.events,
                bytes=found.size,
                retention=api.Retention(
                    events=relay.retention.events,
                    age=relay.retention.age_us // 1_000_000,
                    size=relay.retention.size,
                ),
                quarantine=relay.quarantine.held,
                viewers=relay.viewers(),
                backend=relay.backend,
                started_at=relay.started_at,
                forwarding=list(relay.leases.targets),
            )
        )

    @app.post("/v1/stop", status_code=202)
    async def stop() -> Response:
        """End the relay as SIGTERM does."""
        relay.stop()
        return Response(status_code=202)

    @app.get("/metrics")
    async def metrics() -> Response:
        """For Prometheus."""
        return Response(relay.metrics.page(), media_type=CONTENT_TYPE)
