from __future__ import annotations

from relay.contract.timeline import MessagesPage, MessageTimeline
from tests.tui.timelines import told
from tui.model.browse import Stance
from tui.model.messages.listing import Listing, Order


def page(*names: str, next_: str | None = None) -> MessagesPage:
    """Messages as the relay lists them; `b+` is one that took a further step."""
    return MessagesPage(items=[message(name) for name in names], next=next_, scanned=0)


def message(name: str) -> MessageTimeline:
    steps = [("sent", 0.0), ("delivered", 1.0)] if name.endswith("+") else [("sent", 0.0)]
    return told(name.rstrip("+"), *steps)


def shown(listing: Listing) -> str:
    return "".join(row.message_id + "+" * (row.step_count - 1) for row in listing.rows)


def began(*names: str, next_: str | None = None) -> Listing:
    listing = Listing()
    listing.take_first(page(*names, next_=next_))
    return listing


def test_the_one_that_moved_last_is_at_the_bottom_and_followed() -> None:
    listing = began("c", "b", "a")
    assert (shown(listing), listing.selected, listing.stance) == ("abc", "c", Stance.FOLLOWING)


def test_who_follows_sees_what_moves_go_to_the_bottom() -> None:
    listing = began("c", "b", "a")
    listing.take_first(page("a+", "d", "c", "b"))
    assert (shown(listing), listing.selected) == ("bcda+", "a")


def test_who_browses_sees_lanes_move_where_they_stand_and_new_ones_below() -> None:
    listing = began("c", "b", "a")
    listing.move_to(1)
    listing.take_first(page("a+", "d", "c", "b"))
    assert (shown(listing), listing.selected, listing.fresh) == ("a+bcd", "b", {"d"})
    listing.move_to(3)
    assert listing.fresh == set()


def test_who_paused_sees_nothing_change_but_how_much_is_new() -> None:
    listing = began("c", "b", "a")
    listing.pause()
    listing.take_first(page("a+", "d", "c", "b"))
    assert (shown(listing), listing.fresh) == ("abc", {"a", "d"})
    listing.resume()
    listing.take_first(page("a+", "d", "c", "b"))
    assert (shown(listing), listing.selected, listing.fresh) == ("bcda+", "a", set())


def test_to_follow_goes_back_to_the_order() -> None:
    listing = began("c", "b", "a")
    listing.move_to(0)
    listing.take_first(page("a+", "c", "b"))
    listing.follow()
    listing.take_first(page("a+", "c", "b"))
    assert (shown(listing), listing.selected) == ("bca+", "a")


def test_further_pages_come_above_and_move_nothing() -> None:
    listing = began("d", "c", next_="1")
    listing.move_to(0)
    listing.take_further(page("b", "a", "c"))
    assert (shown(listing), listing.selected, listing.further) == ("abcd", "c", None)


def test_a_page_that_does_not_join_begins_anew_for_who_follows() -> None:
    listing = began("b", "a")
    listing.take_first(page("z", "y", next_="7"))
    assert (shown(listing), listing.further) == ("yz", "7")


def test_a_page_that_does_not_join_stays_out_for_who_browses() -> None:
    listing = began("c", "b", "a")
    listing.move_to(0)
    listing.take_first(page("z", "y", next_="7"))
    assert (shown(listing), listing.fresh) == ("abc", {"y", "z"})


def test_a_follower_lets_go_of_old_pages_beyond_the_capacity() -> None:
    listing = Listing(capacity=3)
    listing.take_first(page("c", "b", "a"))
    listing.take_first(page("d", "c", next_="5"))
    assert (shown(listing), listing.further) == ("cd", "5")


def test_in_another_order_the_first_is_at_the_top_and_new_ones_wait() -> None:
    listing = began("b", "a")
    listing.restart(order=Order.SLOWEST)
    listing.take_first(page("b", "a"))
    assert (shown(listing), listing.selected, listing.following) == ("ba", "b", False)
    listing.take_first(page("x", "b+", "a"))
    assert (shown(listing), listing.fresh) == ("b+a", {"x"})
    listing.follow()
    assert listing.unread
    listing.take_first(page("x", "b+", "a"))
    assert (shown(listing), listing.selected) == ("xb+a", "x")


def test_another_filter_leaves_a_paused_one_paused_and_a_browser_follows() -> None:
    listing = began("b", "a")
    listing.move_to(0)
    listing.restart()
    assert (len(listing), listing.unread, listing.stance) == (0, True, Stance.FOLLOWING)


def test_the_step_under_the_cursor_is_the_newest_until_one_is_chosen() -> None:
    listing = began("b+", "a")
    assert listing.step is not None
    assert listing.step.type == "message.delivered"
    assert listing.along(-1)
    assert listing.step.type == "message.sent"
    assert not listing.along(-1)
    listing.move_to(0)
    assert listing.step.type == "message.sent"


def test_failing_messages_are_found_in_both_directions() -> None:
    listing = Listing()
    failed = told("f", ("sent", 0), ("bounced", 1))
    listing.take_first(MessagesPage(items=[message("c"), failed, message("a")], next=None, scanned=3))
    assert (listing.next_failing(-1), listing.next_failing(1)) == (1, None)
