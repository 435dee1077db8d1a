"""Writes the tables of `docs/filters.md` from the terms of the filter language: `python docs/filters.py`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from relay.contract.filter.terms import Row, message_reference, reference

PAGE = Path(__file__).with_name("filters.md")

_HEAD = """# The filter language

One language in the dashboard, every command, the API and the stream. A space is AND; `OR`, `NOT` or `-`, and
parentheses join terms; a bare word or a `"quoted text"` is looked for in the body. `*` in a value is any run of
characters, a comma any of several values, `~` a regular expression, `< <= > >=` and `2..5` compare. A time without
an offset is in the zone of the screen; the API takes it for UTC. This page is written by `python docs/filters.py`.

"""


def page() -> str:
    """Give the whole page."""
    return f"{_HEAD}{_table(reference())}\nOn messages alone:\n\n{_table(message_reference())}"


def _table(rows: Iterable[Row]) -> str:
    lines = ["| name | what it is | example |", "|---|---|---|"]
    lines += [f"| `{row.name}` | {_cell(row.meaning)} | `{_cell(row.example)}` |" for row in rows]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
