"""What it costs to have a filter language around."""

from __future__ import annotations

import subprocess
import sys


def _modules_after(code: str) -> set[str]:
    script = f"import sys\nimport relay.contract.filter as f\n{code}\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=30)
    return set(done.stdout.split())


def test_importing_the_package_and_the_empty_filter_leave_the_parser_alone() -> None:
    assert not {"lark", "re2", "pydantic", "difflib"} & _modules_after("f.parse('')")


def test_the_first_filter_brings_the_parser_and_no_regular_expressions() -> None:
    modules = _modules_after("f.parse('type:message.sent')")
    assert "lark" in modules
    assert not {"re2", "pydantic", "difflib"} & modules
