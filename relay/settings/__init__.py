"""One settings model for the relay and for everything a person runs: flags, environment, files, defaults."""

from relay.settings.errors import SettingsError
from relay.settings.files import DataFiles
from relay.settings.hidden import SecretStr
from relay.settings.model import Endpoint, Environment, RelayAccess, Settings
from relay.settings.secrets import SigningSecret, signing_secrets
from relay.settings.sources import Loaded, Origin, dotted, load
from relay.settings.values import is_loopback, is_loopback_url

__all__ = [
    "DataFiles",
    "Endpoint",
    "Environment",
    "Loaded",
    "Origin",
    "RelayAccess",
    "SecretStr",
    "Settings",
    "SettingsError",
    "SigningSecret",
    "dotted",
    "is_loopback",
    "is_loopback_url",
    "load",
    "signing_secrets",
]
