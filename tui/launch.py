"""Join the relay at the configured address, or start one that outlives this process."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import urlsplit

import httpx

from relay.contract.api import Health
from relay.contract.text import plain
from relay.settings import Loaded
from tui.credentials import ViewerToken, viewer_token
from tui.exitcodes import ExitCode
from tui.logend import LogEnd
from tui.probe import Foreign, Silence, client, is_ready, probe
from tui.spawn import Detached, spawn
from tui.whereabouts import elsewhere, may_start

PATIENCE_S = 15.0
"""How long a relay may take to be ready."""

_PAUSE_S = 0.05
_AGAIN_S = 1.0
_UNSURE_S = 0.5
_LOSERS = (ExitCode.ADDRESS_IN_USE, ExitCode.DATA_DIR_IN_USE)


class StartFailed(Exception):
    """There is no relay to look at: why in one line, the exit code, a `hint`, and what the relay said last."""

    def __init__(self, message: str, code: int, hint: str | None = None, details: Sequence[str] = ()) -> None:
        super().__init__(plain(message))
        self.code = code
        self.hint = hint
        self.details = tuple(plain(line) for line in details)


@dataclass(frozen=True, slots=True)
class Running:
    """The relay to look at. `health` is None where nothing has answered yet; `started` if we started it."""

    url: str
    token: str = field(repr=False)
    started: bool = False
    health: Health | None = None
    process: Detached | None = field(default=None, repr=False)


async def join_or_start(
    loaded: Loaded, *, environ: Mapping[str, str] | None = None, patience_s: float = PATIENCE_S
) -> Running:
    """Return the relay at the configured address, and start one first if nothing is there and it is loopback.

    An address elsewhere is returned also while nothing answers there: the feed goes on trying and says why. Raises
    `StartFailed`: 18 if something else is there, 10 if the token is missing or refused, 19 if another relay has
    the data directory, 1 if the relay does not get ready.
    """
    async with client(loaded.settings.address) as http:
        return await _Search(loaded, os.environ if environ is None else environ, http, patience_s).run()


class _Search:
    """One search for a relay, and what was tried so far."""

    def __init__(
        self, loaded: Loaded, environ: Mapping[str, str], http: httpx.AsyncClient, patience_s: float
    ) -> None:
        self._loaded = loaded
        self._settings = loaded.settings
        self._environ = environ
        self._http = http
        self._url = loaded.settings.address
        self._deadline = time.monotonic() + patience_s
        self._patience_s = patience_s
        self._unsure_since: float | None = None
        self._child: Detached | None = None
        self._spawned = 0.0
        self._log = LogEnd(loaded.settings.files.relay_log)

    async def run(self) -> Running:
        while True:
            answer = await probe(self._http, self._url)
            if isinstance(answer, Health) and (not self._may_start or await is_ready(self._http, self._url)):
                return await self._joined(self._url, answer)
            if isinstance(answer, Foreign):
                self._consider(answer)
            else:
                self._unsure_since = None
            if isinstance(answer, Silence):
                if not self._may_start:
                    return self._waiting(answer)
                if found := await self._elsewhere():
                    return found
                self._start()
            self._check_patience()
            await asyncio.sleep(_PAUSE_S)

    @property
    def _may_start(self) -> bool:
        return may_start(self._settings)

    def _waiting(self, answer: Silence) -> Running:
        """Return an address at which nothing answers yet, and nothing is started."""
        source = self._source(self._url)
        if source.value is None and source.source == str(self._settings.files.token):
            raise StartFailed(
                f"nothing is at {self._url}, and only a relay on loopback is started by itself: {answer.why}",
                ExitCode.UNREACHABLE,
                "start it with: knocktop relay",
            )
        return Running(self._url, self._token(self._url))

    def _consider(self, answer: Foreign) -> None:
        """Give up on an address that something else has, as soon as that is sure."""
        now = time.monotonic()
        self._unsure_since = self._unsure_since or now
        if answer.sure or now - self._unsure_since >= _UNSURE_S:
            raise StartFailed(
                f"what is at {self._url} {answer.what}",
                ExitCode.ADDRESS_IN_USE,
                "stop it, or choose another address: set `port` in knocktop.toml, or KNOCKTOP_PORT",
            )

    async def _elsewhere(self) -> Running | None:
        """Return the relay of this data directory, where it is at another address than the configured one."""
        found = await elsewhere(self._http, self._settings)
        if found is None:
            return None
        if self._settings.relay_url is None:
            return await self._joined(found.url, found.health)
        raise StartFailed(
            f"nothing is at {self._url}, and the relay of {self._settings.data_dir} is at {found.url}",
            ExitCode.DATA_DIR_IN_USE,
            f"join that one with --relay {found.url}, or start another with its own --data-dir",
        )

    def _start(self) -> None:
        """Start a relay, unless ours is about to be ready, or has just left lock or port to another."""
        now = time.monotonic()
        code = None if self._child is None else self._child.poll()
        if self._child is not None and code is None:
            return
        if code is not None and code not in _LOSERS:
            raise self._died(code)
        if code is not None and now - self._spawned < _AGAIN_S:
            return
        parts = urlsplit(self._url)
        self._log.mark()
        try:
            port = 80 if parts.port is None else parts.port
            self._child = spawn(self._settings, parts.hostname or "", port, self._environ)
        except OSError as error:
            raise StartFailed(
                f"the relay cannot be started: {error.strerror or error}: {error.filename}", ExitCode.FAILED
            ) from None
        self._spawned = now

    def _died(self, code: int) -> StartFailed:
        ending = f"exit code {code}" if code >= 0 else f"signal {-code}"
        return StartFailed(
            f"the relay ended before it was ready, with {ending}",
            ExitCode.FAILED,
            f"what it said is in {self._settings.files.relay_log}",
            self._log.lines(),
        )

    def _check_patience(self) -> None:
        if time.monotonic() < self._deadline:
            return
        code = None if self._child is None else self._child.poll()
        who = f" (pid {self._child.pid})" if self._child is not None and code is None else ""
        raise StartFailed(
            f"no relay was ready at {self._url} after {self._patience_s:g} s{who}",
            ExitCode.FAILED if code is None else code,
            f"what it says is in {self._settings.files.relay_log}",
            self._log.lines(),
        )

    async def _joined(self, url: str, health: Health) -> Running:
        token = self._token(url)
        try:
            answer = await self._http.head(f"{url}/v1/stats", headers={"authorization": f"Bearer {token}"})
        except httpx.HTTPError:
            # It answered a moment ago; the feed will find out what became of it.
            pass
        else:
            if answer.status_code == HTTPStatus.UNAUTHORIZED:
                raise self._refused(url)
        started = self._child is not None and self._child.pid == health.pid
        return Running(url, token, started, health, self._child if started else None)

    def _token(self, url: str) -> str:
        token = self._source(url)
        if token.value is not None:
            return token.value
        if token.source == str(self._settings.files.token):
            raise self._refused(url)
        raise StartFailed(
            f"there is no token for the relay at {url}",
            ExitCode.TOKEN_REFUSED,
            f"set KNOCKTOP_TOKEN, or name it under {token.source}",
        )

    def _source(self, url: str) -> ViewerToken:
        return viewer_token(self._loaded, url, self._environ)

    def _refused(self, url: str) -> StartFailed:
        source = self._source(url).source
        if source != str(self._settings.files.token):
            return StartFailed(
                f"the relay at {url} refuses the token of {source}",
                ExitCode.TOKEN_REFUSED,
                "take the token from the `token` file in the data directory of that relay",
            )
        return StartFailed(
            f"the relay at {url} refuses the token of {self._settings.data_dir}: it has another data directory",
            ExitCode.TOKEN_REFUSED,
            "name the data directory of that relay with --data-dir, or stop it, or choose another port",
        )
