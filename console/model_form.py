"""What the form for a model means as a document, and back. Pure."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

Document = dict[str, Any]

SERVER, HOSTED, OTHER = "server", "hosted", "other"
KINDS = {
    SERVER: "A server of your own",
    HOSTED: "A hosted provider",
    OTHER: "Anything else",
}
PROVIDERS = {
    "openai": "OpenAI",
    "anthropic": "Anthropic",
    "gemini": "Google Gemini",
    "mistral": "Mistral",
    "groq": "Groq",
    "deepseek": "DeepSeek",
    "xai": "xAI",
    "openrouter": "OpenRouter",
    "together_ai": "Together AI",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A provider whose key lies in the environment; `provider` is litellm's name of it."""

    variable: str
    provider: str
    title: str


OFFERS = (
    Offer(variable="OPENAI_API_KEY", provider="openai", title="OpenAI"),
    Offer(variable="ANTHROPIC_API_KEY", provider="anthropic", title="Anthropic"),
    Offer(variable="GEMINI_API_KEY", provider="gemini", title="Google Gemini"),
    Offer(variable="MISTRAL_API_KEY", provider="mistral", title="Mistral"),
    Offer(variable="GROQ_API_KEY", provider="groq", title="Groq"),
    Offer(variable="DEEPSEEK_API_KEY", provider="deepseek", title="DeepSeek"),
    Offer(variable="OPENROUTER_API_KEY", provider="openrouter", title="OpenRouter"),
    Offer(variable="XAI_API_KEY", provider="xai", title="xAI"),
    Offer(variable="AZURE_API_KEY", provider="azure", title="Azure OpenAI"),
)


def offers(environment: Collection[str], models: Iterable[Mapping[str, Any]]) -> list[Offer]:
    """Providers whose key is set and which no model uses yet; names alone are looked at, never a value."""
    used = {one.get("api_key") for one in models}
    return [one for one in OFFERS if one.variable in environment and f"env:{one.variable}" not in used]


def offered(variable: str) -> Offer | None:
    return next((one for one in OFFERS if one.variable == variable), None)


NO_KEY, TYPED, ENVIRONMENT, KEPT = "none", "typed", "env", "secret"
HERE = ("localhost", "127.", "10.", "192.168.", "172.16.", "[::1]", "host.docker.internal")


def kind_of(document: Mapping[str, Any]) -> str:
    provider = str(document.get("model", "")).partition("/")[0]
    if document.get("api_base"):
        return SERVER if provider == "openai" else OTHER
    return HOSTED if provider in PROVIDERS or not document else OTHER


def model_string(kind: str, provider: str, name: str) -> str:
    """What litellm calls it."""
    name = name.strip()
    if not name:
        return ""
    if kind == SERVER:
        return f"openai/{name}"
    return f"{provider}/{name}" if kind == HOSTED else name


def bare_name(kind: str, model: str) -> str:
    return model if kind == OTHER else model.partition("/")[2]


def key_of(document: Mapping[str, Any]) -> tuple[str, str]:
    """How the key is given, and the name in its reference."""
    kind, _, name = str(document.get("api_key") or "").partition(":")
    return {"env": ENVIRONMENT, "secret": KEPT}.get(kind, NO_KEY), name


def secret_name(model: str, document: Mapping[str, Any], taken: Collection[str]) -> str:
    """Under which a typed key is kept: the one this model has already, or a new one that nothing else uses."""
    how, own = key_of(document)
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", model).strip("-._")[:50] or "model"
    first = f"{plain}-key"
    if how == KEPT and own == first:
        return own
    names = [first, *(f"{first}-{number}" for number in range(2, len(taken) + 3))]
    return next(name for name in names if name not in taken)


def plain_name(model: str) -> str:
    """`llama3.1:8b` → `llama3.1-8b`: what a profile of it may be called."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", model.rpartition("/")[2]).strip("-._")[:64]


def is_near(url: str) -> bool:
    """Whether a server stands on this machine or network, as far as its address tells."""
    host = (urlsplit(url if "//" in url else f"//{url}").netloc or "").rpartition("@")[2]
    return host.startswith(HERE) or "." not in host.partition(":")[0]


def changed(document: Mapping[str, Any], values: Mapping[str, Any]) -> Document:
    """The document with these values; None takes a key away. What the form does not know stays."""
    return {key: value for key, value in {**document, **values}.items() if value is not None}


def prices(document: Mapping[str, Any], values: Mapping[str, float | None]) -> Document | None:
    """Prices as typed; None when there are none. What the form does not show (cache writes) stays with the others."""
    typed = {key: value for key, value in values.items() if value is not None}
    if not typed:
        return None
    kept = {key: value for key, value in (document.get("prices") or {}).items() if key not in values}
    return {**kept, **typed}
