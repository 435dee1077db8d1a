"""The signing secrets that the settings name, read when they are needed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from relay.settings.errors import SettingsError
from relay.settings.hidden import SecretStr
from relay.settings.model import Settings


class SigningSecret(NamedTuple):
    """One secret that the settings name; `endpoint` None means any ingest path without secrets of its own."""

    value: SecretStr
    endpoint: str | None


def signing_secrets(settings: Settings, environ: Mapping[str, str] | None = None) -> list[SigningSecret]:
    """Read every signing secret that the settings name; raises `SettingsError` where one cannot be had."""
    environ = os.environ if environ is None else environ
    found: list[SigningSecret] = []
    if settings.signing_secret is not None:
        found += _split(settings.signing_secret.get_secret_value(), None)
    if settings.signing_secret_file is not None:
        found += _split(read_secret_file(settings.signing_secret_file), None)
    for name, endpoint in settings.endpoints.items():
        if endpoint.secret_file is not None:
            found += _split(read_secret_file(endpoint.secret_file), name)
        else:
            variable = endpoint.secret_env or ""
            value = _split(environ.get(variable, ""), name)
            if not value:
                # An endpoint that lost its secret would take anything: better not to start.
                raise SettingsError(
                    f"endpoint {name} takes its secret from {variable}, which is not set", hint=f"set {variable}"
                )
            found += value
    return found


def read_secret_file(path: Path) -> str:
    """Return the secrets in `path`, commas and lines between them; raises `SettingsError` if there is none."""
    try:
        text = ",".join(path.read_text(encoding="utf-8").split())
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise SettingsError(f"cannot read the secret: {why}", path) from None
    if not text.strip(","):
        raise SettingsError("holds no secret", path)
    return text


def _split(text: str, endpoint: str | None) -> list[SigningSecret]:
    parts = (part.strip() for part in text.split(","))
    return [SigningSecret(SecretStr(part), endpoint) for part in parts if part]
