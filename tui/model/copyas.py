"""An event as text to paste: what posts its exact body again, what waits for another like it, or safe JSON.

Nothing in an event can act where this is pasted: bytes that a shell, Python or a terminal would not take for
themselves are written as escapes, so that nothing has to be left out and the signature still fits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from relay.contract import jsontext
from relay.contract.events import MASKED_HEADERS, EventDetail
from relay.contract.text import copyable
from tui.model.bodylines import pretty

ARGUMENT_LIMIT = 100_000
"""Bytes that go to a program as one argument; Linux takes 128 KiB."""

_BARE = re.compile(rb"[A-Za-z0-9%+,./:=@_-]+")
_NO_NAME = re.compile(r"[^a-z0-9]+")
_NAME_LIMIT = 60
_KEPT_HEADERS = ("content-type",)
_KEPT_PREFIX = "x-knock-"

Headers = Sequence[tuple[str, str]]


class Copied(NamedTuple):
    """A text to copy, and what it is called."""

    text: str
    name: str


def kept_headers(headers: Headers) -> list[tuple[str, str]]:
    """Give the headers that say what the body is and who signed it, as they came."""
    return [(name, value) for name, value in headers if _matters(name.lower())]


def _matters(name: str) -> bool:
    return (name in _KEPT_HEADERS or name.startswith(_KEPT_PREFIX)) and name not in MASKED_HEADERS


# JSON


def json_of(value: Any) -> str:
    """Write a value as indented JSON."""
    return safe_json("\n".join(pretty(jsontext.dumps(value))))


def json_of_body(body: bytes) -> str:
    """Write a body as indented JSON, its numbers and the order of its keys as they came."""
    return safe_json("\n".join(pretty(body)))


def safe_json(text: str) -> str:
    """Escape the characters that would act where JSON is pasted; it says the same."""
    if copyable(text)[1] == 0:
        return text
    return "".join(char if copyable(char)[1] == 0 else _json_escape(char) for char in text)


def _json_escape(char: str) -> str:
    if char == "\r":
        # Only whitespace between tokens can be a bare one.
        return ""
    units = char.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


# Shell


def curl(url: str, headers: Headers, body: bytes) -> str:
    """Write the command, for any POSIX shell, that posts a body with those of its headers that matter."""
    parts = [f"curl -sS {quoted(url.encode())}"]
    parts += [f"-H {quoted(_curl_header(name, value))}" for name, value in _with_content_type(headers)]
    if len(body) <= ARGUMENT_LIMIT and _is_tame(body):
        return _lines([*parts, f"--data-raw {quoted(body)}"])
    return f"printf {_printf(body)} |\n{_lines([*parts, '--data-binary @-'])}"


def expect_command(filter_: str) -> str:
    """Write the command, for any POSIX shell, that waits for an event that matches."""
    word = quoted(filter_.encode("utf-8", "surrogatepass"))
    return f"knocktop expect --within 30s {'-- ' if filter_.startswith('-') else ''}{word}"


def _with_content_type(headers: Headers) -> Iterator[tuple[str, str | None]]:
    """Give the headers to send; without a type of its own a body is not to get one."""
    kept = kept_headers(headers)
    yield from kept
    if not any(name.lower() == "content-type" for name, _ in kept):
        yield "content-type", None


def _curl_header(name: str, value: str | None) -> bytes:
    if value is None:
        return f"{name}:".encode("latin-1", "replace")
    return _header_bytes(f"{name}: {value}" if value else f"{name};")


def _header_bytes(text: str) -> bytes:
    """Give what stood on the wire: headers are read as Latin-1; what ends a line cannot be in one."""
    return text.replace("\r", "").replace("\n", "").replace("\0", "").encode("latin-1", "replace")


def quoted(data: bytes) -> str:
    """Write bytes as one word of a POSIX shell; such that a terminal might act on come out of `printf`.

    A newline at the end, which a shell takes from what a command gave, is for bodies alone; they go by a pipe.
    """
    if _BARE.fullmatch(data):
        return data.decode()
    if _is_tame(data):
        return "'" + data.decode().replace("'", "'\\''") + "'"
    return f'"$(printf {_printf(data)})"'


def _is_tame(data: bytes) -> bool:
    """Tell whether bytes are text that arrives as it is wherever it is pasted."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return False
    return "\t" not in text and copyable(text)[1] == 0


