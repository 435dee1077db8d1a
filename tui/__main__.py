"""`knocktop`, and the same as `python -m tui`."""

from __future__ import annotations

import gc
import io
import os
import sys

COLLECTING = (2_000, 5, 100)
"""When the collector looks for objects that hold each other: often among the youngest, seldom among all.

By itself it walks over every row once a second while events pour in, and no key is heard meanwhile.
"""


def main() -> None:
    """Run the command line of this process and end with its exit code."""
    gc.set_threshold(*COLLECTING)
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
