"""What a signature header claims, however oddly it is written."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from typing import NamedTuple
from urllib.parse import unquote

from relay.contract.signature.faults import Fault, Reason
from relay.contract.signature.scheme import HEADER, MAX_HEADER, read_header

SHAPE = f"send {HEADER}: t=<unix ms>,s=<base64>"


class Claim(NamedTuple):
    """A header read leniently: `t` and the digest where they can be told, and what is odd about the writing."""

    t: str
    digest: bytes | None
    faults: list[Fault]


def read_claim(header: str) -> Claim:
    """Read any header; where parts lack their names, what looks like a time and a digest is taken for them."""
    if len(header) > MAX_HEADER:
        long = Fault(Reason.MALFORMED, f"the header has {len(header):,} characters", SHAPE)
        return Claim("", None, [long])
    t, signatures = read_header(header)
    s = next((signature for signature in signatures if _digest(signature)[0]), "".join(signatures[:1]))
    faults = []
    if not (t and s):
        absent = " and no ".join(name for name, value in (("t=", t), ("s=", s)) if not value)
        faults.append(Fault(Reason.MALFORMED, f"the header has no {absent}", SHAPE))
        loose = [_unnamed(part.strip()) for part in header.split(",")]
        t = t or next((value for value in loose if re.fullmatch(r"[0-9]{9,19}", value)), "")
        s = s or next((value for value in loose if _digest(value)[0]), "")
    digest, odd = _digest(s) if s else (None, None)
    return Claim(t, digest, [*faults, odd] if odd else faults)


def _unnamed(part: str) -> str:
    value = part.partition("=")[2].strip()
    return value if value.strip("=") else part


_ALGORITHMS = {16: "MD5", 20: "SHA-1", 48: "SHA-384", 64: "SHA-512"}
_DIGEST_SIZE = 32
_S_LENGTH = 44


def _digest(s: str) -> tuple[bytes | None, Fault | None]:
    """The 32 bytes that `s` stands for, and what is odd about the way in which they are written."""
    text, oddities = _unwrapped(s)
    raw, written = _decoded(text)
    oddities += written
    if raw is not None and len(raw) == _DIGEST_SIZE:
        if not oddities:
            return raw, None
        base64 = "use standard base64, with + and / and the = at the end, and nothing around it"
        if oddities[-1] == _IN_HEX:
            return raw, Fault(Reason.HEX, f"s is {', '.join(oddities)}", f"{base64}, instead of hex")
        return raw, Fault(Reason.OTHER_BASE64, f"s is base64 {', '.join(oddities)}", base64)
    if raw is not None and len(raw) in _ALGORITHMS:
        algorithm = _ALGORITHMS[len(raw)]
        return None, Fault(
            Reason.OTHER_ALGORITHM,
            f"s is {len(raw)} bytes long, as {algorithm} makes it",
            "sign with HMAC-SHA256",
        )
    if len(text) < _S_LENGTH:
        return None, Fault(
            Reason.TRUNCATED,
            f"s has {len(text)} characters instead of {_S_LENGTH}",
            "send the whole base64 text of the digest: it may hold an =, so cut each part at its first = only",
        )
    return None, Fault(Reason.MALFORMED, "s is not the base64 text of a SHA-256 digest", SHAPE)


_IN_HEX = "in hex"


def _unwrapped(s: str) -> tuple[str, list[str]]:
    text, oddities = s, []
    if "%" in text:
        text, oddities = unquote(text), ["percent-encoded"]
    if text[:1] in ('"', "'"):
        text, oddities = text.strip("\"'"), [*oddities, "in quotes"]
    if text[:7].lower() == "sha256=":
        text, oddities = text[7:], [*oddities, "after sha256="]
    if " " in text:
        text, oddities = text.replace(" ", "+"), [*oddities, "with spaces for +"]
    return text, oddities


def _decoded(text: str) -> tuple[bytes | None, list[str]]:
    """The bytes of a whole digest in hex or any base64, and how that differs from standard base64."""
    if (
        re.fullmatch(r"[0-9a-fA-F]+", text)
        and len(text) // 2 in (_DIGEST_SIZE, *_ALGORITHMS)
        and len(text) % 2 == 0
    ):
        return bytes.fromhex(text), [_IN_HEX]
    standard = text.translate(str.maketrans("-_", "+/"))
    unpadded = len(standard) == _S_LENGTH - 1
    try:
        raw = b64decode(standard + "=" * unpadded, validate=True)
    except ValueError:
        return None, []
    if b64encode(raw).decode() != standard + "=" * unpadded:
        return None, []
    oddities = ["in the URL-safe alphabet"] if standard != text else []
    return raw, [*oddities, "without its padding"] if unpadded else oddities
