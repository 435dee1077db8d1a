"""One event as a row of the stream."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from textual.strip import Strip

from relay.contract.events import EventSummary, Verdict
from tui.model.clock import Clock
from tui.model.columns import TITLES, columns
from tui.model.environments import Environments
from tui.model.facts import verdict_words
from tui.model.find import Needle
from tui.model.matched import spans
from tui.model.source import Missing, Row
from tui.widgets.cells import fit, fit_end, fit_right
from tui.widgets.look import Look
from tui.widgets.pieces import MATCHED, styled

LIMIT = 1_024
_CHANNELS = {"in_app_feed": "in-app", "in_app": "in-app", "in_app_guide": "guide", "http": "http"}
_KINDS = {"source_event_action": "source action"}
_SHORT_VERDICT = {Verdict.BAD_SIGNATURE: "bad sig", Verdict.MISSING_SIGNATURE: "no sig", Verdict.UNVERIFIED: "unv"}
_LEAST_READING = 8
_ENVIRONMENT = 16
"""Characters of the name of an environment in a badge."""
_ROOMY = 32
"""Cells for reading and badges from which on what is as it should be is said beside a long reading."""
DISPENSABLE = 9
"""The rank of a badge that says that something is as it should be."""
MARK = "»"
_SECOND_INKS = ("event-attempted", "event-failed", "event-complaint")


class Badge(NamedTuple):
    """What is out of the ordinary about an event; of those without room the last by `rank` goes first."""

    rank: int
    text: str
    short: str
    ink: str


class RowPainter:
    """Paints rows for one width. `shift` is how far the view is moved sideways.

    `wanted` is what the user set of columns. `trusting` is for a relay without a secret: nothing can be verified
    there, and the header says so already, so that a row says it quietly. With `of_file` all events are from a
    file, which the header says too: no row repeats that, nor that there was no secret to check with. `needles` are
    what the filter asks for: they are marked in the row.
    """

    def __init__(
        self,
        look: Look,
        clock: Clock,
        width: int,
        *,
        outer_width: int,
        shift: int = 0,
        trusting: bool = False,
        of_file: bool = False,
        wanted: tuple[str, ...] = (),
        needles: tuple[Needle, ...] = (),
        environments: Environments | None = None,
    ) -> None:
        self.look = look
        self.environments = environments or Environments()
        self.needles = needles
        self.clock = clock
        self.width = width
        self.shift = shift
        laid_out = columns(outer_width, wanted)
        self.columns = laid_out[:-1]
        self.reading_width = max(laid_out[-1].width - (outer_width - width), 8)
        self.trusting = trusting
        self.of_file = of_file
        self.with_verdict = all(column.name != "verdict" for column in laid_out)
        self.with_environment = all(column.name != "environment" for column in laid_out)

    def paint(self, row: Row, ground: str, *, selected: bool, marked: bool = False) -> Strip:
        """Paint a row on a ground; the selected one has a bar at its left, the marked one its mark."""
        edge = MARK if marked else "▌" if selected else " "
        bar = self._segment(self.look.own(edge), "warn" if marked else "focus", ground, bold=marked)
        body = self._gone(row, ground) if isinstance(row, Missing) else self._marked(row, ground, bold=selected)
        blank = self.look.style("ink", ground)
        strip = Strip([bar, *body])
        if self.shift:
            strip = Strip([bar, *Strip(strip).crop(1 + self.shift, None)])
        return strip.crop(0, self.width).adjust_cell_length(self.width, blank)

    def heading(self, ink: str) -> Strip:
        """Paint the names of the columns."""
        named = [(TITLES.get(column.name, column.name), column) for column in self.columns]
        texts = [
            fit_right(name, column.width) if column.name == "seq" else fit(name, column.width, self.look.ellipsis)
            for name, column in named
        ]
        text = f" {' '.join([*texts, 'reading'])}"[self.shift :]
        return Strip([Segment(fit(text, self.width), self.look.style(ink, "side"))])

    def length(self, row: Row) -> int:
        """Count the cells of a row that is not cut."""
        return cell_len(Strip([*self._full(row, "ground")]).text) + 1

    def _full(self, row: Row, ground: str) -> Iterator[Segment]:
        if isinstance(row, Missing):
            yield from self._gone(row, ground)
            return
        for column in self.columns:
            text, ink = self._cell(column.name, column.width, row)
            yield self._segment(text + " ", ink, ground)
        yield from self._reading_in_full(row, ground)

    def _segment(self, text: str, ink: str, ground: str, *, bold: bool = False) -> Segment:
        return Segment(text, self.look.style(ink, ground, bold=bold))

    def _gone(self, gap: Missing, ground: str) -> Iterator[Segment]:
        what = f"seq {gap.seq:,} is" if gap.seq == gap.to else f"seqs {gap.seq:,} to {gap.to:,} are"
        reason = self.look.text(gap.reason, 200)
        dash = self.look.own("─") * 4
        yield self._segment(f"{dash} {what} gone for good: {reason} {dash}", "warn", ground)

    def _marked(self, event: EventSummary, ground: str, *, bold: bool) -> Iterator[Segment]:
        """Give a row with what the filter asks for underlined, which is seen without colours too."""
        segments = list(self._event(event, ground, bold=bold))
        marks = spans(self.needles, "".join(segment.text for segment in segments)) if self.needles else ()
        return styled(segments, marks, lambda style: style + MATCHED)

    def _event(self, event: EventSummary, ground: str, *, bold: bool) -> Iterator[Segment]:
        if self.shift:
            yield from self._full(event, ground)
            return
        for column in self.columns:
            text, ink = self._cell(column.name, column.width, event)
            yield self._segment(text + " ", ink, ground, bold=bold and column.name == "type")
        yield from self._reading(event, ground)

    def _cell(self, name: str, width: int, event: EventSummary) -> tuple[str, str]:
        look = self.look
        match name:
            case "time":
                return fit(self.clock.short(event.received_at), width), "quiet"
            case "type":
                mark, glyph = look.mark(event.type)
                short = fit(look.text(mark.short, LIMIT), width - 2, look.ellipsis)
                return f"{glyph} {short}", mark.ink
            case "recipient":
                return self._recipient(event, width)
            case "channel":
                channel = (event.channel.type if event.channel is not None else None) or ""
                return self._fit(_CHANNELS.get(channel, channel), width), "quiet"
            case "workflow":
                return self._fit(event.workflow, width), "quiet"
            case "message":
                return fit_end(look.text(event.message_id or "", LIMIT), width, look.ellipsis), "quiet"
            case "tenant":
                return self._fit(event.tenant, width), "quiet"
            case "environment":
                return self._environment(event.environment_id, width)
            case "verdict":
                words, ink = verdict_words(event.verdict)
                return fit(words, width, look.ellipsis), "quiet" if ink == "good" else ink
            case _:
                return fit_right(f"{event.seq:,}", width), "quiet"

    def _recipient(self, event: EventSummary, width: int) -> tuple[str, str]:
        if event.recipient is None and event.entity.kind is not None:
            kind = event.entity.kind
            return self._fit(_KINDS.get(kind, kind.replace("_", " ")), width), "quiet"
        return self._fit(event.recipient, width), "ink"

    def _environment(self, id_: str | None, width: int) -> tuple[str, str]:
        if id_ is None:
            return " " * width, "quiet"
        environment = self.environments.of(id_)
        return self._fit(environment.name, width), environment.ink if environment.named else "quiet"

    def _fit(self, text: str | None, width: int) -> str:
        return fit(self.look.text(text or "", LIMIT), width, self.look.ellipsis)

    def _reading_ink(self, event: EventSummary) -> str:
        mark, _ = self.look.mark(event.type)
        return mark.ink if mark.ink in _SECOND_INKS or event.failed else "ink"

    def _reading(self, event: EventSummary, ground: str) -> Iterator[Segment]:
        reading = self.look.text(event.reading, LIMIT)
        length, room = cell_len(reading), self.reading_width
        badges = [(badge.text, badge.ink) for badge in self._badges(event)]
        if badges and length + _cells(badges) > room:
            badges = self._short_badges(event, room - min(length, _LEAST_READING))
        width = max(min(length, room - _cells(badges)), 0)
        yield self._segment(fit(reading, width, self.look.ellipsis), self._reading_ink(event), ground)
        for text, ink in badges:
            yield self._segment(f"  {text}" if width else f"{text}  ", ink, ground)

    def _short_badges(self, event: EventSummary, room: int) -> list[tuple[str, str]]:
        badges = list(self._badges(event))
        if self.reading_width < _ROOMY:
            badges = [badge for badge in badges if badge.rank < DISPENSABLE]
        # Whether an event is what it says it is must be seen however narrow the list.
        while len(badges) > 1 and sum(cell_len(badge.short) + 2 for badge in badges) > room:
            badges.remove(max(badges))
        return [(badge.short, badge.ink) for badge in badges]

    def _reading_in_full(self, event: EventSummary, ground: str) -> Iterator[Segment]:
        yield self._segment(self.look.text(event.reading, LIMIT), self._reading_ink(event), ground)
        for badge in self._badges(event):
            yield self._segment(f"  {badge.text}", badge.ink, ground)

    def _badges(self, event: EventSummary) -> Iterator[Badge]:
        if event.delivery_count > 1:
            times = self.look.own(f"×{event.delivery_count}")
            yield Badge(1, times, times, "warn")
        if (environment := self.environments.to_beware(event)) is not None and self.with_environment:
            glyph = self.look.own("◆")
            yield Badge(5, f"{glyph} {self.look.text(environment.name, _ENVIRONMENT)}", glyph, environment.ink)
        if event.body_differs:
            yield Badge(2, "differs", "differs", "warn")
        unchecked = self.of_file and event.verdict is Verdict.UNVERIFIED
        if self.with_verdict and event.verdict is not Verdict.VERIFIED and not unchecked:
            words, ink = verdict_words(event.verdict)
            if self.trusting and event.verdict is Verdict.UNVERIFIED:
                ink = "quiet"
            yield Badge(0, words, _SHORT_VERDICT.get(event.verdict, words), ink)
        if event.forward_failed:
            yield Badge(3, "forward failed", "fwd failed", "bad")
        elif event.forwarded is not None:
            worked = 200 <= event.forwarded < 300
            rank, ink = (DISPENSABLE, "quiet") if worked else (3, "bad")
            yield Badge(rank, f"forwarded {event.forwarded}", f"fwd {event.forwarded}", ink)
        if event.imported and not self.of_file:
            yield Badge(4, "imported", "imp", "quiet")


def _cells(badges: Sequence[tuple[str, str]]) -> int:
    return sum(cell_len(text) + 2 for text, _ in badges)
