"""Why there is no connection, in a few words that fit in a header."""

from __future__ import annotations

import os
import re
import socket
import ssl
from collections.abc import Iterator
from http import HTTPStatus

from relay.contract.api import Problem
from relay.contract.text import plain

_LIMIT = 200
_ERRNO = re.compile(r"\[Errno (\d+)\]")


def why(error: BaseException) -> str:
    """Name the cause underneath `error`, in one plain line without a full stop."""
    causes = list(_causes(error))
    for cause in causes:
        if text := _words(cause):
            return text
    return plain(str(error) or type(error).__name__, _LIMIT)


def why_refused(status: int, token: str | None, problem: Problem | None) -> str:
    """Say what an answer of 401 or 403 to a request with this `token` means, in one plain line."""
    if status == HTTPStatus.UNAUTHORIZED:
        return "token refused" if token else "token missing"
    return plain(problem.detail or problem.title, _LIMIT) if problem else "forbidden"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Go from an exception down to what it wraps; the libraries in between only say that something failed."""
    todo = [error]
    seen: set[int] = set()
    while todo:
        current = todo.pop(0)
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        if isinstance(current, BaseExceptionGroup):
            todo.extend(current.exceptions)
        todo.extend(inner for inner in (current.__cause__, current.__context__) if inner is not None)


def _words(error: BaseException) -> str | None:
    match error:
        case socket.gaierror():
            return "the host name is not known"
        case ssl.SSLCertVerificationError():
            return plain(f"the certificate is not trusted: {error.verify_message}", _LIMIT)
        case ssl.SSLError():
            return plain(f"TLS failed: {error.reason or error}", _LIMIT)
        case TimeoutError():
            return "no answer in time"
        case UnicodeError():
            return "the host name is not valid"
        case OSError(errno=int(number)):
            return _lower(os.strerror(number))
        case OSError() if found := _ERRNO.search(str(error)):
            # asyncio tries every address of a name and puts the failures into one text.
            return _lower(os.strerror(int(found[1])))
        case _:
            return None


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
