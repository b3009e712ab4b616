"""A fast fake model for measuring: OpenAI chat completions, not streamed, on a bare asyncio protocol.

    python -m tests.benchmarks.model_server        prints its port as the first line, serves until its input ends

`fake-<R>`: R rounds of tool calls after the last user message (the middle one calls `deploy`), then an answer.
"""

import asyncio
import json
import sys
from typing import Any

from tests.benchmarks.work import DEPLOY, LOOKUP

ANSWER = ("The checks are complete. " * 20).strip()
THOUGHT = {
    "need": "The user wants every shard checked before the fix goes out.",
    "source": "The operations desk, which keeps the shards.",
    "therefore": "The last result is still inconclusive, so the next shard has to be read.",
    "alternatives": [],
}


def reply(body: dict[str, Any]) -> dict[str, Any]:
    """A pure function of the request."""
    rounds, messages = int(body["model"].split("-")[1]), body["messages"]
    done = 0
    for message in reversed(messages):
        if message["role"] == "user":
            break
        done += message["role"] == "tool"
    characters = sum(len(message.get("content") or "") for message in messages)
    said: dict[str, Any] = {"role": "assistant", "content": ANSWER}
    if body.get("tools") and done < rounds:
        name = DEPLOY if done == rounds // 2 else LOOKUP
        function = {"name": name, "arguments": json.dumps({"reasoning": THOUGHT, "q": f"shard-{done}"})}
        said = {"role": "assistant", "content": None}
        said["tool_calls"] = [{"id": f"call_{done:03d}_{characters}", "type": "function", "function": function}]
    prompt, output = characters // 4 + 60, 90
    usage = {"prompt_tokens": prompt, "completion_tokens": output, "total_tokens": prompt + output}
    usage["prompt_tokens_details"] = {"cached_tokens": prompt // 2}
    finish = "stop" if said["content"] else "tool_calls"
    choice = {"index": 0, "message": said, "finish_reason": finish}
    frame = {"id": "chatcmpl-fake", "object": "chat.completion", "created": 1_700_000_000, "model": body["model"]}
    return {**frame, "choices": [choice], "usage": usage}


class Connection(asyncio.Protocol):
    """One kept-alive connection; requests carry a Content-Length."""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self.received = b""

    def data_received(self, data: bytes) -> None:
        self.received += data
        while (end := self.received.find(b"\r\n\r\n")) >= 0:
            head = self.received[:end].lower()
            start = head.find(b"content-length:")
            length = int(head[start + 15 :].split(b"\r\n", 1)[0]) if start >= 0 else 0
            if len(self.received) < end + 4 + length:
                return
            body, self.received = self.received[end + 4 : end + 4 + length], self.received[end + 4 + length :]
            answer = json.dumps(reply(json.loads(body))).encode()
            header = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(answer)}\r\n\r\n"
            self.transport.write(header.encode() + answer)


async def main() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Connection, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
