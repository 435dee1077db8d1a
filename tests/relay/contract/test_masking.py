"""Masking: like texts become one, and what tells them apart in kind stays."""

from __future__ import annotations

import pytest

from relay.contract.masking import MAX_LENGTH, masked


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("550 5.1.1 mailbox full", "<n> <n> mailbox full"),
        ("no user ada@example.com here", "no user <email> here"),
        ("see https://example.com/a?b=1 for more", "see <url> for more"),
        ("message 2w3SbXOIkDj8Q6xzR8t8JDvTNsL failed", "message <id> failed"),
        ("run 789e0123-e89b-12d3-a456-426614174000", "run <id>"),
        ("refused by 192.168.0.1:8080", "refused by <address>"),
        ("refused by 2001:db8:0:0:0:0:0:1", "refused by <address>"),
        ("internationalization is a word", "internationalization is a word"),
        ("timeout after 1,500.5 ms", "timeout after <n> ms"),
        ("", ""),
    ],
)
def test_what_differs_from_case_to_case_is_masked(text: str, expected: str) -> None:
    assert masked(text) == expected


def test_a_long_text_is_looked_at_no_further_than_its_beginning() -> None:
    assert len(masked("x" * 10_000_000)) == MAX_LENGTH


@pytest.mark.parametrize("piece", ["a.", "1.", "a-", "a:", "1:1", "a@a.", "http://", "-_"])
def test_no_text_takes_long(piece: str) -> None:
    assert len(masked(piece * MAX_LENGTH)) <= 6 * MAX_LENGTH
