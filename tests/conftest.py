"""How long the fault tests run, and which tests do not run beside each other."""

from __future__ import annotations

import pytest
from hypothesis import settings

# An example that is slow once, on a busy machine, is no failure.
settings.register_profile("knocktop", deadline=None)
settings.load_profile("knocktop")


_PROCESSES = ("e2e", "faults")
"""Tests that start many processes: one after the other, so that they do not keep each other from the processor."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent.name in _PROCESSES:
            item.add_marker(pytest.mark.xdist_group("processes"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--rounds", type=int, default=20, help="rounds of each fault test (20)")


@pytest.fixture
def rounds(request: pytest.FixtureRequest) -> int:
    found = request.config.getoption("--rounds")
    assert isinstance(found, int)
    return found
