"""An MCP server written by hand, for tests: it misbehaves as its first argument says. Speaks the 2025 handshake."""

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

ECHO = {"name": "echo", "inputSchema": {"type": "object"}}


def answer(message: dict[str, Any], raw: str, mode: str) -> dict[str, Any] | None:
    """The result of one request, None for silence."""
    params = message.get("params") or {}
    match message.get("method"):
        case "initialize":
            return {
                "protocolVersion": "2025-06-18",
                "capabilities": {"tools": {"listChanged": True}},
                "serverInfo": {"name": "raw", "version": "1"},
            }
        case "tools/list":
            return listing(params.get("cursor"), mode)
        case "tools/call" if mode == "shape":
            return {"content": "not a list"}
        case "tools/call":
            return call(params["name"], raw)
    return None


def call(tool: str, raw: str) -> dict[str, Any] | None:
    match tool:
        case "die":
            print("about to die", file=sys.stderr, flush=True)
            os._exit(3)
        case "keep_silent":
            return None
        case "hang":
            signal.pause()
        case "ask":  # in the middle of the call, and waits for the answer
            asked = {"message": "How <b>many</b>?", "requestedSchema": {"type": "object", "properties": {}}}
            request = {"jsonrpc": "2.0", "id": "q", "method": "elicitation/create", "params": asked}
            print(json.dumps(request), flush=True)
            said = json.loads(sys.stdin.readline())
            return {"content": [{"type": "text", "text": f"said {said['result']['action']}"}]}
        case "pid":
            return {"content": [{"type": "text", "text": str(os.getpid())}]}
    return {"content": [{"type": "text", "text": raw}]}


def listing(cursor: str | None, mode: str) -> dict[str, Any]:
    if mode == "bad_list":
        return {"tools": [{"name": "broken"}]}
    if mode == "renewed":  # says of its tool what the test wants it to say now
        return {"tools": [ECHO | {"description": Path(os.environ["WORDS"]).read_text()}]}
    if mode not in ("paged", "endless"):
        return {"tools": [ECHO]}
    page = int(cursor or 0)
    tools = [{**ECHO, "name": f"tool_{page * 50 + n}"} for n in range(50)]
    last = mode == "paged" and page == 4
    return {"tools": tools if mode == "paged" else tools[:1]} | ({} if last else {"nextCursor": str(page + 1)})


def refuses(message: dict[str, Any], mode: str) -> dict[str, Any] | None:
    if message.get("method") == "server/discover":
        return {"code": -32601, "message": "Method not found"}
    if message.get("method") == "tools/call" and mode == "bad_arguments":
        return {"code": -32602, "message": "amount is missing"}
    if message.get("method") == "tools/call" and mode == "own_error":
        return {"code": -32000, "message": "the ledger is locked"}
    return None


def main(mode: str) -> None:
    if mode == "exit":
        print("\x1b[31mno database\x1b[0m " + "x" * 2000, file=sys.stderr, flush=True)
        sys.exit(2)
    if mode == "mute":
        sys.stdin.read()
        sys.exit()
    if mode == "stubborn":  # stays when its stdin ends, and tells the test who it is
        with open(os.environ["GATE"], "w") as gate:
            gate.write(str(os.getpid()))
        signal.pause()
    if mode == "deaf":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if mode == "late":  # starts when the test says so
        with open(os.environ["GATE"]) as gate:
            gate.read()
    if mode == "junk":
        print("Welcome to the server!\n{not json}\nbanner", flush=True)
    for raw in sys.stdin:
        message = json.loads(raw)
        if "id" not in message:
            continue
        if error := refuses(message, mode):
            say({"error": error}, message)
        elif (result := answer(message, raw.strip(), mode)) is not None:
            say({"result": result}, message)
    while mode == "deaf":
        signal.pause()


def say(outcome: dict[str, Any], message: dict[str, Any]) -> None:
    print(json.dumps({"jsonrpc": "2.0", "id": message["id"], **outcome}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
