"""What is wrong with a filter, and where."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager


class FilterError(ValueError):
    """A filter that does not parse.

    `column` counts characters from 1 and may be one past the end of the text; `length` is how many characters are
    meant, at least 1. `expected` says in words what could stand there; `suggestion` is what was probably meant,
    to be put in the place of those characters.
    """

    def __init__(
        self,
        message: str,
        *,
        column: int = 1,
        length: int = 1,
        expected: Sequence[str] = (),
        suggestion: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.column = column
        self.length = max(length, 1)
        self.expected = list(expected)
        self.suggestion = suggestion


@contextmanager
def moved(by: int) -> Iterator[None]:
    """Add `by` to the columns of errors from within, where part of a text was read by itself."""
    try:
        yield
    except FilterError as error:
        error.column += by
        raise


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that `word` was probably meant to be."""
    from difflib import get_close_matches  # only wrong filters pay for it

    return next(iter(get_close_matches(word[:64].lower(), known, n=1, cutoff=0.6)), None)
