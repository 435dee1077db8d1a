"""Taking the mouse from the terminal and giving it back, while the dashboard runs.

Textual has no public way to: a driver asks the terminal for the mouse when it starts, and only if it was told to.
What is set here holds also when the dashboard was suspended and comes back.
"""

from __future__ import annotations

from typing import Protocol, cast

from textual.driver import Driver


class _Terminal(Protocol):
    """What the drivers of real terminals have."""

    _mouse: bool

    def _enable_mouse_support(self) -> None: ...

    def _disable_mouse_support(self) -> None: ...


class _Exact(Protocol):
    """What a driver has whose terminal tells the place of the mouse in pixels."""

    def _enable_mouse_pixels(self) -> None: ...


def take(driver: Driver | None) -> None:
    """Have the terminal send what the mouse does; without a terminal nothing happens."""
    if not hasattr(driver, "_enable_mouse_support"):
        return
    terminal = cast("_Terminal", driver)
    terminal._mouse = True  # noqa: SLF001 - see above
    terminal._enable_mouse_support()  # noqa: SLF001
    if getattr(driver, "_mouse_pixels", False):
        # Of two encodings of places the terminal uses the one asked for last, and Textual reads only pixels now.
        cast("_Exact", driver)._enable_mouse_pixels()  # noqa: SLF001


def leave(driver: Driver | None) -> None:
    """Leave the mouse to the terminal, which selects text with it."""
    if hasattr(driver, "_disable_mouse_support"):
        terminal = cast("_Terminal", driver)
        terminal._disable_mouse_support()  # noqa: SLF001
        terminal._mouse = False  # noqa: SLF001
