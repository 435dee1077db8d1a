from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.tui.made import made
from tui.model.browse import REJOIN, Browse, Stance
from tui.model.source import Missing, Page
from tui.model.window import Window


def browse(*seqs: int, capacity: int = 1_000) -> Browse:
    view = Browse(Window(capacity))
    view.restart(0, older=False)
    view.arrive([made(seq) for seq in seqs])
    return view


def seqs(view: Browse) -> list[int]:
    return [row.seq for row in view.window.rows]


def page(*numbers: int, next_: int | None = None) -> Page:
    return Page([made(seq) for seq in numbers], next_)


def test_while_following_the_cursor_is_on_the_newest() -> None:
    view = browse(1, 2, 3)
    view.arrive([made(4)])
    assert (view.selected, view.stance, view.fresh) == (4, Stance.FOLLOWING, 0)


def test_moving_off_the_newest_ends_following() -> None:
    view = browse(1, 2, 3)
    view.move(-1)
    assert (view.selected, view.stance) == (2, Stance.BROWSING)


def test_moving_past_the_newest_while_following_keeps_following() -> None:
    view = browse(1, 2, 3)
    view.move(1)
    assert view.stance is Stance.FOLLOWING


def test_while_browsing_arrivals_are_taken_in_and_counted_but_the_selection_stays() -> None:
    view = browse(1, 2, 3)
    view.move(-2)
    view.arrive([made(4), made(5)])
    assert (view.selected, view.fresh, seqs(view)) == (1, 2, [1, 2, 3, 4, 5])


def test_new_events_stop_being_new_once_the_cursor_was_on_them() -> None:
    view = browse(1, 2, 3)
    view.move(-1)
    view.arrive([made(4), made(5)])
    view.move_to(3)
    assert view.fresh == 1


def test_coming_back_to_the_newest_by_hand_does_not_follow() -> None:
    view = browse(1, 2, 3)
    view.move(-1)
    view.move(1)
    view.arrive([made(4)])
    assert (view.selected, view.fresh) == (3, 1)


def test_follow_goes_to_the_newest_and_stays_there() -> None:
    view = browse(1, 2, 3)
    view.move(-2)
    view.arrive([made(4)])
    view.follow()
    view.arrive([made(5)])
    assert (view.selected, view.stance, view.fresh) == (5, Stance.FOLLOWING, 0)


def test_while_following_the_oldest_rows_go() -> None:
    view = browse(1, 2, 3, capacity=3)
    view.arrive([made(4)])
    assert (seqs(view), view.older_from) == ([2, 3, 4], 2)


def test_while_browsing_a_full_window_stays_as_it_is() -> None:
    view = browse(1, 2, 3, capacity=3)
    view.move(-2)
    view.arrive([made(4)])
    assert (seqs(view), view.selected, view.fresh, view.attached) == ([1, 2, 3], 1, 1, False)


def test_a_page_of_newer_events_joins_the_end_again() -> None:
    view = browse(1, 2, 3, capacity=3)
    view.move(-1)
    view.arrive([made(4), made(5)])
    assert view.begin_newer() == 3
    view.take_newer(page(4, 5))
    assert (seqs(view), view.attached, view.older_from) == ([3, 4, 5], True, 3)


def test_events_that_arrive_while_a_page_is_read_are_not_lost() -> None:
    view = browse(1, 2, 3, capacity=3)
    view.move(-1)
    view.arrive([made(4)])
    view.begin_newer()
    view.arrive([made(5)])
    view.take_newer(page(4))
    assert (seqs(view), view.attached) == ([3, 4, 5], True)


def test_a_page_that_is_ahead_of_the_stream_gives_no_event_twice() -> None:
    view = browse(1, 2, 3, capacity=10)
    view.pause()
    view.arrive([made(4)])
    view.resume()
    view.begin_newer()
    view.take_newer(page(4, 5))
    view.arrive([made(5)])
    assert seqs(view) == [1, 2, 3, 4, 5]


def test_a_page_that_is_not_the_last_leaves_the_window_detached() -> None:
    view = browse(1, 2, 3, capacity=5)
    view.pause()
    view.arrive([made(seq) for seq in range(4, 10)])
    view.resume()
    view.begin_newer()
    view.take_newer(page(4, 5, next_=5))
    assert (view.attached, view.below) == (False, 4)


def test_paused_takes_nothing_in() -> None:
    view = browse(1, 2, 3)
    view.pause()
    view.arrive([made(4)])
    view.change([made(2, reading="newer")])
    assert (seqs(view), view.fresh, view.stance) == ([1, 2, 3], 1, Stance.PAUSED)
    assert view.window[1] == made(2)


def test_resuming_shows_the_changes_that_waited() -> None:
    view = browse(1, 2, 3)
    view.pause()
    view.change([made(2, reading="newer")])
    view.resume()
    assert view.window[1] == made(2, reading="newer")


def test_resuming_goes_on_following_when_it_did_before() -> None:
    view = browse(1, 2, 3)
    view.pause()
    view.arrive([made(4)])
    view.resume()
    assert view.stance is Stance.FOLLOWING
    assert view.begin_newer() == 3
    view.take_newer(page(4))
    assert (view.selected, seqs(view)) == (4, [1, 2, 3, 4])


