"""Which tool would a model choose? Asks it with the tools on offer and executes nothing."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from . import reasoning, rendering
from .arguments import BadArguments, parse
from .config import Agent, Model, Roles, ToolEntry, Toolset
from .errors import BadRequest
from .model_calls import ModelsFailed, Reply
from .offering import Offers, offer_all
from .proposals import Offered
from .schema_check import problems
from .tools.definition import ToolDefinition

AT_ONCE = 3
MOST_RUNS = 5
NO_AGENT = "You work with the tools you are given. Choose the one that serves the request."
NO_CALL = "It called no tool."


class Ask(Protocol):
    async def complete(self, chain: Any, messages: list[dict[str, Any]], tools: list[dict[str, Any]]) -> Reply: ...


class HeldBack(BadRequest):
    """By an emergency stop or a budget; the message says by which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """Asks only while nothing holds the agent back, and tells what it cost: no session's record does."""

    models: Ask
    reason: Callable[[], Awaitable[str | None]]
    spent: Callable[[float | None], None]

    async def check(self) -> None:
        if because := await self.reason():
            raise HeldBack(f"No model was asked. {because}")

    async def complete(self, chain: Any, messages: list[dict[str, Any]], tools: list[dict[str, Any]]) -> Reply:
        await self.check()
        reply = await self.models.complete(chain, messages, tools)
        self.spent(reply.cost_usd)
        return reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What came of asking once. `tool` is `connector/tool` by its own name, None where none was called."""

    tool: str | None
    name: str | None
    """As it was offered."""
    because: str
    """The reasoning block's `therefore`, the model's own words where it called nothing, or what went wrong."""
    wrong: tuple[str, ...] = ()
    """Why the call would have been invalid."""
    failed: bool = False
    """No model answered."""
    tokens_in: int = 0
    cost_usd: float | None = None


def everything(definitions: Iterable[ToolDefinition]) -> dict[str, Offered]:
    """All tools as their servers describe them."""
    listed: dict[str, tuple[ToolDefinition, ...]] = {}
    for one in definitions:
        listed[one.connector] = (*listed.get(one.connector, ()), one)
    entries = tuple(ToolEntry(connector=one.connector, tool=one.name) for many in listed.values() for one in many)
    return offer_all(Toolset(name="everything", tools=entries), listed, lambda _: True, Offers())[0]


def curated(toolset: Toolset, definitions: Iterable[ToolDefinition]) -> dict[str, Offered]:
    """The picked tools as the draft has them; what no connector offers now is left out."""
    listed: dict[str, tuple[ToolDefinition, ...]] = {entry.connector: () for entry in toolset.tools}
    for one in definitions:
        if one.connector in listed:
            listed[one.connector] = (*listed[one.connector], one)
    return offer_all(toolset, listed, lambda _: True, Offers())[0]


async def choose(
    models: Ask,
    model: Model,
    tools: Mapping[str, Offered],
    request: str,
    *,
    agent: Agent | None = None,
    runs: int = 1,
    on_choice: Callable[[Choice], None] = lambda choice: None,
) -> list[Choice]:
    """A model's failure, or what holds it back, is a choice that failed, with the reason, never an exception."""
    messages = [rendering.system(agent or _nobody(model), None), {"role": "user", "content": request}]
    wire = [dict(one.wire) for one in tools.values()]
    gate = asyncio.Semaphore(AT_ONCE)

    async def once() -> Choice:
        async with gate:
            try:
                made = _read(await models.complete([model], messages, wire), tools)
            except HeldBack as held:
                made = Choice(tool=None, name=None, because=str(held), failed=True)
            except ModelsFailed as failed:
                made = Choice(tool=None, name=None, because=str(failed).split(" Nothing was lost")[0], failed=True)
        on_choice(made)
        return made

    return list(await asyncio.gather(*(once() for _ in range(max(1, min(runs, MOST_RUNS))))))


def _nobody(model: Model) -> Agent:
    return Agent(
        name="playground", instructions=NO_AGENT, toolset="draft", policy="none", models=Roles(act=(model.name,))
    )


def _read(reply: Reply, tools: Mapping[str, Offered]) -> Choice:
    usage = reply.usage
    spent: dict[str, Any] = {
        "tokens_in": usage.input + usage.cache_read + usage.cache_write,
        "cost_usd": reply.cost_usd,
    }
    if not reply.calls:
        return Choice(tool=None, name=None, because=" ".join(reply.text.split())[:600] or NO_CALL, **spent)
    call = reply.calls[0]
    tool = tools.get(call.name)
    if tool is None:
        wrong = (f"There is no tool named {call.name!r}.",)
        return Choice(tool=None, name=call.name, because=wrong[0], wrong=wrong, **spent)
    key = f"{tool.entry.connector}/{tool.entry.tool}"
    because, found = _argued(call.arguments, tool)
    return Choice(tool=key, name=call.name, because=because, wrong=found, **spent)


def _argued(arguments: str, tool: Offered) -> tuple[str, tuple[str, ...]]:
    """Why it chose this, in its own words, and why the call would have been invalid."""
    try:
        given = parse(arguments)
    except BadArguments as error:
        return "It gave no reason that can be read.", (f"The arguments cannot be read: {error}",)
    block, values, wrong = reasoning.take(given, tool.definition.input_schema)
    kept = [key for key in (*tool.entry.pinned, *tool.entry.hidden) if key in values]
    wrong += [f"/{key} is not offered and must not be given." for key in kept]
    wrong += problems(values | tool.entry.pinned, tool.definition.input_schema)
    return (block.therefore if block else "It gave no reason."), tuple(wrong)
