"""Where each key of a TOML document stands, which tomllib does not tell."""

from __future__ import annotations

import re
import tomllib
from typing import TypeAlias

KeyPath: TypeAlias = tuple[str, ...]

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}(?!")' + r"|'''.*?'{3,5}(?!')" + r'|"(?:[^"\\\n]|\\.)*"' + r"|'[^'\n]*'",
    re.DOTALL,
)
_SCALAR = re.compile(r"[^,\]}#\n]*")
_AT_LINE = re.compile(r" ?\(at line (\d+), column \d+\)| ?\(at end of document\)")


def lines_of(text: str) -> dict[KeyPath, int]:
    """Return the line, from 1, on which each key or table of `text`, well-formed TOML, first stands."""
    return _Scan(text).lines


def line_of(lines: dict[KeyPath, int], path: KeyPath) -> int | None:
    """Return the line of `path`, or of the innermost table around it that stands in the document."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path)


def fault_of(error: tomllib.TOMLDecodeError, text: str) -> tuple[str, int]:
    """Return what tomllib says is wrong with `text`, without the place, and the line of it."""
    message = str(error)
    match = _AT_LINE.search(message)
    line = int(match[1]) if match and match[1] else len(text.splitlines()) or 1
    return _AT_LINE.sub("", message), line


class _Scan:
    """One walk over a document that is known to be well formed."""

    def __init__(self, text: str) -> None:
        self.lines: dict[KeyPath, int] = {}
        # tomllib reads CRLF as LF; keeping both would only blur where a value ends.
        self._text = text.replace("\r\n", "\n")
        self._at = 0
        self._line = 1
        self._counted = 0
        self._document()

    def _document(self) -> None:
        table: KeyPath = ()
        while self._skip(_BLANK) < len(self._text):
            if self._text[self._at] == "[":
                opening = 2 if self._text.startswith("[[", self._at) else 1
                self._at += opening
                table = self._key(())
                self._at += opening
            else:
                self._pair(table)

    def _pair(self, table: KeyPath) -> None:
        path = self._key(table)
        self._at += 1  # the equals sign
        self._skip(_SPACE)
        self._value(path)

    def _key(self, path: KeyPath) -> KeyPath:
        """Walk over a dotted key, note each part of it, and stop at what follows."""
        while True:
            self._skip(_SPACE)
            path = (*path, self._name())
            self.lines.setdefault(path, self._here())
            if self._text[self._skip(_SPACE)] != ".":
                return path
            self._at += 1

    def _name(self) -> str:
        start = self._at
        if bare := _BARE.match(self._text, start):
            self._at = bare.end()
            return bare.group()
        literal = self._text[start : self._skip(_STRING)]
        return str(tomllib.loads(f"name = {literal}")["name"])

    def _value(self, path: KeyPath) -> None:
        first = self._text[self._at]
        if first in "\"'":
            self._skip(_STRING)
        elif first == "[":
            self._each("]", path)
        elif first == "{":
            self._each("}", path)
        else:
            self._skip(_SCALAR)

    def _each(self, closing: str, path: KeyPath) -> None:
        """Walk over an array, or over an inline table, whose pairs belong to `path`."""
        self._at += 1
        while self._text[self._skip(_BLANK)] != closing:
            if closing == "}":
                self._pair(path)
            else:
                self._value(path)
            if self._text[self._skip(_BLANK)] == ",":
                self._at += 1
        self._at += 1

    def _skip(self, pattern: re.Pattern[str]) -> int:
        if match := pattern.match(self._text, self._at):
            self._at = match.end()
        return self._at

    def _here(self) -> int:
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._line
