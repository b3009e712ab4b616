"""Texts kept apart from the hash chain, each under a salted digest, so that they can be erased. Pure but for salt."""

import hashlib
import os
from collections import deque
from dataclasses import dataclass

SALT_BYTES = 16
DRAWN_AT_ONCE = 256
_salts: deque[bytes] = deque()
"""Drawn in advance: asking the system lets go of the interpreter, which a busy event loop is slow to give back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    ref: str
    """sha256 over salt and content, 64 hex digits: what events hold."""
    salt: bytes
    content: str


def seal(content: str) -> Payload:
    """A payload under a fresh salt, so that equal or guessable texts do not share a digest."""
    try:
        encoded = content.encode()
    except UnicodeEncodeError:
        content = _without_lone_surrogates(content)
        encoded = content.encode()
    salt = _fresh_salt()
    return Payload(ref=hashlib.sha256(salt + encoded).hexdigest(), salt=salt, content=content)


def _fresh_salt() -> bytes:
    while True:
        try:
            return _salts.pop()
        except IndexError:
            drawn = os.urandom(SALT_BYTES * DRAWN_AT_ONCE)
            _salts.extend(drawn[at : at + SALT_BYTES] for at in range(0, len(drawn), SALT_BYTES))


def matches(ref: str, salt: bytes, content: str) -> bool:
    return hashlib.sha256(salt + content.encode()).hexdigest() == ref


def _without_lone_surrogates(text: str) -> str:
    """No database stores half a character; halves that belong together are joined, others become U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
