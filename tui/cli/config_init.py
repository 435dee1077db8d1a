"""`knocktop config --init`: a file of settings with everything in it, commented out."""

from __future__ import annotations

import os
import sys
import textwrap
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import platformdirs

from relay.contract.quantities import format_duration, format_size
from relay.settings import Settings
from relay.settings.sources import PROJECT_FILE, USER_FILE, in_files
from tui.cli.report import Failure, say
from tui.exitcodes import ExitCode

_WIDTH = 90

_ABOUT: Mapping[str, str] = {
    "host": "Name or address that the relay listens on. Only one on loopback is started by `knocktop` itself.",
    "port": "Port that the relay listens on.",
    "data_dir": "Where the log, the viewer token and the added secrets are.",
    "log": "What keeps the events.",
    "verify": "What happens to a request whose signature does not fit: quarantine, reject or off.",
    "retention_events": "How many events are kept; 0 for no limit.",
    "retention_age": "How old the events are that are kept; 0 for no limit.",
    "retention_size": "How large the log may grow; 0 for no limit.",
    "stall_after": "How long a message that can still move may be silent until it is called stalled; 0 for ever.",
    "allow_origin": "Web origins whose pages may use the viewer API.",
    "public_url": "The address at which Knock reaches the relay.",
    "signing_secret_file": "A file that holds the signing secrets, a line each.",
    "endpoints": "An ingest path /webhooks/knock/NAME with a signing secret of its own: in a variable or a file.",
    "relay_url": "The relay to look at, where it is another one than at `host` and `port`.",
    "relays": "Where the viewer token of a relay elsewhere is: in a variable or a file.",
    "filter": "The filter that the dashboard begins with.",
    "filters": "Filters with a name.",
    "utc": "Show times in UTC.",
    "ascii": "Draw with ASCII alone; by itself where the locale is not one of UTF-8.",
    "read_only": "Offer nothing that changes or sends anything.",
    "tunnel": "Makes the relay reachable for Knock when the dashboard starts: cloudflared, ngrok, or a command.",
    "forward": "Where the dashboard forwards events to when it starts; a project may name this machine alone.",
    "environments": "How an environment of Knock is shown, by its id; `production` is one to be careful with.",
    "keys": "Keys of the dashboard by the name of what they do; `?` shows the names.",
    "shortcut": "Answer the usual webhook ahead of the web framework; there is no reason to turn it off.",
}

_EXAMPLES: Mapping[str, str] = {
    "data_dir": '"~/knocktop"',
    "public_url": '"https://knock.example.com"',
    "signing_secret_file": '"~/.config/knocktop/secrets"',
    "relay_url": '"https://relay.example.com"',
    "allow_origin": '["https://dashboard.example.com"]',
    "filter": '"type:message.*"',
    "tunnel": '"cloudflared"',
    "forward": '"http://127.0.0.1:3000/webhooks"',
    "endpoints": '[endpoints.billing]\nsecret_env = "BILLING_SECRET"',
    "relays": '[relays."https://relay.example.com"]\ntoken_env = "RELAY_TOKEN"',
    "filters": '[filters]\nfailures = "failed age:<1d"',
    "environments": (
        '[environments."123e4567-e89b-12d3-a456-426614174000"]\nname = "production"\ncolour = "red"\n'
        "production = true"
    ),
    "keys": '[keys]\nquit = "x"',
}


def init(*, project: bool, out_dir: Path | None = None) -> int:
    """Write the user's file, or the project's into the current directory; never over one that is there."""
    directory = out_dir or (Path.cwd() if project else platformdirs.user_config_path("knocktop"))
    path = directory / (PROJECT_FILE if project else USER_FILE)
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644 if project else 0o600)
    except FileExistsError:
        raise Failure(f"{path} is there already, and is left as it is", hint="edit it, or move it away") from None
    except OSError as error:
        raise Failure(f"{path} cannot be written: {error.strerror}") from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text_of(project=project))
    sys.stdout.write(f"{path}\n")
    say("every setting is in it, commented out; `knocktop config` shows which are in force")
    return ExitCode.DONE


def text_of(*, project: bool) -> str:
    """Return a file with every setting that it may hold, at its default or as an example, commented out."""
    return "\n".join(_lines(project=project)) + "\n"


def _lines(*, project: bool) -> Iterator[str]:
    whose = "this project" if project else "you"
    yield f"# Settings of knocktop for {whose}. A flag goes before a variable (KNOCKTOP_PORT), a variable before"
    yield "# ./knocktop.toml, and that before config.toml in the user's own config directory."
    if project:
        yield "# This file comes with the project: it may name no program, no secret and no token."
    named = [name for name in in_files(project=project) if name in _ABOUT]
    # Keys below a table's heading would belong to the table.
    for name in sorted(named, key=_is_table):
        yield ""
        yield from textwrap.wrap(_ABOUT[name], _WIDTH, initial_indent="# ", subsequent_indent="# ")
        yield from (f"#{line}" for line in _setting(name).splitlines())


def _is_table(name: str) -> bool:
    return _EXAMPLES.get(name, "").startswith("[" + name)


def _setting(name: str) -> str:
    if _is_table(name):
        return _EXAMPLES[name]
    return f"{name} = {_EXAMPLES.get(name) or _value(name, getattr(Settings(), name))}"


def _value(name: str, value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case timedelta():
            return f'"{format_duration(value)}"'
        case int() if name == "retention_size":
            return f'"{format_size(value)}"'
        case int():
            return str(value)
    return f'"{value}"'
