"""The relay's viewer API over HTTP, with typed answers and a handful of errors."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Literal, Self, TypeVar
from urllib.parse import quote

import httpx
import msgspec

from relay.contract import api, jsontext
from relay.contract.canned import CannedAnswer, CannedAnswersPage, NewCannedAnswer
from relay.contract.chosen import types_given
from relay.contract.events import EventDetail, Forward
from relay.contract.exported import Imported
from relay.contract.forwards import fitted
from relay.contract.text import plain
from relay.contract.timeline.model import MessageTimeline
from relay.contract.timeline.pages import Funnel, MessagesPage, RunsPage, RunTree
from tui.tls import believed
from tui.unreachable import why, why_refused

T = TypeVar("T")

_TEXT_LIMIT = 300
_TIMEOUT_SECONDS = 10.0


class RelayError(Exception):
    """The relay did not do what was asked; the text is one plain line without a full stop."""


class RelayUnreachable(RelayError):
    """Nobody answered at `url`."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"{url} is not reachable: {reason}")
        self.url = url
        self.reason = reason


class NotARelay(RelayError):
    """What answers at `url` is something else, or speaks another language than this version."""

    def __init__(self, url: str, found: str) -> None:
        super().__init__(f"what answers at {url} is not a relay: {found}")
        self.url = url


class TokenRefused(RelayError):
    """The relay at `url` wants another token, or got none, or does not let this client in at all."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"no access to {url}: {reason}")
        self.url = url
        self.reason = reason


class NoSuchEvent(RelayError):
    """Seq `seq` never was, or (`trimmed`) is no longer kept."""

    def __init__(self, seq: int, *, trimmed: bool) -> None:
        super().__init__(f"event {seq} is no longer kept" if trimmed else f"there is no event {seq}")
        self.seq = seq
        self.trimmed = trimmed


class ApiProblem(RelayError):
    """Any other error, as the relay tells it; a filter's has a `column`, from 1, and more about what is wrong."""

    def __init__(self, problem: api.Problem) -> None:
        super().__init__(plain(problem.detail or problem.title, _TEXT_LIMIT))
        self.title = problem.title
        self.status = problem.status
        self.detail = problem.detail
        self.column = problem.column
        self.length = problem.length
        self.expected = problem.expected
        self.suggestion = problem.suggestion


