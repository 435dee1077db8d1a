from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from relay.contract.signature import Secret
from relay.settings import Loaded, load
from tui.cli.config import config


def loaded(home: Path, project: str = "", user: str = "", **environ: str) -> Loaded:
    (home / "knocktop.toml").write_text(project)
    (home / "config.toml").write_text(user)
    return load({"data_dir": home / "data"}, environ=environ, cwd=home, user_config_dir=home)


def columns(found: Loaded) -> dict[str, list[str]]:
    out = io.StringIO()
    config(found, out=out)
    lines = [[part.strip() for part in line.split("  ") if part.strip()] for line in out.getvalue().splitlines()]
    return {line[0]: line[1:] for line in lines if line}


def document(found: Loaded) -> Any:
    out = io.StringIO()
    config(found, as_json=True, out=out)
    return json.loads(out.getvalue())


def test_each_setting_has_its_value_and_its_source(tmp_path: Path) -> None:
    found = columns(loaded(tmp_path, "utc = true", 'retention_age = "12h"', KNOCKTOP_PORT="5000"))
    assert found["host"] == ["127.0.0.1", "default"]
    assert found["port"] == ["5000", "KNOCKTOP_PORT"]
    assert found["utc"] == ["true", f"{tmp_path / 'knocktop.toml'}:1"]
    assert found["retention_age"] == ["12h", f"{tmp_path / 'config.toml'}:1"]
    assert found["retention_size"] == ["2GiB", "default"]
    assert found["data_dir"] == [str(tmp_path / "data"), "--data-dir"]


def test_a_table_has_a_line_for_each_value(tmp_path: Path) -> None:
    user = (
        '[endpoints.api]\nsecret_env = "API"\n[keys]\nquit = "x"\n[relays."https://r.example"]\ntoken_file = "t"'
    )
    found = columns(loaded(tmp_path, user=user))
    assert found["endpoints.api.secret_env"] == ["API", f"{tmp_path / 'config.toml'}:2"]
    assert found["keys.quit"] == ["x", f"{tmp_path / 'config.toml'}:4"]
    assert found['relays."https://r.example".token_file'][0] == str(tmp_path / "t")


def test_a_secret_shows_as_the_ids_that_the_relay_gives_it(tmp_path: Path) -> None:
    secrets = {"KNOCKTOP_SIGNING_SECRET": "hush-one, hush-two", "KNOCKTOP_TOKEN": "hush-three"}
    found = loaded(tmp_path, **secrets)
    one, two, three = (Secret(f"hush-{number}").id for number in ("one", "two", "three"))
    assert columns(found)["signing_secret"] == [f"set, id {one}, id {two}", "KNOCKTOP_SIGNING_SECRET"]
    assert columns(found)["token"] == [f"set, id {three}", "KNOCKTOP_TOKEN"]
    assert "hush" not in str(columns(found)) + str(document(found))


def test_what_is_not_set_says_so(tmp_path: Path) -> None:
    found = columns(loaded(tmp_path))
    assert {found[name][0] for name in ("token", "signing_secret", "filter", "keys", "allow_origin")} == {
        "not set"
    }


def test_every_path_in_use_is_named_and_whether_it_is_there(tmp_path: Path) -> None:
    found = columns(loaded(tmp_path))
    assert found["project file"] == [str(tmp_path / "knocktop.toml")]
    assert found["event log"] == [str(tmp_path / "data" / "events.sqlite3"), "(none)"]
    assert set(document(loaded(tmp_path))["paths"]) == {
        "project file",
        "user file",
        "data directory",
        "event log",
        "viewer token",
        "added secrets",
        "running relay",
        "lock",
        "relay log",
        "dashboard log",
        "tunnel log",
        "dashboard state",
    }


def test_the_json_has_values_of_their_own_type(tmp_path: Path) -> None:
    settings = document(loaded(tmp_path, "port = 5000"))["settings"]
    assert settings["port"] == {
        "value": 5000,
        "origin": "project file",
        "name": "port",
        "file": str(tmp_path / "knocktop.toml"),
        "line": 1,
    }
    assert settings["utc"] == {"value": False, "origin": "default"}
    assert settings["public_url"] == {"value": None, "origin": "default"}
    assert settings["data_dir"]["name"] == "--data-dir"


def test_a_variable_that_means_nothing_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config(loaded(tmp_path, KNOCKTOP_PROT="1"), out=io.StringIO())
    assert (
        capsys.readouterr().err
        == "KNOCKTOP_PROT means nothing to this version\nhint: did you mean KNOCKTOP_PORT?\n"
    )


def test_a_value_cannot_act_on_the_terminal(tmp_path: Path) -> None:
    out = io.StringIO()
    config(loaded(tmp_path, '[filters]\n"\\u001b[2J" = "\\u001b[31m"'), out=out)
    assert "\x1b" not in out.getvalue()
