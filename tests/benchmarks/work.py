"""The work everything here is measured on: ten tool rounds and an answer, the sixth round waits for a person. Pure.

The bare loop and Quarterdeck get the same system text, message, tools (reasoning block included) and results.
"""

import json
from typing import Any

from agents import reasoning
from agents.rendering import RULES
from agents.tools.definition import ToolDefinition

ROUNDS = 10
STEPS = ROUNDS + 1
"""Model calls of one session."""
MODEL = f"openai/fake-{ROUNDS}"
CONNECTOR, LOOKUP, DEPLOY = "ops", "lookup", "deploy"
INSTRUCTIONS = (
    "You are an operations agent. Work one shard at a time, explain every step, and leave every change to a person. "
) * 8
SYSTEM = f"{INSTRUCTIONS.strip()}\n\n{RULES}"
MESSAGE = "Check all shards of the payments index and deploy the fix when you are sure."
ROW = "shard ok; lag 12 ms; 1843 rows; checksum 9f1c; "
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"q": {"type": "string"}},
    "required": ["q"],
    "additionalProperties": False,
}
DEFINITIONS = (
    ToolDefinition(connector=CONNECTOR, name=LOOKUP, description="Read one shard.", input_schema=SCHEMA),
    ToolDefinition(connector=CONNECTOR, name=DEPLOY, description="Deploy the fix.", input_schema=SCHEMA),
)
WIRE = [
    {
        "type": "function",
        "function": {
            "name": one.name,
            "description": one.description,
            "parameters": reasoning.offer(one.input_schema, {}),
        },
    }
    for one in DEFINITIONS
]


def lookup(q: str) -> str:
    return f"{q}: {ROW * 12}"


def deploy(q: str) -> str:
    return f"deployed {q}"


TOOLS = {LOOKUP: lookup, DEPLOY: deploy}


def carry_out(tool: str, arguments_json: str) -> str:
    return TOOLS[tool](json.loads(arguments_json)["q"])
