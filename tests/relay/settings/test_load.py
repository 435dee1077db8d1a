from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from relay.settings import Loaded, SettingsError, load
from relay.settings.sources import in_files

ENVIRONMENT = "0a8e6f9e-1111-4000-8000-00000000000a"

Load = Callable[..., Loaded]


@pytest.fixture
def loaded(tmp_path: Path) -> Load:
    """Load with the texts of a project file and a user file, in directories of their own."""

    def load_from(
        project: str | bytes | None = None,
        user: str | bytes | None = None,
        environ: Mapping[str, str] | None = None,
        **flags: Any,
    ) -> Loaded:
        for name, text in (("project/knocktop.toml", project), ("user/config.toml", user)):
            path = tmp_path / name
            path.parent.mkdir(exist_ok=True)
            path.unlink(missing_ok=True)
            if text is not None:
                path.write_bytes(text.encode() if isinstance(text, str) else text)
        return load(flags, environ=environ or {}, cwd=tmp_path / "project", user_config_dir=tmp_path / "user")

    return load_from


def refusal(load_from: Load, *files: str | bytes | None, **given: Any) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        load_from(*files, **given)
    return caught.value


def test_without_anything_the_defaults_hold(loaded: Load) -> None:
    found = loaded()
    settings = found.settings
    assert (settings.host, settings.port, settings.log, settings.verify) == (
        "127.0.0.1",
        4747,
        "sqlite",
        "quarantine",
    )
    assert settings.retention_events == 1_000_000
    assert settings.retention_age == timedelta(days=30)
    assert settings.retention_size == 2 * 1024**3
    assert settings.stall_after == timedelta(minutes=10)
    assert settings.idle_exit is None
    assert settings.data_dir.name == "knocktop"
    assert {str(origin) for origin in found.origins.values()} == {"default"}


@pytest.mark.parametrize(
    ("user", "project", "variable", "flag", "port", "kind"),
    [
        ("port = 1", "port = 2", "3", 4, 4, "flag"),
        ("port = 1", "port = 2", "3", None, 3, "environment"),
        ("port = 1", "port = 2", "", None, 2, "project file"),
        ("port = 1", None, "", None, 1, "user file"),
        (None, None, "", None, 4747, "default"),
        ("port = 1", None, "3", None, 3, "environment"),
        (None, "port = 2", "", 4, 4, "flag"),
    ],
)
def test_the_nearer_source_wins(
    loaded: Load, user: str | None, project: str | None, variable: str, flag: int | None, port: int, kind: str
) -> None:
    found = loaded(project, user, {"KNOCKTOP_PORT": variable}, port=flag)
    assert (found.settings.port, found.origins["port"].kind) == (port, kind)


_RANKED = ["user", "project", "environment", "flag"]


@given(
    sources=st.dictionaries(
        st.sampled_from(["host", "public_url", "retention_events"]), st.sets(st.sampled_from(_RANKED))
    )
)
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
def test_each_setting_is_decided_by_itself(loaded: Load, sources: dict[str, set[str]]) -> None:
    def value(name: str, source: str) -> Any:
        number = _RANKED.index(source) + 1
        return {"host": f"h{number}", "public_url": f"http://p{number}", "retention_events": number}[name]

    def lines(source: str) -> str:
        return "".join(f"{name} = {value(name, source)!r}\n" for name in sources if source in sources[name])

    environ = {
        f"KNOCKTOP_{name.upper()}": str(value(name, "environment"))
        for name in sources
        if "environment" in sources[name]
    }
    flags = {name: value(name, "flag") for name in sources if "flag" in sources[name]}
    found = loaded(lines("project"), lines("user"), environ, **flags)
    for name, given_by in sources.items():
        expected = max(given_by, key=_RANKED.index, default=None)
        if expected is None:
            assert found.origins[name].kind == "default"
        else:
            assert found.origins[name].kind.split()[0] == expected
            assert getattr(found.settings, name) == value(name, expected)


def test_an_origin_names_flag_variable_or_place(loaded: Load, tmp_path: Path) -> None:
    found = loaded("\nutc = true", None, {"KNOCKTOP_PORT": "1"}, relay_url="http://127.0.0.1:5000")
    assert str(found.origins["relay_url"]) == "--relay"
    assert str(found.origins["port"]) == "KNOCKTOP_PORT"
    assert str(found.origins["utc"]) == f"{tmp_path / 'project' / 'knocktop.toml'}:2"
    assert str(found.origins["host"]) == "default"


