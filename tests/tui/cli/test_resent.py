"""What `knocktop resend` writes for people."""

from __future__ import annotations

from io import StringIO

from relay.contract.text import plain
from tests.hostile import HOSTILE
from tests.tui.made import made_detail
from tui.cli.resent import Lines
from tui.forward.request import Sign
from tui.forward.resend import Again
from tui.forward.send import Answer
from tui.model.answers import judged, twice

AGAIN = Again(made_detail(42), b"{}", "http://127.0.0.1:3000/", Sign.TAMPERED)


def test_an_answer_is_a_line_with_its_body_below() -> None:
    out = StringIO()
    answer = Answer(12.4, 401, [], "no\nway")
    Lines(out, 80).once(AGAIN, answer, judged(answer, "refuse"))
    assert out.getvalue() == "seq 42  message.sent  401 Unauthorized  12 ms  refused, as is right\n  no↵way\n"


def test_two_answers_stand_beside_each_other_with_what_differs_marked() -> None:
    out = StringIO()
    first, second = Answer(3.0, 200, [], '{"state": "created"}'), Answer(2.0, 409, [], '{"state": "known"}')
    Lines(out, 90).twice(AGAIN, twice(first, second), judged(first, None))
    assert out.getvalue().splitlines() == [
        "seq 42  message.sent  TWO DIFFERENT ANSWERS; the first: taken",
        "           first                             second",
        "  status   200 OK                            409 Conflict                      <- differs",
        "  time     3.0 ms                            2.0 ms",
        '  body     {"state": "created"}              {"state": "known"}                <- differs',
        '  .state: "created" -> "known"',
        "  time and headers are not compared",
    ]


def test_nothing_that_an_app_answers_acts_on_the_terminal() -> None:
    for text in HOSTILE:
        out = StringIO()
        first, second = Answer(1.0, 200, [], text), Answer(1.0, None, error=text)
        Lines(out, 80).once(AGAIN, first, judged(first, None))
        Lines(out, 80).twice(AGAIN, twice(first, second), judged(second, None))
        assert all(plain(line) == line for line in out.getvalue().split("\n"))
        assert max(map(len, out.getvalue().split("\n"))) < 400
