from __future__ import annotations

from typing import Any

from relay.contract.events import EventSummary
from relay.contract.timeline import RunsPage, Standpoint, in_list, run_of
from tests.tui.made import made
from tui.model.runs import OfStep, Runs, Waiting, is_trouble

NOW_US = 1_795_430_600_000_000


def of_run(run: str, seq: int, type_: str = "message.sent", **facts: Any) -> EventSummary:
    given: dict[str, Any] = {
        "workflow_run_id": run,
        "workflow_recipient_run_id": f"{run}-a",
        "recipient": "ann",
        "message_id": f"{run}-m",
        "created_at": f"2026-11-23T10:42:{seq:02}Z",
    }
    if type_.startswith("workflow_recipient_run"):
        given["message_id"] = None
    return made(seq, type_, **{**given, **facts})


FIRST = [
    of_run("r1", 1, "workflow_recipient_run.started"),
    of_run("r1", 2),
    of_run("r1", 3, "message.delivered"),
    of_run("r1", 4, "workflow_recipient_run.completed"),
]
SECOND = [of_run("r2", 5), of_run("r2", 6, "message.bounced", failed=True)]


def page(*runs: list[EventSummary], following: str | None = None) -> RunsPage:
    trees = [run_of(events[0].workflow_run_id or "", events, Standpoint(NOW_US)) for events in runs]
    return RunsPage(items=[in_list(tree) for tree in trees], next=following, scanned=0)


def read(runs: Runs, events: list[EventSummary]) -> None:
    runs.fill(run_of(events[0].workflow_run_id or "", events, Standpoint(NOW_US)))


def told(runs: Runs) -> list[str]:
    return [f"{node.depth} {type(node.thing).__name__}" for node in runs.rows]


def opened() -> Runs:
    runs = Runs()
    runs.renew(page(SECOND, FIRST))
    runs.move_to(1)
    runs.turn()
    read(runs, FIRST)
    return runs


def test_a_run_that_is_unfolded_waits_for_what_is_in_it() -> None:
    runs = Runs()
    runs.renew(page(SECOND, FIRST))
    runs.move_to(1)
    runs.turn()
    assert told(runs) == ["0 RunInList", "0 RunInList", "1 Waiting"]
    assert runs.lacking == ["r1"]


def test_a_run_unfolds_into_its_recipients_and_what_happened_in_order() -> None:
    runs = opened()
    assert told(runs)[2:] == ["1 RecipientRun", "2 Step", "2 OfStep", "2 Step"]
    assert runs.lacking == []


def test_a_message_unfolds_into_its_events() -> None:
    runs = opened()
    runs.move_to(4)
    runs.turn()
    assert told(runs)[4:7] == ["2 OfStep", "3 Step", "3 Step"]


def test_of_many_recipients_only_those_with_errors_are_unfolded() -> None:
    crowd = [
        of_run("r1", seq, recipient=f"user_{seq}", workflow_recipient_run_id=f"r-{seq}") for seq in range(1, 9)
    ]
    crowd.append(
        of_run("r1", 9, "message.bounced", failed=True, workflow_recipient_run_id="r-8", recipient="user_8")
    )
    runs = Runs()
    runs.renew(page(crowd))
    runs.turn()
    read(runs, crowd)
    assert [node.folded for node in runs.rows if node.depth == 1] == [True] * 7 + [False]


def test_what_was_folded_stays_folded_when_the_run_is_read_again() -> None:
    runs = opened()
    runs.move_to(2)
    runs.turn()
    read(runs, FIRST)
    assert told(runs)[2:] == ["1 RecipientRun"]


def test_a_run_that_changed_is_read_again() -> None:
    runs = opened()
    runs.renew(page([*FIRST, of_run("r1", 7, "message.read")], SECOND))
    assert runs.lacking == ["r1"]


def test_the_cursor_stays_where_it_is_when_a_run_comes_above() -> None:
    runs = opened()
    runs.move_to(4)
    key = runs.rows[4].key
    runs.renew(page([of_run("r3", 8)], SECOND, FIRST))
    assert (runs.cursor, runs.rows[5].key) == (5, key)


def test_the_cursor_goes_to_what_holds_a_row_that_was_folded_away() -> None:
    runs = opened()
    runs.move_to(4)
    runs.across(-1)
    assert runs.cursor == 2
    runs.move_to(5)
    runs._open.clear()
    runs.lay_out()
    assert runs.cursor == 1


def test_left_and_right_fold_and_unfold_and_go_in_and_out() -> None:
    runs = opened()
    seen = []
    for step in (1, 1, 1, -1, -1, -1, -1):
        runs.across(step)
        seen.append((runs.cursor, len(runs.rows)))
    assert seen == [(2, 6), (3, 6), (3, 6), (2, 6), (2, 3), (1, 3), (1, 2)]


def test_older_runs_follow_and_renewing_keeps_them() -> None:
    runs = Runs()
    runs.renew(page(SECOND, following="x"))
    runs.add_older(page(FIRST), "x")
    runs.renew(page([of_run("r3", 8)], following="y"))
    assert [item.workflow_run_id for item in runs.items] == ["r3", "r2", "r1"]
    assert runs.next is None


def test_a_page_that_was_asked_for_in_vain_is_left() -> None:
    runs = Runs()
    runs.renew(page(SECOND, following="x"))
    runs.add_older(page(FIRST), "another")
    assert [item.workflow_run_id for item in runs.items] == ["r2"]


def test_a_run_that_cannot_be_read_says_so_and_is_asked_for_again_later() -> None:
    runs = Runs()
    runs.renew(page(SECOND))
    runs.turn()
    runs.fail("r2", "the relay is busy")
    assert (runs.rows[1].thing, runs.lacking) == (Waiting("the relay is busy"), [])
    runs.renew(page(SECOND))
    assert runs.lacking == ["r2"]


def test_along_a_message_goes_from_event_to_event() -> None:
    runs = opened()
    runs.move_to(4)
    seen = [(runs.along(step), runs.cursor) for step in (1, 1, 1, -1, -1)]
    assert seen == [(True, 5), (True, 6), (False, 6), (True, 5), (False, 5)]


def test_along_leads_nowhere_where_there_is_no_message() -> None:
    assert not opened().along(1)


def test_trouble_is_found_in_runs_recipients_messages_and_events() -> None:
    runs = Runs()
    runs.renew(page(FIRST, SECOND))
    assert runs.to_trouble(1)
    runs.turn()
    read(runs, SECOND)
    assert (runs.to_trouble(1), runs.to_trouble(1)) == (True, True)
    node = runs.selected
    assert node is not None
    assert isinstance(node.thing, OfStep)
    runs.turn()
    assert runs.to_trouble(1)
    assert [is_trouble(row.thing) for row in runs.rows] == [False, True, True, True, False, True]
    assert not runs.to_trouble(1)
