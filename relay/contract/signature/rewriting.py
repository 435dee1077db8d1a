"""The same body, as other programs would have written it.

A signature made after a JSON parser and a serialiser had their hands on the body fits other bytes than those that
arrived. To say how they differ, the body is written again in each way that common serialisers write JSON.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from decimal import Decimal
from functools import cache, partial
from itertools import product
from typing import Any, Literal, NamedTuple, TypeAlias

from relay.contract import jsontext

BODY_LIMIT = 128 << 10
"""Bytes of the largest body that is written again."""

WRITTEN_LIMIT = 4 << 20
"""Bytes written for one body in all: whoever can send a body can set off this work."""


class Rewriting(NamedTuple):
    """A body written again; `how` names it: "the body without …"."""

    data: bytes
    how: Callable[[], str]


def rewritings(body: bytes) -> Iterator[Rewriting]:
    """The other ways in which `body` may have been written before it was signed, each once, the likeliest first.

    Stops at `WRITTEN_LIMIT` bytes, and gives nothing for a body over `BODY_LIMIT`.
    """
    if len(body) > BODY_LIMIT:
        return
    seen = {body}
    left = WRITTEN_LIMIT
    for rewriting in _every(body):
        left -= len(rewriting.data)
        if left < 0:
            return
        if rewriting.data not in seen:
            seen.add(rewriting.data)
            yield rewriting


def _every(body: bytes) -> Iterator[Rewriting]:
    yield from _with_other_edges(body)
    try:
        trees = _Trees(body)
    except (jsontext.JsonError, RecursionError):
        yield from _as_other_text(body)
        return
    yield from trees.written(_PROGRAMS)
    yield from _as_other_text(body)
    yield from trees.shown_by_python()
    yield from trees.written(_styles())


def _named(data: bytes, how: str) -> Rewriting:
    return Rewriting(data, partial(str, how))


def _with_other_edges(body: bytes) -> Iterator[Rewriting]:
    """What editors, shells and files do to the ends of a text and of its lines."""
    yield _named(b"", "an empty body, as of a request that had been read before")
    yield _named(body + b"\n", "the body with a line break at its end")
    yield _named(body + b"\r\n", "the body with a line break at its end")
    yield _named(body.rstrip(b"\r\n"), "the body without the line break at its end")
    yield _named(body.strip(), "the body without the white space around it")
    yield _named(body.replace(b"\r\n", b"\n"), "the body with LF for each CR LF")
    yield _named(body.replace(b"\n", b"\r\n"), "the body with CR LF for each LF")
    yield _named(body.removeprefix(_BYTE_ORDER_MARK), "the body without its byte order mark")
    yield _named(_BYTE_ORDER_MARK + body, "the body with a byte order mark")


def _as_other_text(body: bytes) -> Iterator[Rewriting]:
    """What a body becomes that was taken for something else than bytes."""
    yield _named(b"[object Object]", "[object Object], the text of a parsed body in JavaScript")
    yield _named(repr(body).encode(), "the body as Python shows bytes: b'…'")
    yield _named(b64encode(body), "the body in base64")
    yield _named(body.decode("latin-1").encode(), "the body read as Latin-1 and written as UTF-8")
    stringified = json.dumps(body.decode("utf-8", "replace"), ensure_ascii=False)
    yield _named(stringified.encode(), "the body as one JSON string, as JSON.stringify makes of a text")
    buffer = json.dumps({"type": "Buffer", "data": list(body)}, separators=(",", ":"))
    yield _named(buffer.encode(), "a Buffer put through JSON.stringify instead of the bytes in it")


_BYTE_ORDER_MARK = b"\xef\xbb\xbf"

Numbers: TypeAlias = Literal["as sent", "Python", "JavaScript"]
Keys: TypeAlias = Literal["as sent", "JavaScript", "sorted"]
Layout: TypeAlias = Literal["compact", "spaced", "indented by 2", "indented by 4"]


class _Style(NamedTuple):
    """How a serialiser writes JSON."""

    numbers: Numbers = "as sent"
    keys: Keys = "as sent"
    layout: Layout = "compact"
    ascii: bool = False
    html: bool = False
    slashes: bool = False
    line_break: bool = False

    @property
    def departures(self) -> int:
        return sum(mine != plain for mine, plain in zip(self, _PLAIN, strict=True))


_PLAIN = _Style()
_PROGRAMS = {
    _Style(numbers="JavaScript", keys="JavaScript"): "JavaScript's JSON.stringify",
    _Style(numbers="Python", layout="spaced", ascii=True): "Python's json.dumps",
    _Style(numbers="Python", layout="spaced"): "Python's json.dumps without ensure_ascii",
    _Style(numbers="Python", ascii=True): "Python's json.dumps without spaces",
    _Style(numbers="Python", slashes=True, ascii=True): "PHP's json_encode",
    _Style(numbers="JavaScript", keys="sorted", html=True): "Go's json.Marshal",
    _Style(numbers="Python", html=True): "Rails' to_json",
}
_REORDERED: tuple[Keys, ...] = ("JavaScript", "sorted")
_ORDERS: tuple[tuple[Numbers, Keys], ...] = (
    ("as sent", "as sent"),
    ("JavaScript", "as sent"),
    ("JavaScript", "JavaScript"),
    ("Python", "as sent"),
    ("as sent", "sorted"),
    ("JavaScript", "sorted"),
    ("Python", "sorted"),
)


@cache
def _styles() -> list[_Style]:
    """Every style that is anywhere in use, from the plainest to the oddest."""
    layouts: tuple[Layout, ...] = ("compact", "spaced", "indented by 2", "indented by 4")
    flags = product((False, True), repeat=4)
    mixed = [_Style(*order, layout, *some) for some in flags for layout in layouts for order in _ORDERS]
    return sorted(filter(_is_in_use, mixed), key=lambda style: style.departures)


def _is_in_use(style: _Style) -> bool:
    # Who escapes for HTML writes compactly; who escapes slashes is PHP, which indents by 4 or not at all.
    if style.html:
        return style.layout == "compact" and not style.slashes
    return not style.slashes or style.layout in ("compact", "indented by 4")


class _Trees:
    """One body parsed so that it can be written in each style. Raises `JsonError`."""

    def __init__(self, body: bytes) -> None:
        jsontext.loads(body)
        self._body = body
        self._text = body.decode()
        self._parsed: dict[tuple[Numbers, bool], Any] = {}
        self._written: set[_Style] = set()
        plain = self._compact("as sent", "as sent")
        python = self._compact("Python", "as sent")
        javascript = self._compact("JavaScript", "as sent")
        self._numbers: dict[Numbers, Numbers] = {
            "as sent": "as sent",
            "Python": "as sent" if python == plain else "Python",
            "JavaScript": "as sent" if javascript == plain else "Python" if javascript == python else "JavaScript",
        }
        self._moving_keys = {keys for keys in _REORDERED if self._compact("as sent", keys) != plain}
        self._html = re.search("[<>&\u2028\u2029]", plain) is not None
        self._slashes = "/" in plain
        self._wide = not plain.isascii()

    def _compact(self, numbers: Numbers, keys: Keys) -> str:
        return _dumps(self._tree(numbers, keys), _Style(numbers, keys))

    def written(self, styles: Iterable[_Style]) -> Iterator[Rewriting]:
        """The body in each style that makes a difference and was not given before."""
        for wanted in styles:
            style = self._effective(wanted)
            if style in self._written:
                continue
            self._written.add(style)
            try:
                data = _write(self._tree(style.numbers, style.keys), style)
            except (OverflowError, RecursionError):
                continue
            yield Rewriting(data, partial(_difference, self._body, data, style, _PROGRAMS.get(wanted)))

    def shown_by_python(self) -> Iterator[Rewriting]:
        """The text that a parsed body becomes in a Python f-string."""
        with suppress(RecursionError):
            shown = repr(self._tree("Python", "as sent")).encode("utf-8", "replace")
            yield _named(shown, "a parsed body as Python shows it")

    def _tree(self, numbers: Numbers, keys: Keys) -> Any:
        """The parsed body; its numbers and keys come out as asked when it is written."""
        kind = (numbers, keys == "JavaScript")
        if kind not in self._parsed:
            self._parsed[kind] = json.loads(
                self._text,
                parse_int=_NUMBERS[numbers],
                parse_float=_NUMBERS[numbers],
                object_pairs_hook=_javascript_order if kind[1] else None,
            )
        return self._parsed[kind]

    def _effective(self, style: _Style) -> _Style:
        """The plainest style that writes this body as `style` does."""
        return style._replace(
            numbers=self._numbers[style.numbers],
            keys=style.keys if style.keys in self._moving_keys else "as sent",
            ascii=style.ascii and self._wide,
            html=style.html and self._html,
            slashes=style.slashes and self._slashes,
        )


def _verbatim(text: str) -> str:
    """A number whose own text is to be written; `_dumps` takes it out of the string that it travels in."""
    return f"\0={text}=\0"


_LONGEST_INTEGER = 4_000


def _as_sent(text: str) -> int | float | str:
    number = _as_python(text)
    return number if str(number) == text else _verbatim(text)


def _as_python(text: str) -> int | float | str:
    if text.lstrip("-").isdigit():
        return int(text) if len(text) <= _LONGEST_INTEGER else _verbatim(text)
    return float(text)


def _as_javascript(text: str) -> int | float | str | None:
    """A double, written by the rules of ECMAScript: without a needless fraction or exponent."""
    number = float(text)
    size = abs(number)
    if size == float("inf"):
        return None
    if number.is_integer() and size < 1e21:
        return int(Decimal(repr(number)))
    if size >= 1e-4:
        return number
    return _verbatim(format(Decimal(repr(number)), "f") if size >= 1e-6 else repr(number).replace("e-0", "e-"))


_NUMBERS: dict[Numbers, Callable[[str], int | float | str | None]] = {
    "as sent": _as_sent,
    "Python": _as_python,
    "JavaScript": _as_javascript,
}


_ARRAY_INDEX = re.compile(r"0|[1-9][0-9]{0,9}")


def _javascript_order(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object as JavaScript keeps it: keys that are array indexes first, by size."""
    found = dict(pairs)
    indexes = [key for key in found if _ARRAY_INDEX.fullmatch(key) and int(key) < 2**32 - 1]
    return {key: found[key] for key in sorted(indexes, key=int)} | found


