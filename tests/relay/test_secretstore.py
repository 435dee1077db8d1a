"""The signing secrets in force."""

from __future__ import annotations

from pathlib import Path

import pytest

from relay.contract.signature import Secret
from relay.secretstore import SecretStore
from relay.settings.secretsfile import SecretsFileError


def store(path: Path, *configured: Secret) -> SecretStore:
    return SecretStore(configured, path / "secrets.toml")


def test_an_endpoint_with_secrets_of_its_own_is_checked_with_those_alone(tmp_path: Path) -> None:
    common, own = Secret("common", None), Secret("own", "billing")
    secrets = store(tmp_path, common, own)
    assert secrets.fitting("billing") == (own,)
    assert secrets.fitting("other") == secrets.fitting(None) == (common,)


def test_the_secrets_of_others_are_at_hand_for_a_diagnosis(tmp_path: Path) -> None:
    common, own = Secret("common", None), Secret("own", "billing")
    assert store(tmp_path, common, own).others(None) == (own,)


def test_an_added_secret_is_there_for_the_next_process(tmp_path: Path) -> None:
    store(tmp_path).add("late", None)
    assert [secret.value for secret in store(tmp_path).fitting(None)] == ["late"]


def test_a_secret_added_twice_is_there_once(tmp_path: Path) -> None:
    secrets = store(tmp_path)
    secrets.add("late", None)
    secrets.add("late", None)
    assert secrets.count == 1


def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    store(tmp_path).add("late", None)
    assert (tmp_path / "secrets.toml").stat().st_mode & 0o777 == 0o600


def test_an_added_secret_can_be_removed(tmp_path: Path) -> None:
    secrets = store(tmp_path)
    added = secrets.add("late", "billing")
    assert secrets.remove(added.id)
    assert secrets.fitting("billing") == ()
    assert store(tmp_path).count == 0


def test_a_configured_secret_can_not_be_removed(tmp_path: Path) -> None:
    common = Secret("common", None)
    secrets = store(tmp_path, common)
    assert not secrets.remove(common.id)
    assert secrets.is_configured(common.id)


def test_the_list_shows_ids_and_no_values(tmp_path: Path) -> None:
    secrets = store(tmp_path, Secret("common", None))
    secrets.add("late", "billing")
    shown = secrets.infos()
    assert [(info.endpoint, info.added) for info in shown] == [("billing", True), (None, False)]
    assert "common" not in repr(shown)
    assert "late" not in repr(shown)


@pytest.mark.parametrize(
    "text",
    ["not toml", "secret = 3", "[[secret]]\nvalue = 3", "[[secret]]\nendpoint = 'x'", "[[secret]]\nvalue = ''"],
)
def test_a_file_that_is_none_of_ours_is_refused_by_name(tmp_path: Path, text: str) -> None:
    (tmp_path / "secrets.toml").write_text(text)
    (tmp_path / "secrets.toml").chmod(0o600)
    with pytest.raises(SecretsFileError, match=r"secrets\.toml"):
        store(tmp_path)


def test_secrets_that_others_can_read_are_refused(tmp_path: Path) -> None:
    store(tmp_path).add("late", None)
    (tmp_path / "secrets.toml").chmod(0o640)
    with pytest.raises(SecretsFileError, match="chmod 600"):
        store(tmp_path)
