"""`knocktop`, and the same as `python -m tui`."""

from __future__ import annotations

import contextlib
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

    code = run(sys.argv[1:])
    _write_out()
    sys.exit(code)


def _write_out() -> None:
    """Write what is still held, and let it go where nobody takes it, which would change the exit code to 120."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            with contextlib.suppress(OSError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


if __name__ == "__main__":
    main()
