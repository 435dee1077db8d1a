"""The dashboard on a terminal, from the settings to the exit code.

Before the first paint nothing is imported but what paints; the relay is looked for after it.
"""

from __future__ import annotations

import asyncio
import select
import signal
import sys
from difflib import get_close_matches
from functools import partial
from typing import TYPE_CHECKING

from textual.color import Color, ColorParseError
from textual.driver import Driver
from textual.worker import WorkerFailed

from relay.contract.events import EventDetail
from relay.contract.text import plain
from relay.settings import Loaded, Settings, SettingsError, dotted
from tui.app import AppOptions, KnocktopApp
from tui.charset import speaks_utf8
from tui.cli.report import Failure, say
from tui.exitcodes import ExitCode
from tui.keys import KEYS, clashes
from tui.model.clock import Clock
from tui.model.environments import Environment
from tui.model.offsets import with_offsets
from tui.model.source import Source, StartFailed
from tui.state import State

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui.forward.engine import Forwarder
    from tui.forward.plan import News, Plan
    from tui.forward.production import Production
    from tui.launch import Running
    from tui.tunnel.opened import Tunnels

_HANG_UP_S = 2.0


def show(loaded: Loaded, visit: Visit | None = None) -> int:
    """Run the dashboard until it is left, and give the exit code. Raises `Failure`, and what it crashed on."""
    settings = loaded.settings
    visit = Visit(loaded) if visit is None else visit
    _check_keys(loaded)
    _check_colours(loaded)
    if not sys.stderr.isatty():
        raise Failure(
            "standard error is no terminal, and that is where the dashboard draws",
            ExitCode.USAGE,
            "leave it where it is; what goes wrong is in the dashboard log that `knocktop config` names",
        )
    options = AppOptions(
        filter=_filter(settings),
        utc=settings.utc,
        ascii=settings.ascii or (loaded.origins["ascii"].kind == "default" and not speaks_utf8()),
        read_only=settings.read_only,
        directory=settings.files.directory,
        tunnel=settings.tunnel or "",
        forward=settings.forward or "",
        keys=settings.keys,
        filters=settings.filters,
        file=visit.file,
        environments={
            id_: Environment(known.name or f"env {id_[:8]}", known.colour, known.production)
            for id_, known in settings.environments.items()
        },
        secret_of=partial(_secret_of, settings),
        signing_secret=partial(_signing_secret, settings),
    )
    app = _App(visit, options, State.load(settings.files.dashboard))
    try:
        app.run()
    finally:
        visit.close_tunnel()
    if app.crash is not None:
        # The relay stays: whoever comes back finds the events that arrive until then.
        raise app.crash
    if visit.failure is not None:
        raise visit.failure
    code = app.return_code or ExitCode.DONE
    if app.farewell:
        raise Failure(app.farewell, code)
    if code == ExitCode.DONE:
        visit.leave()
    return code


class _App(KnocktopApp):
    """The dashboard in a process of its own: it ends on SIGTERM, and tells of a crash without what was in it."""

    def __init__(self, visit: Visit, options: AppOptions, state: State) -> None:
        super().__init__(visit.connect, options, state=state, tunnels=visit.tunneller, forwards=visit.forward)
        self.title = visit.title

    def get_driver_class(self) -> type[Driver]:
        """Return a driver that gets over the loss of its terminal."""
        found = super().get_driver_class()
        if sys.platform == "win32":
            return found
        from tui.driver import enduring

        return enduring(found)

    @property
    def crash(self) -> BaseException | None:
        """What it crashed on, be it in a worker."""
        return self._exception.error if isinstance(self._exception, WorkerFailed) else self._exception

    def on_mount(self) -> None:
        """Leave the terminal as it was also when told to end, and end when the terminal is gone."""
        if sys.platform != "win32":
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self._end)
            self.set_interval(_HANG_UP_S, self._end_without_terminal)

    def _end(self) -> None:
        self.exit(return_code=ExitCode.INTERRUPTED)

    def _end_without_terminal(self) -> None:
        """End where the terminal closed without a signal, which would leave a viewer that nobody sees."""
        if sys.platform != "win32":
            watch = select.poll()
            watch.register(sys.__stdout__ or 1, 0)
            if any(event & (select.POLLHUP | select.POLLERR) for _, event in watch.poll(0)):
                self._end()

    def _fatal_error(self) -> None:
        # Textual would print every local variable on the way, and a token may be among them.
        self._close_messages_no_wait()


