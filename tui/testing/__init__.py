"""What tests get: the events that came, a way to wait for them, and the relay behind both."""

from __future__ import annotations

from tui.testing.event import KnockEvent
from tui.testing.events import KnockEvents
from tui.testing.relay import KnocktopRelay

__all__ = ["KnockEvent", "KnockEvents", "KnocktopRelay"]
