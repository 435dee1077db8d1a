"""Where the relay of these settings is, if it runs."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from relay.contract.api import Health
from relay.settings import Settings, is_loopback, is_loopback_url
from tui.probe import Foreign, Silence, is_ready, probe
from tui.record import recorded


@dataclass(frozen=True, slots=True)
class Present:
    """A relay that runs: where, and what it says of itself."""

    url: str
    health: Health


async def whereabouts(http: httpx.AsyncClient, settings: Settings) -> Present | Foreign | Silence:
    """Find the relay at the configured address, or else the one of the data directory at another one."""
    answer = await probe(http, settings.address)
    if isinstance(answer, Health):
        return Present(settings.address, answer)
    return (may_start(settings) and await elsewhere(http, settings)) or answer


def may_start(settings: Settings) -> bool:
    """Whether a relay of ours can be started at the address: on this machine, in the clear, at its root."""
    if settings.relay_url is None:
        return is_loopback(settings.host)
    parts = urlsplit(settings.relay_url)
    return parts.scheme == "http" and not parts.path and is_loopback_url(settings.relay_url)


async def elsewhere(http: httpx.AsyncClient, settings: Settings) -> Present | None:
    """Find the relay of the data directory where it is at another address than the configured one."""
    record = recorded(settings.files.relay)
    # The file is followed on this machine alone: whoever put it there is not to get a token of ours.
    if record is None or record.url == settings.address or not is_loopback_url(record.url):
        return None
    answer = await probe(http, record.url)
    if not isinstance(answer, Health) or answer.pid != record.pid or not await is_ready(http, record.url):
        return None
    return Present(record.url, answer)
