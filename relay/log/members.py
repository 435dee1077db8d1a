"""The events that belong together: of one message, or of one run; by the index as far as that reaches."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Literal, TypeAlias

import msgspec

from relay.contract import jsontext
from relay.contract.events import SUMMARY_TEXT_LIMIT
from relay.contract.timeline import Origin
from relay.log.faceted import Faceted
from relay.log.marks import BLOCK, unpacked
from relay.log.reader import trimmed_upto
from relay.log.rows import BODY, FULL, LISTED, event_of
from relay.log.sparse import sparse
from relay.log.stored import StoredEvent
from relay.log.stored import stored_type as stored_text
from relay.log.values import NAMES

Of: TypeAlias = Literal["message", "run"]
"""What events belong to."""

MOST = 20_000
"""Events of one message or run that are read, the newest."""


class _Ids(msgspec.Struct, gc=False):
    message_id: str | None = None
    workflow_run_id: str | None = None
    truncated: bool = False


_decode = msgspec.json.Decoder(_Ids).decode
_FIELDS = {"message": "message_id", "run": "workflow_run_id"}


class Members:
    """Finds the events of messages, or of runs, within one snapshot of the log.

    Of the events that the index does not know it looks at the newest `most_unindexed`; it is not `complete` where
    there are more, since what belongs together may then be found in part.
    """

    def __init__(self, connection: sqlite3.Connection, of: Of, known: Faceted | None, most_unindexed: int) -> None:
        self._connection = connection
        self._most_unindexed = most_unindexed
        self.complete = True
        self._of = of
        self._known = known
        self._field = _FIELDS[of]
        self._beyond = self._scanned()

    def id_of(self, seq: int, facts: bytes) -> str | None:
        """The id of what an event belongs to, by its summary; none where it belongs to nothing."""
        try:
            ids = _decode(facts)
        except (msgspec.MsgspecError, ValueError):  # lone surrogates
            ids = msgspec.convert(jsontext.loads(facts), _Ids)
        found: str | None = getattr(ids, self._field)
        if found is None or len(found) < SUMMARY_TEXT_LIMIT or not ids.truncated:
            return found
        whole = self.whole(seq)
        return None if whole is None else getattr(whole.full_facts(), self._field)

    def seqs(self, id_: str) -> list[int]:
        """The seqs of the events that belong to an id, ascending; some may be gone by now."""
        found = [] if self._known is None else list(self._indexed(self._known, id_))
        return sorted({*found, *self._beyond.get(id_, ())})

    def _indexed(self, known: Faceted, id_: str) -> Iterator[int]:
        query = (
            "SELECT m.block, m.places FROM facets.words w CROSS JOIN facets.marks m ON m.word = w.id"
            " WHERE w.name = ? AND w.value = ?"
        )
        for block, places in self._connection.execute(query, (NAMES[self._of], stored_text(id_))):
            bits = unpacked(places)
            while bits:
                lowest = bits & -bits
                bits ^= lowest
                seq = block * BLOCK + lowest.bit_length() - 1
                if known.low <= seq <= known.high:
                    yield seq

    def _scanned(self) -> dict[str, list[int]]:
        """What the index does not know: the newest events, nearly always few."""
        spans = [(1, 1 << 62)] if self._known is None else [(self._known.high + 1, 1 << 62)]
        if self._known is not None and trimmed_upto(self._connection) + 1 < self._known.low:
            spans.append((1, self._known.low - 1))
        found: dict[str, list[int]] = {}
        left = self._most_unindexed
        query = "SELECT seq, summary FROM events WHERE seq BETWEEN ? AND ? ORDER BY seq DESC LIMIT ?"
        for low, high in spans:
            for seq, facts in self._connection.execute(query, (low, high, left)):
                left -= 1
                if (id_ := self.id_of(seq, facts)) is not None:
                    found.setdefault(id_, []).append(seq)
        self.complete = left > 0
        return found

    def events(self, seqs: Iterable[int]) -> dict[int, StoredEvent]:
        """Events by their seqs, as a list needs them; those that are gone are left out."""
        query = f"SELECT {LISTED} FROM json_each(?) AS chosen CROSS JOIN events e ON e.seq = chosen.value"  # noqa: S608
        given = f"[{','.join(map(str, seqs))}]"
        return {row[0]: event_of(row) for row in self._connection.execute(query, (given,))}

    def facts(self, seqs: Iterable[int]) -> dict[int, bytes]:
        """What the bodies of events say, as JSON, by their seqs."""
        query = "SELECT e.seq, e.summary FROM json_each(?) AS chosen CROSS JOIN events e ON e.seq = chosen.value"
        return dict(self._connection.execute(query, (f"[{','.join(map(str, seqs))}]",)))

    def whole(self, seq: int) -> StoredEvent | None:
        """One event with its body."""
        row = self._connection.execute(f"SELECT {FULL} FROM events e WHERE e.seq = ?", (seq,)).fetchone()  # noqa: S608
        return None if row is None else event_of(row)

    def origins(self, seqs: Iterable[int]) -> dict[int, Origin]:
        """What the bodies of some events say of their messages' origin."""
        query = f"SELECT e.seq, {BODY} FROM json_each(?) AS chosen CROSS JOIN events e ON e.seq = chosen.value"  # noqa: S608
        given = f"[{','.join(map(str, seqs))}]"
        return {seq: _origin(body) for seq, body in self._connection.execute(query, (given,))}


_read: Callable[[bytes], object] = sparse([("data", "inserted_at"), ("data", "source", "step_ref")])


def _origin(body: bytes) -> Origin:
    payload = _read(body)
    made_at, step_ref = _at(payload, "data", "inserted_at"), _at(payload, "data", "source", "step_ref")
    return Origin(made_at if isinstance(made_at, str) else None, step_ref if isinstance(step_ref, str) else None)


def _at(value: object, *keys: str) -> object:
    for key in keys:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def newest(seqs: Sequence[int]) -> list[int]:
    """Not more than are read."""
    return list(seqs[-MOST:])
