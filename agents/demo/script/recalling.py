"""Questions about the conversation itself: looked up in its history where that is offered, else remembered; pure."""

import re

from .desk import Desk
from .replies import Outcome, Play, Wish, asked
from .wording import not_run, short

_ORDER = re.compile(r"\border(?:_id)?\W{0,4}#?\s?(\d{4,6})\b|(?<![\w.])(1\d{3})(?![\w.,]\d)", re.IGNORECASE)
_CUSTOMER = re.compile(r"\b(C-\d{3,6})\b")
_TICKET = re.compile(r"\bticket(?:_id)?\W{0,4}#?\s?(7\d{3})\b", re.IGNORECASE)
_HEADING = re.compile(r"^\[[^\]\n]*\]\s*")
_BY_THE_USER = re.compile(r"^\[[^\]\n]*\buser wrote\]")
_LATEST = re.compile(r"\blast\b|\blatest\b|\brecently\b")
_ABOUT = (("customer", _CUSTOMER), ("ticket", _TICKET), ("order", _ORDER))


def recall(desk: Desk) -> Play:
    """The thing asked about, by the passage that speaks of it."""
    what, pattern = _subject(desk.request.text.lower())
    if not desk.offers("recall_history"):
        asked_for = [turn.text for turn in desk.memory.earlier]
        told = asked_for if any(map(pattern.search, asked_for)) else [turn.answer for turn in desk.memory.earlier]
        return _named(told, what, pattern, desk)
    why = "It was said earlier in this conversation."
    wish = Wish(kind="recall_history", arguments={"query": _query(desk, what)}, because=why)
    (outcome,) = yield from asked(wish)
    if not outcome.text.strip() or outcome.fate.value in ("failed", "rejected", "denied", "expired", "not offered"):
        return not_run(outcome, "the search in our earlier conversation")
    return _named(_passages(outcome), what, pattern, desk)


def _subject(low: str) -> tuple[str, re.Pattern[str]]:
    return next(((name, pattern) for name, pattern in _ABOUT if name in low), _ABOUT[-1])


def _query(desk: Desk, what: str) -> str:
    about = desk.request.about
    named = [str(one) for one in (*about.orders, *about.tickets, *about.customers, *about.names)]
    turn = re.search(r"\bturn (\d+)\b", desk.request.text.lower())
    if turn or not named:
        return f"turn {turn[1] if turn else 1} {what}"
    return " ".join(named)


def _passages(outcome: Outcome) -> list[str]:
    """The passages found, oldest first, the person's own words before all others; headings left away."""
    parts = [part.strip() for part in re.split(r"\n\s*\n", outcome.text) if part.strip()]
    told = [part for part in parts if part.startswith("[")] or parts
    told.sort(key=lambda part: not _BY_THE_USER.match(part))
    return [" ".join(_HEADING.sub("", part).replace("\n> ", "\n").removeprefix("> ").split()) for part in told]


def _named(said: list[str], what: str, pattern: re.Pattern[str], desk: Desk) -> str:
    """The first (or last) of these words that names such a thing, with the thing picked out."""
    asked_about = {str(one) for one in (*desk.request.about.orders, *desk.request.about.customers)}
    place = "last" if _LATEST.search(desk.request.text.lower()) else "first"
    for words in said if place == "first" else reversed(said):
        hit = pattern.search(words)
        number = next(filter(None, hit.groups()), "") if hit else ""
        if number and (not asked_about or number in asked_about):
            told = f"The {place} {what} you asked about was {what} {number}."
            told = f"Yes, we spoke of {what} {number}." if asked_about else told
            return f"{told} What was said: “{short(words, 220)}”"
    return f"I find nothing about {'an' if what == 'order' else 'a'} {what} earlier in our conversation."
