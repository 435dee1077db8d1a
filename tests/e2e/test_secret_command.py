"""`knocktop secret`, as a user runs it: prompted, piped, with a relay and without one."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock

from relay.contract.signature import Secret
from tests.relay_process import RelayProcess, environment, running, start
from tests.terminal import terminal
from tests.tui.standins import Standins, free_port

HUSH = "hush-hush-secret"
ID = Secret(HUSH).id
BODY = b'{"type": "message.sent", "data": {"id": "m1"}}'


class User:
    """Someone with an empty home, one data directory and one port."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.data_dir = home / "data"
        self.port = free_port()
        self.environ = environment(home, KNOCKTOP_DATA_DIR=str(self.data_dir), KNOCKTOP_PORT=str(self.port))

    @property
    def kept(self) -> Path:
        return self.data_dir / "secrets.toml"

    def secret(self, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "tui", "secret", *arguments]
        answer = subprocess.run(
            command, env=self.environ, cwd=self.home, input=given, capture_output=True, text=True, timeout=60
        )
        assert HUSH not in answer.stdout + answer.stderr
        return answer


@pytest.fixture
def user(tmp_path: Path) -> User:
    return User(tmp_path)


@pytest.fixture
def relay(user: User) -> Iterator[RelayProcess]:
    """A relay of this user, with a token of its own making and no secret."""
    found = start(user.data_dir, secret=None, port=user.port, token=None)
    yield found
    found.stop()
    assert found.child.stderr is not None
    found.child.stderr.close()


def test_without_a_relay_it_is_kept_for_the_next_one(user: User) -> None:
    answer = user.secret("add", given=HUSH + "\n")
    assert (answer.returncode, answer.stdout) == (0, f"{ID}\n")
    assert answer.stderr.startswith(f"kept in {user.kept}: ")
    assert user.kept.stat().st_mode & 0o777 == 0o600
    with running(user.data_dir, secret=None) as found:
        assert found.post_signed(BODY, secret=HUSH).json() == {"seq": 1, "duplicate": False}
        assert found.post_signed(BODY, secret="another").status_code == 202


def test_a_relay_that_runs_checks_with_it_at_once_and_admits_what_it_fits(user: User, relay: RelayProcess) -> None:
    user.secret("add", given="the wrong one")
    for number in (1, 2):
        body = b'{"type": "message.sent", "data": {"id": "m%d"}}' % number
        assert relay.post_signed(body, secret=HUSH).status_code == 202
    answer = user.secret("add", given=HUSH)
    assert (answer.returncode, answer.stdout) == (0, f"{ID}\n")
    assert answer.stderr == f"added to the relay at {relay.url}: 2 quarantined requests were admitted\n"
    assert relay.post_signed(BODY, secret=HUSH).status_code == 200


def test_a_relay_at_another_port_of_the_same_data_directory_is_found(user: User) -> None:
    found = start(user.data_dir, secret=None, token=None)
    try:
        said = user.secret("add", given=HUSH).stderr
        assert said == f"added to the relay at {found.url}: nothing in quarantine waited for it\n"
    finally:
        found.stop()
        assert found.child.stderr is not None
        found.child.stderr.close()


def test_a_secret_of_an_endpoint_counts_there_alone(user: User, relay: RelayProcess) -> None:
    user.secret("add", given="for any path")
    assert "for endpoint billing" in user.secret("add", "--endpoint", "billing", given=HUSH).stderr
    assert relay.post_signed(BODY, "billing", secret=HUSH).status_code == 200
    assert relay.post_signed(BODY + b" ", secret=HUSH).status_code == 202


@pytest.mark.parametrize("with_relay", [True, False])
def test_what_was_added_is_listed_and_removed_by_its_id(
    user: User, with_relay: bool, request: pytest.FixtureRequest
) -> None:
    if with_relay:
        request.getfixturevalue("relay")
    user.secret("add", given=HUSH)
    user.secret("add", "--endpoint", "billing", given="other")
    other = Secret("other").id
    assert user.secret("list").stdout == f"{ID}  all endpoints  added\n{other}  billing        added\n"
    found = [json.loads(line) for line in user.secret("list", "--json").stdout.splitlines()]
    assert found[1] == {"id": other, "endpoint": "billing", "added": True}
    assert user.secret("remove", ID).returncode == 0
    assert user.secret("list").stdout == f"{other}  billing  added\n"
    again = user.secret("remove", ID)
    assert (again.returncode, again.stderr.splitlines()[0]) == (2, f"error: no secret has the id {ID}")


def test_what_looks_like_something_else_is_taken_with_a_word_and_the_way_back(user: User) -> None:
    answer = user.secret("add", given="t=1795183389858,s=Zm9v")
    assert answer.returncode == 0
    assert "hint: that looks like the signature of a request; " in answer.stderr
    assert f"`knocktop secret remove {answer.stdout.strip()}`" in answer.stderr


