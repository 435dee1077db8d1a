"""`knocktop resend`: deliver stored events again, as they came, signed anew, or to be refused."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TextIO

from relay.contract.text import plain
from relay.settings import Loaded
from tui.cli.explain import RelayTrouble, explain
from tui.cli.production import ask, production
from tui.cli.report import Failure, hint, say
from tui.cli.resent import Written, written
from tui.cli.sending import sign_of, timeout_of
from tui.client import NoSuchEvent, RelayClient, RelayError
from tui.credentials import secret_of_event, viewer_token
from tui.editing import CannotEdit, EditingEnded, edited
from tui.exitcodes import ExitCode
from tui.forward.production import Production
from tui.forward.request import NoSecret, Sign
from tui.forward.resend import Again, signed_with
from tui.forward.send import Answer, Sender
from tui.forward.target import NoTarget, shown, target
from tui.model.answers import Expected, Judged, expected, judged, twice

TIMEOUT_S = 10.0
"""How long an app has for its answer, if nothing else is said."""

Edit = Callable[[bytes], bytes | None]
"""Have a body edited; None where it was left as it is. Raises `CannotEdit`."""

_SET_ONE = "set KNOCKTOP_SIGNING_SECRET, or run `knocktop secret add`"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What was asked for. `how` is None where nothing was said of the signature."""

    seqs: tuple[int, ...]
    url: str
    how: Sign | None
    edit: bool
    twice: bool
    timeout: float


def resend(
    loaded: Loaded,
    seqs: Sequence[int],
    *,
    to: str | None,
    sign: str | None = None,
    edit: bool = False,
    twice: bool = False,
    timeout: str | None = None,
    yes_production: Sequence[str] = (),
    stdin: TextIO | None = None,
    edit_with: Edit = edited,
) -> int:
    """Send the events of these seqs to an app, one after the other, with arguments as they were typed.

    Writes a line an event to stdout, NDJSON where that is no terminal, and gives the exit code: 0 when each answer
    was as it should be, 1 when one was not taken, 3 when one was not refused that had to be, or differed from the
    one before. Raises `Failure`.
    """
    if to is None:
        raise Failure(
            "--to names the app to send to", ExitCode.USAGE, "such as --to http://127.0.0.1:3000/webhooks"
        )
    if edit and len(seqs) > 1:
        raise Failure("--edit is for one event at a time", ExitCode.USAGE)
    try:
        url = target(to)
    except NoTarget as error:
        raise Failure(f"--to: {error}", ExitCode.USAGE) from None
    wanted = Wanted(
        seqs=tuple(seqs),
        url=url,
        how=None if sign is None else sign_of(sign),
        edit=edit,
        twice=twice,
        timeout=TIMEOUT_S if timeout is None else timeout_of(timeout),
    )
    marked = production(loaded.settings, yes_production)
    try:
        return asyncio.run(_Resending(loaded, wanted, marked, stdin, edit_with).run())
    except RelayTrouble as error:
        raise explain(error) from None
    except NoSecret as error:
        raise Failure(str(error), ExitCode.USAGE, _SET_ONE) from None
    except CannotEdit as error:
        code = ExitCode.INTERRUPTED if isinstance(error, EditingEnded) else ExitCode.FAILED
        raise Failure(f"{error}; nothing was sent", code, error.hint or None) from None


