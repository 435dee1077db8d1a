"""Why a filter does not parse, in words: what stands where the grammar stopped, and what was probably meant."""

from __future__ import annotations

import re

from lark import Token
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from relay.contract.filter.errors import FilterError, nearest
from relay.contract.filter.names import field_of
from relay.contract.text import plain

_FORGOTTEN_COLON = re.compile(r"([^<>=]+)(<=|>=|<|>|=)([^<>=].*)", re.DOTALL)
_WORD = re.compile(r'[^\s()":~]+')
_JOINT = re.compile(r"(?:AND|OR)(?=[\s()]|\Z)")
_COMPARISON = re.compile(r"[<>]=?")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)

_TERM = ["a term, as in type:message.sent", "text", "("]
_VALUE = ["a value", "a quoted value", "<, <=, > or >= and a value"]
_PATTERN = ["a regular expression", "a quoted regular expression"]
_PATH = ["a path, as in event_data.token"]


def explain(text: str, error: UnexpectedInput) -> FilterError:
    """Put an error of the parser into words."""
    at, expected = _stop(text, error)
    if text[at : at + 1] == '"' and expected & {"PHRASE", "STRING", "QUOTED_PATTERN"}:
        return _error("this quote is never closed", at, len(text) - at, ['"'])
    if "WORD" in expected:
        return _instead_of_term(text, at)
    if "TILDE" in expected:
        return _after_name(text, at)
    if "VALUE" in expected:
        return _instead_of_value(text, at, expected)
    if "PATTERN" in expected:
        return _instead_of_pattern(text, at)
    if "FIELD" in expected:
        return _error("exists() needs a path", at, 1, _PATH)
    if at == len(text):
        return _never_closed(text, error)
    return _after_term(text, at, expected)


def refuse_forgotten_colon(word: str, at: int, *, of_messages: bool = False) -> None:
    """Raise `FilterError` for a bare word such as ``size>10k``, which would be looked for as text."""
    match = _FORGOTTEN_COLON.fullmatch(word)
    if match is None:
        return
    name, operator, value = match.groups()
    try:
        field_of(name, of_messages=of_messages)
    except FilterError:
        return
    raise FilterError(
        f"a colon is missing after {plain(name, 40)}; to look for this as text, quote it",
        column=at + 1,
        length=len(word),
        expected=[":"],
        suggestion=f"{name}:{value if operator == '=' else operator + value}",
    )


def _stop(text: str, error: UnexpectedInput) -> tuple[int, set[str]]:
    """Return where the parser stopped, and the terminals that could have stood there."""
    if isinstance(error, UnexpectedCharacters):
        allowed, at = error.allowed, error.pos_in_stream
    elif isinstance(error, UnexpectedToken):
        allowed, at = error.expected, error.token.start_pos
        at = None if error.token.type == "$END" else at
    else:
        allowed, at = None, None
    return len(text) if at is None else at, set(allowed or ())


def _error(message: str, at: int, length: int, expected: list[str], suggestion: str | None = None) -> FilterError:
    return FilterError(message, column=at + 1, length=length, expected=expected, suggestion=suggestion)


def _instead_of_term(text: str, at: int) -> FilterError:
    if at == len(text):
        return _error("a term is missing at the end", at, 1, _TERM)
    if joint := _JOINT.match(text, at):
        return _error(f"{joint[0]} stands between two terms", at, len(joint[0]), _TERM)
    match text[at]:
        case ")":
            return _error("a term is missing before this parenthesis", at, 1, _TERM)
        case "-":
            return _error("- stands right before what it negates", at, 1, _TERM)
        case ":" | "~":
            return _error(f"a name is missing before {text[at]}", at, 1, _TERM)
        case ",":
            return _error("commas stand between values, without spaces", at, 1, _TERM)
    return _word_that_goes_on(text, at)


def _word_that_goes_on(text: str, at: int) -> FilterError:
    """A word is only one when whitespace or a closing parenthesis follows."""
    word = _WORD.match(text, at)
    end = word.end() if word else at
    name = text[at:end]
    if text[end : end + 1] == "(":
        return _error(
            f"{plain(name, 40)} is no function; text with a parenthesis in it is quoted",
            at,
            end - at,
            ["exists("],
            suggestion=nearest(name, ["exists"]),
        )
    if text[end : end + 1] == '"' and not _QUOTED.match(text, end):
        return _error("this quote is never closed", end, len(text) - end, ['"'])
    return _error("text with a quote in it is quoted whole", at, max(end - at, 1), _TERM)


def _after_name(text: str, at: int) -> FilterError:
    if text[at] == "~":
        return _error("a regular expression is missing right after ~", at + 1, 1, _PATTERN)
    return _error("a value is missing right after the colon", at + 1, 1, _VALUE)


def _instead_of_value(text: str, at: int, expected: set[str]) -> FilterError:
    comparison = _COMPARISON.match(text, at)
    if comparison and "COMPARISON" in expected:
        return _error(f"a value is missing right after {comparison[0]}", comparison.end(), 1, ["a value"])
    if text.startswith("(", at):
        return _error("values stand without parentheses, commas between them", at, 1, _VALUE)
    if text.startswith("..", at):
        return _error("a range has both its ends, as in 2..5", at, 2, _VALUE)
    return _error("a value is missing here", at, 1, _VALUE)


def _instead_of_pattern(text: str, at: int) -> FilterError:
    if text[at : at + 1] in ("(", "["):
        return _error(
            f"this {text[at]} is not closed; a regular expression with spaces in it is quoted", at, 1, _PATTERN
        )
    return _error("this does not begin a regular expression; it can be quoted", at, 1, _PATTERN)


def _after_term(text: str, at: int, expected: set[str]) -> FilterError:
    if text.startswith(")", at):
        return _error("this parenthesis closes nothing", at, 1, [])
    if "SPACE" not in expected:
        return _error("exists() takes one path and nothing else", at, 1, [")"])
    if text.startswith(",", at) and "COMMA" in expected:
        return _error("a value is missing right after the comma", at + 1, 1, ["a value"])
    if text.startswith("..", at) and "RANGE" in expected:
        return _error("a range has both its ends, as in 2..5", at + 2, 1, ["a value"])
    return _error(
        "a space is missing here; what has quotes or parentheses in it is quoted whole", at, 1, ["a space"]
    )


def _never_closed(text: str, error: UnexpectedInput) -> FilterError:
    """Point at the innermost parenthesis that is open: the parser has it on its stack."""
    parser = error.interactive_parser if isinstance(error, UnexpectedToken) else None
    stack = parser.parser_state.value_stack if parser else []
    opened = [value for value in stack if isinstance(value, Token) and value.type in ("LPAR", "EXISTS")]
    at = (opened[-1].end_pos or 1) - 1 if opened else len(text)
    return _error("this parenthesis is never closed", at, 1, [")"])
