"""Asking language models: a call, its retries, the chain of models behind it. The only module that imports litellm.

Importing litellm takes seconds and much memory, so `warm()` does it in a thread, once; `complete()` waits for it.
"""

import asyncio
import contextlib
import gc
import json
import os
import random
import time
import warnings
from collections.abc import Awaitable, Callable, Iterator, Sequence
from itertools import count
from typing import Any

from agents.config import Model, Prices, is_sign_in
from agents.demo import provider as offline
from agents.fenced import extract
from agents.model_calls import ModelInfo, ModelsFailed, Reply, TestResult, why_this_one
from agents.model_failures import LONGEST_WAIT_SECONDS, explain, pause_seconds
from agents.model_question import OnText, Question
from agents.model_replies import Heard, buckets, estimate, listed, price, read_card, saved, whole
from agents.model_requests import NO_KEY, Messages, request
from agents.model_streams import listen
from agents.model_trial import PING, OnTrait, try_out
from store.events import Usage

Tools = list[dict[str, Any]]

SETTINGS = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS": "True",
    "LITELLM_MODE": "PRODUCTION",
    "LITELLM_LOG": "ERROR",
}
"""Before the import: no fetching of prices or headers from the network, no reading of `.env`, no chatter."""

_FRAME = {"id": "rehearsal", "created": 0, "model": "rehearsal"}
_SAID = {"role": "assistant", "content": "ready"}
_USAGE = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
WHOLE = json.dumps(_FRAME | {"choices": [{"index": 0, "message": _SAID, "finish_reason": "stop"}], "usage": _USAGE})
CHUNK = json.dumps(_FRAME | {"choices": [{"index": 0, "delta": _SAID, "finish_reason": "stop"}], "usage": _USAGE})
CONTAINERS_BETWEEN_COLLECTIONS = 10_000
"""Instead of 700: one step makes hundreds, and nearly all of them go by themselves."""
SSE = {"content-type": "text/event-stream"}


