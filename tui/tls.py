"""Whose certificates are believed at an address."""

from __future__ import annotations

import ssl

import httpx


def believed(url: str) -> ssl.SSLContext:
    """Give the authorities that this machine believes.

    For an address without TLS none are needed, and to load them takes 40 ms: there it believes nobody.
    """
    if url.lower().startswith("http://"):
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return httpx.create_ssl_context(trust_env=False)
