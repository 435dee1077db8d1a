"""The signing secrets in force: those of the settings, and those added to the running relay."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable
from pathlib import Path

import tomli_w

from relay.auth import is_private
from relay.contract.api import SecretInfo
from relay.contract.signature import Secret


class SecretsFileError(Exception):
    """`secrets.toml` can't be read; the text says why."""


class SecretStore:
    """Which secrets a request at an endpoint is checked with.

    An endpoint with secrets of its own is checked with those alone; every other path with the secrets that name no
    endpoint. Added secrets are written to `path` for its owner alone before they count.
    """

    def __init__(self, configured: Iterable[Secret], path: Path) -> None:
        self._configured = tuple(configured)
        self._path = path
        self._added = _read(path)
        self._by_endpoint: dict[str | None, tuple[Secret, ...]] = {}
        self._index()

    def _index(self) -> None:
        grouped: dict[str | None, dict[str, Secret]] = {}
        for secret in (*self._configured, *self._added):
            grouped.setdefault(secret.endpoint, {})[secret.value] = secret
        self._by_endpoint = {endpoint: tuple(group.values()) for endpoint, group in grouped.items()}

    def fitting(self, endpoint: str | None) -> tuple[Secret, ...]:
        """The secrets that requests at an endpoint are checked with."""
        return self._by_endpoint.get(endpoint) or self._by_endpoint.get(None, ())

    def others(self, endpoint: str | None) -> tuple[Secret, ...]:
        """Secrets that don't count at an endpoint; a diagnosis looks whether one of them would have fitted."""
        fitting = self.fitting(endpoint)
        return tuple(secret for secret in (*self._configured, *self._added) if secret not in fitting)

    @property
    def count(self) -> int:
        return sum(len(group) for group in self._by_endpoint.values())

    def infos(self) -> list[SecretInfo]:
        """Every secret, without its value."""
        infos = {
            (secret.id, secret.endpoint): SecretInfo(id=secret.id, endpoint=secret.endpoint, added=True)
            for secret in self._added
        }
        infos |= {
            (secret.id, secret.endpoint): SecretInfo(id=secret.id, endpoint=secret.endpoint, added=False)
            for secret in self._configured
        }
        return list(infos.values())

    def add(self, value: str, endpoint: str | None) -> Secret:
        """Add a secret for good; one that is there already is no error. Raises `OSError`."""
        secret = Secret(value, endpoint)
        if secret not in self._configured and secret not in self._added:
            self._keep([*self._added, secret])
        return secret

    def remove(self, secret_id: str) -> bool:
        """Remove added secrets by id; false when there is none. Raises `OSError`."""
        kept = [secret for secret in self._added if secret.id != secret_id]
        if len(kept) == len(self._added):
            return False
        self._keep(kept)
        return True

    def is_configured(self, secret_id: str) -> bool:
        """The secret comes from the settings, so it can't be removed here."""
        return any(secret.id == secret_id for secret in self._configured)

    def _keep(self, added: list[Secret]) -> None:
        rows = [
            {"value": secret.value} | ({"endpoint": secret.endpoint} if secret.endpoint else {})
            for secret in added
        ]
        part = self._path.with_name(self._path.name + ".part")
        part.unlink(missing_ok=True)
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            tomli_w.dump({"secret": rows}, file)
            file.flush()
            os.fsync(file.fileno())
        part.replace(self._path)
        self._added = added
        self._index()


def _read(path: Path) -> list[Secret]:
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SecretsFileError(f"{path.name} can't be read: {error}") from None
    if not is_private(path):
        raise SecretsFileError(f"{path.name} can be read by others: make it yours alone with chmod 600")
    rows = table.get("secret", [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) and _is_row(row) for row in rows):
        raise SecretsFileError(f"{path.name} holds something other than [[secret]] with value and endpoint")
    return [Secret(row["value"], row.get("endpoint")) for row in rows]


def _row(secret: Secret) -> dict[str, str]:
    endpoint = {} if secret.endpoint is None else {"endpoint": secret.endpoint}
    return {"value": secret.value, **endpoint}


def _is_row(row: dict[str, object]) -> bool:
    endpoint = row.get("endpoint")
    value = row.get("value")
    return isinstance(value, str) and value != "" and (endpoint is None or isinstance(endpoint, str))
