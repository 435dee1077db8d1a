"""What Knock documents is known by name, and the rest is taken as it comes."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given

from relay.contract import jsontext
from relay.contract.events import Entity
from relay.contract.knock import CATALOGUE, FAILED, FAMILIES, entity_of, family_of, is_known, recipient_of, text_of
from tests.relay.contract.samples import NAMES, any_json, any_object, any_type, sample

# A second time on purpose: a type that goes missing from the catalogue must not go unnoticed.
DOCUMENTED = [
    "message.sent",
    "message.delivered",
    "message.delivery_attempted",
    "message.undelivered",
    "message.bounced",
    "message.complaint",
    "message.seen",
    "message.unseen",
    "message.read",
    "message.unread",
    "message.archived",
    "message.unarchived",
    "message.interacted",
    "message.link_clicked",
    "workflow_recipient_run.started",
    "workflow_recipient_run.completed",
    "workflow_recipient_run.error",
    "workflow.updated",
    "workflow.committed",
    "email_layout.updated",
    "email_layout.committed",
    "translation.updated",
    "translation.committed",
    "source_event_action.updated",
    "source_event_action.committed",
    "partial.updated",
    "partial.committed",
    "commits.promoted",
    "branch.created",
    "branch.deleted",
    "branch.rebased",
]

ENTITIES = {
    "message.sent": ("message", "2w3SbXOIkDj8Q6xzR8t8JDvTNsL"),
    "workflow_recipient_run.error": ("workflow_recipient_run", "550e8400-e29b-41d4-a716-446655440000"),
    "workflow.updated": ("workflow", "december-16-demo"),
    "workflow.committed": ("workflow", "december-16-demo"),
    "email_layout.committed": ("email_layout", "transactional"),
    "translation.committed": ("translation", "en/my_app"),
    "partial.updated": ("partial", "my-partial"),
    "source_event_action.updated": ("source_event_action", None),
    "commits.promoted-branch-merge": ("promotion", "6f1b1c3e-3c1f-4b1d-8f0e-5f6d9d6a2c11"),
    "branch.deleted": ("branch", "feature-branch"),
}


def test_the_catalogue_holds_every_documented_type() -> None:
    assert sorted(CATALOGUE) == sorted(DOCUMENTED)
    assert len(CATALOGUE) == 31


def test_every_documented_type_has_a_sample_and_every_sample_a_documented_type() -> None:
    assert {sample(name)["type"] for name in NAMES} == set(CATALOGUE)


@pytest.mark.parametrize("event_type", DOCUMENTED)
def test_a_type_says_in_one_sentence_what_it_means(event_type: str) -> None:
    assert re.fullmatch(r"[A-Z][^.]+\.", CATALOGUE[event_type].summary)


@pytest.mark.parametrize("event_type", DOCUMENTED)
def test_a_type_belongs_to_a_family_of_the_catalogue(event_type: str) -> None:
    assert CATALOGUE[event_type].family == family_of(event_type)
    assert family_of(event_type) in FAMILIES


def test_no_family_is_without_types() -> None:
    assert {known.family for known in CATALOGUE.values()} == set(FAMILIES)


@pytest.mark.parametrize(
    ("event_type", "family"),
    [("message.sent", "message"), ("guide.step.done", "guide"), ("ping", "ping"), (".x", ""), ("", "")],
)
def test_the_family_of_any_type_is_what_stands_before_its_first_dot(event_type: str, family: str) -> None:
    assert family_of(event_type) == family


def test_types_that_knock_may_add_are_not_known() -> None:
    assert is_known("message.sent")
    assert not is_known("message.created")


def test_four_types_tell_of_a_failure() -> None:
    assert sorted(FAILED) == [
        "message.bounced",
        "message.complaint",
        "message.undelivered",
        "workflow_recipient_run.error",
    ]


@pytest.mark.parametrize(("name", "expected"), ENTITIES.items())
def test_an_entity_is_named_by_the_key_of_its_family(name: str, expected: tuple[str, str | None]) -> None:
    payload = sample(name)
    assert entity_of(payload["type"], payload["data"], payload["event_data"]) == Entity(*expected)


def test_a_translation_of_a_tenant_is_another_than_the_one_of_all() -> None:
    data = {"locale_code": "en", "namespace": "app", "tenant": "acme"}
    assert entity_of("translation.updated", data, None).id == "en/app/acme"


@pytest.mark.parametrize(
    "data", [{"locale_code": "en"}, {"namespace": "app"}, {"locale_code": "", "namespace": "a"}]
)
def test_a_translation_without_locale_or_namespace_cannot_be_told(data: dict[str, Any]) -> None:
    assert entity_of("translation.updated", data, None).id is None


def test_a_promotion_is_named_by_its_event_data_where_data_does_not_say() -> None:
    assert entity_of("commits.promoted", {}, {"promote_group_id": "p1"}) == Entity("promotion", "p1")


@pytest.mark.parametrize(
    ("data", "id_"),
    [({"id": "1", "key": "k"}, "1"), ({"key": "k"}, "k"), ({"id": "", "key": "k"}, "k"), ({"id": []}, None)],
)
def test_an_unknown_family_is_a_kind_of_its_own_named_by_id_or_key(data: dict[str, Any], id_: str | None) -> None:
    assert entity_of("audience.changed", data, None) == Entity("audience", id_)


def test_an_unknown_type_of_a_known_family_is_about_the_same_kind() -> None:
    assert entity_of("message.teleported", {"id": "m1"}, None) == Entity("message", "m1")


@pytest.mark.parametrize("id_", [None, "", {}, ["m1"], True])
def test_an_id_that_is_no_text_is_not_told(id_: object) -> None:
    assert entity_of("message.sent", {"id": id_}, None) == Entity("message", None)


@given(any_type, any_object, any_json)
def test_an_entity_is_told_of_any_json(event_type: str, data: dict[str, Any], event_data: object) -> None:
    jsontext.dumps(entity_of(event_type, data, event_data))


@pytest.mark.parametrize(
    ("value", "text"),
    [("a", "a"), (7, "7"), (1.5, "1.5"), (True, None), (None, None), ([], None), ({}, None)],
)
def test_a_number_reads_as_its_text_and_what_is_neither_as_none(value: object, text: str | None) -> None:
    assert text_of(value) == text


def test_an_integer_too_long_to_write_reads_as_none() -> None:
    assert text_of(10**5_000) is None


@pytest.mark.parametrize(
    ("recipient", "text"),
    [
        ("dr_grant", "dr_grant"),
        (42, "42"),
        ({"id": "project_1", "collection": "projects"}, "projects/project_1"),
        ({"id": "dr_grant"}, "dr_grant"),
        ({"collection": "projects"}, None),
        (["dr_grant"], None),
    ],
)
def test_a_recipient_reads_as_its_id_or_as_collection_and_id(recipient: object, text: str | None) -> None:
    assert recipient_of(recipient) == text


def test_the_catalogue_comes_without_the_typed_models() -> None:
    script = "import sys, relay.contract.facts; sys.exit('pydantic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False, timeout=30).returncode == 0
