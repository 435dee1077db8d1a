"""Composition: from the settings to a running relay, and to its clean end."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import logging
import logging.handlers
import os
import signal
import socket
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from importlib.metadata import version as version_of
from typing import Any

import uvicorn

from relay import api
from relay.asgi import FrontDoor
from relay.auth import Gate, token_of
from relay.canned import CannedAnswers
from relay.contract import frames
from relay.contract.api import SERVICE
from relay.contract.moments import rfc3339
from relay.contract.readings import EarlierMessages
from relay.contract.signature import Secret
from relay.contract.text import plain
from relay.holdings import EXIT_DONE, EXIT_FAILED, EXIT_USAGE, CannotStart, address, lock, log_file
from relay.hub import Hub
from relay.idle import Idle
from relay.ingest import Ingest
from relay.leases import Leases
from relay.log.base import LogError, Retention
from relay.log.sqlite import SqliteLog
from relay.metrics import Metrics
from relay.patience import Patience
from relay.publicurl import PublicUrls
from relay.purge import Purge
from relay.quarantine import Quarantine
from relay.secretstore import SecretStore
from relay.session import Standing
from relay.settings import Settings, SettingsError, signing_secrets
from relay.settings.secretsfile import SecretsFileError
from relay.shortcut import protocol_of
from relay.stream import Stream

VERSION = version_of("knocktop")

TRIM_SECONDS = 5.0
STOP_SECONDS = 3.0
EARLIER_MESSAGES = 20_000
"""Messages whose earlier events a reading can refer to."""
EARLIER_EVENTS = 5_000
"""Newest events that are read for that when the relay starts."""

log = logging.getLogger("relay")


def run(settings: Settings) -> int:
    """Run the relay in the foreground until SIGTERM, SIGINT or `POST /v1/stop`; gives the exit code.

    0 stopped cleanly, 1 failed or the log is newer than this version, 2 a setting can't be used, 18 the address is
    in use, 19 another relay holds the data directory.
    """
    files = settings.files
    try:
        files.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (
            lock(files),
            log_file(files, to_stderr=settings.started_by is None),
            address(settings) as listener,
            asyncio.Runner(loop_factory=_loop_factory()) as runner,
        ):
            runner.run(_Running(settings, listener).serve())
    except CannotStart as error:
        _say(str(error), error.hint)
        return error.code
    except (LogError, SecretsFileError, sqlite3.Error) as error:
        _say(f"the relay can't start: {error}")
        return EXIT_FAILED
    except SettingsError as error:
        _say(str(error), error.hint or "")
        return EXIT_USAGE
    except OSError as error:
        _say(f"the relay can't start: {error.strerror or error}: {error.filename or files.directory}")
        return EXIT_FAILED
    return EXIT_DONE


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:  # not on Windows
        return None
    return uvloop.new_event_loop


def _say(text: str, hint: str = "") -> None:
    sys.stderr.write(f"knocktop: {plain(text)}\n" + (f"hint: {plain(hint)}\n" if hint else ""))
    sys.stderr.flush()


class _Server(uvicorn.Server):
    """uvicorn, but the relay decides what a signal means: viewers hear of the end before their socket closes."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class _Running:
    """One relay from its start to its end."""

    def __init__(self, settings: Settings, listener: socket.socket) -> None:
        self._settings = settings
        self._files = settings.files
        self._listener = listener
        self._started_us = _now_us()
        self._stop = asyncio.Event()

    async def serve(self) -> None:
        with self._signals():
            await self._open()

    async def _open(self) -> None:
        settings = self._settings
        hub = Hub()
        retention = Retention(settings.retention_events, _us(settings.retention_age), settings.retention_size)
        log_ = SqliteLog.open(self._files.log, retention=retention, woken=hub.wake, processes=True)
        try:
            secrets = SecretStore(
                [Secret(each.value.get_secret_value(), each.endpoint) for each in signing_secrets(settings)],
                self._files.secrets,
            )
            await self._serve(log_, hub, secrets, retention)
        finally:
            await log_.close()

    async def _serve(self, log_: SqliteLog, hub: Hub, secrets: SecretStore, retention: Retention) -> None:
        earlier = await _recall(log_)
        metrics = Metrics()
        quarantine = Quarantine(log_, secrets, earlier, clock=_now_us, changed=hub.wake)
        await quarantine.load()
        # A secret may have come with the settings, too.
        await quarantine.admit_fitting(at_start=True)
        backend = self._settings.log
        public_urls = PublicUrls(self._settings.public_url, clock=time.monotonic, changed=hub.wake)
        canned = CannedAnswers(log_, clock=_now_us, changed=hub.wake)
        leases = Leases(clock=_now_us, changed=hub.wake)
        stream = Stream(
            log_,
            hub,
            relay=lambda: frames.RelayFacts(
                version=VERSION,
                backend=backend,
                secrets=secrets.count,
                public_url=public_urls.current,
                provoking=canned.provoking,
            ),
            standing=lambda: Standing(
                log_.last_seq,
                quarantine.held,
                secrets.count,
                public_urls.current,
                canned.provoking,
                leases.targets,
            ),
            leases=leases,
            clock=_now_us,
        )
        metrics.gauge("viewers", "Viewers attached to the stream", lambda: stream.viewers)
        metrics.gauge("last_seq", "Seq of the newest entry", lambda: log_.last_seq)
        metrics.gauge("quarantine_held", "Requests in quarantine", lambda: quarantine.held)
        metrics.gauge("events", "Events kept", lambda: log_.stats().events)
        metrics.gauge("log_bytes", "Bytes of the log on disk", lambda: log_.stats().size)
        configured = self._settings.token
        token = token_of(self._files.token, configured.get_secret_value() if configured else None)
        ingest = Ingest(
            log_, secrets, quarantine, earlier, metrics, canned, verify=self._settings.verify, clock=_now_us
        )
        door = FrontDoor(
            ingest=ingest,
            stream=stream,
            api=api.build(
                api.Relay(
                    log=log_,
                    secrets=secrets,
                    quarantine=quarantine,
                    purge=Purge(log_, quarantine, secrets, self._files.log),
                    metrics=metrics,
                    public_urls=public_urls,
                    canned=canned,
                    leases=leases,
                    retention=retention,
                    stall_after_us=_us(self._settings.stall_after),
                    backend=backend,
                    version=VERSION,
                    started_at=rfc3339(self._started_us),
                    clock=_now_us,
                    viewers=lambda: stream.viewers,
                    stop=self._stop.set,
                    secrets_changed=hub.wake,
                )
            ),
            gate=Gate(token, self._settings.allow_origin),
            health=lambda: self._health(log_, stream),
            ready=lambda: log_.is_writable and not self._stop.is_set(),
        )
        server = self._server(door, ingest)
        serving = asyncio.create_task(server.serve(sockets=[self._listener]))
        upkeep = asyncio.create_task(self._upkeep(log_, quarantine, stream))
        patience = asyncio.create_task(Patience(lambda: server.server_state.connections).keep_looking())
        with self._announced(log_):
            _settle_memory()
            log.info("relay %s listens at %s", VERSION, self._url)
            stopping = asyncio.create_task(self._stop.wait())
            await asyncio.wait({serving, stopping, upkeep}, return_when=asyncio.FIRST_COMPLETED)
            self._stop.set()
            if upkeep.done() and not upkeep.cancelled() and upkeep.exception() is not None:
                log.error("upkeep failed, the relay stops", exc_info=upkeep.exception())
            upkeep.cancel()
            patience.cancel()
            canned.end()
            await stream.stop(STOP_SECONDS)
            server.should_exit = True
            await serving
            stopping.cancel()
            await asyncio.gather(upkeep, patience, stopping, return_exceptions=True)
        log.info("relay stopped")

    def _server(self, door: FrontDoor, ingest: Ingest) -> uvicorn.Server:
        config = uvicorn.Config(
            door,
            http=protocol_of(ingest if self._settings.shortcut else None),
            ws="websockets-sansio",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            access_log=False,
            server_header=False,
            # Forwarded addresses stay among the event's headers; rewriting the client costs every request.
            proxy_headers=False,
            ws_max_size=1 << 20,
            ws_per_message_deflate=False,
            timeout_keep_alive=65,
            timeout_graceful_shutdown=5,
        )
        return _Server(config)

    @property
    def _url(self) -> str:
        host, port = self._listener.getsockname()[:2]
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def _health(self, log_: SqliteLog, stream: Stream) -> dict[str, Any]:
        return {
            "service": SERVICE,
            "version": VERSION,
            "log": log_.log_id,
            "started_by": self._settings.started_by,
            "viewers": stream.viewers,
            "pid": os.getpid(),
        }

    @contextlib.contextmanager
    def _announced(self, log_: SqliteLog) -> Iterator[None]:
        """Say in the data directory where this relay is, as long as it runs."""
        facts = {
            "pid": os.getpid(),
            "url": self._url,
            "version": VERSION,
            "log": log_.log_id,
            "started_by": self._settings.started_by,
        }
        part = self._files.relay.with_name("relay.json.part")
        part.write_text(json.dumps(facts) + "\n", "utf-8")
        part.replace(self._files.relay)
        try:
            yield
        finally:
            self._files.relay.unlink(missing_ok=True)

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        if sys.platform == "win32":
            previous = {
                number: signal.signal(number, lambda *_: loop.call_soon_threadsafe(self._stop.set))
                for number in (signal.SIGINT, signal.SIGTERM)
            }
            try:
                yield
            finally:
                for number, handler in previous.items():
                    signal.signal(number, handler)
            return
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._stop.set)
        try:
            yield
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)

    async def _upkeep(self, log_: SqliteLog, quarantine: Quarantine, stream: Stream) -> None:
        """Retention, the quarantine's age, and the end of a relay that nobody looks at."""
        limit = self._settings.idle_exit
        idle = Idle(None if limit is None else limit.total_seconds(), time.monotonic)
        while True:
            try:
                await log_.trim()
                await quarantine.expire()
            except LogError as error:
                log.warning("retention could not do its work: %s", error)
            if idle.is_over(stream.viewers):
                log.info("no viewer for %s: stopping", limit)
                return
            await asyncio.sleep(TRIM_SECONDS)


def _settle_memory() -> None:
    """Keep the garbage collector away from what stays: it would walk all modules again and again under load.

    What a request makes is freed by counting references; the rare cycle is still found, only later.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 50)


async def _recall(log_: SqliteLog) -> EarlierMessages:
    """What the newest events said of their messages, for the readings of those to come."""
    earlier = EarlierMessages(EARLIER_MESSAGES)
    page = await log_.page(before=log_.last_seq + 1, limit=EARLIER_EVENTS, seconds=2.0)
    for event in reversed(page.events):
        summary = event.summary
        if summary.message_id and summary.created_at:
            earlier.note(summary.message_id, summary.type, summary.created_at)
    return earlier


def _now_us() -> int:
    return time.time_ns() // 1_000


def _us(delta: timedelta) -> int:
    return delta // timedelta(microseconds=1)
