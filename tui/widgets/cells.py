"""Text in terminal cells: cut, padded and wrapped so that columns stay straight whatever the script.

Foreign text comes here through `Look.text`, which leaves nothing in it whose width is disputed.
"""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len, chop_cells, set_cell_size


def fit(text: str, width: int, ellipsis: str = "…") -> str:
    """Give `text` in exactly `width` cells, cut with an ellipsis or padded with spaces."""
    if text.isascii():
        if len(text) <= width:
            return text.ljust(width)
        return (text[: width - len(ellipsis)] + ellipsis)[:width] if width > len(ellipsis) else text[:width]
    if cell_len(text) <= width:
        return set_cell_size(text, width)
    if width <= len(ellipsis):
        return set_cell_size(text, width)
    return set_cell_size(text[: width * 4], width - len(ellipsis)) + ellipsis


def fit_end(text: str, width: int, ellipsis: str = "…") -> str:
    """Give the end of `text` in exactly `width` cells: of two ids, the ends differ."""
    if len(text) <= width or not text.isascii() or width <= len(ellipsis):
        return fit(text, width, ellipsis)
    return ellipsis + text[len(text) - width + len(ellipsis) :]


def fit_right(text: str, width: int) -> str:
    """Give a short text at the right of `width` cells; numbers are never cut, they say less than nothing then."""
    return text.rjust(width)


def wrap(text: str, width: int) -> Iterator[str]:
    """Break `text` into lines of at most `width` cells, at spaces where there are any."""
    width = max(width, 1)
    while text:
        head = text[:width] if text.isascii() else (chop_cells(text[: width * 4], width) or [""])[0]
        head = head or text[0]
        if len(head) < len(text) and text[len(head)] != " " and " " in head.strip():
            head = head[: head.rindex(" ") + 1]
        yield head.rstrip() if len(head) < len(text) else head
        text = text[len(head) :].lstrip(" ")