def test_tables_are_merged_name_by_name_and_key_by_key(loaded: Load, tmp_path: Path) -> None:
    user = f'[environments."{ENVIRONMENT.upper()}"]\ncolour = "red"\nname = "mine"\n[keys]\nquit = "x"'
    project = f'[environments."{ENVIRONMENT}"]\nname = "theirs"\n[keys]\nopen = "o"'
    found = loaded(project, user)
    environment = found.settings.environments[ENVIRONMENT]
    assert (environment.name, environment.colour) == ("theirs", "red")
    assert found.settings.keys == {"quit": "x", "open": "o"}
    assert found.origins[f"environments.{ENVIRONMENT}.colour"].line == 2
    assert found.origins[f"environments.{ENVIRONMENT}.name"].kind == "project file"
    assert found.origins["keys.quit"].kind == "user file"


def test_a_project_file_marks_an_environment_as_production_but_takes_no_mark_away(loaded: Load) -> None:
    name = f"environments.{ENVIRONMENT}.production"
    table = f'[environments."{ENVIRONMENT}"]\n'
    unmarked = loaded(f"{table}production = false", f"{table}production = true")
    assert unmarked.settings.environments[ENVIRONMENT].production
    assert unmarked.origins[name].kind == "user file"
    marked = loaded(f"{table}production = true", f"{table}production = false")
    assert marked.settings.environments[ENVIRONMENT].production
    assert marked.origins[name].kind == "project file"


def test_quantities_are_read_as_people_write_them(loaded: Load) -> None:
    settings = loaded(
        'retention_age = "12h"\nretention_size = "500MB"', environ={"KNOCKTOP_RETENTION_EVENTS": "0"}
    ).settings
    assert settings.retention_age == timedelta(hours=12)
    assert settings.retention_size == 500_000_000
    assert settings.retention_events == 0


def test_a_retention_of_zero_needs_no_unit(loaded: Load) -> None:
    assert loaded("retention_age = 0").settings.retention_age == timedelta()


def test_a_list_in_a_variable_has_commas(loaded: Load) -> None:
    found = loaded(environ={"KNOCKTOP_ALLOW_ORIGIN": "http://a.test, https://B.test:8443"})
    assert found.settings.allow_origin == ["http://a.test", "https://b.test:8443"]


@pytest.mark.parametrize(("text", "on"), [("1", True), ("true", True), ("0", False), ("no", False), ("", False)])
def test_a_switch_in_a_variable_is_a_word_or_a_digit(loaded: Load, text: str, on: bool) -> None:
    assert loaded(environ={"KNOCKTOP_UTC": text}).settings.utc is on


def test_a_path_in_a_file_starts_at_that_file(loaded: Load, tmp_path: Path) -> None:
    assert loaded('data_dir = "events"').settings.data_dir == tmp_path / "project" / "events"
    assert loaded(None, 'data_dir = "events"').settings.data_dir == tmp_path / "user" / "events"


def test_a_path_in_a_flag_or_a_variable_starts_where_the_user_is(loaded: Load, tmp_path: Path) -> None:
    assert loaded(data_dir="../x").settings.data_dir == tmp_path / "x"
    assert loaded(environ={"KNOCKTOP_DATA_DIR": "x"}).settings.data_dir == tmp_path / "project" / "x"


def test_a_relay_url_is_settled_before_it_is_compared(loaded: Load) -> None:
    found = loaded(
        None, '[relays."HTTPS://Relay.example:443/"]\ntoken_env = "TEAM_TOKEN"', relay_url="https://relay.EXAMPLE"
    )
    assert found.settings.relay_url in found.settings.relays
    assert 'relays."https://relay.example".token_env' in found.origins


def test_the_file_may_name_the_relay_as_the_flag_does(loaded: Load) -> None:
    assert loaded('relay = "http://127.0.0.1:9"').settings.relay_url == "http://127.0.0.1:9"


@pytest.mark.parametrize(
    ("settings", "address"),
    [
        ({}, "http://127.0.0.1:4747"),
        ({"host": "::1", "port": 1}, "http://[::1]:1"),
        ({"host": "[::1]", "port": 1}, "http://[::1]:1"),
        ({"host": "0.0.0.0"}, "http://127.0.0.1:4747"),
        ({"host": "::"}, "http://[::1]:4747"),
        ({"host": "relay.lan", "relay_url": "https://relay.example/knock/"}, "https://relay.example/knock"),
    ],
)
def test_clients_find_the_relay_where_it_is(loaded: Load, settings: dict[str, Any], address: str) -> None:
    assert loaded(**settings).settings.address == address


