"""About how many tokens a tool adds to every prompt, remembered by what it says and what an admin made of it."""

import json
from collections.abc import Mapping
from typing import Any

from agents.config import ToolEntry
from agents.proposals import offer
from agents.tools.definition import ToolDefinition

CHARACTERS_PER_TOKEN = 4
MOST_KEPT = 5_000
_tokens: dict[tuple[str, str], int] = {}


def tokens_offered(definition: ToolDefinition, entry: Mapping[str, Any] | None = None) -> int:
    """About what the tool adds to every prompt as the model gets it: with the admin's words and the reasoning block."""
    said = {name: (entry or {}).get(name) for name in ("as", "description", "pinned", "hidden")}
    key = definition.hash, json.dumps(said, sort_keys=True)
    if key not in _tokens:
        if len(_tokens) >= MOST_KEPT:
            _tokens.clear()
        given = {"connector": definition.connector, "tool": definition.name}
        whole = ToolEntry.model_validate(given | {name: value for name, value in said.items() if value})
        wire = offer(whole.as_ or whole.tool, whole, definition).wire
        _tokens[key] = -(-len(json.dumps(wire, ensure_ascii=False)) // CHARACTERS_PER_TOKEN)
    return _tokens[key]
