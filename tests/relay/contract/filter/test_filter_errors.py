"""A filter that does not parse says where, why, and what was probably meant."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from relay.contract.filter import FilterError, parse
from tests.relay.contract.filter.trees import characters, scraps


def error_of(text: str) -> FilterError | None:
    try:
        parse(text)
    except FilterError as error:
        return error
    return None


def refused(text: str) -> FilterError:
    error = error_of(text)
    assert error is not None
    return error


@given(scraps | st.text(characters, max_size=40) | st.text())
@example("\ud800")
@example("type:\x00")
def test_any_text_parses_or_is_refused_at_a_column_of_its_own(text: str) -> None:
    error = error_of(text)
    assert error is None or (
        1 <= error.column <= len(text) + 1
        and 1 <= error.length <= max(len(text) + 1 - error.column, 1)
        and error.message == str(error) != ""
    )


@pytest.mark.parametrize(
    ("text", "column", "length", "suggestion"),
    [
        ("recipent:user_1", 1, 8, "recipient"),
        ("type:a -recipent:user_1", 9, 8, "recipient"),
        ("Type:a", 1, 4, "type"),
        ("http://example.com", 1, 4, None),
        ("attempt:>2", 1, 7, "event_data.attempt"),
        ("headers.x:a", 1, 9, "header.x"),
        ("event_dat.attempt:1", 1, 17, "event_data.attempt"),
        ("recipient_snapshot.email:a", 1, 24, "data.recipient_snapshot.email"),
        ("event_data:null", 1, 10, ".event_data"),
        ("exists(recipent)", 8, 8, "recipient"),
        ("exist(data.x)", 1, 5, "exists"),
        ("size>10k", 1, 8, "size:>10k"),
        ("a status=sent", 3, 11, "status:sent"),
        ("age:10m", 5, 3, "<10m"),
        ("seq:5..2", 5, 4, "2..5"),
        (r'tenant:"\d"', 9, 2, r"\\d"),
        ("data.a*:1", 6, 2, '"a*"'),
    ],
)
def test_what_was_probably_meant_is_suggested(text: str, column: int, length: int, suggestion: str | None) -> None:
    error = refused(text)
    assert (error.column, error.length, error.suggestion) == (column, length, suggestion)


@pytest.mark.parametrize(
    "text",
    [
        "recipent:user_1",
        "attempt:>2",
        "headers.x:a",
        "event_data:null",
        "size>10k",
        "age:10m",
        "seq:5..2",
        "data.a*:1",
    ],
)
def test_a_suggestion_in_the_place_of_what_is_wrong_parses(text: str) -> None:
    error = refused(text)
    start = error.column - 1
    assert parse(text[:start] + (error.suggestion or "") + text[start + error.length :]).tree


@pytest.mark.parametrize(
    ("text", "column", "length", "message"),
    [
        # terms
        ("a OR", 5, 1, "a term is missing at the end"),
        ("OR a", 1, 2, "OR stands between two terms"),
        ("a AND AND b", 7, 3, "AND stands between two terms"),
        ("NOT", 4, 1, "a term is missing at the end"),
        ("()", 2, 1, "a term is missing before this parenthesis"),
        ("a - b", 3, 1, "- stands right before what it negates"),
        (":a", 1, 1, "a name is missing before :"),
        ("status:sent ,delivered", 13, 1, "commas stand between values, without spaces"),
        ("a (b", 3, 1, "this parenthesis is never closed"),
        ("exists(data.x", 7, 1, "this parenthesis is never closed"),
        ("a) b", 2, 1, "this parenthesis closes nothing"),
        ('a "b', 3, 2, "this quote is never closed"),
        ('data."x:1', 6, 4, "this quote is never closed"),
        ('a"b"', 1, 1, "text with a quote in it is quoted whole"),
        ("(a)(b)", 4, 1, "a space is missing here; what has quotes or parentheses in it is quoted whole"),
        ("exists()", 8, 1, "exists() needs a path"),
        ("exists(data.x data.y)", 15, 1, "exists() takes one path and nothing else"),
        ("exists(data.x:5)", 14, 1, "exists() takes one path and nothing else"),
        ("failed:true", 1, 6, "failed stands by itself, without a colon"),
        # values
        ("type:", 6, 1, "a value is missing right after the colon"),
        ("type: a", 6, 1, "a value is missing right after the colon"),
        ("(type:)", 7, 1, "a value is missing right after the colon"),
        ("status:sent, delivered", 13, 1, "a value is missing right after the comma"),
        ("seq:>", 6, 1, "a value is missing right after >"),
        ("seq:>= 5", 7, 1, "a value is missing right after >="),
        ("seq:2..", 8, 1, "a range has both its ends, as in 2..5"),
        ("seq:..2", 5, 2, "a range has both its ends, as in 2..5"),
        ("seq:,2", 5, 1, "a value is missing here"),
        ("status:(a OR b)", 8, 1, "values stand without parentheses, commas between them"),
        ('type:"a', 6, 2, "this quote is never closed"),
        ("seq:x", 5, 1, "seq takes a number"),
        ('seq:"5"', 5, 3, "seq takes a number"),
        ("seq:true", 5, 4, "seq takes a number"),
        ("size:5q", 6, 2, "size takes a size"),
        ("created:5", 9, 1, "created takes a time"),
        ("created:>2026-02-30", 10, 10, "created takes a time"),
        ("age:<5", 6, 1, "age takes an age"),
        ("type:>a", 7, 1, "type is text, which < > and ranges do not compare"),
        ("data.x:>a", 9, 1, "< > and ranges compare numbers and times"),
        ("data.x:>1e999", 9, 5, "this number is too large to compare with"),
        ("data.x:2..2026-11-23", 8, 13, "the ends of a range have to be of one kind"),
        # paths
        ("data.:1", 6, 1, "a key is missing; one with dots, spaces or quotes is quoted"),
        ("data..x:1", 6, 1, "a key is missing; one with dots, spaces or quotes is quoted"),
        ("data.x.:1", 8, 1, "a key is missing; one with dots, spaces or quotes is quoted"),
        ("header.:1", 8, 1, "a header's name is missing"),
        ("header:1", 1, 6, "header needs a name, as in header.x-knock-event"),
        (r'data."\d":1', 7, 2, r"\d is no escape; a backslash is written \\"),
        # regular expressions
        ("tenant~", 8, 1, "a regular expression is missing right after ~"),
        ("tenant~(a b)", 8, 1, "this ( is not closed; a regular expression with spaces in it is quoted"),
        ("tenant~[a b]", 8, 1, "this [ is not closed; a regular expression with spaces in it is quoted"),
        ("tenant~\\ a", 8, 1, "this does not begin a regular expression; it can be quoted"),
        ('tenant~"a ("', 9, 3, "regular expression: missing )"),
        (r"tenant~(?<!a)b", 8, 4, "regular expression: invalid perl operator"),
        ("tenant~a{2000}", 9, 6, "regular expression: invalid repetition size"),
        ("seq~5", 1, 3, "seq is a number, in which no text is found"),
    ],
)
def test_what_is_wrong_is_said_where_it_is(text: str, column: int, length: int, message: str) -> None:
    error = refused(text)
    assert (error.message, error.column, error.length) == (message, column, length)


@pytest.mark.parametrize(
    "text", ["outcome:bounced", "flag:stalled", "never:message.read", "steps:>3", "took:>30s"]
)
def test_names_that_speak_of_messages_say_so(text: str) -> None:
    error = refused(text)
    name = text.partition(":")[0]
    assert error.message == f"{name}: works on messages only, and this is a filter on events"
    assert (error.column, error.length) == (1, len(name))


def test_what_could_stand_there_is_listed() -> None:
    assert "recipient" in refused("recipent:user_1").expected
    assert refused("type:").expected == ["a value", "a quoted value", "<, <=, > or >= and a value"]
    assert refused("(a").expected == [")"]


@pytest.mark.parametrize("name", ["authorization", "Cookie", "proxy-authorization"])
def test_masked_headers_are_not_told_bit_by_bit(name: str) -> None:
    for text in (f"header.{name}:a*", f"header.{name}~^a", f"header.{name}:null,a"):
        assert f"all that can be asked is exists(header.{name.lower()})" in refused(text).message
    assert parse(f"exists(header.{name}) header.{name}:null").tree


def test_a_name_in_a_message_is_safe_to_print() -> None:
    assert "\x1b" not in refused("\x1b[2J:a").message
