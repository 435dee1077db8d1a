"""Texts that say the same of different things made one, so that they can be counted: failures, links."""

from __future__ import annotations

import re

_PARTS = (
    ("<url>", r"\b[a-z][a-z0-9+.-]{1,20}://[^\s\"'<>)\]]+"),
    ("<email>", r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"),
    ("<id>", r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"),
    ("<address>", r"\b[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?::[0-9]+)?\b"),
    ("<address>", r"(?<![0-9a-fA-F:])(?:[0-9a-fA-F]{1,4}:){3,7}[0-9a-fA-F]{1,4}\b"),
    # Of letters and digits mixed, and too long for a word.
    ("<id>", r"\b(?=[A-Za-z_-]*[0-9])[A-Za-z0-9_-]{16,}\b"),
    ("<n>", r"[0-9]+(?:[.,][0-9]+)*"),
)
_MASKS = [mask for mask, _ in _PARTS]
_ANY = re.compile("|".join(f"({pattern})" for _, pattern in _PARTS))
MAX_LENGTH = 2_000
"""Characters of a text that are looked at; the rest is left away."""


def masked(text: str) -> str:
    """The text with what differs from case to case replaced: URLs, addresses, ids, numbers."""
    return _ANY.sub(lambda found: _MASKS[(found.lastindex or 1) - 1], text[:MAX_LENGTH])
