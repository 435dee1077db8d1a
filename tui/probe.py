"""Ask what is at an address: a relay, something else, or nothing."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

import httpx
import msgspec

from relay.contract.api import SERVICE, Health
from relay.settings import is_loopback_url
from tui.tls import believed
from tui.unreachable import why

TIMEOUT_S = 1.0
"""How long one answer may take."""

_MUTE = "does not answer as a relay does: {}"
_ANSWER_LIMIT = 64 * 1024
_BEHIND_A_PROXY = (HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT)


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing answers, and `why` not."""

    why: str


@dataclass(frozen=True, slots=True)
class Foreign:
    """Something is there that is no relay; `sure` unless a relay that is just ending could seem so."""

    what: str
    sure: bool = True


def client(url: str = "") -> httpx.AsyncClient:
    """Return a client that goes straight to the address, to any where none is named: no proxy, no redirect."""
    return httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=TIMEOUT_S, verify=believed(url))


async def probe(http: httpx.AsyncClient, url: str) -> Health | Foreign | Silence:
    """Return what is at `url`, by its `/healthz`."""
    if urlsplit(url).port == 0:
        return Silence("the port is not chosen yet")
    local = is_loopback_url(url)
    try:
        async with asyncio.timeout(2 * TIMEOUT_S):
            status, body = await _get(http, f"{url}/healthz")
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        return Silence(why(error))
    except (httpx.TransportError, TimeoutError) as error:
        # What takes connections on this machine is there, whatever it is; elsewhere the network may be to blame.
        return Foreign(_MUTE.format(why(error)), sure=False) if local else Silence(why(error))
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return Foreign(_MUTE.format(why(error)))
    if status in _BEHIND_A_PROXY and not local:
        return Silence(f"the answer was {status}")
    return _health(status, body) or Foreign("answers, but is no relay of knocktop")


async def is_ready(http: httpx.AsyncClient, url: str) -> bool:
    """Whether the relay at `url` takes viewers and events, and is not about to end."""
    try:
        async with asyncio.timeout(2 * TIMEOUT_S):
            status, _ = await _get(http, f"{url}/readyz")
    except (httpx.HTTPError, TimeoutError):
        return False
    return status == HTTPStatus.OK


async def _get(http: httpx.AsyncClient, url: str) -> tuple[int, bytes]:
    """Return status and body, of which no more is read than a relay would say."""
    body = b""
    async with http.stream("GET", url) as response:
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > _ANSWER_LIMIT:
                break
    return response.status_code, body


def _health(status: int, body: bytes) -> Health | None:
    if status != HTTPStatus.OK:
        return None
    try:
        health = msgspec.json.decode(body, type=Health)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    return health if health.service == SERVICE else None
