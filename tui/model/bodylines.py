"""JSON as indented lines, true to what was received, and the pieces of a line.

Numbers, escapes, the order of keys and repeated keys stay as they came.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from relay.contract import jsontext
from tui.model.slices import at_once

INDENT = 2
SURE = 1 << 24
"""Characters of indentation that do no harm."""
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"?|[-+0-9.eE]+|true|false|null|[{}\[\],:]+|\s+|[^\s"{}\[\],:]+')
_KEY = re.compile(r'\s*"(?:[^"\\]|\\.)*": ')


class Token(NamedTuple):
    """A piece of a line and what it is: `key`, `string`, `number`, `word` (true, false, null) or `mark`."""

    text: str
    kind: str


def pretty(body: bytes) -> list[str]:
    """Give a body as indented lines; what is not JSON comes back as its own lines of text."""
    openings = body.count(b"[") + body.count(b"{")
    lines = body.count(b",") + 2 * openings + 1
    if INDENT * lines * min(openings, jsontext.MAX_DEPTH) <= SURE:
        with contextlib.suppress(msgspec.MsgspecError):
            return msgspec.json.format(body, indent=INDENT).decode("utf-8", "replace").split("\n")
    # It may be deep, so that indentation takes gigabytes, or hold halves of surrogate pairs, or be no JSON.
    from tui.model.bodytree import build

    tree = at_once(build(body))
    return tree.indented(0) if tree.is_json else body.decode("utf-8", "replace").split("\n")


def pretty_value(value: object) -> list[str]:
    """Give a parsed value as indented lines."""
    return pretty(jsontext.dumps(value))


def tokens(line: str) -> Iterator[Token]:
    """Split one line for colouring; the texts together are the line."""
    key = _KEY.match(line)
    at = 0
    if key is not None:
        name = key.group()[:-2]
        yield Token(name, "key")
        yield Token(": ", "mark")
        at = key.end()
    for match in _TOKEN.finditer(line, at):
        yield Token(match.group(), _kind(match.group()))


def _kind(text: str) -> str:
    first = text[0]
    if first == '"':
        return "string"
    if first.isdigit() or first in "-+.":
        return "number"
    return "word" if text in ("true", "false", "null") else "mark"
