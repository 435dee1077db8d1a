from pathlib import Path

import pytest

from tui.record import Record, recorded


def test_the_record_of_a_relay_is_read(tmp_path: Path) -> None:
    file = tmp_path / "relay.json"
    file.write_text('{"pid": 7, "url": "http://127.0.0.1:4747/", "version": "0.1.0", "log": "l", "new": [1]}')
    assert recorded(file) == Record(pid=7, url="http://127.0.0.1:4747", version="0.1.0", log="l")


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "[]",
        "{}",
        '{"pid": 0, "url": "http://127.0.0.1:1"}',
        '{"pid": -1, "url": "http://127.0.0.1:1"}',
        '{"pid": "7", "url": "http://127.0.0.1:1"}',
        '{"pid": 7, "url": "file:///etc/passwd"}',
        '{"pid": 7, "url": "http://127.0.0.1:1", "vers',
    ],
)
def test_what_cannot_be_followed_is_no_record(tmp_path: Path, text: str | None) -> None:
    file = tmp_path / "relay.json"
    if text is not None:
        file.write_text(text)
    assert recorded(file) is None
