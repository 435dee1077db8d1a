"""`knocktop verify`: whether a signature fits a body, and if not, which of the usual mistakes it is."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, TextIO

import msgspec

from relay.contract.signature import HEADER, Diagnosis, Reason, Secret, diagnose
from relay.contract.text import plain
from relay.settings import Loaded, signing_secrets
from tui.cli.report import Failure
from tui.credentials import added_secrets
from tui.exitcodes import ExitCode

_GOOD = (Reason.GOOD, Reason.STALE)
"""The relay takes both for events: a signature that was made long ago may have come with a late retry."""

_AROUND = 24
"""Characters shown on either side of where two texts part."""


class Verified(msgspec.Struct, kw_only=True):
    """What is told of a signature as JSON."""

    good: bool
    reason: str
    detail: str
    remedy: str
    signed_string: str | None
    was_signed: str | None


def verify(
    loaded: Loaded,
    file: str,
    header: str,
    *,
    endpoint: str | None = None,
    as_json: bool = False,
    out: TextIO | None = None,
    stdin: BinaryIO | None = None,
    now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
) -> int:
    """Explain the signature in `header` over the bytes of `file`, `-` for stdin; gives the exit code."""
    body = _body(file, sys.stdin.buffer if stdin is None else stdin)
    known = known_secrets(loaded)
    fitting = [secret for secret in known if secret.endpoint == endpoint]
    if endpoint is not None and not fitting:
        # As at the relay: an endpoint without secrets of its own is checked with those for any path.
        fitting = [secret for secret in known if secret.endpoint is None]
    others = [secret for secret in known if secret not in fitting]
    found = diagnose(_value(header), body, fitting, now_ms(), others=others)
    out = sys.stdout if out is None else out
    if as_json:
        out.write(msgspec.json.encode(_document(found)).decode() + "\n")
    else:
        out.writelines(f"{line}\n" for line in _lines(found))
    return ExitCode.DONE if found.reason in _GOOD else ExitCode.FINDINGS


def known_secrets(loaded: Loaded) -> Sequence[Secret]:
    """Return the secrets of the settings and those added on this machine, each once. Raises `SettingsError`."""
    configured = [
        Secret(each.value.get_secret_value(), each.endpoint) for each in signing_secrets(loaded.settings)
    ]
    return list(dict.fromkeys([*configured, *added_secrets(loaded.settings.files.secrets)]))


def _body(file: str, stdin: BinaryIO) -> bytes:
    if file == "-":
        return stdin.read()
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise Failure(
            f"{file} cannot be read: {error.strerror}",
            ExitCode.USAGE,
            "name the file that holds the body exactly as it arrived, or - for stdin",
        ) from None


def _value(header: str) -> str:
    """Return what a header says, also where it was copied with its name."""
    name, colon, value = header.strip().partition(":")
    return value.strip() if colon and name.strip().lower() == HEADER else header.strip()


def _document(found: Diagnosis) -> Verified:
    return Verified(
        good=found.reason in _GOOD,
        reason=found.reason.value,
        detail=found.detail,
        remedy=found.remedy,
        signed_string=_encodable(found.signed_string),
        was_signed=_encodable(found.was_signed),
    )


def _encodable(text: str | None) -> str | None:
    # Half a surrogate pair, as a badly encoded argument leaves it, has no place in UTF-8.
    return None if text is None else text.encode("utf-8", "replace").decode()


def _lines(found: Diagnosis) -> Iterator[str]:
    verdict = "good" if found.reason in _GOOD else "bad"
    yield f"{verdict}: {found.reason.value}" if found.reason is not Reason.GOOD else verdict
    yield f"found:       {found.detail}"
    yield f"to change:   {found.remedy}"
    if found.signed_string is not None:
        yield f"Knock signs: {plain(found.signed_string)}"
    if found.was_signed is not None:
        yield f"was signed:  {plain(found.was_signed)}"
        if found.signed_string is not None:
            yield from _parting(found.signed_string, found.was_signed)


def _parting(right: str, wrong: str) -> Iterator[str]:
    """Show where two texts part; a text that ends there has nothing behind the mark."""
    pairs = enumerate(zip(right, wrong, strict=False))
    at = next((place for place, (one, other) in pairs if one != other), min(len(right), len(wrong)))
    yield f"they part at character {at + 1}, behind the |"
    for name, text in (("Knock signs", right), ("was signed", wrong)):
        before, after = text[max(at - _AROUND, 0) : at], text[at : at + _AROUND]
        yield f"{name + ':':<12} {plain(before)}|{plain(after)}"
