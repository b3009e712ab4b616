"""What the fake OpenAI-compatible server answers: a pure function of the request body and the script."""

import json
import re
from dataclasses import dataclass
from typing import Any

Body = dict[str, Any]
Script = dict[str, Any]
"""Model name → replies, or → {name of the response_format, "" for none, with or without "@temperature": replies}."""

ANSWER = "Every check passed and nothing is left to do."
HTML = b"<!doctype html><html><body><h1>502 Bad Gateway</h1></body></html>"
THOUGHT = {
    "need": "The user wants this settled.",
    "source": "the system this tool reads",
    "therefore": "This tool answers it with these values.",
    "alternatives": [],
}
SAMPLES: dict[str, Any] = {"integer": 1, "number": 1.5, "boolean": True, "array": [], "object": {}}


@dataclass(frozen=True, slots=True)
class Call:
    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Answer:
    text: str = ""
    calls: tuple[Call, ...] = ()
    after_ms: int = 0
    hang: bool = False
    together: int = 0
    """Only answered while so many requests with this mark are in flight at once."""
    status: int = 0


def answer(body: Body, script: Script) -> Answer:
    model = str(body["model"])
    if model in script:
        return _scripted(script[model], body)
    if model == "empty":
        return Answer()
    if model == "fenced":
        return _fenced(body)
    if model == "duplicate-ids":
        return Answer(calls=tuple(Call("call_1", _first_tool(body), json.dumps({"n": n})) for n in (1, 2)))
    return _rounds(model, body)


def _scripted(replies: Any, body: Body) -> Answer:
    if isinstance(replies, dict):
        asked = question(body)
        replies = replies.get(f"{asked}@{body.get('temperature')}") or replies[asked]
    turn = sum(message["role"] == "assistant" for message in body["messages"])
    reply = replies[min(turn, len(replies) - 1)]
    text = json.dumps(reply["json"], ensure_ascii=False) if "json" in reply else reply.get("text") or ""
    more = {name: reply[name] for name in ("after_ms", "hang", "together", "status") if name in reply}
    return Answer(text, tuple(Call(**call) for call in reply.get("calls", ())), **more)


def question(body: Body) -> str:
    """The name of the response_format: what kind of side question this is; "" for everything else."""
    return str(((body.get("response_format") or {}).get("json_schema") or {}).get("name") or "")


def _fenced(body: Body) -> Answer:
    if body["messages"][-1]["role"] == "tool":
        return Answer(ANSWER)
    call = {"name": _first_tool(body), "arguments": _arguments(body["tools"][0]["function"], 0)}
    return Answer(f"I will look that up.\n```json\n{json.dumps(call, indent=1)}\n```")


def _rounds(model: str, body: Body) -> Answer:
    """`fake-<R>`: R rounds of tool calls after the last user message, then an answer; one round for other names."""
    match = re.fullmatch(r"fake-(\d+)", model)
    rounds = int(match[1]) if match else 1
    done = 0
    for message in reversed(body["messages"]):
        if message["role"] == "user":
            break
        done += message["role"] == "tool"
    tools = body.get("tools") or []
    if not tools or done >= rounds:
        return Answer(_answer_text(body))
    function = tools[done % len(tools)]["function"]
    return Answer(calls=(Call(f"call_{done}", function["name"], json.dumps(_arguments(function, done))),))


def _answer_text(body: Body) -> str:
    wanted = (body.get("response_format") or {}).get("type")
    return json.dumps({"answer": ANSWER}) if wanted in ("json_object", "json_schema") else ANSWER


def _first_tool(body: Body) -> str:
    return str(body["tools"][0]["function"]["name"])


def _arguments(function: Body, round_: int) -> Body:
    properties = function.get("parameters", {}).get("properties", {})
    return {name: _value(name, schema, round_) for name, schema in properties.items()}


def _value(name: str, schema: Body, round_: int) -> Any:
    if schema.get("type") == "object" and {"need", "source", "therefore"} <= set(schema.get("properties", {})):
        return THOUGHT
    if schema.get("enum"):
        return schema["enum"][0]
    return SAMPLES.get(schema.get("type", "string"), f"{name}-{round_}")


def usage(body: Body, reply: Answer) -> Body:
    """A quarter of the characters; everything but the last message counts as cached."""
    sizes = [len(str(message.get("content") or "")) for message in body["messages"]]
    prompt, output = sum(sizes) // 4 + 60, sum(len(c.arguments) for c in reply.calls) // 4 + len(reply.text) // 4 + 1
    return {
        "prompt_tokens": prompt,
        "completion_tokens": output,
        "total_tokens": prompt + output,
        "prompt_tokens_details": {"cached_tokens": sum(sizes[:-1]) // 4},
    }


def message(reply: Answer) -> Body:
    calls = [_wire(call) for call in reply.calls]
    return {"role": "assistant", "content": reply.text or None, **({"tool_calls": calls} if calls else {})}


def deltas(reply: Answer) -> list[Body]:
    """The reply in pieces, as a stream sends them."""
    pieces: list[Body] = [{"role": "assistant", "content": ""}]
    pieces += [{"content": word} for word in re.findall(r"\S+\s*|\s+", reply.text)]
    for index, call in enumerate(reply.calls):
        wire = _wire(call)
        pieces.append({"tool_calls": [{"index": index, **wire, "function": {"name": call.name, "arguments": ""}}]})
        for start in range(0, len(call.arguments), 12):
            part = {"index": index, "function": {"arguments": call.arguments[start : start + 12]}}
            pieces.append({"tool_calls": [part]})
    return pieces


def _wire(call: Call) -> Body:
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
