"""The panel: models that are asked at once what they think, and a rule that makes one verdict of it.

One seat is a policy check, two of three a consensus, all of three a veto, and one that picks judges the best of several.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from agents import pointer
from agents.asking import Aside, SideQuestion, ask_aside, total_cost, total_usage
from agents.config import Model
from agents.models import Models
from store.events import Seat
from store.events.guard import SeatVerdict

from .verdicts import Rule, Verdict

Kind = Literal["policy_check", "vote", "judge"]
Asked = TypeVar("Asked")

NO_ANSWER = "There was no answer."
LONGEST_BECAUSE = 600
LONGEST_CLAUSE = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What came from one seat, and the questions it took."""

    seat: Seat
    asides: tuple[Aside, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Chair(Generic[Asked]):
    """Somebody to be asked. `answer` may raise: the seat has then failed."""

    kind: Kind
    profile: str
    model: str
    answer: Callable[[Asked], Awaitable[Said]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """What all said, in the order of the chairs, and what that amounts to."""

    verdict: Verdict
    said: tuple[Said, ...]
    asked: str
    """JSON: for each seat the messages of every question it got, and the replies as they came."""
    latency_ms: float
    """Of the slowest, not their sum."""

    @property
    def seats(self) -> tuple[Seat, ...]:
        return tuple(said.seat for said in self.said)


async def ask(question: Asked, chairs: Sequence[Chair[Asked]], rule: Rule) -> Panel:
    """All chairs at once. Never raises; a chair that fails is a seat that gave no verdict."""
    started = time.perf_counter()
    said = tuple(await asyncio.gather(*(_hear(chair, question) for chair in chairs)))
    took = (time.perf_counter() - started) * 1000
    return Panel(verdict=rule([one.seat for one in said]), said=said, asked=_record(said), latency_ms=took)


async def _hear(chair: Chair[Asked], question: Asked) -> Said:
    started = time.perf_counter()
    try:
        return await chair.answer(question)
    except Exception as problem:  # whatever it was, it is no consent
        seat = Seat(
            kind=chair.kind,
            profile=chair.profile,
            model=chair.model,
            verdict="failed",
            because=sentence(f"{type(problem).__name__}: {problem}"),
            latency_ms=(time.perf_counter() - started) * 1000,
        )
        return Said(seat=seat)


def judge(
    models: Models,
    chain: Sequence[Model],
    seconds: float,
    verdict: Callable[[dict[str, Any]], SeatVerdict] = lambda data: "allow",
) -> Chair[SideQuestion]:
    """The seat of a model that is asked one question, whatever it is about; the chain must not be empty."""

    async def answer(question: SideQuestion) -> Said:
        aside = await ask_aside(models, chain, question, seconds=seconds)
        if aside.data is None:
            return said("judge", "failed", aside.failed or NO_ANSWER, aside)
        return said("judge", verdict(aside.data), aside.data["because"], aside)

    return Chair(kind="judge", profile=chain[0].name, model=chain[0].model, answer=answer)


def said(
    kind: Kind,
    verdict: SeatVerdict,
    because: str,
    *asides: Aside,
    clause: str | None = None,
    supports: bool | None = None,
    path: str | None = None,
) -> Said:
    """The seat of whoever answered these questions, one after the other; at least one of them."""
    seat = Seat(
        kind=kind,
        profile=asides[0].profile,
        model=asides[0].model,
        verdict=verdict,
        because=sentence(because),
        clause=sentence(clause, LONGEST_CLAUSE) if clause else None,
        supports=supports,
        path=path,
        usage=total_usage([aside.usage for aside in asides]),
        cost_usd=total_cost([aside.cost_usd for aside in asides]),
        latency_ms=sum(aside.latency_ms for aside in asides),
    )
    return Said(seat=seat, asides=asides)


def sentence(text: str, longest: int = LONGEST_BECAUSE) -> str:
    """A model's words on one line, not too many of them, and such that they can be stored."""
    text = " ".join(text.encode("utf-8", "backslashreplace").decode().split())
    return text if len(text) <= longest else f"{text[: longest - 2]} …"


def disputed_path(told: object, arguments: object) -> str | None:
    """The JSON Pointer a model gave, if there is such an argument; some leave out the slash or add `/arguments`."""
    told = str(told).strip()
    for path in (told, f"/{told}", told.removeprefix("/arguments"), f"/{told.removeprefix('arguments/')}"):
        try:
            value = arguments
            for step in pointer.split(path):
                value = pointer.child(value, step)
        except ValueError:
            continue
        if path and value is not pointer.MISSING:
            return path
    return None


def _record(said: Sequence[Said]) -> str:
    """ASCII alone, so that half a surrogate pair in somebody's words can be stored too."""
    seats = [
        {
            "kind": one.seat.kind,
            "profile": one.seat.profile,
            "model": one.seat.model,
            "questions": [
                {"name": aside.name, "messages": aside.messages, "replies": [reply.text for reply in aside.replies]}
                for aside in one.asides
            ],
        }
        for one in said
    ]
    return json.dumps(seats)
