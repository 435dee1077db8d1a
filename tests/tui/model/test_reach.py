"""Which addresses are of this machine alone, and which ones Knock may reach."""

from __future__ import annotations

import pytest

from tui.model.reach import is_loopback, is_public


@pytest.mark.parametrize(
    ("url", "loopback", "public"),
    [
        ("http://127.0.0.1:4747/webhooks/knock", True, False),
        ("http://[::1]:4747", True, False),
        ("http://localhost:4747", True, False),
        ("http://a.localhost", True, False),
        ("http://192.168.1.7:4747", False, False),
        ("http://0.0.0.0:4747", False, False),
        ("http://devbox:4747", False, False),
        ("http://printer.local", False, False),
        ("https://calm-river.trycloudflare.com/webhooks/knock", False, True),
        ("https://8.8.8.8", False, True),
        ("http://[::1", False, False),
        ("", False, False),
    ],
)
def test_an_address_tells_who_can_reach_it(url: str, loopback: bool, public: bool) -> None:
    assert (is_loopback(url), is_public(url)) == (loopback, public)
