"""The sheet of canned answers: have deliveries answered with failures, see what is in force, end it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from textual.app import ComposeResult
from textual.containers import Horizontal

from relay.contract.canned import CannedAnswer, NewCannedAnswer, parse_script
from relay.contract.filter import FilterError, parse
from relay.contract.quantities import format_duration
from tui.model.dashboard import Dashboard
from tui.model.items import Fact, Item, Note
from tui.model.offsets import with_offsets
from tui.model.provoking import (
    DURATION,
    SCRIPT,
    WrongField,
    cautions,
    drafted,
    time_left,
    what_it_did,
    what_it_gives,
)
from tui.model.source import Source, SourceError
from tui.widgets.sheet import Choices, Labelled, Option, Sheet, SheetField
from tui.work import begin

EVERY_EVENT = "every event"


class ProvokeSheet(Sheet[str]):
    """Gives a sentence about what was done."""

    title_text = "Provoke answers"

    def __init__(self, source: Source, dashboard: Dashboard) -> None:
        super().__init__()
        self.source = source
        self.dashboard = dashboard
        self.about = f"relay {source.address}"
        self.filter = SheetField(EVERY_EVENT, id="provoke-filter")
        self.answer = SheetField(SCRIPT, limit=400, id="provoke-answer")
        self.delay = SheetField("none", limit=20, id="provoke-delay")
        self.retry_after = SheetField("none", limit=20, id="provoke-retry-after")
        self.duration = SheetField(DURATION, limit=20, id="provoke-for")
        self.filter.value = dashboard.filtering.applied
        self.answer.value = SCRIPT
        self.duration.value = DURATION
        self.choices = Choices([Option("", "provoke", "as written above")])
        self.known: Sequence[CannedAnswer] = ()
        self.failure = ""
        """What the relay did not do, and why."""

    def compose_fields(self) -> ComposeResult:
        """Ask what is to be answered to which events, and offer what is in force for its end."""
        yield Labelled("filter", self.filter)
        yield Labelled("answers", self.answer)
        with Horizontal(classes="sheet-row"):
            yield Labelled("for", self.duration)
            yield Labelled("delay", self.delay)
            yield Labelled("retry-after", self.retry_after)
        yield self.choices

    def on_mount(self) -> None:
        """Read what is in force."""
        begin(self, "provoke", self._read)

    async def _read(self) -> None:
        try:
            self.known = await self.source.canned_answers()
        except SourceError as error:
            self.failure = f"What is in force could not be read: {error}"
        else:
            self.choices.offer([self.choices.options[0], *map(_option, self.known)])
        self.renew()

    # What will happen

    @property
    def chosen(self) -> CannedAnswer | None:
        """The one to end; None while a new one is to be put in force."""
        return self.known[self.choices.cursor - 1] if self.choices.cursor else None

    @property
    def verb(self) -> str:  # type: ignore[override]
        """Put it in force, or end the one that is chosen."""
        return "provoke" if self.chosen is None else "end it"

    @property
    def ready(self) -> bool:
        """What is written can be meant."""
        return self.chosen is not None or isinstance(self._drafted(), NewCannedAnswer)

    def _drafted(self) -> NewCannedAnswer | str:
        """What is written, or why it cannot be meant."""
        try:
            written = self.filter.value.strip()
            parse(written)
            return drafted(
                with_offsets(written, self.dashboard.clock.zone),
                answer=self.answer.value or SCRIPT,
                delay=self.delay.value,
                retry_after=self.retry_after.value,
                for_=self.duration.value,
            )
        except FilterError as error:
            return f"filter: {error.message}, at column {error.column}"
        except WrongField as error:
            return f"{error.field}: {error}"

    def says(self) -> Iterator[Item]:
        """Say what will be answered to what, and how that ends; or what is lacking."""
        if self.chosen is not None:
            yield Fact("ends", f"{_meant(self.chosen.filter)}: {what_it_gives(self.chosen)}", "focus")
            yield Fact("so far", what_it_did(self.chosen))
            yield Fact("then", "deliveries are answered as ever; what waits is answered at once")
        else:
            yield from self._says_new(self._drafted())
        if self.failure:
            yield Note(f"  {self.failure}", "bad")

    def _says_new(self, new: NewCannedAnswer | str) -> Iterator[Item]:
        if isinstance(new, str):
            yield Fact("cannot", new, "bad" if self.insisted else "warn")
            return
        yield Fact("events", _meant(new.filter))
        yield Fact("answered", what_it_gives(new), "focus", "each event by itself")
        yield Fact("before", "each delivery is stored and counted; only what would be answered 200 is touched")
        same = next((one for one in self.known if one.filter == new.filter), None)
        if same is not None:
            yield Fact("replaces", what_it_gives(same), "warn", "on the same events")
        yield Fact("ends", f"after {format_duration(timedelta(seconds=new.for_seconds))}, with the relay, or here")
        for caution in cautions(parse_script(new.answer)):
            yield Fact("beware", caution, "warn")

    # Doing it

    def confirm(self) -> None:
        """Put it in force, or end the one that is chosen."""
        chosen, new = self.chosen, self._drafted()
        if chosen is not None:
            self._begin("Ending it")
            begin(self, "provoke", self._end, chosen.id)
        elif isinstance(new, NewCannedAnswer):
            self._begin("Putting it in force")
            begin(self, "provoke", self._provoke, new)

    def _begin(self, busy: str) -> None:
        self.busy, self.failure = busy, ""
        self.renew()

    async def _provoke(self, new: NewCannedAnswer) -> None:
        try:
            done = await self.source.provoke(new)
        except SourceError as error:
            self._fail(f"It was not put in force: {error}")
            return
        self.dismiss(f"From now on: {what_it_gives(done)}")

    async def _end(self, id_: int) -> None:
        try:
            ended = await self.source.end_canned(id_)
        except SourceError as error:
            self._fail(f"It did not end: {error}")
            return
        self.dismiss("; ".join(f"It ended: {what_it_did(one)}" for one in ended))

    def _fail(self, failure: str) -> None:
        self.busy, self.failure = "", failure
        self.renew()


def _option(answer: CannedAnswer) -> Option:
    return Option("", f"end {answer.answer}", f"{_meant(answer.filter)}, {time_left(answer)} left")


def _meant(filter_: str) -> str:
    return filter_ or EVERY_EVENT
