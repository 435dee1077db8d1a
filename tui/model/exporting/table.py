"""An export as CSV, for a spreadsheet: a row an event, and nothing in it that the spreadsheet would calculate."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from typing import Any

from relay.contract import jsontext
from relay.contract.exported import ExportedEvent
from relay.contract.text import copyable

_COLUMNS = """
    seq type reading failed created_at received_at entity_kind entity_id message_id recipient workflow
    channel_id channel_type channel_provider channel_key tenant status engagement_statuses workflow_run_id
    workflow_recipient_run_id environment_id endpoint event_data verdict imported_verdict delivery_count
    forwarded imported size
"""
COLUMNS = tuple(_COLUMNS.split())

_FORMULA = re.compile(r"\s*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
"""How a text begins that a spreadsheet takes for something to calculate, also behind spaces and in full width."""


def head() -> bytes:
    """Give the names of the columns."""
    return _row(COLUMNS)


def row(event: ExportedEvent) -> bytes:
    """Give the row of an event."""
    return _row(map(_cell, _values(event)))


def _values(event: ExportedEvent) -> Iterator[Any]:
    for name in COLUMNS:
        part, _, field = name.partition("_")
        if part in ("entity", "channel"):
            yield getattr(getattr(event, part), field, None)
        else:
            yield getattr(event, name)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    text = value if isinstance(value, str) else jsontext.dumps(value).decode()
    text = _tame(text)
    return f"'{text}" if _FORMULA.match(text) else text


def _tame(text: str) -> str:
    """Write what would act on a terminal, or is no character, as an escape."""
    if copyable(text)[1] == 0:
        return text
    return "".join(char if char in "\r\n" or copyable(char)[1] == 0 else _escape(char) for char in text)


def _escape(char: str) -> str:
    return f"\\u{ord(char):04x}" if ord(char) < 1 << 16 else f"\\U{ord(char):08x}"


def _row(cells: Iterable[str]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerow(cells)
    return out.getvalue().encode()
