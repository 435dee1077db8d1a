"""Flags that several commands have."""

from __future__ import annotations

from typing import Annotated

import typer

from relay import __main__ as relay_command

RelayUrl = Annotated[
    str | None, typer.Option("--relay", metavar="URL", help="The relay to talk to (http://127.0.0.1:4747).")
]
DataDir = relay_command.DataDir
Filter = Annotated[str | None, typer.Option("--filter", metavar="FILTER", help="Show only the events that match.")]
ReadOnly = Annotated[
    bool | None, typer.Option("--read-only", help="Offer nothing that changes or sends anything.")
]
Tunnel = Annotated[
    str | None,
    typer.Option(
        "--tunnel",
        metavar="cloudflared|ngrok|COMMAND",
        help="Make the relay reachable for Knock; {port} and {url} in a command are the relay's.",
    ),
]
Forward = Annotated[
    str | None,
    typer.Option("--forward", metavar="URL", help="Forward events to this app as they come, while it is shown."),
]
Utc = Annotated[bool | None, typer.Option("--utc", help="Show times in UTC.")]
Ascii = Annotated[bool | None, typer.Option("--ascii", help="Draw with ASCII alone.")]
Json = Annotated[bool, typer.Option("--json", help="As JSON.")]
YesProduction = Annotated[
    list[str] | None,
    typer.Option(
        "--yes-production", metavar="NAME", help="Send also what came from this environment; repeatable."
    ),
]