def test_a_secret_that_is_there_already_is_kept_once(user: User) -> None:
    user.secret("add", given=HUSH)
    assert user.secret("add", given=HUSH).returncode == 0
    assert user.secret("list").stdout == f"{ID}  all endpoints  added\n"


def test_a_secret_of_the_settings_is_listed_and_not_removed(user: User) -> None:
    user.environ["KNOCKTOP_SIGNING_SECRET"] = HUSH
    assert user.secret("list").stdout == f"{ID}  all endpoints  from the settings\n"
    answer = user.secret("remove", ID)
    assert (answer.returncode, "comes from the settings" in answer.stderr) == (2, True)


def test_where_there_is_none_the_list_says_what_that_means(user: User) -> None:
    answer = user.secret("list")
    assert (answer.returncode, answer.stdout) == (0, "")
    assert "anyone can post events" in answer.stderr
    assert "hint: " in answer.stderr


@pytest.mark.parametrize(
    "arguments", [["add", HUSH], ["add", f"--secret={HUSH}"], ["add", "--endpoint", "a", HUSH]]
)
def test_an_argument_is_refused_and_not_repeated(user: User, arguments: list[str]) -> None:
    assert user.secret(*arguments).returncode == 2
    assert not user.kept.exists()


@pytest.mark.parametrize("given", ["", "  \n", "two\nlines", "bell\x07", "x" * 1_025])
def test_what_is_no_secret_is_refused_and_not_repeated(user: User, given: str) -> None:
    answer = user.secret("add", given=given)
    assert (answer.returncode, "that is no signing secret" in answer.stderr) == (2, True)
    assert not user.kept.exists()


def test_an_endpoint_that_no_path_has_is_refused(user: User) -> None:
    assert user.secret("add", "--endpoint", "A B", given=HUSH).returncode == 2


def test_a_prompt_on_a_terminal_does_not_show_what_is_typed(user: User) -> None:
    with terminal([sys.executable, "-m", "tui", "secret", "add"], environ=user.environ, cwd=user.home) as shown:
        shown.wait_for_text("Signing secret")
        shown.press(HUSH + "\r")
        assert shown.wait() == 0
    assert HUSH.encode() not in shown.raw
    assert ID.encode() in shown.raw


def test_a_prompt_that_is_interrupted_keeps_nothing(user: User) -> None:
    with terminal([sys.executable, "-m", "tui", "secret", "add"], environ=user.environ, cwd=user.home) as shown:
        shown.wait_for_text("Signing secret")
        shown.child.send_signal(2)
        assert shown.wait() == 130
    assert not user.kept.exists()


def test_a_relay_elsewhere_that_is_not_there_is_exit_16_and_nothing_is_kept_here(user: User) -> None:
    answer = user.secret("add", "--relay", f"http://0.0.0.0:{free_port()}/below", given=HUSH)
    assert (answer.returncode, "there is no relay at" in answer.stderr) == (16, True)
    assert not user.kept.exists()


def test_a_refused_token_is_exit_10(user: User, relay: RelayProcess) -> None:
    user.environ["KNOCKTOP_TOKEN"] = "wrong"
    assert user.secret("add", given=HUSH).returncode == 10


def test_a_relay_that_holds_the_directory_and_does_not_answer_is_exit_19(user: User) -> None:
    user.data_dir.mkdir()
    with FileLock(user.data_dir / "lock"):
        answer = user.secret("add", given=HUSH)
    assert (answer.returncode, "does not answer" in answer.stderr) == (19, True)
    assert not user.kept.exists()


def test_something_else_on_the_port_is_no_relay_and_gets_no_secret(user: User, tmp_path: Path) -> None:
    standins = Standins(tmp_path)
    try:
        standins.start("foreign", user.port)
        assert user.secret("add", given=HUSH).stderr.startswith(f"kept in {user.kept}")
    finally:
        standins.end()


def test_a_file_that_others_can_read_is_not_trusted(user: User) -> None:
    user.secret("add", given=HUSH)
    user.kept.chmod(0o644)
    answer = user.secret("add", given="other")
    assert (answer.returncode, "chmod 600" in answer.stderr) == (1, True)


def test_a_relay_elsewhere_that_a_project_file_names_gets_no_secret(user: User, tmp_path: Path) -> None:
    with running(tmp_path / "theirs", "--host", "0.0.0.0", secret=None) as theirs:
        url = theirs.url.replace("127.0.0.1", "0.0.0.0")
        (user.home / "knocktop.toml").write_text(f'relay = "{url}"\n')
        user.environ["KNOCKTOP_TOKEN"] = "of-another-relay"
        answer = user.secret("add", given=HUSH)
        assert answer.returncode == 10, answer.stderr
        assert "there is no token for the relay" in answer.stderr
        with theirs.client() as client:
            assert client.get("/v1/secrets").json()["items"] == []