class Visit:
    """One look at a relay: joining it, what kept us from it, and leaving it. The header begins with `title`.

    `file` names what all events are from, where nothing else can arrive.
    """

    title = KnocktopApp.TITLE
    file = ""

    def __init__(self, loaded: Loaded) -> None:
        self._loaded = loaded
        self._running: Running | None = None
        self._tunnels: Tunnels | None = None
        self.failure: Failure | None = None

    async def connect(self) -> Source:
        """Join or start the relay. Raises the screen's `StartFailed`."""
        from tui import launch
        from tui.cli.logfile import log_to
        from tui.source import RelaySource

        log_to(self._loaded.settings.files.tui_log)
        try:
            self._running = await self.join()
        except launch.StartFailed as error:
            self.failure = Failure(str(error), error.code, error.hint, error.details)
            raise StartFailed(error.code, str(error)) from None
        settings = self._loaded.settings
        return RelaySource(
            self._running.url, self._running.token, filter_text=_filter(settings), public_url=settings.public_url
        )

    def tunneller(self) -> Tunnels | None:
        """Give who opens tunnels to the relay; None before it was joined."""
        if self._tunnels is None and self._running is not None:
            from tui.tunnel.opened import Tunnels

            self._tunnels = Tunnels(self._running, self._loaded.settings)
        return self._tunnels

    def forward(self, plan: Plan, tell: Callable[[News], None], production: Production) -> Forwarder | None:
        """Give what forwards from the relay; None before it was joined."""
        if self._running is None:
            return None
        from tui.forward.engine import Forwarder

        return Forwarder(
            self._running.url,
            self._running.token,
            plan,
            tell=tell,
            secret_of=partial(_secret_of, self._loaded.settings),
            holds=lambda event: bool(production.lacking([event.environment_id])),
        )

    def close_tunnel(self) -> None:
        """End the tunnel, if there is one."""
        if self._tunnels is not None:
            self._tunnels.close()

    async def join(self) -> Running:
        """Find the relay. Raises the launch's `StartFailed`."""
        from tui import launch

        return await launch.join_or_start(self._loaded)

    def leave(self) -> None:
        """Stop the relay if it is ours to stop; if it stays, say so."""
        if self._running is None:
            return
        from tui.halt import leave

        if line := asyncio.run(leave(self._running)):
            say(line)


def _secret_of(settings: Settings, event: EventDetail) -> str | None:
    """Give the developer's own secret for an event; None where none can be had."""
    from tui.credentials import secret_of_event
    from tui.forward.resend import signed_with

    try:
        return secret_of_event(settings, event.endpoint, signed_with(event))
    except SettingsError:
        # It could be had when the dashboard was started: what does not need it goes on without.
        return None


def _signing_secret(settings: Settings, url: str) -> str | None:
    """Give the secret to sign with for an address that takes events; None where none can be had."""
    from tui.credentials import signing_secret

    try:
        return signing_secret(settings, url)
    except SettingsError:
        return None


def _filter(settings: Settings) -> str:
    """Give the filter to begin with; its times are those of the screen."""
    return with_offsets(settings.filter, Clock(utc=settings.utc).zone)


def _check_keys(loaded: Loaded) -> None:
    """Refuse a key for an action that does not exist, or one with another meaning, where it was written."""
    changed = loaded.settings.keys
    known = [key.name for key in KEYS]
    for name in changed:
        if name not in known:
            origin = loaded.origins[dotted(("keys", name))]
            close = get_close_matches(name, known, n=1)
            raise SettingsError(
                f"`{dotted(('keys', name))}`: there is no action {plain(name)}",
                origin.file,
                origin.line,
                f"did you mean `{close[0]}`?"
                if close
                else "`?` in the dashboard shows the actions and their keys",
            )
    for problem in clashes(changed):
        name = next(name for name in changed if name in problem.split())
        origin = loaded.origins[dotted(("keys", name))]
        raise SettingsError(
            f"`{dotted(('keys', name))}`: {problem}",
            origin.file,
            origin.line,
            "give one of them another key; `?` in the dashboard shows them all",
        )


def _check_colours(loaded: Loaded) -> None:
    """Refuse a colour of an environment that is none, where it was written."""
    for id_, environment in loaded.settings.environments.items():
        try:
            Color.parse(environment.colour or "red")
        except ColorParseError:
            name = dotted(("environments", id_, "colour"))
            origin = loaded.origins[name]
            raise SettingsError(
                f"`{name}` should be a colour such as red or #c0392b, not '{plain(environment.colour or '', 60)}'",
                origin.file,
                origin.line,
            ) from None