@pytest.mark.parametrize(
    ("text", "key", "what"),
    [
        ('\ntoken = "t"', "token", "a token"),
        ('\nsigning_secret = "s"', "signing_secret", "a secret"),
        ('\nsigning_secret_file = "s"', "signing_secret_file", "a secret"),
        ('[endpoints.api]\nsecret_env = "S"', "endpoints.api.secret_env", "a secret"),
        ('\nendpoints.api = { secret_file = "s" }', "endpoints.api.secret_file", "a secret"),
        (
            '[relays."https://relay.example"]\ntoken_env = "T"',
            'relays."https://relay.example".token_env',
            "a token",
        ),
    ],
)
def test_a_project_file_that_opens_doors_is_refused(
    loaded: Load, tmp_path: Path, text: str, key: str, what: str
) -> None:
    error = refusal(loaded, text)
    assert (error.file, error.line) == (tmp_path / "project" / "knocktop.toml", 2)
    assert error.message == f"`{key}`: a project file may not name {what}"
    assert error.hint


def test_a_project_file_that_names_a_program_is_refused(loaded: Load) -> None:
    error = refusal(loaded, 'utc = true\ntunnel = "cloudflared"')
    assert (error.line, error.message) == (2, "`tunnel`: a project file may not name a program")


@pytest.mark.parametrize(
    "target",
    [
        '"http://elsewhere.example"',
        '"http://127.0.0.1@elsewhere.example/"',
        '"http://127.0.0.1.elsewhere.example"',
        '"http://[::1"',
        '"elsewhere"',
    ],
)
def test_a_project_file_that_forwards_off_this_machine_is_refused(loaded: Load, target: str) -> None:
    error = refusal(loaded, f"utc = true\nforward = {target}")
    assert (error.line, error.message) == (
        2,
        "`forward`: a project file may not name a forward target outside this machine",
    )
    assert error.hint


def test_a_project_file_may_forward_to_this_machine(loaded: Load) -> None:
    found = loaded('forward = "http://localhost:3000/hooks?a=1"')
    assert found.settings.forward == "http://localhost:3000/hooks?a=1"


@pytest.mark.parametrize("target", ['"ftp://127.0.0.1/"', '"http://a:b@127.0.0.1/"', '"http://127.0.0.1/a b"'])
def test_where_to_forward_is_a_url_that_can_be_shown(loaded: Load, target: str) -> None:
    assert "`forward` should be a URL" in refusal(loaded, None, f"forward = {target}").message


def test_a_project_file_does_not_get_a_program_in_under_another_name(loaded: Load) -> None:
    assert refusal(loaded, 'utc = true\ncommand = "rm"').message == "unknown key `command`"


@pytest.mark.parametrize("name", in_files(project=True))
def test_every_setting_of_a_wrong_type_is_refused_with_its_line(loaded: Load, tmp_path: Path, name: str) -> None:
    error = refusal(loaded, f"# a comment\n\n{name} = 2026-01-01")
    assert (error.file, error.line) == (tmp_path / "project" / "knocktop.toml", 3)
    assert f"`{name}` should be" in error.message


@pytest.mark.parametrize("name", ["token", "signing_secret"])
def test_no_file_holds_a_secret_itself(loaded: Load, name: str) -> None:
    error = refusal(loaded, None, f'\n\n{name} = "hush"')
    assert error.line == 3
    assert "hush" not in str(error)
    assert f"KNOCKTOP_{name.upper()}" in str(error.hint)


def test_the_users_own_file_names_where_secrets_are(loaded: Load, tmp_path: Path) -> None:
    settings = loaded(None, 'signing_secret_file = "key"\n[endpoints.api]\nsecret_env = "S"').settings
    assert settings.signing_secret_file == tmp_path / "user" / "key"
    assert settings.endpoints["api"].secret_env == "S"


