"""A server of one's own is asked which models it has, whatever stands behind the address that was typed."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from agents.errors import BadRequest
from agents.model_listing import Listed, list_models
from agents.model_replies import listed
from tests.fakes.processes import openai_server

OPENAI = {"data": [{"id": "llama3.1:8b"}, {"id": "qwen3:4b", "max_model_len": 32768}, {"no": "id"}, 7]}
OLLAMA = {
    "models": [{"name": "llama3.1:8b", "details": {"parameter_size": "8.0B", "quantization_level": "Q4_K_M"}}, {"x": 1}]
}


@contextmanager
def serving(pages: dict[str, Any], status: int = 200) -> Iterator[tuple[str, list[str | None]]]:
    """A server with these answers, and the keys it was asked with; what it does not have is 404."""
    keys: list[str | None] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            keys.append(self.headers.get("authorization"))
            page = pages.get(self.path)
            self.send_response(404 if page is None else status)
            if status == 302:
                self.send_header("location", "/elsewhere")
            self.end_headers()
            self.wfile.write(page if isinstance(page, bytes) else json.dumps(page).encode())

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", keys
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("typed", ["", "/", "/v1", "/v1/"])
async def test_the_address_may_be_typed_with_or_without_v1_and_comes_back_as_a_profile_needs_it(typed: str) -> None:
    with serving({"/v1/models": OPENAI}) as (url, keys):
        found = await list_models(url + typed, "sk-house")
    assert found.api_base == f"{url}/v1"
    assert found.models == (Listed(name="llama3.1:8b"), Listed(name="qwen3:4b", context_window=32768))
    assert keys[0] == "Bearer sk-house"


async def test_ollamas_own_list_adds_what_the_models_are() -> None:
    with serving({"/v1/models": OPENAI, "/api/tags": OLLAMA}) as (url, _):
        found = await list_models(url)
    assert found.models[0] == Listed(name="llama3.1:8b", about="8.0B Q4_K_M")


async def test_a_server_that_speaks_without_v1_is_understood_too() -> None:
    with serving({"/serve/models": {"data": [{"id": "m", "meta": {"n_ctx_train": 8192}}]}}) as (url, _):
        found = await list_models(f"{url}/serve")
    assert (found.api_base, found.models) == (f"{url}/serve", (Listed(name="m", context_window=8192),))


@pytest.mark.parametrize(
    ("page", "status", "words"),
    [
        (OPENAI, 401, "it wants an API key, or another one"),
        (OPENAI, 500, "it answered 500"),
        (OPENAI, 302, "it answered 302"),
        (b"<html>hello</html>", 200, "its answer is not JSON"),
        ({"models": []}, 200, "it lists no models"),
        (b"[" * 3_000_000, 200, "its answer does not end"),
    ],
)
async def test_what_is_not_a_model_server_is_told_in_a_sentence(page: Any, status: int, words: str) -> None:
    with serving({"/v1/models": page, "/elsewhere": OPENAI}, status) as (url, _), pytest.raises(BadRequest) as refused:
        await list_models(f"{url}/v1")
    assert words in refused.value.problems[0]


@pytest.mark.parametrize("url", ["", "localhost:11434", "file:///etc/passwd", "http://", "http://x:99999"])
async def test_what_is_no_address_is_not_asked(url: str) -> None:
    with pytest.raises(BadRequest, match="no address"):
        await list_models(url)


async def test_where_nothing_listens_that_is_said() -> None:
    with serving({}) as (url, _):
        pass
    with pytest.raises(BadRequest) as refused:
        await list_models(url)
    assert "Nothing answered there (ConnectError)" in refused.value.problems[0]


async def test_the_fake_provider_lists_its_models() -> None:
    with openai_server() as server:
        found = await list_models(server.base_url)
    assert [one.name for one in found.models] == ["fake-1"]


def test_only_a_providers_chat_models_are_suggested() -> None:
    cards = {
        "gpt-x": {"litellm_provider": "openai", "mode": "chat"},
        "draw-x": {"litellm_provider": "openai", "mode": "image_generation"},
        "gemini/one": {"litellm_provider": "gemini", "mode": "chat"},
        "ft:gpt/x": {"litellm_provider": "openai", "mode": "chat"},
    }
    assert (listed(cards, "openai"), listed(cards, "gemini")) == (["gpt-x"], ["one"])
