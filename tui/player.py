"""Play simulated traffic to a relay: each event signed and sent when it falls due, in order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from http.client import HTTPConnection, HTTPException
from typing import TypeAlias
from urllib.parse import urlsplit

from tui.simulator.event import SimulatedEvent
from tui.simulator.traffic import Traffic

INGEST_PATH = "/webhooks/knock"

_BEHIND_S = 5.0
_AHEAD_S = 600.0
_AGAIN_S = 0.25
_TIMEOUT_S = 10.0
_SERVER_ERROR = 500

Post: TypeAlias = Callable[[SimulatedEvent], bool]
"""Send one request, and say whether it is done with; what is not is sent again, as Knock does."""


def play(
    traffic: Traffic,
    post: Post,
    secret: str,
    *,
    now: Callable[[], datetime],
    over: Callable[[float], bool],
) -> None:
    """Send `traffic` until it is `over`, which waits up to so many seconds and says whether it is.

    Where this machine slept, its clock was set, or the relay took long, the traffic goes on from the present.
    """
    for delivery in traffic:
        wait = (delivery.at - now()).total_seconds()
        if not -_BEHIND_S < wait < _AHEAD_S:
            traffic.resume(now())
            wait = 0.0
        if over(max(wait, 0.0)):
            return
        while not post(delivery.event.signed(secret, round(now().timestamp() * 1_000))):
            if over(_AGAIN_S):
                return


class Ingest:
    """A connection to the webhooks' address of the relay at `url`, on this machine; made again when it breaks."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._connection = HTTPConnection(parts.hostname or "", parts.port, timeout=_TIMEOUT_S)

    def post(self, event: SimulatedEvent) -> bool:
        """Send one request; false when nothing answered or the relay could not keep it."""
        try:
            self._connection.request("POST", INGEST_PATH, event.body, dict(event.headers))
            with self._connection.getresponse() as response:
                response.read()
        except (OSError, HTTPException):
            self._connection.close()
            return False
        return response.status < _SERVER_ERROR

    def close(self) -> None:
        """Hang up."""
        self._connection.close()
