"""A process of the relay's own, spoken to over a socket; it ends when the relay does, however that ends.

What it does is no thread of the relay, since threads share the interpreter: one that works beside the loop takes
the interpreter from it again and again, which costs the loop more time than the work itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import pickle
import socket
import struct
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import relay

_SIZE = struct.Struct("<Q")
_BUFFER = 1 << 20
"""Bytes that the socket may hold, as far as the system lets it."""
_AT_ONCE = 1 << 18
"""Bytes taken from the socket at once."""
_END_SECONDS = 10.0


class Said(NamedTuple):
    """A line for the relay's log."""

    name: str
    level: int
    text: str


def framed(message: object) -> bytes:
    """A message as it goes over the socket, of which both ends are ours and the same version."""
    text = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    return _SIZE.pack(len(text)) + text


class Child:
    """The relay's end of a process that runs `main(parent, *arguments)` of a module.

    In the loop's thread `heard` is called with each message, and `ended` once after the last of them. The process
    keeps the files `keep` open. Raises `OSError` when it can't be started.
    """

    def __init__(
        self,
        module: str,
        arguments: Sequence[str],
        *,
        heard: Callable[[Any], None],
        ended: Callable[[], None],
        keep: Sequence[int] = (),
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._heard = heard
        self._ended = ended
        self._received = bytearray()
        self._unsent = bytearray()
        self._is_finishing = False
        self._socket, theirs = socket.socketpair()
        try:
            with theirs:
                # A smaller one is slower, no more.
                with contextlib.suppress(OSError):
                    self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER)
                self._process: subprocess.Popen[bytes] = subprocess.Popen(  # noqa: S603 - it is ourselves
                    # -P: what lies in the current directory is not to be taken for ours.
                    [sys.executable, "-P", "-m", "relay.log.process", module, *arguments],
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    env=_environment(),
                    pass_fds=tuple(keep),
                    # What a terminal sends to all that run in it is for the relay to hear.
                    start_new_session=True,
                )
        except BaseException:
            self._socket.close()
            raise
        self._socket.setblocking(False)
        self._loop.add_reader(self._socket, self._readable)

    @property
    def pid(self) -> int:
        return self._process.pid

    def send(self, message: object) -> None:
        """Send as much as the socket takes; the rest goes when it takes more."""
        frame = framed(message)
        if not self._unsent:
            sent = self._try(frame)
            if sent == len(frame):
                return
            self._loop.add_writer(self._socket, self._writable)
            self._unsent += memoryview(frame)[sent:]
        else:
            self._unsent += frame

    def finish(self) -> None:
        """Let it end once it has heard everything."""
        self._is_finishing = True
        if not self._unsent and self._socket.fileno() >= 0:
            self._socket.shutdown(socket.SHUT_WR)

    def _writable(self) -> None:
        del self._unsent[: self._try(self._unsent)]
        if not self._unsent:
            self._loop.remove_writer(self._socket)
            if self._is_finishing:
                self.finish()

    def _try(self, data: bytes | bytearray) -> int:
        try:
            return self._socket.send(data)
        except (BlockingIOError, InterruptedError):
            return 0
        except OSError:  # its end is noticed where it is listened to
            return len(data)

    def _readable(self) -> None:
        try:
            data = self._socket.recv(_AT_ONCE)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data = b""
        self._received += data
        while (message := self._next()) is not None:
            if isinstance(message, Said):
                logging.getLogger(message.name).log(message.level, "%s", message.text)
            else:
                self._heard(message)
        if not data:
            self._reap()
            self._ended()

    def _next(self) -> Any:
        """The next message, if all of it is there; none of them is `None`."""
        received = self._received
        if len(received) < _SIZE.size:
            return None
        end = _SIZE.size + _SIZE.unpack_from(received)[0]
        if len(received) < end:
            return None
        text = bytes(received[_SIZE.size : end])
        del received[:end]
        return pickle.loads(text)  # noqa: S301 - of our own process

    def _reap(self) -> None:
        self._loop.remove_reader(self._socket)
        self._loop.remove_writer(self._socket)
        self._socket.close()
        # It closed its end by ending, or has no way to be heard any more.
        self._process.kill()
        self._process.wait(_END_SECONDS)


def _environment() -> dict[str, str]:
    """Ours, with the place where this package was found."""
    paths = [str(Path(relay.__file__).resolve().parents[1]), os.environ.get("PYTHONPATH", "")]
    return os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths))}


class Parent:
    """The process's end, at its standard input. What is logged is said by the relay."""

    def __init__(self) -> None:
        self.socket = socket.socket(fileno=0)
        self._frames = self.socket.makefile("rb", buffering=_AT_ONCE)
        logging.getLogger().addHandler(_Telling(self))

    def receive(self) -> Any:
        """The next message, none of which is `None`; `None` when there will be no more."""
        head = self._frames.read(_SIZE.size)
        if len(head) < _SIZE.size:
            return None
        size = _SIZE.unpack(head)[0]
        text = self._frames.read(size)
        return pickle.loads(text) if len(text) == size else None  # noqa: S301 - the relay's

    def send(self, message: object) -> None:
        """Raises `OSError` when the relay is gone."""
        self.socket.sendall(framed(message))


class _Telling(logging.Handler):
    """Tells the relay what is logged."""

    def __init__(self, parent: Parent) -> None:
        super().__init__()
        self._parent = parent

    def emit(self, record: logging.LogRecord) -> None:
        # Where the relay is gone nobody is left to hear it.
        with contextlib.suppress(OSError):
            self._parent.send(Said(record.name, record.levelno, self.format(record)))
