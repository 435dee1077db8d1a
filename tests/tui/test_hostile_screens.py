"""Text that is meant to do harm, in every string that a widget shows: nothing of it acts, and no row is bent."""

from __future__ import annotations

import importlib
import json
import pkgutil
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from textual.geometry import Region
from textual.widget import Widget
from wcwidth import wcwidth

import tui.screens
import tui.widgets
from relay.contract.api import ForwardItem, Group, QuarantineItem, SecretInfo
from relay.contract.events import Channel, Entity, EventDetail, EventSummary, Forward, Verdict
from tests.hostile import HOSTILE
from tests.tui.made import delivery, made, made_detail, made_forward, made_held
from tests.tui.on_screen import Shown, shown
from tests.tui.scripted_source import ScriptedSource
from tests.tui.scripted_tunnels import ScriptedTunnels
from tui.app import AppOptions
from tui.model.environments import Environment
from tui.model.forwarding import Forwarding, ForwardState
from tui.model.source import FilterRefused, LinkChange, LinkState, Missing
from tui.model.tunnel import Offer
from tui.screens import trigger
from tui.widgets.sheet import Sheet, SheetField
from tui.widgets.text_field import one_line

BOUQUETS = [
    "[@click=app.quit]quit[/] [/] [b $x \x1b]52;c;eA==\x07 \x9b2J \u202eevil\u2066 \ud800\udfff 東京❤\ufe0f",
    "\x1b[2J\x1b]0;t\x07\x85\u2028 [/foo] {0} %s \u0301\u200b\u3164 🇨🇭👨\u200d👩 \ufdfd\U0001242b हि \x00\r\n\t",
    "\u0600\u202d東\ud83d[@click=app.bell]x[/] ﷽\x7f\x1bP+q\x1b\\ Z" + "\u0300\u0301" * 30 + " [link=x]y[/link]",
]
"""Each holds something of every kind, another kind first, so that it is seen also where little is shown."""
EVERYWHERE = "".join(text[:60] for text in HOSTILE)
LAST = 12
REFUSED = "zz type:"


class HostileSource(ScriptedSource):
    """A relay that everything bad comes from."""

    def __init__(self, text: str, events: Sequence[EventSummary]) -> None:
        super().__init__(events)
        self.text = text
        self.address = text
        self.webhook_url = text

    async def groups(self, by: str, filter_text: str, *, limit: int, mask: bool = False) -> Sequence[Group]:
        return [Group(value=self.text, count=1, first_seq=1, last_seq=LAST, per_minute=[1] * 60)]

    async def set_filter(self, text: str, types: Sequence[str] = ()) -> None:
        if text == REFUSED:
            raise FilterRefused(self.text, 2, 3, self.text)
        await super().set_filter(text, types)


def hostile_event(seq: int, text: str, type_: str) -> EventSummary:
    return made(
        seq,
        type_,
        reading=text,
        created_at=text,
        entity=Entity(text, text),
        message_id=text,
        recipient=text + str(seq),
        workflow=text,
        channel=Channel(text, text, text, text),
        tenant=text,
        status=text,
        engagement_statuses=[text, text],
        workflow_run_id=text,
        workflow_recipient_run_id=text,
        environment_id=text,
        endpoint=text,
        event_data={text: text, "attempt": text, "failure_details": text, "url": text, "metadata": {text: [text]}},
        verdict=Verdict.UNVERIFIED,
        delivery_count=2,
        body_differs=True,
        forwarded=500,
    )


def hostile_detail(event: EventSummary, text: str) -> EventDetail:
    facts = {name: getattr(event, name) for name in event.__struct_fields__ if name not in ("seq", "type")}
    headers = [(text, text), ("x-knock-event", text)]
    deliveries = [
        delivery(n, endpoint=text, secret=text, remote=text, headers=headers, body_differs=n > 1) for n in (1, 2)
    ]
    return made_detail(
        event.seq, event.type, **facts, headers=headers, payload=payload(text), deliveries=deliveries
    )


def hostile_held(id_: int, text: str) -> QuarantineItem:
    headers = [
        (text, text),
        ("x-knock-event", text),
        ("x-knock-signature", text),
        ("x-knock-environment-id", text),
    ]
    return made_held(
        id_,
        received_at=text,
        endpoint=text,
        headers=headers,
        reason=text,
        detail=text,
        remedy=text,
        signed_string=text,
        was_signed=text + "x",
    )


def hostile_forward(entry: int, event: EventSummary, text: str) -> tuple[ForwardItem, Forward]:
    return made_forward(
        entry,
        event.seq,
        type=event.type,
        reading=text,
        message_id=text,
        at=text,
        url=f"http://{text}/{text}",
        sign=text,
        kind="resend",
        status=200 if entry % 2 else None,
        error=text,
        headers=[(text, text), ("authorization", text)],
        body=text if entry % 3 else body_of(text).decode(),
        n=entry,
        edited=True,
        attempt=3,
        truncated=True,
    )


