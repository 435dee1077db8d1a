from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.contract.quantities import (
    QuantityError,
    format_duration,
    format_size,
    parse_duration,
    parse_size,
)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("0", 0),
        ("1024", 1024),
        ("512B", 512),
        ("10k", 10_000),
        ("500MB", 500_000_000),
        ("500 mb", 500_000_000),
        ("64KiB", 65_536),
        ("2GiB", 2_147_483_648),
        ("1.5gib", 1_610_612_736),
        (" 1TiB ", 1_099_511_627_776),
    ],
)
def test_a_size_is_read_with_its_unit(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "GiB", "-1", "1e9", "2 Gi B", "2GiBs", "1,000", "0.5", "٣MB", "1.GB"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(QuantityError):
        parse_size(text)


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("0", timedelta()),
        ("0s", timedelta()),
        ("250ms", timedelta(milliseconds=250)),
        ("30s", timedelta(seconds=30)),
        ("10m", timedelta(minutes=10)),
        ("12h", timedelta(hours=12)),
        ("30d", timedelta(days=30)),
        ("2w", timedelta(weeks=2)),
        ("1h30m", timedelta(minutes=90)),
        ("1 h 30 m", timedelta(minutes=90)),
        ("1.5h", timedelta(minutes=90)),
    ],
)
def test_a_duration_is_read_with_its_units(text: str, duration: timedelta) -> None:
    assert parse_duration(text) == duration


@pytest.mark.parametrize(
    "text", ["", "30", "d", "-1d", "30 days", "1h30", "h1", "1h,30m", "٣d", "36501d", "9" * 15 + "w"]
)
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(QuantityError):
        parse_duration(text)


@given(st.integers(min_value=0, max_value=2**60))
def test_a_size_reads_back_from_its_own_text(size: int) -> None:
    assert parse_size(format_size(size)) == size


@given(st.timedeltas(min_value=timedelta(), max_value=timedelta(days=36_500)))
def test_a_duration_reads_back_from_its_own_text(duration: timedelta) -> None:
    assert parse_duration(format_duration(duration)) == duration


@given(st.text())
def test_no_text_breaks_the_readers(text: str) -> None:
    for parse in (parse_size, parse_duration):
        with suppress(QuantityError):
            parse(text)


def test_quantities_are_shown_as_people_write_them() -> None:
    assert [format_size(size) for size in (0, 900, 2 * 1024**3)] == ["0", "900B", "2GiB"]
    assert [format_duration(timedelta(seconds=s)) for s in (0, 1.5, 90, 86_400 * 30)] == [
        "0",
        "1.5s",
        "1m30s",
        "30d",
    ]
