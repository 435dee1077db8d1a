"""How many events a second, over the last seconds."""

from __future__ import annotations

from collections import deque


class Rate:
    """Events a second over a sliding span. Times are seconds of a monotonic clock.

    `since` is when measuring began, where that was before the first event.
    """

    def __init__(self, span: int, since: float | None = None) -> None:
        self.span = span
        self._buckets: deque[tuple[int, int]] = deque()
        self._total = 0
        self._since = since

    @property
    def since(self) -> float | None:
        """When measuring began."""
        return self._since

    def restart(self) -> None:
        """Begin to measure anew, after a time in which nothing could be seen to arrive."""
        self._buckets.clear()
        self._total = 0
        self._since = None

    def add(self, count: int, now: float) -> None:
        """Note events that arrived now."""
        if self._since is None:
            self._since = now
        second = int(now)
        if self._buckets and self._buckets[-1][0] == second:
            count_before = self._buckets.pop()[1]
            self._buckets.append((second, count_before + count))
        else:
            self._buckets.append((second, count))
        self._total += count
        self._forget(now)

    def _forget(self, now: float) -> None:
        oldest = int(now) - self.span
        while self._buckets and self._buckets[0][0] <= oldest:
            self._total -= self._buckets.popleft()[1]

    def per_second(self, now: float) -> float:
        """Give the mean over the span, or over the time since measuring began where that is shorter."""
        self._forget(now)
        if not self._total or self._since is None:
            return 0.0
        return self._total / min(max(now - self._since, 1.0), self.span)


def rate_text(per_second: float) -> str:
    """Write a rate in at most six characters: `12.4/s`, `340/s`, `12k/s`, `3/min`; empty for none."""
    if per_second <= 0:
        return ""
    if per_second < 0.1:
        return f"{max(round(per_second * 60), 1)}/min"
    if per_second < 99.95:
        return f"{per_second:.1f}/s"
    if per_second < 9_999.5:
        return f"{per_second:.0f}/s"
    return f"{per_second / 1000:.0f}k/s"
