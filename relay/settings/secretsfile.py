"""`secrets.toml`: the signing secrets that were added, in the data directory, for its owner alone.

The relay that holds the data directory writes it; without one, whoever holds its lock may.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Sequence
from pathlib import Path

from relay.contract.signature import Secret
from relay.settings.files import is_private


class SecretsFileError(Exception):
    """`secrets.toml` can't be used; `why` not, and the text with the name of the file before it."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path.name} {why}")
        self.why = why


def read_secrets(path: Path) -> list[Secret]:
    """The secrets in the file, none where there is no file. Raises `SecretsFileError`."""
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SecretsFileError(path, f"can't be read: {error}") from None
    if not is_private(path):
        raise SecretsFileError(path, "can be read by others: make it yours alone with chmod 600")
    rows = table.get("secret") if table else []
    if not isinstance(rows, list) or not all(isinstance(row, dict) and _is_row(row) for row in rows):
        raise SecretsFileError(path, "holds something other than [[secret]] with value and endpoint")
    return [Secret(row["value"], row.get("endpoint")) for row in rows]


def write_secrets(path: Path, secrets: Sequence[Secret]) -> None:
    """Put these secrets into the file, in one step, and on the disk. Raises `OSError`."""
    import tomli_w

    rows = [
        {"value": secret.value} | ({"endpoint": secret.endpoint} if secret.endpoint else {}) for secret in secrets
    ]
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        tomli_w.dump({"secret": rows}, file)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def _is_row(row: dict[str, object]) -> bool:
    endpoint = row.get("endpoint")
    value = row.get("value")
    return isinstance(value, str) and value != "" and (endpoint is None or isinstance(endpoint, str))
