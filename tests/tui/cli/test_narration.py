"""What a command that follows the relay tells beside its results."""

from __future__ import annotations

import io

from relay.contract.canned import Provoking
from relay.contract.frames import RelayFacts
from tests.tui.made import RECEIVED
from tui.cli.narration import LinkStory, Narrator
from tui.feed import Beat, Joined


def beat(provoking: Provoking | None) -> Beat:
    return Beat(upto=1, last_seq=1, at=RECEIVED, quarantined=0, secrets=1, provoking=provoking)


def test_canned_answers_are_told_once_when_they_begin_and_when_they_end() -> None:
    err = io.StringIO()
    story = LinkStory(Narrator(err), "http://127.0.0.1:1")
    one = Provoking(rules=1, answer="500x3,200", until=RECEIVED)
    facts = RelayFacts(version="1", backend="sqlite", secrets=1, provoking=one)
    story.hear(Joined(log="a", first_seq=1, last_seq=1, after=1, relay=facts))
    story.hear(beat(one))
    story.hear(beat(Provoking(rules=2, answer="503", until=RECEIVED)))
    story.hear(beat(None))
    story.hear(beat(None))
    told = [line for line in err.getvalue().splitlines() if not line.startswith("hint: ")]
    assert told == [
        "the relay answers deliveries as provoked: 500x3,200",
        "the relay answers deliveries as provoked: 503 and 1 more",
        "the relay answers deliveries as ever again",
    ]
