"""Canned answers in force: which one is looked at, how long it holds, and how much it may keep."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from relay import canned as module
from relay.canned import CannedAnswers, TooMany
from relay.contract.canned import MAX_RULES, CannedAnswer, NewCannedAnswer, parse_script
from relay.contract.filter import parse
from relay.contract.readings import EarlierMessages
from relay.contract.signature import check
from relay.draft import Request, draft_of, envelope
from relay.log.base import Retention
from relay.log.sqlite import SqliteLog

START_US = 1_795_183_400_000_000


class Clock:
    """Microseconds since the epoch that pass when told to."""

    us = START_US

    def __call__(self) -> int:
        return self.us


class Setting:
    """Canned answers over a log, and how often viewers had to be told."""

    def __init__(self, log: SqliteLog) -> None:
        self.log = log
        self.clock = Clock()
        self.told = 0
        self.answers = CannedAnswers(log, clock=self.clock, changed=self._tell)

    def _tell(self) -> None:
        self.told += 1

    def put(self, answer: str, filter_: str = "", *, seconds: int = 600, delay_ms: int = 0) -> CannedAnswer:
        new = NewCannedAnswer(filter=filter_, answer=answer, for_seconds=seconds, delay_ms=delay_ms)
        return self.answers.put(new, parse(filter_), parse_script(answer))

    async def store(self, key: str, kind: str = "message.sent") -> int:
        body = b'{"type":"%b","created_at":"2026-11-20T14:03:08Z","data":{"id":"%b"}}' % (
            kind.encode(),
            key.encode(),
        )
        request = Request(None, [], body, None, self.clock.us)
        draft = draft_of(request, envelope(body), check(None, body, [], 0), EarlierMessages(1))
        return (await self.log.append(draft)).seq

    async def status(self, seq: int) -> int | None:
        found = await self.answers.answer_to(seq)
        return None if found is None else found.status


@pytest.fixture
async def setting(tmp_path: Path) -> AsyncIterator[Setting]:
    log = SqliteLog.open(tmp_path / "log", retention=Retention(0, 0, 0))
    try:
        yield Setting(log)
    finally:
        await log.close()


async def test_one_runs_out_by_itself_and_viewers_are_told(setting: Setting) -> None:
    seq = await setting.store("a")
    setting.put("500", seconds=10)
    setting.clock.us += 9_999_999
    assert (await setting.status(seq), setting.answers.all()[0].seconds_left) == (500, 1)
    told = setting.told
    setting.clock.us += 1
    assert (await setting.status(seq), setting.answers.are_set, setting.answers.provoking) == (None, False, None)
    assert setting.told == told + 1


async def test_the_one_that_was_set_last_is_looked_at_first(setting: Setting) -> None:
    sent, bounced = await setting.store("a"), await setting.store("b", "message.bounced")
    setting.put("500", "type:message.*")
    setting.put("503", "type:message.bounced")
    assert [await setting.status(seq) for seq in (sent, bounced)] == [500, 503]
    told = setting.answers.provoking
    assert told is not None
    assert (told.rules, told.answer) == (2, "503")


async def test_the_same_filter_again_replaces_it_and_counts_anew(setting: Setting) -> None:
    seq = await setting.store("a")
    setting.put("500,200", "type:message.sent  failed OR type:message.sent")
    assert [await setting.status(seq) for _ in range(2)] == [500, 200]
    setting.put("502,200", "type:message.sent failed OR type:message.sent")
    assert [await setting.status(seq) for _ in range(2)] == [502, 200]
    assert len(setting.answers.all()) == 1


async def test_there_is_room_for_so_many(setting: Setting) -> None:
    for number in range(MAX_RULES):
        setting.put("500", f"tenant:t{number}")
    with pytest.raises(TooMany):
        setting.put("500", "tenant:another")
    setting.put("503", "tenant:t3")
    assert len(setting.answers.all()) == MAX_RULES


async def test_what_cannot_be_counted_is_answered_as_ever(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_COUNTED", 2)
    seqs = [await setting.store(key) for key in "abc"]
    setting.put("500,200")
    assert [await setting.status(seq) for seq in (*seqs, *seqs)] == [500, 500, None, 200, 200, None]
    assert (setting.answers.all()[0].events, setting.answers.all()[0].passed) == (2, 2)


async def test_an_event_that_is_gone_is_answered_as_ever(setting: Setting) -> None:
    seq = await setting.store("a")
    setting.put("500")
    await setting.log.purge([seq])
    assert await setting.status(seq) is None


async def test_over_the_bound_answers_do_not_wait(setting: Setting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_WAITING", 1)
    seq = await setting.store("a")
    setting.put("500", delay_ms=60_000)

    async def stays() -> None:
        await asyncio.Event().wait()

    first, second = await setting.answers.answer_to(seq), await setting.answers.answer_to(seq)
    assert first is not None
    assert second is not None
    waiting = asyncio.create_task(setting.answers.wait(first, stays))
    await asyncio.sleep(0)
    assert await asyncio.wait_for(setting.answers.wait(second, stays), 5)
    assert (waiting.done(), setting.answers.all()[0].waiting) == (False, 1)
    setting.answers.end()
    assert await asyncio.wait_for(waiting, 5)
