"""The sheet that writes events to a file: which, in what form, where, and how far it is."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import aclosing
from datetime import datetime
from pathlib import Path
from typing import ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.binding import BindingType

from relay.contract.exported import NotALine
from tui.exporting import Written, write_export
from tui.keys import bindings
from tui.model.byvalue import spelled_out
from tui.model.dashboard import Dashboard
from tui.model.exporting import FORMS, NDJSON, Kind, form_of
from tui.model.facts import plural
from tui.model.filtering import EVERYTHING, Choice
from tui.model.items import Fact, Item, Note
from tui.model.offsets import with_offsets
from tui.model.redaction import TEST_SECRET
from tui.model.sizes import size_text
from tui.model.source import Source, SourceError
from tui.outfile import OutFile
from tui.widgets.sheet import Choices, Labelled, Option, Sheet, SheetField
from tui.work import begin

_PATH_LIMIT = 1_000
_TELL_S = 0.2


class Scope(NamedTuple):
    """Which events: what the sheet calls them, and the filter and types that find them."""

    name: str
    choice: Choice


class ExportSheet(Sheet[str]):
    """Gives a sentence about what was written. `here` and `marked` are seqs of single events where there are such.

    Nothing is sent to anybody, so that this is for who only looks, too.
    """

    title_text = "Export"
    verb = "write the file"
    PANE = "export"
    BINDINGS: ClassVar[list[BindingType]] = bindings("export")

    def __init__(
        self, source: Source, dashboard: Dashboard, *, here: int | None = None, marked: int | None = None
    ) -> None:
        super().__init__()
        self.source = source
        self.dashboard = dashboard
        self.scopes = list(_scopes(dashboard, here, marked))
        self.scope = self.scopes[0]
        self.redacts: bool | None = None
        """Whether personal data is replaced; None for as the form has it."""
        self.counts: dict[Scope, int | None] = {}
        self.failure = ""
        self.done = Written()
        self.choices = Choices([Option("", kind.name, kind.says) for kind in FORMS])
        self.file = SheetField("a name for the file", limit=_PATH_LIMIT, id="export-file")
        self._proposed = ""
        self._told = 0.0

    def compose_fields(self) -> ComposeResult:
        """Offer the forms, and ask for the name."""
        yield self.choices
        yield Labelled("file", self.file)

    def on_mount(self) -> None:
        """Propose a name, and count."""
        self._proposed = self.file.value
        self._propose()
        begin(self, "count", self._count, self.scope)

    # What is chosen

    @property
    def about(self) -> str:  # type: ignore[override]
        """Say which events."""
        return self.scope.name

    @property
    def kind(self) -> Kind:
        """The form that is chosen."""
        return FORMS[self.choices.cursor]

    @property
    def redact(self) -> bool:
        """Personal data is replaced."""
        return self.kind.redacts if self.redacts is None else self.redacts

    @property
    def path(self) -> Path:
        """Where the file goes."""
        return Path(self.file.value.strip()).expanduser().absolute()

    @property
    def ready(self) -> bool:
        """There is a place for the file."""
        return bool(self.file.value.strip()) and not self.path.is_dir() and self.path.parent.is_dir()

    def _propose(self) -> None:
        """Name the file anew, unless somebody wrote a name."""
        if self.file.value == self._proposed:
            now = datetime.fromtimestamp(self.dashboard.clock.now_us / 1_000_000)  # noqa: DTZ006 - where the user is
            self._proposed = f"knock-events-{now:%Y-%m-%d-%H%M%S}{self.kind.suffix}"
            self.file.begin(self._proposed)

    def action_next_scope(self) -> None:
        """Turn to other events."""
        at = self.scopes.index(self.scope)
        self.scope = self.scopes[(at + 1) % len(self.scopes)]
        if self.scope not in self.counts:
            begin(self, "count", self._count, self.scope)
        self.top_line.refresh()
        self.renew()

    def action_redact(self) -> None:
        """Replace personal data, or no longer."""
        self.redacts = not self.redact
        self.renew()

    async def _count(self, scope: Scope) -> None:
        self.counts[scope] = None
        try:
            text = with_offsets(scope.choice.text, self.dashboard.clock.zone)
            self.counts[scope] = await self.source.count(text, scope.choice.types)
        except SourceError as error:
            self.failure = str(error)
        self.renew()

    # What will happen

    def renew(self) -> None:
        """Say anew what will happen."""
        if not self.busy:
            self._propose()
        super().renew()

    def says(self) -> Iterator[Item]:
        """Say what is written where, and what is in it."""
        if self.failure:
            yield Note(f"  {self.failure}", "bad")
        count = self.counts.get(self.scope)
        events = "counting…" if count is None else plural(count, "event")
        yield Fact("writes", f"{events}: {self.scope.name}", note=self._note())
        yield from self._says_where()
        yield from self._says_content()
        if self.dashboard.filtering.of_messages:
            yield Note("  Terms about messages themselves do not narrow it", "warn")

    def _note(self) -> str:
        return "the oldest first" if len(self.scopes) > 1 and self.scope is self.scopes[0] else ""

    def _says_where(self) -> Iterator[Item]:
        if not self.file.value.strip():
            yield Note("  Write a name for the file first", "bad" if self.insisted else "quiet")
            return
        path = self.path
        if path.is_dir():
            yield Fact("cannot", f"{path} is a directory", "bad" if self.insisted else "warn")
        elif not path.parent.is_dir():
            yield Fact("cannot", f"there is no directory {path.parent}", "bad" if self.insisted else "warn")
        else:
            yield Fact("to", str(path), note="for you alone" if not path.exists() else "")
            if path.exists():
                yield Fact("replaces", "the file that is there", "warn")

    def _says_content(self) -> Iterator[Item]:
        if self.redact:
            yield Fact("holds", f"stand-ins for personal data, signed with the secret {TEST_SECRET}")
        elif self.kind is NDJSON:
            yield Fact("holds", "every byte, personal data included; credentials in headers are masked")
        else:
            yield Fact("holds", "what the events say, personal data included")

    # Doing it

    def confirm(self) -> None:
        """Write the file."""
        self.failure = ""
        self._tell(Written())
        begin(self, "export", self._export, self.scope, self.kind, self.path)

    def _tell(self, done: Written) -> None:
        self.done = done
        now = time.monotonic()
        if now - self._told >= _TELL_S or not done.events:
            self._told = now
            self.busy = f"{plural(done.events, 'event')} written, {size_text(done.size)}"
            self.renew()

    async def _export(self, scope: Scope, kind: Kind, path: Path) -> None:
        form = form_of(kind, redact=self.redact, url=self.source.ingest_url)
        text = with_offsets(scope.choice.text, self.dashboard.clock.zone)
        try:
            with OutFile(path) as out:
                async with aclosing(self.source.export(text, scope.choice.types)) as lines:
                    done = await write_export(lines, form, out.write, self._tell)
        except (SourceError, NotALine) as error:
            self._failed(str(error))
        except OSError as error:
            self._failed(f"It cannot be written: {error.strerror or error}")
        else:
            self.dismiss(f"{plural(done.events, 'event')} written to {path}, {size_text(done.size)}")

    def _failed(self, why: str) -> None:
        self.busy = ""
        self.failure = f"{why}; nothing was left"
        self.renew()


def _scopes(dashboard: Dashboard, here: int | None, marked: int | None) -> Iterator[Scope]:
    shown = dashboard.filtering.latest
    if shown == EVERYTHING:
        yield Scope("all that the relay has", shown)
    else:
        yield Scope(f"all that match {spelled_out(shown)}", shown)
    if here is not None:
        yield Scope(f"the event here, seq {here}", Choice(f"seq:{here}"))
    if marked is not None and marked != here:
        yield Scope(f"the marked event, seq {marked}", Choice(f"seq:{marked}"))
        if here is not None:
            yield Scope(f"both, seqs {here} and {marked}", Choice(f"seq:{here},{marked}"))
