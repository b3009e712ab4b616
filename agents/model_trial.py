"""*Test it*: what a model can do, found out by asking it: five small questions. No I/O but the asking handed in."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from agents.model_calls import ModelsFailed, Reply, TestResult, Trait

PING: dict[str, Any] = {
    "type": "function",
    "function": {
        "name": "ping",
        "description": "Proves that you can call tools.",
        "parameters": {"type": "object", "properties": {"word": {"type": "string"}}, "required": ["word"]},
    },
}
ANSWER_SCHEMA = {
    "type": "object",
    "properties": {"answer": {"type": "string"}},
    "required": ["answer"],
    "additionalProperties": False,
}
STRUCTURED = {"type": "json_schema", "json_schema": {"name": "trial", "schema": ANSWER_SCHEMA, "strict": True}}
LONG = "These lines are here to be read twice, and from a cache the second time. " * 110
"""Some 1,700 tokens: providers keep nothing shorter than 1,024 in their caches (OpenAI, Anthropic, 2026)."""
OnTrait = Callable[[Trait], None]
ANSWERS, FIRST, TOOLS, SHAPED, CACHED = (
    "Answers",
    "Streams",
    "Calls tools",
    "Structured output",
    "Reports cached tokens",
)
QUESTIONS = (ANSWERS, FIRST, TOOLS, SHAPED, CACHED)


class Ask(Protocol):
    async def __call__(
        self,
        messages: list[dict[str, Any]],
        tools: list[dict[str, Any]],
        *,
        response_format: dict[str, Any] | None = None,
        on_text: Callable[[str], None] | None = None,
    ) -> Reply: ...


async def try_out(ask: Ask, scripted: bool, on_trait: OnTrait = lambda trait: None) -> TestResult:
    """A provider's failure is a result, never an exception. `on_trait` hears of each answer as it comes."""
    trial = Trial(ask, on_trait)
    answer = await trial.of(ANSWERS, [_user("Reply with the one word: ready")])
    if answer is None:
        return trial.result(False, trial.failure)
    took = f"Answered in {answer.latency_ms:.0f} ms"
    if scripted:
        because = f"{took}. This is the scripted demo model: it plays the demo desk and nothing else."
        return trial.result(True, because, tools_ok=True)
    if not answer.text.strip():
        trial.told(ANSWERS, False, "It answered with no words.")
        return trial.result(False, f"{took}, but with no words.")
    trial.told(ANSWERS, True, f"In {answer.latency_ms:,.0f} ms.")
    await _streams(trial)
    because, tools_ok = await _tools(trial, took)
    await _shaped(trial)
    await _cached(trial)
    return trial.result(True, because, tools_ok=tools_ok)


@dataclass(slots=True)
class Trial:
    """The questions asked so far, and what came of them."""

    ask: Ask
    on_trait: OnTrait
    replies: list[Reply] = field(default_factory=list)
    traits: list[Trait] = field(default_factory=list)
    failure: str = ""
    failed_ms: float = 0.0

    async def of(self, what: str, messages: list[dict[str, Any]], **more: Any) -> Reply | None:
        """The reply, or None once it is told that there was none."""
        tools = more.pop("tools", [])
        try:
            reply = await self.ask(messages, tools, **more)
        except ModelsFailed as failed:
            self.failure = str(failed)
            self.failed_ms = failed.attempts[-1].latency_ms if failed.attempts else 0.0
            self.told(what, False, self.failure)
            return None
        self.replies.append(reply)
        return reply

    def told(self, what: str, ok: bool | None, words: str) -> None:
        trait = Trait(what=what, ok=ok, words=words)
        self.traits.append(trait)
        self.on_trait(trait)

    def result(self, ok: bool, because: str, *, tools_ok: bool = False) -> TestResult:
        return TestResult(
            ok=ok,
            because=because,
            latency_ms=self.replies[0].latency_ms if self.replies else self.failed_ms,
            tools_ok=tools_ok,
            cost_usd=_sum(reply.cost_usd for reply in self.replies),
            traits=tuple(self.traits),
        )


async def _streams(trial: Trial) -> None:
    heard: list[str] = []
    reply = await trial.of(FIRST, [_user("Count from one to ten, in words.")], on_text=heard.append)
    if reply is None:
        return
    first = reply.first_token_ms
    after = "unknown" if first is None else f"{first:,.0f} ms"
    if len(heard) > 1:
        trial.told(
            FIRST, True, f"The first word came after {after}, in {len(heard)} parts by {reply.latency_ms:,.0f} ms."
        )
    else:
        trial.told(FIRST, False, "The whole answer came at once: whoever watches sees nothing grow.")


async def _tools(trial: Trial, took: str) -> tuple[str, bool]:
    said = [_user("Call the tool ping with the word hello. Do nothing else.")]
    reply = await trial.of(TOOLS, said, tools=[PING])
    if reply is None:
        return f"{took}, but failed when offered a tool, so it cannot act: {trial.failure}", False
    if not any(call.name == "ping" for call in reply.calls):
        trial.told(TOOLS, False, "It was told to call a tool and did not.")
        return f"{took}, but did not call the tool it was told to call: it can talk and not act.", False
    trial.told(TOOLS, True, f"In {reply.latency_ms:,.0f} ms.")
    return f"{took} and called the test tool.", True


async def _shaped(trial: Trial) -> None:
    said = [_user('Reply with a JSON object whose "answer" is the word ready.')]
    reply = await trial.of(SHAPED, said, response_format=STRUCTURED)
    if reply is None:
        return
    try:
        found = json.loads(reply.text)
    except ValueError:
        found = None
    ok = isinstance(found, dict) and isinstance(found.get("answer"), str)
    trial.told(SHAPED, ok, "It kept to the schema." if ok else "Its answer did not keep to the schema it was given.")


async def _cached(trial: Trial) -> None:
    """The same long beginning twice: the second time a provider with a cache says so."""
    said = [{"role": "system", "content": LONG}, _user("Reply with the one word: ready")]
    if await trial.of(CACHED, said) is None or (reply := await trial.of(CACHED, said)) is None:
        return
    usage = reply.usage
    sent = usage.input + usage.cache_read + usage.cache_write
    if usage.cache_read:
        trial.told(CACHED, True, f"{usage.cache_read:,} of {sent:,} tokens came from its cache.")
    else:
        trial.told(CACHED, None, "None were reported; it may have no cache, or not tell.")


def _sum(costs: Iterator[float | None]) -> float | None:
    known = list(costs)
    return sum(cost for cost in known if cost is not None) if known and None not in known else None


def _user(text: str) -> dict[str, Any]:
    return {"role": "user", "content": text}
