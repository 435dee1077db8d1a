"""Which other events are wanted, and how they are read."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from relay.contract.events import EventDetail
from relay.contract.filter import parse
from tests.relay.contract.samples import NAMES, any_object, sample
from tests.tui.made import delivery
from tests.tui.scripted_source import ScriptedSource
from tests.tui.told import message, told
from tui.model.diff import Compared
from tui.model.eventdata.reading import MAX_PAGES, read_bodies, read_related
from tui.model.eventdata.related import CLICKS, EARLIER, MESSAGE, RUN, Related
from tui.model.eventdata.wants import before
from tui.model.source import NoSuchEvent, Page


def wants(event: EventDetail) -> dict[str, str]:
    return {want.name: want.filter for want in Related.wanted(event)}


def test_an_event_of_a_message_wants_the_others_of_it() -> None:
    assert wants(message("message.read")) == {MESSAGE: "message:message-1"}


def test_a_click_wants_the_clicks_on_the_same_link() -> None:
    event = message("message.link_clicked", event_data={"url": "https://example.com/a*b"})
    assert wants(event)[CLICKS] == r'type:message.link_clicked event_data.url:"https://example.com/a\*b"'


def test_a_run_wants_all_of_the_run() -> None:
    assert wants(told(sample("workflow_recipient_run.started"))) == {
        RUN: "recipient_run:550e8400-e29b-41d4-a716-446655440000"
    }


def test_an_update_wants_what_came_last_of_the_same_template_in_the_same_environment() -> None:
    (want,) = Related.wanted(told(sample("workflow.updated"), 7))
    assert (want.filter, want.limit, want.before, want.whole) == (
        "family:workflow data.key:december-16-demo env:env-1",
        1,
        7,
        True,
    )


def test_a_commit_wants_the_update_before_it() -> None:
    assert wants(told(sample("partial.committed")))[EARLIER].startswith("type:partial.updated data.key:my-partial")


def test_a_translation_is_the_same_in_the_same_place_and_tenant() -> None:
    assert wants(told(sample("translation.updated")))[EARLIER] == (
        "family:translation data.locale_code:en data.namespace:my_app data.tenant:null env:env-1"
    )


def test_what_cannot_be_named_or_is_too_long_is_not_asked_for() -> None:
    assert wants(told({"type": "workflow.updated", "data": {}})) == {}
    long = message("message.link_clicked", event_data={"url": "https://example.com/" + "x" * 5_000})
    assert set(wants(long)) == {MESSAGE}
    assert wants(told({"type": "message.teleported", "data": {"id": "m"}})) == {}


@pytest.mark.parametrize("name", NAMES)
def test_every_filter_parses(name: str) -> None:
    event = told(sample(name))
    for text in wants(event).values():
        parse(text)
    if (want := before(event)) is not None:
        parse(want.filter)


@given(any_object, any_object)
def test_filters_of_any_body_parse(data: dict[str, Any], event_data: dict[str, Any]) -> None:
    for type_ in ("message.link_clicked", "workflow.committed", "translation.updated", "branch.created"):
        event = told({"type": type_, "data": data, "event_data": event_data})
        for text in wants(event).values():
            parse(text)
        if (want := before(event)) is not None:
            parse(want.filter)


class Paged(ScriptedSource):
    """Every filter finds the whole log, page by page."""

    per_page = 2

    async def page(self, filter_text: str, **asked: Any) -> Page:
        self.pages.append((filter_text, (), asked["limit"]))
        older = [event for event in self.log if event.seq < asked["before"]]
        given = older[-self.per_page :] if self.per_page else []
        return Page(
            given, given[0].seq if len(older) > len(given) and given else (7 if older and not given else None)
        )


async def related(source: ScriptedSource, event: EventDetail) -> Related:
    return [one async for one in read_related(source, event)][-1]


async def test_a_want_is_read_to_its_end() -> None:
    events = [message("message.seen", seq, seq) for seq in range(1, 6)]
    found = (await related(Paged(events), events[-1])).of(MESSAGE)
    assert found is not None
    assert ([event.seq for event in found.events], found.all) == ([1, 2, 3, 4, 5], True)


async def test_a_search_that_finds_nothing_for_long_ends_and_does_not_claim_to_be_complete() -> None:
    source = Paged([message("message.seen", 1, 1)])
    source.per_page = 0
    found = (await related(source, message("message.seen", 9, 9))).of(MESSAGE)
    assert found is not None
    assert (len(source.pages), found.all) == (MAX_PAGES, False)


async def test_the_one_before_is_read_in_full() -> None:
    earlier, event = told(sample("workflow.updated"), 1), told(sample("workflow.updated"), 2)
    source = Paged([earlier, event])
    source.details = {1: earlier}
    found = (await related(source, event)).of(EARLIER)
    assert found is not None
    assert found.whole is earlier


async def test_what_cannot_be_read_says_why() -> None:
    event = told(sample("workflow.updated"), 2)
    source = Paged([told(sample("workflow.updated"), 1), event])

    async def gone(seq: int) -> EventDetail:
        raise NoSuchEvent("event 1 is no longer kept")

    source.detail = gone  # type: ignore[method-assign]
    found = (await related(source, event)).of(EARLIER)
    assert found is not None
    assert found.trouble == "event 1 is no longer kept"


async def test_bodies_that_differ_are_compared_with_the_events_own() -> None:
    event = told(sample("message.sent"), 1, deliveries=[delivery(1), delivery(2, body_differs=True), delivery(3)])
    source = ScriptedSource([event])
    source.bodies = {1: b'{"a": 1}'}
    source.delivery_bodies = {(1, 2): b'{"a": 2}'}
    compared = (await read_bodies(source, event)).compared
    assert list(compared) == [2]
    assert isinstance(compared[2], Compared)
    assert compared[2].paths == 1
