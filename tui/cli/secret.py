"""`knocktop secret`: add, list and remove signing secrets, at a running relay or in the data directory."""

from __future__ import annotations

import asyncio
import sys
import time
import warnings
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from getpass import GetPassWarning, getpass
from typing import BinaryIO, NamedTuple, Protocol, TextIO, TypeVar

import msgspec
from filelock import FileLock, Timeout

from relay.contract.api import SECRET_LIMIT, SecretInfo, is_endpoint, is_secret
from relay.contract.signature import Secret
from relay.contract.text import plain
from relay.settings import DataFiles, Loaded, is_loopback_url, signing_secrets
from relay.settings.secretsfile import SecretsFileError, read_secrets, write_secrets
from tui.cli.explain import RelayTrouble, explain
from tui.cli.report import Failure, hint, say
from tui.client import ApiProblem, RelayClient
from tui.credentials import viewer_token
from tui.exitcodes import ExitCode
from tui.mistaken import mistaken_for
from tui.probe import Foreign, client
from tui.whereabouts import Present, may_start, whereabouts

T = TypeVar("T")

PATIENCE_S = 5.0
"""How long a relay that has just got hold of the data directory may take to answer."""

_PAUSE_S = 0.05
_EVERYWHERE = "all endpoints"
_NEVER_AN_ARGUMENT = "every process of this machine sees arguments, and the shell keeps them"


class Added(NamedTuple):
    """A secret that is in force by now: its id, and how many requests left quarantine; None if nobody looked."""

    id: str
    admitted: int | None


class Keeper(Protocol):
    """Whoever keeps the secrets; `name` says who in a sentence."""

    @property
    def name(self) -> str: ...

    async def add(self, value: str, endpoint: str | None) -> Added:
        """Keep one more, or again what is there already."""

    async def all(self) -> list[SecretInfo]:
        """Every secret in force."""

    async def remove(self, id_: str) -> None:
        """Forget one that was added. Raises `Failure`."""


def add(loaded: Loaded, endpoint: str | None, *, words: list[str], stdin: TextIO | None = None) -> int:
    """Take a secret from a prompt or from stdin and add it; the id goes to stdout."""
    if words:
        # What was typed is not repeated: it may be one.
        raise Failure(
            f"a secret is never an argument: {_NEVER_AN_ARGUMENT}",
            ExitCode.USAGE,
            "run `knocktop secret add` and paste it, or pipe it: `knocktop secret add < FILE`",
        )
    if endpoint is not None and not is_endpoint(endpoint):
        raise Failure("--endpoint should be 1 to 64 small letters, digits and hyphens", ExitCode.USAGE)
    value = _asked(sys.stdin if stdin is None else stdin)

    async def body(keeper: Keeper) -> tuple[Added, str]:
        return await keeper.add(value, endpoint), keeper.name

    added, name = _with_keeper(loaded, body)
    sys.stdout.write(f"{added.id}\n")
    whose = "" if endpoint is None else f" for endpoint {endpoint}"
    if added.admitted is None:
        say(f"kept in {name}{whose}: the next relay on it admits the quarantined requests that it fits")
    else:
        say(f"added to {name}{whose}: {_requests(added.admitted)}")
    if what := mistaken_for(value):
        hint(
            f"that looks like {what}; the signing secret is on the webhook's page in Knock,"
            f" and `knocktop secret remove {added.id}` takes this one back"
        )
    return ExitCode.DONE


def list_(loaded: Loaded, *, as_json: bool = False) -> int:
    """Write every secret in force to stdout: its id, its endpoint and where it is from; never the secret."""

    async def body(keeper: Keeper) -> tuple[list[SecretInfo], str]:
        return await keeper.all(), keeper.name

    found, name = _with_keeper(loaded, body)
    if as_json:
        sys.stdout.writelines(msgspec.json.encode(one).decode() + "\n" for one in found)
        return ExitCode.DONE
    width = max((len(one.endpoint or _EVERYWHERE) for one in found), default=0)
    for one in found:
        sys.stdout.write(f"{one.id}  {plain(one.endpoint or _EVERYWHERE):<{width}}  {_origin(one)}\n")
    if not found:
        say(f"{name} has no signing secret, so anyone can post events")
        hint("copy it from the webhook's page in Knock and run `knocktop secret add`")
    return ExitCode.DONE


def remove(loaded: Loaded, id_: str) -> int:
    """Forget a secret that was added."""

    async def body(keeper: Keeper) -> str:
        await keeper.remove(id_)
        return keeper.name

    say(f"removed {id_} from {_with_keeper(loaded, body)}")
    return ExitCode.DONE


def _origin(info: SecretInfo) -> str:
    return "added" if info.added else "from the settings"


def _requests(count: int) -> str:
    if count == 0:
        return "nothing in quarantine waited for it"
    return "1 quarantined request was admitted" if count == 1 else f"{count} quarantined requests were admitted"


def _asked(stdin: TextIO) -> str:
    """Read one secret, without an echo where somebody types. Raises `Failure`."""
    value = _typed() if stdin.isatty() else _piped(stdin.buffer)
    if not is_secret(value):
        # What came is not repeated: it may be most of one.
        raise Failure(
            f"that is no signing secret: it should be one line of 1 to {SECRET_LIMIT:,} printable characters",
            ExitCode.USAGE,
            "copy it from the webhook's page in Knock",
        )
    return value


