"""What went wrong between a command and its relay, as one line, an exit code and the next step."""

from __future__ import annotations

from relay.contract.text import plain
from tui.cli.report import Failure
from tui.client import ApiProblem, NoSuchEvent, NotARelay, RelayError, RelayUnreachable, TokenRefused
from tui.exitcodes import ExitCode
from tui.intake import FilterRejected, NewerProtocol

RelayTrouble = (RelayError, FilterRejected, NewerProtocol)
"""What `explain` can explain."""


def explain(error: RelayError | FilterRejected | NewerProtocol) -> Failure:
    """Give the failure to raise for `error`."""
    match error:
        case RelayUnreachable():
            return Failure(
                str(error), ExitCode.UNREACHABLE, "start one with `knocktop relay`, or name one with --relay URL"
            )
        case NotARelay():
            return Failure(str(error), ExitCode.UNREACHABLE, "name a relay with --relay URL")
        case TokenRefused():
            return Failure(
                str(error),
                ExitCode.TOKEN_REFUSED,
                "the relay's token is in its data directory; set KNOCKTOP_TOKEN",
            )
        case NoSuchEvent():
            return Failure(str(error), ExitCode.NO_SUCH_EVENT)
        case FilterRejected() | ApiProblem(status=400, column=int()):
            return wrong_filter(str(error), error.column, error.suggestion)
        case NewerProtocol():
            return Failure(str(error), ExitCode.FAILED, "update knocktop here")
        case _:
            return Failure(f"the relay says: {error}", ExitCode.FAILED)


def wrong_filter(message: str, column: int | None, suggestion: str | None) -> Failure:
    """Give the failure to raise for a filter that does not parse."""
    where = "" if column is None else f" at column {column}"
    hint = None if suggestion is None else f"did you mean {plain(suggestion, 200)}"
    return Failure(f"the filter does not parse{where}: {message}", ExitCode.USAGE, hint)