def _dumps(tree: Any, style: _Style) -> str:
    """Write a tree. Raises `OverflowError` when indenting makes it longer than is worth trying."""
    encoder = json.JSONEncoder(
        ensure_ascii=style.ascii,
        sort_keys=style.keys == "sorted",
        indent={"indented by 2": 2, "indented by 4": 4}.get(style.layout),
        separators={"compact": (",", ":"), "spaced": (", ", ": ")}.get(style.layout, (",", ": ")),
    )
    # A line for each bracket, indented by its depth: alone that can make a small body enormous.
    indented = style.layout.startswith("indented")
    text = _bounded(encoder.iterencode(tree)) if indented else encoder.encode(tree)
    # Where a body has these very characters in a string, one way of writing it is not found: no harm is done.
    return text.replace(r'"\u0000=', "").replace(r'=\u0000"', "")


def _bounded(chunks: Iterable[str]) -> str:
    kept = []
    left = 2 * BODY_LIMIT
    for chunk in chunks:
        left -= len(chunk)
        if left < 0:
            raise OverflowError
        kept.append(chunk)
    return "".join(kept)


def _write(tree: Any, style: _Style) -> bytes:
    text = _dumps(tree, style)
    # None of these characters is anywhere in JSON but in strings.
    if style.slashes:
        text = text.replace("/", r"\/")
    if style.html:
        text = re.sub("[<>&\u2028\u2029]", lambda match: f"\\u{ord(match.group()):04x}", text)
    return (text + "\n" * style.line_break).encode("utf-8", "backslashreplace")


