"""The first line: whether what is on screen is the present, and how things are at the relay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tui.keys import BY_NAME, keys_of
from tui.model.clock import age
from tui.model.dashboard import Dashboard
from tui.model.environments import Environment
from tui.model.forwarding import ForwardState
from tui.model.forwards import host_of, place_of
from tui.model.rate import rate_text
from tui.model.source import LinkState
from tui.model.tunnel import TunnelState
from tui.widgets.bar import Bar, Part
from tui.widgets.look import look_of

_LINK = {
    LinkState.LIVE: ("●", "good"),
    LinkState.CATCHING_UP: ("◌", "warn"),
    LinkState.CONNECTING: ("○", "quiet"),
    LinkState.STALLED: ("○", "warn"),
    LinkState.RECONNECTING: ("○", "warn"),
    LinkState.REFUSED: ("✗", "bad"),
    LinkState.FAILED: ("✗", "bad"),
}

ENVIRONMENTS = 3
NAME_LIMIT = 40
FILE_LIMIT = 40
ANSWER_LIMIT = 20
PLACE_LIMIT = 30
TARGET_LIMIT = 60


class Header(Bar):
    """Name, link, age of the last event, rate, environments, address; at the right what needs attention."""

    def __init__(self, dashboard: Dashboard, changed: Mapping[str, str], *, read_only: bool = False) -> None:
        super().__init__(id="header")
        self.dashboard = dashboard
        self.changed = changed
        self.read_only = read_only
        self.address = ""
        self.webhook_url = ""

    def left(self) -> Sequence[Part]:
        """Say the name, the truth about the link, the age, the rate, the environments and the address."""
        parts = [
            Part(0, [[(f" {self.app.title} ", "badge-ink bold", "badge")]]),
            Part(0, [self._link()]),
            Part(3, self._age()),
            Part(5, self._rate()),
            self._environments(),
            Part(6, self._address()),
        ]
        return [part for part in parts if part.ways]

    def right(self) -> Sequence[Part]:
        """Say what the user should do something about, and what cannot be done here."""
        board = self.dashboard
        parts = []
        if self.read_only:
            parts.append(Part(3, [[("read only ", "quiet")]]))
        if board.quarantined:
            text, key = f" {board.quarantined:,} in quarantine", self._key("quarantine")
            ways = (*((f"{text}: {key} ",) if key else ()), f"{text} ", f" {board.quarantined:,} quar. ")
            parts.append(Part(1, [[(way, "alarm-ink", "alarm")] for way in ways]))
        parts += self._provoking()
        parts += self._forwarding()
        parts += self._tunnel()
        if board.secrets == 0 and not board.file:
            ways = (" no secret: anyone can post ", " no secret! ") if board.open_to_everyone else (" no secret ",)
            parts.append(Part(1, [[(text, "alarm-ink bold", "alarm")] for text in ways]))
        return parts

    def _provoking(self) -> Sequence[Part]:
        """Say that failures are answered on purpose, and for how long still."""
        board = self.dashboard
        left = board.provoked_for
        if board.provoking is None or left is None:
            return []
        look = look_of(self)
        answer = look.text(board.provoking.answer, ANSWER_LIMIT)
        if board.provoking.rules > 1:
            answer += f" +{board.provoking.rules - 1}"
        ways = (f" provoking {answer}, {age(left)} left ", f" provoking {answer} ", " provoking! ")
        return [Part(1, [[(way, "alarm-ink bold", "alarm")] for way in ways])]

    def _forwarding(self) -> Sequence[Part]:
        """Say loudly that events go to an app, and whether it takes them."""
        now, look = self.dashboard.forwarding, look_of(self)
        place = look.text(now.place, PLACE_LIMIT)
        match now.state:
            case ForwardState.OFF:
                return self._others_forwarding()
            case ForwardState.ENDED:
                key = self._key("forward")
                ways = (*((f" forward ended: {key} ",) if key else ()), " forward ended ")
                return [Part(1, [[(way, "alarm-ink bold", "alarm")] for way in ways])]
            case ForwardState.WAITING:
                return [
                    Part(
                        1, [[(f" {text} ", "alarm-ink", "alarm")] for text in (f"waiting for {place}", "waiting")]
                    )
                ]
        ink, ground = ("alarm-ink bold", "alarm") if now.trouble else ("badge-ink bold", "badge")
        sent = f"{now.taken:,} taken" + (f", {now.failed:,} not" if now.failed else "")
        ways = (f" forwarding to {place}: {sent} ", f" forwarding: {sent} ", " forwarding ")
        return [Part(1, [[(way, ink, ground)] for way in ways])]

    def _others_forwarding(self) -> Sequence[Part]:
        """Say where events are being forwarded to, by other clients of the relay."""
        targets = self.dashboard.targets
        if not targets:
            return []
        look = look_of(self)
        arrow = (look.own("→ "), "good")
        more = f" +{len(targets) - 1} " if len(targets) > 1 else " "
        place, host = (look.text(text, TARGET_LIMIT) for text in (place_of(targets[0]), host_of(targets[0])))
        said = (f"forwarding to {place}{more}", f"forwarding to {host}{more}", host + more, "fwd ")
        return [Part(2, [[arrow, (text, "ink")] for text in said])]

    def _tunnel(self) -> Sequence[Part]:
        match self.dashboard.tunnel.state:
            case TunnelState.STARTING:
                return [Part(3, [[(look_of(self).own("tunnel starting… "), "warn")]])]
            case TunnelState.STOPPING:
                return [Part(3, [[(look_of(self).own("tunnel stopping… "), "warn")]])]
            case TunnelState.DIED:
                key = self._key("tunnel")
                again = (f" tunnel ended, {key} starts it again ", f" tunnel ended: {key} ") if key else ()
                ways = (*again, " tunnel ended ")
                return [Part(1, [[(text, "alarm-ink bold", "alarm")] for text in ways])]
            case _:
                return []

    def _key(self, name: str) -> str:
        return next(iter(keys_of(BY_NAME[name], self.changed)), "")

    def _link(self) -> list[tuple[str, str]]:
        board, look = self.dashboard, look_of(self)
        now = board.monotonic()
        if board.file and board.link.state in (LinkState.LIVE, LinkState.CATCHING_UP):
            # The relay is there, and nothing can arrive at it.
            words = f"file {look.text(board.file, FILE_LIMIT)}, not live" + (", paused" if board.paused else "")
            return [(look.own("■ "), "focus"), (words, "focus bold")]
        if board.paused and board.link.state is LinkState.LIVE:
            return [(look.own("‖ "), "warn bold"), ("paused", "warn bold")]
        dot, ink = _LINK[board.link.state]
        words = look.text(board.link.words(now))
        if board.paused:
            words += ", paused"
        return [(look.own(dot) + " ", ink), (words, f"{ink} bold")]

    def _age(self) -> list[list[tuple[str, str]]]:
        seconds = self.dashboard.last_event_age
        if seconds is None:
            return []
        what = "match" if self.dashboard.filtering.applied else "event"
        ago = f"{age(seconds)} ago"
        return [[(f"last {what} ", "quiet"), (ago, "ink")], [(ago, "ink")]]

    def _rate(self) -> list[list[tuple[str, str]]]:
        board = self.dashboard
        text = rate_text(board.rate.per_second(board.monotonic()))
        return [[(text, "ink")]] if text and board.link.state is LinkState.LIVE else []

    def _environments(self) -> Part:
        seen = self.dashboard.environments.seen
        if not any(one.named for one in seen):
            # One that has no name says nothing; that there are several does.
            text = f"{len(seen)} environments" if len(seen) > 1 else ""
            return Part(7, [[(text, "quiet")]] if text else [])
        look = look_of(self)
        shown = [self._environment(one) for one in seen[:ENVIRONMENTS]]
        ways = []
        for count in range(len(shown), 0, -1):
            words = [word for pair in shown[:count] for word in (*pair, (" ", "quiet"))][:-1]
            if len(seen) > count:
                words.append((look.own(f" +{len(seen) - count}"), "quiet"))
            ways.append(words)
        return Part(4, ways)

    def _environment(self, environment: Environment) -> list[tuple[str, str]]:
        look = look_of(self)
        ink = environment.ink
        weight = " bold" if environment.production else ""
        return [(look.own("◆ "), ink), (look.text(environment.name, NAME_LIMIT), ink + weight)]

    def _address(self) -> list[list[tuple[str, str]]]:
        if self.dashboard.file:
            return []
        look = look_of(self)
        public = self.dashboard.public_url.partition("://")[2].partition("/")[0]
        ways = [look.text(text, 200) for text in (self.webhook_url, public, self.address) if text]
        return [[(text, "quiet")] for text in ways]
