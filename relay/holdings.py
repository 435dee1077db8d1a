"""What a relay holds as long as it runs: its data directory, its log file, its address."""

from __future__ import annotations

import contextlib
import errno
import logging
import logging.handlers
import socket
import sys
from collections.abc import Iterator

from filelock import FileLock, Timeout

from relay.contract.text import plain
from relay.settings import DataFiles, Settings

EXIT_DONE = 0
EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_ADDRESS_IN_USE = 18
EXIT_DATA_DIRECTORY_IN_USE = 19


class CannotStart(Exception):
    """Why the relay doesn't start; `code` is the exit code."""

    def __init__(self, code: int, text: str, hint: str = "") -> None:
        super().__init__(text)
        self.code = code
        self.hint = hint


@contextlib.contextmanager
def lock(files: DataFiles) -> Iterator[None]:
    """Hold the data directory; the system lets go of it when the process ends, however it ends."""
    held = FileLock(files.lock, timeout=0, mode=0o600)
    try:
        held.acquire()
    except Timeout:
        raise CannotStart(
            EXIT_DATA_DIRECTORY_IN_USE,
            f"another relay runs on the data directory {files.directory}",
            "stop it with `knocktop relay --stop`, or choose another with --data-dir",
        ) from None
    try:
        yield
    finally:
        held.release()


class _PlainFormatter(logging.Formatter):
    """Log lines hold foreign text too: names, paths, causes."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the library's name
        record.message = plain(record.message, 4_096)
        return super().formatMessage(record)


@contextlib.contextmanager
def log_file(files: DataFiles, *, to_stderr: bool) -> Iterator[None]:
    handlers: list[logging.Handler] = [
        logging.handlers.RotatingFileHandler(files.relay_log, maxBytes=1 << 20, backupCount=2, encoding="utf-8")
    ]
    if to_stderr:
        handlers.append(logging.StreamHandler())
    formatter = _PlainFormatter("%(asctime)s %(levelname)s %(name)s %(message)s")
    root = logging.getLogger()
    for handler in handlers:
        handler.setFormatter(formatter)
        root.addHandler(handler)
    logging.getLogger("relay").setLevel(logging.INFO)
    try:
        yield
    finally:
        for handler in handlers:
            root.removeHandler(handler)
            handler.close()


@contextlib.contextmanager
def address(settings: Settings) -> Iterator[socket.socket]:
    """Take the address before anything else is started, so that a relay which can't is gone at once."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError as error:
        raise CannotStart(
            EXIT_FAILED, f"{settings.host} is not an address to listen at: {error.strerror}"
        ) from None
    listener = socket.socket(family, kind, protocol)
    try:
        if sys.platform == "win32":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(2_048)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise CannotStart(
                EXIT_ADDRESS_IN_USE,
                f"{settings.host}:{settings.port} is in use",
                "choose another with --port, or see what listens there",
            ) from None
        raise CannotStart(
            EXIT_FAILED, f"can't listen at {settings.host}:{settings.port}: {error.strerror}"
        ) from None
    with listener:
        yield listener
