"""The sample requests, and JSON of every shape, for tests of what is read from bodies."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from relay.contract import jsontext
from relay.contract.knock import CATALOGUE

FOLDER = Path(__file__).parents[2] / "samples"
NAMES = tuple(sorted(path.stem for path in FOLDER.glob("*.json") if path.stem != "vectors"))


def sample(name: str) -> dict[str, Any]:
    """Parse the body of a sample."""
    payload = jsontext.loads((FOLDER / f"{name}.json").read_bytes())
    assert isinstance(payload, dict)
    return payload


def _keys_in(value: Any) -> set[str]:
    if isinstance(value, list):
        return set().union(*map(_keys_in, value))
    return set(value).union(*map(_keys_in, value.values())) if isinstance(value, dict) else set()


_TIMES = (
    "2026-11-20T14:03:08.958652Z",
    "0001-01-01T00:00:00+23:59",
    "9999-12-31T23:59:59.999999-23:59",
    "2026-11-20",
    "2026-11-20T14:03:60Z",
)

_texts = st.text(st.characters(exclude_categories=()), max_size=40)
_keys = st.sampled_from(sorted(_keys_in([sample(name) for name in NAMES]))) | _texts
_scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.just(10**3_999)
    | st.floats(allow_nan=False, allow_infinity=False)
    | _texts
    | st.builds(lambda text, times: text * times, _texts, st.integers(0, 300))
    | st.sampled_from(_TIMES)
)


def _nested(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(values, max_size=6) | st.dictionaries(_keys, values, max_size=12)


any_json: st.SearchStrategy[Any] = st.recursive(_scalars, _nested, max_leaves=40)
"""Any JSON value, with a liking for the keys that Knock uses and for halves of surrogate pairs."""

any_object: st.SearchStrategy[dict[str, Any]] = st.dictionaries(_keys, any_json, max_size=20)

any_type: st.SearchStrategy[str] = st.sampled_from(tuple(CATALOGUE)) | _texts

any_payload: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        "type": any_type | any_json,
        "data": any_object | any_json,
        "event_data": any_object | any_json,
        "created_at": st.sampled_from(_TIMES) | any_json,
    },
)