def test_resuming_goes_on_browsing_when_it_did_before() -> None:
    view = browse(1, 2, 3)
    view.move(-1)
    view.pause()
    view.resume()
    assert (view.stance, view.selected) == (Stance.BROWSING, 2)


def test_following_from_far_behind_begins_again_at_the_end() -> None:
    view = browse(1, 2, 3)
    view.pause()
    view.arrive([made(seq) for seq in range(4, 5 + REJOIN)])
    run = view.run
    view.follow()
    assert (seqs(view), view.older_from, view.attached) == (list(range(5, 5 + REJOIN)), 5, True)
    assert (view.run, view.selected, view.fresh) == (run + 1, 4 + REJOIN, 0)


def test_what_is_shown_to_who_comes_back_from_far_behind_has_its_newest_facts_and_what_is_missing() -> None:
    view = browse(1)
    view.pause()
    view.arrive([made(seq) for seq in range(2, 3 + REJOIN)])
    view.lose(Missing(REJOIN + 3, REJOIN + 9, "retention"))
    view.arrive([made(REJOIN + 10)])
    view.change([made(REJOIN, delivery_count=3)])
    view.follow()
    place = view.window.index_of(REJOIN)
    assert place is not None
    assert view.window[place] == made(REJOIN, delivery_count=3)
    assert isinstance(view.window[-2], Missing)


def test_who_comes_back_after_events_that_were_only_heard_of_reads_the_end_anew() -> None:
    view = browse(1)
    view.pause()
    view.arrive([made(seq) for seq in range(2, 3 + REJOIN)])
    view.hear_of(1)
    view.follow()
    assert seqs(view) == []


def test_older_events_do_not_move_the_selection() -> None:
    view = browse(11, 12, 13)
    view.older_from = 11
    view.move(-1)
    view.take_older(page(8, 9, 10, next_=8))
    assert (view.selected, view.cursor, view.older_from) == (12, 4, 8)


def test_older_events_push_the_newest_out_of_a_full_window() -> None:
    view = browse(11, 12, 13, capacity=4)
    view.move_to(0)
    view.take_older(page(9, 10, next_=9))
    assert (seqs(view), view.below, view.selected) == ([9, 10, 11, 12], 1, 11)


def test_the_first_page_of_history_puts_the_cursor_on_its_newest() -> None:
    view = Browse()
    view.restart(20)
    view.take_older(page(18, 19, 20))
    assert (view.selected, view.stance, view.older_from) == (20, Stance.FOLLOWING, None)


def test_a_filter_applied_while_paused_shows_its_newest_and_stays_paused() -> None:
    view = browse(1, 2, 3)
    view.pause()
    view.restart(3)
    view.take_older(page(1, 3))
    view.arrive([made(4)])
    assert (view.selected, seqs(view), view.stance) == (3, [1, 3], Stance.PAUSED)


def test_a_gap_has_its_place_among_the_rows() -> None:
    view = browse(1, 2)
    view.lose(Missing(3, 8, "retention"))
    view.arrive([made(9)])
    assert seqs(view) == [1, 2, 3, 9]


def test_a_gap_told_while_paused_is_shown_once_the_end_is_joined() -> None:
    view = browse(1, 2)
    view.pause()
    view.lose(Missing(3, 8, "retention"))
    view.arrive([made(9)])
    view.resume()
    view.begin_newer()
    view.take_newer(page(9))
    assert seqs(view) == [1, 2, 3, 9]


class Stream(RuleBasedStateMachine):
    """A log that grows, a viewer who does as they please, and pages that are answered truthfully."""

    def __init__(self) -> None:
        super().__init__()
        self.log: list[int] = []
        self.view = Browse(Window(12))
        self.view.restart(0, older=False)
        self.before: tuple[object, ...] | None = None

    @rule(count=st.integers(1, 6))
    def events_arrive(self, count: int) -> None:
        held = (self.view.selected, seqs(self.view)[: self.view.cursor + 1])
        following = self.view.stance is Stance.FOLLOWING
        start = self.log[-1] + 1 if self.log else 1
        new = list(range(start, start + count))
        self.log += new
        self.view.arrive([made(seq) for seq in new])
        if not following and held[0] is not None:
            assert (self.view.selected, seqs(self.view)[: self.view.cursor + 1]) == held

    @rule(size=st.integers(1, 5))
    def reads_older(self, size: int) -> None:
        before = self.view.older_from
        if before is None:
            return
        older = [seq for seq in self.log if seq < before]
        items = older[-size:]
        self.view.take_older(page(*items, next_=items[0] if len(older) > size else None))

    @rule(size=st.integers(1, 5), meanwhile=st.integers(0, 3))
    def reads_newer(self, size: int, meanwhile: int) -> None:
        after = self.view.begin_newer()
        if after is None:
            return
        newer = [seq for seq in self.log if seq > after]
        answer = page(*newer[:size], next_=newer[size - 1] if len(newer) > size else None)
        if meanwhile:
            self.events_arrive(meanwhile)
        self.view.take_newer(answer)

    @rule(rows=st.integers(-15, 15))
    def moves(self, rows: int) -> None:
        self.view.move(rows)

    @rule()
    def follows(self) -> None:
        self.view.follow()

    @rule()
    def pauses(self) -> None:
        self.view.pause()

    @rule()
    def resumes(self) -> None:
        self.view.resume()

    @invariant()
    def the_window_is_a_run_of_the_log(self) -> None:
        held = seqs(self.view)
        assert len(held) <= 12
        if held:
            start = self.log.index(held[0])
            assert self.log[start : start + len(held)] == held

    @invariant()
    def what_is_below_is_counted_exactly(self) -> None:
        held = seqs(self.view)
        if held:
            assert self.view.below == len(self.log) - 1 - self.log.index(held[-1])

    @invariant()
    def the_selection_is_a_row_that_is_there(self) -> None:
        held = seqs(self.view)
        assert (self.view.selected in held) if held else self.view.selected is None

    @invariant()
    def following_at_the_end_means_on_the_newest(self) -> None:
        if self.view.stance is Stance.FOLLOWING and self.view.attached and len(self.view.window):
            assert self.view.selected == self.view.window.last_seq
            assert self.view.fresh == 0


