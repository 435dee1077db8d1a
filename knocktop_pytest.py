"""The fixtures `knock_events` and `knocktop_relay` for pytest.

Every run of pytest where knocktop is installed loads this file, so it imports nothing until a test asks for one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tui.testing import KnockEvents, KnocktopRelay


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take the address of the relay to test with."""
    parser.addini("knocktop_relay", "URL of the relay that tests look at; without one, one is started for them")


@pytest.fixture(scope="session")
def knocktop_relay(pytestconfig: pytest.Config) -> Iterator[KnocktopRelay]:
    """The relay that KNOCKTOP_RELAY_URL or `knocktop_relay` names, else one for this session alone."""
    from relay.settings import SettingsError
    from tui.testing.relay import NoRelay, session_relay

    configured = str(pytestconfig.getini("knocktop_relay") or "") or None
    try:
        with session_relay(configured, pytestconfig.rootpath) as relay:
            yield relay
    except (NoRelay, SettingsError) as error:
        pytest.fail(f"knocktop: {error}", pytrace=False)


@pytest.fixture
def knock_events(knocktop_relay: KnocktopRelay) -> KnockEvents:
    """The events that come from now on: `knock_events.expect(filter, count=1, within=30)`."""
    from tui.testing import KnockEvents

    return KnockEvents(knocktop_relay)
