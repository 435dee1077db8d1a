"""The types of single values: how each is written in a file, a variable or a flag, and what is wrong with it."""

from __future__ import annotations

import ipaddress
import os
import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, SecretStr, StringConstraints, ValidationInfo

from relay.contract.quantities import parse_duration, parse_size

_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+(?:%[A-Za-z0-9._-]+)?")
_ORIGIN = re.compile(r"https?://[^/?#@\s]+", re.IGNORECASE)


def is_loopback(host: str) -> bool:
    """Whether `host`, a name or an address without brackets, can only be this machine."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_loopback_url(url: str) -> bool:
    """Whether `url` leads to this machine and nowhere else."""
    return is_loopback(urlsplit(url).hostname or "")


def canonical_url(text: str) -> str:
    """Return an http or https URL with its case, default port and trailing slash settled; raises `ValueError`."""
    text = text.strip()
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port, parts = "", None, urlsplit("")
    if parts.scheme not in _PORTS or not host or not text.isprintable() or " " in text:
        raise ValueError("should be a URL such as http://127.0.0.1:4747")
    if parts.username is not None or parts.query or parts.fragment:
        raise ValueError("should be a URL without user, query or fragment")
    shown = f"[{host}]" if ":" in host else host
    suffix = "" if port in (None, _PORTS[parts.scheme]) else f":{port}"
    return f"{parts.scheme}://{shown}{suffix}{parts.path.rstrip('/')}"


def _address(value: Any) -> Any:
    return canonical_url(value) if isinstance(value, str) else value


def _host(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    host = value.strip().removeprefix("[").removesuffix("]")
    if not _HOST.fullmatch(host):
        raise ValueError("should be a name or an address to listen on, such as 127.0.0.1")
    return host


def _path(value: Any, info: ValidationInfo) -> Any:
    """Resolve a path against the directory that the validation's context names, else the current one."""
    if not isinstance(value, str | Path):
        return value
    if not str(value).strip() or "\0" in str(value):
        raise ValueError("should name a path")
    base = info.context["base"] if info.context else Path.cwd()
    try:
        path = base / Path(value).expanduser()
    except RuntimeError:
        raise ValueError("names a home directory that does not exist") from None
    # abspath and not resolve: a data directory behind a link is shown as the user wrote it.
    return Path(os.path.abspath(path))  # noqa: PTH100


def _size(value: Any) -> Any:
    return parse_size(value) if isinstance(value, str) else value


def _duration(value: Any) -> Any:
    if isinstance(value, str):
        return parse_duration(value)
    if isinstance(value, timedelta):
        return value
    if type(value) is int and value == 0:
        return timedelta()
    raise ValueError("should be a duration such as 30d, 12h or 1h30m")


def _listed(value: Any) -> Any:
    if isinstance(value, str):
        return [part for part in (part.strip() for part in value.split(",")) if part]
    return value


def _origin(value: Any) -> Any:
    if isinstance(value, str) and not _ORIGIN.fullmatch(value):
        raise ValueError("should be an origin such as https://example.com")
    return value.lower() if isinstance(value, str) else value


def _token(value: Any) -> Any:
    text = value.get_secret_value() if isinstance(value, SecretStr) else value
    if isinstance(text, str) and not re.fullmatch(r"[!-~]+", text.strip()):
        raise ValueError("should be ASCII without spaces")
    return text.strip() if isinstance(text, str) else text


def _filter(value: Any) -> Any:
    """Refuse a filter that does not parse; the language is imported only where there is one."""
    if not isinstance(value, str) or not value.strip():
        return value
    from relay.contract import filter as language

    try:
        language.parse(value)
    except language.FilterError as error:
        raise ValueError(f"does not parse: {error}") from None
    return value


Address = Annotated[str, BeforeValidator(_address)]
Host = Annotated[str, BeforeValidator(_host)]
ResolvedPath = Annotated[Path, BeforeValidator(_path)]
Count = Annotated[int, Field(ge=0, le=2**62)]
Size = Annotated[Count, BeforeValidator(_size)]
Age = Annotated[timedelta, BeforeValidator(_duration)]
Origins = Annotated[list[Annotated[str, BeforeValidator(_origin)]], BeforeValidator(_listed)]
Token = Annotated[SecretStr, BeforeValidator(_token)]
FilterText = Annotated[str, BeforeValidator(_filter)]
VariableName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
EndpointName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,64}$")]
EnvironmentId = Annotated[str, StringConstraints(to_lower=True, pattern=r"^[0-9A-Fa-f-]{36}$")]
