"""JSON as text, so that single values of it can be replaced and every other byte stays: where it is, its tokens. Pure."""

import json
import re
from collections.abc import Iterator

STAND_IN = re.compile(r"\[\[\s?([\w-]{1,40})\s?:\s?(#?[0-9a-fA-F]{4,40})\s?\]\]")
"""`[[email:7f3a]]`, also as models write it, with a space or a capital more."""
DEEPEST = 5
"""Levels of JSON inside the strings of JSON; what is deeper is read as text."""

PATIENCE = 300
"""How often what looks like JSON in a text may be none: each time costs a look at all that stands before it."""

QUOTED = r'"(?:[^"\\]++|\\.)*+"'
SCALAR = re.compile(rf"({QUOTED})(\s*+:)?|-?\d[\d.eE+-]*+|true|false", re.DOTALL)
"""Any value but null; with the colon behind it, it is a key."""

_OPENING = re.compile(r'\{(?=\s*")|\[(?=\s*(?:[{"]|\[(?!\s?[\w-]{1,40}\s?:)|(?:-?\d[\d.]{0,20}|null|true|false)\s*,))')
"""Of something worth a try, which stand-ins are not."""
_decoder = json.JSONDecoder(parse_int=str, parse_float=str, strict=False)

Edit = tuple[int, int, str]
"""Start, end, and what stands there from now on."""


def spans(text: str) -> Iterator[tuple[int, int]]:
    """Where JSON stands: the whole text, or objects and lists between words. Tries only so often, to stay linear."""
    if whole := _whole(text):
        yield whole
        return
    at, failures = 0, 0
    while failures < PATIENCE and (opening := _OPENING.search(text, at)):
        at = opening.start()
        try:
            until = end(text, at)
        except json.JSONDecodeError:
            failures += 1
            at += 1
        except RecursionError:
            return
        else:
            if '"' in text[at:until]:  # numbers alone are part of the words around them
                yield at, until
            at = until


def end(text: str, start: int) -> int:
    """Where the JSON value ends that starts here. Raises JSONDecodeError, RecursionError."""
    until: int = _decoder.raw_decode(text, start)[1]
    return until


def _whole(text: str) -> tuple[int, int] | None:
    bare = text.strip()
    if not bare or bare[0] not in '{["-0123456789':
        return None
    start = text.index(bare[0])
    try:
        until = end(text, start)
    except (ValueError, RecursionError):
        return None
    return (start, until) if until == start + len(bare) else None


def unquoted(raw: str) -> str:
    """What a quoted string says; as it stands where it is no JSON."""
    try:
        return str(_decoder.decode(raw)) if "\\" in raw else raw[1:-1]
    except ValueError:
        return raw[1:-1]


def quoted(text: str, like: str) -> str:
    """A JSON string, in ASCII if the one it replaces was; half a surrogate pair can only be written so."""
    return json.dumps(text, ensure_ascii=like.isascii() or any("\ud800" <= one <= "\udfff" for one in text))


def number(stand_in: str) -> str:
    """The string that stands where a number, true or false was."""
    name, _, token = stand_in.rpartition(":")
    return f'"{name}:#{token}"'


def edited(text: str, start: int, until: int, edits: list[Edit]) -> str:
    """The text from `start` to `until` with the edits, which are in its order."""
    pieces, at = [], start
    for begin, stop, new in edits:
        pieces += [text[at:begin], new]
        at = stop
    return "".join([*pieces, text[at:until]])
