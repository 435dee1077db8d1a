"""Long work a slice at a time, so that whoever waits for a key is never kept waiting."""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import Generic, TypeAlias, TypeVar

Result = TypeVar("Result")
Steps: TypeAlias = Generator[float, None, Result]
"""Work that says after every few milliseconds how far it is, from 0 to 1, and returns its result."""

SLICE = 0.004
"""Seconds of work between two looks at what else there is to do."""


class Work(Generic[Result]):
    """Work under way: `done` says how far it is, and `result` is there once it is finished."""

    def __init__(self, steps: Steps[Result]) -> None:
        self._steps = steps
        self.done = 0.0
        self.finished = False
        self._result: list[Result] = []

    @property
    def result(self) -> Result:
        """What came of it; only after it finished."""
        return self._result[0]

    def run(self, seconds: float) -> bool:
        """Work for about so long; True once it is finished."""
        end = time.perf_counter() + seconds
        while not self.finished:
            try:
                self.done = next(self._steps)
            except StopIteration as stop:
                self._result.append(stop.value)
                self.done, self.finished = 1.0, True
            if time.perf_counter() >= end:
                break
        return self.finished


def at_once(steps: Steps[Result]) -> Result:
    """Work to the end without a break."""
    work = Work(steps)
    work.run(float("inf"))
    return work.result
