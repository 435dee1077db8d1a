"""The stream's frames: JSON objects, one a WebSocket text message, `op` first.

The relay writes `events` and `changes` by splicing summaries that are JSON already; everything else, and every
frame on the reading side, goes through the types here. Unknown fields are ignored and unknown `op`s read as
`None`, so that an older viewer can follow a newer relay.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal, TypeAlias

import msgspec

from relay.contract import jsontext
from relay.contract.canned import Provoking
from relay.contract.events import EventSummary

PROTOCOL = 1
MAX_ITEMS = 500
"""Events in one frame."""
MAX_BYTES = 1 << 20
"""Bytes of one frame."""
HEARTBEAT_SECONDS = 5.0
SILENCE_SECONDS = 15.0
"""A viewer that hears nothing for this long reconnects."""

ErrorCode: TypeAlias = Literal["bad-filter", "bad-frame", "stopping", "internal"]


class FrameError(ValueError):
    """A frame that is not one of ours."""


class RelayFacts(msgspec.Struct, kw_only=True):
    """What a viewer is told of the relay it is connected to."""

    version: str
    backend: str
    secrets: int
    public_url: str | None = None
    provoking: Provoking | None = None


class Hello(msgspec.Struct, tag_field="op", tag="hello", kw_only=True):
    protocol: int
    log: str
    first_seq: int
    last_seq: int
    relay: RelayFacts


class Events(msgspec.Struct, tag_field="op", tag="events", kw_only=True):
    items: list[EventSummary]
    upto: int


class Changes(msgspec.Struct, tag_field="op", tag="changes", kw_only=True):
    items: list[EventSummary]
    upto: int


class Left(msgspec.Struct, tag_field="op", tag="left", kw_only=True):
    """Events that may have been sent, and do not match any more now that facts about them changed."""

    items: list[EventSummary]
    upto: int


class Counts(msgspec.Struct, tag_field="op", tag="counts", kw_only=True):
    upto: int
    added: dict[str, int]


class Gap(msgspec.Struct, tag_field="op", tag="gap", kw_only=True):
    """Seqs `from_` to `to`, both included, no longer exist."""

    from_: int = msgspec.field(name="from")
    to: int
    reason: str


class Filtered(msgspec.Struct, tag_field="op", tag="filtered", kw_only=True):
    """Later frames obey the filter with this `id`, for events above `from_`."""

    id: str | int | None
    from_: int = msgspec.field(name="from")


class Heartbeat(msgspec.Struct, tag_field="op", tag="heartbeat", kw_only=True):
    """`quarantined` and `secrets` are what the relay holds now, so that a header can tell the truth.

    `public_url` is as in the greeting, and another one as soon as a tunnel begins or ends; `provoking` says that
    canned answers are in force. `forwarding` are the URLs that events are being forwarded to; an older relay does
    not say.
    """

    upto: int
    last_seq: int
    at: str
    quarantined: int = 0
    secrets: int = 0
    public_url: str | msgspec.UnsetType | None = msgspec.UNSET
    provoking: Provoking | None = None
    forwarding: list[str] | msgspec.UnsetType = msgspec.UNSET


class Error(msgspec.Struct, tag_field="op", tag="error", kw_only=True, omit_defaults=True):
    code: str
    message: str
    column: int | None = None
    id: str | int | None = None


class SetFilter(msgspec.Struct, tag_field="op", tag="filter", kw_only=True):
    """The one frame that a viewer sends. An empty `types` means every type."""

    id: str | int | None = None
    filter: str = ""
    types: list[str] = []


ServerFrame: TypeAlias = Hello | Events | Changes | Left | Counts | Gap | Filtered | Heartbeat | Error

_server_decoder: msgspec.json.Decoder[ServerFrame] = msgspec.json.Decoder(ServerFrame)
_OPS = frozenset({"hello", "events", "changes", "left", "counts", "gap", "filtered", "heartbeat", "error"})
_REFUSED = (msgspec.MsgspecError, ValueError, RecursionError)
# What is nested as deep as a body may be stands a few levels down in a frame.
_MAX_DEPTH = jsontext.MAX_DEPTH + 8


def encode(frame: ServerFrame | SetFilter) -> bytes:
    """Write one frame."""
    return jsontext.dumps(frame)


def encode_items(op: Literal["events", "changes", "left"], items: Iterable[bytes], upto: int) -> bytes:
    """Write an `events`, `changes` or `left` frame from summaries that are JSON objects already."""
    return b'{"op":"%b","items":[%b],"upto":%d}' % (op.encode(), b",".join(items), upto)


def decode(data: bytes | str) -> ServerFrame | None:
    """Read a frame from the relay; `None` for an `op` that this version does not know. Raises `FrameError`."""
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    try:
        return _server_decoder.decode(raw)
    except _REFUSED:
        return _decode_slowly(raw)


def _decode_slowly(raw: bytes) -> ServerFrame | None:
    """Lone surrogates, and frames of a newer relay, are what the fast path refuses."""
    try:
        value: Any = jsontext.loads(raw, _MAX_DEPTH)
        if isinstance(value, dict) and isinstance(value.get("op"), str) and value["op"] not in _OPS:
            return None
        frame: ServerFrame = msgspec.convert(value, ServerFrame)
    except _REFUSED as error:
        raise FrameError(f"not a frame of the stream: {error}") from None
    return frame


def decode_client(data: bytes | str) -> SetFilter:
    """Read a frame from a viewer. Raises `FrameError`."""
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    try:
        value: Any = jsontext.loads(raw, _MAX_DEPTH)
        frame = msgspec.convert(value, SetFilter)
    except _REFUSED as error:
        raise FrameError(f"not a frame that a viewer sends: {error}") from None
    # msgspec takes an object without a tag for the only kind there is: an empty one would lift the filter.
    if "op" not in value:
        raise FrameError("not a frame that a viewer sends: it has no op")
    return frame
