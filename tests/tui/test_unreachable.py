"""The cause of a failed connection, in few words, from underneath whatever the libraries wrap around it."""

from __future__ import annotations

import errno
import socket
import ssl

import pytest

from relay.contract.api import Problem
from tui.unreachable import why, why_refused


def an_untrusted_certificate() -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_message = "self-signed certificate"
    return error


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ConnectionRefusedError(errno.ECONNREFUSED, "Connect call failed ('127.0.0.1', 1)"), "connection refused"),
        (OSError(errno.EHOSTUNREACH, ""), "no route to host"),
        (OSError(f"Multiple exceptions: [Errno {errno.ECONNREFUSED}] Connect …"), "connection refused"),
        (socket.gaierror(-2, "Name or service not known"), "the host name is not known"),
        (TimeoutError(), "no answer in time"),
        (UnicodeError("label too long"), "the host name is not valid"),
        (an_untrusted_certificate(), "the certificate is not trusted: self-signed certificate"),
        (RuntimeError("\x1b[31mred\nalert"), "␛[31mred↵alert"),
        (RuntimeError(), "RuntimeError"),
    ],
)
def test_a_cause_has_its_words(error: Exception, words: str) -> None:
    assert why(error) == words


def test_the_cause_is_found_underneath_what_wraps_it() -> None:
    refused = ConnectionRefusedError(errno.ECONNREFUSED, "no")
    group = ExceptionGroup("all attempts failed", [refused])
    outer = RuntimeError("it failed")
    outer.__cause__ = OSError("All connection attempts failed")
    outer.__cause__.__cause__ = group
    assert why(outer) == "connection refused"


def test_exceptions_that_name_each_other_come_to_an_end() -> None:
    one, other = RuntimeError("one"), RuntimeError("other")
    one.__context__, other.__context__ = other, one
    assert why(one) == "one"


@pytest.mark.parametrize(
    ("status", "token", "words"),
    [(401, "t", "token refused"), (401, None, "token missing"), (403, "t", "this origin is not let in")],
)
def test_a_refusal_says_what_is_to_be_changed(status: int, token: str | None, words: str) -> None:
    problem = Problem(title="no", status=status, detail="this origin is not let in")
    assert why_refused(status, token, problem) == words


def test_a_refusal_without_words_is_called_forbidden() -> None:
    assert why_refused(403, "t", None) == "forbidden"
