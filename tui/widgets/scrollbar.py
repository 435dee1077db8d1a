"""Scrollbars of whole cells: calmer, and the same in every character set."""

from __future__ import annotations

from textual.scrollbar import ScrollBarRender


class WholeCells(ScrollBarRender):
    """Paints the thumb without the fractions of cells at its ends."""

    VERTICAL_BARS = [" "]  # noqa: RUF012 - as in the base class
    HORIZONTAL_BARS = [" "]  # noqa: RUF012 - as in the base class
