from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tui.charset import speaks_utf8


def in_locale(**variables: str) -> bool:
    """What is found by a Python that is started with these and no other variables of the locale."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG", "PYTHONUTF8"))
    }
    code = "from tui.charset import speaks_utf8; print(speaks_utf8())"
    done = subprocess.run(
        [sys.executable, "-c", code], env=kept | variables, capture_output=True, text=True, check=True, timeout=30
    )
    return done.stdout.strip() == "True"


@pytest.mark.parametrize(
    "variables",
    [
        {"LANG": "C.UTF-8"},
        {"LC_ALL": "C.UTF-8"},
        {"LC_CTYPE": "C.UTF-8"},
        {"LANG": "C", "LC_ALL": "C.UTF-8"},
        {"LANG": "C.UTF-8", "PYTHONUTF8": "1"},
    ],
    ids=str,
)
def test_a_locale_of_utf_8_is_told(variables: dict[str, str]) -> None:
    assert in_locale(**variables)


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"LANG": "C"},
        {"LC_ALL": "C"},
        {"LC_ALL": "POSIX", "LANG": "C.UTF-8"},
        {"LC_ALL": "C", "PYTHONUTF8": "1"},
    ],
    ids=str,
)
def test_any_other_locale_is_told(variables: dict[str, str]) -> None:
    assert not in_locale(**variables)


def test_windows_needs_no_locale() -> None:
    assert speaks_utf8({}, platform="win32")
