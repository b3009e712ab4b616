"""Shortens the earlier part of a conversation to notes that keep requests, decisions and every number; pure."""

import re
from dataclasses import dataclass, field

from .replies import Fields

OPENS = "You summarise the earlier part of a conversation"
"""The task's first words: a summary is wanted as plain text, so there is no format to tell it by."""
SHARE = 0.35
"""Of the text, at most; a summary that hardly shrinks is refused."""
CHARACTERS_PER_WORD = 8
LEAST = 40
"""Characters that a line needs to say anything; where there is less room, lines are left out."""

_GOALS, _DECISIONS, _FACTS, _OPEN = "Goals and requests", "Decisions by people", "Facts", "Open points"
_HEADINGS = re.compile(rf"^({_GOALS}|{_DECISIONS}|{_FACTS}|{_OPEN}):\s*", re.MULTILINE)
_BLOCK = re.compile(r"^\[(The first request|The summary so far|Turn (\d+)|End)[^\]\n]*\]\n?", re.MULTILINE)
_SAID = re.compile(
    r"^(User|Agent|Note to the agent|Agent calls [^:\n]+|Result of [^:\n]+): (.*?)"
    r"(?=^(?:User|Agent|Note to the agent|Agent calls [^:\n]+|Result of [^:\n]+): |\Z)",
    re.MULTILINE | re.DOTALL,
)
_MOST_WORDS = re.compile(r"in at most ([\d,]+) words")
_DECIDED = re.compile(
    r"^(?:Rejected by a person|A person (?:changed|answered|confirmed)|Denied by policy|Nobody decided)", re.IGNORECASE
)
_NAMED = {
    "orders": re.compile(r"\border(?:s|_id\"?)?\s*[#:]?\s*(\d{4,6})\b", re.IGNORECASE),
    "customers": re.compile(r"\b(C-\d{3,6})\b"),
    "tickets": re.compile(r"\bticket(?:s|_id\"?)?\s*[#:]?\s*(\d{4,6})\b", re.IGNORECASE),
    "amounts": re.compile(r"(\d[\d.,]*\d|\d)\s*(?:EUR|€|euros?)\b", re.IGNORECASE),
    "addresses": re.compile(r"([\w.+-]+@[\w-]+(?:\.[\w-]+)+)"),
}


@dataclass(slots=True)
class _Notes:
    """The lines under each heading, oldest first; facts by what they are."""

    goals: list[str] = field(default_factory=list)
    decisions: list[str] = field(default_factory=list)
    facts: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in _NAMED})
    open: list[str] = field(default_factory=list)


def asks_for_summary(messages: list[Fields]) -> bool:
    return bool(messages) and str(messages[0].get("content") or "").startswith(OPENS)


def summarise(text: str) -> str:
    """The summary so far with the turns that follow it, at most a third as long as all that was shown."""
    notes = _Notes()
    blocks = list(_BLOCK.finditer(text))
    for at, block in enumerate(blocks):
        body = text[block.end() : blocks[at + 1].start() if at + 1 < len(blocks) else len(text)].strip()
        if block[1] == "The summary so far":
            _take_over(notes, body)
        elif block[2]:
            _add_turn(notes, int(block[2]), body)
    if not blocks:
        _add_turn(notes, 1, text)
    return _written(notes, _room(text))


def _room(text: str) -> int:
    words = _MOST_WORDS.search(text)
    most = int(words[1].replace(",", "")) * CHARACTERS_PER_WORD if words else len(text)
    return max(LEAST, min(most, int(len(text) * SHARE)))


def _take_over(notes: _Notes, summary: str) -> None:
    """What an earlier summary holds goes on as it is."""
    parts = _HEADINGS.split(summary)
    for heading, body in zip(parts[1::2], parts[2::2], strict=False):
        lines = [line.removeprefix("- ").strip() for line in body.splitlines() if line.strip()]
        if heading == _FACTS:
            _note_facts(notes, " ".join(lines))
            _note_listed(notes, lines)
        else:
            {_GOALS: notes.goals, _DECISIONS: notes.decisions, _OPEN: notes.open}[heading].extend(lines)


def _note_listed(notes: _Notes, lines: list[str]) -> None:
    """`orders 1755, 1756`: only the first number stands behind the word."""
    for line in lines:
        name, _, values = line.partition(" ")
        for value in (one.strip() for one in values.split(",")) if name in notes.facts else ():
            value = value.removesuffix(" EUR")
            if value and value not in notes.facts[name]:
                notes.facts[name].append(value)


def _add_turn(notes: _Notes, number: int, body: str) -> None:
    said = [(hit[1], " ".join(hit[2].split())) for hit in _SAID.finditer(body)] or [("User", " ".join(body.split()))]
    asked = "; ".join(words for who, words in said if who == "User")
    answers = [words for who, words in said if who == "Agent"]
    notes.goals.append(f"Turn {number}: “{asked}” {'→ ' + answers[-1] if answers else '(not answered)'}")
    results = [words for who, words in said if who.startswith("Result of")]
    notes.decisions += [f"Turn {number}: {words}" for words in results if _DECIDED.search(words)]
    if answers and answers[-1].endswith("?"):
        notes.open.append(f"Turn {number}: asked back: {answers[-1][-160:]}")
    _note_facts(notes, body)


def _note_facts(notes: _Notes, text: str) -> None:
    for name, pattern in _NAMED.items():
        known = notes.facts[name]
        known += [value for value in dict.fromkeys(pattern.findall(text)) if value not in known]


def _written(notes: _Notes, room: int) -> str:
    facts = [f"{name} {', '.join(values)}" for name, values in notes.facts.items() if values and name != "amounts"]
    facts += (
        [f"amounts {', '.join(value + ' EUR' for value in notes.facts['amounts'])}"] if notes.facts["amounts"] else []
    )
    told_facts = _fitted(facts, room * 35 // 100)
    decisions = _fitted(notes.decisions, room * 20 // 100)
    questions = _fitted(notes.open, room * 8 // 100)
    headings = sum(len(heading) + 3 for heading in (_GOALS, _DECISIONS, _FACTS, _OPEN))
    goals = _fitted(notes.goals, room - len(told_facts) - len(decisions) - len(questions) - headings)
    sections = ((_GOALS, goals), (_DECISIONS, decisions), (_FACTS, told_facts), (_OPEN, questions))
    told = "\n".join(f"{heading}:\n{lines}" for heading, lines in sections if lines)
    return told[:room] or "Nothing was said that matters."


def _fitted(lines: list[str], room: int) -> str:
    """All lines, each cut to its share; where there are too many, the middle ones are left out."""
    kept = list(lines)
    while kept and sum(len(line) + 3 for line in kept) > room and room // len(kept) < LEAST:
        del kept[len(kept) // 2]
    spare = room
    fitted = []
    for left, line in zip(range(len(kept), 0, -1), kept, strict=True):
        most = max(LEAST, spare // left) - 3  # what short lines leave over is for those after them
        fitted.append(line if len(line) <= most else f"{line[: most - 1].rstrip()}…")
        spare -= len(fitted[-1]) + 3
    return "\n".join(f"- {line}" for line in fitted)