def body_of(text: str) -> bytes:
    return json.dumps(payload(text)).encode()


def payload(text: str) -> dict[str, Any]:
    deep: Any = [text]
    for _ in range(498):
        deep = [deep]
    return {text: text, "every": HOSTILE[:-5], "long": text * 10_000, "deep": deep, "data": {text: {text: 1}}}


@dataclass
class Painted:
    """What was on screen, and what was wrong with it, by widget."""

    seen: set[type[Widget]] = field(default_factory=set)
    wrong: dict[type[Widget], set[str]] = field(default_factory=dict)

    def look(self, view: Shown, step: str) -> None:
        screen = view.app.screen
        strips = screen._compositor.render_strips()
        for widget in [screen, *screen.walk_children(Widget)]:
            region = widget.region.intersection(screen.region)
            if not region or not widget.display:
                continue
            self.seen.add(type(widget))
            for fault in faults(view, strips, region):
                self.wrong.setdefault(type(widget), set()).add(f"{step}: {fault}")

    @property
    def faults(self) -> dict[str, list[str]]:
        """Some of what was wrong, by the name of the widget."""
        return {widget.__name__: sorted(wrong)[:3] for widget, wrong in self.wrong.items()}


def faults(view: Shown, strips: Sequence[Any], region: Region) -> Iterator[str]:
    for y in range(region.y, region.bottom):
        if strips[y].cell_length != view.app.size.width:
            yield f"row {y} is {strips[y].cell_length} cells wide"
        text = strips[y].crop(region.x, region.right).text
        cells = [wcwidth(char) for char in text]
        if min(cells, default=0) < 0:
            yield f"a control character in {text!r}"
        if sum(cells) != region.width:
            yield f"{text!r} takes {sum(cells)} cells of {region.width}"
        for segment in strips[y]:
            if segment.control or (segment.style is not None and "@click" in segment.style.meta):
                yield f"{segment!r} acts"


Visit = Callable[[Shown, Callable[[str], None]], Awaitable[None]]


async def boards(view: Shown, look: Callable[[str], None]) -> None:
    """Everything that is reached by keys from an event."""
    for step, *keys in (
        ("events", "k"),
        ("filter", "slash", *"zz", "space", *"type:"),
        ("refused", "enter"),
        ("left", "escape", "escape", "escape"),
        ("completion", "slash", "ctrl+u", *"type:", "tab"),
        ("values", "ctrl+u", *"recipient:", "tab"),
        ("left again", "escape", "escape", "escape"),
        ("detail", "G", "enter"),
        ("eventdata", "right_square_bracket"),
        ("body", "right_square_bracket"),
        ("body down", "pagedown"),
        ("find", "f", *"a"),
        ("found", "enter"),
        ("headers", "escape", "right_square_bracket"),
        ("deliveries", "right_square_bracket"),
        ("diff", "escape", "escape", "equals_sign"),
        ("go to", "escape", "t"),
        ("copy as", "escape", "Y"),
        ("by value", "escape", "i"),
        ("resend", "escape", "r", *"http://127.0.0.1:1/", "ctrl+b", "ctrl+t", "enter"),
        ("help", "escape", "question_mark"),
        ("help down", "G"),
        ("palette", "escape", "ctrl+p"),
        ("types", "escape", "2"),
        ("type", "enter"),
        ("values", "right", "tab"),
        ("types again", "q", "q", "2"),
        ("runs", "4"),
        ("run", "enter"),
        ("messages of a run", "right", "right", "enter", "down", "enter", "down", "enter"),
        ("failures", "5"),
        ("failure", "tab"),
        ("failure down", "G"),
        ("messages", "3"),
        ("messages along", "k", "o", "plus", "right"),
        ("by message", "i"),
        ("story", "escape", "enter"),
        ("step", "enter"),
        ("workflows", "escape", "escape", "b"),
        ("quarantine", "6"),
        ("held", "enter"),
        ("held down", "G"),
        ("admit", "a"),
        ("discard", "escape", "d"),
        ("forwards", "escape", "7"),
        ("answer", "tab"),
        ("answer down", "G"),
        ("answers compared", "equals_sign"),
        ("only some", "escape", "g", "i"),
        ("secrets", "escape", "escape", "6", "S", "down"),
        ("remove", "enter", "enter"),
        ("sideways", "escape", "escape", "1", "G", "right", "right"),
    ):
        await view.press(*keys)
        await view.pilot.pause()
        look(step)


