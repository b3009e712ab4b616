"""Whether a list in a call lacks something that the user named in one breath with the rest of it. Pure."""

import re
from collections.abc import Sequence
from itertools import pairwise

from .forms import fold
from .index import Index

TURNS = 6
"""Of the user, from the newest back."""
_JOINT = re.compile(
    r"\s*(?:[,;&+/•]|\n\s*[-*]?|\b(?:and|und|et|og|och|or|plus|as well as|sowie)\b|\s#(?=\d))+\s*[#-]?\s*"
)
_STOP = frozenset("please thanks thank too also today now bitte danke merci then etc it this that them all".split())
LONGEST_GAP = 120


def missing(index: Index, items: Sequence[object]) -> str | None:
    """The first thing that stands among the list's items in a turn of the user but not in the list."""
    texts = [_written(item) for item in items]
    if not texts or not all(texts) or any(len(text) > 80 for text in texts):
        return None
    for number in reversed(index.said[-TURNS:]):
        text = "\n".join(" ".join(line.split()) for line in index.sources[number].text.casefold().splitlines())
        spans = [_find(text, item) for item in texts]
        if all(span is not None for span in spans):
            return _among(text, sorted(span for span in spans if span), texts)
    return None


def _written(item: object) -> str:
    if isinstance(item, str):
        return fold(item)
    return str(item) if isinstance(item, int | float) and abs(item) < 1e15 else ""


def _find(text: str, item: str) -> tuple[int, int] | None:
    match = re.search(rf"(?<![\w@]){re.escape(item)}(?![\w@]|[.-]\w)", text)
    return match.span() if match else None


def _among(text: str, spans: list[tuple[int, int]], texts: list[str]) -> str | None:
    """Looks before the first, between any two, and behind the last item."""
    start = max(text.rfind(mark, 0, spans[0][0]) for mark in (". ", ": ", "!", "?")) + 1
    gaps = [text[max(0, start) : spans[0][0]], *(text[a[1] : b[0]] for a, b in pairwise(spans))]
    for place, gap in enumerate((*gaps, text[spans[-1][1] :])):
        before, behind = place == 0, place == len(gaps)
        if len(gap) > LONGEST_GAP and not (before or behind):
            return None
        for named in _named(gap, before, behind):
            if _alike(named, texts):
                return named
    return None


def _named(gap: str, before: bool, behind: bool) -> list[str]:
    """What is joined to the item beside it: a piece with a joint on the side of the item."""
    parts = _JOINT.split(gap)
    if len(parts) < 2:
        return []
    inner = parts[:-1] if before else parts[1:] if behind else parts[1:-1]
    if before:
        inner = inner[-1:]
        return [inner[0].split()[-1]] if inner and inner[0].split() else []
    if behind:
        inner = inner[:1]
        return [re.split(r"[.!?:)](?:\s|$)|\s(?:on|to|for|at|with|in)\s", inner[0])[0].strip()] if inner else []
    return [part.strip() for part in inner]


def _alike(named: str, texts: list[str]) -> bool:
    """Of the same make as all the items: a number of so many digits, an address, a single word."""
    named = named.strip(" .,;:!?#\"'")
    if not named or named in texts or named in _STOP:
        return False
    return _make(named) in {_make(text) for text in texts}


def _make(text: str) -> str:
    if "@" in text:
        return "mail"
    if any(c.isdigit() for c in text):
        return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "9", text))
    return f"{len(text.split())} words" if len(text.split()) < 2 else "words"


__all__ = ["missing"]
