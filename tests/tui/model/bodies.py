"""JSON as strangers write it: for tests of whatever reads bodies."""

from __future__ import annotations

import json

from hypothesis import strategies as st

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
values = st.recursive(scalars, lambda v: st.lists(v, max_size=4) | st.dictionaries(st.text(), v, max_size=4))
spaces = st.text(" \t\n\r", max_size=3)


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    """A value as JSON, with white space where it may be and escapes where they may be."""
    value = draw(values)
    ascii_, space = draw(st.booleans()), draw(spaces)
    text = json.dumps(value, ensure_ascii=ascii_, separators=(f",{space}", f"{space}:{space}"))
    return f"{space}{text}{space}".encode("utf-8", "surrogatepass")