Stream.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestStream = Stream.TestCase


@given(st.integers(-50, 50))
def test_the_cursor_never_leaves_the_window(rows: int) -> None:
    view = browse(1, 2, 3)
    view.move(rows)
    assert view.selected in (1, 2, 3)


def test_going_to_an_event_far_away_holds_the_log_around_it() -> None:
    view = browse(*range(900, 1_000))
    assert view.show_around(50, page(48, 49, 50, next_=48), page(51, 52, next_=52))
    assert (seqs(view), view.selected, view.stance) == ([48, 49, 50, 51, 52], 50, Stance.BROWSING)
    assert (view.attached, view.older_from, view.begin_newer()) == (False, 48, 52)


def test_what_lies_between_where_the_viewer_went_and_the_end_is_neither_new_nor_counted() -> None:
    view = browse(*range(900, 1_000))
    view.show_around(50, page(50), page(51, next_=51))
    assert (view.fresh, view.behind) == (0, None)
    view.arrive([made(1_000)])
    assert view.fresh == 1


def test_going_to_an_event_near_the_end_keeps_the_end_in_the_window() -> None:
    view = browse(8, 9)
    view.arrive([made(10)])
    assert view.show_around(5, page(4, 5), page(6, 7, 8, 9))
    assert (seqs(view), view.attached, view.behind) == ([4, 5, 6, 7, 8, 9, 10], True, 5)


def test_following_from_a_place_that_nobody_counted_begins_again_at_the_end() -> None:
    view = browse(*range(900, 1_000))
    view.show_around(50, page(50), page(51, next_=51))
    view.follow()
    assert (seqs(view), view.attached, view.older_from) == ([], True, 1_000)


def test_a_gap_that_was_in_the_window_is_shown_again_where_it_belongs() -> None:
    view = browse(1, 2)
    view.lose(Missing(3, 8, "retention"))
    view.arrive([made(9)])
    view.show_around(2, page(1, 2), page(9))
    assert seqs(view) == [1, 2, 3, 9]


def test_a_page_that_found_nothing_leads_on_from_where_it_ended() -> None:
    view = browse(*range(900, 1_000))
    view.show_around(50, page(50), page(next_=400))
    assert view.begin_newer() == 400
    view.take_newer(page(next_=700))
    assert view.begin_newer() == 700


def test_an_event_that_comes_to_match_by_a_change_is_put_in_its_place() -> None:
    view = browse(2, 6)
    assert view.change([made(4), made(6, reading="newer"), made(3)]) == 2
    assert (seqs(view), view.selected) == ([2, 3, 4, 6], 6)
    view.move_to(1)
    assert view.change([made(5)]) == 1
    assert (seqs(view), view.selected) == ([2, 3, 4, 5, 6], 3)


def test_one_whose_place_is_not_in_the_window_is_left_to_the_pages() -> None:
    view = browse(5, 6)
    view.older_from = 5
    assert view.change([made(3)]) == 0
    view.pause()
    assert view.change([made(7)]) == 0
    assert seqs(view) == [5, 6]


def test_events_that_do_not_match_any_more_go_but_for_the_one_that_is_looked_at() -> None:
    view = browse(1, 2, 3, 4, 5)
    assert view.leave([made(5), made(2)]) == 2
    assert (seqs(view), view.selected) == ([1, 3, 4], 4)
    view.move_to(1)
    assert view.leave([made(3, reading="newer"), made(1), made(9)]) == 1
    assert (seqs(view), view.selected) == ([3, 4], 3)
    assert view.selected_row == made(3, reading="newer")


def test_while_paused_nothing_goes_and_what_changed_is_told_afterwards() -> None:
    view = browse(1, 2)
    view.pause()
    assert view.leave([made(1, reading="newer")]) == 0
    assert view.window[0] == made(1)
    view.resume()
    assert view.window[0] == made(1, reading="newer")
