"""What somebody pasted who meant a webhook's signing secret."""

from __future__ import annotations

import re

_API_KEY = re.compile(r"[sp]k_")
_SIGNATURE = re.compile(r"(?:x-knock-signature:\s*)?t=\d+\s*,\s*s=", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://", re.IGNORECASE)


def mistaken_for(text: str) -> str | None:
    """Say what else a text looks like that is to be a signing secret, None if like nothing else we know."""
    if _API_KEY.match(text):
        return "an API key"
    if _SIGNATURE.match(text):
        return "the signature of a request"
    if _ADDRESS.match(text):
        return "an address"
    return None