_STRING = re.compile(r'"(?:[^"\\]++|\\.)*"')
_HTML_ESCAPE = re.compile(r"\\u003[ce]|\\u0026", re.IGNORECASE)


def _difference(body: bytes, data: bytes, style: _Style, program: str | None) -> str:
    """In words, what is other in `data` than in the body as it arrived."""
    arrived, written = body.decode(), data.decode()
    words = list(_layout_words(arrived, written, style.layout))
    if arrived.isascii() != written.isascii():
        words.append("non-ASCII characters " + (r"as \u escapes" if written.isascii() else "as they are"))
    for name, escape, escaped in (
        ("< > &", _HTML_ESCAPE, r"as \u003c \u003e \u0026"),
        ("slashes", re.compile(r"\\/"), r"as \/"),
    ):
        before, after = escape.search(arrived) is not None, escape.search(written) is not None
        if before != after:
            words.append(f"{name} {escaped if after else 'as they are'}")
    if style.numbers != "as sent":
        example = "10 for 10.0" if style.numbers == "JavaScript" else "1.5 for 1.50"
        words.append(f"numbers without needless digits ({example})")
    if style.keys != "as sent":
        words.append("its keys sorted" if style.keys == "sorted" else "number-like keys first")
    if written.endswith("\n") != arrived.endswith("\n"):
        words.append(f"{'a' if style.line_break else 'no'} line break at its end")
    how = f"the body written with {', '.join(words) or 'other escapes'}"
    return f"{how}, as {program} does it" if program else how


def _layout_words(arrived: str, written: str, layout: Layout) -> Iterator[str]:
    before, after = (_STRING.sub('""', text).strip() for text in (arrived, written))
    if re.findall(r"\s+", before) != re.findall(r"\s+", after):
        yield {
            "compact": "no spaces between its parts",
            "spaced": "a space after each comma and colon",
        }.get(layout, f"lines {layout} spaces")
