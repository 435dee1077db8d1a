"""`python -m relay`: the relay alone, in the foreground.

`knocktop relay` is the same command with `--stop` beside it, so the flags are named here once for both.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from relay.contract.text import plain
from relay.settings import SettingsError, load

EXIT_USAGE = 2

Host = Annotated[
    str | None, typer.Option("--host", metavar="HOST", help="Name or address to listen on (127.0.0.1).")
]
Port = Annotated[str | None, typer.Option("--port", metavar="PORT", help="Port to listen on (4747).")]
DataDir = Annotated[
    str | None, typer.Option("--data-dir", metavar="DIR", help="Where the log, the token and the secrets are.")
]
Log = Annotated[str | None, typer.Option("--log", metavar="sqlite", help="What keeps the events (sqlite).")]
Verify = Annotated[
    str | None,
    typer.Option(
        "--verify", metavar="quarantine|reject|off", help="What happens to a bad signature (quarantine)."
    ),
]
RetentionEvents = Annotated[
    str | None, typer.Option("--retention-events", metavar="N", help="Events kept (1000000); 0 for no limit.")
]
RetentionAge = Annotated[
    str | None, typer.Option("--retention-age", metavar="AGE", help="Age of events kept (30d); 0 for no limit.")
]
RetentionSize = Annotated[
    str | None, typer.Option("--retention-size", metavar="SIZE", help="Size of the log (2GiB); 0 for no limit.")
]
StallAfter = Annotated[
    str | None,
    typer.Option("--stall-after", metavar="AGE", help="Silence that makes a message stalled (10m); 0 for never."),
]
AllowOrigin = Annotated[
    list[str] | None,
    typer.Option("--allow-origin", metavar="ORIGIN", help="A web origin that may use the viewer API; repeatable."),
]
PublicUrl = Annotated[
    str | None,
    typer.Option("--public-url", metavar="URL", help="The address that Knock reaches this relay at."),
]
IdleExit = Annotated[str | None, typer.Option("--idle-exit", hidden=True)]
StartedBy = Annotated[str | None, typer.Option("--started-by", hidden=True)]


def serve(**flags: Any) -> int:
    """Run the relay with these flags until it is stopped; gives the exit code. Raises `SettingsError`."""
    settings = load(flags).settings
    from relay.server import run

    return run(settings)


def command(
    host: Host = None,
    port: Port = None,
    data_dir: DataDir = None,
    log: Log = None,
    verify: Verify = None,
    retention_events: RetentionEvents = None,
    retention_age: RetentionAge = None,
    retention_size: RetentionSize = None,
    stall_after: StallAfter = None,
    allow_origin: AllowOrigin = None,
    public_url: PublicUrl = None,
    idle_exit: IdleExit = None,
    started_by: StartedBy = None,
) -> None:
    """Run the relay in the foreground until SIGTERM or SIGINT."""
    raise typer.Exit(serve(**locals()))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `command` with these arguments and give the exit code."""
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.command()(command)
    relay = typer.main.get_command(app)
    given = sys.argv[1:] if arguments is None else arguments
    try:
        with relay.make_context("python -m relay", list(given)) as context:
            relay.invoke(context)
    except typer.Exit as done:
        return done.exit_code
    except typer.TyperException as error:
        return _refuse(error.format_message().rstrip("."), "python -m relay --help says what there is")
    except SettingsError as error:
        return _refuse(str(error), error.hint)
    return 0


def _refuse(message: str, hint: str | None) -> int:
    typer.echo(f"error: {plain(message)}", err=True)
    if hint:
        typer.echo(f"hint: {plain(hint)}", err=True)
    return EXIT_USAGE


if __name__ == "__main__":
    sys.exit(main())
