"""The baseline: a plain loop around litellm with one SQLite insert per step, and nothing else."""

import json
import sqlite3
from pathlib import Path
from typing import Any

from agents.models import SETTINGS
from tests.benchmarks.work import DEPLOY, MESSAGE, MODEL, SYSTEM, WIRE, carry_out


class Bare:
    """`run(name)` does one session; its state at the pause is only what is in the database."""

    def __init__(self, api_base: str, folder: Path) -> None:
        import os

        os.environ.update(SETTINGS)
        import litellm

        litellm.suppress_debug_info = True
        litellm.telemetry = False
        self.litellm = litellm
        self.path = folder / "bare.db"
        self.wanted: dict[str, Any] = {
            "model": MODEL, "api_base": api_base, "api_key": "none", "tools": WIRE, "num_retries": 0,
            "max_retries": 0, "_skip_mcp_handler": True,
        }  # fmt: skip
        self.database = sqlite3.connect(self.path, isolation_level=None)
        self.database.executescript(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
            "CREATE TABLE step (id INTEGER PRIMARY KEY, session TEXT, messages TEXT);"
            "CREATE INDEX step_by_session ON step (session);"
        )

    async def open(self) -> None:
        pass

    async def run(self, session: str) -> None:
        messages = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": MESSAGE}]
        self.keep(session, *messages)
        if await self.loop(session, messages) is None:
            await self.approved(session)

    async def approved(self, session: str) -> None:
        rows = self.database.execute("SELECT messages FROM step WHERE session = ? ORDER BY id", (session,))
        messages = [message for (kept,) in rows for message in json.loads(kept)]
        results = [result(call) for call in messages[-1]["tool_calls"]]
        self.keep(session, *results)
        answer = await self.loop(session, [*messages, *results])
        assert answer and answer.startswith("The checks"), answer

    async def loop(self, session: str, messages: list[dict[str, Any]]) -> str | None:
        """The answer, or None at the call that waits for a person."""
        while True:
            reply = (await self.litellm.acompletion(messages=messages, **self.wanted)).choices[0].message
            said: dict[str, Any] = {"role": "assistant", "content": reply.content}
            if reply.tool_calls:
                said["tool_calls"] = [
                    {
                        "id": c.id,
                        "type": "function",
                        "function": {"name": c.function.name, "arguments": c.function.arguments},
                    }
                    for c in reply.tool_calls
                ]
            messages.append(said)
            if not reply.tool_calls:
                self.keep(session, said)
                return str(reply.content)
            if any(call.function.name == DEPLOY for call in reply.tool_calls):
                self.keep(session, said)
                return None
            results = [result(call) for call in said["tool_calls"]]
            messages += results
            self.keep(session, said, *results)

    def keep(self, session: str, *messages: dict[str, Any]) -> None:
        self.database.execute("INSERT INTO step (session, messages) VALUES (?, ?)", (session, json.dumps(messages)))

    async def close(self) -> None:
        from litellm.llms.custom_httpx.async_client_cleanup import close_litellm_async_clients

        await close_litellm_async_clients()
        self.database.close()


def result(call: dict[str, Any]) -> dict[str, Any]:
    text = carry_out(call["function"]["name"], call["function"]["arguments"])
    return {"role": "tool", "tool_call_id": call["id"], "content": text}