class RelayClient:
    """Ask a relay. Use it as an async context manager, or call `aclose`.

    `timeout` is in seconds, for each step of a request. Every method raises `RelayError`; methods about an event
    raise `NoSuchEvent`, those with a filter `ApiProblem` with its column.
    """

    def __init__(
        self,
        base_url: str,
        token: str | None,
        *,
        timeout: float = _TIMEOUT_SECONDS,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.url = base_url.rstrip("/")
        self.token = token
        # Neither proxies and credentials of the surroundings nor redirects: the token is for this address alone.
        self._http = httpx.AsyncClient(
            timeout=timeout,
            transport=transport,
            trust_env=False,
            follow_redirects=False,
            verify=believed(self.url),
        )

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def healthz(self) -> api.Health:
        """Say who answers there; needs no token. Raises `NotARelay` for anything else."""
        health = await self._get(api.Health, "/healthz")
        if health.service != api.SERVICE:
            raise NotARelay(self.url, f"it calls itself {plain(health.service, 60)}")
        return health

    async def readyz(self) -> bool:
        """Whether the relay takes events now; needs no token."""
        return (await self._send("GET", "/readyz")).is_success

    async def events(
        self,
        filter: str = "",  # noqa: A002 - the word of the interface
        types: Sequence[str] = (),
        *,
        before: int | None = None,
        after: int | None = None,
        limit: int = api.DEFAULT_LIMIT,
    ) -> api.EventPage:
        """Give events newest first; with `after` alone the oldest matches above it. Both bounds are left out.

        `next` of the answer goes on as the same bound; an answer may hold few or no events and yet have one.
        """
        query = _filtered(filter, types) | {"before": before, "after": after, "limit": limit}
        return await self._get(api.EventPage, "/v1/events", query)

    async def count(self, filter: str = "", types: Sequence[str] = ()) -> api.Count:  # noqa: A002 - as above
        """Give how many events match, however long that takes: a search looks at every body."""
        return await self._get(api.Count, "/v1/events/count", _filtered(filter, types), patient=True)

    async def event(self, seq: int) -> EventDetail:
        """Give one event in full."""
        return _decoded(self.url, EventDetail, await self._of_event(seq, ""))

    async def body(self, seq: int) -> bytes:
        """Give the bytes of one event exactly as received."""
        return (await self._of_event(seq, "/body")).content

    async def delivery_body(self, seq: int, n: int) -> bytes:
        """Give the bytes that came with delivery `n` of one event."""
        return (await self._of_event(seq, f"/deliveries/{n}/body")).content

    async def report_forward(self, seq: int, forward: Forward) -> api.ForwardStored:
        """Have the relay keep what came of sending an event; what it would not take of an answer is cut."""
        kept = fitted(forward)
        told = {name: getattr(kept, name) for name in api.NewForward.__struct_fields__}
        answer = await self._send("POST", f"/v1/events/{seq}/forwards", body=jsontext.dumps(told))
        return _decoded(self.url, api.ForwardStored, self._about_event(seq, answer))

    async def forward(self, seq: int, n: int) -> Forward:
        """Give one forward of an event, with headers and body of its answer."""
        return _decoded(self.url, Forward, await self._of_event(seq, f"/forwards/{n}"))

    async def forwards(self, *, before: int | None = None, limit: int = api.DEFAULT_LIMIT) -> api.ForwardsPage:
        """Give forwards of all events without their answers, the newest first; `next` goes on as `before`."""
        return await self._get(api.ForwardsPage, "/v1/forwards", {"before": before, "limit": limit})

    async def types(self, filter: str = "") -> api.TypesPage:  # noqa: A002 - as above
        """Give every event type that was seen, with counts of what matches, however long that takes."""
        return await self._get(api.TypesPage, "/v1/types", _filtered(filter), patient=True)

    async def groups(
        self,
        by: str,
        filter: str = "",  # noqa: A002 - as above
        *,
        limit: int = api.DEFAULT_LIMIT,
        mask: bool = False,
    ) -> api.GroupsPage:
        """Give how many of the events that match have each value of a field, however long that takes.

        With `mask`, texts that differ only in numbers, ids and addresses are one.
        """
        query = _filtered(filter) | {"by": by, "limit": limit, "mask": "true" if mask else None}
        return await self._get(api.GroupsPage, "/v1/groups", query, patient=True)

    async def messages(
        self,
        filter: str = "",  # noqa: A002 - as above
        *,
        sort: str = "activity",
        before: str | None = None,
        limit: int = api.DEFAULT_LIMIT,
    ) -> MessagesPage:
        """Give messages, each with its newest steps; `sort` is activity, slowest or failing.

        `next` of the answer goes on as `before`; an answer may hold few or no messages and yet have one.
        """
        query = _filtered(filter) | {"sort": sort, "before": before, "limit": limit}
        return await self._get(MessagesPage, "/v1/messages", query)

    async def message(self, message_id: str) -> MessageTimeline:
        """Give one message with all of its steps."""
        return await self._get(MessageTimeline, f"/v1/messages/{_segment(message_id)}")

    async def funnel(self, filter: str = "", by: str = "") -> Funnel:  # noqa: A002 - as above
        """Give how far the messages came that match, by channel or workflow too where `by` says so."""
        return await self._get(Funnel, "/v1/funnel", _filtered(filter) | {"by": by})

    async def runs(
        self,
        filter: str = "",  # noqa: A002 - as above
        *,
        before: str | None = None,
        limit: int = api.DEFAULT_LIMIT,
    ) -> RunsPage:
        """Give the runs with an event that matches, the one with the newest first; `next` goes on as `before`."""
        return await self._get(RunsPage, "/v1/runs", _filtered(filter) | {"before": before, "limit": limit})

    async def run(self, workflow_run_id: str) -> RunTree:
        """Give one run as a tree."""
        return await self._get(RunTree, f"/v1/runs/{_segment(workflow_run_id)}")

    async def stats(self) -> api.Stats:
        """Give the log as a whole."""
        return await self._get(api.Stats, "/v1/stats")

    async def quarantine(self, *, before: int | None = None, limit: int = api.DEFAULT_LIMIT) -> api.QuarantinePage:
        """Give the requests that did not verify, newest first."""
        return await self._get(api.QuarantinePage, "/v1/quarantine", {"before": before, "limit": limit})

    async def held_body(self, id_: int) -> bytes:
        """Give the bytes of a request in quarantine exactly as received."""
        return self._checked(await self._send("GET", f"/v1/quarantine/{id_}/body")).content

    async def admit(self, id_: int) -> api.Stored:
        """Make an event of a request in quarantine."""
        return _decoded(self.url, api.Stored, await self._do("POST", f"/v1/quarantine/{id_}/admit"))

    async def discard(self, id_: int) -> None:
        """Drop a request in quarantine for good."""
        await self._do("DELETE", f"/v1/quarantine/{id_}")

    async def secrets(self) -> list[api.SecretInfo]:
        """Give every secret that the relay checks with, by its id."""
        return (await self._get(api.SecretsPage, "/v1/secrets")).items

    async def add_secret(self, secret: str, endpoint: str | None = None) -> api.SecretAdded:
        """Have the relay check with one more secret, for one endpoint or for all; it may admit what waited."""
        body = jsontext.dumps(api.NewSecret(secret=secret, endpoint=endpoint))
        return _decoded(self.url, api.SecretAdded, await self._do("POST", "/v1/secrets", body))

    async def remove_secret(self, id_: str) -> None:
        """Have the relay forget a secret that was added."""
        await self._do("DELETE", f"/v1/secrets/{_segment(id_)}")

    async def announce(self, url: str, seconds: int) -> str | None:
        """Tell the relay for so long that Knock reaches it at `url`; give the address that it goes by now."""
        body = jsontext.dumps(api.NewPublicUrl(url=url, seconds=seconds))
        return _decoded(self.url, api.PublicUrl, await self._do("PUT", "/v1/public-url", body)).url

    async def withdraw(self, url: str) -> None:
        """Have the relay forget an address that was announced."""
        await self._do("DELETE", "/v1/public-url", query={"url": url})

    async def answers(self) -> list[CannedAnswer]:
        """Give the canned answers in force, the one that is looked at first, first."""
        return (await self._get(CannedAnswersPage, "/v1/answers")).items

    async def provoke(self, answer: NewCannedAnswer) -> CannedAnswer:
        """Have the relay answer deliveries of what matches as scripted, once they are stored."""
        return _decoded(self.url, CannedAnswer, await self._do("PUT", "/v1/answers", jsontext.dumps(answer)))

    async def end_answers(self, id_: int | None = None) -> list[CannedAnswer]:
        """Have the relay answer as ever again, or end one canned answer; give what ended."""
        path = "/v1/answers" if id_ is None else f"/v1/answers/{id_}"
        return _decoded(self.url, CannedAnswersPage, await self._do("DELETE", path)).items

    async def purge(self, filter: str, before: str | None = None, *, dry_run: bool = False) -> api.Purged:  # noqa: A002 - as above
        """Have the relay remove what matches and arrived before a time in RFC 3339, or only count it.

        However long that takes: a search looks at every body.
        """
        body = jsontext.dumps(api.PurgeRequest(filter=filter, before=before, dry_run=dry_run))
        return _decoded(self.url, api.Purged, await self._do("POST", "/v1/purge", body, patient=True))

    async def export(
        self,
        filter: str = "",  # noqa: A002 - as above
        types: Sequence[str] = (),
        *,
        after: int = 0,
        before: int | None = None,
    ) -> AsyncGenerator[bytes, None]:
        """Give the events that match as lines of NDJSON, oldest first, some whole lines at a time.

        It ends with the newest event of now, however long that takes: a search looks at every body.
        """
        query = _filtered(filter, types) | {"after": after, "before": before}
        rest: list[bytes] = []
        try:
            async with self._http.stream(
                "GET",
                f"{self.url}/v1/export",
                params=_parameters(query),
                headers=self._credentials,
                timeout=self._patience,
            ) as response:
                if not response.is_success:
                    await response.aread()
                    self._checked(response)
                async for chunk in response.aiter_bytes():
                    whole, end, begun = chunk.rpartition(b"\n")
                    if end:
                        yield b"".join([*rest, whole, end])
                        rest = []
                    rest.append(begun)
        except httpx.RemoteProtocolError as error:
            raise RelayUnreachable(self.url, "it broke off in the middle") from error
        except (httpx.RequestError, httpx.InvalidURL, UnicodeError) as error:
            raise RelayUnreachable(self.url, why(error)) from error

    async def import_lines(self, lines: bytes) -> Imported:
        """Have the relay take some lines of an export; when it answers, they are on disk."""
        answer = await self._send("POST", "/v1/import", body=_given_once(lines), size=len(lines), patient=True)
        return _decoded(self.url, Imported, self._checked(answer))

    async def stop(self) -> None:
        """Have the relay end as after SIGTERM; it answers before it does."""
        await self._do("POST", "/v1/stop")

    async def _get(
        self, kind: type[T], path: str, query: Mapping[str, object] | None = None, *, patient: bool = False
    ) -> T:
        answer = await self._send("GET", path, query=query, patient=patient)
        return _decoded(self.url, kind, self._checked(answer))

    async def _do(
        self,
        method: Literal["POST", "PUT", "DELETE"],
        path: str,
        body: bytes | None = None,
        *,
        query: Mapping[str, object] | None = None,
        patient: bool = False,
    ) -> httpx.Response:
        return self._checked(await self._send(method, path, query=query, body=body, patient=patient))

    async def _of_event(self, seq: int, what: str) -> httpx.Response:
        return self._about_event(seq, await self._send("GET", f"/v1/events/{seq}{what}"))

    def _about_event(self, seq: int, response: httpx.Response) -> httpx.Response:
        if response.status_code in (404, 410) and _problem(response) is not None:
            raise NoSuchEvent(seq, trimmed=response.status_code == 410)
        return self._checked(response)

    async def _send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, object] | None = None,
        body: bytes | AsyncIterator[bytes] | None = None,
        size: int | None = None,
        patient: bool = False,
    ) -> httpx.Response:
        headers = self._credentials
        if body is not None:
            headers["content-type"] = "application/json"
        if size is not None:
            headers["content-length"] = str(size)
        try:
            return await self._http.request(
                method,
                f"{self.url}{path}",
                params=_parameters(query or {}),
                headers=headers,
                content=body,
                timeout=self._patience if patient else self._http.timeout,
            )
        except (httpx.RequestError, httpx.InvalidURL, UnicodeError) as error:
            raise RelayUnreachable(self.url, why(error)) from error

    @property
    def _credentials(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token}"} if self.token else {}

    @property
    def _patience(self) -> httpx.Timeout:
        """Wait for an answer however long it takes, for anything else not."""
        usual = self._http.timeout
        return httpx.Timeout(connect=usual.connect, read=None, write=usual.write, pool=usual.pool)

    def _checked(self, response: httpx.Response) -> httpx.Response:
        """Pass on a success. Raises what the answer is otherwise."""
        if response.is_success:
            return response
        problem = _problem(response)
        if response.status_code in (401, 403):
            raise TokenRefused(self.url, why_refused(response.status_code, self.token, problem))
        if problem is None:
            raise NotARelay(self.url, f"HTTP {response.status_code}")
        raise ApiProblem(problem)


