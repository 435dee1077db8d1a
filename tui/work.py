"""Begin work that goes on beside the messages of a widget, and ends with it.

A worker of Textual's that is ended before its turn came never looks at what it was to run. A coroutine would be
left behind that nobody awaits; a function is just not called.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, ParamSpec

if TYPE_CHECKING:
    from textual.dom import DOMNode
    from textual.worker import Worker

P = ParamSpec("P")


def begin(
    node: DOMNode, group: str, work: Callable[P, Awaitable[None]], *args: P.args, **kwargs: P.kwargs
) -> Worker[None]:
    """Run `work` with its arguments, beside whatever else of the group runs."""
    return _run(node, group, False, work, *args, **kwargs)


def begin_instead(
    node: DOMNode, group: str, work: Callable[P, Awaitable[None]], *args: P.args, **kwargs: P.kwargs
) -> Worker[None]:
    """Run `work` with its arguments, and end whatever else of the group still runs."""
    return _run(node, group, True, work, *args, **kwargs)


def _run(
    node: DOMNode, group: str, alone: bool, work: Callable[P, Awaitable[None]], *args: P.args, **kwargs: P.kwargs
) -> Worker[None]:
    async def run() -> None:
        await work(*args, **kwargs)

    return node.run_worker(run, name=getattr(work, "__name__", ""), group=group, exclusive=alone)
