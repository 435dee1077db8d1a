"""Which other events the view of an event wants to know, as filters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from relay.contract.events import EventDetail
from relay.contract.filter import And, Digits, Equals, Literal, Name, Node, Path, Term, Test
from relay.contract.filter.values import NUMBER
from relay.contract.knock import CATALOGUE, RECIPIENT_RUN, family_of, text_of
from tui.model.eventdata.related import CLICKS, EARLIER, MESSAGE, RUN, Want
from tui.model.eventdata.subject import inside

MESSAGE_LIMIT = 500
CLICK_LIMIT = 100
RUN_LIMIT = 500

_FILTER_LIMIT = 4_000
"""Characters of a filter that every relay takes."""

_RESOURCES = frozenset(family_of(name) for name in CATALOGUE if name.endswith(".committed"))
_NAMED_BY: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(_RESOURCES, ("key",)),
    "translation": ("locale_code", "namespace", "tenant"),
    "source_event_action": ("event_type", "action_type"),
}
_MAY_LACK = ("tenant",)


def wanted(event: EventDetail) -> Sequence[Want]:
    """Give what the view of an event wants to know; what is too long to ask for is left out."""
    return [want for want in _wants(event) if len(want.filter) <= _FILTER_LIMIT]


def before(event: EventDetail) -> Want | None:
    """Want what was received last before an event of the same message, run, template or branch."""
    family = family_of(event.type)
    found: Node | None = None
    if event.message_id:
        found = _is(Name("message"), event.message_id)
    elif family == RECIPIENT_RUN and event.workflow_recipient_run_id:
        found = And((_of_family(family), _is(Name("recipient_run"), event.workflow_recipient_run_id)))
    elif family in _RESOURCES:
        found = _template(event, _of_family(family))
    elif slug := text_of(inside(event.payload, "data", "branch", "slug")):
        found = And((_of_family(family), _is(Path(("data", "branch", "slug")), slug)))
    text = str(found) if found is not None else ""
    return Want(EARLIER, text, 1, before=event.seq) if 0 < len(text) <= _FILTER_LIMIT else None


def _wants(event: EventDetail) -> Iterator[Want]:
    family = family_of(event.type)
    if event.type not in CATALOGUE:
        return
    if event.message_id:
        yield Want(MESSAGE, str(_is(Name("message"), event.message_id)), MESSAGE_LIMIT)
    if event.type == "message.link_clicked":
        yield from _clicks(event)
    if family == RECIPIENT_RUN and event.workflow_recipient_run_id:
        yield Want(RUN, str(_is(Name("recipient_run"), event.workflow_recipient_run_id)), RUN_LIMIT)
    if family in _RESOURCES:
        yield from _earlier(event, family)


def _clicks(event: EventDetail) -> Iterator[Want]:
    url = text_of(inside(event.payload, "event_data", "url"))
    if url:
        clicks = And((_is(Name("type"), event.type), _is(Path(("event_data", "url")), url)))
        yield Want(CLICKS, str(clicks), CLICK_LIMIT)


def _earlier(event: EventDetail, family: str) -> Iterator[Want]:
    """Want what was received last about the same template: its update, where this is its commit."""
    committed = event.type.endswith(".committed")
    found = _template(event, _is(Name("type"), f"{family}.updated") if committed else _of_family(family))
    if found is not None:
        yield Want(EARLIER, str(found), 1, before=event.seq, whole=True)


def _template(event: EventDetail, kind: Term) -> Node | None:
    """Ask for the events of the same template; None where the body does not name it."""
    terms: list[Node] = [kind]
    for key in _NAMED_BY[family_of(event.type)]:
        value = text_of(inside(event.payload, "data", key))
        if value:
            terms.append(_is(Path(("data", key)), value))
        elif key in _MAY_LACK:
            terms.append(Term(Path(("data", key)), (Literal(None),)))
        else:
            return None
    if event.environment_id:
        terms.append(_is(Name("env"), event.environment_id))
    return And(tuple(terms))


def _of_family(family: str) -> Term:
    return _is(Name("family"), family)


def _is(field: Name | Path, text: str) -> Term:
    test: Test = Equals(text)
    if isinstance(field, Path) and NUMBER.fullmatch(text):
        test = Digits(text)
    return Term(field, (test,))
