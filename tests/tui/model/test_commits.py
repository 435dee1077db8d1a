from __future__ import annotations

from relay.contract.events import EventSummary
from tests.tui.made import made
from tui.model.commits import EVERY, MOST, Commits


def commit(seq: int, type_: str = "workflow.committed", minute: int = 0) -> EventSummary:
    return made(seq, type_, created_at=f"2026-11-23T10:{minute:02}:00Z")


def of(*seqs: int) -> Commits:
    commits = Commits()
    commits.take([commit(seq) for seq in seqs], max(seqs), 0.0)
    return commits


def seqs(commits: Commits) -> list[int]:
    return [event.seq for event in commits.events]


def test_only_commits_and_promotions_are_kept_once_and_in_order() -> None:
    commits = of(9, 4)
    commits.arrive([commit(4), commit(11, "commits.promoted"), made(12, "message.sent")], 12, whole=True)
    assert seqs(commits) == [4, 9, 11]


def test_no_more_than_the_newest_are_kept() -> None:
    commits = of(*range(1, MOST + 3))
    assert (len(commits.events), commits.events[0].seq) == (MOST, 3)


def test_what_a_filter_keeps_out_is_to_be_read_now_and_then() -> None:
    commits = Commits()
    assert commits.lacking(0, 0.0)
    commits.take([], 5, 0.0)
    commits.arrive([], 6, whole=True)
    assert not commits.lacking(6, EVERY + 1)
    commits.arrive([], 9, whole=False)
    assert [commits.lacking(9, EVERY - 1), commits.lacking(9, EVERY)] == [False, True]


def test_the_last_ones_before_an_event_are_known() -> None:
    assert [event.seq for event in of(1, 3, 5, 9).before(6, 2)] == [5, 3]


def test_two_events_have_a_commit_between_them_or_not() -> None:
    commits = of(5, 9)
    assert [commits.between(*pair) for pair in ((4, 6), (6, 4), (5, 9), (6, 8), (9, 12))] == [
        *(True, True, False, False, False)
    ]


def test_those_made_within_a_time_are_given_by_when_they_were_made() -> None:
    commits = Commits()
    late, early = commit(2, minute=30), commit(3, minute=20)
    commits.take([late, early, commit(4, minute=50)], 4, 0.0)
    minute = 60_000_000
    first = commits.made(0, 2**60)[0][0] - 20 * minute
    made_then = commits.made(first, first + 40 * minute)
    assert [event for _, event in made_then] == [early, late]
