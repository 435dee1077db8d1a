"""`knocktop forward`: deliver events to a local app as they come, and say what it answered."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import BinaryIO, TextIO

from relay.contract.api import Group
from relay.contract.events import EventDetail
from relay.contract.text import plain
from relay.settings import Loaded, Settings, SettingsError, signing_secrets
from tui.cli.audience import while_anyone_reads
from tui.cli.explain import RelayTrouble, explain
from tui.cli.forwardline import Lines, Ndjson, Write
from tui.cli.narration import LinkStory, Narrator
from tui.cli.production import ask, production
from tui.cli.report import Failure
from tui.cli.sending import sign_of, timeout_of
from tui.client import RelayClient
from tui.credentials import added_secrets, secret_of_event, viewer_token
from tui.exitcodes import ExitCode
from tui.feed import AlreadyForwarded, Gap, Link, NewLog
from tui.forward.engine import Forwarder
from tui.forward.outcome import outcome
from tui.forward.plan import (
    BacklogRefused,
    Begun,
    LeftOut,
    News,
    PassedOver,
    Plan,
    Sent,
    TargetUnreachable,
    Trouble,
    Unfinished,
    Waiting,
    Why,
)
from tui.forward.production import Production
from tui.forward.request import Sign
from tui.forward.resend import signed_with
from tui.forward.target import NoTarget, shown, target
from tui.model.clock import Clock
from tui.model.offsets import with_offsets
from tui.since import parse_since

MOST_AT_ONCE = 256
MOST_RETRIES = 100
_ENVIRONMENTS = 500

_SET_ONE = "set KNOCKTOP_SIGNING_SECRET, or run `knocktop secret add`"
_ONCE = {
    Why.UNVERIFIED: ("is unverified, and events like it are not forwarded", "--unverified forwards them as well"),
    Why.IMPORTED: ("was imported, and events like it are not forwarded", "knocktop resend sends one"),
    Why.UNSIGNED: ("is not forwarded, since there is no secret here to sign it with", _SET_ONE),
}


async def forward(
    url: str,
    token: str | None,
    plan: Plan,
    *,
    marked: Production,
    secret_of: Callable[[EventDetail], str | None],
    out: BinaryIO,
    err: TextIO,
    utc: bool = False,
    is_tty: bool,
    encoding: str = "utf-8",
    stdin: TextIO | None = None,
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
) -> int:
    """Forward until SIGINT or SIGTERM, and give the exit code.

    Writes a line an event to `out`, NDJSON where that is no terminal, and everything else to `err`. Raises
    `Failure`, and `BrokenPipeError` when the reader of `out` has left.
    """
    colour = is_tty and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    write: Write = Lines(out, encoding, utc=utc, colour=colour) if is_tty else Ndjson(out)
    told = _Told(plan, url, write, Narrator(err), marked)
    try:
        if marked.names:
            await _ask(url, token, plan, marked, stdin)
        forwarder = Forwarder(
            url,
            token,
            plan,
            tell=told,
            secret_of=secret_of,
            holds=lambda event: bool(marked.lacking([event.environment_id])),
            sleep=sleep,
        )
        with _signals(forwarder.stop):
            async with while_anyone_reads(out):
                await forwarder.run()
    except BacklogRefused as error:
        raise Failure(
            str(error),
            ExitCode.BACKLOG_REFUSED,
            f"say --backlog {error.count} to forward them, or --since now to leave them out",
        ) from None
    except AlreadyForwarded as error:
        raise Failure(
            str(error),
            ExitCode.ADDRESS_IN_USE,
            "end the other forward, or say --force to have the app get its events twice",
        ) from None
    except TargetUnreachable as error:
        raise Failure(str(error), ExitCode.UNREACHABLE, "start the app, then this") from None
    except RelayTrouble as error:
        raise explain(error) from None
    return ExitCode.DONE


class _Told:
    """Writes what came of events, and tells the rest, what is the same every time only once."""

    def __init__(self, plan: Plan, url: str, write: Write, tell: Narrator, marked: Production) -> None:
        self._plan = plan
        self._url = url
        self._write = write
        self._tell = tell
        self._marked = marked
        self._link = LinkStory(tell, url, new_log="going on with what comes from now on")
        self._said: set[str] = set()

    def __call__(self, news: News) -> None:
        """Take one."""
        to = shown(self._plan.url)
        match news:
            case Waiting():
                self._tell(f"waiting for {to}: {news.reason}")
            case Begun():
                self._tell(f"forwarding to {to} what comes to {self._url}; Ctrl-C ends it")
            case Sent():
                self._sent(news)
            case PassedOver():
                self._passed_over(news)
            case LeftOut():
                names = ", ".join(plain(name, 60) for name in news.names)
                self._tell(f"not sent, since the relay shows their values to nobody: {names}")
            case Trouble():
                self._tell(f"event {news.event.seq}: the relay says: {news.reason}")
            case Unfinished():
                many = "one event was" if news.count == 1 else f"{news.count:,} events were"
                self._tell(f"{many} not sent to the end, from seq {news.seq} on")
                self._tell(f"hint: --since {news.seq} goes on there")
            case Gap() | NewLog() | Link():
                self._link.hear(news)

    def _sent(self, sent: Sent) -> None:
        event, to = sent.event, shown(self._plan.url)
        if sent.retry_in is not None:
            last = self._plan.retries + 1
            self._tell(f"event {event.seq}: {outcome(sent)}; again in {sent.retry_in:g} s, at most {last} times")
            return
        self._write(sent, datetime.now(UTC))
        if sent.given_up:
            often = "" if sent.attempt == 1 else f" after {sent.attempt} attempts"
            self._tell(f"error: event {event.seq} ({event.type}) was not taken{often}: {outcome(sent)}")
            if 300 <= (sent.answer.status or 0) < 400:
                self._tell("hint: no redirect is followed: name the address that it leads to")
            self._tell(f"hint: knocktop resend {event.seq} --to {to}")

    def _passed_over(self, passed: PassedOver) -> None:
        seq = passed.event.seq
        if passed.why is Why.GONE:
            self._tell(f"event {seq} is no longer kept, and was not forwarded")
        elif passed.why is Why.PRODUCTION:
            name = plain(self._marked.name_of(passed.event.environment_id) or "", 60)
            self._tell_once(
                name,
                f"event {seq} is from {name}, which is marked production, and events like it are not forwarded",
                f"--yes-production '{name}' forwards them as well",
            )
        else:
            what, then = _ONCE[passed.why]
            self._tell_once(passed.why, f"event {seq} {what}", then)

    def _tell_once(self, about: str, what: str, then: str) -> None:
        if about not in self._said:
            self._said.add(about)
            self._tell(what)
            self._tell(f"hint: {then}")


async def _ask(url: str, token: str | None, plan: Plan, marked: Production, stdin: TextIO | None) -> None:
    """Ask for the environments marked production that events came from before."""
    async with RelayClient(url, token) as client:
        seen: Sequence[Group] = (await client.groups("env", plan.filter, limit=_ENVIRONMENTS)).items
    # Nothing else goes on meanwhile, and Ctrl-C gets through to who waits for a line.
    ask(marked, [str(group.value) for group in seen], f"forward to {shown(plan.url)} what comes", stdin)


@contextmanager
def _signals(stop: Callable[[], None]) -> Iterator[None]:
    """End in order on SIGINT and SIGTERM; on the second one at once."""
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()
    asked = False

    def end() -> None:
        nonlocal asked
        if asked and task is not None:
            task.cancel()
        asked = True
        stop()

    if sys.platform == "win32":
        yield
        return
    for one in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(one, end)
    try:
        yield
    finally:
        for one in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(one)


def forward_here(
    loaded: Loaded,
    url: str,
    *,
    filter_: str = "",
    since: str = "now",
    sign: str = Sign.AS_RECEIVED,
    concurrency: int,
    timeout: str,
    retries: int,
    unverified: bool = False,
    backlog: int,
    force: bool = False,
    yes_production: Sequence[str] = (),
) -> int:
    """Run `forward` from the configured relay, with arguments as they were typed, and give the exit code."""
    settings = loaded.settings
    _within("--concurrency", concurrency, 1, MOST_AT_ONCE)
    _within("--retries", retries, 0, MOST_RETRIES)
    _within("--backlog", backlog, 0, None)
    seconds = timeout_of(timeout)
    try:
        plan = Plan(
            url=target(url),
            # A time is meant where the command is given, and the relay may be elsewhere.
            filter=with_offsets(filter_, Clock(utc=settings.utc).zone),
            sign=sign_of(sign),
            since=parse_since(since),
            concurrency=concurrency,
            timeout=seconds,
            retries=retries,
            unverified=unverified,
            backlog=backlog,
            force=force,
            patience=seconds,
        )
    except NoTarget as error:
        raise Failure(str(error), ExitCode.USAGE) from None
    except ValueError as error:
        raise Failure(f"--since: {error}", ExitCode.USAGE) from None
    if plan.sign.needs_secret and not (signing_secrets(settings) or added_secrets(settings.files.secrets)):
        raise Failure(f"there is no signing secret here to sign {plan.sign} with", ExitCode.USAGE, _SET_ONE)
    marked = production(settings, yes_production)
    try:
        return asyncio.run(
            forward(
                settings.address,
                viewer_token(loaded, settings.address).value,
                plan,
                marked=marked,
                secret_of=secrets_of(settings),
                out=sys.stdout.buffer,
                err=sys.stderr,
                utc=settings.utc,
                is_tty=sys.stdout.isatty(),
                encoding=sys.stdout.encoding,
            )
        )
    except (KeyboardInterrupt, asyncio.CancelledError):
        # Asked twice, or on a system without these signals: what was on its way is reported as interrupted.
        return ExitCode.DONE


def secrets_of(settings: Settings) -> Callable[[EventDetail], str | None]:
    """Give what finds the developer's own secret for an event."""

    def secret_of(event: EventDetail) -> str | None:
        try:
            return secret_of_event(settings, event.endpoint, signed_with(event))
        except SettingsError:
            # It could be had at the start: what cannot be signed now is told event by event.
            return None

    return secret_of


def _within(flag: str, given: int, least: int, most: int | None) -> None:
    if given < least or (most is not None and given > most):
        upto = "or more" if most is None else f"to {most}"
        raise Failure(f"{flag} should be {least} {upto}, not {given}", ExitCode.USAGE)
