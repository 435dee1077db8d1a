"""Times in a filter that were written without an offset: they mean the zone on screen, and the relay reads UTC."""

from __future__ import annotations

import re
from datetime import tzinfo

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def with_offsets(text: str, zone: tzinfo) -> str:
    """Write the offsets in; a filter that does not need them, or does not parse, stays as it was typed."""
    if not _DAY.search(text):
        return text
    from relay.contract.filter import FilterError, parse

    try:
        here, in_utc = str(parse(text, zone=zone)), str(parse(text))
    except FilterError:
        return text
    return text if here == in_utc else here
