"""The reference table says every name, and its examples are true."""

from __future__ import annotations

import pytest

from relay.contract.filter import Row, parse, reference
from relay.contract.filter.terms import MESSAGE_NAMES, TERMS

NAMES = """type family recipient workflow channel provider tenant status engagement message run recipient_run env
endpoint verdict deliveries forwarded seq size created received age commit"""


def test_the_names_are_those_of_the_language() -> None:
    assert sorted(TERMS) == sorted(NAMES.split())


@pytest.mark.parametrize("row", reference(), ids=lambda row: row.name)
def test_every_example_in_the_reference_parses_and_uses_what_it_is_an_example_of(row: Row) -> None:
    normal = str(parse(row.example))
    assert row.name not in TERMS or f"{row.name}:" in normal
    assert row.meaning


def test_names_of_messages_are_not_in_the_reference_of_events() -> None:
    assert not {row.name for row in reference()} & set(MESSAGE_NAMES)
