"""The inks of a line of JSON."""

from __future__ import annotations

from tui.model.bodylines import tokens
from tui.widgets.look import Look

LINE_LIMIT = 10_000
"""Characters of a line that are shown; the rest is counted."""

INKS = {
    "key": "json-key",
    "string": "json-string",
    "number": "json-number",
    "word": "json-word",
    "mark": "quiet",
    "text": "ink",
}
"""The ink of each kind of token; `text` is a line of what is not JSON."""


def json_spans(line: str, look: Look) -> list[tuple[str, str]]:
    """Give a line's pieces with their inks, safe to paint."""
    rest = len(line) - LINE_LIMIT
    spans = [(look.text(token.text), INKS[token.kind]) for token in tokens(line[:LINE_LIMIT])]
    if rest > 0:
        spans.append((look.own(f"… {rest:,} more characters; y copies them all"), "quiet"))
    return spans
