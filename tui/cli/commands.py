"""The commands and their flags. What they do is imported when it is asked for."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from relay import __main__ as relay_command
from tui.cli import carrying, upkeep
from tui.cli import completion as completions
from tui.cli.flags import Ascii, DataDir, Filter, Forward, Json, ReadOnly, RelayUrl, Tunnel, Utc, YesProduction
from tui.cli.invocation import Invocation
from tui.cli.listing import ListingChoices
from tui.cli.report import Failure, say
from tui.exitcodes import ExitCode

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


_NOT_IN_DEMO = ("tunnel", "forward")


def invoke(arguments: Sequence[str], invocation: Invocation) -> int:
    """Run the command that the arguments name and give its exit code; raises `Failure` for wrong usage."""
    command = typer.main.get_command(app)
    try:
        # typer's own main would turn a reader that closed the pipe into a failure.
        with command.make_context("knocktop", list(arguments), obj=invocation) as context:
            command.invoke(context)
    except typer.Exit as done:
        return done.exit_code
    except typer.TyperException as error:
        at = getattr(error, "ctx", None)
        where = "knocktop" if at is None else at.command_path
        raise Failure(
            error.format_message().rstrip("."), ExitCode.USAGE, f"{where} --help says what there is"
        ) from None
    return ExitCode.DONE


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"knocktop {version('knocktop')}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def knocktop(
    context: typer.Context,
    relay: RelayUrl = None,
    data_dir: DataDir = None,
    filter_: Filter = None,
    tunnel: Tunnel = None,
    forward: Forward = None,
    read_only: ReadOnly = None,
    utc: Utc = None,
    ascii_: Ascii = None,
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """A live terminal dashboard for Knock webhook events.

    Without a command: the dashboard, on the relay at the configured address, which is started if it is not there.
    """
    flags = {"relay_url": relay, "data_dir": data_dir, "utc": utc, "ascii": ascii_}
    own = {"filter": filter_, "read_only": read_only, "tunnel": tunnel, "forward": forward}
    invocation: Invocation = context.obj
    invocation.flags = {name: value for name, value in flags.items() if value is not None}
    if context.invoked_subcommand is None:
        from tui.cli.dashboard import dashboard

        raise typer.Exit(dashboard(invocation, own))
    given = {name: value for name, value in own.items() if value is not None}
    if wrong := [name for name in given if context.invoked_subcommand != "demo" or name in _NOT_IN_DEMO]:
        raise Failure(
            f"--{wrong[0].replace('_', '-')} is for the dashboard, not for `{context.invoked_subcommand}`",
            ExitCode.USAGE,
        )
    invocation.flags |= given


@app.command()
def demo(
    context: typer.Context,
    rate: Annotated[float, typer.Option("--rate", metavar="R", help="Events a second.", show_default=True)] = 5.0,
    seed: Annotated[int | None, typer.Option("--seed", metavar="N", help="The same events every time.")] = None,
    scenario: Annotated[
        list[str] | None,
        typer.Option(
            "--scenario",
            metavar="NAME",
            help="This scenario, not the mix; repeatable. An unknown name lists them.",
            autocompletion=completions.scenarios,
        ),
    ] = None,
    filter_: Filter = None,
    read_only: ReadOnly = None,
    utc: Utc = None,
    ascii_: Ascii = None,
) -> None:
    """Show the dashboard on simulated events.

    They go to a relay that exists only as long as the demo; nothing else is needed, and nothing of it stays.
    """
    from tui.cli.demo import demo as command

    flags = {"filter": filter_, "read_only": read_only, "utc": utc, "ascii": ascii_}
    raise typer.Exit(command(context.obj, flags, rate=rate, seed=seed, scenarios=scenario or []))


@app.command()
def relay(
    context: typer.Context,
    stop: Annotated[bool, typer.Option("--stop", help="Stop the relay of this data directory.")] = False,
    host: relay_command.Host = None,
    port: relay_command.Port = None,
    data_dir: DataDir = None,
    log: relay_command.Log = None,
    verify: relay_command.Verify = None,
    retention_events: relay_command.RetentionEvents = None,
    retention_age: relay_command.RetentionAge = None,
    retention_size: relay_command.RetentionSize = None,
    stall_after: relay_command.StallAfter = None,
    allow_origin: relay_command.AllowOrigin = None,
    public_url: relay_command.PublicUrl = None,
    idle_exit: relay_command.IdleExit = None,
    started_by: relay_command.StartedBy = None,
) -> None:
    """Run the relay alone, in the foreground.

    It ends on SIGTERM or SIGINT, once it has answered what is in flight.
    """
    flags = {name: value for name, value in locals().items() if name not in ("context", "stop")}
    from tui.cli import relay as command

    invocation: Invocation = context.obj
    if stop:
        raise typer.Exit(command.stop(invocation.load({"data_dir": data_dir})))
    raise typer.Exit(command.run(invocation.flags | {name: value for name, value in flags.items() if value}))


@app.command()
def tail(
    context: typer.Context,
    filter_: Annotated[
        list[str] | None, typer.Argument(metavar="[FILTER]", help="Only the events that match.")
    ] = None,
    n: Annotated[int | None, typer.Option("-n", metavar="N", help="Begin with the newest N (10).")] = None,
    since: Annotated[
        str | None,
        typer.Option(
            "--since", metavar="10m|SEQ|beginning", help="Begin there; with -n, with the newest N since then."
        ),
    ] = None,
    no_follow: Annotated[bool, typer.Option("--no-follow", help="End with the newest event.")] = False,
    format_: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="line|ndjson|raw",
            help="How to write (line; ndjson without a terminal).",
            autocompletion=completions.formats,
        ),
    ] = None,
    utc: Utc = None,
    relay: RelayUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Write events as they come.

    A filter that begins with a hyphen goes after --, or says NOT.
    """
    from tui.cli.tailing import tail_here

    loaded = context.obj.load({"relay_url": relay, "data_dir": data_dir, "utc": utc})
    filter_text = " ".join(filter_ or [])
    raise typer.Exit(
        tail_here(loaded, filter_=filter_text, n=n, since=since, follow=not no_follow, format_=format_)
    )


