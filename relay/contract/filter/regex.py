"""Regular expressions in RE2's syntax, which take time linear in the text whatever the expression.

The binding has no types: nothing else imports it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from relay.contract.filter.errors import FilterError

MAX_MEMORY = 1 << 20
"""Bytes that one expression may take, compiled and while it searches."""

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


@lru_cache(maxsize=128)
def finder(pattern: str) -> Callable[[str], bool]:
    """Return a function that tells whether a text has a match of `pattern` anywhere.

    Halves of surrogate pairs read as U+FFFD. Raises `FilterError` with a column within `pattern`.
    """
    import re2  # type: ignore[import-untyped] # filters without expressions do not pay for it

    options = re2.Options()
    options.max_mem = MAX_MEMORY
    options.never_capture = True
    options.log_errors = False
    try:
        search = re2.compile(_bytes(pattern), options).search
    except re2.error as error:
        raise _refused(pattern, error.args[0]) from None

    def finds(text: str) -> bool:
        return search(_bytes(text)) is not None

    return finds


def _bytes(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        return _LONE_SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text).encode()


def _refused(pattern: str, reason: bytes) -> FilterError:
    """RE2 says which piece it can't read, and so where that is."""
    message, _, piece = reason.decode("utf-8", "replace").partition(": ")
    offset = max(pattern.find(piece), 0)
    return FilterError(
        f"regular expression: {message}",
        column=offset + 1,
        length=len(piece) or len(pattern),
        expected=["RE2 syntax"],
    )
