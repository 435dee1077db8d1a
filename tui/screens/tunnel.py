"""The sheet of the tunnel: which program makes the relay reachable for Knock, what that opens, how to end it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from textual.app import ComposeResult

from tui.model.dashboard import Dashboard
from tui.model.items import Fact, Item, Note
from tui.model.tunnel import Offer, Tunneller, TunnelState
from tui.widgets.sheet import Choices, Option, Sheet

SHOWN_LINES = 4
"""Of the last lines of a program that died; the rest is in the log."""
COPY, STOP = "copy the address", "stop the tunnel"


class Wish(NamedTuple):
    """What to do; `choice` is the program to open a tunnel with."""

    verb: Literal["open", "copy", "stop"]
    choice: str = ""


class TunnelSheet(Sheet[Wish]):
    """Gives what to do. `key_of_secrets` is the key that sets a signing secret."""

    title_text = "Tunnel"

    def __init__(
        self, tunnels: Tunneller, dashboard: Dashboard, *, webhook_url: str, key_of_secrets: str, last: str = ""
    ) -> None:
        super().__init__()
        self.tunnels = tunnels
        self.dashboard = dashboard
        self.webhook_url = webhook_url
        self.key_of_secrets = key_of_secrets
        self.about = f"relay {tunnels.target}"
        self.offers = tunnels.offers()
        self.choices = Choices(self._options())
        self.choices.cursor = self._first(last)

    def _first(self, last: str) -> int:
        """Begin with the program that was used last, else with one that is there."""
        wanted = [index for index, offer in enumerate(self.offers) if offer.choice == last]
        there = [index for index, offer in enumerate(self.offers) if offer.path is not None]
        return 0 if self._has_tunnel else next(iter(wanted + there), 0)

    def compose_fields(self) -> ComposeResult:
        """Offer the programs, or what can be done with the tunnel that there is."""
        yield self.choices

    def tunnel_changed(self, webhook_url: str) -> None:
        """Offer what can be done now."""
        self.webhook_url = webhook_url
        self.choices.offer(self._options())
        self.renew()

    # What can be done

    @property
    def _has_tunnel(self) -> bool:
        return self.dashboard.tunnel.running

    def _options(self) -> list[Option]:
        if not self._has_tunnel:
            return [_option(offer) for offer in self.offers]
        names = [COPY, STOP] if self.dashboard.tunnel.state is TunnelState.OPEN else [STOP]
        return [Option("", name) for name in names]

    @property
    def offer(self) -> Offer | None:
        """The program that is chosen; None while there is a tunnel."""
        return None if self._has_tunnel else self.offers[self.choices.cursor]

    @property
    def _copies(self) -> bool:
        chosen = self.choices.chosen
        return chosen is not None and chosen.name == COPY

    @property
    def verb(self) -> str:  # type: ignore[override]
        """Start a tunnel, or do what is chosen with the one that there is."""
        return "start it" if not self._has_tunnel else "copy" if self._copies else "stop it"

    @property
    def ready(self) -> bool:
        """There is a tunnel to do something with, or a program to start one."""
        offer = self.offer
        return offer is None or (offer.path is not None and not self.tunnels.refusal)

    def confirm(self) -> None:
        """Give what to do."""
        offer = self.offer
        if offer is not None:
            self.dismiss(Wish("open", offer.choice))
        else:
            self.dismiss(Wish("copy" if self._copies else "stop"))

    # What will happen

    def says(self) -> Iterator[Item]:
        """Say what is run and what that opens, or how things stand."""
        offer = self.offer
        if offer is None:
            yield from self._says_running()
        else:
            yield from self._says_death()
            yield from self._says_opening(offer)
        yield Fact("log", self.tunnels.log, "quiet")

    def _says_opening(self, offer: Offer) -> Iterator[Item]:
        if self.tunnels.refusal:
            yield Fact("cannot", self.tunnels.refusal, "bad" if self.insisted else "warn")
            return
        if offer.path is None:
            yield Fact("cannot", f"{offer.name} is not found on the PATH", "bad" if self.insisted else "warn")
            yield Fact("next step", offer.hint)
            return
        yield Fact("runs", offer.command)
        yield Fact(
            "opens", "the relay to the internet: whoever knows the address can post; reading takes the token"
        )
        yield from self._says_secrets()
        if self.dashboard.public_url:
            yield Fact("known as", self.dashboard.public_url, note="until now; the new address takes its place")
        yield Fact("then", "the webhook's address is copied; the tunnel ends with this dashboard")

    def _says_secrets(self) -> Iterator[Item]:
        if self.dashboard.secrets == 0:
            yield Fact(
                "beware",
                f"no signing secret is set: whatever is posted shows; {self.key_of_secrets} sets one",
                "warn",
            )

    def _says_death(self) -> Iterator[Item]:
        tunnel = self.dashboard.tunnel
        if tunnel.state is not TunnelState.DIED:
            return
        yield Fact("ended", f"{tunnel.program}: {tunnel.why}", "bad")
        others = [line for line in tunnel.lines if line not in tunnel.why]
        for line in others[-SHOWN_LINES:]:
            yield Note(f"  {line}")
        if tunnel.hint:
            yield Fact("next step", tunnel.hint)
        yield None

    def _says_running(self) -> Iterator[Item]:
        tunnel = self.dashboard.tunnel
        match tunnel.state:
            case TunnelState.STARTING:
                yield Fact("starting", f"{tunnel.program}; waiting for its public address")
            case TunnelState.STOPPING:
                yield Fact("stopping", tunnel.program)
            case _:
                yield Fact("address", self.webhook_url, "focus")
                yield Fact("runs", f"{tunnel.program}, and ends with this dashboard")
                if tunnel.why:
                    yield Fact("beware", tunnel.why, "warn")
                yield from self._says_secrets()


def _option(offer: Offer) -> Option:
    return Option("", offer.name, offer.path if offer.path is not None else f"not found; {offer.hint}")
