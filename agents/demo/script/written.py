"""Reads a written policy as clauses, each with what it is about, what it says and up to how many euros; pure."""

import re
from dataclasses import dataclass

from .money import read_money

_END = re.compile(r"(?<=[.!?])\s+|\n\s*\n|\n\s*(?=[-•*]\s)")
_GOES_ON = re.compile(
    r"^(?:above|beyond|over|below|up to) (?:that|this|it)\b|^any other\b|^(?:anything|everything|all) (?:above|else)\b"
)
_NEVER = re.compile(
    r"\b(?:never|nobody|no one|must not|may not|(?:is|are) not allowed|forbidden|prohibited|at most|(?:no|not) more than)\b"
)
_LOOKED_AT = re.compile(
    r"\b(?:(?:an?|another|two) (?:colleague|person|people)|somebody|manager|look(?:s|ed)? at|ask(?:s|ed)? first|confirm\w*|decid\w*|approv\w*)\b"
)
_ABOVE = re.compile(r"\b(?:above|over|more than|beyond|exceeding)\b")
_UP_TO = re.compile(r"\b(?:up to|until|below|under|within|less than)\b")
_REASON = re.compile(r"\breasons?\b")
_ABOUT = {
    "refund": re.compile(r"\brefund\w*|\bpa(?:y|id) back\b|\bmoney back\b|\breimburs\w+"),
    "credit": re.compile(r"\b(?:store )?credits?\b|\bvouchers?\b"),
    "write": re.compile(r"\bwrit\w+|\be?-?mails?\b|\bletters?\b|\baddress on file\b"),
    "erase": re.compile(r"\beras\w+|\bdelet\w+|\bremov\w+|\bforgotten\b"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One sentence of the policy, word for word, and what could be read off it."""

    text: str
    topics: frozenset[str]
    euros: tuple[float, ...] = ()
    never: bool = False
    looked_at: bool = False
    above: bool = False
    up_to: bool = False
    reason: bool = False


def clauses(policy: str) -> list[Clause]:
    """In order. A sentence that goes on about the one before (`Above that …`) takes its topic and amount over."""
    found: list[Clause] = []
    for sentence in filter(None, (part.strip() for part in _END.split(policy))):
        clause = _clause(sentence, found[-1] if found else None)
        found.append(clause)
    return found


def _clause(sentence: str, before: Clause | None) -> Clause:
    low = " ".join(sentence.lower().split())
    topics = frozenset(topic for topic, words in _ABOUT.items() if words.search(low))
    euros = tuple(value for _, value in read_money(low)[0].euros)
    if before and _GOES_ON.search(low):
        topics, euros = topics or before.topics, euros or before.euros
    return Clause(
        text=sentence,
        topics=topics,
        euros=euros,
        never=bool(_NEVER.search(low)),
        looked_at=bool(_LOOKED_AT.search(low)),
        above=bool(_ABOVE.search(low)),
        up_to=bool(_UP_TO.search(low)),
        reason=bool(_REASON.search(low)),
    )
