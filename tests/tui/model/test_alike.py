from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from relay.contract.filter import Matches, parse
from relay.contract.filter.regex import finder
from relay.contract.masking import masked
from tui.model.alike import is_masked, parts, pattern, term_of

PLACE = ("event_data", "failure_details")
SPOKEN = st.text(st.sampled_from("ab0159 .,:@/<>()[]\"'\\^$*\n\té東-_"), max_size=400)


@settings(max_examples=150, deadline=None)
@example('552 5.2.2 <ann@example.com>: Mailbox "full" (see https://x.example/1?a=b) \\ [1]')
@example("550 " + "a long story " * 200)
@given(SPOKEN)
def test_what_is_masked_to_a_text_is_found_by_its_pattern(text: str) -> None:
    assert finder(pattern(masked(text)))(text)


@settings(max_examples=60, deadline=None)
@given(SPOKEN.filter(lambda text: is_masked(masked(text))))
def test_the_term_is_one_that_the_filter_language_reads_back(text: str) -> None:
    term = term_of(PLACE, masked(text))
    assert term is not None
    tree = parse(term).tree
    assert isinstance(tree, Matches)
    assert finder(tree.pattern)(text)


@pytest.mark.parametrize(
    "other", ["Mailbox full", "see Mailbox 12 is full", "Mailbox 12 is full now", "Mailbox x is full"]
)
def test_a_pattern_matches_no_text_that_says_something_else(other: str) -> None:
    assert not finder(pattern("Mailbox <n> is full"))(other)


def test_a_text_without_a_mask_is_asked_for_as_it_is() -> None:
    assert term_of(PLACE, "Mailbox full") == 'event_data.failure_details:"Mailbox full"'


def test_a_masked_text_is_told_in_parts() -> None:
    assert parts("code <n> for <email>") == [("code ", False), ("<n>", True), (" for ", False), ("<email>", True)]
