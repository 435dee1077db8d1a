"""The commands that carry events away, and bring them back."""

from __future__ import annotations

from typing import Annotated

import typer

from tui.cli import completion as completions
from tui.cli.flags import Ascii, DataDir, Filter, RelayUrl, Utc
from tui.cli.report import Failure
from tui.exitcodes import ExitCode


def register(app: typer.Typer) -> None:
    """Add these commands to `knocktop`."""
    app.command()(export)
    app.command("import")(import_)


def export(
    context: typer.Context,
    filter_: Annotated[
        list[str] | None, typer.Argument(metavar="[FILTER]", help="What to export; without it everything.")
    ] = None,
    file: Annotated[
        str | None,
        typer.Option("--output", "-o", metavar="FILE", help="Where to write it; - is stdout."),
    ] = None,
    format_: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="ndjson|csv|curl|pytest",
            help="How to write it.",
            show_default=True,
            autocompletion=completions.export_formats,
        ),
    ] = "ndjson",
    redact: Annotated[
        bool | None,
        typer.Option("--redact/--no-redact", help="Replace personal data (by itself for curl and pytest)."),
    ] = None,
    to: Annotated[
        str | None, typer.Option("--to", metavar="URL", help="Where curl and pytest post to (the relay).")
    ] = None,
    utc: Utc = None,
    relay: RelayUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Write events to a file, oldest first.

    As NDJSON they keep every byte, and `knocktop import` takes them again. The file is for its owner alone, and
    has its name once it is whole. Replaced personal data is the same everywhere; what was changed by that is
    signed with a secret that the file names.
    """
    from tui.cli.export import export as command

    loaded = context.obj.load({"relay_url": relay, "data_dir": data_dir, "utc": utc})
    raise typer.Exit(command(loaded, " ".join(filter_ or []), file=file, format_=format_, redact=redact, to=to))


def import_(
    context: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help="What `knocktop export` wrote; - is stdin.")],
    open_: Annotated[
        bool,
        typer.Option("--open", help="Only look at it: a dashboard on a relay of its own, and nothing stays."),
    ] = False,
    filter_: Filter = None,
    utc: Utc = None,
    ascii_: Ascii = None,
    relay: RelayUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Take events from a file.

    They keep their times, and their signatures are checked with the relay's secrets as of then; what the file said
    of them is kept beside that. Events that are here stay as they are. Exit code 3 where a line is no event: it is
    named, and the others are taken.
    """
    if not open_:
        for name, value in {"--filter": filter_, "--utc": utc, "--ascii": ascii_}.items():
            if value is not None:
                raise Failure(f"{name} goes with --open", ExitCode.USAGE)
        from tui.cli.import_ import import_ as command

        raise typer.Exit(command(context.obj.load({"relay_url": relay, "data_dir": data_dir}), file))
    from tui.cli.look import look

    flags = {"filter": filter_, "utc": utc, "ascii": ascii_, "relay_url": relay, "data_dir": data_dir}
    raise typer.Exit(look(context.obj, flags, file))
