from __future__ import annotations

from collections.abc import Sequence

from relay.contract.events import Channel, EventSummary
from tests.tui.filtering_source import FilteringSource
from tests.tui.made import made
from tui.model.counting import read_about, read_causes
from tui.model.failures import Cause, Kind


def failed(seq: int, reason: str | None, details: str | None, type_: str = "message.undelivered") -> EventSummary:
    data = {"failure_reason": reason, "failure_details": details}
    return made(seq, type_, failed=True, event_data={key: text for key, text in data.items() if text is not None})


def source() -> FilteringSource:
    return FilteringSource(
        [
            failed(1, "fatal_error", "Mailbox 12 is full"),
            failed(2, "fatal_error", "Mailbox 7 is full", "message.bounced"),
            failed(3, "fatal_error", None),
            failed(4, "retries_exhausted", "Timed out"),
            failed(5, None, None, "message.bounced"),
            made(6, "message.complaint"),
            made(7, "workflow_recipient_run.error", workflow="welcome", channel=None),
            made(8, "message.link_clicked", event_data={"url": "https://a.example/1"}),
            made(9, "message.link_clicked", event_data={"url": "https://a.example/2"}),
            made(10, "workflow.committed"),
            made(11, "commits.promoted"),
            made(12),
        ]
    )


async def causes_of(log: FilteringSource, applied: str) -> Sequence[Cause]:
    return [reading async for reading in read_causes(log, applied, 0)][-1].causes


async def test_what_was_counted_so_far_is_given_until_all_of_it_is() -> None:
    readings = [reading async for reading in read_causes(source(), "", 0)]
    counts = [len(reading.causes) for reading in readings]
    assert (counts[0], counts[-1], counts) == (1, 8, sorted(counts))
    assert [reading.whole for reading in readings] == [False] * (len(readings) - 1) + [True]


async def test_failures_are_counted_by_reason_and_by_details_that_are_alike() -> None:
    causes = await causes_of(source(), "")
    found = [(cause.what, cause.details, cause.count) for cause in causes if cause.kind is Kind.FAILED]
    assert found == [
        ("fatal_error", "Mailbox <n> is full", 2),
        ("fatal_error", "", 1),
        ("retries_exhausted", "Timed out", 1),
        ("no reason given", "message.bounced", 1),
    ]


async def test_complaints_runs_and_links_are_counted_beside_them() -> None:
    causes = await causes_of(source(), "")
    found = {(cause.kind, cause.what, cause.count) for cause in causes if cause.kind is not Kind.FAILED}
    assert found == {
        (Kind.COMPLAINT, "message.complaint", 1),
        (Kind.RUN, "welcome", 1),
        (Kind.LINK, "https://a.example/1", 1),
        (Kind.LINK, "https://a.example/2", 1),
    }


async def test_the_filter_of_each_cause_finds_its_events_and_no_others() -> None:
    log = source()
    for cause in await causes_of(log, ""):
        assert cause.term is not None
        seqs = [event.seq for event in (await log.page(cause.term, before=99)).events]
        assert (len(seqs), seqs[0], seqs[-1]) == (cause.count, cause.first_seq, cause.last_seq)


async def test_only_what_the_filter_in_force_shows_is_counted() -> None:
    causes = await causes_of(source(), "type:message.complaint OR type:message.bounced")
    assert sum(cause.count for cause in causes) == 3


async def test_what_the_events_of_a_cause_have_in_common_is_counted() -> None:
    log = source()
    log.log = [
        made(1, "message.complaint", channel=Channel("1", "email", "sendgrid", "a"), workflow="x"),
        made(2, "message.complaint", channel=Channel("2", "email", "postmark", "b"), workflow="y"),
        made(3, "message.complaint", channel=None, workflow="y"),
    ]
    (cause,) = await causes_of(log, "")
    about = await read_about(log, "", cause, 2)
    assert [(group.value, group.count) for group in about.workflows] == [("y", 2), ("x", 1)]
    assert [(group.value, group.count) for group in about.channels] == [("email", 2)]
    assert {group.value for group in about.providers} == {"sendgrid", "postmark"}
    assert [event.seq for event in about.newest] == [2, 3]
