"""The policy checker: first blind, by request, arguments and written policy; then whether the reasoning fits; pure."""

import re
from typing import Any

from .replies import Fields
from .weighing import Proposal, proposal, weigh
from .wording import euros

_PROSE = {"reason", "body", "subject", "text", "message", "note", "query"}
_ON_DATA = re.compile(
    r"\b(?:ticket|message|e-?mail|note|page|document)\b[^.]{0,40}\b(?:says|asks|tells|wants|demands|instructs)\b"
)
_GIVEN = re.compile(r"\bthe request (?:asks|names|says|gives|wants)\b[^.]{0,40}?\b([\w.+-]+@[\w.-]+\w)", re.IGNORECASE)
_QUOTED = re.compile(r"“([^”]{12,}?)…?”")


def check_policy(about: Fields) -> Fields:
    """Answer to `policy_check`: a verdict with the clause quoted word for word."""
    finding = weigh(proposal(about))
    return {
        "verdict": finding.verdict,
        "clause": finding.clause,
        "because": finding.because,
        "path": finding.path,
    }


def check_reasoning(about: Fields) -> Fields:
    """Answer to `reasoning_check`: whether the reasoning carries these very arguments."""
    call, said = proposal(about), _all_words(about.get("reasoning"))
    problem = (
        _leans_on_data(said) or _puts_in_the_request(call, said) or _misquotes(call, said) or _leaves_out(call, said)
    )
    if problem:
        because, path = problem
        return {"supports": False, "because": because, "path": path}
    return {"supports": True, "because": "The reasoning names these values and says why.", "path": ""}


def _all_words(value: Any) -> str:
    """Every text in the block, the alternatives included."""
    if isinstance(value, dict):
        return " ".join(map(_all_words, value.values()))
    if isinstance(value, list):
        return " ".join(map(_all_words, value))
    return str(value or "")


def _leans_on_data(said: str) -> tuple[str, str] | None:
    if not _ON_DATA.search(_QUOTED.sub(" ", said).lower()):
        return None
    return "The reasoning rests on what a text from a tool asks for, not on the request.", ""


def _puts_in_the_request(call: Proposal, said: str) -> tuple[str, str] | None:
    """An address that the request is said to give, and does not."""
    given = _GIVEN.search(said)
    if not given or given[1].lower() in call.request.lower():
        return None
    return f"The reasoning says that the request gives {given[1]}, and it does not.", call.address[
        0
    ] if call.address else ""


def _misquotes(call: Proposal, said: str) -> tuple[str, str] | None:
    """Words put into the user's mouth."""
    pieces = [_flat(piece) for quote in _QUOTED.findall(said)[:1] for piece in quote.split("…") if _flat(piece)]
    if pieces and call.request and not any(piece in _flat(call.request) for piece in pieces):
        return "The reasoning quotes a request that was not made in these words.", ""
    return None


def _leaves_out(call: Proposal, said: str) -> tuple[str, str] | None:
    """A value that is going to count but that the reasoning never speaks of."""
    flat = _flat(said)
    for name, value in call.arguments.items():
        if name in _PROSE or isinstance(value, bool | dict | list) or value is None:
            continue
        if not any(_flat(form) in flat for form in _forms(value)):
            return f"The reasoning never speaks of {name} {value}.", f"/{name}"
    return None


def _forms(value: Any) -> tuple[str, ...]:
    if isinstance(value, int | float):
        return (f"{value:g}", euros(value).removesuffix(" EUR"), str(value))
    return (str(value),)


def _flat(text: str) -> str:
    return re.sub(r"[^\w@.]+", " ", text.lower()).strip(" .")
