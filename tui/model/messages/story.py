"""A message's whole story: every step with its times, then what is odd, why it failed, and who it is for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from relay.contract.events import EventSummary
from relay.contract.moments import microseconds
from relay.contract.timeline import Flag, MessageTimeline, Step
from tui.model.clock import Clock
from tui.model.commits import Commits
from tui.model.items import Cell, Fact, Heading, Item, Ladder, Note, Row, Table
from tui.model.messages.axis import latency
from tui.model.messages.words import channel_word, outcome

MAX_RUNGS = 12
WIDE_FROM = 84
"""Cells from which on a step also tells when it was made and when it arrived."""


_BAD = frozenset({Flag.COMPLAINT, Flag.LATE_FAILURE})


class At(NamedTuple):
    """What a line of the story stands for: the event of a step."""

    seq: int


def told(
    message: MessageTimeline, clock: Clock, now_us: int, width: int, chosen: int | None, commits: Commits
) -> Iterator[Item]:
    """Tell the story of a message in so many cells, with the step of seq `chosen` marked.

    What was committed meanwhile stands between the steps, and what was before is named.
    """
    channel = message.channel
    way = " ".join(
        part for part in (channel_word(channel), channel.provider if channel is not None else "") if part
    )
    yield Heading(
        message.recipient or message.message_id, " · ".join(part for part in (message.workflow, way) if part)
    )
    head, *more = outcome(message, now_us)
    yield Fact("outcome", head.text, f"{head.ink}", "  ".join(word.text for word in more), path="outcome")
    if message.took_ms:
        yield Fact("took", latency(message.took_ms), note="from its first step to the one that decided it")
    yield from _after_commit(message, commits)
    yield None
    yield _steps(message, clock, width, chosen, commits)
    hidden = message.step_count - len(message.steps)
    if hidden > 0:
        yield Note(f"{hidden:,} earlier steps are being read")
    yield from _flags(message)
    yield from _failure(message)
    yield from _attempts(message)
    yield from _about(message, clock)


def _after_commit(message: MessageTimeline, commits: Commits) -> Iterator[Item]:
    """Name the last commit before the message, one of its own workflow where there is one."""
    first = microseconds(message.first_at)
    if first is None:
        return
    before = commits.made(0, first)
    own = [pair for pair in before if pair[1].workflow is not None and pair[1].workflow == message.workflow]
    for us, commit in (own or before)[-1:]:
        yield Fact(
            "after", commit.reading, "event-template", f"{commit.type}, {latency((first - us) / 1_000)} before"
        )


def _steps(message: MessageTimeline, clock: Clock, width: int, chosen: int | None, commits: Commits) -> Table:
    wide = width >= WIDE_FROM
    ranks = {seq: rank for rank, seq in enumerate(sorted(step.seq for step in message.steps), 1)}
    first, last = microseconds(message.first_at), microseconds(message.last_at)
    meanwhile = [] if first is None or last is None else list(commits.made(first, last))
    rows = []
    for step in message.steps:
        made = microseconds(step.created_at or "")
        while meanwhile and first is not None and (made is None or meanwhile[0][0] < made):
            us, commit = meanwhile.pop(0)
            rows.append(_commit(commit, (us - first) / 1_000, clock, wide=wide))
        rows.append(_row(step, clock, chosen, ranks[step.seq], wide=wide))
    times = ("made at", "arrived") if wide else ()
    return Table(tuple(rows), ("step", "since first", "since last", *times, ""))


def _row(step: Step, clock: Clock, chosen: int | None, rank: int, *, wide: bool) -> Row:
    name = step.type.partition(".")[2] or step.type
    since = [
        Cell(_after(gap).rjust(10), ink)
        for gap, ink in ((step.since_first_ms, "ink"), (step.since_previous_ms, "quiet"))
    ]
    times = [Cell(_made(step, clock), "quiet"), _arrived(step, rank)] if wide else []
    remarks = remarks_on(step, with_order=not wide)
    said = " · ".join([*([step.reading] if step.reading else []), *remarks])
    ink = "quiet" if step.undone else "warn" if remarks else "ink"
    cells = (Cell(name, "quiet" if step.undone else "ink"), *since, *times, Cell(said, ink))
    return Row(cells, step.type, step.seq == chosen, step.reading or step.type, "reading", raw=At(step.seq))


def _commit(commit: EventSummary, since_first_ms: float, clock: Clock, *, wide: bool) -> Row:
    """Give what was committed while the message was under way."""
    made = [Cell(clock.short(commit.created_at or commit.received_at), "quiet"), Cell("")] if wide else []
    name = Cell(commit.type.partition(".")[2] or commit.type, "event-template")
    since = [Cell(_after(since_first_ms).rjust(10), "quiet"), Cell("")]
    said = Cell(commit.reading, "quiet")
    return Row((name, *since, *made, said), commit.type, copy=commit.reading, name="commit")


def _after(ms: float | None) -> str:
    return "" if ms is None else f"+{latency(ms)}"


def _made(step: Step, clock: Clock) -> str:
    return clock.short(step.created_at) if step.created_at is not None else "not said"


def _arrived(step: Step, rank: int) -> Cell:
    """Say as which of all steps one arrived, and how long after it was made."""
    made, came = microseconds(step.created_at or ""), microseconds(step.received_at)
    way = "" if made is None or came is None else _after((came - made) / 1_000)
    return Cell(f"{rank:>2}.  {way}", "warn" if step.out_of_order else "quiet")


def remarks_on(step: Step, *, with_order: bool = True) -> Sequence[str]:
    """Say what is out of the ordinary about a step."""
    said = {
        "arrived after a later one": step.out_of_order and with_order,
        "undone later": step.undone,
        f"delivered {step.delivery_count} times": step.delivery_count > 1,
        "with another body": step.body_differs,
        "cut": step.truncated,
        str(step.verdict).replace("_", " "): step.verdict != "verified",
    }
    return [text for text, is_so in said.items() if is_so]


def _flags(message: MessageTimeline) -> Iterator[Item]:
    known = {flag.value: flag.meaning for flag in Flag}
    if not message.flags:
        return
    yield None
    yield Heading("Flags")
    yield Table(
        tuple(
            Row(
                (Cell(flag, "bad" if flag in _BAD else "warn"), Cell(known.get(flag, ""))),
                copy=flag,
                name="flag",
                path="flag",
            )
            for flag in message.flags
        )
    )


def _failure(message: MessageTimeline) -> Iterator[Item]:
    failure = message.failure
    if failure is None:
        return
    yield None
    yield Heading("Why it failed")
    if failure.reason:
        yield Fact("reason", failure.reason, "event-failed", path=("event_data", "failure_reason"))
    if failure.details:
        yield Fact("details", failure.details, path=("event_data", "failure_details"))
    if failure.token:
        yield Fact("token", failure.token, path=("event_data", "token"))


def _attempts(message: MessageTimeline) -> Iterator[Item]:
    if not message.attempts:
        return
    rounds = message.attempts[-1].round
    yield None
    yield Heading("Attempts that failed", f"in {rounds} rounds" if rounds > 1 else "")
    last = message.attempts[-1]
    if last.number is not None and last.of is not None and 0 < last.number <= last.of <= MAX_RUNGS:
        yield Ladder(last.number, last.of)
    rows = []
    for attempt in message.attempts:
        number = "?" if attempt.number is None else f"{attempt.number}"
        of = "" if attempt.of is None else f"/{attempt.of}"
        will = {True: "will retry", False: "final", None: ""}[attempt.retryable]
        gap = (
            ""
            if attempt.since_previous_ms is None
            else f"{latency(attempt.since_previous_ms)} after the one before"
        )
        rows.append(
            Row((Cell(f"round {attempt.round}", "quiet"), Cell(number + of), Cell(will), Cell(gap, "quiet")))
        )
    yield Table(tuple(rows))


def _about(message: MessageTimeline, clock: Clock) -> Iterator[Item]:
    yield None
    yield Heading("Message")
    channel = message.channel
    made = clock.full(message.made_at) if message.made_at else None
    facts: list[tuple[str, str | None, str]] = [
        ("recipient", message.recipient, "recipient"),
        ("workflow", message.workflow, "workflow"),
        ("step", message.step_ref, ""),
        ("channel", channel_word(channel) or None, "channel"),
        ("provider", channel.provider if channel is not None else None, "provider"),
        ("tenant", message.tenant, "tenant"),
        ("message", message.message_id, "message"),
        ("run", message.workflow_run_id, "run"),
        ("made", made, ""),
    ]
    for name, value, place in facts:
        if value:
            raw = channel.type if name == "channel" and channel is not None else value
            yield Fact(name, value, path=place or None, raw=raw)
