"""The steps to the first verified event, and what makes each of them done."""

from __future__ import annotations

from tests.tui.made import made
from tui.model.dashboard import Dashboard
from tui.model.set_up import Place, Step, Ways, heading, steps
from tui.model.source import Arrivals, Began, Pulse
from tui.model.tunnel import Tunnel, TunnelState

LOCAL = Place("http://127.0.0.1:4747", "http://127.0.0.1:4747/webhooks/knock")
PUBLIC = LOCAL._replace(webhook_url="https://calm-river.trycloudflare.com/webhooks/knock")


def board(*, secrets: int = 0, quarantined: int = 0, events: int = 0) -> Dashboard:
    found = Dashboard()
    arrived = Arrivals([made(seq) for seq in range(1, events + 1)], [], events)
    pulse = Pulse(upto=events, last_seq=events, secrets=secrets, quarantined=quarantined)
    found.apply([Began(0, ""), arrived, pulse] if events else [Began(0, ""), pulse])
    return found


def told(found: Dashboard, place: Place = LOCAL, ways: Ways | None = None) -> dict[str, Step]:
    return {step.name: step for step in steps(found, place, Ways() if ways is None else ways)}


def done(found: Dashboard, place: Place = LOCAL) -> list[str]:
    return [step.name for step in told(found, place).values() if step.done]


def test_at_first_nothing_is_done() -> None:
    assert done(board()) == []
    assert list(told(board())) == ["address", "tunnel", "webhook", "secret", "trial"]


def test_an_address_that_knock_can_reach_is_done_and_needs_no_tunnel() -> None:
    assert done(board(), PUBLIC) == ["address"]
    assert "tunnel" not in told(board(), PUBLIC)


def test_what_came_to_a_public_address_means_that_the_webhook_is_there_be_it_quarantined() -> None:
    assert done(board(quarantined=1), PUBLIC) == ["address", "webhook"]


def test_an_event_at_an_address_that_knock_cannot_reach_came_from_elsewhere() -> None:
    assert done(board(events=1)) == ["trial"]


def test_a_secret_is_done_once_there_is_one() -> None:
    assert done(board(secrets=1)) == ["secret"]
    assert told(board(secrets=1))["secret"].text == "set"
    assert told(board(secrets=3))["secret"].text == "3 set"


def test_without_a_secret_it_says_what_that_means() -> None:
    step = told(board(), ways=Ways(secrets="F9"))["secret"]
    assert step.text == "none yet: F9 pastes the signing secret"
    assert step.note == "until then events show as unverified"


def test_where_the_dashboard_can_open_a_tunnel_its_key_is_named_and_what_was_found() -> None:
    step = told(board(), ways=Ways(tunnel="T", found=["cloudflared"]))["tunnel"]
    assert (step.text, step.note) == ("not reachable from Knock yet: T starts a tunnel", "(cloudflared found)")
    assert (
        told(board(), ways=Ways(tunnel="T"))["tunnel"].note
        == "(which needs cloudflared or ngrok; it says how to get them)"
    )


def test_where_it_cannot_the_command_to_open_one_by_hand_is_named() -> None:
    by_hand = told(board())["tunnel"].text
    assert "run cloudflared tunnel --url http://127.0.0.1:4747, and add /webhooks/knock to its address" in by_hand
    assert "run ngrok http http://127.0.0.1:4747" in told(board(), ways=Ways(found=["ngrok"]))["tunnel"].text


def test_a_tunnel_that_died_is_said_with_the_next_step_and_one_that_starts_is_waited_for() -> None:
    found = board()
    found.tunnel = Tunnel(TunnelState.DIED, "cloudflared", why="it was killed", hint="see the log")
    step = told(found, ways=Ways(tunnel="T"))["tunnel"]
    assert (step.text, step.ink) == ("The tunnel ended: it was killed", "bad")
    assert step.note == "see the log; then T starts it again; Knock then needs its new address"
    found.tunnel = Tunnel(TunnelState.STARTING, "cloudflared")
    assert "the tunnel is starting" in told(found, ways=Ways(tunnel="T"))["tunnel"].text


def test_the_trial_names_a_relay_that_is_not_at_the_usual_place() -> None:
    assert told(board())["trial"].text == "knocktop trigger message.sent"
    elsewhere = Place("http://127.0.0.1:9000", "")
    assert told(board(), elsewhere)["trial"].text == "knocktop trigger message.sent --relay http://127.0.0.1:9000"


def test_what_is_held_is_a_step_of_its_own_before_the_others() -> None:
    found = told(board(quarantined=2, secrets=1))
    assert next(iter(found)) == "quarantine"
    assert found["quarantine"].text == "6 shows what is wrong with each and what to change"


def test_the_heading_says_what_is_waited_for() -> None:
    assert heading(board()) == "Waiting for the first event."
    assert heading(board(quarantined=1)) == "No event yet, but 1 request is in quarantine."
    assert heading(board(quarantined=2)) == "No event yet, but 2 requests are in quarantine."
    assert heading(board(events=1)) == "The way from Knock to here"
