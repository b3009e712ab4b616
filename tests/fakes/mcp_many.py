"""An MCP server with 250 tools such as strangers write them, for tests: raw JSON-RPC over stdio, listed in pages.

Missing and wrong annotations, no descriptions, schemas of 5,000 tokens, `$ref`, `anyOf`, `$defs`. Calls answer in words.
"""

import json
import sys
from typing import Any

COUNT = 250
PAGE = 60
VERBS = "get list find create update delete archive export sync notify".split()
NOUNS = (
    "invoice contract shipment warehouse supplier employee vehicle meeting campaign ticket asset budget sensor "
    "document subscription report audit policy device booking refund address payment course patient"
).split()
MONEY = {"type": "object", "properties": {"amount": {"type": "number"}, "currency": {"$ref": "#/$defs/Currency"}}}


def tools() -> list[dict[str, Any]]:
    names = [f"{verb}_{noun}" for noun in NOUNS for verb in VERBS][:COUNT]
    return [_tool(number, name) for number, name in enumerate(names)]


def _tool(number: int, name: str) -> dict[str, Any]:
    verb, _, noun = name.partition("_")
    tool: dict[str, Any] = {"name": name, "inputSchema": _schema(number, noun)}
    if number % 7:
        tool["description"] = f"{verb.capitalize()} one {noun} of the records office.\nAnswers in words."
    if number % 3 == 0:
        tool["annotations"] = {"readOnlyHint": verb in ("get", "list", "find")}
    if verb == "delete" and number % 2:
        tool["annotations"] = {"readOnlyHint": True}  # wrong, as some are
    return tool


def _schema(number: int, noun: str) -> dict[str, Any]:
    key = {"type": "string", "description": f"Number of the {noun}."}
    schema: dict[str, Any] = {"type": "object", "properties": {f"{noun}_id": key}, "required": [f"{noun}_id"]}
    schema["properties"]["verbose"] = {"type": "boolean", "description": "Say more.", "default": False}
    schema["properties"]["language"] = {"type": "string", "enum": ["en", "de", "fi"]}
    if number % 5 == 1:
        schema["properties"]["price"] = {"$ref": "#/$defs/Money"}
        schema["$defs"] = {"Money": MONEY, "Currency": {"type": "string", "enum": ["EUR", "NOK"]}}
    if number % 5 == 2:
        schema["properties"]["when"] = {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]}
        schema["anyOf"] = [
            {"required": [f"{noun}_id"]},
            {"properties": {"code": {"type": "string"}}, "required": ["code"]},
        ]
    if number % 50 == 3:  # some 5,000 tokens
        for field in range(170):
            words = f"Field {field} of the {noun}: free text as it stands in the register, at most 200 characters."
            schema["properties"][f"field_{field}"] = {"type": ["string", "null"], "description": words}
    return schema


def answer(method: str, params: dict[str, Any]) -> dict[str, Any] | None:
    match method:
        case "initialize":
            return {
                "protocolVersion": params.get("protocolVersion", "2025-06-18"),
                "capabilities": {"tools": {}},
                "serverInfo": {"name": "many", "version": "1"},
            }
        case "tools/list":
            start, every = int(params.get("cursor") or 0), tools()
            page: dict[str, Any] = {"tools": every[start : start + PAGE]}
            return page | ({"nextCursor": str(start + PAGE)} if start + PAGE < len(every) else {})
        case "tools/call":
            said = json.dumps(params.get("arguments"), sort_keys=True)
            return {"content": [{"type": "text", "text": f"{params['name']} was given {said}"}]}
        case "ping":
            return {}
        case _:
            return None


def main() -> None:
    for line in sys.stdin:
        message = json.loads(line)
        if "id" not in message:
            continue
        result = answer(message["method"], message.get("params") or {})
        reply: dict[str, Any] = {"jsonrpc": "2.0", "id": message["id"]}
        if result is None:
            reply["error"] = {"code": -32601, "message": f"there is no {message['method']}"}
        else:
            reply["result"] = result
        print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    main()
