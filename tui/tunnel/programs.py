"""Which programs open a tunnel, how each is run, and where in its output the public address is."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Literal, NamedTuple, TypeAlias
from urllib.parse import urlsplit

from relay.contract.text import plain
from relay.settings import is_loopback
from relay.settings.values import canonical_url

Which: TypeAlias = Callable[[str], str | None]
Speaks: TypeAlias = Literal["cloudflared", "ngrok", "any"]

CLOUDFLARED: Speaks = "cloudflared"
NGROK: Speaks = "ngrok"
KNOWN: tuple[Speaks, ...] = (CLOUDFLARED, NGROK)
"""Programs that need nothing but their name."""

_GRACE = "2s"
_LINE_LIMIT = 500

_GET: Mapping[str, Mapping[str, str]] = {
    CLOUDFLARED: {
        "darwin": "brew install cloudflared",
        "win32": "winget install Cloudflare.cloudflared",
        "": "get it from github.com/cloudflare/cloudflared/releases; it needs no account",
    },
    NGROK: {
        "darwin": "brew install ngrok, then ngrok config add-authtoken TOKEN",
        "win32": "winget install Ngrok.Ngrok, then ngrok config add-authtoken TOKEN",
        "": "get it from ngrok.com/download, then ngrok config add-authtoken TOKEN",
    },
}
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|.)")
_QUICK_TUNNEL = re.compile(r"https://(?!api\.)[a-z0-9-]+\.trycloudflare\.com", re.IGNORECASE)
_NGROK_FIELD = re.compile(r"""(?:^|\s)url=("?)(https://[^\s"]+)\1|"url"\s*:\s*"(https://[^"]+)\"""")
_NGROK_OWN = re.compile(r"(?:^|\.)ngrok\.com$")
_READING = re.compile(r"(?:^|\.)(?:cloudflare\.com|ngrok\.com|github\.com)$|^(?:www|docs|developers?|help)\.")
"""Hosts that a program writes to be read: terms, documentation, itself; they come before the address it made."""
_ANY = re.compile(r"""https://[^\s"'<>|`\\^{}\x00-\x20]+""", re.IGNORECASE)
_WRONG = re.compile(r"(?i)\b(?:error|err|eror|fatal|failed|denied)\b.*\w")
_HUSH = r"[a-z0-9_-]*(?:token|key|secret|password)"
_SECRET = re.compile(rf"""(?i)({_HUSH}['"]?\s*[=:]\s*['"]?|--?{_HUSH}\s+)[^\s'"]+""")


class NoProgram(Exception):
    """A program that is not there: what was looked for in one line, and a `hint` how to get it."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(plain(message))
        self.hint = hint


class Plan(NamedTuple):
    """What to run, and how to read what it writes. `url` is the public address where it is known beforehand."""

    program: str
    argv: tuple[str, ...]
    speaks: Speaks
    url: str | None = None


def plan(choice: str, target: str, *, which: Which = shutil.which, public_url: str | None = None) -> Plan:
    """Say how a tunnel to the relay at `target` is opened by one of `KNOWN` or by a command of the user's.

    In a command `{url}` and `{port}` stand for where the relay is. One whose address was configured need not print
    it. Raises `NoProgram`.
    """
    words = command(choice, target)
    name = program_of(choice)
    found = which(words[0])
    if found is None:
        raise NoProgram(f"{name} is not found on the PATH", how_to_get(choice))
    return Plan(name, (found, *words[1:]), speaks(choice), None if choice in KNOWN else public_url)


def command(choice: str, target: str) -> list[str]:
    """Give the words of what is run."""
    parts = urlsplit(target)
    port = parts.port or {"https": 443}.get(parts.scheme, 80)
    match choice:
        case "cloudflared":
            # Whoever has tunnels of their own has a configuration, with which no quick one starts.
            alone = ["--config", os.devnull, "--no-autoupdate", "--grace-period", _GRACE]
            return ["cloudflared", "tunnel", *alone, "--url", target]
        case "ngrok":
            return ["ngrok", "http", parts.netloc, "--log", "stdout", "--log-format", "logfmt"]
    words = shlex.split(choice)
    return [word.replace("{url}", target).replace("{port}", str(port)) for word in words]


def program_of(choice: str) -> str:
    """Give the name of the program alone."""
    word = next(iter(shlex.split(choice)), choice)
    return word.replace("\\", "/").rpartition("/")[2] if choice not in KNOWN else choice


def speaks(choice: str) -> Speaks:
    """Tell how the address stands in what the program writes."""
    return next((name for name in KNOWN if name == program_of(choice).removesuffix(".exe")), "any")


def how_to_get(choice: str, platform: str = sys.platform) -> str:
    """Say how to get a program that is not there."""
    known = _GET.get(choice)
    if known is None:
        return "write the command with the path of the program"
    return known.get(platform, known[""])


def public_url(line: str, speaks: Speaks) -> str | None:
    """Find the public address in a line of what the program writes."""
    text = _ESCAPES.sub("", line)
    match speaks:
        case "cloudflared":
            found = _QUICK_TUNNEL.search(text)
            return _settled(found[0]) if found else None
        case "ngrok":
            urls = (match[2] or match[3] for match in _NGROK_FIELD.finditer(text))
            return next((url for url in map(_settled, urls) if url and not _is_ngrok_own(url)), None)
        case "any":
            urls = (_settled(match[0]) for match in _ANY.finditer(text))
            return next((url for url in urls if url and not _is_to_be_read(url)), None)


def _is_to_be_read(url: str) -> bool:
    return _READING.search(urlsplit(url).hostname or "") is not None


def _is_ngrok_own(url: str) -> bool:
    return _NGROK_OWN.search(urlsplit(url).hostname or "") is not None


def _settled(url: str) -> str | None:
    """Return an address as the relay takes it; None for one that leads nowhere from outside."""
    try:
        settled = canonical_url(re.split(r"[?#]", url)[0].rstrip(".,;:!)]"))
        host = urlsplit(settled).hostname or ""
    except ValueError:
        return None
    return None if is_loopback(host) or host.endswith(".localhost") or host == "0.0.0.0" else settled  # noqa: S104 - compared, not bound


def shown(line: str) -> str:
    """Give a line as it may be shown: plain, and without what looks like a token."""
    return hushed(" ".join(plain(_ESCAPES.sub("", line), _LINE_LIMIT).split()))


def telling(lines: Sequence[str]) -> str:
    """Choose of the last lines the one that tells why: the first that speaks of an error, else the last."""
    wrong = (line for line in lines if _WRONG.search(line))
    return next(wrong, lines[-1] if lines else "")


def hushed(text: str) -> str:
    """Leave out what follows `token:`, `--token` and the like: ngrok prints the one that it was given."""
    return _SECRET.sub(r"\1…", text)


def advice(speaks: Speaks, lines: Sequence[str]) -> str:
    """Give the next step where the last words of the program tell of one."""
    text = "\n".join(lines).lower()
    if speaks == "ngrok" and ("authtoken" in text or "err_ngrok_4018" in text or "err_ngrok_105" in text):
        return "copy your authtoken from dashboard.ngrok.com and run ngrok config add-authtoken TOKEN"
    if speaks == "ngrok" and "err_ngrok_108" in text:
        return "end the other ngrok that runs with this account"
    if "429 too many requests" in text or "error code: 1015" in text:
        return "wait a few minutes, since too many tunnels were asked for from this network"
    if any(word in text for word in ("no such host", "dial tcp", "network is unreachable", "i/o timeout")):
        return "check that this machine reaches the internet"
    return ""
