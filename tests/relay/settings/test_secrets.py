from pathlib import Path

import pytest

from relay.settings import Endpoint, SecretStr, Settings, SettingsError, SigningSecret, signing_secrets


def found(settings: Settings, **environ: str) -> list[tuple[str, str | None]]:
    return [(secret.value.get_secret_value(), secret.endpoint) for secret in signing_secrets(settings, environ)]


def test_one_variable_holds_several_secrets() -> None:
    assert found(Settings(signing_secret=SecretStr("one, two,,"))) == [("one", None), ("two", None)]


def test_a_file_holds_secrets_on_lines_of_their_own(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("one\ntwo,three\n")
    assert found(Settings(signing_secret_file=file)) == [("one", None), ("two", None), ("three", None)]


def test_an_endpoint_has_secrets_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("from-file\n")
    settings = Settings(endpoints={"api": Endpoint(secret_env="API"), "web": Endpoint(secret_file=file)})
    assert found(settings, API="from-variable") == [("from-variable", "api"), ("from-file", "web")]


def test_an_endpoint_whose_variable_is_not_set_is_refused() -> None:
    settings = Settings(endpoints={"api": Endpoint(secret_env="API")})
    with pytest.raises(SettingsError, match="endpoint api takes its secret from API, which is not set"):
        signing_secrets(settings, {"API": " , "})


@pytest.mark.parametrize(
    ("body", "why"), [(None, "No such file"), (b" \n,", "holds no secret"), (b"\xff", "not UTF-8")]
)
def test_a_file_without_a_secret_is_refused_with_its_name(tmp_path: Path, body: bytes | None, why: str) -> None:
    file = tmp_path / "secret"
    if body is not None:
        file.write_bytes(body)
    with pytest.raises(SettingsError, match=why) as caught:
        signing_secrets(Settings(signing_secret_file=file), {})
    assert caught.value.file == file


def test_a_secret_does_not_show_in_its_text() -> None:
    assert "hush" not in repr(SigningSecret(SecretStr("hush"), None))
