"""The sheet that sends an event to an app again: where to, how signed, changed or not, once or twice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Input

from relay.contract.events import EventDetail
from relay.contract.forwards import URL_LIMIT
from relay.contract.signature import Secret
from tui.forward.production import Production
from tui.forward.request import Sign, masked
from tui.forward.resend import Again, SecretOf
from tui.forward.send import Answer, Sender
from tui.forward.target import NoTarget, shown, target
from tui.keys import BY_NAME, bindings, keys_of
from tui.model.answers import twice
from tui.model.environments import Environment
from tui.model.held import size
from tui.model.items import Fact, Item, Note
from tui.model.reach import is_loopback
from tui.model.resending import Outcome, awaited, told
from tui.model.source import Source, SourceError
from tui.widgets.sheet import Choices, Labelled, Option, Sheet, SheetField
from tui.work import begin

if TYPE_CHECKING:
    from tui.app import KnocktopApp
    from tui.editing import CannotEdit

TIMEOUT_S = 10.0
"""How long an app has for its answer."""

_WAYS = (
    Option("a", "as received", "byte for byte, with the signature that it came with"),
    Option("f", "fresh", "with your own secret, now"),
    Option("s", "stale", "with your own secret, an hour ago"),
    Option("t", "tampered", "the signature of other bytes"),
    Option("w", "wrong secret", "another secret than yours"),
)
_SIGNS = tuple(Sign)

Edit = Callable[[bytes], bytes | None]
"""Have a body edited; None where it was left as it is. Raises `CannotEdit`."""


class ResendSheet(Sheet[None]):
    """Sends the event `seq`, or with it the `marked` one, and says what came back.

    `targets` are those that were named before, the newest last; `keep_target` takes one more.
    """

    title_text = "Resend"
    PANE = "resend"
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = bindings("resend")

    def __init__(
        self,
        source: Source,
        seq: int,
        *,
        marked: int | None = None,
        targets: Sequence[str] = (),
        keep_target: Callable[[str], None] = lambda _: None,
        secret_of: SecretOf = lambda _: None,
        environments: Mapping[str, Environment] | None = None,
        edit: Edit = lambda _: None,
    ) -> None:
        super().__init__()
        self.source = source
        self.seq = seq
        self.marked = marked if marked != seq else None
        self.both = False
        self.twice = False
        self.targets = list(reversed(targets))
        self.keep_target = keep_target
        self.secret_of = secret_of
        self.production = Production(environments or {})
        self.edit = edit
        self.target = SheetField("http://127.0.0.1:3000/webhooks", id="resend-target", limit=URL_LIMIT)
        self.typed = SheetField("the environment's name, typed out", id="resend-name", limit=200)
        self.named = Labelled("its name", self.typed)
        self.ways = Choices(_WAYS)
        self.failure = ""
        self.outcomes: list[Outcome] = []
        self._asked = 0
        self._events: dict[int, EventDetail] = {}
        self._bodies: dict[int, bytes] = {}
        self._secrets: dict[int, str | None] = {}
        self._edited: bytes | None = None

    def compose_fields(self) -> ComposeResult:
        """Ask where to and how signed; for the name of a production environment where it comes from one."""
        yield Labelled("to", self.target)
        yield self.named
        yield self.ways

    def on_mount(self) -> None:
        """Begin with the place that was named last, and read the event."""
        self.named.display = False
        if self.targets:
            self.target.begin(self.targets[0])
        self.set_focus(self.ways if self.targets else self.target)
        self._want_events()

    # What is to be sent

    def _want_events(self) -> None:
        if missing := [seq for seq in self.seqs if seq not in self._bodies]:
            self.busy = "Reading the event" if len(missing) == 1 else "Reading the events"
            begin(self, "read", self._read, missing)

    async def _read(self, seqs: Sequence[int]) -> None:
        try:
            for seq in seqs:
                event = await self.source.detail(seq)
                self._secrets[seq] = self.secret_of(event)
                self._events[seq], self._bodies[seq] = event, await self.source.body(seq)
        except SourceError as error:
            self.failure = f"It cannot be read: {error}"
        finally:
            self.busy = ""
        self.renew()

    @property
    def seqs(self) -> list[int]:
        """The events to send, in their order in the log."""
        return sorted({self.seq, self.marked}) if self.both and self.marked is not None else [self.seq]

    @property
    def how(self) -> Sign:
        """How it is to be signed."""
        return _SIGNS[self.ways.cursor]

    def _agains(self, url: str) -> list[Again]:
        """Give what is to be sent, as far as it was read."""
        edited = self._edited if not self.both else None
        return [
            Again(
                self._events[seq],
                self._bodies[seq] if edited is None else edited,
                url,
                self.how,
                edited=edited is not None,
            )
            for seq in self.seqs
            if seq in self._bodies
        ]

    @property
    def _to_name(self) -> list[str]:
        """Names of production environments that were not taken yet."""
        events = (self._events[seq] for seq in self.seqs if seq in self._events)
        return self.production.lacking(event.environment_id for event in events)

    @property
    def _lacking_names(self) -> list[str]:
        """Names of production environments that are yet to be typed."""
        return [name for name in self._to_name if name != self.typed.value.strip()]

    @property
    def lacking(self) -> str:
        """Say what is lacking before it can be sent; empty for nothing."""
        try:
            url = target(self.target.value)
        except NoTarget as error:
            return f"Name the app to send to: {error}" if self.target.value.strip() else "Name the app to send to"
        if self.failure or len(agains := self._agains(url)) < len(self.seqs):
            return self.failure
        if names := self._lacking_names:
            return f"This comes from {names[0]}, which is marked production: type its name to send it"
        if self.how.needs_secret and not all(self._secrets[again.event.seq] for again in agains):
            key = _key(self, "secrets")
            return f"There is no signing secret here: set KNOCKTOP_SIGNING_SECRET, or add one with {key}"
        return ""

    @property
    def ready(self) -> bool:
        """All that it takes is there."""
        return not self.lacking and all(seq in self._bodies for seq in self.seqs)

    # What is said

    @property
    def about(self) -> str:  # type: ignore[override]
        """Name the events."""
        names = [f"seq {seq:,}" for seq in self.seqs]
        event = self._events.get(self.seq)
        return " and ".join(names) + (f"  {event.type}" if event is not None and not self.both else "")

    @property
    def verb(self) -> str:  # type: ignore[override]
        """Send, or send again."""
        return ("send twice" if self.twice else "send") + (" again" if self.outcomes else "")

    def renew(self) -> None:
        """Say anew what will happen, and ask for a name where one is needed."""
        events = [self._events[seq] for seq in self.seqs if seq in self._events]
        marked = any(self.production.name_of(event.environment_id) for event in events)
        asks = marked and not self.outcomes  # The answers take its room.
        if asks != self.named.display:
            self.named.display = asks
            if self.focused is self.typed or (asks and self.target.value):
                self.set_focus(self.typed if asks else self.ways)
            self.call_after_refresh(self.renew)
        self.top_line.refresh()
        super().renew()

    @on(Choices.Moved)
    @on(Input.Changed)
    def _asked_otherwise(self) -> None:
        self._asked += 1
        self.outcomes = []

    @on(Input.Changed, "#resend-name")
    def _name_typed(self) -> None:
        """Make room for the next name, where two events come from two environments."""
        typed = self.typed.value.strip()
        if len(self._to_name) > 1 and typed in self._to_name:
            self.production.take(typed)
            self.typed.value = ""

    @on(Choices.Picked)
    def _only_chosen(self, message: Choices.Picked) -> None:
        # A letter or two clicks choose; only Enter sends.
        message.prevent_default()

    def says(self) -> Iterator[Item]:
        """Say what is sent where and how, or what came back, or what is lacking."""
        if self.outcomes:
            yield from told(self.outcomes)
            return
        if lacking := self.lacking:
            given = self.insisted or bool(self.failure)
            yield Note(f"  {lacking}", "bad" if given else "warn" if self.target.value.strip() else "quiet")
        agains = self._agains(self.target.value.strip())
        if agains:
            yield from self._says_plan(agains)

    def _says_plan(self, agains: Sequence[Again]) -> Iterator[Item]:
        again = agains[0]
        times = ", twice: the answers are compared" if self.twice else ""
        what = size(len(again.body)) if len(agains) == 1 else " and ".join(size(len(one.body)) for one in agains)
        changed = ", changed by you" if again.edited else ""
        yield Fact("sends", f"{what}{changed}, {again.how.words}{times}", note=self._which_secret(agains))
        if not self.lacking:
            yield Fact("to", shown(again.url), note="on this machine" if is_loopback(again.url) else "")
            if not is_loopback(again.url):
                yield Fact("beware", "this goes to another machine", "warn")
        yield Fact("a right app", f"answers {awaited(again)}", "good")
        if again.edited and again.how is Sign.AS_RECEIVED:
            yield Fact("beware", "the body was changed: only a fresh signature fits it", "warn")
        if left_out := {name: None for one in agains for name in masked(one.event.headers)}:
            yield Fact("left out", f"{', '.join(left_out)}: the relay shows their values to nobody", "warn")
        if self.marked is not None and not self.both:
            yield Fact("marked", f"seq {self.marked:,}; {_key(self, 'with_marked')} sends it as well", "quiet")

    def _which_secret(self, agains: Sequence[Again]) -> str:
        secrets = {self._secrets[again.event.seq] for again in agains}
        ids = sorted(Secret(value).id for value in secrets if value)
        return f"secret {', '.join(ids)}" if ids and self.how.needs_secret else ""

    # Changing what is asked for

    def action_another_target(self) -> None:
        """Put in the place that was named before the one in the field."""
        if not self.targets:
            self.knocktop.say("No other place was named so far")
            return
        here = self.targets.index(self.target.value) if self.target.value in self.targets else -1
        self.target.begin(self.targets[(here + 1) % len(self.targets)])

    def action_twice(self) -> None:
        """Send it twice, or once."""
        self.twice = not self.twice
        self._asked_otherwise()
        self.renew()

    def action_with_marked(self) -> None:
        """Send the marked event with it, or no longer."""
        if self.marked is None:
            self.knocktop.say("No other event is marked")
            return
        self.both, self.failure = not self.both, ""
        self._asked_otherwise()
        self._want_events()
        self.renew()

    def action_edit_body(self) -> None:
        """Open the body in the user's editor."""
        from tui.editing import CannotEdit

        body = self._edited if self._edited is not None else self._bodies.get(self.seq)
        if self.both or body is None:
            self.knocktop.say("One event at a time can be changed" if self.both else "It was not read yet")
            return
        try:
            edited = self.edit(body)
        except CannotEdit as error:
            self._complain(error)
            return
        if edited is not None:
            self._edited = edited if edited != self._bodies[self.seq] else None
            self._sign_afresh()
        self._asked_otherwise()
        self.renew()

    def _complain(self, error: CannotEdit) -> None:
        self.knocktop.say(f"{error}; {error.hint}" if error.hint else str(error), "error")

    def _sign_afresh(self) -> None:
        """Choose the one signature that fits a body that was changed."""
        if self._edited is not None and self.how is Sign.AS_RECEIVED and self._secrets.get(self.seq):
            self.ways.move(_SIGNS.index(Sign.FRESH) - self.ways.cursor)

    # Sending

    def confirm(self) -> None:
        """Send it."""
        url = target(self.target.value)
        self.production.take(self.typed.value)
        self.outcomes = []
        self.busy = "Waiting for the answer"
        if "@" not in url.partition("//")[2].partition("/")[0]:
            self.targets = [url, *(one for one in self.targets if one != url)]
            self.keep_target(url)
        begin(self, "resend", self._send, self._agains(url))
        self.renew()

    async def _send(self, agains: Sequence[Again]) -> None:
        asked = self._asked
        try:
            async with Sender(agains[0].url, timeout=TIMEOUT_S) as sender:
                for again in agains:
                    outcome = await self._send_one(sender, again)
                    if asked == self._asked:
                        self.outcomes.append(outcome)
                    else:
                        # By now the sheet asks for something else.
                        self.knocktop.say(f"Seq {again.event.seq:,}, sent before that: {outcome.verdict.words}")
                    self.renew()
        finally:
            self.busy = ""
        self.renew()

    async def _send_one(self, sender: Sender, again: Again) -> Outcome:
        first, unnoted = await self._once(sender, again, 1)
        if not self.twice or first.status is None:
            return Outcome(again, first, None, unnoted)
        second, unnoted = await self._once(sender, again, 2)
        return Outcome(again, first, twice(first, second), unnoted)

    async def _once(self, sender: Sender, again: Again, attempt: int) -> tuple[Answer, str]:
        """Send, and have it noted; give the answer, and why it was not noted."""
        out = again.outgoing(self._secrets[again.event.seq])
        began = asyncio.get_running_loop().time()
        try:
            answer = await sender.send(out)
        except asyncio.CancelledError:
            # The sheet was left; it may have arrived all the same.
            ms = (asyncio.get_running_loop().time() - began) * 1_000
            left = Answer(ms, error="left before there was an answer")
            begin(self.knocktop, "note", self._note_left, again, left, attempt)
            raise
        return answer, await self._note(again, answer, attempt)

    async def _note(self, again: Again, answer: Answer, attempt: int) -> str:
        try:
            await self.source.report_forward(again.event.seq, again.told(answer, attempt))
        except SourceError as error:
            return str(error)
        return ""

    async def _note_left(self, again: Again, answer: Answer, attempt: int) -> None:
        await self._note(again, answer, attempt)


def in_editor(app: KnocktopApp, body: bytes) -> bytes | None:
    """Give the terminal to the user's editor until it ends; None where it left the body as it was.

    Raises `CannotEdit`.
    """
    from textual.app import SuspendNotSupported

    from tui.editing import CannotEdit, edited

    failure: CannotEdit | None = None
    try:
        # What went wrong is raised behind it: Textual would leave the terminal where it is.
        with app.suspend():
            try:
                return edited(body)
            except CannotEdit as error:
                failure = error
    except SuspendNotSupported:
        failure = CannotEdit("this terminal cannot be given to an editor", "`knocktop resend --edit` does that")
    if failure is not None:
        raise failure
    return None


def _key(sheet: Sheet[None], name: str) -> str:
    return next(iter(keys_of(BY_NAME[name], sheet.knocktop.options.keys)), "the palette")
