"""`knocktop`, and the same as `python -m tui`."""

from __future__ import annotations

import gc
import io
import os
import sys

YOUNG = 7_000
"""Objects after which the collector looks for those that hold each other; ten times what it does by itself.

It walks over all that was imported again and again at the start, and over every row while events pour in.
"""


def main() -> None:
    """Run the command line of this process and end with its exit code."""
    gc.set_threshold(YOUNG, 10, 10)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed by whoever started us
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_WRONLY), "w"))
        elif isinstance(stream, io.TextIOWrapper):
            # A terminal that lacks a character gets its escape, not an error in the middle of a line.
            stream.reconfigure(errors="backslashreplace")
    from tui.cli.main import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
