"""Which tools an agent seems to need, and which it seems not to: ranked, each with its reason. Pure; chooses nothing."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from store.events import Risk

from .tools.definition import ToolDefinition
from .tools.suggestion import suggest_risk

MOST_SUGGESTED = 8
FEW_CALLS = 5
"""Fewer say nothing about a tool."""
BAD_SHARE = 0.2
"""Of calls that were invalid; above it a tool is better dropped or described better."""
REFUSED_SHARE = 0.5
FAILED_SHARE = 0.5
COMMON = frozenset(
    "a all also an and any are as at be before but by can do does each every for from get give given has have how i if in "
    "into is it its list make may must name never no not of on one only or our out so some such than that the their them "
    "then there they this to tool tools up use used user users value was we what when where which who will with you your".split()
)

Use = Mapping[str, int]
"""offered, called, invalid, rejected, failed."""
NONE: Use = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """`key` is `connector/tool`."""

    key: str
    do: Literal["pick", "drop"]
    because: str
    score: float


def suggest(
    texts: Iterable[str], tools: Iterable[ToolDefinition], picked: Collection[str], use: Mapping[str, Use]
) -> list[Suggestion]:
    """`texts`: the agent's instructions and scenarios; `use` by `connector/tool`. Drops come first, then the best picks."""
    listed = list(tools)
    said = " ".join(texts).lower()
    words = Counter(_stems(said))
    rarity = Counter(stem for one in listed for stem in set(_stems(one.name)))
    drops = [found for one in listed if key_of(one) in picked and (found := _drop(one, use.get(key_of(one), NONE)))]
    dropped = {one.key for one in drops}
    picks = [
        found
        for one in listed
        if key_of(one) not in picked and key_of(one) not in dropped
        if (found := _pick(one, said, words, rarity, use.get(key_of(one), NONE)))
    ]
    picks.sort(key=lambda one: (-one.score, one.key))
    return [*sorted(drops, key=lambda one: -one.score), *picks[:MOST_SUGGESTED]]


def unused(picked: Iterable[str], use: Mapping[str, Use]) -> list[str]:
    """The picked tools that were offered often enough, and never called."""
    return [key for key in picked if (one := use.get(key, NONE)) and _seen(one) and not one.get("called")]


def _seen(use: Use) -> bool:
    return use.get("offered", 0) >= FEW_CALLS


def key_of(one: ToolDefinition) -> str:
    return f"{one.connector}/{one.name}"


def _drop(one: ToolDefinition, use: Use) -> Suggestion | None:
    called = use.get("called", 0)
    if called < FEW_CALLS:
        return None
    for state, share, words in (
        ("invalid", BAD_SHARE, "were invalid"),
        ("rejected", REFUSED_SHARE, "were rejected by people"),
        ("failed", FAILED_SHARE, "failed"),
    ):
        count = use.get(state, 0)
        if count / called >= share:
            because = f"Drop or describe better: {count:,} of {called:,} calls {words}."
            return Suggestion(key=key_of(one), do="drop", because=because, score=count / called)
    return None


def _pick(one: ToolDefinition, said: str, words: Counter[str], rarity: Counter[str], use: Use) -> Suggestion | None:
    if _drop(one, use):
        return None
    reasons, score = [], 0.0
    if re.search(rf"(?<![a-z0-9_]){re.escape(one.name.lower())}(?![a-z0-9_])", said):
        reasons.append("Named in the instructions.")
        score += 10
    else:
        shared = [stem for stem in dict.fromkeys(_stems(one.name)) if words[stem]]
        score += sum(min(words[stem], 3) / rarity[stem] ** 0.5 for stem in shared)
        if shared and len(shared) >= min(2, len(set(_stems(one.name)))):
            reasons.append(f"The instructions speak of {_listed(_spoken(said, shared))}.")
        else:
            score = 0.0
    if called := use.get("called", 0):
        score += 2 + min(called, 100) / 25
        rejected = use.get("rejected", 0)
        reasons.append(f"Called {'once' if called == 1 else f'{called:,} times'}, {rejected:,} rejected.")
    if suggest_risk(one)[0] is Risk.DESTRUCTIVE and score < 10:
        score /= 2
    return Suggestion(key=key_of(one), do="pick", because=" ".join(reasons), score=score) if reasons else None


def _spoken(said: str, stems: list[str]) -> list[str]:
    """The words as they stand in the text."""
    by_stem: dict[str, str] = {}
    for word in re.findall(r"[a-z0-9]+", said):
        by_stem.setdefault(_stem(word), word)
    return [by_stem[stem] for stem in stems if stem in by_stem]


def _listed(words: list[str]) -> str:
    quoted = [f"“{word}”" for word in words]
    return " and ".join([", ".join(quoted[:-1]), quoted[-1]] if len(quoted) > 1 else quoted)


def _stems(text: Any) -> list[str]:
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", str(text))
    return [_stem(word) for word in re.findall(r"[a-z0-9]+", spaced.lower()) if len(word) > 1 and word not in COMMON]


def _stem(word: str) -> str:
    """So that refund, refunds, refunded and refunding are one."""
    for end in ("ing", "ies", "ed", "es", "s"):
        if word.endswith(end) and len(word) - len(end) >= 4:
            return word[: -len(end)]
    return word.removesuffix("e") if len(word) > 4 else word
