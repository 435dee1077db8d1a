"""The way from nothing to the first verified event, step by step, and which of the steps are done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple, TypeAlias

from tui.model.dashboard import Dashboard
from tui.model.reach import is_public

Name: TypeAlias = Literal["quarantine", "address", "tunnel", "webhook", "secret", "trial"]

DEFAULT_URL = "http://127.0.0.1:4747"
INGEST_PATH = "/webhooks/knock"
TUNNELS = ("cloudflared", "ngrok")
"""Programs that make an address public."""


class Step(NamedTuple):
    """A line that is a button. Without a label it belongs to the step above it; texts may be foreign."""

    name: Name
    label: str
    text: str
    ink: str = "ink"
    note: str = ""
    done: bool = False


class Place(NamedTuple):
    """Where the relay is: its own address as a URL, and what Knock is to be given."""

    url: str = DEFAULT_URL
    webhook_url: str = ""

    @property
    def trigger(self) -> str:
        """The command that sends a simulated event there."""
        elsewhere = "" if self.url == DEFAULT_URL else f" --relay {self.url}"
        return f"knocktop trigger message.sent{elsewhere}"

    def tunnel(self, program: str) -> str:
        """Give the command that opens a tunnel there by hand."""
        return f"ngrok http {self.url}" if program == "ngrok" else f"cloudflared tunnel --url {self.url}"


class Ways(NamedTuple):
    """The keys of the actions as they are written, and the programs for tunnels that were found.

    `tunnel` is empty where no tunnel can be opened from the dashboard.
    """

    copy: str = "y"
    secrets: str = "S"
    tunnel: str = ""
    quarantine: str = "6"
    found: Sequence[str] = ()


def has_events(board: Dashboard) -> bool:
    """An event has come by now, whatever the filter shows."""
    return board.last_event_us is not None or bool(board.counts.total or board.counts.of)


def heading(board: Dashboard) -> str:
    """Say what is waited for."""
    held = board.quarantined
    if has_events(board):
        return "The way from Knock to here"
    if held:
        return f"No event yet, but {'1 request is' if held == 1 else f'{held:,} requests are'} in quarantine."
    return "Waiting for the first event."


def steps(board: Dashboard, place: Place, ways: Ways) -> Iterator[Step]:
    """Give the steps in their order."""
    if board.quarantined:
        yield _quarantine(board, ways)
    reachable = is_public(place.webhook_url)
    yield Step("address", "1 Address", place.webhook_url, "focus", f"{ways.copy} copies", reachable)
    if not reachable:
        yield _tunnel(board, place, ways)
    arrived = has_events(board) or bool(board.quarantined)
    what = "Platform, Webhooks: create one with this address, choose the events"
    yield Step("webhook", "2 In Knock", what, done=reachable and arrived)
    yield _secret(board, ways)
    note = "(or knocktop demo)"
    yield Step("trial", "4 No Knock", place.trigger, "focus", note, has_events(board))


def _quarantine(board: Dashboard, ways: Ways) -> Step:
    each = "it" if board.quarantined == 1 else "each"
    text = f"{ways.quarantine} shows what is wrong with {each} and what to change"
    return Step("quarantine", "! Held", text, "warn", "what a new secret fits is admitted at once")


def _tunnel(board: Dashboard, place: Place, ways: Ways) -> Step:
    died = board.tunnel.sentence(ways.tunnel)
    if died is not None:
        return Step("tunnel", "", died[0], "bad", died[1])
    if board.tunnel.running:
        return Step("tunnel", "", "not reachable from Knock yet: the tunnel is starting…", "warn")
    not_yet = "not reachable from Knock yet:"
    if not ways.tunnel:
        command = place.tunnel(next(iter(ways.found), TUNNELS[0]))
        by_hand = f"{not_yet} run {command}, and add {INGEST_PATH} to its address"
        return Step("tunnel", "", by_hand, "warn")
    found = (
        f"({' and '.join(ways.found)} found)"
        if ways.found
        else "(which needs cloudflared or ngrok; it says how to get them)"
    )
    return Step("tunnel", "", f"{not_yet} {ways.tunnel} starts a tunnel", "warn", found)


def _secret(board: Dashboard, ways: Ways) -> Step:
    count = board.secrets
    if count:
        text = "set" if count == 1 else f"{count:,} set"
        return Step("secret", "3 Secret", text, "good", f"{ways.secrets} sets another or removes one", done=True)
    text = f"none yet: {ways.secrets} pastes the signing secret"
    return Step("secret", "3 Secret", text, "warn", "until then events show as unverified")
