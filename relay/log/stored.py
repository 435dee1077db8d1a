"""One event as the log gives it out: what its body said once, and what is known of it by now."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import msgspec

from relay.contract import jsontext
from relay.contract.events import MASKED_HEADERS, Delivery, EventDetail, EventFacts, EventSummary, Forward, Verdict

MASK = "(masked)"

_summary_decoder = msgspec.json.Decoder(EventSummary)


class StoredEvent(msgspec.Struct, dict=True, eq=False):
    """An event with a seq, as it is after some entry of the log; a `Subject` for filters. Never changed once made.

    `facts` is the JSON object that was rendered when the body arrived: summaries are made of it by splicing, since
    parsing and writing it again for every viewer would be the largest cost of the stream. `raw_body` and
    `raw_headers` are `None` when they were not loaded.
    """

    seq: int
    type: str
    received_us: int
    endpoint: str | None
    verdict: Verdict
    facts: bytes
    delivery_count: int = 1
    body_differs: bool = False
    forwarded: int | None = None
    imported: bool = False
    raw_headers: bytes | None = None
    raw_body: bytes | None = None
    forward_failed: bool = False

    @cached_property
    def json(self) -> bytes:
        """The `EventSummary` as a JSON object."""
        return (
            b'{"seq":%d,%b,"verdict":"%b","delivery_count":%d,"forwarded":%b,"imported":%b,"body_differs":%b,'
            b'"forward_failed":%b}'
            % (
                self.seq,
                self.facts[1:-1],
                self.verdict.encode(),
                self.delivery_count,
                b"null" if self.forwarded is None else b"%d" % self.forwarded,
                b"true" if self.imported else b"false",
                b"true" if self.body_differs else b"false",
                b"true" if self.forward_failed else b"false",
            )
        )

    @cached_property
    def summary(self) -> EventSummary:
        """The same, decoded."""
        try:
            return _summary_decoder.decode(self.json)
        except (msgspec.MsgspecError, ValueError):  # lone surrogates
            return msgspec.convert(jsontext.loads(self.json), EventSummary)

    @property
    def body(self) -> bytes:
        """The bytes exactly as received; the event must have been read in full."""
        if self.raw_body is None:
            raise LookupError(f"event {self.seq} was read without its body")
        return self.raw_body

    @cached_property
    def payload(self) -> Any:
        """The parsed body; kept until `release`."""
        return jsontext.loads(self.body)

    def release(self) -> None:
        """Let go of the parsed body: it is many times as large as its bytes, which stay."""
        self.__dict__.pop("payload", None)

    @cached_property
    def headers(self) -> list[tuple[str, str]]:
        """Header names and values in order, duplicates kept, credentials masked."""
        if self.raw_headers is None:
            raise LookupError(f"event {self.seq} was read without its headers")
        return masked(self.raw_headers)

    def full_facts(self) -> EventFacts:
        """What the body says, with nothing cut."""
        from relay.contract.facts import facts_of

        summary = self.summary
        if not summary.truncated:
            return summary
        facts: EventFacts = facts_of(
            self.payload,
            received_at=summary.received_at,
            environment_id=first_value(self.headers, "x-knock-environment-id"),
            endpoint=self.endpoint,
            size=summary.size,
            cut=False,
        )
        # Its latencies came from earlier events, which are not at hand here.
        facts.reading = summary.reading
        return facts

    @property
    def full_json(self) -> bytes:
        """The `EventSummary` as a JSON object with nothing cut; the event must have been read in full."""
        if b'"truncated":true' not in self.facts:
            return self.json
        return jsontext.dumps(self._known())

    def _known(self) -> dict[str, Any]:
        facts = {name: value for name, value in fields(self.full_facts()).items() if name in _FACT_FIELDS}
        return {
            "seq": self.seq,
            **facts,
            "truncated": False,
            "verdict": self.verdict,
            "delivery_count": self.delivery_count,
            "forwarded": self.forwarded,
            "imported": self.imported,
            "body_differs": self.body_differs,
            "forward_failed": self.forward_failed,
        }

    def detail_json(self, deliveries: list[Delivery], forwards: list[Forward]) -> bytes:
        """The `EventDetail` as a JSON object; the payload is the body itself, so that no number in it changes."""
        known = {**self._known(), "headers": self.headers, "deliveries": deliveries, "forwards": forwards}
        return jsontext.dumps(known)[:-1] + b',"payload":' + self.body + b"}"

    def short_detail_json(self) -> bytes:
        """An `EventDetail` with no more than the summary holds, for where the whole of it is too large."""
        summary = self.json
        if not self.summary.truncated:
            summary = summary.replace(b'"truncated":false', b'"truncated":true', 1)
        return summary[:-1] + b',"headers":[],"payload":null,"deliveries":[],"forwards":[]}'


_FACT_FIELDS = frozenset(EventFacts.__struct_fields__)
assert frozenset(EventDetail.__struct_fields__) > _FACT_FIELDS  # noqa: S101 - the splice above relies on it


def fields(struct: msgspec.Struct) -> dict[str, Any]:
    """The fields of a struct by name, values as they are."""
    return {name: getattr(struct, name) for name in struct.__struct_fields__}


def masked(raw_headers: bytes) -> list[tuple[str, str]]:
    """Stored headers as pairs, with credentials masked."""
    return [
        (name, MASK if name.lower() in MASKED_HEADERS else value) for name, value in jsontext.loads(raw_headers)
    ]


def first_value(headers: list[tuple[str, str]], name: str) -> str | None:
    """The first header of a name in lower case, or `None`."""
    return next((value for key, value in headers if key.lower() == name), None)


def stored_type(text: str) -> bytes:
    """A type as the log file keeps it."""
    return text.encode("utf-8", "surrogatepass")


def type_of(stored: bytes) -> str:
    """A type from the log file."""
    return stored.decode("utf-8", "surrogatepass")
