"""A suite that waits for Knock's webhooks: run it with `pytest docs/examples/pytest`, nothing else is needed.

`Shop` stands for the application under test. Where a real one asks Knock to run a workflow, this one has the relay
sent what Knock sends then, signed in the same way; the tests are the same for both.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping

import pytest

from tui.testing import KnockEvents, KnocktopRelay


class Shop:
    def __init__(self, knock: KnocktopRelay) -> None:
        self.knock = knock

    def ship(self, order: int, customer: str) -> None:
        """Ship an order, and have the customer told."""
        fields = {"data.recipient": customer, "data.data.order": order, "data.source.key": "order-shipped"}
        self.knock.trigger("message.sent", fields)
        self.knock.trigger("message.delivered", fields)


def is_signed(body: bytes, headers: Mapping[str, str], secret: str) -> bool:
    """What the application's own webhook handler does first."""
    t, s = (part.partition("=")[2] for part in headers["x-knock-signature"].split(","))
    expected = hmac.digest(secret.encode(), f"{t}.".encode() + body, hashlib.sha256)
    return hmac.compare_digest(base64.b64encode(expected).decode(), s)


@pytest.fixture
def shop(knocktop_relay: KnocktopRelay) -> Shop:
    return Shop(knocktop_relay)


def test_the_customer_is_told_that_the_order_was_shipped(shop: Shop, knock_events: KnockEvents) -> None:
    shop.ship(1001, "ada")
    [event] = knock_events.expect("type:message.delivered recipient:ada workflow:order-shipped", within="10s")
    assert event.data["data"]["order"] == 1001
    assert event.verdict == "verified"


def test_each_order_is_told_of(shop: Shop, knock_events: KnockEvents) -> None:
    for order in (1, 2, 3):
        shop.ship(order, "grace")
    events = knock_events.expect("type:message.sent recipient:grace", count=3)
    assert [event.data["data"]["order"] for event in events] == [1, 2, 3]


def test_nobody_else_is_told(shop: Shop, knock_events: KnockEvents) -> None:
    shop.ship(1001, "ada")
    knock_events.expect("type:message.delivered recipient:ada")
    knock_events.expect("NOT recipient:ada", count=0, within=0)


def test_nothing_is_told_twice(shop: Shop, knock_events: KnockEvents) -> None:
    shop.ship(1001, "ada")
    knock_events.expect("type:message.delivered")
    knock_events.clear()
    knock_events.expect("type:message.delivered", count=0, within=0.2)


def test_the_handler_believes_what_knock_sends(
    shop: Shop, knock_events: KnockEvents, knocktop_relay: KnocktopRelay
) -> None:
    shop.ship(1001, "ada")
    [event] = knock_events.expect("type:message.sent")
    assert knocktop_relay.signing_secret is not None
    assert is_signed(event.body, dict(event.headers), knocktop_relay.signing_secret)
