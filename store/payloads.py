"""Texts kept apart from the hash chain, each under a salted digest, so that they can be erased. Pure but for salt."""

import hashlib
import os
from dataclasses import dataclass

SALT_BYTES = 16


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
    salt = os.urandom(SALT_BYTES)
    return Payload(ref=hashlib.sha256(salt + encoded).hexdigest(), salt=salt, content=content)


def matches(ref: str, salt: bytes, content: str) -> bool:
    return hashlib.sha256(salt + content.encode()).hexdigest() == ref


def _without_lone_surrogates(text: str) -> str:
    """No database stores half a character; halves that belong together are joined, others become U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