async def said(view: Shown, look: Callable[[str], None]) -> None:
    """A message, a mark, a gap and a link that is lost."""
    text = view.source.address
    view.app.say(text)
    view.source.put(Missing(LAST + 1, LAST + 3, text))
    await view.press("k", "m")
    look("toast")
    view.screen.set_filter(text)
    await view.until(lambda: view.app.dashboard.filtering.applied == text)
    await view.press("s")
    await view.pilot.pause()
    look("save")
    await view.press("escape", "T")
    await view.pilot.pause()
    look("tunnel")
    await view.press("escape")
    trigger.ask(view.app)
    await view.pilot.pause()
    for typed in view.app.screen.query(SheetField):
        typed.begin(one_line(text))
    await view.pilot.pause()
    look("trigger")
    await view.press("escape")
    told = Forwarding(ForwardState.ENDED, text, text, 1, 1, 1, text, text, text)
    for step, now in (("forward", told), ("forwarding", replace(told, state=ForwardState.WAITING))):
        view.app.dashboard.forwarding = now
        await view.press("L")
        for typed in view.app.screen.query(SheetField):
            typed.begin(one_line(text))
        await view.pilot.pause()
        look(step)
        await view.press("escape")
    view.app.dashboard.forwarding = Forwarding()
    for step, ask in (
        ("export", view.screen.action_export),
        ("import", view.app.import_file),
        ("provoke", view.app.provoke),
    ):
        ask()
        await view.until(lambda: isinstance(view.app.screen, Sheet))
        for typed in view.app.screen.query(SheetField):
            typed.begin(one_line(text))
        await view.pilot.pause()
        look(step)
        await view.press("escape")
        await view.until(lambda: not isinstance(view.app.screen, Sheet))
    await view.app.action_set_up()
    await view.pilot.pause()
    look("set-up")
    await view.press("escape")
    view.source.put(LinkChange(LinkState.RECONNECTING, 7.0, text))
    await view.until(lambda: view.app.dashboard.link.state is LinkState.RECONNECTING)
    await view.pilot.pause()
    look("lost")


async def small(view: Shown, look: Callable[[str], None]) -> None:
    """Too small for anything."""
    await view.pilot.resize_terminal(60, 20)
    await view.pilot.pause()
    look("too small")


async def paint(painted: Painted, text: str, size: tuple[int, int], *visits: Visit) -> None:
    types = [text, "message.delivery_attempted", "message.bounced", "message.link_clicked", "message.interacted"]
    events = [hostile_event(seq, text, types[seq % len(types)]) for seq in range(1, LAST + 1)]
    source = HostileSource(text, events)
    source.hold(*(hostile_held(number, text) for number in (1, 2)))
    source.held_bodies = {1: body_of(text), 2: text.encode("utf-8", "replace")}
    source.forwarded = [hostile_forward(entry, events[0], text) for entry in range(12, 2, -1)]
    source.keys = [SecretInfo(id=text, endpoint=text)]
    source.details = {event.seq: hostile_detail(event, text) for event in events}
    body = body_of(text)
    source.bodies = dict.fromkeys(source.details, body)
    source.delivery_bodies = {(event.seq, n): body for event in events for n in (1, 2)}
    options = AppOptions(environments={text: Environment(text, text, production=True)})
    tunnels = ScriptedTunnels([Offer(text, text, text, text, text)])
    async with shown(source, size, options, tunnels=lambda: tunnels) as view:
        view.app.dashboard.filtering.lifted = view.app.dashboard.filtering.choice._replace(text=text)
        for visit in visits:
            await visit(view, lambda step: painted.look(view, f"{step} at {size}"))
        assert not view.app._exit


async def paint_nothing(painted: Painted, text: str) -> None:
    """A relay that cannot be joined, and one without events."""
    source = HostileSource(text, [])
    async with shown(source, (120, 40)) as view:
        await view.pilot.pause()
        painted.look(view, "empty")
        view.screen.trouble(text, text)
        await view.pilot.pause()
        painted.look(view, "trouble")


def every_widget() -> Iterator[type[Widget]]:
    for package in (tui.widgets, tui.screens):
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            for found in vars(importlib.import_module(module.name)).values():
                if isinstance(found, type) and issubclass(found, Widget) and found.__module__ == module.name:
                    yield found


@pytest.mark.parametrize("text", BOUQUETS, ids=range(len(BOUQUETS)))
async def test_nothing_that_a_stranger_writes_acts_or_bends_a_row_in_any_widget(text: str) -> None:
    painted = Painted()
    await paint(painted, text, (200, 60), boards, said)
    await paint(painted, text, (80, 24), boards, said, small)
    await paint_nothing(painted, text)
    assert not painted.faults
    left = [one.__name__ for one in every_widget() if not any(issubclass(seen, one) for seen in painted.seen)]
    assert not left, "no screen of this test shows these: show them, with hostile text in them"


async def test_all_that_is_hostile_at_once_acts_or_bends_no_row() -> None:
    painted = Painted()
    await paint(painted, EVERYWHERE, (120, 40), boards)
    assert not painted.faults
