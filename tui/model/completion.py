"""What may stand at the cursor of a filter: names, event types, values that were seen, and saved filters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, NamedTuple

from relay.contract.events import EventSummary, Verdict
from relay.contract.knock import CATALOGUE, FAMILIES, ChannelType, Engagement, MessageStatus, RunStatus, family_of
from relay.contract.text import copyable
from tui.model.cellvalue import Kind, Value, value_of
from tui.model.drafting import judge

EVENTS = 5_000
"""Newest events of the window that are looked through for values."""
CANDIDATES = 100
PATHS = 300
LONGEST = 200
"""Characters of a value that is offered."""

HEADERS = ("x-knock-event", "x-knock-environment-id", "x-knock-signature", "content-type", "user-agent")
_SAVED = "saved filter"


class Candidate(NamedTuple):
    """What is put in the place of the word, how it is listed, and a word on what it is."""

    text: str
    label: str
    note: str = ""


class Completion(NamedTuple):
    """What may stand between two places of the text."""

    start: int
    end: int
    candidates: Sequence[Candidate] = ()


class Seen(NamedTuple):
    """A value that the log holds, and how many events have it."""

    value: bool | int | float | str
    events: int


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Where candidates come from: saved filters, counts by type, events with the newest first, and bodies.

    `payload` is the body that is looked at, `payloads` are others. `seen` are the values that the relay named for
    the place at the cursor, the most frequent first; None where it did not. Those are `all_seen`, or what the
    events of the window have comes after them.
    """

    saved: Mapping[str, str] = field(default_factory=dict)
    types: Mapping[str, int] = field(default_factory=dict)
    events: Sequence[EventSummary] = ()
    payload: Any = None
    payloads: Sequence[Any] = ()
    headers: Sequence[str] = ()
    seen: Sequence[Seen] | None = None
    all_seen: bool = False
    of_messages: bool = False
    """The filter is on messages, and may speak of them."""


def make_ready() -> None:
    """Load what typing a filter takes: else the first letter waits for it."""
    judge("type:x")
    complete("t", 1, Vocabulary())


def complete(text: str, cursor: int, vocabulary: Vocabulary) -> Completion:
    """Give what may stand at the cursor, the likeliest first."""
    start = _word_start(text, cursor)
    word = text[start:cursor]
    name, colon, _ = _split(word, ":")
    if colon:
        start += _value_start(word)
        found = _values(name, text[start:cursor], vocabulary)
    else:
        within_exists = text[:start].endswith("exists(")
        found = _names(
            word, vocabulary, fields_only=within_exists, alone=not (text[:start] + text[cursor:]).strip()
        )
    candidates = list(islice(_distinct(found), CANDIDATES))
    return Completion(start, cursor, candidates or ([] if colon else list(_nearest(word))))


def word_at(text: str, cursor: int) -> tuple[int, int]:
    """Give from where to where the word at the cursor goes, without what negates it or is around it."""
    start = end = _word_start(text, cursor)
    in_quotes = False
    while end < len(text):
        char = text[end]
        if char == "\\" and in_quotes:
            end += 1
        elif char == '"':
            in_quotes = not in_quotes
        elif not in_quotes and (char.isspace() or char in "()"):
            break
        end += 1
    return start, min(end, len(text))


def place_of(text: str, cursor: int) -> str | None:
    """Give the field whose values stand at the cursor; None where none do, or where values are not counted."""
    from relay.contract.filter import FilterError
    from relay.contract.filter.names import field_of

    name, colon, _ = _split(text[_word_start(text, cursor) : cursor], ":")
    if not colon or ("." not in name and name not in _COUNTED):
        return None
    try:
        field_of(name)
    except FilterError:
        return None
    return name


def wants_keys(text: str, cursor: int) -> bool:
    """Tell whether a path into the body is typed, or a header."""
    word = text[_word_start(text, cursor) : cursor]
    return _split(word, ":")[0].startswith(("data.", "event_data.", "header.", "."))


def typed_at(text: str, cursor: int) -> str:
    """Give what is typed so far of the value at the cursor, without quotes."""
    start = _word_start(text, cursor)
    return text[start + _value_start(text[start:cursor]) : cursor].replace('"', "")


def opens(candidate: Candidate) -> bool:
    """Tell whether something is to come right after a candidate: the value of a name, the next key of a path."""
    return candidate.text.endswith((":", ".", "exists("))


