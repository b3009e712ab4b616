"""The scripted demo model as a litellm provider: `offline/operator`, no network, streams word by word.

litellm itself is handed in, so that agents/models.py stays the only module that imports it.
"""

import asyncio
import json
import os
import re
from collections.abc import AsyncIterator, Callable
from typing import Any, Protocol

PROVIDER = "offline"
CARD: dict[str, dict[str, Any]] = {
    "offline/operator": {
        "litellm_provider": PROVIDER,
        "mode": "chat",
        "max_input_tokens": 32_000,
        "max_output_tokens": 4_096,
        "input_cost_per_token": 1e-7,
        "output_cost_per_token": 4e-7,
        "cache_read_input_token_cost": 1e-8,
        "supports_function_calling": True,
        "supports_response_schema": True,
        "supports_prompt_caching": True,
    }
}
"""Invented prices: small, but enough for the cost meters to move."""

CHARACTERS_PER_TOKEN = 4

Messages = list[dict[str, Any]]


class ScriptedCall(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def arguments(self) -> dict[str, Any]: ...


class ScriptedReply(Protocol):
    @property
    def text(self) -> str: ...
    @property
    def calls(self) -> "tuple[ScriptedCall, ...]": ...


Script = Callable[[Messages, list[dict[str, Any]]], ScriptedReply]


def shop_script(messages: Messages, tools: list[dict[str, Any]]) -> ScriptedReply:
    """The demo desk's own script, imported when it is first asked."""
    from agents.demo.script import reply

    return reply(messages, tools)


def provider(litellm: Any, script: Script) -> Any:
    """The entry for `litellm.custom_provider_map`."""

    class Offline(litellm.CustomLLM):  # type: ignore[misc]
        async def acompletion(self, *_: Any, model: str, messages: Messages, **more: Any) -> Any:
            await asyncio.sleep(_milliseconds("QUARTERDECK_OFFLINE_DELAY_MS", 0))
            tools = more["optional_params"].get("tools") or []
            reply, response = script(messages, tools), more["model_response"]
            calls = [_wire(index, call, len(messages)) for index, call in enumerate(reply.calls)]
            message = litellm.Message(role="assistant", content=reply.text or None, tool_calls=calls or None)
            response.model, response.choices[0].message = model, message
            response.choices[0].finish_reason = _finish(reply)
            response.usage = litellm.Usage(**_usage(messages, tools, reply))
            return response

        async def astreaming(self, *_: Any, messages: Messages, **more: Any) -> AsyncIterator[dict[str, Any]]:
            tools = more["optional_params"].get("tools") or []
            reply = script(messages, tools)
            pause = _milliseconds("QUARTERDECK_OFFLINE_WORD_MS", 15)
            for word in re.findall(r"\S+\s*|\s+", reply.text):
                yield _chunk(text=word)
                await asyncio.sleep(pause)
            for index, call in enumerate(reply.calls):
                yield _chunk(tool_use=_wire(index, call, len(messages)) | {"index": index})
                await asyncio.sleep(pause)
            yield _chunk(is_finished=True, finish_reason=_finish(reply), usage=_usage(messages, tools, reply))

    return {"provider": PROVIDER, "custom_handler": Offline()}


def _wire(index: int, call: ScriptedCall, position: int) -> dict[str, Any]:
    arguments = json.dumps(call.arguments, ensure_ascii=False)
    function = {"name": call.name, "arguments": arguments}
    return {"id": f"call_{position}_{index}", "type": "function", "function": function}


def _chunk(**differing: Any) -> dict[str, Any]:
    blank = {"text": "", "is_finished": False, "finish_reason": "", "usage": None, "index": 0, "tool_use": None}
    return blank | differing


def _finish(reply: ScriptedReply) -> str:
    return "tool_calls" if reply.calls else "stop"


def _usage(messages: Messages, tools: list[dict[str, Any]], reply: ScriptedReply) -> dict[str, Any]:
    """A quarter of the characters. Cached is what the previous prompt held: all before the last thing we said."""
    sizes = [len(json.dumps(message, ensure_ascii=False)) for message in messages]
    schemas = len(json.dumps(tools, ensure_ascii=False))
    said = max((index for index, message in enumerate(messages) if message["role"] == "assistant"), default=0)
    prompt = (schemas + sum(sizes)) // CHARACTERS_PER_TOKEN
    cached = (schemas + sum(sizes[:said])) // CHARACTERS_PER_TOKEN if said else 0
    written = len(reply.text) + sum(len(json.dumps(call.arguments)) + len(call.name) for call in reply.calls)
    output = max(1, written // CHARACTERS_PER_TOKEN)
    return {
        "prompt_tokens": prompt,
        "completion_tokens": output,
        "total_tokens": prompt + output,
        "prompt_tokens_details": {"cached_tokens": cached},
    }


def _milliseconds(name: str, default: float) -> float:
    """Seconds from an environment variable in milliseconds; nonsense is the default."""
    try:
        return max(0.0, float(os.environ.get(name, default))) / 1000
    except ValueError:
        return default / 1000
