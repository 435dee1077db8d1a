from __future__ import annotations

import pytest

from tests.relay.contract.samples import sample
from tests.tui.told import cells, fact, facts, found, headings, message, notes, rows, told, view
from tui.model.eventdata.related import CLICKS, MESSAGE, Found, Related
from tui.model.items import Heading

CLICKED = "message.link_clicked"


def test_engagement_is_shown_before_and_after() -> None:
    event = message("message.read", 20, 3)
    items = view(event, found(MESSAGE, [message("message.seen", 10, 2), event]))
    assert cells(items) == [
        ("seen", "yes 14:03:17.9", "yes 14:03:17.9"),
        ("read", "no", "yes 14:03:27.9"),
        ("interacted", "no", "no"),
        ("link clicked", "no", "no"),
        ("archived", "no", "no"),
    ]
    assert [row.cells[0].text for row in rows(items) if row.here] == ["read"]


@pytest.mark.parametrize(("done", "undone"), [("seen", "unseen"), ("read", "unread"), ("archived", "unarchived")])
def test_what_is_undone_stands_before_and_not_after(done: str, undone: str) -> None:
    event = message(f"message.{undone}", 20, 3)
    (row,) = [
        row for row in rows(view(event, found(MESSAGE, [message(f"message.{done}", 9, 2), event]))) if row.here
    ]
    assert [cell.text for cell in row.cells] == [done, "yes 14:03:16.9", "no"]


def test_what_came_later_is_not_counted() -> None:
    event = message("message.seen", 1, 1)
    later = message("message.archived", 30, 2)
    assert cells(view(event, found(MESSAGE, [event, later])))[4] == ("archived", "no", "no")


def test_what_the_body_says_and_no_event_did_is_said() -> None:
    event = message("message.seen", 1, 1, engagement_statuses=["seen", "read"])
    items = view(event, found(MESSAGE, [event]))
    assert fact(items, "in the body").value == "seen, read"
    assert any(note.startswith("The body also says read: ") for note in notes(items))


def test_metadata_of_an_interaction_is_listed_by_its_keys() -> None:
    event = message("message.interacted", event_data={"status": "approved", "nps_score": 8})
    items = view(event)
    assert headings(items)[0] == "Metadata"
    assert (facts(items)["status"], facts(items)["nps_score"]) == ("approved", "8")
    assert fact(items, "nps_score").path == ("event_data", "nps_score")


def test_an_interaction_without_metadata_says_so() -> None:
    assert "gave no metadata" in notes(view(told(sample("message.interacted-no-metadata"))))[0]


def test_a_link_is_taken_apart() -> None:
    items = view(
        message(CLICKED, event_data={"url": "https://ann@app.example.com:8443/a/b?utm=x%20y&n=1&n=2&empty=#top"})
    )
    said = facts(items)
    assert (said["scheme"], said["host"], said["user"]) == ("https", "app.example.com:8443", "ann")
    assert (said["path"], said["fragment"], said["utm"], said["empty"]) == ("/a/b", "top", "x y", "")
    names = [getattr(item, "name", "") for item in items]
    assert names.count("n") == 2


@pytest.mark.parametrize("url", ["http://[", "//", "not a url", "javascript:alert(1)", "http://[::1", 7])
def test_what_is_no_address_is_shown_as_it_came(url: object) -> None:
    assert facts(view(message(CLICKED, event_data={"url": url})))["url"] == str(url)


def test_other_clicks_are_listed_the_newest_first_with_who_clicked() -> None:
    data = {"url": "https://example.com/"}
    event = message(CLICKED, 50, 4, event_data=data)
    others = [
        message(CLICKED, after, seq, event_data=data, id=f"m{seq}", recipient=who)
        for after, seq, who in ((1, 1, "ann"), (9, 2, "bob"))
    ]
    items = view(event, Related({CLICKS: Found([*others, event]), MESSAGE: Found([event])}))
    assert [row[1:] for row in cells(items)[:2]] == [("bob", "m2"), ("ann", "m1")]
    assert Heading("Other clicks on it", "2, by 2 recipients") in items


def test_a_link_that_nobody_else_clicked_says_so_only_where_all_was_searched() -> None:
    event = message(CLICKED, event_data={"url": "https://example.com/"})
    assert "None in the log." in notes(view(event, found(CLICKS, [event])))
    partly = notes(view(event, found(CLICKS, [event], all=False)))
    assert "None among the newest events that were searched." in partly
