"""How the events of one type are asked for, whatever its name holds."""

from __future__ import annotations

import re
from datetime import tzinfo

from tui.model.filtering import Choice

_PLAIN_NAME = re.compile(r"[\w.-]+", re.ASCII)


def of_type(filter_text: str, type_: str, zone: tzinfo | None = None) -> Choice:
    """Narrow a filter to one type.

    The types of a question stand between commas, so a name that holds one, or what an address cannot hold, goes
    into the filter. Raises `FilterError` where the filter does not parse or both together are too long.
    """
    if _PLAIN_NAME.fullmatch(type_):
        return Choice(filter_text, (type_,))
    from datetime import UTC

    from relay.contract.filter import And, Equals, Name, Term, parse

    term = Term(Name("type"), (Equals(type_),))
    applied = parse(filter_text, zone=zone or UTC).tree
    return Choice(str(term if applied is None else And((applied, term))))
