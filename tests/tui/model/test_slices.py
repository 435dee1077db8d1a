from __future__ import annotations

from tui.model.slices import Steps, Work, at_once


def counting(steps: int) -> Steps[str]:
    for step in range(steps):
        yield step / steps
    return "done"


def test_work_without_time_takes_one_step() -> None:
    work = Work(counting(4))
    assert not work.run(0.0)
    assert not work.run(0.0)
    assert work.done == 0.25


def test_work_with_time_ends_with_its_result() -> None:
    work = Work(counting(4))
    assert work.run(60.0)
    assert (work.result, work.done) == ("done", 1.0)
    assert work.run(0.0)


def test_work_is_done_at_once() -> None:
    assert at_once(counting(3)) == "done"
