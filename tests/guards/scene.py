"""A desk whose models are a server that plays the agent, the judge, the voters and the summariser by a script."""

import json
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

from agents.models import Models
from tests.fakes.desk import Desk, configuration, open_desk
from tests.fakes.processes import OpenAIServer

THOUGHT = {"need": "It is wanted.", "source": "the bench", "therefore": "These are the values.", "alternatives": []}
POLICY_TEXT = "Refunds up to 50 EUR may be made for damaged goods. Nobody is refunded more than was paid."


def says(text: str, **more: Any) -> dict[str, Any]:
    return {"text": text} | more


def calls(tool: str, **arguments: Any) -> dict[str, Any]:
    written = json.dumps({"reasoning": THOUGHT} | arguments, ensure_ascii=False)
    return {"calls": [{"id": "c1", "name": tool, "arguments": written}]}


def judges(verdict: str, because: str = "So it is.", **more: Any) -> dict[str, Any]:
    return {"json": {"verdict": verdict, "because": because, "clause": "", "path": ""} | more}


def votes(verdict: str, because: str = "So I see it.", path: str = "", **more: Any) -> dict[str, Any]:
    return {"json": {"verdict": verdict, "because": because, "path": path}} | more


SUPPORTED = {"json": {"supports": True, "because": "It says so.", "path": ""}}
ENOUGH = {"json": {"verdict": "enough", "missing": [], "question": "", "because": "It names the order."}}


def desk_on(
    server: OpenAIServer,
    folder: Path,
    roles: dict[str, Any],
    *,
    rules: list[dict[str, Any]] | None = None,
    models: dict[str, dict[str, Any]] | None = None,
    tools: dict[str, dict[str, Any]] | None = None,
    **agent: Any,
) -> AbstractAsyncContextManager[Desk]:
    """`roles` as in an agent's `models`; a profile is called like the model that the server's script knows."""
    whole = configuration(models=roles, **agent)
    names = dict.fromkeys(name for chain in roles.values() for name in ([chain] if isinstance(chain, str) else chain))
    settings = {"api_base": server.base_url, "timeout_seconds": 10, "residency": "local"}
    whole["models"] = [
        {"name": name, "model": f"openai/{name}"} | settings | (models or {}).get(name, {}) for name in names
    ]
    whole["policies"] = [{"name": "rules", "text": POLICY_TEXT, "rules": rules or []}]
    whole["toolsets"] = [
        toolset | {"tools": [entry | (tools or {}).get(entry["tool"], {}) for entry in toolset["tools"]]}
        for toolset in whole["toolsets"]
    ]
    return open_desk(folder, whole, models=Models({}.__getitem__))


def asked(server: OpenAIServer, model: str) -> list[dict[str, Any]]:
    """What the server was asked as this model, oldest first."""
    return [body for body in server.requests() if body["model"] == model]


ALLOWED = [{"when": {"tool": "refund"}, "release": "allow", "because": "Refunds run."}]
"""A policy that trusts too much: whatever goes wrong then is for the guard to stop."""
