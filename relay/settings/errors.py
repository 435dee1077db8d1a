"""What is wrong with a setting, and where."""

from __future__ import annotations

from pathlib import Path

from relay.contract.text import plain


class SettingsError(Exception):
    """A setting that cannot be used: what is wrong and where in one line, and a `hint` what to do about it."""

    def __init__(
        self, message: str, file: Path | None = None, line: int | None = None, hint: str | None = None
    ) -> None:
        place = "" if file is None else f"{file}: " if line is None else f"{file}:{line}: "
        super().__init__(plain(place + message))
        self.message = plain(message)
        self.file = file
        self.line = line
        self.hint = None if hint is None else plain(hint)
