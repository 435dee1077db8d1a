from __future__ import annotations

import pytest

from tui.mistaken import mistaken_for


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("sk_test_12345", "an API key"),
        ("pk_12345", "an API key"),
        ("t=1795183389858,s=Zm9v", "the signature of a request"),
        ("x-knock-signature: t=1795183389858, s=Zm9v", "the signature of a request"),
        ("https://knock.example.com/webhooks/knock", "an address"),
    ],
)
def test_what_is_no_signing_secret_is_named(text: str, what: str) -> None:
    assert mistaken_for(text) == what


@pytest.mark.parametrize("text", ["whsec_1", "super-secret-key", "t=s", "task_1", "3MWRXcq5icCrwLKGsk0SAXEzJxP"])
def test_what_may_be_one_is_left_alone(text: str) -> None:
    assert mistaken_for(text) is None
