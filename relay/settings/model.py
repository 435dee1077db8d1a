"""The settings themselves, of the relay and of everything a person runs; each with how it is read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

import platformdirs

from relay.settings import values
from relay.settings.files import DataFiles
from relay.settings.hidden import SecretStr
from relay.settings.values import Reader


@dataclass(frozen=True, slots=True)
class TableReader:
    """How a table of named entries is read: the names, and the entries, which are values or records of values."""

    name: Reader[str]
    entry: Reader[Any] | Mapping[str, Reader[Any]]
    record: Callable[..., Any] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Endpoint:
    """A label of an ingest path with a signing secret of its own: a variable or a file that holds it."""

    secret_env: str | None = None
    secret_file: Path | None = None

    def __post_init__(self) -> None:
        if (self.secret_env is None) == (self.secret_file is None):
            raise values.Unusable("should name either secret_env or secret_file")


@dataclass(frozen=True, kw_only=True, slots=True)
class Environment:
    """How a Knock environment is shown."""

    name: str | None = None
    colour: str | None = None
    production: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class RelayAccess:
    """Where the viewer token of a relay elsewhere is found: a variable or a file that holds it."""

    token_env: str | None = None
    token_file: Path | None = None

    def __post_init__(self) -> None:
        if (self.token_env is None) == (self.token_file is None):
            raise values.Unusable("should name either token_env or token_file")


_ENDPOINTS = TableReader(values.endpoint, {"secret_env": values.variable, "secret_file": values.path}, Endpoint)
_RELAYS = TableReader(values.url, {"token_env": values.variable, "token_file": values.path}, RelayAccess)
_ENVIRONMENTS = TableReader(
    values.uuid, {"name": values.line, "colour": values.line, "production": values.switch}, Environment
)
_VERIFY = values.choice("quarantine", "reject", "off")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Every setting; sizes are bytes, and a retention of 0 lifts that limit."""

    host: Annotated[str, values.host] = "127.0.0.1"
    port: Annotated[int, values.whole(0, 65_535)] = 4747
    data_dir: Annotated[Path, values.path] = field(default_factory=lambda: platformdirs.user_data_path("knocktop"))
    log: Annotated[Literal["sqlite"], values.choice("sqlite")] = "sqlite"
    verify: Annotated[Literal["quarantine", "reject", "off"], _VERIFY] = "quarantine"
    retention_events: Annotated[int, values.whole(0)] = 1_000_000
    retention_age: Annotated[timedelta, values.age] = timedelta(days=30)
    retention_size: Annotated[int, values.size] = 2 * 1024**3
    stall_after: Annotated[timedelta, values.age] = timedelta(minutes=10)
    allow_origin: Annotated[list[str], values.origins] = field(default_factory=list)
    public_url: Annotated[str | None, values.url] = None
    token: Annotated[SecretStr | None, values.token] = None
    signing_secret: Annotated[SecretStr | None, values.secret] = None
    signing_secret_file: Annotated[Path | None, values.path] = None
    endpoints: Annotated[dict[str, Endpoint], _ENDPOINTS] = field(default_factory=dict)
    relay_url: Annotated[str | None, values.url] = None
    relays: Annotated[dict[str, RelayAccess], _RELAYS] = field(default_factory=dict)
    filter: Annotated[str, values.filter_text] = ""
    filters: Annotated[dict[str, str], TableReader(values.line, values.filter_text)] = field(default_factory=dict)
    utc: Annotated[bool, values.switch] = False
    ascii: Annotated[bool, values.switch] = False
    read_only: Annotated[bool, values.switch] = False
    tunnel: Annotated[str | None, values.command] = None
    forward: Annotated[str | None, values.target] = None
    environments: Annotated[dict[str, Environment], _ENVIRONMENTS] = field(default_factory=dict)
    keys: Annotated[dict[str, str], TableReader(values.line, values.line)] = field(default_factory=dict)
    shortcut: Annotated[bool, values.switch] = True
    idle_exit: Annotated[timedelta | None, values.age] = None
    started_by: Annotated[Literal["dashboard"] | None, values.choice("dashboard")] = None

    @property
    def files(self) -> DataFiles:
        """The files of the data directory."""
        return DataFiles(self.data_dir)

    @property
    def address(self) -> str:
        """The URL at which clients find the relay: `relay_url`, else the one of `host` and `port`."""
        if self.relay_url is not None:
            return self.relay_url
        # A relay that listens everywhere is reached from here through the loopback.
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104 - compared, not bound
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"


READERS: Mapping[str, Reader[Any] | TableReader] = {
    name: annotated.__metadata__[0] for name, annotated in Settings.__annotations__.items()
}
"""How each setting is read, in the order in which they are declared."""
