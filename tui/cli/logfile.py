"""The log file of the dashboard: what happened behind the screen, for later."""

from __future__ import annotations

import logging
import os
from logging.handlers import RotatingFileHandler
from pathlib import Path

from relay.contract.text import plain

_BYTES = 1 << 20
_LINE_LIMIT = 4_096


class _PlainFormatter(logging.Formatter):
    """Log lines hold foreign text too: names, paths, causes."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the library's name
        record.message = plain(record.message, _LINE_LIMIT)
        return super().formatMessage(record)


def log_to(path: Path) -> None:
    """Send what is logged from here on to `path`, and nothing of it to the terminal."""
    root = logging.getLogger()
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
        handler: logging.Handler = RotatingFileHandler(path, maxBytes=_BYTES, backupCount=1, encoding="utf-8")
    except OSError:
        handler = logging.NullHandler()
    handler.setFormatter(_PlainFormatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    root.addHandler(handler)
    logging.raiseExceptions = False
    logging.getLogger("tui").setLevel(logging.INFO)
