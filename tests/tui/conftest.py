from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tui.standins import TOKEN, Standins


@pytest.fixture
def standins(tmp_path: Path) -> Iterator[Standins]:
    """Processes that stand in for relays, on a data directory of their own."""
    found = Standins(tmp_path)
    found.data_dir.mkdir()
    (found.data_dir / "token").write_text(TOKEN)
    yield found
    found.end()
