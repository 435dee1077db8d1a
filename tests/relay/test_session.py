"""One viewer's feed: what is sent, in which order, and what it claims."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.contract import frames
from relay.contract.events import Verdict
from relay.contract.filter import parse
from relay.log.base import Entry, Slice
from relay.log.stored import StoredEvent
from relay.session import Session, Standing, summary_of
from tests.relay.log.drafts import draft


def event(seq: int, kind: str = "message.sent", *, count: int = 1, padding: int = 0) -> StoredEvent:
    made = draft(f"m{seq}", kind=kind)
    facts = made.summary
    if padding:
        facts = facts.replace(b'"reading":"', b'"reading":"' + b"x" * padding)
    return StoredEvent(
        seq=seq,
        type=kind,
        received_us=made.received_us,
        endpoint=None,
        verdict=Verdict.VERIFIED,
        facts=facts,
        delivery_count=count,
        raw_headers=made.headers,
        raw_body=made.body,
    )


def session(*, after: int = 0, filter_: str = "", types: Sequence[str] = ()) -> Session:
    return Session(after=after, filter_=parse(filter_), types=frozenset(types))


def sent(viewer: Session, found: Slice) -> list[frames.ServerFrame]:
    decoded = [frames.decode(frame) for frame in viewer.take(found, summary_of)]
    return [frame for frame in decoded if frame is not None]


def events_of(viewer: Session, *events: StoredEvent) -> list[frames.ServerFrame]:
    return sent(viewer, Slice([Entry(each.seq, each) for each in events], events[-1].seq))


def test_events_are_sent_with_the_seq_they_reach_to() -> None:
    frame = events_of(session(), event(1), event(2))[0]
    assert isinstance(frame, frames.Events)
    assert ([item.seq for item in frame.items], frame.upto) == ([1, 2], 2)


def test_the_cursor_moves_past_what_does_not_match() -> None:
    viewer = session(filter_="type:message.bounced")
    events_of(viewer, event(1), event(2))
    assert viewer.cursor == 2


def test_what_does_not_match_is_not_sent() -> None:
    viewer = session(filter_="type:message.bounced")
    frame = events_of(viewer, event(1), event(2, "message.bounced"))[0]
    assert isinstance(frame, frames.Events)
    assert [item.seq for item in frame.items] == [2]


def test_types_narrow_the_events_but_not_the_counts() -> None:
    out = events_of(session(types=["message.read"]), event(1), event(2, "message.read"))
    counts = [frame for frame in out if isinstance(frame, frames.Counts)]
    assert counts[0].added == {"message.sent": 1, "message.read": 1}


def test_a_later_fact_sends_the_whole_summary_again_under_its_old_seq() -> None:
    viewer = session(after=5)
    frame = sent(viewer, Slice([Entry(6, event(3, count=2))], 6))[0]
    assert isinstance(frame, frames.Changes)
    assert [(item.seq, item.delivery_count) for item in frame.items] == [(3, 2)]


def test_what_changed_so_that_it_does_not_match_any_more_has_left() -> None:
    viewer = session(after=5, filter_="deliveries:1")
    (frame,) = sent(
        viewer, Slice([Entry(6, event(3)), Entry(7, event(3, count=2)), Entry(8, event(8, count=2))], 8)
    )
    assert isinstance(frame, frames.Left)
    assert [(item.seq, item.delivery_count) for item in frame.items] == [(3, 2)]
    assert (frame.upto, viewer.cursor) == (5, 8)
    again = sent(viewer, Slice([Entry(9, event(3, count=2)), Entry(10, event(3))], 10))
    assert [type(frame) for frame in again] == [frames.Changes]


@pytest.mark.parametrize(("filter_", "types"), [("type:other", []), ("deliveries:1", ["other"])])
def test_what_never_can_have_been_sent_has_not_left(filter_: str, types: list[str]) -> None:
    viewer = session(after=5, filter_=filter_, types=types)
    assert sent(viewer, Slice([Entry(6, event(3, count=2))], 6)) == []


def test_changes_claim_no_more_than_was_sent_before_them() -> None:
    viewer = session(after=5)
    out = sent(viewer, Slice([Entry(6, event(3, count=2)), Entry(7, event(7))], 7))
    assert [
        (type(frame), frame.upto) for frame in out[:2] if isinstance(frame, frames.Changes | frames.Events)
    ] == [
        (frames.Changes, 5),
        (frames.Events, 7),
    ]


def test_a_fact_about_an_event_in_the_same_slice_is_not_sent_twice() -> None:
    viewer = session()
    now = event(1, count=2)
    out = sent(viewer, Slice([Entry(1, now), Entry(2, now)], 2))
    assert [type(frame) for frame in out] == [frames.Events, frames.Counts]


def test_a_gap_is_said_before_what_comes_after_it() -> None:
    viewer = session()
    out = sent(viewer, Slice([Entry(9, event(9))], 9, gap=(1, 8)))
    assert isinstance(out[0], frames.Gap)
    assert (out[0].from_, out[0].to) == (1, 8)


def test_another_filter_holds_from_the_seq_that_the_answer_names() -> None:
    viewer = session(after=7)
    answer = frames.decode(viewer.set_filter(frames.SetFilter(id="a", filter="failed"), parse("failed")))
    assert isinstance(answer, frames.Filtered)
    assert (answer.id, answer.from_) == ("a", 7)


def test_a_viewer_that_caught_up_is_told_once() -> None:
    viewer = session()
    standing = Standing(last_seq=2, quarantined=0, secrets=1)
    viewer.beat(standing, 0)
    events_of(viewer, event(1), event(2))
    assert viewer.must_beat(standing)
    viewer.beat(standing, 0)
    assert not viewer.must_beat(standing)


def test_a_viewer_that_lags_is_not_told_that_it_caught_up() -> None:
    viewer = session()
    standing = Standing(last_seq=9, quarantined=0, secrets=1)
    viewer.beat(standing, 0)
    events_of(viewer, event(1))
    assert not viewer.must_beat(standing)


@pytest.mark.parametrize("now", [Standing(2, 1, 0), Standing(2, 0, 1), Standing(2, 0, 0, "https://a.example")])
def test_a_change_of_the_quarantine_the_secrets_or_the_public_address_is_told(now: Standing) -> None:
    viewer = session(after=2)
    viewer.beat(Standing(2, 0, 0), 0)
    assert viewer.must_beat(now)


@given(st.lists(st.integers(0, 400_000), min_size=1, max_size=12))
def test_no_frame_is_larger_than_it_may_be(paddings: list[int]) -> None:
    events = [event(seq, padding=padding) for seq, padding in enumerate(paddings, 1)]
    viewer = session()
    raw = viewer.take(Slice([Entry(each.seq, each) for each in events], len(events)), summary_of)
    assert all(len(frame) <= frames.MAX_BYTES for frame in raw)


def test_at_most_500_events_go_into_a_frame() -> None:
    events = [event(seq) for seq in range(1, 1_201)]
    out = events_of(session(), *events)
    assert [len(frame.items) for frame in out if isinstance(frame, frames.Events)] == [500, 500, 200]


@given(
    st.lists(st.booleans(), min_size=1, max_size=60),
    st.lists(st.integers(1, 10), min_size=1, max_size=60),
    st.integers(0, 200),
)
def test_a_cut_anywhere_and_a_resume_give_every_event_once(new: list[bool], sizes: list[int], cut: int) -> None:
    """A log of new events and later facts, read in slices; the connection is cut after `cut` frames."""
    entries: list[Entry] = []
    known: list[int] = []
    for seq, is_new in enumerate(new, 1):
        if is_new or not known:
            known.append(seq)
            entries.append(Entry(seq, event(seq)))
        else:
            entries.append(Entry(seq, event(known[seq % len(known)], count=2)))

    def frames_after(after: int) -> list[frames.ServerFrame]:
        viewer, out, turn = session(after=after), list[frames.ServerFrame](), 0
        while viewer.cursor < len(entries):
            part = entries[viewer.cursor : viewer.cursor + sizes[turn % len(sizes)]]
            out += sent(viewer, Slice(part, part[-1].seq))
            turn += 1
        return out

    seen: list[int] = []
    upto = 0
    for frame in frames_after(0)[:cut]:
        upto = max(upto, frame.upto) if isinstance(frame, frames.Events | frames.Changes | frames.Counts) else upto
        seen += [item.seq for item in frame.items] if isinstance(frame, frames.Events) else []
    for frame in frames_after(upto):
        seen += [item.seq for item in frame.items] if isinstance(frame, frames.Events) else []
    assert seen == known
