"""A command whose help goes on with all that there is to choose from."""

from __future__ import annotations

from typing import Any

from typer.core import TyperCommand


class ListingChoices(TyperCommand):
    """Lists event types and scenarios at the end of the help; they are only read for that."""

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """Write the list."""
        from tui.cli.trigger import choices

        super().format_epilog(ctx, formatter)
        formatter.write(f"\n{choices()}\n")
