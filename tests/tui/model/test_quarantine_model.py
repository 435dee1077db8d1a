"""The requests in quarantine as the screen holds them."""

from __future__ import annotations

from relay.contract.api import MAX_LIMIT, QuarantinePage
from tests.tui.made import made_held
from tui.model.quarantine import PAGE, Quarantine


def page(*ids: int, following: int | None = None, held: int | None = None) -> QuarantinePage:
    return QuarantinePage(
        items=[made_held(id_) for id_ in ids], next=following, held=len(ids) if held is None else held, limit=1_000
    )


def ids(quarantine: Quarantine) -> list[int]:
    return [item.id for item in quarantine.items]


def selected(quarantine: Quarantine) -> int | None:
    return None if quarantine.selected is None else quarantine.selected.id


def test_the_cursor_begins_on_the_newest() -> None:
    found = Quarantine()
    found.renew(page(3, 2, 1))
    assert selected(found) == 3


def test_what_arrives_does_not_move_the_cursor_to_another_request() -> None:
    found = Quarantine()
    found.renew(page(3, 2, 1))
    found.move_to(1)
    found.renew(page(5, 4, 3, 2, 1))
    assert (selected(found), found.cursor) == (2, 3)


def test_where_the_request_under_the_cursor_is_gone_the_one_in_its_place_is_next() -> None:
    found = Quarantine()
    found.renew(page(3, 2, 1))
    found.move_to(1)
    found.renew(page(3, 1))
    assert selected(found) == 1
    found.renew(page(3))
    assert selected(found) == 3
    found.renew(page())
    assert selected(found) is None
    found.renew(page(9))
    assert selected(found) == 9


def test_older_pages_are_added_below_and_kept_when_the_newest_are_read_again() -> None:
    found = Quarantine()
    found.renew(page(4, 3, following=3, held=4))
    found.add_older(page(2, 1, held=4), 3)
    assert (ids(found), found.next) == ([4, 3, 2, 1], None)
    found.renew(page(5, 4, following=4, held=5))
    assert (ids(found), found.next) == ([5, 4, 3, 2, 1], None)


def test_what_is_gone_from_within_the_newest_page_goes_here() -> None:
    found = Quarantine()
    found.renew(page(4, 3, 2, following=2, held=4))
    found.add_older(page(1, held=4), 2)
    found.renew(page(4, 2, 1, held=3))
    assert ids(found) == [4, 2, 1]


def test_a_page_that_was_asked_for_in_vain_is_left() -> None:
    found = Quarantine()
    found.renew(page(4, 3, following=3))
    found.add_older(page(9), 7)
    assert ids(found) == [4, 3]


def test_as_many_are_read_again_as_are_here_within_bounds() -> None:
    found = Quarantine()
    assert found.wanted == PAGE
    found.renew(page(*range(900, 0, -1)))
    assert found.wanted == MAX_LIMIT


def test_a_place_beyond_the_end_is_the_last_one() -> None:
    found = Quarantine()
    found.renew(page(3, 2, 1))
    found.move_to(99)
    assert selected(found) == 1
    found.move_to(-5)
    assert selected(found) == 3


def test_requests_are_alike_by_reason_and_endpoint() -> None:
    found = Quarantine()
    items = [made_held(4), made_held(3, reason="missing-header"), made_held(2, endpoint="shop"), made_held(1)]
    found.renew(QuarantinePage(items=items, next=None, held=4, limit=1_000))
    assert [item.id for item in found.like(items[0])] == [4, 1]


def test_what_was_taken_out_from_here_is_gone_before_the_relay_says_so() -> None:
    found = Quarantine()
    found.renew(page(4, 3, 2, following=2, held=9))
    found.move_to(1)
    found.drop([3, 8])
    assert (ids(found), found.held, selected(found)) == ([4, 2], 8, 2)
