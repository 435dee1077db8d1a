"""A real pseudo-terminal around a program, read back through a terminal emulator."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pyte
from wcwidth import wcwidth


class Screen(pyte.Screen):
    """An emulator that takes every mark without a cell as such; pyte drops the rest of a text at some of them."""

    def draw(self, data: str) -> None:
        super().draw("".join(char for char in data if wcwidth(char) != 0 or unicodedata.combining(char)))


class Terminal:
    """A program on a terminal of `columns` by `rows`; `raw` is every byte that it wrote."""

    def __init__(
        self, command: Sequence[str], *, columns: int, rows: int, environ: Mapping[str, str], cwd: Path
    ) -> None:
        self.screen = Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self.raw = bytearray()
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        variables = dict(environ) | {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
        # The first two count for more than the size of the terminal, the third for what is left at the end.
        unwanted = ("COLUMNS", "LINES", "PYTHONUNBUFFERED")
        variables = {name: value for name, value in variables.items() if name not in unwanted}
        self.child = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=slave, env=variables, cwd=cwd, start_new_session=True
        )
        os.close(slave)

    @property
    def descriptor(self) -> int:
        """Our side of the terminal, for who wants its bytes without the emulator."""
        return self._master

    def read(self, seconds: float) -> bytes:
        """What the program wrote within `seconds`, at once when there is something; empty at the end."""
        ready, _, _ = select.select([self._master], [], [], seconds)
        if not ready:
            return b""
        try:
            data = os.read(self._master, 65_536)
        except OSError:  # the program is gone, and its side of the terminal with it
            return b""
        self.raw += data
        self._stream.feed(data)
        return data

    @property
    def lines(self) -> list[str]:
        """The rows of the screen as text."""
        return ["".join(self._cells(row)).rstrip() for row in range(self.screen.lines)]

    def _cells(self, row: int) -> Iterator[str]:
        """What a terminal shows in the cells of a row; half of a wide character left by another one is blank."""
        wide = False
        for column in range(self.screen.columns):
            char = self.screen.buffer[row][column].data
            if not wide or char:
                yield char or " "
            wide = bool(char) and wcwidth(char[0]) == 2

    def wait_for(self, found: Callable[[list[str]], bool], seconds: float = 30) -> list[str]:
        """Read until the screen is as it should be; the screen goes into the error when it never is."""
        deadline = time.monotonic() + seconds
        while not found(self.lines):
            if time.monotonic() > deadline or (not self.read(0.2) and self.child.poll() is not None):
                raise AssertionError("the screen did not come to this:\n" + "\n".join(self.lines))
        return self.lines

    def wait_for_text(self, text: str, seconds: float = 30) -> list[str]:
        """Read until `text` is on the screen."""
        return self.wait_for(lambda lines: any(text in line for line in lines), seconds)

    def press(self, keys: str) -> None:
        """Type."""
        os.write(self._master, keys.encode())

    def press_and_see(self, keys: str) -> None:
        """Type, and read until something is painted."""
        before = len(self.raw)
        self.press(keys)
        self.wait_for(lambda _: len(self.raw) > before)

    def wait(self, seconds: float = 30) -> int:
        """The exit code; reads what the program still writes."""
        deadline = time.monotonic() + seconds
        while self.child.poll() is None:
            if time.monotonic() > deadline:
                raise AssertionError("the program did not end:\n" + "\n".join(self.lines))
            self.read(0.1)
        while self.read(0.1):
            pass
        return self.child.returncode

    def close(self) -> None:
        """Hang up, as closing the window does, and end the program if that did not."""
        os.close(self._master)
        try:
            self.child.wait(10)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.child.pid, signal.SIGKILL)
            self.child.wait(10)


@contextlib.contextmanager
def terminal(
    command: Sequence[str], *, environ: Mapping[str, str], cwd: Path, columns: int = 120, rows: int = 40
) -> Iterator[Terminal]:
    """A program on a terminal, hung up when the block is left."""
    program = Terminal(command, columns=columns, rows=rows, environ=environ, cwd=cwd)
    try:
        yield program
    finally:
        program.close()
