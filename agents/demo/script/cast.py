"""Who of the scripted models answers, and as what: by the wanted format first, then by the model's name; pure."""

import json
from dataclasses import dataclass

from .checking_input import check_input
from .judging import check_policy, check_reasoning
from .memory import text_of
from .picking import pick
from .playing import reply
from .replies import Fields, ScriptedReply, Style
from .summarising import asks_for_summary, summarise
from .voting import vote

CARELESS = ("trainee", "small")
"""They believe what they read, make up what is missing and do not give up: guards are there for them."""
HOT, WARM = 0.9, 0.6
"""Temperatures from which a letter turns effusive, or terse."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked of whom: the model's name without its provider, and what its answer is called ("" for prose)."""

    model: str
    format: str = ""
    temperature: float | None = None


def answered(asked: Asked, messages: list[Fields], tools: list[Fields]) -> ScriptedReply:
    """The reply of the model asked; a format that is none of ours is left to the desk's own script."""
    about = _about(messages)
    match asked.format:
        case "input_check":
            return _as_json(check_input(about))
        case "policy_check":
            return _as_json(check_policy(about))
        case "reasoning_check":
            return _as_json(check_reasoning(about))
        case "vote":
            return _as_json(vote(asked.model, about))
        case "best_of":
            return _as_json(pick(about))
    if asks_for_summary(messages):
        return ScriptedReply(summarise(text_of(messages[-1].get("content"))))
    return reply(messages, tools, careless=asked.model in CARELESS, style=_style(asked))


def _style(asked: Asked) -> Style:
    """How it writes letters, so that replies to the same prompt differ and one can be the best."""
    if asked.temperature is None:
        return Style.TERSE if asked.model == "small" else Style.FULL
    return Style.EFFUSIVE if asked.temperature >= HOT else Style.TERSE if asked.temperature >= WARM else Style.FULL


def _about(messages: list[Fields]) -> Fields:
    """The one JSON object in the first message of the user; later ones only ask to mend the answer."""
    first = next((text_of(one.get("content")) for one in messages if one.get("role") == "user"), "")
    try:
        value = json.loads(first)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _as_json(answer: Fields) -> ScriptedReply:
    return ScriptedReply(json.dumps(answer, ensure_ascii=False))
