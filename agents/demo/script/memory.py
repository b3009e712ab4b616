"""Reads the messages as turns of a conversation, each with the calls made in it and what became of them; pure."""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from .outcomes import outcome_of
from .replies import Fate, Fields, Outcome
from .toolbox import canonical

_PROSE = {"reason", "subject", "body", "limit"}
_OUT_OF_TOOLS = re.compile(
    r"\b(?:without (?:any |further |more |calling |using )*tools?|no (?:more|further) tools?|(?:do not|don't) "
    r"call (?:any )?(?:more )?tools?|"
    r"tools? (?:are|is) (?:no longer|not) available|final answer now)\b",
    re.IGNORECASE,
)
_BACKGROUND = re.compile(
    r"\[(?:Summary of the earlier conversation|Passages found in the earlier|The first steps of this turn)"
)
_TOLD_OFF = re.compile(
    r"\b(?:the (?:very )?same (?:call|result|tool|error|failure|arguments?)|going (?:round|around) in circles|"
    r"back and forth|never with success|if it happens once more, this turn ends|neither text nor a tool call|gets? (?:you )?nowhere|no progress|same thing again)\b",
    re.IGNORECASE,
)
_MISFIT = re.compile(
    r"\b(?:did not|does not|didn't|doesn't|must|not) (?:fit|match|validate|conform|satisfy|follow)\b|\bdid not fit\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class CallMade:
    """A call in the conversation: its kind, its arguments without reasoning, and its outcome."""

    kind: str
    arguments: Fields
    outcome: Outcome

    def facts(self) -> Fields:
        return self.outcome.data

    def rows(self, name: str) -> list[Fields]:
        return rows(self.outcome, name)


@dataclass(slots=True)
class Turn:
    """One thing a person wrote with everything that followed; `rounds` counts answers that made calls."""

    text: str
    calls: list[CallMade] = field(default_factory=list)
    answer: str = ""
    rounds: int = 0


@dataclass(frozen=True, slots=True)
class Memory:
    """The conversation: its turns, the last being the one to answer, and what the runtime asked of the answer."""

    turns: tuple[Turn, ...]
    out_of_tools: bool = False
    schema: Fields | None = None

    @property
    def now(self) -> Turn:
        return self.turns[-1]

    @property
    def earlier(self) -> tuple[Turn, ...]:
        return self.turns[:-1]


def remember(messages: Sequence[Fields], kind_of: Callable[[str], str]) -> Memory:
    """The conversation in these messages; notes of the runtime (`answer without tools`) open no turn."""
    turns: list[Turn] = []
    open_calls: dict[str, tuple[Turn, int]] = {}
    out_of_tools, schema = False, None
    for message in messages:
        role, text = message.get("role"), text_of(message.get("content"))
        if role == "user" and _BACKGROUND.match(text):
            continue  # what was said, told again: nobody asks for it now
        if role in ("user", "system", "developer") and turns and _is_note(turns[-1], text):
            out_of_tools = out_of_tools or bool(_OUT_OF_TOOLS.search(text))
            schema = _schema_in(text) or schema
        elif role == "user":
            turns.append(Turn(text))
            out_of_tools, schema = False, None
        elif role == "assistant":
            turns = turns or [Turn("")]
            _add_answer(turns[-1], message, text, kind_of, open_calls)
        elif role == "tool":
            _close_call(open_calls, str(message.get("tool_call_id", "")), text)
    return Memory(tuple(turns) or (Turn(""),), out_of_tools, schema)


def _is_note(turn: Turn, text: str) -> bool:
    """A note of the runtime can only follow work or an answer."""
    if not (turn.calls or turn.answer):
        return False
    return bool(
        _OUT_OF_TOOLS.search(text) or _TOLD_OFF.search(text) or (_MISFIT.search(text) and _schema_in(text) is not None)
    )


def _add_answer(
    turn: Turn, message: Fields, text: str, kind_of: Callable[[str], str], open_calls: dict[str, tuple[Turn, int]]
) -> None:
    made = message.get("tool_calls") or []
    turn.rounds += bool(made)
    if text and not made:
        turn.answer = text
    for call in made:
        function = call.get("function") or {}
        kind = kind_of(str(function.get("name", "")))
        open_calls[str(call.get("id", ""))] = (turn, len(turn.calls))
        lost = Outcome(fate=Fate.FAILED, text="no result came back")
        turn.calls.append(CallMade(kind, _arguments(function.get("arguments")), lost))


def _close_call(open_calls: dict[str, tuple[Turn, int]], call_id: str, text: str) -> None:
    if call_id in open_calls:
        turn, index = open_calls[call_id]
        made = turn.calls[index]
        turn.calls[index] = CallMade(made.kind, made.arguments, outcome_of(text))


def _arguments(given: Any) -> Fields:
    """The arguments as the shop names them, without the reasoning block."""
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except ValueError:
            given = {}
    if not isinstance(given, dict):
        return {}
    return {canonical(name): value for name, value in given.items() if not _is_reasoning(value)}


def _is_reasoning(value: Any) -> bool:
    return isinstance(value, dict) and {"need", "source", "therefore"} <= value.keys()


def text_of(content: Any) -> str:
    """A message's text, whether it is a string or a list of parts."""
    if isinstance(content, list):
        return "\n".join(str(part.get("text", "")) for part in content if isinstance(part, dict)).strip()
    return content if isinstance(content, str) else ""


def _schema_in(text: str) -> Fields | None:
    """The JSON schema that a note shows, if it does."""
    for start in (hit.start() for hit in re.finditer(r"\{", text)):
        try:
            value, _ = json.JSONDecoder().raw_decode(text, start)
        except ValueError:
            continue
        if isinstance(value, dict) and ("properties" in value or "$schema" in value):
            return value
    return None


def rows(outcome: Outcome, name: str) -> list[Fields]:
    """The listed objects of a result, under their name or as a bare list."""
    listed = outcome.data.get(name) or outcome.data.get("items") or []
    return [row for row in listed if isinstance(row, dict)] if isinstance(listed, list) else []


def identity(arguments: Fields) -> tuple[tuple[str, str], ...]:
    """What makes two calls the same: their arguments less the prose, numbers and their spelling being equal."""
    kept = (
        (name, value) for name, value in arguments.items() if name not in _PROSE and not isinstance(value, (dict, list))
    )
    return tuple(sorted((_plain_name(name), _plain(value)) for name, value in kept))


def _plain_name(name: str) -> str:
    return name.removesuffix("_eur").removesuffix("_euros")


def _plain(value: Any) -> str:
    try:
        return f"{float(value):.2f}"
    except (TypeError, ValueError):
        return str(value).strip().lower()


def merged_facts(calls: Iterable[CallMade]) -> Fields:
    """Everything flat that results said, the latest word winning."""
    facts: Fields = {}
    for call in calls:
        if call.outcome.happened:
            facts.update({name: value for name, value in call.arguments.items() if not isinstance(value, (dict, list))})
            facts.update(
                {name: value for name, value in call.outcome.ran.items() if not isinstance(value, (dict, list))}
            )
            facts.update(call.outcome.data)
    return facts
