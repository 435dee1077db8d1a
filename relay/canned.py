"""Canned answers in force: which stored event they are for, whose turn it is, and when they end.

They are kept in memory: a relay that starts anew answers as ever. Those that were set last are looked at first.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from sqlite3 import Connection
from typing import NamedTuple

from relay.contract import jsontext
from relay.contract.canned import MAX_RULES, CannedAnswer, NewCannedAnswer, Provoking, Script
from relay.contract.filter import Filter
from relay.contract.moments import rfc3339
from relay.log.base import LogError
from relay.log.reader import find
from relay.log.sqlite import SqliteLog

MAX_COUNTED = 20_000
"""Events whose deliveries one canned answer counts; others are answered as ever."""
MAX_WAITING = 256
"""Answers that may wait at a time; over that they go at once."""

log = logging.getLogger(__name__)


class TooMany(Exception):
    """There is no room for one more canned answer."""


class Answer(NamedTuple):
    """What one delivery is to be answered; a number of seconds for `retry_after`."""

    rule: _Rule
    status: int
    retry_after: int | None

    def body(self, seq: int, duplicate: bool) -> bytes:
        """What goes with it: a 2xx says what it would have said anyway."""
        stored = {"seq": seq, "duplicate": duplicate}
        if self.status < 300:
            return jsontext.dumps(stored)
        detail = f"the event is stored; `knocktop provoke` has it answered {self.rule.script}"
        return jsontext.dumps({"title": "Provoked", "status": self.status, "detail": detail, **stored})


class _Rule:
    """One canned answer, and how far each event is with it."""

    def __init__(self, id_: int, given: NewCannedAnswer, filter_: Filter, script: Script, until_us: int) -> None:
        self.id = id_
        self.given = given
        self.filter = filter_
        self.script = script
        self.until_us = until_us
        self.answered = 0
        self.waiting = 0
        self.passed = 0
        self.over = asyncio.Event()
        """Nothing that waits has to wait any longer."""
        self._given: dict[int, int] = {}

    def next(self, seq: int) -> Answer | None:
        """The answer whose turn it is for an event; None where it cannot be counted."""
        given = self._given.get(seq, 0)
        if not self.script.is_constant:
            if seq not in self._given and len(self._given) >= MAX_COUNTED:
                self.passed += 1
                return None
            self._given[seq] = given + 1
        status = self.script.status(given)
        return Answer(self, status, None if status < 300 else self.given.retry_after)

    def told(self, now_us: int) -> CannedAnswer:
        return CannedAnswer(
            id=self.id,
            filter=self.filter.text,
            answer=str(self.script),
            delay_ms=self.given.delay_ms,
            retry_after=self.given.retry_after,
            until=rfc3339(self.until_us),
            seconds_left=max(-(-(self.until_us - now_us) // 1_000_000), 0),
            answered=self.answered,
            events=None if self.script.is_constant else len(self._given),
            waiting=self.waiting,
            passed=self.passed,
        )


class CannedAnswers:
    """All of them.

    `clock` gives microseconds since the epoch; `changed` is called when `provoking` may be another.
    """

    def __init__(self, log_: SqliteLog, *, clock: Callable[[], int], changed: Callable[[], None]) -> None:
        self._log = log_
        self._clock = clock
        self._changed = changed
        self._rules: list[_Rule] = []
        self._last_id = 0
        self._waiting = 0

    @property
    def are_set(self) -> bool:
        """There are some, or were until just now; the one thing that is asked for every request."""
        return bool(self._rules)

    @property
    def provoking(self) -> Provoking | None:
        """What viewers are told of them; None where none is in force."""
        rules = self._current()
        if not rules:
            return None
        until_us = max(rule.until_us for rule in rules)
        return Provoking(rules=len(rules), answer=str(rules[0].script), until=rfc3339(until_us))

    def all(self) -> list[CannedAnswer]:
        now_us = self._clock()
        return [rule.told(now_us) for rule in self._current()]

    def put(self, given: NewCannedAnswer, filter_: Filter, script: Script) -> CannedAnswer:
        """Put one in force, instead of another with the same filter; its counters begin anew. Raises `TooMany`."""
        same = [rule for rule in self._current() if str(rule.filter) == str(filter_)]
        if len(self._rules) - len(same) >= MAX_RULES:
            raise TooMany(f"there are {MAX_RULES} canned answers already: end one of them")
        self._end(same)
        self._last_id += 1
        now_us = self._clock()
        rule = _Rule(self._last_id, given, filter_, script, now_us + given.for_seconds * 1_000_000)
        self._rules.insert(0, rule)
        # Not the filter: it may hold a name that is nobody's business in a log.
        log.warning("canned answer %d is in force for %d s: %s", rule.id, given.for_seconds, script)
        self._changed()
        return rule.told(now_us)

    def end(self, id_: int | None = None) -> list[CannedAnswer]:
        """End one, or all of them; what waits is answered at once. Gives those that ended."""
        now_us = self._clock()
        ended = [rule for rule in self._current() if id_ is None or rule.id == id_]
        self._end(ended)
        if ended:
            log.warning("canned answers ended: %s", ", ".join(str(rule.id) for rule in ended))
            self._changed()
        return [rule.told(now_us) for rule in ended]

    def _end(self, rules: Sequence[_Rule]) -> None:
        self._rules = [rule for rule in self._rules if rule not in rules]
        for rule in rules:
            rule.over.set()

    def _current(self) -> list[_Rule]:
        """Those in force; what ran out is forgotten here, and what it holds back goes when its time comes."""
        if self._rules:
            now_us = self._clock()
            ended = [rule for rule in self._rules if rule.until_us <= now_us]
            if ended:
                self._rules = [rule for rule in self._rules if rule not in ended]
                log.warning("canned answers ran out: %s", ", ".join(str(rule.id) for rule in ended))
                self._changed()
        return self._rules

    # -- answering

    async def answer_to(self, seq: int) -> Answer | None:
        """What is to be answered to the delivery of a stored event; None for what is answered as ever."""
        rules = list(self._current())
        if not rules:
            return None
        try:
            # Away from the loop, since a filter may look at all of a large body.
            index = await self._log.run_in_reader(
                partial(_first_that_matches, [rule.filter for rule in rules], seq)
            )
        except LogError as error:
            log.warning("an event could not be looked at for a canned answer: %s", error)
            return None
        rule = None if index is None else rules[index]
        return None if rule is None or rule.over.is_set() else rule.next(seq)

    async def wait(self, answer: Answer, left: Callable[[], Awaitable[None]]) -> bool:
        """Hold an answer back as long as it is to be; tells whether whoever asked is still there.

        What `left` gives ends when they have left.
        """
        rule = answer.rule
        if not rule.given.delay_ms or self._waiting >= MAX_WAITING:
            return True
        self._waiting += 1
        rule.waiting += 1
        leaving = asyncio.ensure_future(left())
        over = asyncio.ensure_future(rule.over.wait())
        try:
            await asyncio.wait(
                (leaving, over), timeout=rule.given.delay_ms / 1_000, return_when=asyncio.FIRST_COMPLETED
            )
            return not leaving.done()
        finally:
            self._waiting -= 1
            rule.waiting -= 1
            leaving.cancel()
            over.cancel()

    async def was_sent(self, answer: Answer, seq: int, received_us: int) -> None:
        """Note that an answer was given to the delivery of an event that came at a time."""
        answer.rule.answered += 1
        try:
            await self._log.answered(seq, received_us=received_us, status=answer.status)
        except LogError as error:
            log.warning("what a delivery was answered could not be noted: %s", error)


def _first_that_matches(filters: Sequence[Filter], seq: int, connection: Connection) -> int | None:
    """Which of some filters an event passes first, as the log has it now: this delivery is counted already."""
    event = find(connection, seq)
    if event is None:
        return None
    return next((index for index, filter_ in enumerate(filters) if filter_.matches(event)), None)
