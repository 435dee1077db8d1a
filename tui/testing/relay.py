"""The relay of a test session: the one that the settings name, or one that lives as long as the session."""

from __future__ import annotations

import os
import secrets
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
from relay.settings import Loaded, load
from relay.settings.sources import PREFIX
from tui.client import RelayClient, RelayError
from tui.credentials import signing_secret, viewer_token
from tui.feed import Feed
from tui.launch import StartFailed
from tui.probe import client
from tui.simulator import TYPES, SimulatedEvent, event, parse_override
from tui.simulator.notation import chance
from tui.stagehand import SECRET_VARIABLE
from tui.testing.background import Background
from tui.throwaway import ThrowAway
from tui.whereabouts import Present, whereabouts

_NAMING = ("relay_url", "host", "port", "data_dir")
_START_S = 30.0
_ANSWER_S = 10.0
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
def session_relay(configured: str | None, root: Path) -> Iterator[KnocktopRelay]:
    """Give the relay that the environment, `configured` or the project file in `root` name, else one of its own.

    Raises `NoRelay` and `SettingsError`.
    """
    named = os.environ.get(f"{PREFIX}RELAY_URL", "").strip() or configured
    loaded = load({"relay_url": named or None}, cwd=root)
    background = Background()
    try:
        if any(loaded.origins[name].kind not in ("default", "user file") for name in _NAMING):
            with _joined(background, *_found(background, loaded), own=False) as relay:
                yield relay
        else:
            with _OfSession() as own:
                url, token = _address(background, own), own.token.get_secret_value()
                with _joined(background, url, token, own.signing_secret, own=True) as relay:
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


class _OfSession(ThrowAway):
    """A relay with a signing secret, for as long as the session."""

    def __init__(self) -> None:
        super().__init__("tests")
        self.signing_secret = secrets.token_urlsafe(24)

    def environment(self) -> dict[str, str]:
        """Give the relay its secret."""
        return super().environment() | {SECRET_VARIABLE: self.signing_secret}


def _address(background: Background, relay: _OfSession) -> str:
    try:
        return background.wait(relay.url(_START_S))
    except StartFailed as error:
        raise NoRelay("\n".join([str(error), *error.details])) from None


async def _attend(relay: KnocktopRelay) -> None:
    """Stay connected: without a viewer the relay would end by itself."""
    async with Feed(relay.url, relay.token, filter=_NOTHING) as feed:
        async for _ in feed:
            pass
