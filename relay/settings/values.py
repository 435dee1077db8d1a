"""How each kind of value is written in a file, a variable or a flag, and what is wrong with it otherwise.

Nothing here needs more than the standard library: the settings are read before the first paint.
"""

from __future__ import annotations

import ipaddress
import os
import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeAlias, TypeVar
from urllib.parse import urlsplit

from relay.contract.quantities import parse_duration, parse_size
from relay.contract.text import plain
from relay.settings.hidden import SecretStr

T = TypeVar("T")

_PORTS = {"http": 80, "https": 443}
_ON, _OFF = ("1", "true", "yes", "on"), ("0", "false", "no", "off")
_MOST = 2**62
_SHOWN = 60

_DIGITS = re.compile(r"[0-9](?:_?[0-9]){0,18}")
_HOST = re.compile(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+(?:%[A-Za-z0-9._-]+)?")
_ORIGIN = re.compile(r"https?://[^/?#@\s]+", re.IGNORECASE)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ENDPOINT = re.compile(r"[a-z0-9-]{1,64}")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TOKEN = re.compile(r"[!-~]+")


class Unusable(ValueError):
    """A value that a setting cannot have; `given` is what came instead of one of `words`."""

    def __init__(self, reason: str, given: str = "", words: tuple[str, ...] = ()) -> None:
        super().__init__(reason)
        self.given = given
        self.words = words


@dataclass(frozen=True, slots=True)
class Given:
    """A value as it was given; `text` where all is text, as in a variable; relative paths start at `base`."""

    value: Any
    base: Path
    text: bool = False

    def refused(self, wanted: str, words: tuple[str, ...] = ()) -> Unusable:
        """Return the error that says what was wanted and what came instead."""
        if isinstance(self.value, str):
            return Unusable(f"should be {wanted}, not '{plain(self.value, _SHOWN)}'", self.value, words)
        shown = isinstance(self.value, int | float)
        return Unusable(f"should be {wanted}" + (f", not {str(self.value).lower()}" if shown else ""))


Reader: TypeAlias = Callable[[Given], T]


def whole(lowest: int, highest: int = _MOST) -> Reader[int]:
    """Read a whole number between two bounds."""
    wanted = f"a whole number from {lowest}" + ("" if highest == _MOST else f" to {highest}")

    def read(given: Given) -> int:
        value = given.value
        if (
            given.text
            and isinstance(value, str)
            and re.fullmatch(r"[0-9](?:_?[0-9]){0,18}", value.strip(), re.ASCII)
        ):
            value = int(value)
        if type(value) is not int or not lowest <= value <= highest:
            raise given.refused(wanted)
        return value

    return read


def choice(*words: str) -> Reader[str]:
    """Read one of a few words."""
    wanted = " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))

    def read(given: Given) -> str:
        if given.value not in words:
            raise given.refused(wanted, words)
        return str(given.value)

    return read


def switch(given: Given) -> bool:
    """Read true or false."""
    if isinstance(given.value, bool):
        return given.value
    word = given.value.strip().lower() if given.text and isinstance(given.value, str) else ""
    if word not in (*_ON, *_OFF):
        raise given.refused("true or false")
    return word in _ON


def line(given: Given) -> str:
    """Read any text."""
    if not isinstance(given.value, str):
        raise given.refused("a string")
    return given.value


def size(given: Given) -> int:
    """Read a number of bytes, bare or with a unit."""
    value = given.value
    try:
        value = parse_size(value) if isinstance(value, str) else value
    except ValueError:
        value = None
    if type(value) is not int or not 0 <= value <= _MOST:
        raise given.refused("a size such as 500MB or 2GiB")
    return value


def age(given: Given) -> timedelta:
    """Read a duration; 0 needs no unit."""
    if isinstance(given.value, timedelta):
        return given.value
    try:
        return parse_duration(str(given.value) if type(given.value) is int else line(given))
    except ValueError:
        raise given.refused("a duration such as 30d, 12h or 1h30m") from None


def path(given: Given) -> Path:
    """Read a path: ``~`` is the home directory, and what is relative starts at the directory of its source."""
    text = str(given.value) if isinstance(given.value, str | Path) else ""
    if not text.strip() or "\0" in text:
        raise given.refused("a path")
    try:
        found = given.base / Path(text).expanduser()
    except RuntimeError:
        raise given.refused("a path in a home directory that exists") from None
    # abspath and not resolve: a data directory behind a link is shown as the user wrote it.
    return Path(os.path.abspath(found))  # noqa: PTH100


def host(given: Given) -> str:
    """Read a name or an address to listen on, brackets around IPv6 or not."""
    found = line(given).strip().removeprefix("[").removesuffix("]")
    if not _HOST.fullmatch(found):
        raise given.refused("a name or an address such as 127.0.0.1")
    return found


def url(given: Given) -> str:
    """Read an http or https URL, settled as `canonical_url` does."""
    try:
        return canonical_url(line(given))
    except ValueError:
        raise given.refused("a URL such as http://127.0.0.1:4747, without user, query or fragment") from None


def target(given: Given) -> str:
    """Read an http or https URL that events are sent to; one with a password in it would be shown with it."""
    text = line(given).strip()
    try:
        parts = urlsplit(text)
        usable = parts.scheme in _PORTS and parts.hostname and "@" not in parts.netloc and parts.port != 0
    except ValueError:
        usable = False
    if not usable or not text.isprintable() or " " in text:
        raise given.refused("a URL such as http://127.0.0.1:3000/webhooks, without user and password")
    return text


def origins(given: Given) -> list[str]:
    """Read web origins: a list, or texts with commas."""
    found = [given.value] if isinstance(given.value, str) else given.value
    if not isinstance(found, list) or not all(isinstance(text, str) for text in found):
        raise given.refused("a list of origins such as https://example.com")
    parts = [part.strip() for text in found for part in text.split(",") if part.strip()]
    for part in parts:
        if not _ORIGIN.fullmatch(part):
            raise Given(part, given.base).refused("an origin such as https://example.com")
    return [part.lower() for part in parts]


def secret(given: Given) -> SecretStr:
    """Read a secret, or several with commas; an error does not show it."""
    text = given.value.get_secret_value() if isinstance(given.value, SecretStr) else line(given)
    return SecretStr(text.strip())


def token(given: Given) -> SecretStr:
    """Read a token that an HTTP header can carry; an error does not show it."""
    found = secret(given)
    if not _TOKEN.fullmatch(found.get_secret_value()):
        raise Unusable("should be ASCII without spaces")
    return found


def filter_text(given: Given) -> str:
    """Read a filter, and refuse one that does not parse; the language is imported only where there is one."""
    text = line(given)
    if not text.strip():
        return ""
    from relay.contract import filter as language

    try:
        language.parse(text)
    except language.FilterError as error:
        meant = error.suggestion
        reason = f"does not parse: {plain(error.message)}, at column {error.column}"
        raise Unusable(reason, meant or "", (meant,) if meant else ()) from None
    return text


def command(given: Given) -> str:
    """Read the name of a program, or a whole command as a shell takes it."""
    text = line(given).strip()
    try:
        words = shlex.split(text)
    except ValueError:
        words = []
    if not words or not words[0] or not text.isprintable():
        raise given.refused("a program such as cloudflared, or a command with {port} or {url} in it")
    return text


def variable(given: Given) -> str:
    """Read the name of an environment variable."""
    if not _VARIABLE.fullmatch(line(given)):
        raise given.refused("the name of an environment variable")
    return str(given.value)


def endpoint(given: Given) -> str:
    """Read the label of an ingest path."""
    if not _ENDPOINT.fullmatch(line(given)):
        raise given.refused("a label of 1 to 64 small letters, digits and hyphens")
    return str(given.value)


def uuid(given: Given) -> str:
    """Read a UUID, as Knock names its environments."""
    found = line(given).lower()
    if not _UUID.fullmatch(found):
        raise given.refused("a UUID")
    return found


def canonical_url(text: str) -> str:
    """Return an http or https URL with its case, default port and trailing slash settled; raises `ValueError`."""
    text = text.strip()
    parts = urlsplit(text)
    name = parts.hostname or ""
    if parts.scheme not in _PORTS or not name or not text.isprintable() or " " in text:
        raise ValueError("not an http or https URL")
    if "@" in parts.netloc or "?" in text or "#" in text:
        raise ValueError("has a user, a query or a fragment")
    shown = f"[{name}]" if ":" in name else name
    port = "" if parts.port in (None, _PORTS[parts.scheme]) else f":{parts.port}"
    return f"{parts.scheme}://{shown}{port}{parts.path.rstrip('/')}"


def is_loopback(host: str) -> bool:
    """Whether `host`, a name or an address without brackets, can only be this machine."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_loopback_url(url: str) -> bool:
    """Whether `url` leads to this machine and nowhere else."""
    return is_loopback(urlsplit(url).hostname or "")
