from __future__ import annotations

import socket

import pytest

from tui.model.link import Link
from tui.model.source import LinkChange, LinkState
from tui.unreachable import why


def link(state: LinkState, retry_in: float | None = None, reason: str = "") -> Link:
    view = Link(100.0)
    view.change(LinkChange(state, retry_in, reason), 100.0)
    return view


def test_reconnecting_counts_down_in_whole_seconds_to_the_attempt() -> None:
    view = link(LinkState.RECONNECTING, 4.5)
    assert [view.words(100.0 + passed) for passed in (0.0, 1.0, 4.4, 9.0)] == [
        "reconnecting in 5 s",
        "reconnecting in 4 s",
        "reconnecting in 1 s",
        "reconnecting in 0 s",
    ]


def test_catching_up_says_how_far_behind() -> None:
    view = link(LinkState.CATCHING_UP)
    view.heard(100.0, upto=1_000, last_seq=3_500)
    assert view.words(100.0) == "catching up, 2,500 behind"


def test_stalled_says_for_how_long_nothing_was_heard() -> None:
    view = link(LinkState.LIVE)
    view.heard(101.0, 5, 5)
    view.change(LinkChange(LinkState.STALLED), 116.0)
    assert view.words(116.0) == "stalled, silent for 15 s"


def test_a_lost_link_says_why_and_when_it_tries_again() -> None:
    sentence = link(LinkState.RECONNECTING, 3.0, "no answer in time").sentence(100.0)
    assert sentence == (
        "Link lost: no answer in time",
        "Trying again in 3 s; what arrives meanwhile is kept by the relay",
    )


def test_where_nobody_listens_nothing_is_said_to_be_kept_and_the_relay_is_to_be_started() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        with socket.socket() as caller, pytest.raises(ConnectionRefusedError) as refusal:
            caller.connect(free.getsockname())
    assert link(LinkState.RECONNECTING, 3.0, why(refusal.value)).sentence(100.0) == (
        "No relay runs there any more: connection refused",
        "Trying again in 3 s; start it with: knocktop relay",
    )


def test_a_refused_token_names_the_setting() -> None:
    sentence = link(LinkState.REFUSED).sentence(100.0)
    assert sentence is not None
    assert "KNOCKTOP_TOKEN" in sentence[1]


def test_a_live_link_has_nothing_to_complain_of() -> None:
    assert link(LinkState.LIVE).sentence(100.0) is None


def test_a_reason_is_shown_plain() -> None:
    assert "\x1b" not in link(LinkState.FAILED, None, "no\x1b]0;title\x07").reason
