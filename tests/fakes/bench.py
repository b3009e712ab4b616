"""In-process stand-ins where neither a server nor a model is the subject: tools with a ledger, a scripted model."""

import asyncio
import inspect
import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from agents.config import Connector, Model
from agents.forms import Responses
from agents.model_calls import ModelCall, ModelInfo, Reply
from agents.tools.definition import ToolDefinition, ToolOutput
from agents.tools.health import Health
from agents.tools.registry import Registry
from store.events import Usage

THOUGHT = {
    "need": "The user wants it.",
    "source": "the bench",
    "therefore": "This tool does it with these values.",
    "alternatives": [],
}
NUMBER, INTEGER, STRING = {"type": "number"}, {"type": "integer"}, {"type": "string"}


def tool(name: str, description: str = "", **properties: Any) -> ToolDefinition:
    schema = {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}
    return ToolDefinition(connector="bench", name=name, description=description or name, input_schema=schema)


TOOLS = (
    tool("look_up", order=INTEGER),
    tool("refund", order=INTEGER, amount=NUMBER),
    tool("wipe", customer=STRING),
    tool("mystery", thing=STRING),
)


class Bench:
    """A connector in this process: `ledger` holds what really ran, `on` makes a tool behave otherwise."""

    def __init__(self) -> None:
        self.known: tuple[ToolDefinition, ...] | None = TOOLS
        self.health = Health(state="up", because="On the bench.", since=datetime.now(UTC))
        self.ledger: list[tuple[str, dict[str, Any]]] = []
        self.texts: list[str] = []
        """The arguments exactly as they arrived."""
        self.started: list[str] = []
        self.said: list[Responses | None] = []
        """What people answered when a tool asked (it raises InputNeeded)."""
        self.on: dict[str, Callable[[dict[str, Any]], Any]] = {}

    async def definitions(self, wait_seconds: float) -> tuple[ToolDefinition, ...]:
        return self.known or ()

    async def refresh(self, wait_seconds: float) -> tuple[ToolDefinition, ...]:
        return self.known or ()

    async def first_outcome(self) -> None:
        return None

    async def call(self, tool: str, arguments_json: str, timeout_seconds: float) -> ToolOutput:
        arguments = json.loads(arguments_json)
        self.started.append(tool)
        self.texts.append(arguments_json)
        said = self.on[tool](arguments) if tool in self.on else f"{tool} done"
        if inspect.isawaitable(said):
            said = await said
        self.ledger.append((tool, arguments))
        return said if isinstance(said, ToolOutput) else ToolOutput(text=said)

    async def go_on(self, tool: str, arguments_json: str, timeout_seconds: float, said: Responses | None) -> ToolOutput:
        self.said.append(said)
        return await self.call(tool, arguments_json, timeout_seconds)

    async def close(self) -> None:
        pass

    def ran(self, tool: str) -> list[dict[str, Any]]:
        return [arguments for name, arguments in self.ledger if name == tool]


class BenchRegistry(Registry):
    """The real registry, with the bench where the configuration names it."""

    def __init__(self, resolve: Callable[[str], str], bench: Bench) -> None:
        super().__init__(resolve)
        self.bench = bench

    def _open(self, connector: Connector, *, listed: bool = True) -> Any:
        return self.bench if connector.name == "bench" else super()._open(connector, listed=listed)

    def redefine(self, *tools: ToolDefinition, announce: bool = True) -> None:
        """The server changes its tools."""
        self.bench.known = tools
        if announce:
            self._tell("bench")


class Gate:
    """A tool's answer that waits until it is opened."""

    def __init__(self) -> None:
        self.reached, self.opened = asyncio.Event(), asyncio.Event()

    async def __call__(self, _: Any) -> str:
        self.reached.set()
        await self.opened.wait()
        return "done at last"


def ask(tool: str, *, reasoning: Any = THOUGHT, **arguments: Any) -> ModelCall:
    given = arguments if reasoning is None else {"reasoning": reasoning, **arguments}
    return ModelCall(id="", name=tool, arguments=json.dumps(given))


Said = str | ModelCall | Sequence[ModelCall]
Script = Callable[[list[dict[str, Any]]], Said | Awaitable[Said]]


def in_turn(*replies: Said) -> Script:
    """Each reply once, the last one for ever; counted over the whole conversation."""

    def script(messages: list[dict[str, Any]]) -> Said:
        said = sum(message["role"] == "assistant" for message in messages)
        return replies[min(said, len(replies) - 1)]

    return script


class ScriptedModels:
    """Stands in for `agents.models.Models`: what `script` returns, at a cent a call."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.prompts: list[list[dict[str, Any]]] = []
        self.tools: list[list[dict[str, Any]]] = []
        self.cost_usd = 0.01

    async def warm(self) -> None:
        return None

    async def complete(
        self, chain: Sequence[Model], messages: list[dict[str, Any]], tools: list[dict[str, Any]], **_: Any
    ) -> Reply:
        self.prompts.append(json.loads(json.dumps(messages)))
        self.tools.append(tools)
        await asyncio.sleep(0)
        said = self.script(messages)
        if inspect.isawaitable(said):
            said = await said
        calls = () if isinstance(said, str) else (said,) if isinstance(said, ModelCall) else tuple(said)
        return Reply(
            text=said if isinstance(said, str) else "",
            calls=calls,
            finish_reason="stop",
            profile=chain[0].name,
            model=chain[0].model,
            usage=Usage(input=100, output=10),
            cost_usd=self.cost_usd,
            cache_saved_usd=None,
            latency_ms=1.0,
            first_token_ms=None,
            attempts=(),
            because="first choice",
        )

    def info(self, model: Model) -> ModelInfo:
        return ModelInfo(context_window=32_000, max_output=None, prices=None, scripted=True)

    async def close(self) -> None:
        return None