def _typed() -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("error", GetPassWarning)
        try:
            return getpass("Signing secret (it does not show): ").strip()
        except GetPassWarning:
            raise Failure(
                "this terminal would show the secret", ExitCode.USAGE, "pipe it: `knocktop secret add < FILE`"
            ) from None
        except EOFError:
            return ""


def _piped(stdin: BinaryIO) -> str:
    return stdin.read(8 * SECRET_LIMIT).decode("utf-8", "replace").strip()


def _with_keeper(loaded: Loaded, body: Callable[[Keeper], Awaitable[T]]) -> T:
    try:
        return asyncio.run(_kept(loaded, body))
    except RelayTrouble as error:
        raise explain(error) from None
    except SecretsFileError as error:
        raise Failure(f"{loaded.settings.files.secrets} {error.why}") from None
    except OSError as error:
        raise Failure(f"the secrets cannot be written: {error.strerror}: {error.filename}") from None


async def _kept(loaded: Loaded, body: Callable[[Keeper], Awaitable[T]]) -> T:
    """Run `body` with the running relay, or else with the file, held against a relay that starts meanwhile."""
    settings = loaded.settings
    deadline = time.monotonic() + PATIENCE_S
    async with client() as http:
        while True:
            found = await whereabouts(http, settings)
            if isinstance(found, Present):
                return await _at_relay(loaded, found.url, body)
            if not may_start(settings):
                raise _nobody(settings.address, found.what if isinstance(found, Foreign) else found.why)
            try:
                with _held(settings.files):
                    return await body(_File(loaded))
            except Timeout:
                if time.monotonic() >= deadline:
                    raise Failure(
                        f"another relay has the data directory {settings.data_dir}, and does not answer",
                        ExitCode.DATA_DIR_IN_USE,
                        "stop it with `knocktop relay --stop`",
                    ) from None
            await asyncio.sleep(_PAUSE_S)


def _nobody(url: str, why: str) -> Failure:
    return Failure(f"there is no relay at {url}: {why}", ExitCode.UNREACHABLE, "name one with --relay URL")


async def _at_relay(loaded: Loaded, url: str, body: Callable[[Keeper], Awaitable[T]]) -> T:
    if url.startswith("http://") and not is_loopback_url(url):
        hint(f"what is sent to {url} can be read on the way: give the relay an https address")
    token = viewer_token(loaded, url)
    if token.value is None:
        # A project file may name anybody's relay: what we have no token for gets no secret either.
        raise Failure(
            f"there is no token for the relay at {url}",
            ExitCode.TOKEN_REFUSED,
            f"set KNOCKTOP_TOKEN, or name it under {token.source}",
        )
    async with RelayClient(url, token.value) as relay:
        return await body(_Relay(relay))


@contextmanager
def _held(files: DataFiles) -> Iterator[None]:
    """Hold the data directory as a relay does. Raises `Timeout` where one has it, and `OSError`."""
    files.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    with FileLock(files.lock, timeout=0, mode=0o600):
        yield


class _Relay:
    """A running relay keeps them, and checks with them at once."""

    def __init__(self, relay: RelayClient) -> None:
        self._relay = relay

    @property
    def name(self) -> str:
        return f"the relay at {self._relay.url}"

    async def add(self, value: str, endpoint: str | None) -> Added:
        found = await self._relay.add_secret(value, endpoint)
        return Added(found.id, found.admitted)

    async def all(self) -> list[SecretInfo]:
        return await self._relay.secrets()

    async def remove(self, id_: str) -> None:
        try:
            await self._relay.remove_secret(id_)
        except ApiProblem as error:
            if error.status not in (404, 409):
                raise
            raise _not_removed(id_, configured=error.status == 409) from None


class _File:
    """No relay runs: they are in the data directory, for the next one."""

    def __init__(self, loaded: Loaded) -> None:
        self._path = loaded.settings.files.secrets
        self._configured = [
            Secret(each.value.get_secret_value(), each.endpoint) for each in signing_secrets(loaded.settings)
        ]

    @property
    def name(self) -> str:
        return str(self._path)

    async def add(self, value: str, endpoint: str | None) -> Added:
        secret = Secret(value, endpoint)
        kept = read_secrets(self._path)
        if secret not in kept and secret not in self._configured:
            write_secrets(self._path, [*kept, secret])
        return Added(secret.id, None)

    async def all(self) -> list[SecretInfo]:
        infos = dict.fromkeys(read_secrets(self._path), True) | dict.fromkeys(self._configured, False)
        return [SecretInfo(id=secret.id, endpoint=secret.endpoint, added=added) for secret, added in infos.items()]

    async def remove(self, id_: str) -> None:
        kept = read_secrets(self._path)
        left = [secret for secret in kept if secret.id != id_]
        if len(left) == len(kept):
            raise _not_removed(id_, configured=any(secret.id == id_ for secret in self._configured))
        write_secrets(self._path, left)


def _not_removed(id_: str, *, configured: bool) -> Failure:
    if configured:
        return Failure(
            f"secret {id_} comes from the settings",
            ExitCode.USAGE,
            "remove it there; `knocktop config` says where it is set",
        )
    return Failure(f"no secret has the id {id_}", ExitCode.USAGE, "`knocktop secret list` shows them")
