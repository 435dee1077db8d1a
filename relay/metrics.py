"""What the relay counts of itself, for Prometheus. Labels are few and bounded."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

from relay.contract.events import Verdict

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """Counters and gauges in a registry of their own."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        events = Counter(
            "knocktop_deliveries",
            "Deliveries stored, by verdict",
            ["verdict", "duplicate"],
            registry=self._registry,
        )
        self._deliveries = {
            (verdict.value, duplicate): events.labels(verdict.value, str(duplicate).lower())
            for verdict in Verdict
            for duplicate in (False, True)
        }
        # Counted for every event, and added to what is published when somebody asks.
        self._stored = dict.fromkeys(self._deliveries, 0)
        self._refused = Counter(
            "knocktop_refused",
            "Requests that were not stored as events, by reason",
            ["reason"],
            registry=self._registry,
        )
        self._quarantined = Counter("knocktop_quarantined", "Requests put in quarantine", registry=self._registry)

    def stored(self, verdict: Verdict, duplicate: bool) -> None:
        self._stored[verdict.value, duplicate] += 1

    def refused(self, reason: str) -> None:
        self._refused.labels(reason).inc()

    def quarantined(self) -> None:
        self._quarantined.inc()

    def gauge(self, name: str, text: str, value: Callable[[], float]) -> None:
        """Publish a value that is read when somebody asks."""
        Gauge(f"knocktop_{name}", text, registry=self._registry).set_function(value)

    def page(self) -> bytes:
        """The page as Prometheus reads it."""
        for key, count in self._stored.items():
            self._deliveries[key].inc(count)
            self._stored[key] = 0
        return generate_latest(self._registry)
