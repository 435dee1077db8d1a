"""The sheet that sends simulated events: which, where to, how many times."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import aclosing
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.widgets import Input

from relay.contract.forwards import URL_LIMIT
from tui.forward.target import NoTarget, shown, target
from tui.model.facts import plural
from tui.model.items import Fact, Item, Note
from tui.model.reach import is_loopback
from tui.model.triggers import MOST, Sent, is_type, meaning, offered, outcome, rounds
from tui.triggering import Triggering, Unreachable
from tui.widgets.sheet import Choices, Labelled, Option, Sheet, SheetField
from tui.work import begin_instead

if TYPE_CHECKING:
    from tui.app import KnocktopApp

SHOWN = 6
"""Names that are in sight at once."""
_LAST = 4
"""Answers that are told."""

SecretFor = Callable[[str], str | None]
"""Give the secret to sign with for an ingest address; None where none is set."""


class TriggerSheet(Sheet[str]):
    """Sends what is chosen, and gives what came of it; where an answer was bad it stays and says so."""

    title_text = "Trigger"
    about = "simulated events, as Knock sends them"
    verb = "send"
    AUTO_FOCUS = "#trigger-name"

    def __init__(self, url: str, secret_for: SecretFor = lambda _: None) -> None:
        super().__init__()
        self.secret_for = secret_for
        self.named = SheetField("a type or a scenario, or part of its name", id="trigger-name", limit=100)
        self.choices = Choices()
        self.target = SheetField(url, id="trigger-target", limit=URL_LIMIT)
        self.times = SheetField("1", id="trigger-times", limit=8)
        self.url = url
        self._offered_for = ""
        self.sent: list[Sent] = []
        self.trouble = ""
        self.advice = ""

    def compose_fields(self) -> ComposeResult:
        """Ask what, where to and how many times."""
        yield Labelled("what", self.named)
        yield self.choices
        yield Labelled("to", self.target)
        yield Labelled("times", self.times)

    def on_mount(self) -> None:
        """Offer everything."""
        self.choices.can_focus = False
        self.choices.styles.max_height = SHOWN
        self.target.begin(self.url)
        self.times.begin("1")
        self._offer()

    def _offer(self) -> None:
        self._offered_for = self.named.value
        self.choices.cursor = 0
        self.choices.offer([Option("", name, meaning(name)) for name in offered(self.named.value)])
        self.choices.move(0)

    @on(Input.Changed, "#trigger-name")
    def _named_otherwise(self) -> None:
        if self.named.value != self._offered_for:
            self._offer()

    @on(Input.Changed)
    @on(Choices.Moved)
    def _asked_otherwise(self) -> None:
        self.sent, self.trouble, self.advice = [], "", ""

    @on(Choices.Picked)
    def _only_chosen(self, message: Choices.Picked) -> None:
        # Two clicks choose; only Enter sends.
        message.prevent_default()

    # What is to be sent

    @property
    def chosen(self) -> str | None:
        """The type or scenario under the cursor."""
        if self.named.value != self._offered_for:
            # Enter may come before the message that something was typed.
            self._offer()
        chosen = self.choices.chosen
        return None if chosen is None else chosen.name

    @property
    def lacking(self) -> str:
        """Say what is lacking before it can be sent; empty for nothing."""
        if self.chosen is None:
            return "No event type or scenario is called so"
        try:
            target(self.target.value)
        except NoTarget as error:
            return f"Name where to send it: {error}"
        if rounds(self.times.value) is None:
            return f"How many times is a number from 1 to {MOST:,}"
        return ""

    @property
    def ready(self) -> bool:
        """All that it takes is there."""
        return not self.lacking

    def says(self) -> Iterator[Item]:
        """Say what is sent where, or what came back, or what is lacking."""
        if self.trouble or self.sent:
            yield from self._says_answers()
            return
        if lacking := self.lacking:
            yield Note(f"  {lacking}", "bad" if self.insisted else "warn")
            return
        url, times = target(self.target.value), rounds(self.times.value) or 1
        many = "" if times == 1 else f", {times:,} times"
        yield Fact("sends", f"{self.chosen}{many}", note="" if is_type(self.chosen or "") else "all of its events")
        yield Fact("to", shown(url), note="on this machine" if is_loopback(url) else "")
        if not is_loopback(url):
            yield Fact("beware", "this goes to another machine", "warn")
        if self.secret_for(url) is None:
            yield Fact("unsigned", "no signing secret is set here: a relay that has one quarantines it", "warn")
        else:
            yield Fact("signed", "as Knock signs, with the secret that is set here", "quiet")

    def _says_answers(self) -> Iterator[Item]:
        if self.trouble:
            yield Note(f"  {self.trouble}", "bad")
        if self.sent:
            yield Note(f"  {outcome(self.sent)}", "bad")
        for one in self.sent[-_LAST:]:
            yield Fact(one.type, one.answer, "good" if one.taken else "bad")
        if self.advice:
            yield Fact("next step", self.advice)

    # Sending

    def confirm(self) -> None:
        """Send it."""
        self._asked_otherwise()
        self.busy = "Sending"
        begin_instead(self, "trigger", self._send, self.chosen or "", target(self.target.value))
        self.renew()

    async def _send(self, name: str, url: str) -> None:
        sending = Triggering([name], to=url, secret=self.secret_for(url), count=rounds(self.times.value) or 1)
        sent: list[Sent] = []
        try:
            async with aclosing(sending.answers()) as answers:
                async for event, answer in answers:
                    sent.append(Sent(event.type, str(answer), answer.accepted, answer.seq))
                    self.busy = f"Sending, {plural(len(sent), 'event')} so far"
                    self.keys.refresh()
        except Unreachable as error:
            self.trouble = str(error)
        finally:
            self.busy = ""
        if sending.all_accepted and not self.trouble:
            self.dismiss(outcome(sent))
            return
        self.sent, self.advice = sent, sending.advice
        self.renew()


def ask(app: KnocktopApp) -> None:
    """Ask what is to be sent, and tell what came of it."""
    board = app.front
    if board is None or not board.may_change():
        return
    if app.source is None:
        app.say("There is no relay yet")
        return

    def tell(came: str | None) -> None:
        if came is not None:
            app.say(came)

    app.push_screen(TriggerSheet(app.source.ingest_url(), app.options.signing_secret), tell)
