"""Reads the text of a tool message as the fate of its call; pure."""

import json
import re
from typing import Any

from .replies import Fate, Fields, Outcome

_CHANGED = "A person changed the arguments before approving."
_OPENINGS = (
    ("Rejected by a person", Fate.REJECTED),
    ("Denied by policy", Fate.DENIED),
    ("Nobody decided in time", Fate.EXPIRED),
    ("A person answered instead of running the call", Fate.ANSWERED),
    ("The call is invalid and did not run", Fate.INVALID),
    ("The tool failed", Fate.FAILED),
    ("A person confirmed that the call was carried out", Fate.CONFIRMED_DONE),
    ("A person confirmed that the call was not carried out", Fate.CONFIRMED_NOT_DONE),
    ("The call did not run", Fate.FAILED),
)


def outcome_of(content: str) -> Outcome:
    """The fate a tool message tells of, with its JSON if it has any."""
    text = content.strip()
    if text.startswith(_CHANGED):
        return _changed(text)
    for opening, fate in _OPENINGS:
        if text.startswith(opening):
            return Outcome(fate=fate, text=_after(opening, text))
    return _plain(text)


def _after(opening: str, text: str) -> str:
    """What follows the opening, with a rejection's code kept in brackets at the end."""
    rest = text[len(opening) :].strip()
    coded = re.match(r"\(([^)]*)\)\s*:?\s*(.*)", rest, re.DOTALL)
    if coded:
        return f"{coded[2].strip().rstrip('.')} ({coded[1]})".strip()
    return rest.lstrip(":;,. ").strip()


def _plain(text: str) -> Outcome:
    data = _object(_parsed(text))
    if data is None:
        return Outcome(fate=Fate.UNREADABLE, text=text)
    if data.get("error") and len(data) <= 3:
        return Outcome(fate=Fate.FAILED, text=str(data.get("message") or data["error"]), data=data)
    return Outcome(fate=Fate.DONE, text=text, data=data)


def _changed(text: str) -> Outcome:
    """`What ran` and the result; a result that is itself a failure stays one."""
    ran: Fields = {}
    start = text.find("{")
    end = start
    if start >= 0:
        try:
            decoded, end = json.JSONDecoder().raw_decode(text, start)
            ran = decoded if isinstance(decoded, dict) else {}
        except ValueError:
            end = start
    rest = text[max(end, 0) :].strip()
    result = rest.removeprefix("Result:").strip()
    inner = outcome_of(result) if result else Outcome(fate=Fate.DONE, text=rest)
    fate = Fate.CHANGED if inner.happened else inner.fate
    return Outcome(fate=fate, text=inner.text, data=inner.data, ran=ran)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _object(value: Any) -> Fields | None:
    if isinstance(value, list):
        return {"items": value}
    if not isinstance(value, dict):
        return None
    inner = value.get("result")
    return inner if len(value) == 1 and isinstance(inner, dict) else value
