from collections.abc import Mapping
from pathlib import Path

import pytest

from relay.contract.signature import Secret
from relay.settings import Loaded, SettingsError, load
from tui.credentials import secret_of_event, signing_secret, viewer_token

HERE = "http://127.0.0.1:4747"
THERE = "https://relay.example"


def loaded(
    home: Path, user: str = "", project: str = "", environ: Mapping[str, str] | None = None, **flags: str
) -> Loaded:
    (home / "config.toml").write_text(user)
    (home / "knocktop.toml").write_text(project)
    data = home / "data"
    data.mkdir(exist_ok=True)
    (data / "token").write_text("of-the-directory\n")
    return load({"data_dir": data} | flags, environ=environ or {}, cwd=home, user_config_dir=home)


def test_the_token_of_the_data_directory_goes_to_this_machine(tmp_path: Path) -> None:
    token = viewer_token(loaded(tmp_path), HERE, {})
    assert (token.value, token.source) == ("of-the-directory", str(tmp_path / "data" / "token"))


@pytest.mark.parametrize("url", [THERE, "http://0.0.0.0:4747", "http://10.0.0.1", "http://localhost.example"])
def test_the_token_of_the_data_directory_goes_nowhere_else(tmp_path: Path, url: str) -> None:
    assert viewer_token(loaded(tmp_path), url, {}).value is None


def test_the_variable_goes_before_the_directory(tmp_path: Path) -> None:
    token = viewer_token(loaded(tmp_path, environ={"KNOCKTOP_TOKEN": "of-mine"}), HERE, {})
    assert (token.value, token.source) == ("of-mine", "KNOCKTOP_TOKEN")


def test_a_relay_elsewhere_has_its_token_in_a_variable_of_its_own(tmp_path: Path) -> None:
    found = loaded(tmp_path, f'[relays."{THERE}"]\ntoken_env = "TEAM"', relay_url=THERE)
    token = viewer_token(found, THERE, {"TEAM": " of-the-team "})
    assert (token.value, token.source) == ("of-the-team", "TEAM")


def test_a_relay_elsewhere_has_its_token_in_a_file_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "team").write_text("of-the-team\n")
    found = loaded(tmp_path, f'[relays."{THERE}"]\ntoken_file = "team"', relay_url=THERE)
    assert viewer_token(found, THERE, {}).value == "of-the-team"


def test_a_relay_named_in_the_config_goes_before_the_directory(tmp_path: Path) -> None:
    found = loaded(tmp_path, f'[relays."{HERE}"]\ntoken_env = "TUNNELLED"')
    assert viewer_token(found, HERE, {"TUNNELLED": "t"}).value == "t"


def test_the_variable_does_not_go_to_an_address_that_came_with_the_project(tmp_path: Path) -> None:
    found = loaded(tmp_path, project=f'relay = "{THERE}"', environ={"KNOCKTOP_TOKEN": "of-mine"})
    token = viewer_token(found, THERE, {})
    assert token.value is None
    assert f'[relays."{THERE}"]' in token.source


def test_the_variable_goes_to_an_address_that_the_user_named(tmp_path: Path) -> None:
    environ = {"KNOCKTOP_TOKEN": "of-mine", "KNOCKTOP_RELAY_URL": THERE}
    found = loaded(tmp_path, project='relay = "https://other.example"', environ=environ)
    assert viewer_token(found, THERE, {}).value == "of-mine"


@pytest.mark.parametrize("body", [b"", b" \n", b"two words", b"bell\x07", b"\xff"])
def test_a_file_that_holds_no_token_gives_none(tmp_path: Path, body: bytes) -> None:
    found = loaded(tmp_path)
    found.settings.files.token.write_bytes(body)
    assert viewer_token(found, HERE, {}).value is None


def test_a_token_does_not_show_in_its_text(tmp_path: Path) -> None:
    assert "of-the-directory" not in repr(viewer_token(loaded(tmp_path), HERE, {}))


ADDED = '[[secret]]\nvalue = "added"\n[[secret]]\nvalue = "added-for-api"\nendpoint = "api"\n'


def added(found: Loaded, text: str = ADDED) -> None:
    found.settings.files.secrets.touch(mode=0o600)
    found.settings.files.secrets.write_text(text)


def secret(found: Loaded, url: str, environ: Mapping[str, str] | None = None) -> str | None:
    return signing_secret(found.settings, url, environ or {})


def test_the_first_configured_secret_signs(tmp_path: Path) -> None:
    found = loaded(tmp_path, environ={"KNOCKTOP_SIGNING_SECRET": "one,two"})
    added(found)
    assert secret(found, f"{HERE}/webhooks/knock") == "one"


def test_a_secret_that_was_added_to_the_relay_signs(tmp_path: Path) -> None:
    found = loaded(tmp_path)
    added(found)
    assert secret(found, f"{HERE}/webhooks/knock") == "added"


def test_an_endpoint_has_a_secret_of_its_own(tmp_path: Path) -> None:
    found = loaded(tmp_path, '[endpoints.web]\nsecret_env = "WEB"', environ={"KNOCKTOP_SIGNING_SECRET": "one"})
    added(found)
    environ = {"WEB": "for-web"}
    assert secret(found, f"{HERE}/webhooks/knock/web/", environ) == "for-web"
    assert secret(found, f"{HERE}/webhooks/knock/api", environ) == "added-for-api"
    assert secret(found, f"{HERE}/webhooks/knock/other", environ) == "one"


def test_without_a_secret_nothing_signs(tmp_path: Path) -> None:
    assert secret(loaded(tmp_path), f"{HERE}/webhooks/knock") is None


@pytest.mark.parametrize("text", ["secret = 1", "[[secret]]", "nothing = 1", "= ="])
def test_added_secrets_that_cannot_be_read_are_refused(tmp_path: Path, text: str) -> None:
    found = loaded(tmp_path)
    added(found, text)
    with pytest.raises(SettingsError) as caught:
        secret(found, HERE)
    assert caught.value.file == found.settings.files.secrets


def test_an_event_is_signed_with_the_secret_that_its_deliveries_were_signed_with(tmp_path: Path) -> None:
    settings = loaded(tmp_path, environ={"KNOCKTOP_SIGNING_SECRET": "older,newer"}).settings
    assert secret_of_event(settings, None, {Secret("newer").id}, {}) == "newer"
    assert secret_of_event(settings, None, {"of-none"}, {}) == "older"
    assert secret_of_event(settings, "orders", (), {}) == "older"


def test_an_event_of_an_endpoint_is_signed_with_the_secret_of_that(tmp_path: Path) -> None:
    found = loaded(
        tmp_path, '[endpoints.orders]\nsecret_env = "ORDERS"', environ={"KNOCKTOP_SIGNING_SECRET": "of-any"}
    )
    assert secret_of_event(found.settings, "orders", (), {"ORDERS": "of-orders"}) == "of-orders"
    assert secret_of_event(found.settings, "orders", {Secret("of-any").id}, {"ORDERS": "of-orders"}) == "of-any"
    assert secret_of_event(found.settings, None, (), {"ORDERS": "of-orders"}) == "of-any"


def test_without_a_secret_an_event_cannot_be_signed(tmp_path: Path) -> None:
    assert secret_of_event(loaded(tmp_path).settings, None, (), {}) is None