class Completing:
    """Tab after Tab: first what all candidates begin with, then one candidate after the other."""

    def __init__(self, text: str, completion: Completion) -> None:
        self._before = text[: completion.start]
        self._after = text[completion.end :]
        self._word = text[completion.start : completion.end]
        self.candidates = completion.candidates
        self.at: int | None = None
        """The candidate that stands in the text."""

    @property
    def start(self) -> int:
        """Where the word begins."""
        return len(self._before)

    def begin(self) -> tuple[str, int]:
        """Put in what is certain; gives the text and its cursor."""
        if len(self.candidates) == 1:
            return self.choose(0)
        common = _common_beginning([candidate.text for candidate in self.candidates])
        return self._with(common if common.startswith(self._word) else self._word)

    def step(self, steps: int) -> tuple[str, int]:
        """Put in the next candidate, or the one before."""
        count = len(self.candidates)
        return self.choose((self.at + steps) % count if self.at is not None else (0 if steps > 0 else count - 1))

    def choose(self, at: int) -> tuple[str, int]:
        """Put in a candidate."""
        self.at = at
        return self._with(self.candidates[at].text)

    @property
    def opened(self) -> bool:
        """What stands in the text is only the beginning of a term."""
        return self.at is not None and opens(self.candidates[self.at])

    def _with(self, word: str) -> tuple[str, int]:
        return self._before + word + self._after, len(self._before) + len(word)


def _common_beginning(texts: Sequence[str]) -> str:
    first, last = min(texts), max(texts)
    same = next((at for at, char in enumerate(first) if last[at : at + 1] != char), len(first))
    return first[:same]


# Where the word is


def _word_start(text: str, cursor: int) -> int:
    start, at, in_quotes = 0, 0, False
    while at < cursor:
        char = text[at]
        if char == "\\" and in_quotes:
            at += 1
        elif char == '"':
            in_quotes = not in_quotes
        elif not in_quotes and (char.isspace() or char in "()" or (char == "-" and at == start)):
            start = at + 1
        at += 1
    return min(start, cursor)


def _split(word: str, mark: str) -> tuple[str, str, str]:
    """Part a word at the first mark outside of quotes."""
    in_quotes = False
    for at, char in enumerate(word):
        if char == '"':
            in_quotes = not in_quotes
        elif char == mark and not in_quotes:
            return word[:at], mark, word[at + 1 :]
    return word, "", ""


def _value_start(word: str) -> int:
    """Give where the value at the end of a term begins: after its colon or its last comma."""
    in_quotes, start = False, 0
    for at, char in enumerate(word):
        if char == '"':
            in_quotes = not in_quotes
        elif not in_quotes and ((char == ":" and not start) or (char == "," and start)):
            start = at + 1
    return start


def _distinct(found: Iterable[Candidate]) -> Iterator[Candidate]:
    seen: set[str] = set()
    for candidate in found:
        if candidate.text not in seen and _typeable(candidate):
            seen.add(candidate.text)
            yield candidate


def _typeable(candidate: Candidate) -> bool:
    """Tell whether a candidate can stand in a line and be seen as it is."""
    text = candidate.text
    fits = len(text) <= LONGEST + 10 or candidate.note == _SAVED
    return fits and copyable(text)[1] == 0 and "\n" not in text and "\t" not in text


def _matching(candidates: Iterable[Candidate], typed: str) -> Iterator[Candidate]:
    """Give those that begin with what was typed, then those that have it inside."""
    wanted = typed.replace('"', "").casefold()
    inside = []
    for candidate in candidates:
        label = candidate.label.replace('"', "").casefold()
        if label.startswith(wanted):
            yield candidate
        elif wanted in label:
            inside.append(candidate)
    yield from inside


# Names


def _names(word: str, vocabulary: Vocabulary, *, fields_only: bool, alone: bool) -> Iterator[Candidate]:
    after = "" if fields_only else ":"
    if not fields_only and not word.startswith((".", '"')):
        yield from _matching(_saved(vocabulary.saved, alone=alone), word)
    if "." in word:
        yield from _matching(_paths(vocabulary, after), word)
        return
    names = list(_own_names(after, fields_only=fields_only))
    if vocabulary.of_messages and not fields_only:
        names = [*_names_of_messages(after), *(one for one in names if one.label != "engagement")]
    yield from (candidate for candidate in names if candidate.label.startswith(word))
    if word:
        yield from (candidate for candidate in _paths(vocabulary, after) if _last_key(candidate).startswith(word))


def _nearest(word: str) -> Iterator[Candidate]:
    """Give the name that was probably meant."""
    from relay.contract.filter.errors import nearest
    from relay.contract.filter.terms import TERMS

    meant = nearest(word, TERMS) if word else None
    if meant is not None:
        yield Candidate(f"{meant}:", meant, "did you mean this?")


def _last_key(candidate: Candidate) -> str:
    return candidate.label.rpartition(".")[2]


