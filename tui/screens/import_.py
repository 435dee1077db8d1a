"""The sheet that takes events from a file into the relay's log."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from textual.app import ComposeResult

from tui.importing import Sent, send_import
from tui.model.dashboard import Dashboard
from tui.model.facts import plural
from tui.model.items import Fact, Item, Note
from tui.model.sizes import size_text
from tui.model.source import Source, SourceError
from tui.widgets.sheet import Labelled, Sheet, SheetField
from tui.work import begin

NAMED = 6
"""Lines that are named."""
_PATH_LIMIT = 1_000


class ImportSheet(Sheet[str]):
    """Gives a sentence about what came of it. It stays where a line was no event, to name it."""

    title_text = "Import"

    def __init__(self, source: Source, dashboard: Dashboard) -> None:
        super().__init__()
        self.source = source
        self.dashboard = dashboard
        self.about = f"relay {source.address}"
        self.file = SheetField("what knocktop export wrote", limit=_PATH_LIMIT, id="import-file")
        self.failure = ""
        self.done: Sent | None = None

    def compose_fields(self) -> ComposeResult:
        """Ask for the file."""
        yield Labelled("file", self.file)

    @property
    def path(self) -> Path:
        """The file."""
        return Path(self.file.value.strip()).expanduser().absolute()

    @property
    def ready(self) -> bool:
        """There is such a file, or all was done."""
        return self._over or (bool(self.file.value.strip()) and self.path.is_file())

    @property
    def _over(self) -> bool:
        return self.done is not None and not self.busy

    @property
    def verb(self) -> str:  # type: ignore[override]
        """Import, or leave when that was done."""
        return "done" if self._over else "import"

    # What will happen

    def says(self) -> Iterator[Item]:
        """Say what is taken, what of it is kept, and what came of it."""
        if self.failure:
            yield Note(f"  {self.failure}", "bad")
        if self.done is not None:
            yield from _says_done(self.done)
            return
        if not self.file.value.strip():
            yield Note("  Write the name of the file first", "bad" if self.insisted else "quiet")
        elif not self.path.is_file():
            yield Fact("cannot", f"there is no file {self.path}", "bad" if self.insisted else "warn")
        else:
            yield Fact("takes", f"{self.path}, {size_text(self.path.stat().st_size)}")
        secrets = self.dashboard.secrets
        checked = plural(secrets, "secret") if secrets else "no secret, since none is set"
        yield Fact("checks", f"each signature as of when the event was received, with {checked}")
        yield Fact("keeps", "times and headers as they are in the file, and what it says of each signature")
        yield Fact("leaves", "events that are here as they are", "quiet")

    # Doing it

    def confirm(self) -> None:
        """Import the file, or leave."""
        if self._over and self.done is not None:
            self.dismiss(_sentence(self.done))
            return
        self.failure = ""
        self.done = Sent()
        self.busy = "importing"
        self.renew()
        path = self.path
        begin(self, "import", self._import, path, path.stat().st_size, self.done)

    async def _import(self, path: Path, size: int, done: Sent) -> None:
        def told() -> None:
            self.busy = f"{done.lines:,} lines, {size_text(done.size)} of {size_text(size)}"
            self.renew()

        try:
            with path.open("rb") as file:
                await send_import(file, self.source.import_lines, done, told)
        except SourceError as error:
            self.failure = str(error)
        except OSError as error:
            self.failure = f"It cannot be read: {error.strerror or error}"
        self.busy = ""
        if not self.failure and not done.refused_count:
            self.dismiss(_sentence(done))
        else:
            self.renew()


def _says_done(done: Sent) -> Iterator[Item]:
    yield Fact("added", plural(done.added, "event"), "good" if done.added else "ink")
    if done.duplicates:
        yield Fact("were here", plural(done.duplicates, "event"))
    if done.refused_count:
        yield Fact("refused", plural(done.refused_count, "line"), "bad")
    for one in done.refused[:NAMED]:
        yield Note(f"  line {one.line}: {one.why}")
    if done.refused_count > NAMED:
        yield Note(f"  and {done.refused_count - NAMED:,} more; knocktop import names them")


def _sentence(done: Sent) -> str:
    parts = [f"{plural(done.added, 'event')} imported"]
    if done.duplicates:
        parts.append(f"{done.duplicates:,} were here")
    if done.refused_count:
        parts.append(f"{plural(done.refused_count, 'line')} refused")
    return ", ".join(parts)
