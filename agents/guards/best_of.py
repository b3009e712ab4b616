"""The best of several: independent replies to one prompt, and a judge that picks one of them with a reason.

Picking decides which reply goes on; what it may do is still decided by the policy.
"""

import asyncio
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from agents.config import Model
from agents.model_calls import ModelCall, ModelsFailed, Reply
from agents.model_question import OnText, Question
from agents.model_requests import Messages
from agents.models import Models, Tools
from agents.reasoning import TEXTS
from store.events import FailedAttempt, Seat

from . import panel, questions, verdicts

TEMPERATURES = (0.2, 0.7, 1.0, 0.4, 0.9)

Usable = Callable[[Reply], Sequence[str]]
"""What is wrong with a reply, in sentences; none if it can be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """One of the replies, or the lack of one."""

    profile: str
    model: str
    reply: Reply | None
    problems: tuple[str, ...] = ()
    attempts: tuple[FailedAttempt, ...] = ()
    """Of one that came to nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Best:
    """All contenders, and which one goes on; that one has a reply."""

    contenders: tuple[Contender, ...]
    picked: int
    because: str
    judge: Seat | None = None
    """None where there was nothing to judge, or nobody to do it."""
    asked: str | None = None
    """JSON: see `panel.Panel.asked`."""
    latency_ms: float = 0.0

    @property
    def reply(self) -> Reply:
        reply = self.contenders[self.picked].reply
        assert reply is not None
        return reply


async def best_of(
    models: Models,
    chain: Sequence[Model],
    messages: Messages,
    tools: Tools,
    n: int,
    judge_chain: Sequence[Model],
    request: str,
    usable: Usable,
    seconds: float,
    on_text: OnText | None = None,
    first: Reply | None = None,
) -> Best:
    """ModelsFailed if no reply comes at all. `seconds` is for the judge, and for stragglers once there is a good reply.

    `first` is a reply that is there already, asked for before anybody knew that it would be critical: it is one of n.
    `on_text` hears the picked reply, whole: nobody can read several at once.
    """
    started = time.perf_counter()
    there = (_contender(first, usable),) if first else ()
    ways = [_varied(chain, number) for number in range(len(there), n)]
    asking = [asyncio.create_task(_contend(models, *way, messages, tools, usable)) for way in ways]
    await _all_but_stragglers(asking, seconds, found=any(not one.problems for one in there))
    asked = [
        _late(way[0], seconds) if task.cancelled() else task.result() for way, task in zip(ways, asking, strict=True)
    ]
    contenders = (*there, *asked)
    if all(one.reply is None for one in contenders):
        raise ModelsFailed([attempt for one in contenders for attempt in one.attempts])
    picked, because, judged = await _pick(models, judge_chain, request, contenders, seconds)
    best = Best(
        contenders=contenders,
        picked=picked,
        because=because,
        judge=judged.seats[0] if judged else None,
        asked=judged.asked if judged else None,
        latency_ms=(time.perf_counter() - started) * 1000,
    )
    if best.reply.text:
        Question(messages, tools, on_text).say(best.reply.text)
    return best


# ── the replies ───────────────────────────────────────────────────────────────────────────────────────────────────


def _varied(chain: Sequence[Model], number: int) -> tuple[list[Model], float | None]:
    """Each profile of the chain begins once, with its own settings; then, and with one profile, temperatures vary."""
    first = number % len(chain) if chain else 0
    several = len(chain) > 1 and number < len(chain)
    return [*chain[first:], *chain[:first]], None if several else TEMPERATURES[number % len(TEMPERATURES)]


async def _contend(
    models: Models,
    chain: list[Model],
    temperature: float | None,
    messages: Messages,
    tools: Tools,
    usable: Usable,
) -> Contender:
    try:
        reply = await models.complete(chain, messages, tools, temperature=temperature)
    except ModelsFailed as failed:
        name, model = (chain[0].name, chain[0].model) if chain else ("", "")
        return Contender(profile=name, model=model, reply=None, problems=(str(failed),), attempts=failed.attempts)
    return _contender(reply, usable)


def _contender(reply: Reply, usable: Usable) -> Contender:
    return Contender(profile=reply.profile, model=reply.model, reply=reply, problems=tuple(usable(reply)))


async def _all_but_stragglers(asking: "list[asyncio.Task[Contender]]", seconds: float, *, found: bool) -> None:
    """Whoever has not answered so many seconds after the first good reply is not waited for."""
    waiting = set(asking)
    try:
        while waiting and not found and not any(task.done() and not task.result().problems for task in asking):
            _, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        if waiting:
            await asyncio.wait(waiting, timeout=seconds)
    finally:
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)


def _late(chain: Sequence[Model], seconds: float) -> Contender:
    because = f"There was no reply {seconds:g} s after the first good one."
    return Contender(profile=chain[0].name, model=chain[0].model, reply=None, problems=(because,))


# ── the pick ──────────────────────────────────────────────────────────────────────────────────────────────────────


async def _pick(
    models: Models, judge_chain: Sequence[Model], request: str, contenders: Sequence[Contender], seconds: float
) -> tuple[int, str, panel.Panel | None]:
    """Index of the contender that goes on, why, and what the judge said if it took one."""
    good = [(index, one.reply) for index, one in enumerate(contenders) if one.reply and not one.problems]
    if not good:
        first = next(index for index, one in enumerate(contenders) if one.reply)
        return first, "None of them can be used; the first goes on, with what is wrong with it.", None
    of = f"of {len(contenders)}"
    if len(good) == 1:
        return good[0][0], f"The only one {of} that can be used.", None
    shown = [_shown(reply) for _, reply in good]
    if all(_same(shown[0], other) for other in shown):
        return good[0][0], f"{len(good)} {of} say the same.", None
    if not judge_chain:
        return good[0][0], f"The first {of} that can be used: no model has the role judge.", None
    question = questions.best_of(request, shown)
    judged = await panel.ask(question, [panel.judge(models, judge_chain, seconds)], verdicts.one)
    (said,) = judged.said
    if said.seat.verdict == "failed":
        return good[0][0], f"The first {of} that can be used: the judge gave no verdict. {said.seat.because}", judged
    pick: int = (said.asides[0].data or {})["pick"]
    return good[pick - 1][0], said.seat.because, judged


def _shown(reply: Reply) -> dict[str, Any]:
    """What a judge sees of a reply: what it says and what it would do, not how it argues for that."""
    return {"text": reply.text, "calls": [{"tool": call.name, "arguments": _arguments(call)} for call in reply.calls]}


def _arguments(call: ModelCall) -> Any:
    """Without the reasoning block, whatever it is called; as they were written if they cannot be read."""
    try:
        arguments = json.loads(call.arguments or "{}")
    except (ValueError, RecursionError):
        return call.arguments
    if not isinstance(arguments, dict):
        return arguments
    return {name: value for name, value in arguments.items() if not _is_reasoning(value)}


def _is_reasoning(value: Any) -> bool:
    return isinstance(value, dict) and set(TEXTS) <= set(value)


def _same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """The same calls are the same deed, whatever was said beside them; else the words have to be the same."""
    if one["calls"] or other["calls"]:
        return _plain(one["calls"]) == _plain(other["calls"])
    return bool(one["text"].split() == other["text"].split())


def _plain(value: Any) -> str:
    """As JSON, because to Python 1, 1.0 and True are the same."""
    return json.dumps(value, sort_keys=True)