def _saved(saved: Mapping[str, str], *, alone: bool) -> Iterator[Candidate]:
    for name, text in saved.items():
        yield Candidate(text if alone else f"({text})", name, _SAVED)


def _own_names(after: str, *, fields_only: bool) -> Iterator[Candidate]:
    from relay.contract.filter.terms import TERMS

    for known in TERMS.values():
        yield Candidate(known.name + after, known.name, known.meaning)
    yield Candidate("event_data.", "event_data.", "anything in the EventData")
    yield Candidate("data.", "data.", "anything in the entity")
    yield Candidate("header.", "header.", "request header")
    if not fields_only:
        yield Candidate("failed", "failed", "undelivered, bounced, complaint, or a failed run")
        yield Candidate("exists(", "exists(", "is there and not null")


def _names_of_messages(after: str) -> Iterator[Candidate]:
    from relay.contract.filter.terms import MESSAGE_TERMS

    for known in MESSAGE_TERMS.values():
        yield Candidate(known.name + after, known.name, known.meaning)


def _values_of_messages(name: str) -> Iterator[Candidate]:
    """Give what can be said of a message under a name."""
    from relay.contract.filter.terms import MESSAGE_TERMS
    from relay.contract.timeline import Flag, Outcome

    match name:
        case "outcome":
            yield from _candidates(Outcome, "")
        case "flag":
            yield from (Candidate(flag.value, flag.value, flag.meaning) for flag in Flag)
        case "engagement":
            yield from _candidates(Engagement, "")
        case "never":
            yield from _candidates((kind for kind in CATALOGUE if family_of(kind) == "message"), "")
        case _:
            known = MESSAGE_TERMS[name]
            value = known.example.partition(":")[2]
            yield Candidate(value, value, f"for example; {known.kind}")


def _paths(vocabulary: Vocabulary, after: str) -> Iterator[Candidate]:
    """Give the paths that were seen, those of the newest events first, and those that Knock documents."""
    from relay.contract.filter import Header, Path

    def candidates(keys: Iterable[tuple[str, ...]], note: str) -> Iterator[Candidate]:
        return (Candidate(f"{path}{after}", str(path), note) for path in map(Path, keys))

    seen = Counter(
        keys
        for event in vocabulary.events[:EVENTS]
        if event.event_data is not None
        for keys in _leaf_keys(event.event_data, ("event_data",))
    )
    yield from candidates((keys for keys, _ in seen.most_common()), "seen")
    yield from candidates(_leaf_keys(vocabulary.payload, ()), "in this event")
    for payload in vocabulary.payloads:
        yield from candidates(_leaf_keys(payload, ()), "seen")
    yield from candidates(_documented(), "EventData")
    for name in (*vocabulary.headers, *HEADERS):
        path = str(Header(name))
        yield Candidate(path + after, path, "header")


def _documented() -> Iterator[tuple[str, ...]]:
    for type_ in CATALOGUE.values():
        model = type_.event_data
        yield from (("event_data", name) for name in (model.model_fields if model is not None else ()))


