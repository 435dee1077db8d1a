"""A tunneller that tests hold in their hands: what becomes of a tunnel is what the test says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

from tui.model.tunnel import Offer, Tunnel, TunnelState

URL = "https://some-words-here.trycloudflare.com"
CLOUDFLARED = Offer(
    "cloudflared", "cloudflared", "/usr/bin/cloudflared", "cloudflared tunnel --url http://127.0.0.1"
)
NGROK = Offer("ngrok", "ngrok", None, "ngrok http 127.0.0.1:4747", "get it from ngrok.com/download")


class ScriptedTunnel:
    """Keeps the protocol of `tui.model.tunnel.OpenTunnel`."""

    def __init__(self, program: str) -> None:
        self.program = program
        self.stopped = False
        self._states: asyncio.Queue[Tunnel | None] = asyncio.Queue()
        self.put(TunnelState.STARTING)

    def put(self, state: TunnelState, url: str = "", **facts: Any) -> None:
        self._states.put_nowait(Tunnel(state, self.program, url, **facts))
        if state is TunnelState.DIED:
            self._states.put_nowait(None)

    def open(self, url: str = URL, why: str = "") -> None:
        self.put(TunnelState.OPEN, url, why=why)

    def die(self, why: str = "exit code 1: no such host", **facts: Any) -> None:
        self.put(TunnelState.DIED, why=why, **facts)

    async def states(self) -> AsyncIterator[Tunnel]:
        while (state := await self._states.get()) is not None:
            yield state

    def stop(self) -> None:
        self.stopped = True

    def end(self) -> None:
        """Be over, as one that was stopped."""
        self._states.put_nowait(Tunnel())
        self._states.put_nowait(None)


class ScriptedTunnels:
    """Keeps the protocol of `tui.model.tunnel.Tunneller`; `opened` are its tunnels."""

    def __init__(self, offers: Sequence[Offer] = (CLOUDFLARED, NGROK), refusal: str = "") -> None:
        self.target = "http://127.0.0.1:4747"
        self.log = "/data/tunnel.log"
        self.configured_url: str | None = None
        self.refusal = refusal
        self.opened: list[ScriptedTunnel] = []
        self._offers = offers

    def offers(self) -> Sequence[Offer]:
        return self._offers

    def open(self, choice: str) -> ScriptedTunnel:
        self.opened.append(ScriptedTunnel(choice))
        return self.opened[-1]

    @property
    def last(self) -> ScriptedTunnel:
        return self.opened[-1]
