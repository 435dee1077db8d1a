"""What `knocktop doctor` looks at: each check says in a line what is so, and where that is no good what to do."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from pathlib import Path
from typing import Literal, TypeAlias

import httpx
import msgspec

from relay.contract.events import EventSummary, Verdict
from relay.contract.moments import microseconds
from relay.contract.quantities import format_size
from relay.contract.text import plain
from relay.settings import Loaded, Settings, SettingsError, is_loopback_url, signing_secrets
from relay.settings.sources import PREFIX
from tui.charset import speaks_utf8
from tui.client import RelayClient, RelayError, TokenRefused
from tui.clipboard import native, osc_52
from tui.credentials import added_secrets
from tui.model.provoking import time_left, what_it_gives
from tui.probe import Foreign, Silence, is_ready
from tui.whereabouts import Present, may_start

State: TypeAlias = Literal["ok", "note", "problem"]

TUNNELS = ("cloudflared", "ngrok")
"""Programs that make a relay on this machine reachable for Knock."""
LITTLE_SPACE = 256 << 20
"""Bytes below which a disk is as good as full."""
CLOCK_OFF_S = 60.0
"""Seconds that two clocks may differ by."""

_BUILT = datetime(2026, 1, 1, tzinfo=UTC)
_NEWEST = 100
_COLUMNS, _ROWS = 80, 24


class Finding(msgspec.Struct, kw_only=True):
    """What one check came to; a `note` is no problem, and yet worth knowing."""

    check: str
    state: State
    found: str
    fix: str = ""

    def __str__(self) -> str:
        advice = f"; fix: {self.fix}" if self.fix else ""
        return plain(f"{self.state:<7}  {self.check:<9}  {self.found}{advice}")


@dataclass(frozen=True, slots=True)
class Machine:
    """What is looked at beside the settings and the relay. `size` is None where there is no terminal."""

    environ: Mapping[str, str]
    size: os.terminal_size | None
    utf8: bool
    which: Callable[[str], str | None] = shutil.which
    free: Callable[[Path], int] = lambda path: shutil.disk_usage(path).free
    now: Callable[[], float] = time.time
    platform: str = sys.platform


def this_machine() -> Machine:
    """The machine and the terminal that we run on."""
    return Machine(environ=os.environ, size=_terminal_size(), utf8=speaks_utf8())


def _terminal_size() -> os.terminal_size | None:
    for stream in (sys.__stdout__, sys.__stderr__, sys.__stdin__):
        with suppress(OSError, ValueError):
            if stream is not None:
                return os.get_terminal_size(stream.fileno())
    return None


def _ok(check: str, found: str) -> Finding:
    return Finding(check=check, state="ok", found=found)


def _note(check: str, found: str, fix: str = "") -> Finding:
    return Finding(check=check, state="note", found=found, fix=fix)


def _problem(check: str, found: str, fix: str) -> Finding:
    return Finding(check=check, state="problem", found=found, fix=fix)


def config(loaded: Loaded) -> Finding:
    """Files of settings, and variables that mean nothing."""
    if loaded.unused:
        name = loaded.unused[0]
        known = [PREFIX + setting.upper() for setting in loaded.origins]
        close = get_close_matches(name, known, n=1)
        fix = f"did you mean {close[0]}?" if close else f"unset {name}"
        return _problem("config", f"the variable {name} means nothing to this version", fix)
    files = [str(path) for path in (loaded.project_file, loaded.user_file) if path.exists()]
    return _ok("config", " and ".join(files) or "no file, the defaults hold")


async def relay(http: httpx.AsyncClient, api: RelayClient, found: Present) -> Finding:
    """A relay that answers: whether it is ready, lets us in and is of this version."""
    if not await is_ready(http, found.url):
        return _problem(
            "relay",
            f"{found.url} is not ready",
            "wait a moment; if that lasts, `knocktop relay --stop` and start it",
        )
    try:
        stats = await api.stats()
    except TokenRefused as error:
        return _problem("relay", str(error), "set KNOCKTOP_TOKEN to the `token` in that relay's data directory")
    except RelayError as error:
        return _problem("relay", str(error), "`knocktop relay --stop`, then start it again")
    ours = version("knocktop")
    if found.health.version != ours:
        return _problem(
            "relay",
            f"{found.url} has version {plain(found.health.version or 'unknown', 40)}, and this is {ours}",
            "`knocktop relay --stop`, then start it again",
        )
    events = "1 event" if stats.events == 1 else f"{stats.events:,} events"
    held = f", {stats.quarantine:,} in quarantine" if stats.quarantine else ""
    return _ok("relay", f"{found.url}, version {ours}, {events}{held}")


async def provoked(api: RelayClient) -> Finding | None:
    """Canned answers that are in force: what fails then fails since somebody wants it to."""
    try:
        answers = await api.answers()
    except RelayError:
        # What is wrong with the relay is told already.
        return None
    if not answers:
        return None
    first = answers[0]
    which = plain(first.filter, 60) or "every event"
    found = f"{which} is answered {what_it_gives(first)}, {time_left(first)} left"
    others = f", and {len(answers) - 1} more" if len(answers) > 1 else ""
    return _note("provoked", found + others, "`knocktop provoke --off` ends that")


def absent(settings: Settings, found: Foreign | Silence) -> Finding:
    """No relay: something else at its address, or nothing."""
    url = settings.address
    if isinstance(found, Foreign):
        return _problem(
            "relay", f"what is at {url} {found.what}", "stop it, or choose another address with KNOCKTOP_PORT"
        )
    if may_start(settings):
        return _ok("relay", f"none runs at {url}; `knocktop` starts one")
    return _problem(
        "relay", f"{url} is not reachable: {found.why}", "start it there, or name another with --relay URL"
    )


async def secret(loaded: Loaded, api: RelayClient | None, machine: Machine) -> Finding:
    """A secret to check signatures with: at the relay, or where none runs for the next one."""
    try:
        if api is not None:
            count = len(await api.secrets())
        else:
            count = len(signing_secrets(loaded.settings, machine.environ))
            count += len(added_secrets(loaded.settings.files.secrets))
    except SettingsError as error:
        return _problem("secret", str(error), error.hint or "correct or remove that file")
    except RelayError as error:
        return _problem("secret", str(error), "`knocktop relay --stop`, then start it again")
    if not count:
        return _problem(
            "secret",
            "none: anyone who knows the address can post events",
            "copy it from the webhook's page in Knock and run `knocktop secret add`",
        )
    return _ok("secret", "1 signing secret" if count == 1 else f"{count} signing secrets")


def tunnel(settings: Settings, url: str, machine: Machine) -> Finding:
    """A way for Knock to reach the relay."""
    if settings.public_url is not None:
        return _ok("tunnel", f"Knock reaches the relay at {settings.public_url}")
    if not is_loopback_url(url):
        return _ok("tunnel", f"none needed, the relay is at {url}")
    found = [f"{name} ({path})" for name in TUNNELS if (path := machine.which(name))]
    if found:
        return _ok("tunnel", ", ".join(found))
    return _problem(
        "tunnel",
        "Knock cannot reach this machine, and neither cloudflared nor ngrok is found",
        "install one of them, or set `public_url` to the address at which Knock reaches the relay",
    )


async def clock(http: httpx.AsyncClient, api: RelayClient | None, machine: Machine) -> Finding:
    """A clock that goes right, as far as the relay and what Knock sent can tell: old signatures are stale."""
    now = machine.now()
    if now < _BUILT.timestamp():
        shown = f"{datetime.fromtimestamp(max(now, 0), UTC):%Y-%m-%d}"
        return _problem("clock", f"it says {shown}, before this version was made", _set_clock(machine))
    if api is None:
        return _ok("clock", "nothing to compare it with")
    try:
        ahead = await _ahead_of(http, api.url, machine)
        behind_knock = _behind_knock((await api.events(limit=_NEWEST)).items)
    except (RelayError, httpx.HTTPError):
        return _ok("clock", "nothing to compare it with")
    if abs(ahead) > CLOCK_OFF_S:
        way = "ahead of" if ahead > 0 else "behind"
        return _problem("clock", f"it is {abs(ahead):.0f} s {way} that of the relay", _set_clock(machine))
    if behind_knock > CLOCK_OFF_S:
        return _problem(
            "clock",
            f"events reach the relay {behind_knock:.0f} s before Knock makes them: the relay's clock is behind",
            _set_clock(machine) if is_loopback_url(api.url) else "set the clock of the relay's machine",
        )
    return _ok(
        "clock", "as the relay and Knock have it" if behind_knock > float("-inf") else "as the relay has it"
    )


async def _ahead_of(http: httpx.AsyncClient, url: str, machine: Machine) -> float:
    """How many seconds our clock is ahead of that of the machine at `url`, which tells whole ones."""
    answer = await http.get(f"{url}/healthz")
    try:
        theirs = parsedate_to_datetime(answer.headers["date"])
    except (KeyError, ValueError):
        return 0.0
    return machine.now() - theirs.timestamp()


def _behind_knock(events: list[EventSummary]) -> float:
    """How many seconds before it was made an event arrived, at most; only signed ones, others may say anything."""
    known = [
        (microseconds(event.created_at or ""), microseconds(event.received_at))
        for event in events
        if event.verdict is Verdict.VERIFIED and not event.imported
    ]
    early = [(made - came) / 1_000_000 for made, came in known if made is not None and came is not None]
    return max(early, default=float("-inf"))


def _set_clock(machine: Machine) -> str:
    if machine.platform == "darwin":
        return "sudo sntp -sS time.apple.com"
    if machine.platform == "win32":
        return "w32tm /resync"
    return "timedatectl set-ntp true"


def disk(settings: Settings, machine: Machine) -> Finding:
    """A data directory that takes what arrives."""
    directory = settings.data_dir
    existing = next(path for path in (directory, *directory.parents) if path.exists())
    elsewhere = "choose another with --data-dir, or KNOCKTOP_DATA_DIR"
    try:
        # The only way to know: modes do not tell of a disk that is full or mounted for reading.
        with tempfile.TemporaryFile(dir=existing) as file:
            file.write(b"\0")
            file.flush()
        free = machine.free(existing)
    except OSError as error:
        return _problem("disk", f"{existing} cannot be written: {error.strerror}", elsewhere)
    shown = format_size(free >> 20 << 20) if free < 10 << 30 else f"{free >> 30}GiB"
    if free < LITTLE_SPACE:
        return _problem("disk", f"{shown} left for {directory}", f"make room, or {elsewhere}")
    used = settings.files.log.stat().st_size if settings.files.log.exists() else 0
    if settings.retention_size > free + used:
        limit = format_size(settings.retention_size)
        return _problem(
            "disk",
            f"the log in {directory} may grow to {limit}, and there is {shown} left",
            "make room, or set --retention-size to less",
        )
    return _ok("disk", f"{shown} left for {directory}")


def terminal(machine: Machine) -> Iterator[Finding]:
    """A terminal that is large enough, has colours and shows more than ASCII."""
    if machine.size is None:
        yield _note("terminal", "none here", "run this in the terminal that the dashboard is to run in")
    else:
        yield _size(machine.size)
        yield _colours(machine.environ)
    if machine.utf8:
        yield _ok("text", "UTF-8")
    else:
        yield _problem(
            "text",
            "the locale is not one of UTF-8, so all is drawn with ASCII",
            "export LANG=C.UTF-8, or en_US.UTF-8",
        )


def _size(size: os.terminal_size) -> Finding:
    shown = f"{size.columns}x{size.lines}"
    if size.columns < _COLUMNS or size.lines < _ROWS:
        return _problem("terminal", f"{shown} is too small", f"make it {_COLUMNS}x{_ROWS} or larger")
    return _ok("terminal", shown)


def _colours(environ: Mapping[str, str]) -> Finding:
    kind = environ.get("TERM", "")
    if kind in ("", "dumb"):
        return _problem(
            "colours", f"TERM is {kind or 'not set'}: nothing can be drawn there", "export TERM=xterm-256color"
        )
    if environ.get("NO_COLOR"):
        return _ok("colours", "off, as NO_COLOR asks")
    if environ.get("COLORTERM", "") in ("truecolor", "24bit"):
        return _ok("colours", "16 million")
    if "256" in kind or kind.startswith(("xterm-kitty", "xterm-ghostty", "alacritty", "wezterm", "foot")):
        return _ok("colours", "256")
    return _problem(
        "colours", f"16, as far as TERM={kind} tells", "export TERM=xterm-256color if the terminal has more"
    )


def clipboard(machine: Machine) -> Finding:
    """A way to copy that reaches the clipboard of whoever sits at the terminal."""
    tried = [command[0] for command in native(machine.environ, machine.platform)]
    found = next((name for name in tried if machine.which(name)), None)
    if found is not None:
        return _ok("clipboard", f"with {found.removesuffix('.exe')}")
    if "TMUX" in machine.environ and machine.which("tmux"):
        return _ok("clipboard", "through tmux, if `set-clipboard` is on there")
    if osc_52("x", machine.environ):
        return _ok("clipboard", "by OSC 52, if the terminal allows it")
    # In a session without any display there is no clipboard to install a program for.
    fix = f"install {' or '.join(tried)}" if tried else "use a terminal that knows OSC 52"
    return _problem("clipboard", "none: what is copied goes to a file", fix)
