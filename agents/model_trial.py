"""*Test it*: whether a model answers, and whether it calls a tool when told to. No I/O but the asking handed in."""

from collections.abc import Awaitable, Callable
from typing import Any

from agents.model_calls import ModelsFailed, Reply, TestResult

Ask = Callable[[list[dict[str, Any]], list[dict[str, Any]]], Awaitable[Reply]]

PING: dict[str, Any] = {
    "type": "function",
    "function": {
        "name": "ping",
        "description": "Proves that you can call tools.",
        "parameters": {"type": "object", "properties": {"word": {"type": "string"}}, "required": ["word"]},
    },
}


async def try_out(ask: Ask, scripted: bool) -> TestResult:
    """Two tiny calls. A provider's failure is a result, never an exception."""
    try:
        answer = await ask([_user("Reply with the one word: ready")], [])
    except ModelsFailed as failed:
        return _result(False, str(failed), failed.attempts[-1].latency_ms if failed.attempts else 0.0, False, None)
    took = f"Answered in {answer.latency_ms:.0f} ms"
    if scripted:
        because = f"{took}. This is the scripted demo model: it plays the demo desk and nothing else."
        return _result(True, because, answer.latency_ms, True, answer.cost_usd)
    if not answer.text.strip():
        return _result(False, f"{took}, but with no words.", answer.latency_ms, False, answer.cost_usd)
    return await _with_tools(ask, answer, took)


async def _with_tools(ask: Ask, answer: Reply, took: str) -> TestResult:
    try:
        reply = await ask([_user("Call the tool ping with the word hello. Do nothing else.")], [PING])
    except ModelsFailed as failed:
        because = f"{took}, but failed when offered a tool, so it cannot act: {failed}"
        return _result(True, because, answer.latency_ms, False, answer.cost_usd)
    known = answer.cost_usd is not None and reply.cost_usd is not None
    cost = (answer.cost_usd or 0.0) + (reply.cost_usd or 0.0) if known else None
    if not any(call.name == "ping" for call in reply.calls):
        because = f"{took}, but did not call the tool it was told to call: it can talk and not act."
        return _result(True, because, answer.latency_ms, False, cost)
    return _result(True, f"{took} and called the test tool.", answer.latency_ms, True, cost)


def _user(text: str) -> dict[str, Any]:
    return {"role": "user", "content": text}


def _result(ok: bool, because: str, latency_ms: float, tools_ok: bool, cost_usd: float | None) -> TestResult:
    return TestResult(ok=ok, because=because, latency_ms=latency_ms, tools_ok=tools_ok, cost_usd=cost_usd)
