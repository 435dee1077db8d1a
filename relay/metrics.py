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
        # Looking a label up costs more than counting does, and this is the hot path.
        self._stored = {
            (verdict, duplicate): events.labels(verdict.value, str(duplicate).lower())
            for verdict in Verdict
            for duplicate in (False, True)
        }
        self._refused = Counter(
            "knocktop_refused",
            "Requests that were not stored as events, by reason",
            ["reason"],
            registry=self._registry,
        )
        self._quarantined = Counter("knocktop_quarantined", "Requests put in quarantine", registry=self._registry)

    def stored(self, verdict: Verdict, duplicate: bool) -> None:
        self._stored[verdict, duplicate].inc()

    def refused(self, reason: str) -> None:
        self._refused.labels(reason).inc()

    def quarantined(self) -> None:
        self._quarantined.inc()

    def gauge(self, name: str, text: str, value: Callable[[], float]) -> None:
        """Publish a value that is read when somebody asks."""
        Gauge(f"knocktop_{name}", text, registry=self._registry).set_function(value)

    def page(self) -> bytes:
        """The page as Prometheus reads it."""
        return generate_latest(self._registry)