@pytest.mark.parametrize(
    ("text", "line", "message", "hint"),
    [
        ("\nprot = 1", 2, "unknown key `prot`", "did you mean `port`?"),
        ("\n\nzzz = 1", 3, "unknown key `zzz`", None),
        ("idle_exit = '1h'", 1, "unknown key `idle_exit`", None),
        ("[enviroments.x]\nname='a'", 1, "unknown key `enviroments`", "did you mean `environments`?"),
        (
            f'[environments."{ENVIRONMENT}"]\nproduction = true\ncolor = "red"',
            3,
            f"unknown key `environments.{ENVIRONMENT}.color`",
            "did you mean `colour`?",
        ),
        ('\nport = "80"', 2, "`port` should be a whole number from 0 to 65535, not '80'", None),
        ("port = true", 1, "`port` should be a whole number from 0 to 65535, not true", None),
        ("\nport = 65536", 2, "`port` should be a whole number from 0 to 65535, not 65536", None),
        (
            'verify = "quarantin"',
            1,
            "`verify` should be quarantine, reject or off, not 'quarantin'",
            "did you mean `quarantine`?",
        ),
        (
            "retention_size = '2 parsecs'",
            1,
            "`retention_size` should be a size such as 500MB or 2GiB, not '2 parsecs'",
            None,
        ),
        ("retention_age = 5", 1, "`retention_age` should be a duration such as 30d, 12h or 1h30m, not 5", None),
        ("environments = 1", 1, "`environments` should be a table, not 1", None),
        ("[keys]\n\nquit = 1", 3, "`keys.quit` should be a string, not 1", None),
        (
            "public_url = 'ftp://x'",
            1,
            "`public_url` should be a URL such as http://127.0.0.1:4747, without user, query or fragment, not 'ftp://x'",
            None,
        ),
        (
            "relay = 'http://u:p@x'",
            1,
            "`relay_url` should be a URL such as http://127.0.0.1:4747, without user, query or fragment, not 'http://u:p@x'",
            None,
        ),
        ("relay = 'http://a'\nrelay_url = 'http://b'", 1, "`relay` and `relay_url` are the same key", None),
        (
            "host = 'a b'",
            1,
            "`host` should be a name or an address such as 127.0.0.1, not 'a b'",
            None,
        ),
        ("utc = false\na = = 1", 2, "is not TOML: Invalid value", None),
    ],
)
def test_what_is_wrong_in_a_file_is_refused_with_its_line(
    loaded: Load, tmp_path: Path, text: str, line: int, message: str, hint: str | None
) -> None:
    file = tmp_path / "project" / "knocktop.toml"
    error = refusal(loaded, text)
    assert (error.file, error.line, error.message, error.hint) == (file, line, message, hint)
    assert str(error) == f"{file}:{line}: {message}"


def test_a_wrong_value_is_refused_though_a_nearer_source_has_another(loaded: Load) -> None:
    assert refusal(loaded, "port = 'x'", port=1).line == 1


def test_a_file_that_is_not_utf_8_is_refused_with_its_line(loaded: Load) -> None:
    error = refusal(loaded, b"utc = true\n# \xff")
    assert (error.line, error.message) == (2, "is not UTF-8")


def test_a_file_that_cannot_be_read_is_refused(loaded: Load, tmp_path: Path) -> None:
    (tmp_path / "elsewhere" / "knocktop.toml").mkdir(parents=True)
    with pytest.raises(SettingsError, match="cannot be read: Is a directory"):
        load(environ={}, cwd=tmp_path / "elsewhere", user_config_dir=tmp_path)


def test_a_wrong_variable_is_named(loaded: Load) -> None:
    error = refusal(loaded, environ={"KNOCKTOP_PORT": "x"})
    assert str(error) == "KNOCKTOP_PORT should be a whole number from 0 to 65535, not 'x'"


def test_a_wrong_flag_is_named(loaded: Load) -> None:
    assert str(refusal(loaded, relay_url="x")).startswith("--relay should be a URL such as")


def test_a_variable_without_meaning_is_reported_and_does_no_harm(loaded: Load) -> None:
    assert loaded(environ={"KNOCKTOP_PROT": "1", "OTHER": "2"}).unused == ("KNOCKTOP_PROT",)


@pytest.mark.parametrize("name", ["token", "signing_secret", "endpoints", "nothing"])
def test_a_secret_is_never_a_flag(loaded: Load, name: str) -> None:
    with pytest.raises(ValueError, match="no such flag"):
        loaded(**{name: "x"})


@pytest.mark.parametrize("token", ["two words", "bell\x07", "ümlaut"])
def test_a_token_that_no_header_can_carry_is_refused_without_showing_it(loaded: Load, token: str) -> None:
    error = refusal(loaded, environ={"KNOCKTOP_TOKEN": token})
    assert str(error) == "KNOCKTOP_TOKEN should be ASCII without spaces"


def test_secrets_do_not_show_in_the_settings_text(loaded: Load) -> None:
    found = loaded(environ={"KNOCKTOP_TOKEN": "hush-token", "KNOCKTOP_SIGNING_SECRET": "hush-secret"})
    assert "hush" not in repr(found) + str(found.settings)


def test_a_key_cannot_write_to_the_terminal(loaded: Load) -> None:
    error = refusal(loaded, '"\\u001b[31mred" = 1')
    assert "\x1b" not in str(error) + str(error.hint)
