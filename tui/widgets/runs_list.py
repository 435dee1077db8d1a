"""The list of runs, each of which unfolds into its recipients, their messages and the events."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len
from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from relay.contract.moments import microseconds
from relay.contract.timeline.model import MessageTimeline, Step
from relay.contract.timeline.pages import RecipientRun, RunInList
from tui.keys import bindings
from tui.model.clock import Clock, span
from tui.model.runs import Node, OfStep, Runs, Thing, Waiting
from tui.widgets.bar import Words
from tui.widgets.cells import fit, fit_end
from tui.widgets.look import Look, look_of
from tui.widgets.row_list import RowList

TIME, ID = 11, 38
ID_FROM = 130
LIMIT = 300
INDENT = 2
_INKS = {
    "sent": "event-sent",
    "delivered": "event-delivered",
    "retrying": "event-attempted",
    "bounced": "event-failed",
    "undelivered": "event-failed",
}
_TYPES = {"retrying": "message.delivery_attempted"}


def outcome_ink(outcome: str) -> str:
    """Give the ink of where a message got to."""
    return _INKS.get(outcome, "quiet")


class RunsHeading(Widget):
    """The names of the columns."""

    def __init__(self, view: RunsList) -> None:
        super().__init__(id="runs-heading")
        self.view = view

    def render_line(self, y: int) -> Strip:
        """Paint the names."""
        look, width = look_of(self), self.size.width
        if y > 0:
            return Strip.blank(width, look.style("ink", "side"))
        names: Words = [("    workflow, recipient, message", "quiet")]
        words = self.view.laid_out("last", names, [("what came of it", "quiet")], "run")
        strip = Strip([Segment(text, look.style("quiet", "side")) for text, *_ in [(" ",), *words]])
        return strip.crop(0, width).adjust_cell_length(width, look.style("ink", "side"))


class RunsList(RowList, can_focus=True, inherit_bindings=False):
    """A row a run; what is unfolded stands below it."""

    BINDINGS = bindings("runs")

    class Moved(RowList.Moved):
        """The cursor is elsewhere, or something was folded or unfolded."""

    class Scrolled(RowList.Scrolled):
        """Other rows are in sight: there may be more to read."""

    class Opened(RowList.Opened):
        """What is under the cursor is to be seen in full."""

    def __init__(self, runs: Runs, clock: Clock) -> None:
        super().__init__(id="runs-list")
        self.runs = runs
        self.clock = clock
        self.heading = RunsHeading(self)
        self._from_top = 0
        """How far below the first row in sight the cursor is."""

    @property
    def count(self) -> int:
        """How many rows there are."""
        return len(self.runs.rows)

    @property
    def cursor(self) -> int:
        """The place of the row under the cursor."""
        return self.runs.cursor

    def place_cursor(self, index: int) -> None:
        """Put the cursor on another row."""
        self.runs.move_to(index)

    def sync(self) -> None:
        """Fit the view to the rows; what the cursor is on stays where it is on screen."""
        with self.scrolling():
            self.stretch()
            self.scroll_to_row(self.cursor - self._from_top)
        self.show_cursor()
        self.paint_if_changed()

    def note_top(self) -> None:
        """Keep in mind where the cursor is on screen."""
        self._from_top = self.cursor - self.top

    def appearance(self) -> tuple[object, ...]:
        """The rows in sight and the cursor."""
        shown = self.runs.rows[self.top : self.top + self.size.height]
        return (self.cursor, *((node.key, node.folded, id(node.thing)) for node in shown))

    def on_resize(self) -> None:
        """Keep the cursor in sight."""
        self.sync()
        self.heading.refresh()

    # Painting

    def laid_out(self, time: str, name: Words, told: Words, run: str) -> Words:
        """Lay out a row after its first cell: time, name in the tree, what came of it, and the run's id."""
        look = look_of(self)
        width = (self.scrollable_content_region.width or self.size.width) - 1
        ids = ID if width >= ID_FROM else 0
        left = width - TIME - 4 - (ids + 2 if ids else 0)
        names = max(left * 9 // 20, 24)
        words: Words = [(f"{fit(time, TIME, look.ellipsis)}  ", "quiet"), *_cut(name, names, look)]
        words = [*words, ("  ", "ink"), *_cut(told, max(left - names - 1, 8), look)]
        return [*words, ("  ", "ink"), (fit_end(run, ids, look.ellipsis), "quiet")] if ids else words

    def render_line(self, y: int) -> Strip:
        """Paint a row."""
        look, width = look_of(self), self.scrollable_content_region.width
        index = self.top + y
        if index >= self.count:
            return Strip.blank(width, look.style("ink"))
        node = self.runs.rows[index]
        selected = index == self.cursor
        ground = self.ground(selected)
        segments = [Segment(look.own("▌") if selected else " ", look.style("focus", ground))]
        for text, ink, *_ in self._words(node, look):
            name, _, weight = ink.partition(" ")
            segments.append(Segment(text, look.style(name, ground, bold=weight == "bold")))
        return Strip(segments).crop(0, width).adjust_cell_length(width, look.style("ink", ground))

    def _words(self, node: Node, look: Look) -> Words:
        folds = {None: " ", True: ">" if look.ascii_only else "▸", False: "v" if look.ascii_only else "▾"}
        head = [(" " * (INDENT * node.depth) + folds[node.folded] + " ", "quiet")]
        name, told, at, id_ = _said(node.thing, look)
        safe = [(look.text(text, LIMIT), ink) for text, ink, *_ in told]
        time = look.text(self.clock.short(at)) if at else ""
        return self.laid_out(time, [*head, *name], safe, look.text(id_, LIMIT))

    # Moving

    def action_edge(self, end: int) -> None:
        """Go to the newest run, or to the last row that was read."""
        self.move_to(0 if end < 0 else self.count - 1)

    def action_fold(self) -> None:
        """Fold what is under the cursor, or unfold it."""
        if self.runs.turn():
            self._folded()

    def action_across(self, step: int) -> None:
        """Unfold or go in; fold or go out."""
        self.runs.across(step)
        self._folded()

    def action_along(self, step: int) -> None:
        """Go to the next event of the message, or to the one before."""
        if self.runs.along(step):
            self._folded()

    def action_trouble(self, step: int) -> None:
        """Go to the next row that tells of an error, or to the one before."""
        if self.runs.to_trouble(step):
            self._folded()

    def _folded(self) -> None:
        self.stretch()
        self.moved()


def _said(thing: Thing, look: Look) -> tuple[Words, Words, str, str]:
    """Give a row's name, what came of it, when, and the id of the run."""
    match thing:
        case RunInList() as run:
            return _run(run, look), _of_run(run), run.last_at, run.workflow_run_id
        case RecipientRun() as recipient:
            return _recipient(recipient, look), _of_recipient(recipient), recipient.last_at, ""
        case OfStep() as part:
            return _message(part, look), list(_of_message(part.message)), part.message.last_at, ""
        case Step() as step:
            return _event(step, look), _of_event(step), step.received_at, ""
        case Waiting(says):
            said = look.text(says or "Reading what is in this run…", LIMIT)
            return [(said, "warn" if says else "quiet")], [], "", ""


def _cut(words: Words, width: int, look: Look) -> Words:
    """Give words in exactly so many cells."""
    total = sum(cell_len(word[0]) for word in words)
    if total <= width:
        return [*words, (" " * (width - total), "ink")]
    left, shown = width - cell_len(look.ellipsis), []
    for text, ink, *_ in words:
        cells = min(cell_len(text), left)
        shown.append((fit(text, cells, ""), ink))
        left -= cells
    return [*shown, (look.ellipsis, "quiet")]


def _run(run: RunInList, look: Look) -> Words:
    return [(look.text(run.workflow or "a workflow", LIMIT), "ink bold")]


def _of_run(run: RunInList) -> Words:
    words = (
        [_some(run.recipients, "recipient")]
        if run.complete
        else [(f"over {run.recipients:,} recipients", "quiet")]
    )
    for outcome, count in sorted(run.outcomes.items(), key=lambda pair: -pair[1]):
        words += [(" · ", "quiet"), (f"{count:,} {outcome}", outcome_ink(outcome))]
    if run.errors:
        words = [(f"{run.errors:,} error{'s' * (run.errors != 1)}", "bad bold"), (" · ", "quiet"), *words]
    return words


def _some(count: int, name: str) -> tuple[str, str]:
    return f"{count:,} {name}{'s' * (count != 1)}", "quiet"


def _recipient(recipient: RecipientRun, look: Look) -> Words:
    words = [(look.text(recipient.recipient or "no recipient named", LIMIT), "ink")]
    if recipient.tenant:
        words.append((f"  {look.text(recipient.tenant, LIMIT)}", "quiet"))
    return words


def _of_recipient(recipient: RecipientRun) -> Words:
    words = [(recipient.status, "quiet")] if recipient.status else []
    if recipient.errors:
        words = [(f"{recipient.errors:,} error{'s' * (recipient.errors != 1)}", "bad bold"), *words]
    took = _took(recipient.first_at, recipient.last_at)
    said = [*words, (took, "quiet")] if took else words
    return [part for word in said for part in (("  ", "ink"), word)][1:]


def _took(first: str, last: str) -> str:
    us, last_us = microseconds(first), microseconds(last)
    return "" if us is None or last_us is None or last_us <= us else f"in {span(last_us - us)}"


def _message(part: OfStep, look: Look) -> Words:
    channel = part.message.channel
    where = [] if channel is None else dict.fromkeys(one for one in (channel.type, channel.provider) if one)
    outcome = part.message.outcome
    _, glyph = look.mark(_TYPES.get(outcome, f"message.{outcome}"))
    step = part.step.step_ref
    words = [(f"{glyph} ", outcome_ink(outcome))]
    if step:
        words.append((f"{look.text(step, LIMIT)}  ", "ink"))
    return [*words, (look.text(look.own(" · ").join(where) or "message", LIMIT), "quiet" if step else "ink")]


def _of_message(message: MessageTimeline) -> Iterator[tuple[str, str]]:
    yield (
        message.outcome,
        f"{outcome_ink(message.outcome)} bold" if message.failure else outcome_ink(message.outcome),
    )
    if message.failure is not None:
        said = ": ".join(part for part in (message.failure.reason, message.failure.details) if part)
        yield f"  {said}", "event-failed"
    if message.engagement:
        yield f"  {', '.join(message.engagement)}", "event-seen"
    if message.flags:
        yield f"  {', '.join(message.flags)}", "warn"


def _event(step: Step, look: Look) -> Words:
    mark, glyph = look.mark(step.type)
    ink = "quiet" if step.undone else mark.ink if step.failed else "ink"
    return [(f"{glyph} ", mark.ink), (look.text(mark.short, LIMIT), ink)]


def _of_event(step: Step) -> Words:
    words = [(step.reading, "event-failed" if step.failed else "quiet" if step.undone else "ink")]
    if step.since_previous_ms:
        words = [(f"+{span(int(step.since_previous_ms * 1_000))}  ", "quiet"), *words]
    for said, is_so in (
        ("undone", step.undone),
        ("out of order", step.out_of_order),
        ("differs", step.body_differs),
    ):
        words += [(f"  {said}", "warn")] if is_so else []
    return [*words, (f"  ×{step.delivery_count}", "warn")] if step.delivery_count > 1 else words
