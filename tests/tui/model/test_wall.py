from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from relay.contract.events import EventSummary
from tests.tui.made import made, made_totals
from tui.model.dashboard import Dashboard
from tui.model.source import Arrivals, Began, LinkChange, LinkState
from tui.model.wall import AGAIN, MAX_UNKNOWN, NEWEST, Wall

NOW = datetime(2026, 11, 23, 10, 42, 20, tzinfo=UTC).timestamp()


def standing(counts: Mapping[str, int] | None = None) -> tuple[Dashboard, Wall]:
    board = Dashboard(monotonic=lambda: 100.0)
    wall = Wall(board)
    board.listeners.append(wall.take)
    board.apply([Began(0, ""), LinkChange(LinkState.LIVE)])
    board.take_totals(made_totals(0, counts or {}))
    return board, wall


def arrive(board: Dashboard, *events: EventSummary) -> None:
    board.apply([Arrivals(events, [], events[-1].seq)])


def seqs(wall: Wall, type_: str) -> list[int]:
    return [event.seq for event in wall.newest(type_)]


def test_failing_types_come_first_then_the_catalogue_then_unknown_ones() -> None:
    _, wall = standing(
        {
            "a.unknown": 9,
            "message.sent": 1,
            "message.read": 5,
            "workflow_recipient_run.error": 1,
            "message.bounced": 1,
        }
    )
    assert wall.types() == [
        "message.bounced",
        "workflow_recipient_run.error",
        "message.sent",
        "message.read",
        "a.unknown",
    ]


def test_what_arrives_leaves_the_panels_where_they_are() -> None:
    board, wall = standing({"z.unknown": 1, "message.sent": 1})
    before = wall.types()
    arrive(board, *(made(seq, "a.unknown") for seq in range(1, 50)))
    assert wall.types() == [*before, "a.unknown"]


def test_no_more_than_64_unknown_types_have_a_panel_and_the_others_are_counted() -> None:
    _, wall = standing({f"own.type{number}": 2 for number in range(MAX_UNKNOWN + 6)} | {"message.sent": 1})
    assert len(wall.types()) == MAX_UNKNOWN + 1
    assert wall.without_panel() == (6, 12)


def test_a_type_with_a_panel_keeps_it_when_others_overtake() -> None:
    board, wall = standing({f"own.type{number}": 2 for number in range(MAX_UNKNOWN)})
    before = wall.types()
    arrive(board, *(made(seq, "new.type") for seq in range(1, 100)))
    assert wall.types() == before


def test_the_newest_events_of_each_type_are_kept_in_order() -> None:
    board, wall = standing()
    arrive(board, *(made(seq, "message.read" if seq % 2 else "message.sent") for seq in range(1, 101)))
    assert seqs(wall, "message.read") == list(range(99 - 2 * (NEWEST - 1), 100, 2))


def test_a_change_takes_the_place_of_the_event() -> None:
    board, wall = standing()
    arrive(board, made(1))
    board.apply([Arrivals([], [made(1, delivery_count=3)], 2)])
    assert [event.delivery_count for event in wall.newest("message.sent")] == [3]


def test_another_choice_of_types_leaves_the_panels_as_they_are() -> None:
    board, wall = standing()
    arrive(board, made(1))
    board.apply([Began(1, "", "filter", ("message.read",))])
    assert seqs(wall, "message.sent") == [1]


def test_another_filter_empties_the_panels() -> None:
    board, wall = standing()
    arrive(board, made(1))
    board.apply([Began(1, "type:message.read", "filter")])
    assert not wall.newest("message.sent")


def test_a_type_whose_events_are_not_known_is_read_once() -> None:
    _, wall = standing({"message.sent": 3})
    assert wall.wanted(["message.sent"], 100.0) == "message.sent"
    wall.asked("message.sent", 100.0)
    wall.fill("message.sent", [made(1), made(2)], whole=True)
    assert wall.wanted(["message.sent"], 200.0) is None


def test_what_the_stream_leaves_out_is_read_now_and_then() -> None:
    board, wall = standing({"message.sent": 1})
    arrive(board, made(1))
    wall.asked("message.sent", 100.0)
    board.apply([Arrivals([], [], 9, {"message.sent": 4}, 1)])
    assert wall.wanted(["message.sent"], 100.0 + AGAIN / 2) is None
    assert wall.wanted(["message.sent"], 100.0 + AGAIN) == "message.sent"


def test_what_was_read_and_what_arrived_meanwhile_are_held_once() -> None:
    board, wall = standing({"message.sent": 3})
    arrive(board, made(3))
    wall.fill("message.sent", [made(2), made(3)], whole=True)
    assert seqs(wall, "message.sent") == [2, 3]


def test_what_the_window_holds_is_on_the_wall_from_the_start() -> None:
    board = Dashboard()
    board.apply([Began(0, "")])
    arrive(board, made(1), made(2, "message.read"))
    assert seqs(Wall(board), "message.read") == [2]
