"""The sheet that copies an event, or the value under the cursor, in a form to paste elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from textual.app import ComposeResult

from relay.contract.events import EventDetail, EventSummary
from tui.model.byvalue import about, path_text, terms
from tui.model.copyas import (
    JSON,
    PATH,
    POSTING,
    PYTEST,
    VALUE,
    WAITING,
    Copied,
    Way,
    awaited,
    json_of,
    json_of_body,
    kept_headers,
    posted,
)
from tui.model.facts import plural
from tui.model.items import Fact, Item, Note, Place
from tui.model.source import Source, SourceError
from tui.widgets.sheet import Choices, Option, Sheet
from tui.work import begin

PREVIEW_LINES = 5
PREVIEW = 600
"""Characters of what will be copied that are shown."""


class Held(NamedTuple):
    """The value under the cursor: as text, as it stands in the body, and where; None where it stands nowhere."""

    text: str
    value: Any
    place: Place | None


class CopyAsSheet(Sheet[Copied]):
    """Gives the text to copy. The event's exact bytes are read while the sheet is open.

    What waits for events waits for those that match `filter_`, or where that is empty for those of the same type.
    """

    title_text = "Copy as"
    verb = "copy"

    def __init__(self, event: EventSummary, held: Held | None, source: Source, filter_: str = "") -> None:
        super().__init__()
        self.event = event
        self.filter = filter_.strip() or terms("type", [event.type]) or ""
        self.is_in_force = bool(filter_.strip())
        self.held = held
        self.about = about(event)
        self.source = source
        self.trouble = ""
        self._full: EventDetail | None = None
        self._body: bytes | None = None
        self.ways = list(self._offered())
        self.choices = Choices([Option(way.letter, way.name, says) for way, says in self.ways])

    def _offered(self) -> Iterator[tuple[Way, str]]:
        held = self.held
        if held is not None and held.place is not None:
            yield PATH, path_text(held.place)
        if held is not None:
            yield VALUE, held.text
        if held is None:
            yield JSON, "the body, indented"
        elif held.place is not None:
            yield JSON, "the value, indented" if isinstance(held.value, (dict, list)) else json_of(held.value)
        yield from ((way, way.says) for way in (*POSTING, *WAITING))

    def compose_fields(self) -> ComposeResult:
        """Offer the ways."""
        yield self.choices

    def on_mount(self) -> None:
        """Begin to read what most ways need."""
        begin(self, "copy", self._read)

    async def _read(self) -> None:
        try:
            self._full = await self.source.detail(self.event.seq)
            self._body = await self.source.body(self.event.seq)
        except SourceError as error:
            self.trouble = str(error)
        self.renew()
        if self.insisted and self.ready:
            # Whoever knows what to copy need not wait to see it.
            self.confirm()

    @property
    def way(self) -> Way:
        """The way under the cursor."""
        return self.ways[self.choices.cursor][0]

    @property
    def _reads(self) -> bool:
        return self.way in POSTING or (self.way is JSON and self.held is None)

    @property
    def ready(self) -> bool:
        """There is something to copy."""
        return not self._reads or self._body is not None

    def renew(self) -> None:
        """Say anew what will be copied."""
        self.busy = "Reading the body…" if not self.ready and not self.trouble else ""
        super().renew()

    def says(self) -> Iterator[Item]:
        """Show how what is copied begins, and what it does."""
        copied = self._copied()
        if copied is None:
            yield Note(
                f"  {self.trouble or 'Reading the body from the relay'}", "bad" if self.trouble else "quiet"
            )
            return
        if self.way in POSTING:
            yield from self._what_is_posted()
            yield None
        elif self.way in WAITING:
            yield Fact("waits for", self.filter)
            yield Fact("that is", "the filter in force" if self.is_in_force else "the type of this event", "quiet")
            yield None
        lines = copied.text[:PREVIEW].split("\n")[:PREVIEW_LINES]
        yield from (Note(f"  {line}", "ink") for line in lines)
        if sum(map(len, lines)) + len(lines) - 1 < len(copied.text):
            yield Note(f"  … {plural(len(copied.text), 'character')} in all")

    def _what_is_posted(self) -> Iterator[Item]:
        headers = kept_headers(self._full.headers if self._full is not None else [])
        size = plural(len(self._body or b""), "byte")
        yield Fact("posts", f"seq {self.event.seq:,}: {size} as received, {plural(len(headers), 'header')}")
        if self.way is PYTEST:
            yield Fact("to", f"what KNOCK_WEBHOOK_URL names, else {self._url}")
            yield Fact("then", "the test passes when the answer is 2xx", "quiet")
        else:
            yield Fact("to", self._url)
            yield Fact("then", "the relay takes it as one more delivery of the same event", "quiet")

    @property
    def _url(self) -> str:
        return self.source.ingest_url(self.event.endpoint)

    def _copied(self) -> Copied | None:
        held = self.held
        if self.way is PATH and held is not None and held.place is not None:
            return Copied(path_text(held.place), "path")
        if self.way is VALUE and held is not None:
            return Copied(held.text, "value")
        if self.way is JSON and held is not None:
            return Copied(json_of(held.value), "JSON")
        if self.way in WAITING:
            return awaited(self.way, self.filter)
        if self._body is None or self._full is None:
            return None
        if self.way is JSON:
            return Copied(json_of_body(self._body), f"JSON of seq {self.event.seq}")
        return posted(self.way, self._url, self._full, self._body)

    def confirm(self) -> None:
        """Give the text."""
        self.dismiss(self._copied())
