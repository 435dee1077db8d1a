"""Quoted text of a filter: JSON's escapes, and ``\\*`` for a star that is not a wildcard."""

from __future__ import annotations

import re

from relay.contract.filter.errors import FilterError

_SPECIAL = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))|\*", re.DOTALL)
_UNESCAPED = {'"': '"', "\\": "\\", "/": "/", "*": "*", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_ESCAPED = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def quote(text: str, *, star: bool = False) -> str:
    """Return `text` in quotes, what can't be seen escaped; with `star`, a star too."""
    return f'"{"".join(_escaped(character, star) for character in text)}"'


def _escaped(character: str, star: bool) -> str:
    if character == "*" and star:
        return "\\*"
    if character in _ESCAPED:
        return _ESCAPED[character]
    if character.isprintable() or ord(character) > 0xFFFF:
        return character
    return f"\\u{ord(character):04x}"


def unquote(quoted: str) -> str:
    """Return what stands in the quotes. Raises `FilterError` at a backslash that escapes nothing."""
    return "*".join(unquote_parts(quoted))


def unquote_parts(quoted: str) -> list[str]:
    """Return what stands in the quotes, in parts, between which there are stars that were not escaped."""
    parts = [""]
    position = 1
    for match in _SPECIAL.finditer(quoted, 1, len(quoted) - 1):
        parts[-1] += quoted[position : match.start()]
        position = match.end()
        if match[0] == "*":
            parts.append("")
        else:
            parts[-1] += _unescaped(match)
    parts[-1] += quoted[position:-1]
    return [_joined(part) for part in parts]


def _unescaped(match: re.Match[str]) -> str:
    if match[1]:
        return chr(int(match[1], 16))
    if match[2] not in _UNESCAPED:
        raise FilterError(
            f"{match[0]} is no escape; a backslash is written \\\\",
            column=match.start() + 1,
            length=len(match[0]),
            suggestion=f"\\{match[0]}",
        )
    return _UNESCAPED[match[2]]


def _joined(text: str) -> str:
    """Two halves of a surrogate pair that stand together are one character, as in JSON."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
