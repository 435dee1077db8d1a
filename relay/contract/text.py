"""The only door from foreign text to a terminal or a log line.

Any string of an event is hostile: it may hold escape sequences, control characters, text that reverses the
direction of a row, or halves of a surrogate pair. ``plain`` makes it safe to print, and keeps one character of
input one character of output (but for piles of combining marks), so that offsets still mean the same.
"""

from __future__ import annotations

import re
import unicodedata

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
ELLIPSIS = "…"

# C0 and DEL have pictures of their own in Unicode; the rest has none and gets the replacement character.
_PICTURES = {chr(code): chr(0x2400 + code) for code in range(0x20)} | {"\x7f": "\N{SYMBOL FOR DELETE}"}
_PICTURES |= {
    "\t": " ",
    "\n": "\N{DOWNWARDS ARROW WITH CORNER LEFTWARDS}",
    "\r": "\N{SYMBOL FOR CARRIAGE RETURN}",
}

_UNSAFE = re.compile(
    "["
    "\x00-\x1f\x7f-\x9f"  # C0, DEL, C1
    "\u00ad"  # soft hyphen: terminals disagree about its width
    "\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f"  # bidi, zero width, line separators, invisible operators
    "\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"  # format characters of several scripts:
    "\u17b4\u17b5\u180b-\u180f\U00013430-\U0001343f\U0001bca0-\U0001bca3"  # invisible, or of disputed width
    "\u115f\u1160\u3164\uffa0"  # Hangul fillers: blank, of disputed width
    "\ufeff\ufff0-\ufffb"  # byte order mark, interlinear annotations
    "\ud800-\udfff"  # lone surrogates
    "\U0001d173-\U0001d17a"  # invisible musical controls
    "\U000e0000-\U000e0fff"  # tags and variation selectors supplement
    "]"
)
# One letter with hundreds of marks on it paints over its neighbours: three in a row are enough for any language.
# No mark is a word character, so that only runs of such can hold a pile; vowels and finals of Hangul are letters
# and stack all the same.
_PILES = re.compile(r"(?:[^\w\s\x00-\x7f]|[\u1161-\u11ff\ud7b0-\ud7ff]){4,}")
_MOST_MARKS = 3


def _picture(match: re.Match[str]) -> str:
    return _PICTURES.get(match.group(), REPLACEMENT)


def _lower_pile(match: re.Match[str]) -> str:
    kept: list[str] = []
    height = 0
    for char in match.group():
        height = height + 1 if _stacks(char) else 0
        if height <= _MOST_MARKS:
            kept.append(char)
    return "".join(kept)


def _stacks(char: str) -> bool:
    return (
        unicodedata.category(char) in ("Mn", "Me") or "\u1161" <= char <= "\u11ff" or "\ud7b0" <= char <= "\ud7ff"
    )


def plain(text: str, limit: int | None = None) -> str:
    """Return `text` as one line that is safe to print, at most `limit` characters long.

    Control characters become visible pictures, tabs become spaces, what reverses, hides or separates text and
    lone surrogates become U+FFFD, and piles of combining marks are cut to three. A text that was cut ends in an
    ellipsis. Already plain text comes back as the same object.
    """
    if limit is not None and len(text) > limit:
        text = text[: limit - 1] + ELLIPSIS if limit > 0 else ""
    # Most text is printable ASCII, for which this test costs a fraction of the search.
    if text.isascii() and text.isprintable():
        return text
    return _PILES.sub(_lower_pile, _UNSAFE.sub(_picture, text))


def copyable(text: str) -> tuple[str, int]:
    """Return `text` without what could act on the place where it is pasted, and how many characters that took.

    Tab and newline stay; every other control character, lone surrogate and direction mark goes.
    """
    kept = _UNSAFE.sub(lambda match: match.group() if match.group() in "\t\n" else "", text)
    return kept, len(text) - len(kept)