class Models:
    """The models room. `resolve` turns `env:NAME` and `secret:NAME` into values; the rest are for tests."""

    def __init__(
        self,
        resolve: Callable[[str], str],
        *,
        script: offline.Script = offline.shop_script,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._resolve = resolve
        self._script = script
        self._sleep = sleep
        self._chance = chance
        self._litellm: Any = None
        self._warming: asyncio.Task[Any] | None = None
        self._cards: dict[str, ModelInfo] = {}

    async def warm(self) -> None:
        """Import and set up litellm in a thread, once; returns when it is ready."""
        if self._litellm is None:
            if self._warming is None:
                self._warming = asyncio.create_task(asyncio.to_thread(_load, self._script))
            self._litellm = await asyncio.shield(self._warming)

    async def complete(
        self,
        chain: Sequence[Model],
        messages: Messages,
        tools: Tools,
        *,
        on_text: OnText | None = None,
        response_format: dict[str, Any] | None = None,
        temperature: float | None = None,
    ) -> Reply:
        """The first usable reply from the chain; ModelsFailed if there is none. Streams only if somebody listens.

        `on_text` is a live view only: after a break it hears a notice, then the reply from its beginning.
        `temperature` takes the place of the profiles' own.
        """
        question = Question(messages, tools, on_text, response_format, temperature)
        return await self._ask_in_turn(chain, question)

    async def _ask_in_turn(self, chain: Sequence[Model], question: Question) -> Reply:
        await self.warm()
        for left, model in zip(range(len(chain) - 1, -1, -1), chain, strict=True):
            if reply := await self._ask(model, question, is_last=left == 0):
                return reply
        raise ModelsFailed([attempt for _, attempt in question.tried])

    async def _ask(self, model: Model, question: Question, *, is_last: bool) -> Reply | None:
        """One model, as often as its failures are worth it."""
        for number in count(1):
            started = time.perf_counter()
            key: str | None = None
            try:
                key = self._key(model)
                heard = await self._call(model, key, question, started)
                return self._reply(model, question, heard, started)
            except Exception as problem:  # whatever it was, it becomes a recorded attempt
                failure = explain(problem, [key] if key else [])
            question.failed(model, failure, _ms_since(started))
            too_long = (failure.retry_after_seconds or 0) > LONGEST_WAIT_SECONDS and not is_last
            if number >= min(failure.tries, question.most_tries) or too_long:
                return None
            await self._sleep(pause_seconds(failure, number, self._chance()))
        raise AssertionError("count() does not end")

    def _key(self, model: Model) -> str | None:
        if model.api_key and is_sign_in(model.api_key):  # a version from before such keys were refused
            raise PermissionError(f"{model.api_key} is somebody's sign-in, which no model may use.")
        return self._resolve(model.api_key) if model.api_key else None

    async def _call(self, model: Model, key: str | None, question: Question, started: float) -> Heard:
        wanted = request(
            model,
            key,
            question.messages,
            question.tools,
            response_format=question.response_format,
            temperature=question.temperature,
            streamed=question.on_text is not None,
        )
        question.begin_again()
        async with asyncio.timeout(model.timeout_seconds):
            with _unlogged():
                answer = await self._litellm.acompletion(**wanted)
                return await listen(answer, question.say, started) if question.on_text else whole(answer)

    def _reply(self, model: Model, question: Question, heard: Heard, started: float) -> Reply:
        calls, text = tuple(heard.calls), heard.text
        if not calls and question.tools:
            calls, text = extract(text, {tool["function"]["name"] for tool in question.tools})
        counted = buckets(heard.tokens) if heard.tokens else None
        prices = self.info(model).prices
        return Reply(
            text=text,
            calls=calls,
            finish_reason=heard.finish_reason or "",
            profile=model.name,
            model=model.model,
            usage=counted or estimate(question.messages, question.tools, heard),
            cost_usd=_cost(model, counted, heard, prices),
            cache_saved_usd=saved(counted, prices) if counted else None,
            latency_ms=_ms_since(started),
            first_token_ms=heard.first_token_ms,
            attempts=tuple(attempt for _, attempt in question.tried),
            because=why_this_one(question.tried, model.name),
        )

    def info(self, model: Model) -> ModelInfo:
        """What the profile says, else litellm's own list (once warm), else unknown."""
        card = self._card(model.model)
        return ModelInfo(
            context_window=model.context_window or card.context_window,
            max_output=model.max_output or card.max_output,
            prices=model.prices or card.prices,
            scripted=model.model.startswith(f"{offline.PROVIDER}/"),
        )

    def _card(self, name: str) -> ModelInfo:
        if self._litellm is None:  # not warm yet: only our own model is known
            return read_card(offline.CARD.get(name, {}))
        if name not in self._cards:
            self._cards[name] = read_card(_look_up(self._litellm, name))
        return self._cards[name]

    async def known(self, provider: str) -> list[str]:
        """What litellm's list calls the chat models of a provider, without the provider's name."""
        await self.warm()
        return listed(self._litellm.model_cost, provider)

    async def test(self, model: Model, on_trait: OnTrait = lambda trait: None) -> TestResult:
        """A few small calls, one try each: whether it answers, streams, calls a tool, keeps to a schema, caches."""

        async def ask(
            messages: Messages,
            tools: Tools,
            *,
            response_format: dict[str, Any] | None = None,
            on_text: OnText | None = None,
        ) -> Reply:
            question = Question(messages, tools, on_text, response_format, most_tries=1)
            return await self._ask_in_turn([model], question)

        await self.warm()
        return await try_out(ask, self.info(model).scripted, on_trait)

    async def close(self) -> None:
        """Stop what litellm keeps running and close its connections."""
        if self._warming is not None:
            with contextlib.suppress(Exception):
                await asyncio.shield(self._warming)
        if self._litellm is not None:
            from litellm.litellm_core_utils.logging_worker import GLOBAL_LOGGING_WORKER
            from litellm.llms.custom_httpx.async_client_cleanup import close_litellm_async_clients

            await GLOBAL_LOGGING_WORKER.stop()
            await close_litellm_async_clients()  # type: ignore[no-untyped-call]


def _cost(model: Model, counted: Usage | None, heard: Heard, prices: Prices | None) -> float | None:
    """USD, by the profile's prices or else litellm's; litellm's 0 for a model it has no price of is unknown."""
    if counted is None or prices is None:
        return None
    if model.prices is None and heard.cost_usd:
        return heard.cost_usd
    return price(counted, prices)


def _ms_since(started: float) -> float:
    return (time.perf_counter() - started) * 1000


@contextlib.contextmanager
def _unlogged() -> Iterator[None]:
    """Without litellm's own success and failure logging, which nobody reads and which costs a sixth of a call."""
    try:
        from litellm._internal_context import is_internal_call
    except ImportError:  # not a public name; without it calls are only slower
        yield
        return
    token = is_internal_call.set(True)
    try:
        yield
    finally:
        is_internal_call.reset(token)


def _load(script: offline.Script) -> Any:
    """Import litellm (seconds, 160 MB), silence it, add our own provider, and have it load what a first call needs."""
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
    warnings.filterwarnings("ignore", message="Item .* is using the `ReadOnly` qualifier")  # theirs, and harmless
    import litellm

    litellm.suppress_debug_info = True
    litellm.telemetry = False
    others = [entry for entry in litellm.custom_provider_map if entry["provider"] != offline.PROVIDER]
    litellm.custom_provider_map = [*others, offline.provider(litellm, script)]
    litellm.register_model(offline.CARD)
    with contextlib.suppress(Exception):  # a script that fails says so when asked; real models must work without it
        script([{"role": "user", "content": "ready?"}], [])
    asyncio.run(_rehearse(litellm))
    leave_alone()
    return litellm


def leave_alone() -> None:
    """Whatever lives by now stays, a million objects of litellm's for the most part. Were the garbage collector to go
    through them again and again, that would take a tenth of every step, and stop the program for 0.3 s each time.
    """
    if gc.get_freeze_count() == 0:
        gc.freeze()
        gc.set_threshold(CONTAINERS_BETWEEN_COLLECTIONS)


async def _rehearse(litellm: Any) -> None:
    """Two calls that go nowhere, so that the first real ones do not pay for lazy imports on the event loop."""
    import httpx
    import openai
    from litellm.llms.custom_httpx.http_handler import get_ssl_configuration

    get_ssl_configuration()

    def answer(asked: httpx.Request) -> httpx.Response:
        streamed = b'"stream":true' in asked.content.replace(b" ", b"")
        return httpx.Response(200, text=f"data: {CHUNK}\n\ndata: [DONE]\n\n" if streamed else WHOLE, headers=SSE)

    model, question = Model(name="rehearsal", model="openai/rehearsal"), [{"role": "user", "content": "ready?"}]
    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as nowhere:
        client = openai.AsyncOpenAI(api_key=NO_KEY, base_url="http://localhost", http_client=nowhere)
        for streamed in (False, True):
            with _unlogged():
                wanted = request(model, NO_KEY, question, [PING], streamed=streamed)
                heard = await litellm.acompletion(**wanted, client=client)
                if streamed:
                    await listen(heard, lambda text: None, 0.0)


def _look_up(litellm: Any, name: str) -> dict[str, Any]:
    """litellm's card of a model; empty if it has none. For Ollama it would ask the server, so only its list counts."""
    listed = litellm.model_cost.get(name)
    if listed is not None or name.startswith("ollama"):
        return dict(listed or {})
    try:
        return dict(litellm.get_model_info(name))
    except Exception:  # its way of saying that it does not know the model
        return {}
