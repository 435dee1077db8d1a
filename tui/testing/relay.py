"""The relay of a test session: the one that the settings name, or one that lives as long as the session."""

from __future__ import annotations

import os
import secrets
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx

from relay.contract import jsontext
from relay.contract.text import plain
from relay.settings import Loaded, Settings, load
from relay.settings.sources import PREFIX
from tui.client import RelayClient, RelayError
from tui.credentials import signing_secret, viewer_token
from tui.feed import Feed
from tui.logend import LogEnd
from tui.probe import client
from tui.record import recorded
from tui.simulator import TYPES, SimulatedEvent, event, parse_override
from tui.simulator.notation import chance
from tui.spawn import Detached, spawn
from tui.testing.background import Background
from tui.whereabouts import Present, whereabouts

_NAMING = ("relay_url", "host", "port", "data_dir")
_START_S = 30.0
_STOP_S = 10.0
_PAUSE_S = 0.02
_ANSWER_S = 10.0
_IDLE_EXIT = "1m"
_NOTHING = "seq:<0"


class NoRelay(Exception):
    """There is no relay to test with; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class KnocktopRelay:
    """The relay that the tests look at.

    `webhook_url` is where it takes Knock's webhooks, `signing_secret` what they are to be signed with, None where
    none is set. `own`: it was started for this session, and is gone after it.
    """

    url: str
    token: str | None = field(repr=False)
    signing_secret: str | None = field(repr=False)
    own: bool
    background: Background = field(repr=False)
    client: RelayClient = field(repr=False)

    @property
    def webhook_url(self) -> str:
        """Where it takes webhooks."""
        return f"{self.url}/webhooks/knock"

    def trigger(self, type_: str, fields: Mapping[str, Any] | None = None, *, seed: int | None = None) -> int:
        """Send one simulated event, signed as Knock signs, and give its seq.

        `fields` are values by their paths in the body, such as `{"data.recipient": "user_1"}`. Raises `ValueError`
        for what cannot be sent, `AssertionError` where the relay does not take it.
        """
        if type_ not in TYPES:
            raise ValueError(f"no event type is called {plain(type_)!r}: see knocktop trigger")
        overrides = [parse_override(f"{path}={_json(value)}") for path, value in (fields or {}).items()]
        rng = chance(secrets.randbits(64) if seed is None else seed)
        return self.send(event(type_, seed=rng, now=datetime.now(UTC), overrides=overrides))

    def send(self, one: SimulatedEvent) -> int:
        """Send one simulated event, signed now, and give its seq."""
        if self.signing_secret is not None:
            one = one.signed(self.signing_secret, time.time_ns() // 1_000_000)
        answer = httpx.post(
            self.webhook_url, content=one.body, headers=one.headers, trust_env=False, timeout=_ANSWER_S
        )
        if answer.status_code != HTTPStatus.OK:
            raise AssertionError(f"the relay answered {answer.status_code}: {plain(answer.text, 300)}")
        return int(answer.json()["seq"])


def _json(value: Any) -> str:
    return jsontext.dumps(value).decode("utf-8", "surrogatepass")


@contextmanager
def session_relay(configured: str | None, root: Path, directory: Path) -> Iterator[KnocktopRelay]:
    """Give the relay that environment, project file or `configured` name, else one that is started in `directory`.

    Raises `NoRelay`.
    """
    named = os.environ.get(f"{PREFIX}RELAY_URL", "").strip() or configured
    loaded = load({"relay_url": named or None}, cwd=root)
    background = Background()
    try:
        if any(loaded.origins[name].kind not in ("default", "user file") for name in _NAMING):
            with _joined(background, *_found(background, loaded), own=False) as relay:
                yield relay
        else:
            with _started(directory) as given, _joined(background, *given, own=True) as relay:
                watch = background.begin(_attend(relay))
                yield relay
                watch.cancel()
    finally:
        background.close()


@contextmanager
def _joined(
    background: Background, url: str, token: str | None, secret: str | None, *, own: bool
) -> Iterator[KnocktopRelay]:
    async def opened() -> RelayClient:
        return RelayClient(url, token)

    asking = background.wait(opened())
    try:
        background.wait(asking.stats())
        yield KnocktopRelay(url, token, secret, own, background, asking)
    except RelayError as error:
        raise NoRelay(str(error)) from None
    finally:
        background.wait(asking.aclose())


def _found(background: Background, loaded: Loaded) -> tuple[str, str | None, str | None]:
    async def found() -> str:
        async with client(loaded.settings.address) as http:
            there = await whereabouts(http, loaded.settings)
        return there.url if isinstance(there, Present) else loaded.settings.address

    url = background.wait(found())
    return url, viewer_token(loaded, url).value, signing_secret(loaded.settings, f"{url}/webhooks/knock")


@contextmanager
def _started(directory: Path) -> Iterator[tuple[str, str, str]]:
    """Run a relay on a free port, with a token and a signing secret of its own."""
    token, secret = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    own = {
        "XDG_CONFIG_HOME": str(directory),
        f"{PREFIX}TOKEN": token,
        f"{PREFIX}SIGNING_SECRET": secret,
    }
    settings = Settings(data_dir=directory)
    process = spawn(settings, "127.0.0.1", 0, kept | own, idle_exit=_IDLE_EXIT)
    try:
        yield _address(process, settings), token, secret
    finally:
        process.terminate()
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _address(process: Detached, settings: Settings) -> str:
    deadline = time.monotonic() + _START_S
    while process.poll() is None and time.monotonic() < deadline:
        record = recorded(settings.files.relay)
        if record is not None and record.pid == process.pid:
            return record.url
        time.sleep(_PAUSE_S)
    said = "\n".join(plain(line) for line in LogEnd(settings.files.relay_log).lines())
    raise NoRelay(f"a relay for the tests could not be started\n{said}".rstrip())


async def _attend(relay: KnocktopRelay) -> None:
    """Stay connected, so that the relay ends soon after this process if that is killed."""
    async with Feed(relay.url, relay.token, filter=_NOTHING) as feed:
        async for _ in feed:
            pass
