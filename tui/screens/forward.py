"""The sheet of forwarding: which events go to which app from now on, how that stands, how to end it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from textual import on
from textual.app import ComposeResult

from relay.contract.filter import FilterError, parse
from relay.contract.forwards import URL_LIMIT
from tui.forward.production import Production
from tui.forward.target import NoTarget, shown, target
from tui.model.dashboard import Dashboard
from tui.model.forwarding import ForwardState
from tui.model.items import Fact, Item, Note
from tui.model.offsets import with_offsets
from tui.model.reach import is_loopback
from tui.widgets.sheet import Choices, Labelled, Option, Sheet, SheetField

_WHICH = (
    Option("v", "verified", "events that are verified or stale"),
    Option("a", "all", "events that are neither, too: anyone may have made them up"),
)


class Wish(NamedTuple):
    """What to do: forward what matches a filter to a URL, or stop where that is empty."""

    url: str = ""
    filter: str = ""
    unverified: bool = False


class ForwardSheet(Sheet[Wish]):
    """Gives what to do. `address` is the relay's, `last` the target that was named last."""

    title_text = "Forward"
    AUTO_FOCUS = ""

    def __init__(self, dashboard: Dashboard, production: Production, *, address: str, last: str = "") -> None:
        super().__init__()
        self.dashboard = dashboard
        self.production = production
        self.about = f"relay {address}"
        self.last = last
        self.target = SheetField("http://127.0.0.1:3000/webhooks", id="forward-target", limit=URL_LIMIT)
        self.filter = SheetField("every event", id="forward-filter")
        self.typed = SheetField("its name, typed out, to send what comes from it", id="forward-name", limit=200)
        self.named = Labelled("production", self.typed)
        self.which = Choices(_WHICH)

    def compose_fields(self) -> ComposeResult:
        """Ask where to, which events, and for the name of a production environment that events come from."""
        if not self.dashboard.forwarding.running:
            yield Labelled("to", self.target)
            yield Labelled("filter", self.filter)
            yield self.named
            yield self.which

    def on_mount(self) -> None:
        """Begin with the app that was named last, and with what is seen."""
        self.named.display = bool(self._lacking_names)
        if self.dashboard.forwarding.running:
            return
        self.filter.value = self.dashboard.filtering.applied
        if self.last:
            self.target.begin(self.last)
        self.set_focus(self.which if self.last else self.target)

    def forwarding_changed(self) -> None:
        """Say anew how things stand, or go where there is nothing to stop any more."""
        if self.query(SheetField) or self.dashboard.forwarding.running:
            self.renew()
        else:
            self.dismiss(None)

    # What can be done

    @property
    def verb(self) -> str:  # type: ignore[override]
        """Begin, or end what goes on."""
        return "stop it" if self.dashboard.forwarding.running else "forward"

    @property
    def ready(self) -> bool:
        """All that it takes is there, or there is something to stop."""
        return self.dashboard.forwarding.running or not self.lacking

    @property
    def lacking(self) -> str:
        """Say what is lacking before anything can be forwarded; empty for nothing."""
        try:
            target(self.target.value)
        except NoTarget as error:
            return f"Name the app to send to: {error}" if self.target.value.strip() else "Name the app to send to"
        try:
            parse(self.filter.value)
        except FilterError as error:
            return f"filter: {error.message}, at column {error.column}"
        return ""

    @property
    def _left_out(self) -> list[str]:
        """Environments marked production whose names are not typed; what comes from them is not sent."""
        typed = {name.strip() for name in self.typed.value.split(",")}
        return [name for name in self._lacking_names if name not in typed]

    @property
    def _lacking_names(self) -> list[str]:
        seen = {one.name for one in self.dashboard.environments.seen if one.production}
        return [name for name in self.production.untyped if name in seen]

    @on(Choices.Picked)
    def _only_chosen(self, message: Choices.Picked) -> None:
        # A letter or two clicks choose; only Enter sends.
        message.prevent_default()

    def confirm(self) -> None:
        """Give what to do."""
        if self.dashboard.forwarding.running:
            self.dismiss(Wish())
            return
        for name in self.typed.value.split(","):
            self.production.take(name)
        filter_text = with_offsets(self.filter.value.strip(), self.dashboard.clock.zone)
        self.dismiss(Wish(target(self.target.value), filter_text, self._unverified))

    @property
    def _unverified(self) -> bool:
        return self.which.cursor == 1

    # What will happen

    def says(self) -> Iterator[Item]:
        """Say what will be sent where, or how things stand, or what is lacking."""
        if self.dashboard.forwarding.running:
            yield from self._says_running()
            return
        yield from self._says_end()
        if lacking := self.lacking:
            yield Note(
                f"  {lacking}", "bad" if self.insisted else "warn" if self.target.value.strip() else "quiet"
            )
        yield from self._says_plan()

    def _says_plan(self) -> Iterator[Item]:
        which = "that matches the filter " if self.filter.value.strip() else ""
        yield Fact("sends", f"each event {which}from now on, byte for byte and signed as it came")
        try:
            url = target(self.target.value)
        except NoTarget:
            pass
        else:
            here = is_loopback(url)
            yield Fact("to", shown(url), note="on this machine" if here else "")
            if not here:
                yield Fact("beware", "this goes to another machine", "warn")
        if names := self._left_out:
            left = f"events from {', '.join(names)}, marked production; type the name to send them"
            yield Fact("left out", left, "warn")
        if self.dashboard.secrets == 0 and not self._unverified:
            yield Fact("beware", "no signing secret is set: no event is verified, and none will be sent", "warn")
        yield Fact("order", "four at a time, those of one message one after another")
        yield Fact("tries", "up to four times where the app gives no answer, 5xx or 429")
        yield Fact("then", "it ends with this dashboard")

    def _says_end(self) -> Iterator[Item]:
        now = self.dashboard.forwarding
        if now.state is ForwardState.ENDED:
            yield Fact("ended", f"{now.place}: {now.why}", "bad")
            if now.hint:
                yield Fact("next step", now.hint)
            yield None

    def _says_running(self) -> Iterator[Item]:
        now = self.dashboard.forwarding
        yield Fact("to", now.url, "focus")
        yield Fact("filter", now.filter or "none: every event")
        match now.state:
            case ForwardState.STARTING:
                yield Fact("starting", "nothing was sent so far")
            case ForwardState.WAITING:
                yield Fact("waiting", f"for the app: {now.why}", "warn")
            case ForwardState.STOPPING:
                yield Fact("stopping", "what is on its way is finished first", "warn")
        yield Fact("so far", now.counts)
        if now.trouble:
            yield Fact("trouble", now.trouble, "bad")
        yield Fact("then", "it ends with this dashboard")
