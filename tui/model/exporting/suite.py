"""An export as tests for pytest: each event is posted to an app, which has to take it."""

from __future__ import annotations

import re

from relay.contract.exported import ExportedEvent, body_of
from relay.contract.signature import HEADER
from tui.model.copyas import kept_headers, python_bytes, python_header, python_text
from tui.model.redaction import TEST_SECRET

_NAME = re.compile(r"[^A-Za-z0-9._-]")
_NAME_LIMIT = 60

_SIGNED = f'''\
"""Knock events, exported by knocktop: each one is posted to an app, which has to answer with 2xx.

Personal data is replaced, the same text by the same stand-in everywhere. What is posted is signed then, with the
secret {TEST_SECRET}: the app has to check with that one. KNOCK_WEBHOOK_URL says where it listens.
"""
'''
_AS_RECEIVED = '''\
"""Knock events, exported by knocktop: each one is posted to an app, which has to answer with 2xx.

Bodies and signatures are as they were received, personal data included. KNOCK_WEBHOOK_URL says where the app
listens.
"""
'''
_IMPORTS = """
import http.client
import os
import urllib.parse

import pytest
"""
_IMPORTS_TO_SIGN = """
import base64
import hashlib
import hmac
import http.client
import os
import time
import urllib.parse

import pytest
"""
_SIGN = '''

def signature(body):
    """Sign as Knock does."""
    t = str(time.time_ns() // 1_000_000)
    digest = hmac.new(SECRET.encode(), t.encode() + b"." + body, hashlib.sha256).digest()
    return f"t={t},s={base64.b64encode(digest).decode()}"
'''
_POST = '''

def post(url, headers, body):
    """Post a body with these headers and no other; gives the status."""
    parts = urllib.parse.urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname, parts.port, timeout=30)
    try:
        path = parts.path or "/"
        connection.putrequest("POST", f"{path}?{parts.query}" if parts.query else path)
        for name, value in [*headers, ("content-length", str(len(body)))]:
            connection.putheader(name, value)
        connection.endheaders(body)
        return connection.getresponse().status
    finally:
        connection.close()


EVENTS = [
'''
_TAIL = """]


@pytest.mark.parametrize(("url", "headers", "body"), EVENTS)
def test_the_app_takes_it(url, headers, body):
    assert 200 <= post(URL or url, headers, body) < 300
"""
_TAIL_SIGNING = _TAIL.replace(
    "    assert", '    headers = [*headers, ("x-knock-signature", signature(body))]\n    assert'
)


def head(redacted: bool) -> bytes:
    """Give all that stands before the first event."""
    says = _SIGNED + _IMPORTS_TO_SIGN if redacted else _AS_RECEIVED + _IMPORTS
    constants = 'URL = os.environ.get("KNOCK_WEBHOOK_URL")\n'
    if redacted:
        constants = f"SECRET = {python_text(TEST_SECRET)}\n{constants}" + _SIGN
    return f"{says}\n{constants}{_POST}".encode()


def case(event: ExportedEvent, url: str, *, signs: bool) -> bytes:
    """Give the parameters of the test of an event; one that is signed when it is posted brings no signature."""
    headers = [
        f"({python_header(name)}, {python_header(value)})"
        for name, value in kept_headers(event.headers)
        if not (signs and name.lower() == HEADER)
    ]
    name = f"seq-{event.seq}-{_NAME.sub('_', event.type[:_NAME_LIMIT])}"
    lines = [
        "    pytest.param(",
        f"        {python_text(url)},",
        f"        [{', '.join(headers)}],",
        f"        {python_bytes(body_of(event))},",
        f'        id="{name}",',
        "    ),",
    ]
    return "".join(f"{line}\n" for line in lines).encode()


def tail(redacted: bool) -> bytes:
    """Give the test."""
    return (_TAIL_SIGNING if redacted else _TAIL).encode()
