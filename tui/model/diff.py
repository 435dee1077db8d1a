"""What differs between two bodies, path by path, and true to how they are written.

Numbers are compared as they are written, so that `1.0` in place of `1` is a difference; a key that an object has
twice is there twice; escaped halves of surrogate pairs are values like any other.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from enum import Enum
from itertools import islice
from typing import Any, Final, NamedTuple, TypeAlias

from tui.model.bodylines import pretty
from tui.model.items import Change, Item, Note

MAX_CHANGES = 500
"""Changes that are shown; the others are counted."""

MAX_LINES = 12
"""Lines of one value that are shown."""

MAX_ALIGNED = 400
"""Elements of an array that are looked at for what was put in and taken out between them."""

_CONTEXT = 24
_LONG = 160
_PREVIEW_DEPTH = 6
_TOO_LONG = 400
_NAMES_OF_ELEMENTS = ("id", "ref", "key", "slug", "identifier")


class Number(NamedTuple):
    """A number as it is written."""

    text: str


class Again(NamedTuple):
    """A key that an object has more than once: its second place, its third."""

    key: str
    place: int


Key: TypeAlias = str | int | Again
Path: TypeAlias = tuple[Key, ...]


class _Absent(Enum):
    ABSENT = "absent"


ABSENT: Final = _Absent.ABSENT
"""There is nothing at this path."""


class Difference(NamedTuple):
    """One path at which two bodies differ. The values are parsed JSON with numbers as `Number`, or `ABSENT`."""

    path: Path
    before: Any
    after: Any


class Compared(NamedTuple):
    """Two bodies beside each other: the first paths at which they differ, and how many there are.

    `note` says why there is nothing to list, where that is so.
    """

    differences: tuple[Difference, ...]
    paths: int
    note: str = ""


def compare(before: bytes, after: bytes) -> Compared:
    """Compare two bodies. What is not JSON is compared as one text."""
    if before == after:
        return Compared((), 0, "The two are the same, byte for byte.")
    found = differences(_parsed(before), _parsed(after))
    kept = tuple(islice(found, MAX_CHANGES))
    count = len(kept) + sum(1 for _ in found)
    return Compared(kept, count, "" if count else _only_written(before, after))


def _only_written(before: bytes, after: bytes) -> str:
    if pretty(before) == pretty(after):
        return "Every value is the same; only white space between them differs."
    return "Every value is the same; they differ in the order of keys or in how characters are escaped."


def _parsed(body: bytes) -> Any:
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return body.decode("utf-8", "replace")
    try:
        return json.loads(
            text, object_pairs_hook=_object, parse_int=Number, parse_float=Number, parse_constant=Number
        )
    except (ValueError, RecursionError):
        return text


def _object(pairs: list[tuple[str, Any]]) -> dict[str | Again, Any]:
    plain_object: dict[str | Again, Any] = dict(pairs)
    if len(plain_object) == len(pairs):
        return plain_object
    seen: dict[str, int] = {}
    repeated: dict[str | Again, Any] = {}
    for key, value in pairs:
        seen[key] = seen.get(key, 0) + 1
        repeated[key if seen[key] == 1 else Again(key, seen[key])] = value
    return repeated


def differences(before: Any, after: Any) -> Iterator[Difference]:
    """Give each path at which two parsed bodies differ, in the order of the body."""
    # By hand and not by recursion: bodies nest deeper than a screen's stack has room for.
    waiting: list[tuple[Path, Any, Any]] = [((), before, after)]
    while waiting:
        path, one, other = waiting.pop()
        if isinstance(one, dict) and isinstance(other, dict):
            inside = _keys(one, other)
        elif isinstance(one, list) and isinstance(other, list):
            inside = _elements(one, other)
        else:
            if one != other:
                yield Difference(path, one, other)
            continue
        waiting.extend((((*path, key), left, right)) for key, left, right in reversed(inside))


_Pairs: TypeAlias = list[tuple[Key, Any, Any]]


def _keys(one: dict[str | Again, Any], other: dict[str | Again, Any]) -> _Pairs:
    return [(key, one.get(key, ABSENT), other.get(key, ABSENT)) for key in (one | other)]


def _elements(one: list[Any], other: list[Any]) -> _Pairs:
    """Put the elements of two arrays beside each other, so that one put in does not make all others differ."""
    named = _by_name(one, other)
    if named is not None:
        return named
    start, end = _ends_in_common(one, other)
    left, right = one[start : len(one) - end], other[start : len(other) - end]
    if len(left) == len(right):
        return [(start + at, a, b) for at, (a, b) in enumerate(zip(left, right, strict=True))]
    return _aligned(start, left, right)


def _by_name(one: list[Any], other: list[Any]) -> _Pairs | None:
    """Pair objects by what names them, where all have a name of their own."""
    for name in _NAMES_OF_ELEMENTS:
        left, right = _names(one, name), _names(other, name)
        if left is not None and right is not None:
            gone = [(left[key], one[left[key]], ABSENT) for key in left if key not in right]
            stay = [(at, one[left[key]] if key in left else ABSENT, other[at]) for key, at in right.items()]
            return [*stay, *gone]
    return None


def _names(elements: list[Any], name: str) -> dict[str, int] | None:
    names = [element.get(name) if isinstance(element, dict) else None for element in elements]
    found = {key: at for at, key in enumerate(names) if isinstance(key, str)}
    return found if found and len(found) == len(elements) else None


def _ends_in_common(one: list[Any], other: list[Any]) -> tuple[int, int]:
    most = min(len(one), len(other))
    start = 0
    while start < most and one[start] == other[start]:
        start += 1
    end = 0
    while end < most - start and one[-1 - end] == other[-1 - end]:
        end += 1
    return start, end


def _aligned(start: int, left: list[Any], right: list[Any]) -> _Pairs:
    if max(len(left), len(right)) > MAX_ALIGNED:
        return _side_by_side(start, left, start, right)
    matcher = SequenceMatcher(None, [repr(value) for value in left], [repr(value) for value in right], False)
    pairs: _Pairs = []
    for what, from_left, to_left, from_right, to_right in matcher.get_opcodes():
        if what != "equal":
            pairs += _side_by_side(
                start + from_left, left[from_left:to_left], start + from_right, right[from_right:to_right]
            )
    return pairs


def _side_by_side(left_at: int, left: list[Any], right_at: int, right: list[Any]) -> _Pairs:
    both = min(len(left), len(right))
    pairs: _Pairs = [(right_at + at, left[at], right[at]) for at in range(both)]
    pairs += [(left_at + at, left[at], ABSENT) for at in range(both, len(left))]
    pairs += [(right_at + at, ABSENT, right[at]) for at in range(both, len(right))]
    return pairs


# What is shown of a difference


def items(compared: Compared) -> Iterator[Item]:
    """Say what differs, one path after the other."""
    if compared.note:
        yield Note(compared.note)
    for difference in compared.differences:
        yield shown(difference)
    if compared.paths > len(compared.differences):
        yield Note(f"… and {compared.paths - len(compared.differences):,} more paths differ")


def shown(difference: Difference) -> Change:
    """Put a difference into lines: short values whole, of long ones what differs."""
    before, after = difference.before, difference.after
    lines = _texts(before, after) if isinstance(before, str) and isinstance(after, str) else None
    left, right = lines if lines is not None else (_lines(before), _lines(after))
    return Change(spelled(difference.path), left, right, _note(before, after), _copied(before), _copied(after))


def spelled(path: Path) -> str:
    """Write a path as the filter language does; a repeated key says which of them it is."""
    if not path:
        return "(the whole body)"
    from relay.contract.filter.fields import Path as Field

    again = [f"{key.key}, {_ordinal(key.place)} time" for key in path if isinstance(key, Again)]
    field = str(Field(tuple(key.key if isinstance(key, Again) else key for key in path)))
    return f"{field} ({'; '.join(again)})" if again else field


def _ordinal(place: int) -> str:
    return {2: "2nd", 3: "3rd"}.get(place, f"{place}th")


def _note(before: Any, after: Any) -> str:
    if isinstance(before, Number) and isinstance(after, Number):
        return "the same number, written differently" if _equal_numbers(before.text, after.text) else ""
    kinds = _kind(before), _kind(after)
    if ABSENT in (before, after) or kinds[0] == kinds[1]:
        return ""
    return f"{kinds[0]}, then {kinds[1]}"


def _equal_numbers(one: str, other: str) -> bool:
    from decimal import Decimal, InvalidOperation

    if max(len(one), len(other)) > _TOO_LONG:
        return False
    try:
        return Decimal(one) == Decimal(other)
    except InvalidOperation:
        return False


def _kind(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case Number():
            return "number"
        case str():
            return "text"
        case list():
            return "array"
    return "object"


def _lines(value: Any) -> tuple[str, ...] | None:
    if value is ABSENT:
        return None
    lines = list(islice(_pretty(value, "", 0), MAX_LINES + 1))
    return (*lines[:MAX_LINES], "…") if len(lines) > MAX_LINES else tuple(lines)


def _pretty(value: Any, margin: str, depth: int) -> Iterator[str]:
    """Write a value in indented lines; what lies deep in it is only hinted at."""
    if isinstance(value, dict) and value:
        pairs: Iterable[tuple[str, Any]] = ((_quoted(_name(key)) + ": ", inner) for key, inner in value.items())
        ends = "{}"
    elif isinstance(value, list) and value:
        pairs = (("", inner) for inner in value)
        ends = "[]"
    else:
        yield margin + _scalar(value)
        return
    if depth == _PREVIEW_DEPTH:
        yield f"{margin}{ends[0]}…{ends[1]}"
        return
    yield margin + ends[0]
    for key, inner in pairs:
        first, *rest = islice(_pretty(inner, margin + "  ", depth + 1), MAX_LINES + 1)
        yield f"{margin}  {key}{first.lstrip(' ')}"
        yield from rest
    yield margin + ends[1]


def _name(key: str | Again) -> str:
    return key.key if isinstance(key, Again) else key


def _scalar(value: Any) -> str:
    if isinstance(value, Number):
        return value.text if len(value.text) <= _TOO_LONG else f"{value.text[:_TOO_LONG]}…"
    if isinstance(value, str):
        return _quoted(value if len(value) <= _TOO_LONG else value[:_TOO_LONG] + "…")
    if isinstance(value, dict | list):
        return "{}" if isinstance(value, dict) else "[]"
    return json.dumps(value)


def _quoted(text: str) -> str:
    """Write a text as JSON; only halves of surrogate pairs need more than the usual escapes."""
    quoted = json.dumps(text, ensure_ascii=False)
    return quoted.encode("utf-8", "backslashreplace").decode("utf-8")


def _texts(before: str, after: str) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """Give what differs of two long texts: their lines, or the part between what they begin and end with."""
    if max(len(before), len(after)) <= _LONG:
        return None
    if "\n" in before and "\n" in after:
        start, end = _ends_in_common(left := before.split("\n"), right := after.split("\n"))
        left, right = left[start : len(left) - end], right[start : len(right) - end]
        if max(map(len, (*left, *right)), default=0) <= _LONG:
            return _some(left, start), _some(right, start)
    start, end = _characters_in_common(before, after)
    return (_excerpt(before, start, end),), (_excerpt(after, start, end),)


def _some(lines: list[str], start: int) -> tuple[str, ...]:
    more = len(lines) - MAX_LINES
    kept = [f"line {start + at + 1}: {_quoted(line)[1:-1]}" for at, line in enumerate(lines[:MAX_LINES])]
    if more > 0:
        kept.append(f"… and {more:,} more lines")
    return tuple(kept) or ("(no line here)",)


def _characters_in_common(one: str, other: str) -> tuple[int, int]:
    most = min(len(one), len(other))
    start = _common_length(one[:most], other[:most])
    end = _common_length(one[::-1][: most - start], other[::-1][: most - start])
    return start, end


def _common_length(one: str, other: str) -> int:
    """Halve the distance instead of going along it: texts may have millions of characters."""
    low, high = 0, len(one)
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _excerpt(text: str, start: int, end: int) -> str:
    first, last = max(start - _CONTEXT, 0), min(len(text) - end + _CONTEXT, len(text))
    part = text[first:last]
    cut = part if len(part) <= _TOO_LONG else part[:_TOO_LONG] + "…"
    return f"{'…' if first else ''}{_quoted(cut)[1:-1]}{'…' if last < len(text) and cut == part else ''}"


def _copied(value: Any) -> str:
    if value is ABSENT:
        return ""
    if isinstance(value, str):
        return value
    try:
        return _written(value)
    except RecursionError:
        return "\n".join(_pretty(value, "", 0))


def _written(value: Any) -> str:
    """Write a whole value in one line."""
    parts = []
    if isinstance(value, dict):
        for key, inner in value.items():
            parts.append(f"{_quoted(_name(key))}: {_written(inner)}")
        return f"{{{', '.join(parts)}}}"
    if isinstance(value, list):
        for inner in value:
            parts.append(_written(inner))  # noqa: PERF401 - a comprehension is one more level of the stack
        return f"[{', '.join(parts)}]"
    if isinstance(value, Number):
        return value.text
    return _quoted(value) if isinstance(value, str) else json.dumps(value)
