"""Which mistake gives the signature that was sent.

Every mistake that is commonly made with Knock's scheme is made here on purpose, with the secrets at hand, until
one fits. Digests are compared whole and in constant time, never a part of one: a stranger who can measure how long
an answer takes must not learn a signature piece by piece.
"""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from hmac import compare_digest
from typing import NamedTuple

from relay.contract.signature.faults import Fault, Reason
from relay.contract.signature.rewriting import rewritings
from relay.contract.signature.scheme import Secret, milliseconds

HASHED_LIMIT = 32 << 20
"""Bytes hashed in one search: whoever can send a body can set off this work."""


class Search:
    """Tries keys and texts until one gives the digest that was sent; `left` counts the bytes it may still hash.

    `signed` is the text that gave it, once one did.
    """

    def __init__(self, digest: bytes) -> None:
        self._digest = digest
        self.left = HASHED_LIMIT
        self.signed: bytes | None = None

    def _fits(self, key: bytes, before: bytes, body: bytes) -> bool:
        self.left -= len(body)
        text = before + body
        if self.left < 0 or not compare_digest(hmac.digest(key, text, "sha256"), self._digest):
            return False
        self.signed = text
        return True

    def matches(
        self, t: str, body: bytes, secrets: Sequence[Secret], others: Sequence[Secret]
    ) -> Iterator[list[Fault]]:
        """The faults that together give the digest; lazily, from the likeliest to the oddest."""
        as_knock, *amiss = _framings(t)
        keys = [secret.key for secret in secrets]
        yield from self._framed([as_knock], body, keys)
        for other in others:
            for faults in self._framed([as_knock], body, [other.key]):
                yield [_other_endpoint(other.endpoint), *faults]
        yield from self._framed(amiss, body, keys)
        likely = [as_knock, *amiss[:1]]
        for secret in secrets:
            for key, fault in _changed_keys(secret.value):
                for faults in self._framed(likely, body, [key]):
                    yield [fault, *faults]
        for rewriting in rewritings(body):
            for faults in self._framed(likely, rewriting.data, keys):
                yield [_rewritten(rewriting.how()), *faults]

    def _framed(self, framings: Sequence[_Framing], body: bytes, keys: Sequence[bytes]) -> Iterator[list[Fault]]:
        for framing in framings:
            for key in keys:
                if self._fits(key, framing.before, body):
                    yield framing.faults


class _Framing(NamedTuple):
    """What stands before the body in the text that is signed."""

    before: bytes
    faults: list[Fault]


_TIME_NOT_SIGNED = Fault(
    Reason.TIME_NOT_SIGNED,
    "the signature is over the body alone",
    "sign the text of t, a dot and the raw body in one piece",
)
_DOT_NOT_SIGNED = Fault(
    Reason.DOT_NOT_SIGNED,
    "the signature is over t and the body without the dot between them",
    "put a dot between t and the body before signing",
)
_OTHER_TIME_SIGNED = Fault(
    Reason.OTHER_TIME_SIGNED,
    "the signature is over t in another unit than the header has it",
    "sign the same text of t that the header has, in milliseconds",
)


def _framings(t: str) -> list[_Framing]:
    alone = _Framing(b"", [_TIME_NOT_SIGNED])
    if not t:
        return [alone]
    signed = t.encode("utf-8", "surrogatepass")
    framings = [_Framing(signed + b".", []), alone, _Framing(signed, [_DOT_NOT_SIGNED])]
    if milliseconds(t) is not None:
        framings += [_Framing(other + b".", [_OTHER_TIME_SIGNED]) for other in (signed[:-3], signed + b"000")]
    return framings


def _other_endpoint(endpoint: str | None) -> Fault:
    whose = f"of endpoint {endpoint}" if endpoint else "of the endpoint without a name"
    path = f"/webhooks/knock/{endpoint}" if endpoint else "/webhooks/knock"
    return Fault(
        Reason.OTHER_ENDPOINT,
        f"signed with the secret {whose}",
        f"in Knock, send this webhook to {path}, or add its secret to the endpoint that it is sent to",
    )


def _rewritten(how: str) -> Fault:
    return Fault(
        Reason.BODY_REWRITTEN,
        f"the signature fits {how}",
        "sign the raw bytes that are sent, before anything parses them, and let no proxy write the body anew",
    )


_AS_IT_IS = "use the secret's text as it is as the key, in UTF-8: nothing stripped, decoded or added"


def _changed_keys(secret: str) -> Iterator[tuple[bytes, Fault]]:
    """Keys that come of handling a secret wrongly."""
    for wrapped, around in ((secret.strip(), "white space"), (secret.strip().strip("\"'"), "quotes")):
        if wrapped and wrapped != secret:
            yield (
                _utf8(wrapped),
                Fault(
                    Reason.SECRET_CHANGED,
                    f"the signer's secret is the one configured here without the {around} around it",
                    "run knocktop secret remove, then knocktop secret add with the secret alone",
                ),
            )
    for key, how in _mishandled(secret):
        yield key, Fault(Reason.SECRET_CHANGED, f"the key is the secret {how}", _AS_IT_IS)


def _mishandled(secret: str) -> Iterator[tuple[bytes, str]]:
    key = _utf8(secret)
    yield key + b"\n", "with a line break after it"
    yield key + b"\r\n", "with a line break after it"
    yield b" " + key, "with a space before it"
    yield key + b" ", "with a space after it"
    yield b'"' + key + b'"', "in quotes"
    yield b64encode(key), "encoded in base64"
    rests = [rest for rest in (secret.partition("_")[2], secret.rpartition("_")[2]) if rest not in ("", secret)]
    for rest in rests:
        yield _utf8(rest), "without its prefix"
    for text, how in [(secret, ""), *((rest, "without its prefix and ") for rest in rests)]:
        for decoded, encoding in _decodings(text):
            yield decoded, f"{how}decoded from {encoding}"


def _decodings(text: str) -> Iterator[tuple[bytes, str]]:
    for decode, encoding in ((_from_base64, "base64"), (bytes.fromhex, "hex")):
        try:
            decoded = decode(text)
        except ValueError:
            continue
        if decoded:
            yield decoded, encoding


def _from_base64(text: str) -> bytes:
    standard = text.translate(str.maketrans("-_", "+/")).rstrip("=")
    return b64decode(standard + "=" * (-len(standard) % 4), validate=True)


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
