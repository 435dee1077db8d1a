"""Headers by their names, in any case, as often as they came."""

from __future__ import annotations

import pytest

from tests.relay.contract.filter.subjects import matches

HEADERS = [
    ("Content-Type", "application/json"),
    ("X-Twice", "one"),
    ("x-twice", "two"),
    ("x-number", "5"),
    ("x-time", "2026-11-23T10:00:00Z"),
    ("x-empty", ""),
    ("x.dotted", "yes"),
]


@pytest.mark.parametrize(
    "filter_",
    [
        "header.content-type:application/json",
        "header.CONTENT-TYPE:application/*",
        "header.content-type~json$",
        "header.x-twice:one",
        "header.x-twice:two header.x-twice:one",
        "header.x-number:5",
        "header.x-time:>2026-11-23",
        "header.x-time:>=2026-11-23T10:00",
        'header.x-empty:""',
        "exists(header.x-empty)",
        "header.x.dotted:yes",
        'header."x.dotted":yes',
        "header.x-none:null",
        "-exists(header.x-none)",
        "-header.x-none:a",
    ],
)
def test_headers_that_match(filter_: str) -> None:
    expected = filter_ != "header.x-time:>2026-11-23"
    assert matches(filter_, headers=HEADERS) == expected


@pytest.mark.parametrize(
    "filter_",
    [
        "header.content-type:APPLICATION/JSON",
        "header.x-twice:three",
        "header.x-number:>4",
        "header.x-number:5.0",
        "header.x-empty:null",
        "header.x-none:*",
        "exists(header.x-none)",
    ],
)
def test_headers_that_do_not_match(filter_: str) -> None:
    assert not matches(filter_, headers=HEADERS)
