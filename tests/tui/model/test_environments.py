from __future__ import annotations

from tests.tui.made import made
from tui.model.environments import MAX_SEEN, Environment, Environments

KNOWN = {"env-1": Environment("development"), "env-2": Environment("production", "#ff0000", production=True)}


def test_production_comes_first_and_the_others_by_name_whichever_sent_the_newest_event() -> None:
    environments = Environments({**KNOWN, "env-0": Environment("staging")})
    order = ["production", "development", "staging", "env none"]
    for seq, id_ in enumerate(("env-0", "none", "env-1", "env-2", "env-0", "env-1", "none"), 1):
        environments.note([made(seq, environment_id=id_)])
        names = {one.name for one in environments.seen}
        assert [one.name for one in environments.seen] == [name for name in order if name in names]
    assert len(environments.seen) == len(order)


def test_one_without_a_name_is_called_by_the_beginning_of_its_id() -> None:
    environments = Environments(KNOWN)
    environments.note([made(1, environment_id="123e4567-e89b-12d3-a456-426614174000")])
    assert environments.seen == [Environment("env 123e4567", named=False)]


def test_an_event_that_names_none_changes_nothing() -> None:
    environments = Environments(KNOWN)
    environments.note([made(1, environment_id=None)])
    assert environments.seen == []


def test_however_many_a_stranger_makes_up_few_are_kept() -> None:
    environments = Environments()
    environments.note([made(seq, environment_id=f"{seq:08}-more") for seq in range(100)])
    assert len(environments.seen) == MAX_SEEN
    assert environments.seen[-1].name == "env 00000099"


def test_another_log_begins_without_any() -> None:
    environments = Environments(KNOWN)
    environments.note([made(1, environment_id="env-1")])
    environments.restart()
    environments.note([made(2, environment_id="env-1")])
    assert [one.name for one in environments.seen] == ["development"]


def test_an_environment_is_known_in_whatever_case_its_id_is_written() -> None:
    assert Environments({"ENV-1": Environment("development")}).of("Env-1").name == "development"


def test_production_is_to_be_told_from_others_where_there_are_others() -> None:
    environments = Environments(KNOWN)
    production, development = made(1, environment_id="env-2"), made(2, environment_id="env-1")
    environments.note([production])
    assert environments.to_beware(production) is None
    environments.note([development])
    assert environments.to_beware(production) == KNOWN["env-2"]
    assert environments.to_beware(development) is None
    assert environments.to_beware(made(3, environment_id=None)) is None


def test_the_ink_of_a_name_is_the_users_colour_or_one_of_ours() -> None:
    inks = [Environment("a", "rgb(1, 2, 3)").ink, Environment("a", production=True).ink, Environment("a").ink]
    assert inks == ["colour:rgb(1,2,3)", "bad", "event-template"]