class _Resending:
    """One run of the command."""

    def __init__(
        self, loaded: Loaded, wanted: Wanted, marked: Production, stdin: TextIO | None, edit_with: Edit
    ) -> None:
        self._loaded = loaded
        self._wanted = wanted
        self._marked = marked
        self._stdin = stdin
        self._edit_with = edit_with
        self._written: Written = written()
        self._codes = {ExitCode.DONE}
        self._reported = True
        self._left_out: set[str] = set()

    async def run(self) -> int:
        wanted, url = self._wanted, self._loaded.settings.address
        async with (
            RelayClient(url, viewer_token(self._loaded, url).value) as relay,
            Sender(wanted.url, timeout=wanted.timeout) as sender,
        ):
            # All of them are read before one is sent: a seq that is not there must not leave half of it done.
            events = [await relay.event(seq) for seq in wanted.seqs]
            ask(
                self._marked,
                (event.environment_id for event in events),
                f"send to {shown(wanted.url)} what came",
                self._stdin,
            )
            ready = [Again(event, await relay.body(event.seq), wanted.url) for event in events]
            ready = [self._signed(self._edited(again)) for again in ready]
            self._announce(ready)
            for place, again in enumerate(ready):
                first = await self._once(relay, sender, again, 1)
                if first.status is None:
                    self._written.once(again, first, judged(first, None))
                    raise _no_answer(again, first, len(ready) - place - 1, wanted.timeout)
                await self._go_on(relay, sender, again, first)
        return max(self._codes)

    # What is sent

    def _edited(self, again: Again) -> Again:
        if not self._wanted.edit:
            return again
        body = self._edit_with(again.body)
        if body is None:
            say("the body was left as it is")
            return again
        return replace(again, body=body, edited=True)

    def _signed(self, again: Again) -> Again:
        """Say how it is signed: as was asked for, and a body that was changed afresh where nothing was."""
        how = self._wanted.how
        if how is None:
            how = Sign.FRESH if again.edited and self._secret(again) else Sign.AS_RECEIVED
        if again.edited and how is Sign.AS_RECEIVED:
            say("the body was changed, and only a fresh signature fits it: a right handler refuses this")
            hint("say --sign fresh" if self._secret(again) else _SET_ONE)
        again = replace(again, how=how)
        again.outgoing(self._secret(again))  # Nothing is sent where the last of them could not be signed.
        return again

    def _secret(self, again: Again) -> str | None:
        event = again.event
        return secret_of_event(self._loaded.settings, event.endpoint, signed_with(event))

    def _announce(self, ready: Sequence[Again]) -> None:
        again = ready[0]
        what = f"event {again.event.seq}" if len(ready) == 1 else f"{len(ready)} events"
        awaited = expected(again.how, edited=again.edited)
        then = {"refuse": ": a right handler answers 4xx", "accept": ": a right handler answers 2xx"}
        times = "twice " if self._wanted.twice else ""
        say(f"sending {what} {times}to {shown(again.url)}, {again.how.words}{then.get(awaited or '', '')}")

    # Sending

    async def _go_on(self, relay: RelayClient, sender: Sender, again: Again, first: Answer) -> None:
        """Say what the first answer is worth, and send a second time where that was asked for."""
        awaited = expected(again.how, edited=again.edited)
        verdict = judged(first, awaited)
        self._codes.add(_code(first, awaited, verdict))
        if not self._wanted.twice:
            self._written.once(again, first, verdict)
            return
        both = twice(first, await self._once(relay, sender, again, 2))
        if both.differs:
            self._codes.add(ExitCode.FINDINGS)
        self._written.twice(again, both, verdict)

    async def _once(self, relay: RelayClient, sender: Sender, again: Again, attempt: int) -> Answer:
        out = again.outgoing(self._secret(again))
        if masked := set(out.left_out) - self._left_out:
            self._left_out |= masked
            say(f"{', '.join(map(plain, sorted(masked)))}: kept by the relay but shown to nobody, so not sent")
        answer = await sender.send(out)
        await self._report(relay, again, answer, attempt)
        return answer

    async def _report(self, relay: RelayClient, again: Again, answer: Answer, attempt: int) -> None:
        if not self._reported:
            return
        try:
            await relay.report_forward(again.event.seq, again.told(answer, attempt))
        except NoSuchEvent:
            say(f"event {again.event.seq} went from the log meanwhile, so the relay did not note the answer")
        except RelayError as error:
            self._reported = False
            say(f"the relay did not note the answer: {error}")


def _no_answer(again: Again, answer: Answer, rest: int, timeout: float) -> Failure:
    after = f"; {'1 event was' if rest == 1 else f'{rest} events were'} not sent after that" if rest else ""
    return Failure(
        f"no answer from {shown(again.url)} to event {again.event.seq}: {answer.error}{after}",
        ExitCode.UNREACHABLE,
        "--timeout gives it longer"
        if answer.ms >= timeout * 1_000
        else "start the app there, or name another address with --to",
    )


def _code(answer: Answer, awaited: Expected | None, verdict: Judged) -> ExitCode:
    """Give the exit code that one answer asks for."""
    if awaited == "refuse":
        return ExitCode.DONE if verdict.right else ExitCode.FINDINGS
    return ExitCode.DONE if answer.taken and verdict.right is not False else ExitCode.FAILED
