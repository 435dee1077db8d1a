"""The relay as it is, but for the index of facets: what ingest with the index is compared with."""

from __future__ import annotations

from relay.__main__ import main
from relay.log.facets import Facets


def _rest(self: Facets) -> None:
    """Begin no thread: nothing is ever indexed."""


Facets.start = _rest  # type: ignore[method-assign]

if __name__ == "__main__":
    main()
