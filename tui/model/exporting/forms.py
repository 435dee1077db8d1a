"""The forms of an export: each writes a beginning, then lines of events as they come, then an end."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol

from relay.contract import jsontext
from relay.contract.events import EventSummary
from relay.contract.exported import ExportedEvent, body_of, line_of, read_exported
from tui.model.exporting import commands, suite, table
from tui.model.redaction import redacted

Url = Callable[[str | None], str]
"""Gives where to post the events of an endpoint."""


class Kind(NamedTuple):
    """A form: the letter that picks it, its name, how its files end, what it is, whether it redacts by itself."""

    letter: str
    name: str
    suffix: str
    says: str
    redacts: bool


NDJSON = Kind("n", "ndjson", ".ndjson", "exact lines, which an import takes again", redacts=False)
CSV = Kind("c", "csv", ".csv", "a table of what the events say", redacts=False)
CURL = Kind("u", "curl", ".sh", "commands that post the events", redacts=True)
PYTEST = Kind("p", "pytest", ".py", "tests that post the events to an app", redacts=True)
FORMS = (NDJSON, CSV, CURL, PYTEST)


def kind_of(name: str) -> Kind | None:
    """Give the form of a name."""
    return next((kind for kind in FORMS if kind.name == name), None)


class Form(Protocol):
    """Writes an export piece by piece."""

    def begin(self) -> bytes:
        """Give what stands before the events."""

    def events(self, lines: bytes) -> bytes:
        """Give some events, of which the relay gave whole lines."""

    def end(self) -> bytes:
        """Give what stands after the events."""


def form_of(kind: Kind, *, redact: bool, url: Url) -> Form:
    """Make what writes a form, with personal data replaced or as it is; commands and tests post to `url`."""
    if kind is NDJSON and not redact:
        return _Exact()
    if kind is NDJSON:
        return _Written(b"", _line, b"", redact)
    if kind is CSV:
        return _Written(table.head(), table.row, b"", redact)
    if kind is CURL:
        return _Written(
            commands.head(redact), lambda event: commands.command(event, url(event.endpoint)), b"", redact
        )
    return _Written(
        suite.head(redact),
        lambda event: suite.case(event, url(event.endpoint), signs=redact),
        suite.tail(redact),
        redact,
    )


class _Exact:
    """The lines as they come."""

    def begin(self) -> bytes:
        return b""

    def events(self, lines: bytes) -> bytes:
        return lines

    def end(self) -> bytes:
        return b""


class _Written:
    """Every event written anew."""

    def __init__(self, head: bytes, write: Callable[[ExportedEvent], bytes], tail: bytes, redact: bool) -> None:
        self._head = head
        self._write = write
        self._tail = tail
        self._redact = redact

    def begin(self) -> bytes:
        return self._head

    def events(self, lines: bytes) -> bytes:
        read = (read_exported(line) for line in lines.split(b"\n") if line)
        return b"".join(self._write(redacted(event) if self._redact else event) for event in read)

    def end(self) -> bytes:
        return self._tail


def _line(event: ExportedEvent) -> bytes:
    known = {name: getattr(event, name) for name in EventSummary.__struct_fields__}
    return line_of(jsontext.dumps(known), event.headers, body_of(event), event.imported_verdict) + b"\n"
