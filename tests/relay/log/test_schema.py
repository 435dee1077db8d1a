"""The log file's schema: created, brought up to date with a copy kept, refused when newer."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from relay.contract.events import Forward
from relay.log.base import LogError, NewerLog, Retention
from relay.log.schema import VERSION, connect, prepare
from relay.log.sqlite import SqliteLog
from tests.relay.log.drafts import draft


def version_of(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def test_a_new_file_gets_the_newest_version(tmp_path: Path) -> None:
    path = tmp_path / "events.sqlite3"
    with closing(connect(path)) as connection:
        prepare(connection, path)
    assert version_of(path) == VERSION


def test_a_newer_file_is_refused_and_left_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "events.sqlite3"
    with closing(connect(path)) as connection:
        connection.execute(f"PRAGMA user_version={VERSION + 1}")
        with pytest.raises(NewerLog, match="start a newer knocktop"):
            prepare(connection, path)
    assert version_of(path) == VERSION + 1


def test_another_programs_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "events.sqlite3"
    with closing(connect(path)) as connection:
        connection.execute("CREATE TABLE theirs (x)")
        with pytest.raises(LogError, match="not a log of knocktop"):
            prepare(connection, path)


def upgrade(connection: sqlite3.Connection) -> None:
    connection.execute("ALTER TABLE meta ADD COLUMN note")


def test_an_older_file_is_brought_up_step_by_step(tmp_path: Path) -> None:
    path = tmp_path / "events.sqlite3"
    with closing(connect(path)) as connection:
        prepare(connection, path)
        prepare(connection, path, version=VERSION + 1, steps={VERSION: upgrade})
        assert connection.execute("SELECT note FROM meta").fetchall()
    assert version_of(path) == VERSION + 1


def test_a_copy_of_the_older_file_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "events.sqlite3"
    with closing(connect(path)) as connection:
        prepare(connection, path)
        prepare(connection, path, version=VERSION + 1, steps={VERSION: upgrade})
    assert version_of(tmp_path / f"events.sqlite3.v{VERSION}.bak") == VERSION


def test_a_step_that_fails_leaves_the_version_before_it(tmp_path: Path) -> None:
    def broken(connection: sqlite3.Connection) -> None:
        connection.execute("ALTER TABLE meta ADD COLUMN note")
        raise RuntimeError("power cut")

    path = tmp_path / "events.sqlite3"
    with closing(connect(path)) as connection:
        prepare(connection, path)
        with pytest.raises(RuntimeError):
            prepare(connection, path, version=VERSION + 1, steps={VERSION: broken})
        with pytest.raises(sqlite3.OperationalError):
            connection.execute("SELECT note FROM meta")
    assert version_of(path) == VERSION


def test_commits_reach_the_disk_before_they_return(tmp_path: Path) -> None:
    with closing(connect(tmp_path / "events.sqlite3")) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)


KEPT = Path(__file__).with_name("schemas")


def test_a_file_of_the_present_schema_is_kept() -> None:
    assert (KEPT / f"v{VERSION}.sqlite3").exists()


@pytest.mark.parametrize("name", sorted(path.name for path in KEPT.glob("v*.sqlite3")))
async def test_a_file_of_every_schema_that_landed_is_read_and_goes_on(tmp_path: Path, name: str) -> None:
    path = tmp_path / "events.sqlite3"
    shutil.copy(KEPT / name, path)
    log = SqliteLog.open(path, retention=Retention(0, 0, 0))
    try:
        shown = {event.summary.message_id: event for event in (await log.page()).events}
        last_seq = 8 if name == "v1.sqlite3" else 9
        assert (log.first_seq, log.last_seq) == (2, last_seq)
        assert shown.keys() == {"plain", "twice", "differs", "replaced"}
        assert (shown["twice"].delivery_count, shown["differs"].body_differs) == (2, True)
        assert (await log.get(shown["replaced"].seq)).body.endswith(b'{"n":4}}')
        assert await log.append(draft("trimmed")) == (1, True)
        assert (await log.append(draft("new"))).seq == last_seq + 1
        assert [item.status for item in await log.forwards(before=1 << 62, limit=10)] == [500] * (last_seq - 8)
        assert await log.forwarded(2, Forward(url="http://127.0.0.1:3000/", status=200)) == (
            last_seq + 2,
            last_seq - 7,
        )
    finally:
        await log.close()
