"""The signing secrets in force: those of the settings, and those added to the running relay."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from relay.contract.api import SecretInfo
from relay.contract.signature import Secret
from relay.settings.secretsfile import read_secrets, write_secrets


class SecretStore:
    """Which secrets a request at an endpoint is checked with.

    An endpoint with secrets of its own is checked with those alone; every other path with the secrets that name no
    endpoint. Added secrets are written to `path` for its owner alone before they count.
    """

    def __init__(self, configured: Iterable[Secret], path: Path) -> None:
        self._configured = tuple(configured)
        self._path = path
        self._added = read_secrets(path)
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
        write_secrets(self._path, added)
        self._added = added
        self._index()
