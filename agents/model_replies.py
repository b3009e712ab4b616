"""Reading what litellm hands back: text, calls, usage in disjoint buckets, price. Duck-typed, pure."""

from dataclasses import dataclass, field
from typing import Any

from agents.config import Prices
from agents.model_calls import ModelCall, ModelInfo
from agents.model_failures import GarbledReply
from store.events import Usage

CHARACTERS_PER_TOKEN = 4
PER_MILLION = 1_000_000


@dataclass(slots=True)
class Heard:
    """A reply as far as it has come; `tokens` is the provider's own count, None while it has given none."""

    text: str = ""
    calls: list[ModelCall] = field(default_factory=list)
    finish_reason: str | None = None
    tokens: Any = None
    cost_usd: float | None = None
    first_token_ms: float | None = None


def whole(response: Any) -> Heard:
    """A reply that came in one piece."""
    choices = getattr(response, "choices", None)
    if not choices:
        raise GarbledReply("there are no choices in it")
    message = choices[0].message
    return Heard(
        text=message.content or "",
        calls=[made(call.id, call.function.name, call.function.arguments) for call in message.tool_calls or ()],
        finish_reason=choices[0].finish_reason,
        tokens=counted(getattr(response, "usage", None)),
        cost_usd=response._hidden_params.get("response_cost"),
    )


def made(id: str | None, name: str | None, arguments: str | None) -> ModelCall:
    """A call of which anything may be missing."""
    return ModelCall(id=id or "", name=name or "", arguments=arguments or "")


def counted(usage: Any) -> Any:
    """The usage, unless it counts nothing: servers that do not count send zeros or nothing at all."""
    return usage if usage and (usage.prompt_tokens or usage.completion_tokens) else None


def buckets(tokens: Any) -> Usage:
    """litellm's `prompt_tokens` includes what was read from and written to the cache; ours are disjoint."""
    details = getattr(tokens, "prompt_tokens_details", None)
    read = _first(details, "cached_tokens") or _first(tokens, "cache_read_input_tokens")
    write = _first(details, "cache_write_tokens", "cache_creation_tokens") or _first(
        tokens, "cache_creation_input_tokens"
    )
    prompt = tokens.prompt_tokens or 0
    read = min(read, prompt)
    write = min(write, prompt - read)
    return Usage(input=prompt - read - write, cache_read=read, cache_write=write, output=tokens.completion_tokens or 0)


def _first(source: Any, *names: str) -> int:
    values = (getattr(source, name, None) for name in names)
    return next((value for value in values if isinstance(value, int) and value > 0), 0)


def estimate(messages: list[dict[str, Any]], tools: list[dict[str, Any]], heard: Heard) -> Usage:
    """For servers that do not count: a quarter of the characters."""
    sent = sum(len(str(part)) for part in (*messages, *tools))
    written = len(heard.text) + sum(len(call.name) + len(call.arguments) for call in heard.calls)
    return Usage(input=sent // CHARACTERS_PER_TOKEN, output=written // CHARACTERS_PER_TOKEN)


def price(usage: Usage, prices: Prices) -> float:
    """USD. An unset cache price is the input price."""
    read = prices.input if prices.cache_read is None else prices.cache_read
    write = prices.input if prices.cache_write is None else prices.cache_write
    spent = usage.input * prices.input + usage.cache_read * read + usage.cache_write * write
    return (spent + usage.output * prices.output) / PER_MILLION


def saved(usage: Usage, prices: Prices | None) -> float | None:
    """USD that reading from the cache saved; None where its price is not known."""
    if prices is None or prices.cache_read is None:
        return None
    return usage.cache_read * (prices.input - prices.cache_read) / PER_MILLION


def read_card(card: dict[str, Any]) -> ModelInfo:
    """An entry of litellm's list of models: limits in tokens, prices per token (ours are per million)."""
    return ModelInfo(
        context_window=card.get("max_input_tokens"),
        max_output=card.get("max_output_tokens"),
        prices=_prices(card),
        scripted=False,
    )


def listed(cards: dict[str, dict[str, Any]], provider: str) -> list[str]:
    """The chat models of a provider, by name, without the provider's own."""
    named = (
        name.removeprefix(f"{provider}/")
        for name, card in cards.items()
        if card.get("litellm_provider") == provider and card.get("mode") in ("chat", "responses")
    )
    return sorted({name for name in named if "/" not in name or provider in ("openrouter", "groq", "together_ai")})


def _prices(card: dict[str, Any]) -> Prices | None:
    """None where nothing is charged for either: that is how litellm lists models it has no prices of."""
    each, output = card.get("input_cost_per_token"), card.get("output_cost_per_token")
    if not each and not output:
        return None
    read, write = card.get("cache_read_input_token_cost"), card.get("cache_creation_input_token_cost")
    return Prices(
        input=(each or 0) * PER_MILLION,
        output=(output or 0) * PER_MILLION,
        cache_read=None if read is None else read * PER_MILLION,
        cache_write=None if write is None else write * PER_MILLION,
    )
