"""What is sent to a model: a profile and a conversation become the arguments of one litellm call. Pure."""

from typing import Any

from agents.config import Model

NO_KEY = "none"
"""For servers of one's own that want no key: the OpenAI client insists on sending something."""

ANTHROPIC_MAX_OUTPUT = 8_192
"""Anthropic requires a limit; this is what a reply gets when nobody has set one."""

CACHE_POINTS = [{"location": "message", "role": "system"}, {"location": "message", "index": -1}]
"""Anthropic caches up to a marked message: the instructions, and everything so far."""

Messages = list[dict[str, Any]]


def is_claude(model: str) -> bool:
    """Whether the model wants cache marks and an output limit, by whichever route it is reached."""
    provider, _, name = model.partition("/")
    return provider == "anthropic" or ("claude" in name and provider in ("bedrock", "vertex_ai", "azure_ai"))


def request(
    model: Model,
    key: str | None,
    messages: Messages,
    tools: list[dict[str, Any]],
    *,
    response_format: dict[str, Any] | None = None,
    temperature: float | None = None,
    streamed: bool = False,
) -> dict[str, Any]:
    """Arguments for `litellm.acompletion`. Retrying is our own business, so theirs is switched off."""
    wanted: dict[str, Any] = {
        **model.parameters,
        "model": model.model,
        "messages": [_copied(message) for message in messages],
        "timeout": model.timeout_seconds,
        "num_retries": 0,
        "max_retries": 0,
        "drop_params": True,
        "_skip_mcp_handler": True,  # otherwise a call with tools imports `mcp` (litellm 1.106.2)
    }
    if model.api_base:
        wanted["api_base"] = model.api_base
    if key or model.api_base:
        wanted["api_key"] = key or NO_KEY
    if tools:
        wanted["tools"] = tools
    if response_format:
        wanted["response_format"] = response_format
    if temperature is not None:
        wanted["temperature"] = temperature
    if streamed:
        wanted |= {"stream": True, "stream_options": {"include_usage": True}}
    if most := model.max_output or (ANTHROPIC_MAX_OUTPUT if is_claude(model.model) else None):
        wanted["max_tokens"] = most
    if is_claude(model.model):
        wanted["cache_control_injection_points"] = CACHE_POINTS
    return wanted


def _copied(message: dict[str, Any]) -> dict[str, Any]:
    """Deep enough that nothing a provider's adapter does to its copy reaches ours."""
    if calls := message.get("tool_calls"):
        return {**message, "tool_calls": [{**call, "function": {**call["function"]}} for call in calls]}
    return dict(message)
