"""The tunnel of this dashboard: asked for, followed from its start to its end, and what becomes of it is said."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tui.keys import BY_NAME, keys_of
from tui.model.dashboard import Changed
from tui.model.tunnel import OpenTunnel, Tunnel, Tunneller, TunnelState
from tui.work import begin

if TYPE_CHECKING:
    from tui.app import KnocktopApp
    from tui.screens.tunnel import Wish


class Tunnelling:
    """At most one tunnel at a time. `tunnels` gives who opens them, None before the relay was joined."""

    def __init__(self, app: KnocktopApp, tunnels: Callable[[], Tunneller | None]) -> None:
        self.app = app
        self._tunnels = tunnels
        self._open: OpenTunnel | None = None
        self._last = ""
        """The program that was chosen last."""

    @property
    def webhook_url(self) -> str:
        """What to paste into Knock."""
        from tui.source import INGEST_PATH

        now, source = self.app.dashboard.tunnel, self.app.source
        if now.state is TunnelState.OPEN:
            return now.url + INGEST_PATH
        return source.webhook_url if source is not None else ""

    def ask(self) -> None:
        """Ask which program is to open a tunnel, or what to do with the one that there is."""
        from tui.screens.tunnel import TunnelSheet

        app, tunnels = self.app, self._tunnels()
        if tunnels is None:
            app.say("There is no relay yet that a tunnel could lead to", "warning")
            return
        sheet = TunnelSheet(
            tunnels,
            app.dashboard,
            webhook_url=self.webhook_url,
            key_of_secrets=self._key("secrets"),
            last=self._last,
        )
        app.push_screen(sheet, self._asked)

    def _asked(self, wish: Wish | None) -> None:
        if wish is None:
            return
        match wish.verb:
            case "open":
                self.open(wish.choice)
            case "copy":
                self.app.copy(self.webhook_url, "webhook's address")
            case "stop":
                self.stop()

    def begin(self, choice: str) -> None:
        """Open the tunnel that was asked for when the dashboard was started, unless Knock gets here already."""
        tunnels = self._tunnels()
        if tunnels is None:
            return
        url = self.app.dashboard.public_url
        if tunnels.refusal:
            self.app.say(f"No tunnel: {tunnels.refusal}", "warning")
        elif url and url != tunnels.configured_url:
            self.app.say(
                f"No tunnel: Knock reaches this relay at {url}; {self._key('tunnel')} opens one all the same"
            )
        else:
            self.open(choice)

    def open(self, choice: str) -> None:
        """Open a tunnel with a program."""
        tunnels = self._tunnels()
        if tunnels is None or self.app.dashboard.tunnel.running:
            return
        self._last = choice
        self._open = tunnels.open(choice)
        begin(self.app, "tunnel", self._follow, self._open)

    def stop(self) -> None:
        """Let the tunnel end."""
        now = self.app.dashboard.tunnel
        if self._open is not None and now.running:
            self._show(Tunnel(TunnelState.STOPPING, now.program, now.url))
            self._open.stop()

    async def _follow(self, tunnel: OpenTunnel) -> None:
        try:
            async for state in tunnel.states():
                self._show(state)
                self._say(state)
        finally:
            tunnel.stop()

    def _show(self, state: Tunnel) -> None:
        from tui.screens.tunnel import TunnelSheet

        app = self.app
        app.dashboard.tunnel = state
        app.show(Changed.HEADER | Changed.LINK)
        if isinstance(app.screen, TunnelSheet):
            app.screen.tunnel_changed(self.webhook_url)

    def _say(self, state: Tunnel) -> None:
        app = self.app
        match state.state:
            case TunnelState.OPEN:
                app.copy(self.webhook_url, "webhook's address")
                if state.why:
                    app.say(f"The tunnel is open, but {state.why}", "warning")
            case TunnelState.DIED:
                what, then = state.sentence(self._key("tunnel")) or ("", "")
                app.say(f"{what}. {then[:1].upper()}{then[1:]}", "error")
            case TunnelState.OFF:
                app.say("The tunnel is closed; its address leads nowhere now")

    def _key(self, name: str) -> str:
        return next(iter(keys_of(BY_NAME[name], self.app.options.keys)), "the palette")