async def _given_once(data: bytes) -> AsyncIterator[bytes]:
    """Give bytes to be sent without keeping them: an answer and its request hold each other until much later."""
    yield data


def _filtered(filter_: str, types: Sequence[str] = ()) -> dict[str, Any]:
    return {"filter": filter_, **types_given(types)}


def _parameters(query: Mapping[str, object]) -> dict[str, str | list[str]] | None:
    return {name: _given(value) for name, value in query.items() if value not in (None, "", [])} or None


def _given(value: object) -> str | list[str]:
    return [_text(each) for each in value] if isinstance(value, list) else _text(value)


def _text(value: object) -> str:
    # Half a surrogate pair, as a badly encoded argument leaves it, has no place in an address.
    return str(value).encode("utf-8", "replace").decode()


def _segment(text: str) -> str:
    """One step of a path, whatever the user typed."""
    return quote(text, safe="", errors="replace").replace(".", "%2E")


def _decoded(url: str, kind: type[T], response: httpx.Response) -> T:
    try:
        return msgspec.json.decode(response.content, type=kind)
    except (msgspec.MsgspecError, ValueError):
        # Escaped lone surrogates and very long numbers are JSON too.
        try:
            return msgspec.convert(jsontext.loads(response.content), kind)
        except (msgspec.MsgspecError, ValueError):
            raise NotARelay(url, "it answers in another form than this version knows") from None


def _problem(response: httpx.Response) -> api.Problem | None:
    try:
        return msgspec.json.decode(response.content, type=api.Problem)
    except (msgspec.MsgspecError, ValueError):
        return None
