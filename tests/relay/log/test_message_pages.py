"""Pages of messages: with the index and without, they are what going through every event gives."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.contract import jsontext
from relay.contract.events import Verdict
from relay.contract.filter import parse_on_messages
from relay.contract.timeline import MessageTimeline, timeline_of
from relay.log.base import Retention
from relay.log.messages import BadCursor, Cursor, Sort, cursor_of
from relay.log.sqlite import SqliteLog
from relay.log.walk import Told
from relay.messages import Messages, NotKept
from tests.relay.contract.timeline.told import LATER, START_US, attempt, made
from tests.relay.log.logged import MEMORY, NEAR, Arrival, everything, fill, log_of
from tests.relay.log.test_search import run

NOW_US = LATER.now_us
LONG = "x" * 1_500
KINDS = ("sent", "delivered", "bounced", "undelivered", "complaint", "seen", "unseen", "read", "link_clicked")
FILTERS = (
    "",
    "type:message.read",
    "workflow:w1",
    "-workflow:w1 status:sent",
    "outcome:bounced,undelivered",
    "type:message.sent -flag:stalled",
    "never:message.sent steps:>1",
    "engagement:read OR workflow:w2",
    "-(took:>5s workflow:w1)",
    '"w2" seen',
)
ORDERS: tuple[Sort, ...] = ("activity", "failing", "slowest")


@st.composite
def posts(draw: st.DrawFn) -> list[Arrival]:
    """Events of a few messages, in any order."""
    bodies = draw(
        st.lists(
            st.builds(
                lambda kind, at, id_, flow, status: made(kind, at, id=id_, workflow=flow, status=status),
                st.sampled_from(KINDS),
                st.integers(0, 9),
                st.sampled_from(["m1", "m2", "m3", "m/4", "\ud800", LONG, LONG + "y"]),
                st.sampled_from(["w1", "w2", None]),
                st.sampled_from(["sent", "delivered"]),
            )
            | st.builds(attempt, st.integers(0, 9), st.integers(1, 3))
            | st.just({"type": "workflow.updated", "data": {"key": "w1"}}),
            min_size=1,
            max_size=14,
        )
    )
    return [
        Arrival(jsontext.dumps(body), number, Verdict.VERIFIED, received_us=START_US + number)
        for number, body in enumerate(bodies)
    ]


async def listed(log: SqliteLog, text: str, sort: Sort, limit: int) -> list[str]:
    """The ids of every page, one after the other."""
    messages = Messages(log, lambda: NOW_US)
    ids: list[str] = []
    before: str | None = None
    while True:
        page = await messages.page(parse_on_messages(text, NOW_US), sort=sort, before=before, limit=limit)
        assert len(page.items) <= limit
        ids += [item.message_id for item in page.items]
        if page.next is None:
            return ids
        before = page.next


async def timelines(log: SqliteLog) -> dict[str, tuple[MessageTimeline, Sequence[Told]]]:
    """Every message by its id, each with its events as a filter asks about them, newest first."""
    ids = {event.seq: event.full_facts().message_id for event in await everything(log)}
    events = [event for event in await everything(log) if ids[event.seq]]
    found: dict[str, tuple[MessageTimeline, Sequence[Told]]] = {}
    for id_ in {ids[event.seq] for event in events}:
        mine = [event for event in events if ids[event.seq] == id_]
        one = timeline_of(id_ or "", [event.summary for event in mine], LATER)
        found[id_ or ""] = (one, [Told(event, None, one) for event in mine])  # type: ignore[arg-type] # all is read
    return found


async def expected(log: SqliteLog, text: str, sort: Sort) -> list[str]:
    filter_ = parse_on_messages(text, NOW_US)
    rows = []
    for id_, (one, events) in (await timelines(log)).items():
        match = next((event.seq for event in events if filter_.matches(event)), None)
        if match is None:
            continue
        failures = [step.seq for step in one.steps if step.failed or step.type == "message.delivery_attempted"]
        took = -1.0 if one.took_ms is None else one.took_ms
        order = {
            "activity": (0.0, match),
            "failing": (1.0, max(failures)) if one.is_failing else (0.0, match),
            "slowest": (took, match),
        }[sort]
        rows.append((order, id_))
    return [id_ for _, id_ in sorted(rows, reverse=True)]


@settings(deadline=None, max_examples=35)
@given(posts(), st.sampled_from(FILTERS), st.sampled_from(ORDERS), st.integers(1, 3))
def test_pages_are_what_going_through_every_event_gives(
    came: list[Arrival], text: str, sort: Sort, limit: int
) -> None:
    async def check(directory: Path) -> None:
        async with log_of(directory, came, after=NEAR) as log:
            assert await listed(log, text, sort, limit) == await expected(log, text, sort)
            await fill(log)
            assert await listed(log, text, sort, 40 * limit) == await expected(log, text, sort)

    with tempfile.TemporaryDirectory(dir=MEMORY) as directory:
        run(check(Path(directory)))


@settings(deadline=None, max_examples=30)
@given(posts(), st.sampled_from(FILTERS), st.sampled_from(("activity", "failing")))
def test_pages_that_are_late_go_on_all_the_same(came: list[Arrival], text: str, sort: Sort) -> None:
    async def check(directory: Path) -> None:
        async with log_of(directory, came) as log:
            assert await listed(log, text, sort, 3) == await expected(log, text, sort)

    with tempfile.TemporaryDirectory(dir=MEMORY) as directory, pytest.MonkeyPatch.context() as patch:
        patch.setattr("relay.log.messages.SECONDS", 0)
        run(check(Path(directory)))


async def test_the_slowest_are_sought_on_where_none_was_found_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    came = [post(made("sent", number, id=f"m{number}", tenant=f"t{number}"), number) for number in range(5)]
    async with log_of(tmp_path, came) as log:
        monkeypatch.setattr("relay.log.messages.SLOW_SECONDS", 0)
        assert await listed(log, "data.tenant:t0", "slowest", 10) == ["m0"]


@pytest.mark.parametrize(("most", "newest"), [(5_000, None), (256, 256)])
async def test_the_slowest_say_of_how_many_of_the_newest_they_are_where_that_is_not_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int, newest: int | None
) -> None:
    monkeypatch.setattr("relay.log.messages.MAX_SLOW", most)
    came = [post(made("sent", number, id=f"m{number}"), number) for number in range(300)]
    async with log_of(tmp_path, came) as log:
        messages = Messages(log, lambda: NOW_US)
        everyone = parse_on_messages("", NOW_US)
        first = await messages.page(everyone, sort="slowest", before=None, limit=10)
        second = await messages.page(everyone, sort="slowest", before=first.next, limit=10)
        assert (first.newest, second.newest) == (newest, newest)


def post(body: dict[str, object], key: int) -> Arrival:
    return Arrival(jsontext.dumps(body), key, Verdict.VERIFIED, received_us=START_US + key)


async def test_what_comes_between_two_pages_neither_repeats_a_message_nor_hides_one(tmp_path: Path) -> None:
    came = [post(made("sent", number, id=f"m{number}"), number) for number in range(6)]
    async with log_of(tmp_path, came) as log:
        messages = Messages(log, lambda: NOW_US)
        everyone = parse_on_messages("", NOW_US)
        first = await messages.page(everyone, sort="activity", before=None, limit=2)
        for number in (5, 1):  # one that was listed, and one that was not yet
            await log.append(post(made("delivered", 10 + number, id=f"m{number}"), 10 + number).draft())
        second = await messages.page(everyone, sort="activity", before=first.next, limit=10)
        assert [item.message_id for item in first.items] == ["m5", "m4"]
        assert [item.message_id for item in second.items] == ["m3", "m2", "m1", "m0"]
        assert [item.outcome for item in second.items] == ["sent", "sent", "delivered", "sent"]


async def test_history_that_retention_took_is_flagged(tmp_path: Path) -> None:
    came = [post(made(kind, at, id="m1"), at) for at, kind in enumerate(("sent", "delivered", "read"))]
    retention = Retention(2, 0, 0)
    log = SqliteLog.open(tmp_path / "events.sqlite3", retention=retention, clock=lambda: NOW_US)
    try:
        for arrival in came:
            await log.append(arrival.draft())
        messages = Messages(log, lambda: NOW_US)
        assert "history-trimmed" not in (await messages.timeline("m1")).flags
        await log.trim()
        assert "history-trimmed" in (await messages.timeline("m1")).flags
    finally:
        await log.close()


@pytest.mark.parametrize(("stall_after_us", "stalls"), [(60_000_000, True), (3_600_000_000, False)])
async def test_lists_timelines_the_funnel_and_runs_all_go_by_when_a_message_stalls(
    tmp_path: Path, stall_after_us: int, stalls: bool
) -> None:
    now_us = START_US + 600_000_000
    body = made("sent", 0, id="m1", source={"workflow_run_id": "r1", "key": "w"}, channel="sms:twilio")
    async with log_of(tmp_path, [post(body, 0)]) as log:
        messages = Messages(log, lambda: now_us, stall_after_us=stall_after_us)
        stalled = parse_on_messages("flag:stalled", now_us)
        tree = await messages.run("r1")
        for sort in get_args(Sort):
            page = await messages.page(stalled, sort=sort, before=None, limit=10)
            assert len(page.items) == stalls
        assert (await messages.funnel(stalled, by=None)).messages == stalls
        assert ("stalled" in (await messages.timeline("m1")).flags) is stalls
        assert ("stalled" in tree.recipients[0].steps[0].messages[0].flags) is stalls


async def test_a_list_has_the_newest_steps_and_a_timeline_all(tmp_path: Path) -> None:
    came = [post(made("seen" if number % 2 else "unseen", number), number) for number in range(30)]
    async with log_of(tmp_path, came) as log:
        messages = Messages(log, lambda: NOW_US)
        page = await messages.page(parse_on_messages("", NOW_US), sort="activity", before=None, limit=10)
        assert [(item.step_count, len(item.steps), item.steps[-1].seq) for item in page.items] == [(30, 20, 30)]
        assert len((await messages.timeline("m1")).steps) == 30


async def test_while_the_log_is_indexed_a_list_says_that_steps_may_be_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    came = [post(made(kind, at), at) for at, kind in enumerate(("sent", "delivered", "read"))]
    async with log_of(tmp_path, came) as log:
        messages = Messages(log, lambda: NOW_US)
        monkeypatch.setattr("relay.log.walk.MOST_UNINDEXED", 2)
        (item,) = (await messages.page(parse_on_messages(""), sort="activity", before=None, limit=10)).items
        assert (item.step_count, item.complete) == (2, False)
        assert not (await messages.funnel(parse_on_messages(""), by=None)).complete
        one = await messages.timeline("m1")
        assert (one.step_count, one.complete) == (3, True)


async def test_an_empty_log_has_no_messages_and_no_runs(tmp_path: Path) -> None:
    async with log_of(tmp_path, []) as log:
        assert await listed(log, "", "activity", 10) == []
        runs = await Messages(log).runs(parse_on_messages(""), before=None, limit=10)
        funnel = await Messages(log).funnel(parse_on_messages(""), by="channel")
        assert (runs.items, runs.next, funnel.messages, funnel.complete) == ([], None, 0, True)


async def test_a_message_of_which_nothing_is_kept_is_not_there(tmp_path: Path) -> None:
    async with log_of(tmp_path, []) as log:
        with pytest.raises(NotKept, match="nobody"):
            await Messages(log).timeline("nobody")
        with pytest.raises(NotKept, match="nothing"):
            await Messages(log).run("nothing")


@pytest.mark.parametrize("text", ["", "a", "12", "a1.2.3.4", "s1.2", "a1.2 ", "f1.2", "a" + "9" * 40 + ".1"])
def test_a_cursor_of_another_order_is_refused(text: str) -> None:
    with pytest.raises(BadCursor):
        cursor_of(text, "activity" if not text.startswith("s") else "slowest")


def test_a_cursor_is_read_as_it_was_written() -> None:
    assert cursor_of(str(Cursor("a", 3, 9)), "activity") == Cursor("a", 3, 9)
    assert cursor_of(str(Cursor("s", 3, 9, -1, 2)), "slowest") == Cursor("s", 3, 9, -1, 2)
