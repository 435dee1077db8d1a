"""What the news of a forward make of how it stands."""

from __future__ import annotations

from dataclasses import replace

from tui.client import TokenRefused
from tui.feed import AlreadyForwarded
from tui.forward.outcome import outcome
from tui.forward.plan import BacklogRefused, Begun, News, PassedOver, Sent, Waiting
from tui.model.forwarding import Forwarding, ForwardState


def after(now: Forwarding, news: News) -> Forwarding:
    """Give how things stand after one piece of news."""
    match news:
        case Waiting():
            return replace(now, state=ForwardState.WAITING, why=news.reason)
        case Begun():
            return replace(now, state=ForwardState.ON, why="")
        case Sent() if news.answer.taken:
            return replace(now, taken=now.taken + 1, trouble="")
        case Sent():
            told = f"event {news.event.seq}: {outcome(news)}"
            return replace(now, failed=now.failed + news.given_up, trouble=told)
        case PassedOver():
            return replace(now, passed=now.passed + 1)
        case _:
            return now


def ended(now: Forwarding, error: Exception | None) -> Forwarding:
    """Give how things stand after the end, which an error may have brought."""
    if error is None:
        return replace(now, state=ForwardState.OFF, why="", hint="")
    hint = ""
    match error:
        case BacklogRefused():
            hint = f"knocktop forward URL --since {error.after + 1} --backlog {error.count} sends them"
        case AlreadyForwarded():
            hint = "end the other forward first"
        case TokenRefused():
            hint = "set KNOCKTOP_TOKEN to the relay's token"
    return replace(now, state=ForwardState.ENDED, why=str(error), hint=hint)
