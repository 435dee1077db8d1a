"""`knocktop completion SHELL`, and the answers to what the script that it writes asks."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

from tui.cli.report import Failure
from tui.exitcodes import ExitCode

VARIABLE = "_KNOCKTOP_COMPLETE"
"""Set by the shell's script: which shell asks, in typer's words."""

SHELLS = ("bash", "zsh", "fish", "powershell")

_WHERE = {
    "bash": 'eval "$(knocktop completion bash)" in ~/.bashrc',
    "zsh": 'eval "$(knocktop completion zsh)" in ~/.zshrc, after compinit',
    "fish": "knocktop completion fish > ~/.config/fish/completions/knocktop.fish",
    "powershell": "knocktop completion powershell | Out-String | Invoke-Expression in your $PROFILE",
}


def completion(shell: str) -> int:
    """Write the script that completes our commands in `shell` to stdout."""
    from typer._completion_shared import get_completion_script

    if shell not in SHELLS:
        raise Failure(f"no completion for {shell}", ExitCode.USAGE, f"there is one for {', '.join(SHELLS)}")
    sys.stdout.write(get_completion_script(prog_name="knocktop", complete_var=VARIABLE, shell=shell) + "\n")
    if sys.stdout.isatty():
        from tui.cli.report import hint

        hint(_WHERE[shell])
    return ExitCode.DONE


def answer(environ: Mapping[str, str]) -> int:
    """Answer the script of a shell, which asks in its environment."""
    import typer
    from typer._completion_classes import completion_init
    from typer.completion import shell_complete

    from tui.cli.commands import app

    completion_init()
    command = typer.main.get_command(app)
    try:
        return shell_complete(command, {}, "knocktop", VARIABLE, environ[VARIABLE])
    except typer.Exit as done:
        return done.exit_code


def shells(incomplete: str) -> list[str]:
    """Complete the name of a shell."""
    return _beginning(SHELLS, incomplete)


def triggers(incomplete: str) -> list[tuple[str, str]]:
    """Complete what can be triggered, each with what it is."""
    from tui.simulator import SCENARIOS, TYPES

    types = [(name, "event type") for name in _beginning(TYPES, incomplete)]
    return types + [(name, SCENARIOS[name].summary) for name in _beginning(list(SCENARIOS), incomplete)]


def scenarios(incomplete: str) -> list[tuple[str, str]]:
    """Complete a scenario, each with what it is about."""
    from tui.simulator import SCENARIOS

    return [(name, SCENARIOS[name].summary) for name in _beginning(list(SCENARIOS), incomplete)]


def formats(incomplete: str) -> list[str]:
    """Complete the format of `tail`."""
    return _beginning(("line", "ndjson", "raw"), incomplete)


def export_formats(incomplete: str) -> list[str]:
    """Complete the format of `export`."""
    return _beginning(("ndjson", "csv", "curl", "pytest"), incomplete)


def signs(incomplete: str) -> list[str]:
    """Complete how an event is signed that is sent again."""
    from tui.forward.request import Sign

    return _beginning([how.value for how in Sign], incomplete)


def _beginning(names: Sequence[str], incomplete: str) -> list[str]:
    return [name for name in names if name.startswith(incomplete)]
