"""The scripted demo models as one litellm provider: `offline/operator` and its colleagues; no network, no key.

litellm itself is handed in, so that agents/models.py stays the only module that imports it.
"""

import asyncio
import json
import os
import re
from collections.abc import AsyncIterator, Callable
from typing import Any, Protocol

PROVIDER = "offline"


def _card(input_usd: float, output_usd: float, *, window: int = 32_000) -> dict[str, Any]:
    """A model's entry in litellm's list, at so many USD per million tokens; what is cached costs a tenth."""
    return {
        "litellm_provider": PROVIDER,
        "mode": "chat",
        "max_input_tokens": window,
        "max_output_tokens": 4_096,
        "input_cost_per_token": input_usd / 1e6,
        "output_cost_per_token": output_usd / 1e6,
        "cache_read_input_token_cost": input_usd / 1e7,
        "supports_function_calling": True,
        "supports_response_schema": True,
        "supports_prompt_caching": True,
    }


CARD: dict[str, dict[str, Any]] = {
    "offline/operator": _card(0.1, 0.4),
    "offline/trainee": _card(0.08, 0.3),
    "offline/small": _card(0.02, 0.08),
    "offline/judge": _card(0.6, 2.4),
    "offline/voter-calm": _card(0.2, 0.8),
    "offline/voter-strict": _card(0.25, 1.0),
    "offline/voter-careful": _card(0.3, 1.2),
    "offline/summariser": _card(0.05, 0.2, window=128_000),
}
"""Invented prices, each its own: small, but enough for the cost meters to move and to tell the models apart."""

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


def _answered(script: Script, model: str, messages: Messages, options: dict[str, Any]) -> ScriptedReply:
    """By the model asked for and the answer's wanted format; a test's own script plays every model itself."""
    tools = options.get("tools") or []
    if script is not shop_script:
        return script(messages, tools)
    from agents.demo.script import Asked, answered

    asked = Asked(model=model, format=_format_name(options), temperature=options.get("temperature"))
    return answered(asked, messages, tools)


def _format_name(options: dict[str, Any]) -> str:
    """What the JSON schema in `response_format` is called; litellm hands it on as it was given."""
    wanted = options.get("response_format")
    described = wanted.get("json_schema") if isinstance(wanted, dict) else None
    return str(described.get("name") or "") if isinstance(described, dict) else ""


def provider(litellm: Any, script: Script) -> Any:
    """The entry for `litellm.custom_provider_map`."""

    class Offline(litellm.CustomLLM):  # type: ignore[misc]
        async def acompletion(self, *_: Any, model: str, messages: Messages, **more: Any) -> Any:
            await asyncio.sleep(_milliseconds("QUARTERDECK_OFFLINE_DELAY_MS", 0))
            tools, response = more["optional_params"].get("tools") or [], more["model_response"]
            reply = _answered(script, model, messages, more["optional_params"])
            calls = [_wire(index, call, len(messages)) for index, call in enumerate(reply.calls)]
            message = litellm.Message(role="assistant", content=reply.text or None, tool_calls=calls or None)
            response.model, response.choices[0].message = model, message
            response.choices[0].finish_reason = _finish(reply)
            response.usage = litellm.Usage(**_usage(messages, tools, reply))
            return response

        async def astreaming(
            self, *_: Any, model: str, messages: Messages, **more: Any
        ) -> AsyncIterator[dict[str, Any]]:
            tools = more["optional_params"].get("tools") or []
            reply = _answered(script, model, messages, more["optional_params"])
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
