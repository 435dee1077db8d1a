from __future__ import annotations

from datetime import UTC, datetime

from relay.contract.events import Channel
from tests.tui.made import made
from tests.tui.scripted_source import NOW_US
from tests.tui.timelines import told
from tui.model.commits import Commits
from tui.model.messages.axis import Axis, stretched
from tui.model.messages.lane import Lane, is_marked_beyond, is_moving, lane_of, length_ms

WIDTH = 60
AXIS = Axis().fit(30_000)
PUSH = Channel("c2", "push", "push_fcm", "my-push")


def marks(lane: Lane) -> list[tuple[str, int]]:
    return [(dot.step.type.removeprefix("message."), dot.cell) for dot in lane.dots]


def test_each_step_stands_at_its_time_and_the_line_ends_at_the_last() -> None:
    lane = lane_of(told("m", ("sent", 0), ("delivered", 1.0), ("read", 30.0)), AXIS, WIDTH, NOW_US)
    assert marks(lane) == [("sent", 0), ("delivered", AXIS.cell(1_000, WIDTH)), ("read", WIDTH - 1)]
    assert (lane.first, lane.last, lane.open_to) == (0, WIDTH - 1, None)


def test_steps_of_one_moment_stand_beside_each_other() -> None:
    lane = lane_of(told("m", ("sent", 0), ("delivered", 0), ("seen", 0)), AXIS, WIDTH, NOW_US)
    assert marks(lane) == [("sent", 0), ("delivered", 1), ("seen", 2)]


def test_of_more_steps_than_there_is_room_for_a_failure_is_the_one_that_stays() -> None:
    steps = [("sent", 0.0), ("delivered", 0.0), ("bounced", 0.0), ("seen", 0.0), ("read", 0.0)]
    lane = lane_of(told("m", *steps), AXIS, WIDTH, NOW_US)
    assert "bounced" in [name for name, _ in marks(lane)]


def test_a_message_of_which_more_is_to_come_is_open_until_now() -> None:
    message = told("m", ("sent", 0))
    lane = lane_of(message, AXIS.fit(600_000), WIDTH, NOW_US)
    assert is_moving(message)
    assert lane.open_to == AXIS.fit(600_000).cell(30_000, WIDTH)
    assert length_ms(message, NOW_US) == 30_000


def test_what_is_open_is_seen_where_all_steps_are_out_of_sight() -> None:
    lane = lane_of(told("m", ("sent", 0)), AXIS.zoomed(4, 20_000), WIDTH, NOW_US)
    assert (lane.first, lane.open_from, lane.open_to) == (None, 0, WIDTH - 1)


def committed_at(us: int) -> Commits:
    commits = Commits()
    created_at = datetime.fromtimestamp(us / 1_000_000, UTC).isoformat()
    commits.take([made(9, "workflow.committed", created_at=created_at)], 9, 0.0)
    return commits


def test_a_commit_later_than_is_seen_is_told_of_while_the_message_still_moves() -> None:
    message, axis = told("m", ("sent", 0)), Axis(end=stretched(10_000), fitted=False)
    assert is_marked_beyond(message, axis, WIDTH, committed_at(NOW_US - 2_000_000), NOW_US)
    assert not is_marked_beyond(message, axis, WIDTH, committed_at(NOW_US - 28_000_000), NOW_US)
    ended = told("m", ("sent", 0), ("delivered", 1))
    assert not is_marked_beyond(ended, axis, WIDTH, committed_at(NOW_US - 2_000_000), NOW_US)


def test_a_push_ends_where_it_was_sent() -> None:
    message = told("m", ("sent", 0), channel=PUSH)
    assert not is_moving(message)
    assert lane_of(message, AXIS, WIDTH, NOW_US).open_to is None


def test_what_hangs_for_hours_does_not_stretch_the_axis() -> None:
    now = NOW_US + 9 * 3_600_000_000
    message = told("m", ("sent", 0), ("delivery_attempted", 1), now_us=now)
    assert length_ms(message, now) == 1_000


def test_steps_out_of_sight_are_told_of_at_the_sides() -> None:
    message = told("m", ("sent", 0), ("delivered", 5.0), ("read", 300.0))
    lane = lane_of(message, AXIS.zoomed(4, 5_000), WIDTH, NOW_US)
    assert [name for name, _ in marks(lane)] == ["delivered"]
    assert lane.before is not None
    assert lane.before.type == "message.sent"
    assert lane.after is not None
    assert lane.after.type == "message.read"
    assert (lane.first, lane.last) == (0, WIDTH - 1)


def test_a_step_without_a_time_comes_after_the_others() -> None:
    message = told("m", ("sent", 0), ("delivered", 1))
    message.steps[1].since_first_ms = None
    assert marks(lane_of(message, AXIS, WIDTH, NOW_US)) == [("sent", 0), ("delivered", 1)]
