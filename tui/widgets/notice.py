"""What stands where the events would be while there are none: why, and the next step."""

from __future__ import annotations

from collections.abc import Iterator

from relay.contract.text import plain
from tui.model.dashboard import Dashboard
from tui.model.facts import Fact, Heading, Item, Note, plural
from tui.model.source import LinkState
from tui.widgets.facts_view import FactsView


class Notice(FactsView, can_focus=False):
    """A sentence with what to do, in place of the list."""

    def __init__(self, dashboard: Dashboard) -> None:
        super().__init__("notice")
        self.dashboard = dashboard
        self.address = ""
        self.webhook_url = ""
        self.trouble: tuple[str, str] | None = None
        """What failed before there was any link, and the next step."""
        self._shown: list[Item] = []

    def renew_text(self) -> None:
        """Say what is true now."""
        items = [None, *self._say()]
        if items != self._shown:
            self._shown = items
            self.show(items, keep=True)

    def _say(self) -> Iterator[Item]:
        board = self.dashboard
        wrong = self.trouble or board.link.sentence(board.monotonic())
        if wrong is not None:
            yield Heading(f"{wrong[0]}.")
            if wrong[1]:
                yield Note(f"{wrong[1]}.")
        elif not board.began:
            yield Heading("Connecting to the relay…" if not self.address else f"Connecting to {self.address}…")
        elif board.narrowed:
            yield from self._no_match()
        elif not board.counts.known or board.link.state is LinkState.CATCHING_UP or board.total:
            yield Note("Reading what the relay has…")
        elif board.quarantined:
            yield from self._quarantine()
        else:
            yield from self._first_run()

    def _no_match(self) -> Iterator[Item]:
        if not self.dashboard.counts.known or self.dashboard.total:
            yield Note("Looking for matches…")
            return
        board = self.dashboard
        of = board.counts.total or board.counts.of
        if of is None:
            yield Heading("No event matches the filter.")
        elif board.counts.total:
            yield Heading(f"None of {plural(of, 'event')} is of a picked type.")
        else:
            yield Heading(f"None of {plural(of, 'event')} matches.")
        yield None
        for term, count in board.counts.lifted:
            yield Fact(f"{count:,}", f"without {plain(term, 200)}", "ink" if count else "quiet")
        if board.counts.lifted:
            yield None
        yield Fact("\\", "lifts the filter and shows all events; once more restores it")
        yield Fact("/", "changes it")

    def _quarantine(self) -> Iterator[Item]:
        held = self.dashboard.quarantined
        requests = "1 request is" if held == 1 else f"{held:,} requests are"
        yield Heading(f"No event yet, but {requests} in quarantine.")
        yield None
        yield Note("The signature fits none of the relay's secrets. Check that the signing secret is the one")
        yield Note("that Knock shows for this webhook, and that nothing on the way changes the body.")
        yield None
        yield from self._steps()

    def _first_run(self) -> Iterator[Item]:
        yield Heading("Waiting for the first event.")
        yield None
        yield from self._steps()

    def _steps(self) -> Iterator[Item]:
        secrets = self.dashboard.secrets
        yield Fact("1 Address", self.webhook_url, "focus", "y copies")
        yield Fact("2 In Knock", "Platform, Webhooks: create one with this address, and choose the events")
        if secrets:
            yield Fact("3 Secret", f"{secrets} set" if secrets > 1 else "set", "good")
        else:
            note = "until one is set, events show as unverified: KNOCKTOP_SIGNING_SECRET sets it"
            yield Fact("3 Secret", "none", "warn", note)
        yield Fact("4 No Knock", "knocktop trigger message.sent", "focus", "sends one as Knock would")
        if not secrets:
            yield None
            first = f"curl {self.webhook_url} \\"
            second = """     -d '{"type":"message.sent","data":{}}'"""
            yield Fact("or", first, copy=f"{first}\n{second}")
            yield Fact("", second, copy=f"{first}\n{second}")
