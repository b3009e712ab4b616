"""Events as stored text and back, and the hash that chains them. Pure."""

import hashlib
import json
from typing import Any, get_args

from pydantic import ValidationError

from .events import Event, Recorded, Status, UnknownEvent
from .times import from_text

FIRST_HASH = bytes(32)
"""What the first event of a session is chained to."""

KNOWN: dict[tuple[str, int], Any] = {
    (kind.model_fields["type"].default, kind.model_fields["v"].default): kind for kind in get_args(get_args(Event)[0])
}
"""Event class by type and version. Older versions get an upcasting entry here when a class moves on."""


def chain(previous: bytes, session_id: str, seq: int, type_: str, v: int, at: str, status: str, data: str) -> bytes:
    """sha256 over the previous hash and exactly what is stored. `data` comes last: it alone may hold newlines."""
    stored = f"{session_id}\n{seq}\n{type_}\n{v}\n{at}\n{status}\n{data}"
    return hashlib.sha256(previous + stored.encode()).digest()


def decode(session_id: str, seq: int, type_: str, v: int, at: str, status: str, data: str) -> Recorded:
    return Recorded(
        session_id=session_id,
        seq=seq,
        at=from_text(at),
        status=Status(status),
        event=_event(type_, v, data),
    )


def _event(type_: str, v: int, data: str) -> Any:
    kind = KNOWN.get((type_, v))
    if kind is None:
        return UnknownEvent(type=type_, v=v, data=json.loads(data))
    try:
        return kind.model_validate_json(data)
    except ValidationError:  # written by a program that added a field without raising `v`
        return UnknownEvent(type=type_, v=v, data=json.loads(data))
