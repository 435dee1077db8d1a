"""The text before a colon as the field that it names. Errors have columns that count from its first character."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from relay.contract.filter.errors import FilterError, moved, nearest
from relay.contract.filter.fields import INDEX, ROOTS, Field, Header, Name, OfMessage, Path
from relay.contract.filter.quoting import unquote
from relay.contract.filter.terms import MESSAGE_NAMES, MESSAGE_TERMS, TERMS
from relay.contract.knock import CATALOGUE
from relay.contract.text import plain

_KEY = re.compile(r'(?:"(?:[^"\\]|\\.)*"|[^."]+)(?=\.|\Z)', re.DOTALL)
_HEADER = re.compile(r'"(?:[^"\\]|\\.)+"|[^"]+', re.DOTALL)
_STANDALONE = {"failed": "failed", "exists": "exists(PATH)"}
_PREFIXES = ("data.", "event_data.", "header.", ".")


def field_of(text: str, *, of_messages: bool = False) -> Field:
    """Return the field that `text` names, in a filter on events or in one on messages. Raises `FilterError`."""
    if of_messages and text in MESSAGE_TERMS:
        return OfMessage(text)
    if text in TERMS:
        return Name(text)
    root, dot, rest = text.partition(".")
    if not dot:
        raise _unknown_name(text, (*TERMS, *MESSAGE_NAMES) if of_messages else tuple(TERMS))
    if root == "header":
        with moved(len("header.")):
            return _header(rest)
    if root and root not in ROOTS:
        raise _unknown_root(text, root, rest)
    keys = tuple(_keys(text, len(root) + 1))
    return Path((root, *keys) if root else keys)


def _header(text: str) -> Header:
    if not _HEADER.fullmatch(text):
        raise FilterError("a header's name is missing", length=len(text), expected=["a name, as in x-knock-event"])
    return Header(unquote(text) if text.startswith('"') else text)


def _keys(text: str, position: int) -> Iterator[str | int]:
    while True:
        match = _KEY.match(text, position)
        if match is None:
            raise FilterError(
                "a key is missing; one with dots, spaces or quotes is quoted",
                column=position + 1,
                expected=["a key", 'a quoted key, as in "order.total"'],
            )
        with moved(position):
            yield _key(match[0])
        if match.end() == len(text):
            return
        position = match.end() + 1


def _key(text: str) -> str | int:
    if text.startswith('"'):
        return unquote(text)
    if "*" in text:
        raise FilterError(
            "keys have no wildcards; one with a star in it is quoted", length=len(text), suggestion=f'"{text}"'
        )
    return int(text) if INDEX.fullmatch(text) else text


def _unknown_name(name: str, known: Sequence[str]) -> FilterError:
    if name in MESSAGE_NAMES:
        return FilterError(f"{name}: works on messages only, and this is a filter on events", length=len(name))
    if name in _STANDALONE:
        return FilterError(f"{_STANDALONE[name]} stands by itself, without a colon", length=len(name))
    if name in ROOTS:
        return FilterError(f"{name} needs a key, as in {name}.x", length=len(name), suggestion=f".{name}")
    if name == "header":
        return FilterError("header needs a name, as in header.x-knock-event", length=len(name))
    suggestion = nearest(name, known) or _event_data_path(name)
    hint = "" if suggestion else "; text with a colon in it is quoted"
    return FilterError(
        f'unknown name "{plain(name, 40)}"{hint}',
        length=len(name),
        expected=[*known, *_PREFIXES],
        suggestion=suggestion,
    )


def _event_data_path(name: str) -> str | None:
    """The fields of EventData that Knock documents are often written without their path."""
    models = (entry.event_data for entry in CATALOGUE.values())
    fields = {field for model in models if model is not None for field in model.model_fields}
    known = name if name in fields else nearest(name, sorted(fields))
    return f"event_data.{known}" if known else None


def _unknown_root(text: str, root: str, rest: str) -> FilterError:
    known = nearest(root, (*ROOTS, "header"))
    return FilterError(
        f'no path begins with "{plain(root, 40)}."',
        length=len(text),
        expected=list(_PREFIXES),
        suggestion=f"{known}.{rest}" if known else f"data.{text}",
    )
