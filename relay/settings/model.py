"""The settings themselves, of the relay and of everything a person runs."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal, Self

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from relay.settings.files import DataFiles
from relay.settings.values import (
    Address,
    Age,
    Count,
    EndpointName,
    EnvironmentId,
    FilterText,
    Host,
    Origins,
    ResolvedPath,
    Size,
    Token,
    VariableName,
)


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Endpoint(_Table):
    """A label of an ingest path with a signing secret of its own."""

    secret_env: VariableName | None = None
    secret_file: ResolvedPath | None = None

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if (self.secret_env is None) == (self.secret_file is None):
            raise ValueError("should name either secret_env or secret_file")
        return self


class Environment(_Table):
    """How a Knock environment is shown."""

    name: str | None = None
    colour: str | None = None
    production: bool = False


class RelayAccess(_Table):
    """Where the viewer token of a relay elsewhere is found."""

    token_env: VariableName | None = None
    token_file: ResolvedPath | None = None

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if (self.token_env is None) == (self.token_file is None):
            raise ValueError("should name either token_env or token_file")
        return self


class Settings(_Table):
    """Every setting; sizes are bytes, and a retention of 0 lifts that limit."""

    host: Host = "127.0.0.1"
    port: int = Field(default=4747, ge=0, le=65535)
    data_dir: ResolvedPath = Field(default_factory=lambda: platformdirs.user_data_path("knocktop"))
    log: Literal["sqlite"] = "sqlite"
    verify: Literal["quarantine", "reject", "off"] = "quarantine"
    retention_events: Count = 1_000_000
    retention_age: Age = timedelta(days=30)
    retention_size: Size = 2 * 1024**3
    allow_origin: Origins = []
    public_url: Address | None = None
    token: Token | None = None
    signing_secret: SecretStr | None = None
    signing_secret_file: ResolvedPath | None = None
    endpoints: dict[EndpointName, Endpoint] = {}
    relay_url: Address | None = None
    relays: dict[Address, RelayAccess] = {}
    filter: FilterText = ""
    filters: dict[str, FilterText] = {}
    utc: bool = False
    ascii: bool = False
    read_only: bool = False
    environments: dict[EnvironmentId, Environment] = {}
    keys: dict[str, str] = {}
    idle_exit: Age | None = None
    started_by: Literal["dashboard"] | None = None

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
