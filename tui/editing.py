"""A body in the user's editor, in a file that nobody else can read and that does not stay."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from relay.contract import jsontext
from relay.contract.text import plain
from tui.model.bodylines import pretty

_USUAL = ("notepad",) if os.name == "nt" else ("editor", "nano", "vi")
"""What is tried where the user named none."""


class CannotEdit(Exception):
    """The editor did not do it: why, in one line without a full stop, and a `hint` at the next step."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class EditingEnded(CannotEdit):
    """This process was told to end while the editor was open, or its terminal closed."""


Run = Callable[[list[str]], int]
"""Run a program to its end, and give its exit code. Raises `OSError`."""


def editor(environ: Mapping[str, str] | None = None) -> list[str]:
    """Give the command of the user's editor: `$VISUAL`, then `$EDITOR`, then a usual one. Raises `CannotEdit`."""
    environ = os.environ if environ is None else environ
    for variable in ("VISUAL", "EDITOR"):
        text = environ.get(variable, "").strip()
        if not text:
            continue
        try:
            # A path of Windows holds backslashes that escape nothing.
            return [text] if Path(text).is_file() else shlex.split(text, posix=os.name != "nt")
        except ValueError as error:
            raise CannotEdit(
                f"${variable} does not name a command: {error}", f"set {variable}, such as vim"
            ) from None
    for name in _USUAL:
        if found := shutil.which(name, path=environ.get("PATH")):
            return [found]
    raise CannotEdit("there is no editor here", "set VISUAL or EDITOR to one, such as EDITOR=vim")


def edited(body: bytes, *, environ: Mapping[str, str] | None = None, run: Run | None = None) -> bytes | None:
    """Open a body in the editor, and give what was saved; None where it was left as it was.

    JSON is opened indented, and what was saved is given byte for byte, but for a newline that editors put at the
    end. Waits for the editor, which has the terminal until then. Raises `CannotEdit`.
    """
    command = editor(environ)
    opened = _opened(body)
    directory = Path(tempfile.mkdtemp(prefix="knocktop-"))
    file = directory / "body.json"
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(opened)
        with _sheltered():
            _run([*command, str(file)], run or subprocess.call)
        saved = _saved(file)
    finally:
        # With all that the editor put beside it: copies, and what it keeps against a crash.
        shutil.rmtree(directory, ignore_errors=True)
    if saved == opened:
        return None
    if saved.endswith(b"\n") and not opened.endswith(b"\n"):
        saved = saved[:-2] if saved.endswith(b"\r\n") else saved[:-1]
    return None if saved == opened else saved


def _opened(body: bytes) -> bytes:
    """Indent JSON, true to how its values are written; anything else is opened as it is."""
    try:
        jsontext.loads(body)
    except jsontext.JsonError:
        return body
    return "\n".join(pretty(body)).encode("utf-8", "surrogatepass")


def _run(command: list[str], run: Run) -> None:
    name = plain(Path(command[0]).name, 60)
    hint = "VISUAL or EDITOR names the editor"
    try:
        code = run(command)
    except OSError as error:
        raise CannotEdit(f"the editor {name} cannot be started: {error.strerror}", hint) from None
    if code != 0:
        raise CannotEdit(f"the editor {name} ended with exit code {code}, so nothing of it is taken", hint)


def _saved(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise CannotEdit(f"what was edited cannot be read: {error.strerror}") from None


@contextmanager
def _sheltered() -> Iterator[None]:
    """Leave Ctrl-C to the editor, and get to remove the file where the terminal closes or the process is to end.

    Handlers, and not `SIG_IGN`: the editor would inherit that.
    """

    def leave(number: int, _: FrameType | None) -> None:
        raise EditingEnded(f"ended by {signal.Signals(number).name} while the editor was open")

    for_editor = [signal.SIGINT] + ([signal.SIGQUIT] if hasattr(signal, "SIGQUIT") else [])
    handlers: dict[signal.Signals, Callable[[int, FrameType | None], None]] = dict.fromkeys(
        for_editor, lambda *_: None
    )
    handlers |= dict.fromkeys([signal.SIGTERM] + ([signal.SIGHUP] if hasattr(signal, "SIGHUP") else []), leave)
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
