"""The fixtures as other people's suites use them, in runs of pytest of their own."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from httpx import ConnectError

from tests.relay_process import ROOT, SECRET, TOKEN, environment, running
from tui.testing.relay import NoRelay, session_relay

pytest_plugins = ["pytester"]

QUIET = "[pytest]\nfilterwarnings = error\n"


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing is set for knocktop."""
    for name in ("KNOCKTOP_RELAY_URL", "KNOCKTOP_TOKEN", "KNOCKTOP_DATA_DIR", "KNOCKTOP_HOST", "KNOCKTOP_PORT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


def run(directory: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments],
        cwd=directory,
        env=environment(directory, **variables),
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_the_suite_of_the_docs_passes(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text(QUIET)
    suite = ROOT / "docs" / "examples" / "pytest"
    done = run(tmp_path, str(suite), "-c", "pytest.ini", f"--rootdir={tmp_path}")
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "5 passed" in done.stdout


SUITE = """
import asyncio
import pytest


def test_an_event_has_what_a_test_asks_for(knocktop_relay, knock_events):
    seq = knocktop_relay.trigger("message.bounced", {"data.recipient": "ada", "data.x.\\"a.b\\"": [1, None]})
    [event] = knock_events.expect("type:message.bounced recipient:ada", within=20)
    assert (event.seq, event.type, event.recipient, event.verdict) == (seq, "message.bounced", "ada", "verified")
    assert event.data["x"] == {"a.b": [1, None]} and event.payload["data"] is event.data
    assert event.body.startswith(b"{") and dict(event.headers)["x-knock-event"] == "message.bounced"
    assert repr(event).startswith(f"<KnockEvent {seq} message.bounced")


def test_an_event_of_an_earlier_test_satisfies_nothing(knock_events):
    assert knock_events.expect("type:message.bounced", count=0, within=0) == []


def test_miss(knocktop_relay, knock_events):
    knocktop_relay.trigger("message.sent", {"data.recipient": "ada"})
    knock_events.expect("type:message.sent recipient:bob", within=0)


def test_unwelcome(knocktop_relay, knock_events):
    knocktop_relay.trigger("message.sent")
    knock_events.expect("type:message.sent", count=0, within=20)


def test_what_came_before_is_forgotten(knocktop_relay, knock_events):
    knocktop_relay.trigger("message.sent")
    knock_events.clear()
    knock_events.expect(count=0, within=0)


def test_arguments_that_cannot_be(knocktop_relay, knock_events):
    with pytest.raises(ValueError, match="column 1.*did you mean recipient"):
        knock_events.expect("recipent:ada")
    with pytest.raises(ValueError, match="count"):
        knock_events.expect(count=-1)
    with pytest.raises(ValueError, match="no event type"):
        knocktop_relay.trigger("message.snet")


def test_in_a_loop_other_work_goes_on(knocktop_relay, knock_events):
    async def both():
        waiting = asyncio.ensure_future(knock_events.aexpect("type:message.read"))
        await asyncio.to_thread(knocktop_relay.trigger, "message.read")
        return (await waiting)[0].type, knock_events.expect("type:message.read")[0].type

    assert asyncio.run(both()) == ("message.read", "message.read")


def test_a_wait_in_a_loop_that_is_given_up(knock_events):
    async def impatient():
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await knock_events.aexpect("type:message.read")

    asyncio.run(impatient())
"""


def test_the_fixtures_do_what_they_promise(pytester: pytest.Pytester, alone: None) -> None:
    pytester.makeini(QUIET)
    pytester.makepyfile(SUITE)
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    result.assert_outcomes(passed=6, failed=2)
    result.stdout.fnmatch_lines_random(
        [
            ">       knock_events.expect(*bob*",
            "E       AssertionError: expected an event that matches * recipient:bob, and none is there",
            "E         1 event matched all but recipient:bob: recipient was ada (seq *)",
            "E       AssertionError: expected no event that matches *, and there is seq * message.sent*",
        ]
    )


def test_the_relay_that_the_environment_names_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, alone: None
) -> None:
    with running(tmp_path / "data") as relay:
        monkeypatch.setenv("KNOCKTOP_RELAY_URL", relay.url)
        monkeypatch.setenv("KNOCKTOP_TOKEN", TOKEN)
        monkeypatch.setenv("KNOCKTOP_SIGNING_SECRET", SECRET)
        with session_relay("http://127.0.0.1:9", tmp_path) as found:
            assert (found.url, found.own, found.trigger("message.sent")) == (relay.url, False, 1)
        monkeypatch.setenv("KNOCKTOP_TOKEN", "another")
        with pytest.raises(NoRelay, match="token refused"), session_relay(None, tmp_path):
            pass
        monkeypatch.delenv("KNOCKTOP_TOKEN")
        monkeypatch.delenv("KNOCKTOP_RELAY_URL")
        monkeypatch.setenv("KNOCKTOP_DATA_DIR", str(relay.directory))
        (relay.directory / "token").write_text(TOKEN)
        with session_relay(None, tmp_path) as found:
            assert (found.url, found.trigger("message.read")) == (relay.url, 2)


def test_a_relay_that_is_named_and_not_there_is_an_error_and_no_other_takes_its_place(
    pytester: pytest.Pytester, alone: None
) -> None:
    pytester.makeini(f"{QUIET}knocktop_relay = http://127.0.0.1:9\n")
    pytester.makepyfile("def test_it(knock_events): pass")
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*knocktop: http://127.0.0.1:9 is not reachable: connection refused"])


def test_a_relay_of_a_session_ends_with_it(tmp_path: Path, alone: None) -> None:
    with session_relay(None, tmp_path) as relay:
        assert relay.own
        assert relay.token is not None
        assert relay.token not in repr(relay)
    with pytest.raises(ConnectError):
        relay.trigger("message.sent")


def test_what_every_run_of_pytest_loads_imports_nothing_of_ours() -> None:
    [plugin] = entry_points(group="pytest11", name="knocktop")
    script = "import sys, importlib; importlib.import_module(sys.argv[1]); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script, plugin.value], capture_output=True, text=True, cwd=ROOT)
    assert {"tui", "relay", "httpx", "msgspec"} & set(done.stdout.split()) == set()


def test_a_project_with_packages_of_the_same_names_is_left_in_peace(tmp_path: Path) -> None:
    for name in ("tui", "relay"):
        (tmp_path / f"{name}.py").write_text("OURS = True\n")
    (tmp_path / "test_it.py").write_text("import relay, tui\ndef test_it(): assert tui.OURS and relay.OURS\n")
    (tmp_path / "pytest.ini").write_text(QUIET)
    done = run(tmp_path)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
