"""Which viewer token goes to which relay."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from relay.contract.signature import Secret
from relay.settings import Loaded, Settings, SettingsError, is_loopback_url, signing_secrets


@dataclass(frozen=True, slots=True)
class ViewerToken:
    """A token, `value` None where there is none, and the `source` that it comes from or should come from."""

    value: str | None
    source: str

    def __repr__(self) -> str:
        return f"ViewerToken({'set' if self.value else 'not set'}, {self.source!r})"


def viewer_token(loaded: Loaded, url: str, environ: Mapping[str, str] | None = None) -> ViewerToken:
    """Return the token for the relay at `url`, which is as the settings write it.

    The token of the data directory goes to loopback addresses only. The one in KNOCKTOP_TOKEN does not go to an
    address that came with a cloned repository: its project file could name anybody's.
    """
    environ = os.environ if environ is None else environ
    settings = loaded.settings
    loopback = is_loopback_url(url)
    named_by_project = loaded.origins["relay_url"].kind == "project file" and settings.relay_url == url
    if settings.token is not None and (loopback or not named_by_project):
        return ViewerToken(settings.token.get_secret_value(), "KNOCKTOP_TOKEN")
    if access := settings.relays.get(url):
        if access.token_env is not None:
            return ViewerToken(environ.get(access.token_env, "").strip() or None, access.token_env)
        if access.token_file is not None:
            return _in_file(access.token_file)
    if loopback:
        return _in_file(settings.files.token)
    return ViewerToken(None, f'[relays."{url}"] in {loaded.user_file}')


def _in_file(path: Path) -> ViewerToken:
    try:
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        text = ""
    # A header takes no more than this; anything else is no token of ours.
    usable = text.isascii() and text.isprintable() and " " not in text
    return ViewerToken(text if text and usable else None, str(path))


def signing_secret(settings: Settings, url: str, environ: Mapping[str, str] | None = None) -> str | None:
    """Return the secret to sign with for the ingest address `url`, or None where none is set.

    An endpoint's own secret goes before the ones for any path; secrets that were added to the relay of this data
    directory count as well. Raises `SettingsError`.
    """
    endpoint = urlsplit(url).path.rstrip("/").partition("/webhooks/knock/")[2] or None
    return next(iter(_secrets_for(settings, endpoint, environ)), None)


def secret_of_event(
    settings: Settings, endpoint: str | None, ids: Collection[str] = (), environ: Mapping[str, str] | None = None
) -> str | None:
    """Return the secret to sign an event with that came to `endpoint`, or None where none is set here.

    The one that its deliveries were signed with, by the `ids` of these, goes before others: several may be set
    while one replaces another, and the event's own is what its handler checks with. Raises `SettingsError`.
    """
    known = _secrets_for(settings, endpoint, environ)
    own = (value for value in known if Secret(value).id in ids)
    return next(own, next(iter(known), None))


def _secrets_for(settings: Settings, endpoint: str | None, environ: Mapping[str, str] | None) -> list[str]:
    """Return the secrets for an endpoint, its own before the ones for any path."""
    known = [(each.value.get_secret_value(), each.endpoint) for each in signing_secrets(settings, environ)]
    known += [(secret.value, secret.endpoint) for secret in added_secrets(settings.files.secrets)]
    owners = dict.fromkeys((endpoint, None))
    return [value for wanted in owners for value, owner in known if owner == wanted]


def added_secrets(path: Path) -> list[Secret]:
    """Return the secrets that were added to the relay of a data directory. Raises `SettingsError`."""
    from relay.settings.secretsfile import SecretsFileError, read_secrets

    try:
        return read_secrets(path)
    except SecretsFileError as error:
        raise SettingsError(error.why, path) from None
