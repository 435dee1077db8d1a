"""The glyph, the colour and the short name of each kind of event: the same on every screen."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Mark(NamedTuple):
    """How an event type is shown. `glyph` takes one cell; `ink` is a variable of the theme."""

    glyph: str
    ascii: str
    ink: str
    short: str

    @property
    def failing(self) -> bool:
        """It means that something went wrong."""
        return self.ink in ("event-failed", "event-complaint")


_MESSAGE = {
    "sent": ("→", ">", "event-sent"),
    "delivered": ("✓", "+", "event-delivered"),
    "delivery_attempted": ("↻", "~", "event-attempted"),
    "undelivered": ("✗", "x", "event-failed"),
    "bounced": ("↩", "<", "event-failed"),
    "complaint": ("⚑", "!", "event-complaint"),
    "seen": ("◉", "o", "event-seen"),
    "unseen": ("◎", "u", "event-seen"),
    "read": ("●", "@", "event-seen"),
    "unread": ("○", "0", "event-seen"),
    "archived": ("▣", "#", "event-archived"),
    "unarchived": ("□", "_", "event-archived"),
    "interacted": ("★", "*", "event-engaged"),
    "link_clicked": ("↗", "^", "event-engaged"),
}
_RUN = {
    "started": ("▶", "}", "event-run"),
    "completed": ("■", "]", "event-run"),
    "error": ("▲", "X", "event-failed"),
}
_BRANCH = {
    "created": ("⊕", "+", "event-template"),
    "deleted": ("⊖", "-", "event-template"),
    "rebased": ("⊙", "%", "event-template"),
}
_UNKNOWN = ("•", "?", "event-unknown")
_SHORT = {"delivery_attempted": "attempted"}
_RESOURCES = ("workflow", "email_layout", "translation", "source_event_action", "partial")


def _catalogue() -> dict[str, Mark]:
    marks = {f"message.{verb}": Mark(*look, _SHORT.get(verb, verb)) for verb, look in _MESSAGE.items()}
    marks |= {f"workflow_recipient_run.{verb}": Mark(*look, verb) for verb, look in _RUN.items()}
    for resource in _RESOURCES:
        marks[f"{resource}.updated"] = Mark("✎", "w", "event-template", "updated")
        marks[f"{resource}.committed"] = Mark("◆", "c", "event-template", "committed")
    marks["commits.promoted"] = Mark("⇡", "p", "event-template", "promoted")
    marks |= {f"branch.{verb}": Mark(*look, verb) for verb, look in _BRANCH.items()}
    return marks


MARKS = _catalogue()
"""Every type of Knock's catalogue, in the order in which they are listed."""

GROUPS = {
    "MESSAGES": [name for name in MARKS if name.startswith("message.")],
    "RUNS": [name for name in MARKS if name.startswith("workflow_recipient_run.")],
    "TEMPLATES": [name for name in MARKS if name.endswith((".updated", ".committed", "commits.promoted"))],
    "BRANCHES": [name for name in MARKS if name.startswith("branch.")],
}
"""The types by heading."""


def mark_of(type_: str) -> Mark:
    """Give the mark of a type; one that is not in the catalogue keeps its whole name, which is foreign text."""
    known = MARKS.get(type_)
    return known if known is not None else Mark(*_UNKNOWN, type_)


def alike(names: Iterable[str]) -> Iterable[list[str]]:
    """Put the types together that look the same, as those of the resources do."""
    kinds: dict[str, list[str]] = {}
    for name in names:
        kinds.setdefault(mark_of(name).short, []).append(name)
    return kinds.values()
