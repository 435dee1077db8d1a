"""What is said of a request in quarantine: what is wrong with it, what to change, and the request itself."""

from __future__ import annotations

from collections.abc import Iterator

from relay.contract.api import QuarantineItem
from relay.contract.events import MASKED_HEADERS
from tui.model.clock import Clock
from tui.model.items import Change, Fact, Heading, Item, Note

BY_COMMAND = "knocktop secret add"
"""What a remedy names, for which the dashboard has a key."""
NO_EVENT = "no-event"
"""Why a request is held that is signed with a secret of the relay: it is no event."""
INGEST_PATH = "/webhooks/knock"

SHOWN = 16_384
"""Characters of a text that are shown."""
AROUND = 24
"""Characters that are shown before the place where two strings part."""


def title(item: QuarantineItem) -> str:
    """Give the reason in words."""
    return item.reason.replace("-", " ")


def claimed(item: QuarantineItem) -> str:
    """Give the event type that the request says it is of; foreign text, empty where it says none."""
    return header(item, "x-knock-event")


def header(item: QuarantineItem, name: str) -> str:
    """Give the first value of a header, empty where there is none."""
    return next((value for key, value in item.headers if key.lower() == name), "")


def path(item: QuarantineItem) -> str:
    """Give the path that the request was sent to."""
    return INGEST_PATH if item.endpoint is None else f"{INGEST_PATH}/{item.endpoint}"


def size(count: int) -> str:
    """Write how many bytes there are."""
    return "1 byte" if count == 1 else f"{count:,} bytes"


def diagnosis(item: QuarantineItem) -> str:
    """Give what is wrong and what to change as a text to paste elsewhere."""
    return f"{title(item)}: {item.detail}\nto change: {item.remedy}"


def told(
    item: QuarantineItem, body: bytes | str | None, clock: Clock, *, read_only: bool = False
) -> Iterator[Item]:
    """Say all that is known of a request; a text for the body says why it could not be read."""
    yield Heading(sentence(title(item)))
    yield Note(sentence(item.detail), "bad", item.detail)
    yield None
    yield Heading("What to change")
    yield Note(sentence(item.remedy), "good", item.remedy)
    if BY_COMMAND in item.remedy and not read_only:
        yield Note("Here S does it, and admits at once what the secret fits")
    yield None
    yield from _arrival(item, clock)
    yield None
    yield from _signed(item)
    yield None
    yield Heading("Body, as received", size(item.size))
    yield from _body(body)
    yield None
    yield Heading("Headers")
    for name, value in item.headers:
        masked = name.lower() in MASKED_HEADERS
        yield Fact(name, value, "quiet" if masked else "ink", "never shown" if masked else "")


def sentence(text: str) -> str:
    """Begin a phrase as a sentence."""
    return text[:1].upper() + text[1:]


def _arrival(item: QuarantineItem, clock: Clock) -> Iterator[Item]:
    yield Heading("Request")
    yield Fact("received", clock.full(item.received_at), note="the first time" if item.count > 1 else "")
    if item.count > 1:
        yield Fact("times", f"{item.count:,}", "warn", "the same request came again")
    yield Fact("sent to", path(item))
    yield Fact("says it is", claimed(item) or "nothing", "ink" if claimed(item) else "quiet")
    environment = header(item, "x-knock-environment-id")
    if environment:
        yield Fact("environment", environment)
    yield Fact("signature", header(item, "x-knock-signature") or "none")


def _signed(item: QuarantineItem) -> Iterator[Item]:
    yield Heading("Signed string", "t of the header, a dot, and the body: what Knock signs")
    if item.reason == NO_EVENT:
        yield Note("The signature is right: it was made over this request with a secret of this relay.")
    elif item.signed_string is None:
        yield Note("There is none, since the request has no t to begin it with.")
    else:
        yield from _text(item.signed_string)
    if item.was_signed is not None:
        yield None
        yield Heading("What was signed instead")
        yield from _text(item.was_signed)
        yield from _parting(item.was_signed, item.signed_string or "")


def _parting(was: str, right: str) -> Iterator[Item]:
    """Show where the two strings part."""
    at = next((at for at, pair in enumerate(zip(was, right, strict=False)) if pair[0] != pair[1]), None)
    if at is None:
        at = min(len(was), len(right))
    start = max(at - AROUND, 0)
    before, after = was[start : at + 2 * AROUND], right[start : at + 2 * AROUND]
    yield Change(
        f"They part at character {at + 1:,}", (before,), (after,), "- was signed, + is to be signed", was, right
    )


def _text(text: str) -> Iterator[Item]:
    """Show a text line by line; whatever line it is on, `y` takes all of it."""
    for line in text[:SHOWN].split("\n"):
        yield Note(line or " ", "ink", text)
    if len(text) > SHOWN:
        yield Note(f"… {len(text) - SHOWN:,} more characters; y copies them all", copy=text)


def _body(body: bytes | str | None) -> Iterator[Item]:
    if body is None:
        yield Note("Reading the body…")
    elif isinstance(body, str):
        yield Note(body, "warn")
    elif not body:
        yield Note("It is empty.")
    else:
        yield from _text(body.decode("utf-8", "replace"))
