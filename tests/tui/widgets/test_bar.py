from __future__ import annotations

from tui.widgets.bar import Part, Words, arrange

LONG: Words = [("127.0.0.1:4747/webhooks", "ink")]
SHORT: Words = [("4747", "ink")]


def said(*parts: Part, width: int) -> list[str | None]:
    return [words[0][0] if words else None for words in arrange(parts, width, 2)]


def test_everything_is_said_in_full_while_there_is_room() -> None:
    parts = [Part(0, [[("live", "ink")]]), Part(1, [LONG, SHORT])]
    assert said(*parts, width=40) == ["live", "127.0.0.1:4747/webhooks"]


def test_what_does_not_fit_is_said_shorter() -> None:
    assert said(Part(0, [[("live", "ink")]]), Part(1, [LONG, SHORT]), width=12) == ["live", "4747"]


def test_the_least_important_goes_first_and_the_order_stays() -> None:
    parts = [Part(2, [SHORT]), Part(0, [[("live", "ink")]]), Part(1, [[("rate", "ink")]])]
    assert said(*parts, width=10) == [None, "live", "rate"]


def test_the_gap_between_parts_counts() -> None:
    parts = [Part(0, [SHORT]), Part(1, [SHORT])]
    assert said(*parts, width=10) == ["4747", "4747"]
    assert said(*parts, width=9) == ["4747", None]
