"""The commands that set up what the others need, look after it, and clear away."""

from __future__ import annotations

from typing import Annotated

import typer

from tui.cli import completion as completions
from tui.cli.flags import DataDir, Json, RelayUrl, Utc
from tui.cli.report import Failure
from tui.exitcodes import ExitCode

Endpoint = Annotated[str | None, typer.Option("--endpoint", metavar="NAME", help="For /webhooks/knock/NAME.")]

secret = typer.Typer(rich_markup_mode=None, help="Add, list and remove signing secrets.")


def register(app: typer.Typer) -> None:
    """Add these commands to `knocktop`."""
    app.command()(verify)
    app.add_typer(secret, name="secret")
    app.command()(provoke)
    app.command()(purge)
    app.command()(doctor)
    app.command()(completion)


def verify(
    context: typer.Context,
    file: Annotated[str, typer.Argument(metavar="BODY_FILE", help="The body as it arrived; - for stdin.")],
    signature: Annotated[
        str, typer.Option("--signature", metavar="HEADER", help="What the header x-knock-signature said.")
    ],
    endpoint: Endpoint = None,
    as_json: Json = False,
    data_dir: DataDir = None,
) -> None:
    """Explain a signature, good or bad.

    It is checked with the secrets of the settings and those added on this machine. Exit code 3 where it is bad.
    """
    from tui.cli.verify import verify as command

    loaded = context.obj.load({"data_dir": data_dir})
    raise typer.Exit(command(loaded, file, signature, endpoint=endpoint, as_json=as_json))


# What else is typed is refused by `add` itself: the parser would repeat it, and it may be the secret.
@secret.command("add", context_settings={"allow_extra_args": True})
def add(
    context: typer.Context,
    endpoint: Endpoint = None,
    relay: RelayUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Ask for a secret, or read it from stdin, and add it.

    A running relay checks with it at once, and admits what it fits from quarantine.
    """
    from tui.cli.secret import add as command

    loaded = context.obj.load({"relay_url": relay, "data_dir": data_dir})
    raise typer.Exit(command(loaded, endpoint, words=context.args))


@secret.command("list")
def list_(context: typer.Context, as_json: Json = False, relay: RelayUrl = None, data_dir: DataDir = None) -> None:
    """Show the secrets in force: their ids, their endpoints, and where they are from."""
    from tui.cli.secret import list_ as command

    raise typer.Exit(command(context.obj.load({"relay_url": relay, "data_dir": data_dir}), as_json=as_json))


@secret.command("remove")
def remove(
    context: typer.Context,
    id_: Annotated[str, typer.Argument(metavar="ID", help="As `knocktop secret list` shows it.")],
    relay: RelayUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Forget a secret that was added."""
    from tui.cli.secret import remove as command

    raise typer.Exit(command(context.obj.load({"relay_url": relay, "data_dir": data_dir}), id_))


def provoke(
    context: typer.Context,
    filter_: Annotated[
        list[str] | None,
        typer.Argument(metavar="[FILTER]", help="The events to answer so; '' is every event. With --off an id."),
    ] = None,
    answer: Annotated[
        str | None,
        typer.Option("--answer", metavar="SCRIPT", help="500x3,200: three times 500, then always 200."),
    ] = None,
    delay: Annotated[str, typer.Option("--delay", metavar="2s", help="Before each answer; at most 60s.")] = "",
    retry_after: Annotated[
        str, typer.Option("--retry-after", metavar="30", help="Seconds; goes with what is no success.")
    ] = "",
    for_: Annotated[str, typer.Option("--for", metavar="10m", help="How long; at most 24h (10m).")] = "",
    list_: Annotated[bool, typer.Option("--list", help="Show what is in force.")] = False,
    off: Annotated[bool, typer.Option("--off", help="End all, or the one with this id.")] = False,
    as_json: Json = False,
    utc: Utc = None,
    relay: RelayUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Answer Knock with failures, and watch its retries.

    Each delivery of an event that matches is stored and counted first, then answered as the script says: the
    first one with its first answer, and so on for each event by itself; the last answer repeats. Only what would
    be answered 200 is touched. It ends by itself.
    """
    from tui.cli import provoke as command

    words = " ".join(filter_ or [])
    loaded = context.obj.load({"relay_url": relay, "data_dir": data_dir, "utc": utc})
    wanted = {"--list": list_, "--off": off, "--answer": answer is not None}
    asked = [name for name, is_wanted in wanted.items() if is_wanted]
    if len(asked) > 1:
        raise Failure(f"{asked[0]} does not go with {asked[1]}", ExitCode.USAGE)
    if as_json and not list_:
        raise Failure("--json goes with --list", ExitCode.USAGE)
    if off:
        raise typer.Exit(command.off(loaded, words))
    if list_:
        if words:
            raise Failure("--list takes no filter", ExitCode.USAGE)
        raise typer.Exit(command.list_(loaded, as_json=as_json))
    if answer is None:
        raise Failure(
            "say what to answer: --answer 500x3,200",
            ExitCode.USAGE,
            "--list shows what is in force, --off ends it",
        )
    if filter_ is None:
        raise Failure("name a filter for what to answer so", ExitCode.USAGE, "'' is every event")
    raise typer.Exit(
        command.provoke(loaded, words, answer=answer, delay=delay, retry_after=retry_after, for_=for_)
    )


def purge(
    context: typer.Context,
    filter_: Annotated[
        list[str] | None, typer.Argument(metavar="[FILTER]", help="What has to go; without it everything.")
    ] = None,
    before: Annotated[
        str | None,
        typer.Option("--before", metavar="TIME", help="Only what arrived before: 2026-11-23T10:42, or 30d ago."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Remove without a question.")] = False,
    utc: Utc = None,
    relay: RelayUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Remove events and quarantined requests for good.

    They go from the relay's log and from its file. A late retry of one makes no new event.
    """
    from tui.cli.purge import purge as command

    loaded = context.obj.load({"relay_url": relay, "data_dir": data_dir, "utc": utc})
    raise typer.Exit(command(loaded, " ".join(filter_ or []), before=before, yes=yes))


def doctor(
    context: typer.Context, as_json: Json = False, relay: RelayUrl = None, data_dir: DataDir = None
) -> None:
    """Check all that it takes, and say what to do where something is missing.

    Relay, secret, tunnel, clock, disk, terminal, clipboard. Exit code 3 where there is a problem.
    """
    from tui.cli.doctor import doctor as command

    raise typer.Exit(command(context.obj, {"relay_url": relay, "data_dir": data_dir}, as_json=as_json))


def completion(
    shell: Annotated[
        str,
        typer.Argument(metavar="SHELL", help="bash, zsh, fish or powershell.", autocompletion=completions.shells),
    ],
) -> None:
    """Write the script that completes these commands in a shell.

    For bash put eval "$(knocktop completion bash)" into ~/.bashrc; on a terminal it says where it goes in others.
    """
    raise typer.Exit(completions.completion(shell))