def _printf(data: bytes) -> str:
    """Write bytes as a format of `printf`, in printable ASCII."""
    written = "".join(map(_PRINTF.__getitem__, data))
    return "'" + (f"\\055{written[1:]}" if written.startswith("-") else written) + "'"


_PRINTF = [chr(code) if 0x20 <= code < 0x7F else f"\\{code:03o}" for code in range(256)]
_PRINTF[ord("%")] = "%%"
_PRINTF[ord("\\")] = "\\\\"
_PRINTF[ord("'")] = "\\047"


def _lines(parts: Sequence[str]) -> str:
    return " \\\n  ".join(parts)


# Python


def httpx(url: str, headers: Headers, body: bytes) -> str:
    """Write the Python program that posts a body with those of its headers that matter."""
    lines = ["import httpx", "", f"body = {python_bytes(body)}", "headers = ["]
    lines += [f"    ({python_header(name)}, {python_header(value)})," for name, value in kept_headers(headers)]
    lines += ["]", f"answer = httpx.post({python_text(url)}, content=body, headers=headers)"]
    return "\n".join([*lines, "print(answer.status_code, answer.text)", ""])


def pytest_posting(url: str, event: EventDetail, body: bytes) -> str:
    """Write the test for pytest that posts a body with those of its headers that matter to an app."""
    lines = [
        "import os",
        "",
        "import httpx",
        "",
        f'URL = os.environ.get("KNOCK_WEBHOOK_URL") or {python_text(url)}',
        f"BODY = {python_bytes(body)}",
        "HEADERS = [",
        *(f"    ({python_header(name)}, {python_header(value)})," for name, value in kept_headers(event.headers)),
        "]",
        "",
        "",
        f"def test_{_identifier(event.type)}_is_taken():",
        "    answer = httpx.post(URL, content=BODY, headers=HEADERS)",
        '    assert answer.is_success, f"{answer.status_code} {answer.text}"',
        "",
    ]
    return "\n".join(lines)


def pytest_expecting(filter_: str) -> str:
    """Write the test for pytest that waits for an event that matches."""
    lines = ["def test_it_comes(knock_events):", f"    [event] = knock_events.expect({python_text(filter_)})", ""]
    return "\n".join(lines)


def _identifier(text: str) -> str:
    return _NO_NAME.sub("_", text.lower()).strip("_")[:_NAME_LIMIT] or "it"


def python_bytes(data: bytes) -> str:
    """Write bytes as an expression of Python, readable where they are text."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return repr(data)
    return repr(data) if text.isascii() else f"{python_text(text)}.encode()"


def python_text(text: str) -> str:
    """Write a text as an expression of Python."""
    written = repr(text)
    return written if copyable(written)[1] == 0 else ascii(text)


def python_header(text: str) -> str:
    """Write what stood in a header as an expression of Python."""
    return repr(text) if text.isascii() else repr(_header_bytes(text))


# What the sheet offers


class Way(NamedTuple):
    """A way to copy: the letter that picks it, what it is called, and what it says of itself."""

    letter: str
    name: str
    says: str


PATH = Way("p", "path", "where the value stands, for the filter")
VALUE = Way("v", "value", "as it is")
JSON = Way("j", "JSON", "indented")
CURL = Way("c", "curl", "a command that posts the exact body again")
HTTPX = Way("h", "httpx", "a Python program that posts the exact body again")
PYTEST = Way("t", "pytest", "a test that posts the exact body to an app")
EXPECT = Way("e", "expect", "a command that waits for such an event")
EXPECT_IN_PYTEST = Way("k", "knock_events", "a test that waits for such an event")

POSTING = (CURL, HTTPX, PYTEST)
"""Ways that need the exact bytes."""
WAITING = (EXPECT, EXPECT_IN_PYTEST)
"""Ways that need a filter alone."""


def posted(way: Way, url: str, event: EventDetail, body: bytes) -> Copied:
    """Write what posts an event again."""
    match way.name:
        case CURL.name:
            text = curl(url, event.headers, body)
        case HTTPX.name:
            text = httpx(url, event.headers, body)
        case _:
            text = pytest_posting(url, event, body)
    return Copied(text, f"{way.name} for seq {event.seq}")


def awaited(way: Way, filter_: str) -> Copied:
    """Write what waits for an event that matches."""
    return Copied(expect_command(filter_) if way is EXPECT else pytest_expecting(filter_), way.name)
