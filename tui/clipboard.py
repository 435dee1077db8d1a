"""Copying so that it arrives: the clipboard of this machine, else the terminal's, else a file.

The text goes to a program that owns the clipboard where that is the clipboard of whoever sits at the terminal: not
over SSH, where it would be the one of the machine at the other end. Such programs hang now and then, so that each
has a few seconds, and the loop goes on meanwhile. A terminal takes a text by an escape sequence, OSC 52, and never
says whether it did; it is not asked where it is known not to know it, nor for more than terminals take.
"""

from __future__ import annotations

import asyncio
import base64
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

PATIENCE_S = 2.0
"""Seconds that a program has to take the text."""
TERMINAL_BYTES = 74_994
"""Most bytes of Base64 that terminals take by OSC 52 whatever their make."""
FILE = "copied.txt"

_LOCAL_DISPLAYS = ("localhost:", "127.0.0.1:", "[::1]:")
_WITHOUT_OSC_52 = ("linux", "dumb", "")
_SCREEN_CHUNK = 700


class Writer(Protocol):
    """What a terminal is written through."""

    def write(self, data: str) -> None:
        """Send to the terminal as it is."""


class CannotCopy(Exception):
    """No way to copy worked. The text is one sentence for the screen, without a full stop."""


async def copy(
    text: str, terminal: Writer | None, directory: Path, *, environ: Mapping[str, str] | None = None
) -> str:
    """Copy `text` the best way there is, and say which: `with wl-copy`, `by OSC 52`, `to PATH`.

    `terminal` is None where there is none. The file is in `directory`, for its owner alone. Raises `CannotCopy`.
    """
    environ = os.environ if environ is None else environ
    around = await _surroundings(environ)
    for command in native(around):
        if await _fed(command, text, environ):
            return f"with {command[0].removesuffix('.exe')}"
    if "TMUX" in around and await _fed(["tmux", "load-buffer", "-w", "-"], text, environ):
        # tmux hands it on to the terminal that it is shown on, with OSC 52 of its own.
        return "through tmux"
    sequence = osc_52(text, around)
    if terminal is not None and sequence:
        terminal.write(sequence)
        return "by OSC 52"
    return f"to {await asyncio.to_thread(_written, text, directory)}"


async def _surroundings(environ: Mapping[str, str]) -> Mapping[str, str]:
    """Give the environment of the terminal that is looked at, which may be another one by now under tmux."""
    if "TMUX" not in environ:
        return environ
    names = ("SSH_CONNECTION", "DISPLAY", "WAYLAND_DISPLAY")
    said = await _answer(["tmux", "show-environment"], environ)
    now = dict(environ)
    for line in said.splitlines():
        name, _, value = line.removeprefix("-").partition("=")
        if name in names:
            now.pop(name, None)
            if name == "SSH_CONNECTION":
                now.pop("SSH_TTY", None)
                now.pop("SSH_CLIENT", None)
            if not line.startswith("-"):
                now[name] = value
    return now


def native(environ: Mapping[str, str], platform: str = sys.platform) -> Iterator[Sequence[str]]:
    """Give the commands that may own the clipboard of whoever sits at the terminal, the surest first."""
    remote = any(environ.get(name) for name in ("SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT"))
    display = environ.get("DISPLAY", "")
    if not remote:
        if platform == "darwin":
            yield ["pbcopy"]
        if platform == "win32" or "WSL_DISTRO_NAME" in environ:
            yield ["clip.exe"]
        if "TERMUX_VERSION" in environ:
            yield ["termux-clipboard-set"]
        if environ.get("WAYLAND_DISPLAY"):
            yield ["wl-copy", "--type", "text/plain;charset=utf-8"]
    if display and (not remote or display.startswith(_LOCAL_DISPLAYS)):
        # Over SSH such a display is a tunnel to the screen of the user.
        yield ["xclip", "-selection", "clipboard"]
        yield ["xsel", "--clipboard", "--input"]


async def _fed(command: Sequence[str], text: str, environ: Mapping[str, str]) -> bool:
    """Give a program the text; False where there is none, where it fails, or where it is too slow."""
    program = shutil.which(command[0], path=environ.get("PATH"))
    if program is None:
        return False
    # The Windows program reads the encoding of its own system alone.
    data = text.encode("utf-16-le" if command[0] == "clip.exe" else "utf-8", "replace")
    return await _ran([program, *command[1:]], data, environ) is not None


async def _answer(command: Sequence[str], environ: Mapping[str, str]) -> str:
    program = shutil.which(command[0], path=environ.get("PATH"))
    if program is None:
        return ""
    with tempfile.TemporaryFile() as answer:
        if await _ran([program, *command[1:]], b"", environ, answer.fileno()) is None:
            return ""
        answer.seek(0)
        return answer.read().decode("utf-8", "replace")


async def _ran(
    command: Sequence[str], data: bytes, environ: Mapping[str, str], out: int = asyncio.subprocess.DEVNULL
) -> int | None:
    """Run a program, and give 0 once it is done, None where it failed.

    Its output is no pipe: what stays behind to own the clipboard would keep one open for as long as it lives.
    """
    try:
        child = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=out,
            stderr=asyncio.subprocess.DEVNULL,
            env=dict(environ),
            start_new_session=sys.platform != "win32",
        )
    except OSError:
        return None
    try:
        async with asyncio.timeout(PATIENCE_S):
            await child.communicate(data)
    except (TimeoutError, OSError):
        child.kill()
        await child.wait()
    return 0 if child.returncode == 0 else None


def osc_52(text: str, environ: Mapping[str, str]) -> str:
    """Give what makes a terminal take `text`, wrapped for what stands between; empty where none would."""
    encoded = base64.b64encode(text.encode("utf-8", "replace")).decode()
    unknown = environ.get("TERM", "") in _WITHOUT_OSC_52 and sys.platform != "win32"
    if unknown or environ.get("TERM_PROGRAM") == "Apple_Terminal" or len(encoded) > TERMINAL_BYTES:
        return ""
    sequence = f"\x1b]52;c;{encoded}\a"
    if "TMUX" in environ:
        return f"\x1bPtmux;{sequence.replace(chr(27), chr(27) * 2)}\x1b\\{sequence}"
    if "STY" in environ:
        chunks = (sequence[at : at + _SCREEN_CHUNK] for at in range(0, len(sequence), _SCREEN_CHUNK))
        return "".join(f"\x1bP{chunk}\x1b\\" for chunk in chunks)
    return sequence


def _written(text: str, directory: Path) -> Path:
    """Put the text into the file, in one step, readable by its owner alone."""
    path = directory / FILE
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=FILE, dir=directory)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace", newline="") as file:
                file.write(text)
            Path(name).replace(path)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise CannotCopy(f"nothing takes a copy here, not even {path}: {error.strerror or error}") from None
    return path
