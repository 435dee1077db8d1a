"""The page about `knocktop provoke` says what is so."""

from __future__ import annotations

import json
import re
import shlex

import msgspec
import pytest

from relay import canned
from relay.contract.canned import MAX_DELAY_MS, MAX_RULES, MAX_SECONDS, NewCannedAnswer, parse_script
from relay.contract.filter import parse
from tests.relay_process import ROOT
from tui.model.provoking import DURATION, drafted

PAGE = (ROOT / "docs" / "provoke.md").read_text("utf-8")
SCRIPTS = re.findall(r"^\| `([0-9x,]+)` \| (.+) \|$", PAGE, re.MULTILINE)


def test_the_scripts_that_are_shown_do_what_is_said() -> None:
    assert len(SCRIPTS) == 3
    for script, words in SCRIPTS[:2]:
        assert parse_script(script).words == words
    script, words = SCRIPTS[2]
    told = [int(word) for word in re.findall(r"[0-9]{3}", words)]
    assert [parse_script(script).status(given) for given in range(4)] == told


def test_the_command_and_the_request_that_are_shown_can_be_given() -> None:
    (command,) = re.findall(r"^knocktop provoke .+$", PAGE, re.MULTILINE)
    _, _, filter_, flag, answer = shlex.split(command)
    assert flag == "--answer"
    drafted(str(parse(filter_)), answer=answer)
    (body,) = re.findall(r"-d '(.+)'$", PAGE, re.MULTILINE)
    msgspec.convert(json.loads(body), NewCannedAnswer, strict=True)


@pytest.mark.parametrize(
    "told",
    [
        f"at most {MAX_DELAY_MS // 1_000}s",
        f"{DURATION} where nothing is said, at most {MAX_SECONDS // 3_600}h",
        f"At most {MAX_RULES} scripts",
        f"up to {canned.MAX_COUNTED:,}",
        f"at most {canned.MAX_WAITING} answers wait",
    ],
)
def test_the_bounds_that_are_told_are_in_force(told: str) -> None:
    assert told in PAGE
