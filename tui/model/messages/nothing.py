"""What is said where the messages would be while there are none: why, and the next step."""

from __future__ import annotations

from collections.abc import Iterator

from tui.model.dashboard import Dashboard
from tui.model.facts import plural
from tui.model.items import Fact, Heading, Item, Note
from tui.model.messages.listing import Listing


def why_nothing(listing: Listing, board: Dashboard, trouble: tuple[str, str] | None) -> Iterator[Item]:
    """Say why no message is listed. `trouble` is what failed, and the next step."""
    wrong = trouble or board.link.sentence(board.monotonic())
    yield None
    if wrong is not None:
        yield Heading(f"{wrong[0]}.")
        if wrong[1]:
            yield Note(f"{wrong[1]}.")
    elif not board.began:
        yield Heading("Connecting to the relay…")
    elif listing.unread or listing.further is not None:
        yield Note("Reading what happened to the messages…")
    elif board.narrowed or board.filtering.of_messages:
        yield Heading("No message matches the filter.")
        yield Note(
            "A message matches when one of its events does, and the terms that speak of the message itself."
        )
        yield None
        yield Fact("\\", "lifts the filter and shows all messages; once more restores it")
        yield Fact("/", "changes it")
    elif board.total:
        yield Heading(f"None of {plural(board.total, 'event')} is of a message.")
        yield Note("Templates, branches and runs have events of their own: 1 shows them.")
    else:
        yield Heading("No message so far.")
        yield Note("Each message that Knock tells of gets a line here, from its first event on.")
        yield None
        yield Fact("1", "goes to the set-up, on the screen of events")
