"""Whether an address can be reached from elsewhere, as far as it tells by itself."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def is_loopback(url: str) -> bool:
    """The address is of this machine and leads nowhere else."""
    host = _host(url)
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def is_public(url: str) -> bool:
    """Knock can reach the address, unless a name in it is known to fewer than it seems."""
    host = _host(url)
    try:
        return ip_address(host).is_global
    except ValueError:
        return "." in host.strip(".") and not host.endswith((".localhost", ".local", ".internal"))
