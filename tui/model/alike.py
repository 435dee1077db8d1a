"""The texts that say the same of different things, found again: what `masked` made one, in the filter language."""

from __future__ import annotations

import re

from tui.model.byvalue import term
from tui.model.items import Keys

MOST_TEXT = 300
"""Characters of a masked text that a filter asks for."""

_MASKS = {
    "<url>": r"[a-z][a-z0-9+.-]*://[^\s\"'<>)\]]+",
    "<email>": r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+",
    "<id>": r"[A-Za-z0-9_-]+",
    "<address>": r"[0-9a-fA-F.:]+",
    "<n>": r"[0-9]+(?:[.,][0-9]+)*",
}
"""What each mask stands for. It is looser than what makes the mask: the text around it says the rest."""
_MASK = re.compile("(" + "|".join(map(re.escape, _MASKS)) + ")")
_MEANS_MORE = re.compile(r"[\\.+*?()|\[\]{}^$]")


def is_masked(text: str) -> bool:
    """Tell whether something is masked in a text."""
    return _MASK.search(text) is not None


def parts(masked: str) -> list[tuple[str, bool]]:
    """Give a masked text in parts, and of each whether it is a mask."""
    return [(part, at % 2 == 1) for at, part in enumerate(_MASK.split(masked)) if part]


def term_of(place: Keys, masked: str) -> str | None:
    """Give the term that finds every text that is masked to this one; None where no term says so."""
    if not is_masked(masked) and len(masked) <= MOST_TEXT:
        return term(place, masked)
    from relay.contract.filter import Matches, Path

    try:
        return str(Matches(Path(tuple(map(str, place))), pattern(masked)))
    except ValueError:
        return None


def pattern(masked: str) -> str:
    """Give the regular expression, in RE2's syntax, that matches what is masked to this text."""
    found, length = ["^"], 0
    for part, is_mask in parts(masked):
        text = part if is_mask else part[: MOST_TEXT - length]
        found.append(_MASKS[part] if is_mask else "".join(map(_literal, text)))
        length += len(text)
        if length >= MOST_TEXT or text != part:
            return "".join(found)
    return "".join([*found, "$"])


def _literal(char: str) -> str:
    if char in "\n\r\t":
        return {"\n": r"\n", "\r": r"\r", "\t": r"\t"}[char]
    if not char.isprintable() or char == '"':
        return "."
    return "\\" + char if _MEANS_MORE.match(char) else char
