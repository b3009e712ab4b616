"""Asking a model server which models it has: `GET /v1/models`, and Ollama's own list.

The address is one that an admin enters: their word allows its host, for this one question; redirects are not followed.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx

from agents.errors import BadRequest

SECONDS = 8
LONGEST_BYTES = 2_000_000
MOST = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One model of a server; `context_window` in tokens, where the server tells."""

    name: str
    context_window: int | None = None
    about: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """`api_base` is the address under which the server answered, as a profile needs it."""

    api_base: str
    models: tuple[Listed, ...]


async def list_models(url: str, key: str | None = None) -> Listing:
    """Raises BadRequest with a sentence when nothing that looks like a model server answers there."""
    bases = _bases(url)
    headers = {"authorization": f"Bearer {key}"} if key else {}
    said = ""
    async with httpx.AsyncClient(timeout=SECONDS, headers=headers, trust_env=False) as client:
        for base in bases:
            found, said = await _asked(client, f"{base}/models")
            if found is not None:
                sizes = {one["name"]: one for one in await _of_ollama(client, base)}
                return Listing(api_base=base, models=tuple(_models(found, sizes)))
    raise BadRequest(said, (f"/models/0/api_base: {said}",))


def _bases(url: str) -> list[str]:
    """As typed; and with `/v1`, which is easily forgotten."""
    parts = urlsplit(url.strip())
    try:
        usable = parts.scheme in ("http", "https") and parts.hostname and (parts.port or True)
    except ValueError:
        usable = False
    if not usable:
        raise BadRequest("This is no address.", ("/models/0/api_base: an http:// or https:// address is needed",))
    path = parts.path.rstrip("/")
    base = urlunsplit((parts.scheme, parts.netloc, path, "", ""))
    return [base] if path.endswith("/v1") else [f"{base}/v1", base]


async def _asked(client: httpx.AsyncClient, url: str) -> tuple[list[Any] | None, str]:
    """The items of its list, or why there are none."""
    try:
        answer = await _read(client, url)
    except httpx.TimeoutException:
        return None, f"Nothing answered within {SECONDS} seconds"
    except httpx.HTTPError as error:
        return None, f"Nothing answered there ({type(error).__name__})"
    except ValueError as error:
        return None, f"What answered there is not a model server: {error}"
    if not isinstance(answer, dict) or not isinstance(answer.get("data"), list):
        return None, "What answered there is not a model server: it lists no models"
    return answer["data"], ""


async def _read(client: httpx.AsyncClient, url: str) -> Any:
    async with client.stream("GET", url) as answer:
        if answer.status_code in (401, 403):
            raise ValueError("it wants an API key, or another one")
        if answer.status_code != httpx.codes.OK:
            raise ValueError(f"it answered {answer.status_code}")
        text = b""
        async for part in answer.aiter_bytes():
            text += part
            if len(text) > LONGEST_BYTES:
                raise ValueError("its answer does not end")
    try:
        return json.loads(text)
    except ValueError:
        raise ValueError("its answer is not JSON") from None


async def _of_ollama(client: httpx.AsyncClient, base: str) -> list[dict[str, Any]]:
    """What `/api/tags` adds; empty for other servers."""
    root = urlsplit(base)
    try:
        answer = await _read(client, urlunsplit((root.scheme, root.netloc, "/api/tags", "", "")))
    except (httpx.HTTPError, ValueError):
        return []
    listed = answer.get("models") if isinstance(answer, dict) else None
    return [one for one in listed or () if isinstance(one, dict) and isinstance(one.get("name"), str)]


def _models(found: list[Any], sizes: dict[str, dict[str, Any]]) -> Iterator[Listed]:
    for one in found[:MOST]:
        if not isinstance(one, dict) or not isinstance(one.get("id"), str) or not one["id"].strip():
            continue
        window = one.get("max_model_len") or _inside(one, "meta").get("n_ctx_train")  # vLLM; llama.cpp
        details = _inside(sizes.get(one["id"], {}), "details")
        about = " ".join(str(details[key]) for key in ("parameter_size", "quantization_level") if details.get(key))
        yield Listed(name=one["id"], context_window=window if isinstance(window, int) else None, about=about)


def _inside(one: dict[str, Any], key: str) -> dict[str, Any]:
    value = one.get(key)
    return value if isinstance(value, dict) else {}
