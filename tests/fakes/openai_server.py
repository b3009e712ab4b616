"""A fake OpenAI-compatible server for tests: chat completions as JSON and SSE, scriptable by the name of the model.

    python -m tests.fakes.openai_server --port 0 [--script file.json]      prints its port as the first line

`fake-<R>` R rounds of tool calls, then an answer    `status-<code>[-after-<seconds>]` fails, with Retry-After
`flaky-<k>` 503 the first k times a body is seen      `slow-<ms>` answers late        `hang` never answers
`stall` hangs in the middle of a stream               `cut[-politely]` breaks it off  `too-long` context exceeded
`garbage-html` `garbage-json` `garbage-shape` `garbage-blank`                        `no-usage` reports no tokens
`fenced` tool call as text     `duplicate-ids`     `empty` neither text nor call      `slow-words` 20 ms per word

A script maps model name → replies [{"text", "calls": [{"id", "name", "arguments"}]}], served by the number of
assistant messages so far; or model name → {response_format name, "" for none, with or without "@temperature": replies}.
Instead of "text" a reply may have "json"; `"after_ms": 200` answers late, `"hang": true` never, `"status": 503`
refuses, `"together": 3` waits until three such requests are in flight at the same time. `GET /v1/models` lists models;
`GET /requests` returns the last 500 bodies received; `GET /hangups` how many callers of `hang` and `stall` have gone.
"""

import argparse
import asyncio
import json
import re
import socket
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from tests.fakes import openai_replies as replies
from tests.fakes.openai_replies import Answer, Body, Script

Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]

GARBAGE = {"garbage-html": replies.HTML, "garbage-json": b'{"id": "x", "choi', "garbage-shape": b'{"ok": true}'}
JSON = [(b"content-type", b"application/json")]


class Server:
    """The ASGI application; keeps what it was sent."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.received: deque[Body] = deque(maxlen=500)
        self.seen: Counter[bytes] = Counter()
        self.hangups = 0
        self.meetings: dict[int, asyncio.Barrier] = {}

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        path = scope["path"]
        if path.endswith("/requests"):
            return await _json(send, list(self.received))
        if path.endswith("/hangups"):
            return await _json(send, self.hangups)
        if path.endswith("/models"):
            return await _json(send, {"object": "list", "data": [{"id": name} for name in self.script or ["fake-1"]]})
        raw = await _body(receive)
        body: Body = json.loads(raw)
        headers = {key.decode(): value.decode() for key, value in scope["headers"]}
        self.received.append(body | {"_authorization": headers.get("authorization")})
        await self.chat(body, raw, receive, send)

    async def chat(self, body: Body, raw: bytes, receive: Receive, send: Send) -> None:
        model = str(body["model"])
        if failure := self.failure(model, raw):
            return await _error(send, *failure)
        if model == "hang":
            return await self.until_hung_up(receive)
        if model.startswith("slow-") and model != "slow-words":
            await asyncio.sleep(int(model.removeprefix("slow-")) / 1000)
        if model.startswith("garbage-"):
            return await _bytes(send, GARBAGE.get(model, b""), model == "garbage-html")
        reply = replies.answer(body, self.script)
        if reply.hang:
            return await self.until_hung_up(receive)
        if reply.together:
            await self.meetings.setdefault(reply.together, asyncio.Barrier(reply.together)).wait()
        await asyncio.sleep(reply.after_ms / 1000)
        if reply.status:
            return await _error(send, reply.status, "fake_error", "")
        if body.get("stream"):
            await _stream(send, body, reply)
            return await self.until_hung_up(receive) if model == "stall" else None
        await _json(send, _completion(body, reply))

    async def until_hung_up(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self.hangups += 1

    def failure(self, model: str, raw: bytes) -> tuple[int, str, str] | None:
        """Status, code and Retry-After of the refusal this model's name asks for."""
        if match := re.fullmatch(r"status-(\d+)(?:-after-(\d+))?", model):
            return int(match[1]), "fake_error", match[2] or ""
        if model == "too-long":
            return 400, "context_length_exceeded", ""
        if match := re.fullmatch(r"flaky-(\d+)", model):
            self.seen[raw] += 1
            return (503, "fake_error", "") if self.seen[raw] <= int(match[1]) else None
        return None


async def _body(receive: Receive) -> bytes:
    raw = b""
    while True:
        part = await receive()
        raw += bytes(part.get("body", b""))
        if not part.get("more_body"):
            return raw


async def _json(send: Send, value: Any, status: int = 200, headers: tuple[tuple[bytes, bytes], ...] = ()) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [*JSON, *headers]})
    await send({"type": "http.response.body", "body": json.dumps(value).encode()})


async def _error(send: Send, status: int, code: str, retry_after: str) -> None:
    text = "This model's maximum context length is 100 tokens." if "context" in code else f"fake {status}"
    headers = ((b"retry-after", retry_after.encode()),) if retry_after else ()
    error = {"message": text, "type": "invalid_request_error" if status == 400 else "fake_error", "code": code}
    await _json(send, {"error": error}, status, headers)


async def _bytes(send: Send, data: bytes, html: bool) -> None:
    kind = b"text/html" if html else b"application/json"
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", kind)]})
    await send({"type": "http.response.body", "body": data})


def _frame(body: Body, kind: str) -> Body:
    return {"id": "chatcmpl-fake", "object": kind, "created": 1_700_000_000, "model": body["model"]}


def _completion(body: Body, reply: Answer) -> Body:
    choice = {"index": 0, "message": replies.message(reply), "finish_reason": _finish(reply)}
    usage = {} if body["model"] == "no-usage" else {"usage": replies.usage(body, reply)}
    return {**_frame(body, "chat.completion"), "choices": [choice], **usage}


def _finish(reply: Answer) -> str:
    return "tool_calls" if reply.calls else "stop"


async def _stream(send: Send, body: Body, reply: Answer) -> None:
    frame = _frame(body, "chat.completion.chunk")
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]})

    async def event(choices: list[Body], **more: Any) -> None:
        data = b"data: " + json.dumps({**frame, "choices": choices, **more}).encode() + b"\n\n"
        await send({"type": "http.response.body", "body": data, "more_body": True})

    for number, delta in enumerate(replies.deltas(reply)):
        if number == 3 and body["model"] == "stall":
            return None
        if number == 3 and body["model"] == "cut-politely":
            return await send({"type": "http.response.body", "body": b""})
        if number == 3 and body["model"] == "cut":
            raise ConnectionResetError("cut on purpose")
        if body["model"] == "slow-words":
            await asyncio.sleep(0.02)
        await event([{"index": 0, "delta": delta, "finish_reason": None}])
    await event([{"index": 0, "delta": {}, "finish_reason": _finish(reply)}])
    if (body.get("stream_options") or {}).get("include_usage") and body["model"] != "no-usage":
        await event([], usage=replies.usage(body, reply))
    await send({"type": "http.response.body", "body": b"data: [DONE]\n\n"})


def main() -> None:
    import uvicorn

    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--script", type=Path)
    options = parser.parse_args()
    script = json.loads(options.script.read_text()) if options.script else {}
    with socket.create_server(("127.0.0.1", options.port)) as listener:
        print(listener.getsockname()[1], flush=True)
        config = uvicorn.Config(Server(script), log_level="critical", lifespan="off", timeout_graceful_shutdown=0)
        uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
