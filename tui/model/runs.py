"""Workflow runs as a tree with a cursor: a run, its recipients, the messages of their steps, and the events.

A run is listed by what the log says of it in short; what is in it comes when it is unfolded. The cursor stays on
what it is on, whatever arrives above it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from relay.contract.moments import microseconds
from relay.contract.timeline.model import MessageTimeline, Step
from relay.contract.timeline.pages import RecipientRun, RunInList, RunsPage, RunStep, RunTree

PAGE = 40
"""Runs that are read at first, and each time that more are."""
UNFOLDED = 6
"""Recipients that a run has at most for them to be unfolded with it; those with errors are anyway."""
FAILED = ("bounced", "undelivered")

Key: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """What stands in a run that is unfolded and was not read yet, or cannot be."""

    says: str


@dataclass(frozen=True, slots=True)
class OfStep:
    """A message, and the step of the workflow that made it."""

    step: RunStep
    message: MessageTimeline


Thing: TypeAlias = RunInList | RecipientRun | OfStep | Step | Waiting


@dataclass(frozen=True, slots=True)
class Node:
    """A row of the tree. `folded` is None where there is nothing to unfold."""

    key: Key
    thing: Thing
    depth: int
    folded: bool | None = None
    message: MessageTimeline | None = None
    """The message that this is, or that the event is of."""


class Runs:
    """A window over the runs that the log has, those with the newest activity first."""

    def __init__(self) -> None:
        self.items: list[RunInList] = []
        self.known = False
        """They were read at least once."""
        self.next: str | None = None
        """Pass as `before` to read on; None where there is no more."""
        self.rows: Sequence[Node] = ()
        self.failures: dict[str, str] = {}
        """Why runs could not be read, by id; they are asked for again with the next page of runs."""
        self._trees: dict[str, tuple[RunInList, RunTree]] = {}
        self._open: set[str] = set()
        self._turned: set[Key] = set()
        """What is folded although it is mostly not, and the other way round."""
        self._key: Key | None = None
        self._place = 0

    def restart(self) -> None:
        """Forget the runs: another filter is in force, or another log."""
        self.items, self.rows, self.next, self.known = [], (), None, False
        self._trees, self.failures = {}, {}

    # What was read

    def renew(self, page: RunsPage) -> None:
        """Take the newest runs; those below them stay as they are."""
        given = {item.workflow_run_id for item in page.items}
        kept = [item for item in self.items if item.workflow_run_id not in given]
        if not kept:
            self.next = page.next
        self.items = [*page.items, *kept]
        self.known = True
        self.failures = {}
        self.lay_out()

    def add_older(self, page: RunsPage, before: str) -> None:
        """Take the page below; one that was asked for in vain is left."""
        if before == self.next:
            self.next = page.next
            here = {item.workflow_run_id for item in self.items}
            self.items += [item for item in page.items if item.workflow_run_id not in here]
            self.lay_out()

    def fill(self, tree: RunTree) -> None:
        """Take what is in a run."""
        item = self._item(tree.workflow_run_id)
        if item is not None:
            self._trees[tree.workflow_run_id] = (item, tree)
            self.failures.pop(tree.workflow_run_id, None)
            self.lay_out()

    def fail(self, run_id: str, why: str) -> None:
        """Say why a run cannot be read; it is asked for again once something of it is new."""
        item = self._item(run_id)
        if item is not None:
            self.failures[run_id] = why
            self.lay_out()

    @property
    def lacking(self) -> list[str]:
        """The ids of the runs that are unfolded and were not read, or have changed since."""
        return [
            item.workflow_run_id
            for item in self.items
            if item.workflow_run_id in self._open.difference(self.failures)
            and self._read_as(item.workflow_run_id) != item
        ]

    def _read_as(self, run_id: str) -> RunInList | None:
        return self._trees[run_id][0] if run_id in self._trees else None

    def _item(self, run_id: str) -> RunInList | None:
        return next((item for item in self.items if item.workflow_run_id == run_id), None)

    # The tree

    def lay_out(self) -> None:
        """Put all that is unfolded into rows."""
        self.rows = [node for item in self.items for node in self._run(item)]
        if self._node is None:
            self.move_to(self._place)

    def _run(self, item: RunInList) -> Iterator[Node]:
        run = item.workflow_run_id
        is_open = run in self._open
        yield Node((run,), item, 0, not is_open)
        if not is_open:
            return
        if run not in self._trees:
            yield Node((run, "waiting"), Waiting(self.failures.get(run, "")), 1)
            return
        recipients = self._trees[run][1].recipients
        for at, recipient in enumerate(recipients):
            yield from self._recipient((run, _name(recipient, at)), recipient, few=len(recipients) <= UNFOLDED)

    def _recipient(self, key: Key, recipient: RecipientRun, *, few: bool) -> Iterator[Node]:
        folded = not (few or has_trouble(recipient)) ^ (key in self._turned)
        yield Node(key, recipient, 1, folded)
        if folded:
            return
        parts: list[tuple[int, Key, Step | OfStep]] = [
            (_us(event.created_at or event.received_at), (*key, str(event.seq)), event)
            for event in recipient.events
        ]
        parts += [
            (_us(message.first_at), (*key, message.message_id), OfStep(step, message))
            for step in recipient.steps
            for message in step.messages
        ]
        for _, part_key, part in sorted(parts, key=lambda part: part[0]):
            if isinstance(part, OfStep):
                yield from self._message(part_key, part)
            else:
                yield Node(part_key, part, 2)

    def _message(self, key: Key, part: OfStep) -> Iterator[Node]:
        folded = key not in self._turned
        yield Node(key, part, 2, folded, part.message)
        if not folded:
            for step in part.message.steps:
                yield Node((*key, str(step.seq)), step, 3, message=part.message)

    # Folding

    def turn(self) -> bool:
        """Fold what the cursor is on, or unfold it; tells whether there was anything to."""
        node = self._node
        if node is None or node.folded is None:
            return False
        if isinstance(node.thing, RunInList):
            self._open ^= {node.key[0]}
        else:
            self._turned ^= {node.key}
        self.lay_out()
        return True

    def across(self, step: int) -> None:
        """To the right unfold, or go to the first thing within; to the left fold, or go to what it is in."""
        node = self._node
        if node is None:
            return
        if node.folded is (step > 0) and node.folded is not None:
            self.turn()
        elif step > 0 and node.folded is False:
            self.move_to(self.cursor + 1)
        elif step < 0:
            above = range(self.cursor - 1, -1, -1)
            self.move_to(next((at for at in above if self.rows[at].depth < node.depth), self.cursor))

    # The cursor

    @property
    def selected(self) -> Node | None:
        """The row under the cursor."""
        return self._node

    @property
    def _node(self) -> Node | None:
        place = self.cursor
        return self.rows[place] if place < len(self.rows) and self.rows[place].key == self._key else None

    @property
    def cursor(self) -> int:
        """The place of the cursor; where its row was folded away, that of what it is in."""
        if self._place < len(self.rows) and self.rows[self._place].key == self._key:
            return self._place
        key = self._key
        while key:
            found = next((at for at, row in enumerate(self.rows) if row.key == key), None)
            if found is not None:
                self._place, self._key = found, key
                return found
            key = key[:-1]
        return max(min(self._place, len(self.rows) - 1), 0)

    def move_to(self, place: int) -> None:
        """Put the cursor on a row, the nearest that there is."""
        self._place = max(min(place, len(self.rows) - 1), 0)
        self._key = self.rows[self._place].key if self.rows else self._key

    def along(self, step: int) -> bool:
        """Go to the next event of the same message, or the one before; tells whether there is one.

        On a message, or on its last event, the next message of the same recipient follows.
        """
        node = self._node
        if node is None or node.message is None:
            return False
        if isinstance(node.thing, OfStep):
            if step < 0:
                return False
            if node.folded:
                self.turn()
            self.move_to(self.cursor + 1)
            return True
        at = self.cursor + step
        other = self.rows[at] if 0 <= at < len(self.rows) else None
        if other is None or other.key[:-1] != node.key[:-1]:
            return False
        self.move_to(at)
        return True

    def to_trouble(self, step: int) -> bool:
        """Go to the next row that tells of an error or a failure, or to the one before."""
        places = range(self.cursor + 1, len(self.rows)) if step > 0 else range(self.cursor - 1, -1, -1)
        found = next((at for at in places if is_trouble(self.rows[at].thing)), None)
        if found is not None:
            self.move_to(found)
        return found is not None


def is_trouble(thing: Thing) -> bool:
    """Tell whether something went wrong in a run, for a recipient, with a message or an event."""
    match thing:
        case RunInList():
            return bool(thing.errors) or any(thing.outcomes.get(outcome) for outcome in FAILED)
        case RecipientRun():
            return has_trouble(thing)
        case OfStep():
            return thing.message.failure is not None
        case Step():
            return thing.failed
        case Waiting():
            return False


def has_trouble(recipient: RecipientRun) -> bool:
    """Tell whether a run had an error for a recipient, or a message failed."""
    failed = (message.failure is not None for step in recipient.steps for message in step.messages)
    return bool(recipient.errors) or any(failed)


def _name(recipient: RecipientRun, at: int) -> str:
    return recipient.workflow_recipient_run_id or recipient.recipient or str(at)


def _us(text: str) -> int:
    return microseconds(text) or 0
