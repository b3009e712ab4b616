"""Whether a request says enough to begin, or exactly what to ask for; pure."""

import json
import re
from typing import Any

from .replies import Fields
from .signs import THANKS
from .understanding import Intent, Request, understood

_POINTS_BACK = re.compile(
    r"\b(?:it|that|this|these|those|them|her|him|hers|his|their|same|again|instead|rather|also|too|then|rest|other|"
    r"one|both|yes|no|first|last|earlier|before|all|never ?mind)\b"
)
_SUBJECT = re.compile(r"order|ticket|customer|client|e-?mail", re.IGNORECASE)
_ORDER = (
    "order number",
    "Which order is it about? Please give me its number, or the customer's name or e-mail address.",
)
_PERSON = (
    "customer",
    "Which customer is it about? Please give me the customer number, the e-mail address or the name.",
)
_NEEDED = {
    Intent.REFUND: _ORDER,
    Intent.ERASE: _PERSON,
    Intent.BOTH: _PERSON,
    Intent.WRITE: ("recipient", "Who should I write to? Please give me the customer number, the name or the address."),
    Intent.CREDIT: _PERSON,
    Intent.HANDLE: ("ticket number", "Which ticket is it about? Please give me its number."),
}
_TICKET = re.compile(r"\b(?:handle|do|answer|solve|close|see|read|look at|process)\b.*\bticket\b")
_PARCEL = re.compile(r"\b(?:parcels?|packages?|deliver\w*|shipments?|where is my|my order)\b")


def check_input(about: Fields) -> Fields:
    """Answer to `input_check`: `missing` names what is wanted and asks for just that."""
    request = understood(_words(about.get("request")))
    needed = _needed(request)
    if needed is None or _given(about, request):
        return _enough(request)
    what, question = needed
    because = f"The request does not say which {what.removesuffix(' number')} it is about."
    return {"verdict": "missing", "missing": [what], "question": question, "because": because}


def _needed(request: Request) -> tuple[str, str] | None:
    low = request.text.lower()
    if request.intent in (Intent.LOOK_UP, Intent.OUTSIDE, Intent.NONE):
        return _ORDER if _PARCEL.search(low) else _NEEDED[Intent.HANDLE] if _TICKET.search(low) else None
    return _NEEDED.get(request.intent)


def _given(about: Fields, request: Request) -> bool:
    """Named here, given as an input, or pointed back at: then the agent can tell itself."""
    named = request.about.any_subject or bool(request.about.write_at)
    inputs = about.get("inputs")
    filled = isinstance(inputs, dict) and any(value and _SUBJECT.search(name) for name, value in inputs.items())
    return named or filled or bool(_points_back(request.text.lower()))


def _points_back(low: str) -> bool:
    """`Refund it` says enough where something was spoken of; `I want all my money back` points at nothing."""
    return bool(
        _POINTS_BACK.search(re.sub(r"\b(?:all|get|have|want|need)\s+(?:of )?(?:my|the|all)\b|\ball\b", " ", low))
    )


def _enough(request: Request) -> Fields:
    thanked = THANKS.search(request.text.lower())
    because = "Nothing has to be known for it." if thanked else "It says what is wanted and about what."
    return {"verdict": "enough", "missing": [], "question": "", "because": because}


def _words(value: Any) -> str:
    """The request as text, whether one message or several."""
    if isinstance(value, list):
        return "\n".join(map(_words, value))
    if isinstance(value, dict):
        return _words(value.get("text")) or json.dumps(value)
    return value if isinstance(value, str) else ""
