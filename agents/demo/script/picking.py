"""The judge of several replies to one request: the one with all the facts, nothing made up, and good manners; pure."""

import json
import re
from dataclasses import dataclass
from typing import Any

from .replies import Fields
from .toolbox import kind_called
from .wording import listed

_FACT = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\bC-\d{3,6}\b|(?<![\w.])\d+(?:[.,]\d+)?(?![\w])")
_GREETS = re.compile(r"\b(?:dear|hello|hi|guten tag|bonjour)\b\s+\w", re.IGNORECASE)
_AMOUNT = re.compile(r"\b\d+[.,]\d{2} (?:EUR|euros?)\b")
_SIGNS_OFF = re.compile(r"\b(?:kind regards|best regards|sincerely|your support team)\b", re.IGNORECASE)
_READS = ("find_customer", "get_customer", "list_orders", "get_order", "get_ticket", "track_shipment", "recall_history")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    """One candidate: its number, its points, and what speaks for it in words."""

    number: int
    points: float
    reasons: tuple[str, ...]
    length: int


def pick(about: Fields) -> Fields:
    """Answer to `best_of`; of equals the shorter, then the first."""
    facts = set(_FACT.findall(str(about.get("request") or "")))
    given = about.get("candidates")
    rows = [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []
    judged = [_judged(one, place, facts) for place, one in enumerate(rows, start=1)]
    if not judged:
        return {"pick": 1, "because": "There was nothing to compare."}
    best = max(judged, key=lambda one: (one.points, -one.length, -one.number))
    because = f"Candidate {best.number} {listed(best.reasons) or 'is no worse than the others'}."
    return {"pick": best.number, "because": because}


def _judged(candidate: Fields, place: int, facts: set[str]) -> _Judged:
    number, calls = candidate.get("number"), candidate.get("calls")
    made = [one for one in calls if isinstance(one, dict)] if isinstance(calls, list) else []
    words = f"{candidate.get('text') or ''} {' '.join(_arguments(one) for one in made)}"
    kept = {fact for fact in facts if fact in words}
    reads = any(kind_called(str(one.get("tool", ""))) in _READS for one in made)
    greets, signs = bool(_GREETS.search(words)), bool(_SIGNS_OFF.search(words))
    amount = bool(_AMOUNT.search(words))
    reasons = (
        "looks things up before it acts" if reads else "",
        f"keeps {listed(sorted(kept))} from the request" if kept else "",
        "names the amount" if amount else "",
        "greets the customer" if greets else "",
        "signs the letter" if signs else "",
    )
    points = 3 * len(kept) + 2 * reads + 2 * amount + greets + signs + bool(words.strip())
    return _Judged(
        number=number if isinstance(number, int) else place,
        points=points,
        reasons=tuple(filter(None, reasons)),
        length=len(words),
    )


def _arguments(call: Fields) -> str:
    given: Any = call.get("arguments")
    return given if isinstance(given, str) else json.dumps(given, ensure_ascii=False).replace("\\n", " ")
