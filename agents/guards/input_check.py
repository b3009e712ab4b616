"""The input check: whether a request says enough for the agent to begin, and if not, what the person is asked."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from agents.config import Agent, Model
from agents.models import Models
from store.events import Seat
from store.events.guard import SeatVerdict

from . import panel, questions, verdicts

LONGEST_REQUEST = 100_000
"""Characters; nobody types more, and it would fill the window of most models."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """What is missing, and the question that asks for it."""

    missing: tuple[str, ...]
    question: str
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """`failed`: nobody could tell."""

    verdict: Literal["enough", "missing", "failed"]
    because: str
    missing: tuple[str, ...] = ()
    question: str | None = None
    seat: Seat | None = None
    """None where no model was needed to tell."""
    asked: str | None = None
    """JSON: see `panel.Panel.asked`."""
    latency_ms: float = 0.0


def before(text: str, inputs: dict[str, Any] | None, schema: dict[str, Any] | None) -> Missing | None:
    """What can be told without a model: an empty or endless request, and declared inputs that are not there. Pure."""
    if not text.strip():
        return Missing(missing=("request",), question="What is to be done?", because="The message is empty.")
    if len(text) > LONGEST_REQUEST:
        because = f"The message has {len(text):,} characters, and {LONGEST_REQUEST:,} is the most that can be read."
        return Missing(missing=("request",), question=f"{because} Please say it in fewer.", because=because)
    if absent := _absent(inputs or {}, schema or {}):
        question = (
            f"Before this can begin, please give: {', '.join(_described(name, schema or {}) for name in absent)}."
        )
        because = f"The agent needs {', '.join(absent)}, and nothing was given for it."
        return Missing(missing=tuple(absent), question=question, because=because)
    return None


async def input_check(
    models: Models,
    chain: Sequence[Model],
    request: str,
    agent: Agent,
    inputs: dict[str, Any] | None,
    tool_names: Sequence[str],
    seconds: float,
) -> Checked:
    """The checks that need no model, then the model. Never raises."""
    started = time.perf_counter()
    if lacking := before(request, inputs, agent.inputs):
        return Checked(verdict="missing", because=lacking.because, missing=lacking.missing, question=lacking.question)
    if not chain:
        return Checked(verdict="failed", because="No model was named to check the request.")
    question = questions.input_check(
        request=request, agent=agent.name, needs=agent.instructions, inputs=inputs, tools=tool_names
    )
    heard = await panel.ask(question, [panel.judge(models, chain, seconds, _verdict)], verdicts.one)
    return _checked(heard, (time.perf_counter() - started) * 1000)


def _verdict(data: dict[str, Any]) -> SeatVerdict:
    """Somebody who says that something is missing, but neither what nor how to ask for it, has not said anything."""
    lacks = data["verdict"] == "missing" and (data["question"].strip() or any(one.strip() for one in data["missing"]))
    return "ask" if lacks else "allow"


def _checked(heard: panel.Panel, latency_ms: float) -> Checked:
    (said,) = heard.said
    if said.seat.verdict == "failed":
        return Checked(
            verdict="failed",
            because=said.seat.because,
            seat=said.seat,
            asked=heard.asked,
            latency_ms=latency_ms,
        )
    data = said.asides[0].data or {}
    missing = tuple(panel.sentence(one) for one in data["missing"] if one.strip())
    question = panel.sentence(data["question"]) or f"What is still missing: {', '.join(missing)}?"
    lacks = said.seat.verdict == "ask"
    return Checked(
        verdict="missing" if lacks else "enough",
        because=said.seat.because,
        missing=missing if lacks else (),
        question=question if lacks else None,
        seat=said.seat,
        asked=heard.asked,
        latency_ms=latency_ms,
    )


def _absent(inputs: dict[str, Any], schema: dict[str, Any]) -> list[str]:
    """Required fields without a value; an empty text is none."""
    required = schema.get("required")
    names = [name for name in required if isinstance(name, str)] if isinstance(required, list) else []
    return [name for name in names if inputs.get(name) is None or not str(inputs[name]).strip()]


def _described(name: str, schema: dict[str, Any]) -> str:
    """The admin's words for the field, or its name."""
    properties = schema.get("properties")
    field = properties.get(name) if isinstance(properties, dict) else None
    words = field.get("description") or field.get("title") if isinstance(field, dict) else None
    return f"{name} ({words})" if isinstance(words, str) else name