def _leaf_keys(value: Any, root: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Give the keys of every value that is none of objects, elements of lists under the keys of the list."""
    pending = [(root, value)]
    given = 0
    while pending and given < PATHS:
        keys, value = pending.pop(0)
        if isinstance(value, dict):
            pending.extend(((*keys, key), inner) for key, inner in islice(value.items(), PATHS))
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            pending.append((keys, value[0]))
        elif keys:
            given += 1
            yield keys


# Values


def _values(name: str, typed: str, vocabulary: Vocabulary) -> Iterator[Candidate]:
    return _matching(_offered(name, vocabulary), typed)


def _offered(name: str, vocabulary: Vocabulary) -> Iterator[Candidate]:
    if vocabulary.of_messages and name in _OF_MESSAGES:
        yield from _values_of_messages(name)
        return
    for value, count in _events_of(vocabulary.seen or ()):
        if _offerable(value.raw):
            yield from _of_value(value, f"{count:,}")
    if not vocabulary.all_seen:
        of_window = _of_window(name, vocabulary)
        # Beside counts of the whole log those of the window would say something else.
        yield from of_window if vocabulary.seen is None else (one._replace(note="") for one in of_window)
    if name == "type":
        yield from _families(str(one.value) for one in vocabulary.seen or ())
        yield from _candidates(CATALOGUE, "not seen")
    elif name in _READ:
        yield from _candidates(_KNOWN.get(name, ()), "")
    elif "." not in name:
        yield from _examples(name)


def _of_window(name: str, vocabulary: Vocabulary) -> Iterator[Candidate]:
    if name == "type":
        yield from _types(vocabulary.types)
    elif name in _READ:
        yield from _seen(_READ[name], vocabulary.events)
    elif "." in name:
        yield from _seen_at(name, vocabulary)


def _types(seen: Mapping[str, int]) -> Iterator[Candidate]:
    ordered = sorted(seen, key=lambda type_: -seen[type_])
    for type_ in ordered:
        yield from _candidates([type_], f"{seen[type_]:,}")
    yield from _families(ordered)


def _families(types: Iterable[str]) -> Iterator[Candidate]:
    from relay.contract.filter import Like

    for family in dict.fromkeys(map(family_of, types)):
        yield Candidate(str(Like((f"{family}.", ""))), f"{family}.*", "all of them")


def _seen(read: Callable[[EventSummary], Iterable[Any]], events: Sequence[EventSummary]) -> Iterator[Candidate]:
    return _counted(value for event in events[:EVENTS] for value in read(event))


def _counted(values: Iterable[Any]) -> Iterator[Candidate]:
    counts = Counter(value_of(value) for value in values if _offerable(value))
    for value, count in counts.most_common():
        yield from _of_value(value, f"{count:,}")


def _offerable(value: Any) -> bool:
    return isinstance(value, (str, int, float)) and value != "" and len(str(value)[: LONGEST + 1]) <= LONGEST


def _candidates(values: Iterable[str], note: str) -> Iterator[Candidate]:
    for value in values:
        yield from _of_value(value_of(value), note)


def _of_value(value: Value, note: str) -> Iterator[Candidate]:
    test = value.test()
    if test is not None:
        yield Candidate(str(test), value.told, note)


def _events_of(seen: Sequence[Seen]) -> Iterator[tuple[Value, int]]:
    """Give how many events a filter by each value finds: one by a number finds texts of these digits, too."""
    values = [(value_of(value), events) for value, events in seen]
    texts = {value.text: events for value, events in values if value.kind is Kind.TEXT}
    for value, events in values:
        yield value, events + (texts.get(value.text, 0) if value.kind is Kind.NUMBER else 0)


def _seen_at(name: str, vocabulary: Vocabulary) -> Iterator[Candidate]:
    """Give the values that were seen at a path."""
    from relay.contract.filter import FilterError, Path
    from relay.contract.filter.names import field_of
    from relay.contract.filter.walk import leaves

    try:
        place = field_of(name)
    except FilterError:
        return
    if isinstance(place, Path):
        bodies: list[Any] = [vocabulary.payload, *vocabulary.payloads]
        bodies += [{"event_data": event.event_data} for event in vocabulary.events[:EVENTS]]
        yield from _counted(value for body in bodies for value in leaves(body, place.keys))


def _examples(name: str) -> Iterator[Candidate]:
    from relay.contract.filter.terms import TERMS

    known = TERMS.get(name)
    if known is not None:
        value = known.example.partition(":")[2]
        yield Candidate(value, value, f"for example; {known.kind}")


def _channel(event: EventSummary) -> Iterator[str | None]:
    if event.channel is not None:
        yield from (event.channel.type, event.channel.key)


def _provider(event: EventSummary) -> Iterator[str | None]:
    if event.channel is not None:
        yield event.channel.provider


def _commit(event: EventSummary) -> Iterator[Any]:
    if isinstance(event.event_data, dict):
        yield event.event_data.get("commit_id")


_READ: Mapping[str, Callable[[EventSummary], Iterable[Any]]] = {
    "family": lambda event: (family_of(event.type),),
    "recipient": lambda event: (event.recipient,),
    "workflow": lambda event: (event.workflow,),
    "channel": _channel,
    "provider": _provider,
    "tenant": lambda event: (event.tenant,),
    "status": lambda event: (event.status,),
    "engagement": lambda event: event.engagement_statuses or (),
    "message": lambda event: (event.message_id,),
    "run": lambda event: (event.workflow_run_id,),
    "recipient_run": lambda event: (event.workflow_recipient_run_id,),
    "env": lambda event: (event.environment_id,),
    "endpoint": lambda event: (event.endpoint,),
    "verdict": lambda event: (event.verdict.value,),
    "commit": _commit,
}
"""The names whose values are texts, and where an event has them."""

_OF_MESSAGES = frozenset({"outcome", "flag", "engagement", "never", "steps", "took"})
_COUNTED = frozenset((*_READ, "type", "deliveries", "forwarded"))
"""The names whose values are few enough to be told one by one."""

_KNOWN: Mapping[str, Iterable[str]] = {
    "family": tuple(FAMILIES),
    "channel": tuple(ChannelType),
    "status": (*MessageStatus, *RunStatus),
    "engagement": tuple(Engagement),
    "verdict": tuple(Verdict),
}
"""Values that there are, seen or not."""
