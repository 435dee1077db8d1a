"""How long the fault tests run: a few rounds by themselves, as many as asked for by hand."""

from __future__ import annotations

import pytest
from hypothesis import settings

# An example that is slow once, on a busy machine, is no failure.
settings.register_profile("knocktop", deadline=None)
settings.load_profile("knocktop")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--rounds", type=int, default=20, help="rounds of each fault test (20)")


@pytest.fixture
def rounds(request: pytest.FixtureRequest) -> int:
    found = request.config.getoption("--rounds")
    assert isinstance(found, int)
    return found
