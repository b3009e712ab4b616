"""Passwords and random tokens: how they are made, and what of them is stored. No database."""

import hashlib
import secrets
from functools import lru_cache

from pwdlib import PasswordHash

from .errors import WeakPassword

PASSWORD_CHARACTERS = 10
TOKEN_BYTES = 32
API_PREFIX = "qd_"

_passwords = PasswordHash.recommended()


@lru_cache(maxsize=1)
def _nobody() -> str:
    """Checked for unknown names, so that their answer takes as long as a wrong password's."""
    return _passwords.hash(secrets.token_urlsafe())


def hashed_password(password: str) -> str:
    """Takes some 50 ms of a core: call it in a thread. Raises WeakPassword."""
    if len(password) < PASSWORD_CHARACTERS:
        raise WeakPassword(PASSWORD_CHARACTERS)
    return _passwords.hash(password)


def fits(password: str, stored: str | None) -> bool:
    """Whether the password is the stored one; as slow for somebody who has none."""
    return _passwords.verify(password, stored or _nobody()) and stored is not None


def new_token() -> str:
    return secrets.token_urlsafe(TOKEN_BYTES)


def token_hash(token: str) -> str:
    """Tokens are long and random, so a plain digest keeps them; there is nothing to guess."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
