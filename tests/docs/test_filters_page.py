from __future__ import annotations

import runpy
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "filters.md"


def test_the_reference_of_the_filter_language_is_that_of_its_terms() -> None:
    written = runpy.run_path(str(PAGE.with_suffix(".py")))
    assert PAGE.read_text("utf-8") == written["page"](), "run: python docs/filters.py"
