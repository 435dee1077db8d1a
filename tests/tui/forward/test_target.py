"""What can be named as a place to send events to."""

from __future__ import annotations

import pytest

from tui.forward.target import NoTarget, shown, target


@pytest.mark.parametrize("url", ["http://127.0.0.1:3000/hooks?a=b", "HTTPS://app.example", "http://[::1]:8080/"])
def test_a_url_is_taken_as_it_was_typed(url: str) -> None:
    assert target(f"  {url}\n") == url


@pytest.mark.parametrize(
    "text",
    [
        "",
        "localhost:3000",
        "127.0.0.1:3000/hooks",
        "ftp://app.example",
        "http://",
        "http:///path",
        "http://app.example:port/",
        "http://[::1",
        "http://app.example/a b",
        "http://app.example/\x1b[2J",
        "http://" + "a" * 3_000,
    ],
)
def test_anything_else_names_no_place(text: str) -> None:
    with pytest.raises(NoTarget):
        target(text)


def test_a_password_in_a_url_is_shown_to_nobody() -> None:
    assert shown("http://user:secret@app.example/x") == "http://app.example/x"
    with pytest.raises(NoTarget) as refused:
        target("http://user:secret@app.example:x/")
    assert "secret" not in str(refused.value)
