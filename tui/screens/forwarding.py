"""The forward of this dashboard: asked for, followed from its start to its end, and what becomes of it is said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from tui.keys import BY_NAME, keys_of
from tui.later import later
from tui.model.dashboard import Changed
from tui.model.forwarding import Forwarding, ForwardState
from tui.work import begin

if TYPE_CHECKING:
    import asyncio

    from tui.app import KnocktopApp
    from tui.forward.plan import News, Plan, Sent
    from tui.forward.production import Production
    from tui.screens.forward import Wish

SHOWN_AFTER = 0.1
"""Seconds for which news are gathered before they are shown."""


class Forward(Protocol):
    """Forwards until it is stopped, as `tui.forward.engine.Forwarder` does."""

    async def run(self) -> None:
        """Forward. Raises why it ended by itself."""

    def stop(self) -> None:
        """Let it end."""


class MakesForwards(Protocol):
    """Makes a forward from the relay that is looked at; None before that was joined."""

    def __call__(self, plan: Plan, tell: Callable[[News], None], production: Production) -> Forward | None: ...


def no_forwards(plan: object, tell: object, production: object) -> None:
    """Make none: there is no relay to forward from."""


class ForwardControl:
    """At most one forward at a time."""

    def __init__(self, app: KnocktopApp, make: MakesForwards) -> None:
        self.app = app
        self._make = make
        self._forward: Forward | None = None
        self._production: Production | None = None
        self._showing: asyncio.TimerHandle | None = None
        self._held_back: set[str] = set()
        self._failing = False

    @property
    def production(self) -> Production:
        """The environments that are marked production, and the names that were typed so far."""
        from tui.forward.production import Production

        if self._production is None:
            self._production = Production(self.app.options.environments)
        return self._production

    def ask(self) -> None:
        """Ask which events are to go where, or show how that stands and offer its end."""
        from tui.screens.forward import ForwardSheet

        app = self.app
        address = app.source.address if app.source is not None else ""
        last = next(reversed(app.state.targets), "")
        app.push_screen(ForwardSheet(app.dashboard, self.production, address=address, last=last), self._asked)

    def _asked(self, wish: Wish | None) -> None:
        if wish is None:
            return
        if not wish.url:
            self.stop()
            return
        if "@" not in wish.url.partition("//")[2].partition("/")[0]:
            self.app.keep_target(wish.url)
        self.begin(wish.url, wish.filter, unverified=wish.unverified)

    def begin(self, url: str, filter_text: str = "", *, unverified: bool = False) -> None:
        """Forward from now on."""
        from tui.forward.plan import Plan
        from tui.forward.target import shown

        if self.app.dashboard.forwarding.running:
            return
        plan = Plan(url=url, filter=filter_text, unverified=unverified)
        self._forward = self._make(plan, self._hear, self.production)
        if self._forward is None:
            self.app.say("There is no relay yet to forward from", "warning")
            return
        self._show(Forwarding(ForwardState.STARTING, shown(url), filter_text))
        begin(self.app, "forward", self._follow, self._forward)

    def stop(self) -> None:
        """Let what is on its way be finished, and forward no more."""
        now = self.app.dashboard.forwarding
        if self._forward is not None and now.running:
            self._show(replace(now, state=ForwardState.STOPPING))
            self._forward.stop()

    async def _follow(self, forward: Forward) -> None:
        from tui.client import RelayError
        from tui.forward.engine import Ending
        from tui.forward.plan import TargetUnreachable
        from tui.forward.standing import ended

        error: Exception | None = None
        try:
            await forward.run()
        except (*Ending, RelayError, TargetUnreachable) as found:
            error = found
        self._forward = None
        now = ended(self.app.dashboard.forwarding, error)
        self._show(now)
        if error is None:
            self.app.say(f"Nothing is forwarded any more: {now.counts}")
        else:
            self.app.say(f"The forward ended: {now.why}. {self._key} says more", "error")

    def _hear(self, news: News) -> None:
        from tui.forward.plan import LeftOut, PassedOver, Sent, Unfinished, Why
        from tui.forward.standing import after

        app = self.app
        app.dashboard.forwarding = after(app.dashboard.forwarding, news)
        if not self._seen:
            return
        if self._showing is None:
            self._showing = later(SHOWN_AFTER, app, self._show_now)
        match news:
            case Sent() if news.retry_in is None:
                self._say_failure(news)
            case PassedOver(event, Why.PRODUCTION):
                name = self.production.name_of(event.environment_id) or ""
                self._say_once(name, f"Events from {name}, marked production, are not forwarded before you say so")
            case PassedOver(event, Why.UNVERIFIED):
                self._say_once("", f"Event {event.seq} is unverified, and such events are not forwarded")
            case LeftOut(names):
                app.say(f"Not forwarded, since the relay shows them to nobody: {', '.join(names)}", "warning")
            case Unfinished(count, seq):
                app.say(f"{count:,} events were not forwarded to the end, from seq {seq} on", "warning")

    def _say_failure(self, sent: Sent) -> None:
        """Tell of the first event that is given up, not of each while the app fails; the header counts them."""
        from tui.forward.outcome import outcome

        if sent.given_up and not self._failing:
            self.app.say(f"Event {sent.event.seq} was not taken: {outcome(sent)}", "error")
        self._failing = sent.given_up

    def _say_once(self, about: str, text: str) -> None:
        if about not in self._held_back:
            self._held_back.add(about)
            self.app.say(f"{text}; {self._key} asks anew", "warning")

    def _show_now(self) -> None:
        self._showing = None
        self._show(self.app.dashboard.forwarding)

    def _show(self, now: Forwarding) -> None:
        from tui.screens.forward import ForwardSheet

        app = self.app
        app.dashboard.forwarding = now
        if not self._seen:
            return
        app.show(Changed.HEADER)
        if isinstance(app.screen, ForwardSheet):
            app.screen.forwarding_changed()

    @property
    def _seen(self) -> bool:
        """There is a screen to say it on: what is on its way may end after the last one is gone."""
        return self.app.is_running and bool(self.app.screen_stack)

    @property
    def _key(self) -> str:
        return next(iter(keys_of(BY_NAME["forward"], self.app.options.keys)), "the palette")