@app.command()
def expect(
    context: typer.Context,
    filter_: Annotated[list[str], typer.Argument(metavar="FILTER", help="What the events have to match.")],
    within: Annotated[
        str, typer.Option("--within", metavar="30s", help="How long to wait; 0 looks at what is there.")
    ] = "30s",
    count: Annotated[
        int,
        typer.Option("--count", metavar="N", help="At least so many; with 0 none may come.", show_default=True),
    ] = 1,
    since: Annotated[
        str,
        typer.Option("--since", metavar="now|beginning|10m|SEQ", help="Count what came from there on, too (now)."),
    ] = "now",
    utc: Utc = None,
    relay: RelayUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Wait for events that match; for CI and end-to-end tests.

    The matches go to stdout, a line of JSON each, and it ends with the last one that is wanted: exit code 0. Out
    of time it is 4, and stderr says which events came closest and what they lack. With --count 0 it is 0 where
    none came in that time, and 3 as soon as one does.

    Nothing is missed once stderr says `waiting`. A script that acts before that names where to begin: the events
    after seq 41 are --since 42. A filter that begins with a hyphen goes after --, or says NOT.
    """
    from tui.cli.expect import expect_here

    loaded = context.obj.load({"relay_url": relay, "data_dir": data_dir, "utc": utc})
    raise typer.Exit(expect_here(loaded, " ".join(filter_), within=within, count=count, since=since))


@app.command()
def forward(
    context: typer.Context,
    url: Annotated[str, typer.Argument(metavar="URL", help="The app to send to.")],
    filter_: Annotated[
        list[str] | None, typer.Argument(metavar="[FILTER]", help="Only the events that match.")
    ] = None,
    since: Annotated[
        str, typer.Option("--since", metavar="now|10m|SEQ|beginning", help="Begin there.", show_default=True)
    ] = "now",
    backlog: Annotated[
        int,
        typer.Option("--backlog", metavar="N", help="How many events of the past at most.", show_default=True),
    ] = 1_000,
    concurrency: Annotated[
        int, typer.Option("--concurrency", metavar="N", help="How many at the same time.", show_default=True)
    ] = 4,
    timeout: Annotated[
        str, typer.Option("--timeout", metavar="10s", help="How long the app has for an answer.")
    ] = "10s",
    retries: Annotated[
        int, typer.Option("--retries", metavar="N", help="How often one is tried again.", show_default=True)
    ] = 3,
    unverified: Annotated[
        bool, typer.Option("--unverified", help="Forward what is neither verified nor stale, too.")
    ] = False,
    sign: Annotated[
        str,
        typer.Option(
            "--sign",
            metavar="as-received|fresh|stale|tampered|wrong-secret",
            help="How it is signed (as-received).",
            autocompletion=completions.signs,
        ),
    ] = "as-received",
    force: Annotated[
        bool, typer.Option("--force", help="Forward although another forward to the URL goes on.")
    ] = False,
    yes_production: YesProduction = None,
    utc: Utc = None,
    relay: RelayUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Deliver events to a local app as they come.

    Body and headers go as they were received; those of one message one after another. What gets no answer, 5xx or
    429 is tried again. A line an event goes to stdout, NDJSON where that is no terminal; the relay is told of each
    sending. It ends with Ctrl-C.

    Exit code 16 where the relay or the app cannot be reached at the start, 17 where more events of the past match
    than may be sent, 18 where another forward to the URL goes on. A filter that begins with a hyphen goes after
    --, or says NOT.
    """
    from tui.cli.forward import forward_here

    loaded = context.obj.load({"relay_url": relay, "data_dir": data_dir, "utc": utc})
    raise typer.Exit(
        forward_here(
            loaded,
            url,
            filter_=" ".join(filter_ or []),
            since=since,
            sign=sign,
            concurrency=concurrency,
            timeout=timeout,
            retries=retries,
            unverified=unverified,
            backlog=backlog,
            force=force,
            yes_production=yes_production or [],
        )
    )


@app.command()
def resend(
    context: typer.Context,
    seqs: Annotated[list[int], typer.Argument(metavar="SEQ...", help="The events, by their seqs.")],
    to: Annotated[str | None, typer.Option("--to", metavar="URL", help="The app to send to.")] = None,
    sign: Annotated[
        str | None,
        typer.Option(
            "--sign",
            metavar="as-received|fresh|stale|tampered|wrong-secret",
            help="How it is signed (as-received).",
            autocompletion=completions.signs,
        ),
    ] = None,
    edit: Annotated[bool, typer.Option("--edit", help="Change the body in $VISUAL or $EDITOR first.")] = False,
    twice: Annotated[bool, typer.Option("--twice", help="Send it twice, and compare the answers.")] = False,
    timeout: Annotated[
        str | None, typer.Option("--timeout", metavar="10s", help="How long the app has for an answer.")
    ] = None,
    yes_production: YesProduction = None,
    relay: RelayUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Deliver stored events again, to an app under test.

    Body and headers go as they were received, one event after the other. --sign fresh signs with your own secret
    and the time of now. The other ways test that the app refuses: stale has an old time, tampered the signature of
    other bytes, wrong-secret another secret. A right handler answers 2xx to fresh and 4xx to those.

    Exit code 1 where an event was not taken, 3 where one was not refused that had to be or where --twice got
    different answers, 12 where there is no such event, 16 where the app does not answer.
    """
    from tui.cli.resend import resend as command

    loaded = context.obj.load({"relay_url": relay, "data_dir": data_dir})
    raise typer.Exit(
        command(
            loaded,
            seqs,
            to=to,
            sign=sign,
            edit=edit,
            twice=twice,
            timeout=timeout,
            yes_production=yes_production or [],
        )
    )


@app.command(cls=ListingChoices)
def trigger(
    context: typer.Context,
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="TYPE|SCENARIO...", help="Event types or scenarios.", autocompletion=completions.triggers
        ),
    ] = None,
    to: Annotated[
        str | None, typer.Option("--to", metavar="URL", help="Send to this URL, not to the relay.")
    ] = None,
    sets: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="PATH=VALUE", help="Set a field, as data.recipient=ada; repeatable."),
    ] = None,
    count: Annotated[int, typer.Option("--count", metavar="N", help="How many times.", show_default=True)] = 1,
    rate: Annotated[float | None, typer.Option("--rate", metavar="R", help="Events a second (no limit).")] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", metavar="N", help="The same events every time, as of then.")
    ] = None,
    relay: RelayUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Send simulated, signed events.

    They go to the relay, or to any URL, in the order in which they are named, signed with the secret that is set
    here. Their times are those of sending: with the same --seed, times and the message ids, which hold one, are
    all that differs, so that each run makes new events and no duplicates.

    A value of --set is JSON where it is JSON, and a text otherwise: data.data.total=5, data.tenant=null. A key
    with a dot in it is quoted: data.data."order.total"=5.
    """
    import asyncio

    from tui.cli import trigger as command
    from tui.credentials import signing_secret
    from tui.triggering import ingest_url

    if not names:
        for line in command.choices().splitlines():
            say(line)
        raise Failure("name an event type or a scenario, such as message.sent", ExitCode.USAGE)
    settings = context.obj.load({"relay_url": relay, "data_dir": data_dir}).settings
    url = ingest_url(settings.address) if to is None else to
    raise typer.Exit(
        asyncio.run(
            command.trigger(
                names,
                to=url,
                secret=signing_secret(settings, url),
                count=count,
                rate=rate,
                seed=seed,
                sets=sets or [],
                out=sys.stdout,
                err=sys.stderr,
            )
        )
    )


@app.command()
def config(
    context: typer.Context,
    as_json: Json = False,
    init: Annotated[bool, typer.Option("--init", help="Write a file of settings, with comments.")] = False,
    project: Annotated[
        bool, typer.Option("--project", help="With --init: ./knocktop.toml, not your own file.")
    ] = False,
    data_dir: DataDir = None,
    relay: RelayUrl = None,
) -> None:
    """Show the settings and the paths in use.

    Of every setting its value and where it came from; secrets show as the id that the relay gives them.
    """
    if init:
        from tui.cli.config_init import init as write

        raise typer.Exit(write(project=project))
    if project:
        raise Failure("--project goes with --init", ExitCode.USAGE)
    from tui.cli import config as command

    command.config(context.obj.load({"data_dir": data_dir, "relay_url": relay}), as_json=as_json)


carrying.register(app)
upkeep.register(app)
