"""One event as a line of an export, which an import takes again: its summary in full, headers, exact body."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable

import msgspec

from relay.contract import jsontext
from relay.contract.events import EventSummary, Verdict

MEDIA_TYPE = "application/x-ndjson"
MAX_LINE = 32 << 20
"""Bytes that a line may have: a body of 5 MiB, escaped, and what is repeated of it."""


class ExportedEvent(EventSummary, kw_only=True):
    """One line. The body is a text where its bytes are UTF-8, and in base64 otherwise.

    `imported_verdict` is what an earlier file said of an event that was imported itself.
    """

    headers: list[tuple[str, str]]
    body: str | None = None
    body_base64: str | None = None
    imported_verdict: Verdict | None = None


class ImportedEvent(msgspec.Struct, kw_only=True):
    """What an import reads of a line; all else is told by the body again."""

    received_at: str
    headers: list[tuple[str, str]] = []
    body: str | None = None
    body_base64: str | None = None
    endpoint: str | None = None
    verdict: str | None = None


class RefusedLine(msgspec.Struct, kw_only=True):
    """A line that is no event, counted from 1, and what is wrong with it."""

    line: int
    why: str


class Imported(msgspec.Struct, kw_only=True):
    """What came of an import, of all that was read: `added` and `duplicates` are on disk when this is said.

    A duplicate is an event that the log has; it stays as it is. `refused` names the first of the lines that are no
    events, of `refused_count` in all. `lines` is how many were read, empty ones too.
    """

    added: int = 0
    duplicates: int = 0
    refused: list[RefusedLine] = []
    refused_count: int = 0
    lines: int = 0


class NotALine(ValueError):
    """A line that is no event; says what is wrong."""


_decoder = msgspec.json.Decoder(ImportedEvent)
_exported = msgspec.json.Decoder(ExportedEvent)


def line_of(summary: bytes, headers: Iterable[tuple[str, str]], body: bytes, said: Verdict | None) -> bytes:
    """Write the line of an event, without its end; `summary` is an `EventSummary` as a JSON object."""
    try:
        written = b'"body":%b' % jsontext.dumps(body.decode())
    except UnicodeDecodeError:
        written = b'"body_base64":"%b"' % base64.b64encode(body)
    earlier = b"" if said is None else b',"imported_verdict":"%b"' % said.value.encode()
    return b'%b%b,"headers":%b,%b}' % (summary[:-1], earlier, jsontext.dumps(list(headers)), written)


def read_line(line: bytes) -> ImportedEvent:
    """Read what an import needs of a line. Raises `NotALine`."""
    try:
        return _decoder.decode(line)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        try:
            return msgspec.convert(jsontext.loads(line), ImportedEvent)
        except jsontext.JsonError as wrong:
            # A line is one: what is told of places in texts of several says nothing of it.
            raise NotALine(f"it is not JSON: {str(wrong).replace('at line 1, column', 'at column')}") from None
        except msgspec.ValidationError:
            raise NotALine(f"it is no event of an export: {str(error)[:1].lower()}{str(error)[1:]}") from None


def read_exported(line: bytes) -> ExportedEvent:
    """Read a whole line of an export. Raises `NotALine`."""
    try:
        return _exported.decode(line)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        try:
            return msgspec.convert(jsontext.loads(line), ExportedEvent)
        except (jsontext.JsonError, msgspec.ValidationError) as error:
            raise NotALine(f"it is no event of an export: {error}") from None


def body_of(event: ExportedEvent | ImportedEvent) -> bytes:
    """Give the bytes of the body. Raises `NotALine`."""
    if event.body is not None:
        try:
            return event.body.encode()
        except UnicodeEncodeError:
            raise NotALine("`body` holds half of a surrogate pair, which no bytes can be") from None
    if event.body_base64 is None:
        raise NotALine("neither `body` nor `body_base64` is there")
    try:
        return base64.b64decode(event.body_base64, validate=True)
    except (binascii.Error, ValueError):
        raise NotALine("`body_base64` is not base64") from None
