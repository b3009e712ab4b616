"""One desk of the demo without the console: the scripted model, its toolset and a real CRM, turn by turn."""

import json
from dataclasses import dataclass, field
from typing import Any

from agents import reasoning
from agents.configure import read_yaml
from agents.demo.crm.testing import Crm
from agents.demo.script import reply
from agents.demo.setup import CONFIGURATION
from agents.schema_check import problems
from agents.tools import outputs
from agents.tools.definition import ToolDefinition

STEPS_AT_MOST = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a turn ended: with the call that would change something, or with words."""

    text: str = ""
    change: str = ""
    arguments: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.change} {self.arguments}" if self.change else f"says {self.text!r}"


class Desk:
    def __init__(self, crm: Crm) -> None:
        self.crm = crm
        document = read_yaml(CONFIGURATION.read_text(encoding="utf-8"))
        self.risks = {t["name"]: {tool["tool"]: tool["risk"] for tool in t["tools"]} for t in document["toolsets"]}
        self.instructions = {agent["toolset"]: agent["instructions"] for agent in document["agents"]}
        listed = crm.portal.call(crm.client.list_tools).tools
        self._told: dict[tuple[str, tuple[str, ...]], list[Outcome]] = {}
        self._read: dict[str, str] = {}
        self.definitions = {tool.name: outputs.definition("crm", tool) for tool in listed}

    def talk(self, toolset: str, turns: tuple[str, ...]) -> list[Outcome]:
        """Outcome of each turn. Changes of all turns but the last are carried out; the last stops at its first.

        The same words are not said twice, so that nothing is changed twice either.
        """
        if (toolset, turns) not in self._told:
            self._told[toolset, turns] = self._talked(toolset, turns)
        return self._told[toolset, turns]

    def _talked(self, toolset: str, turns: tuple[str, ...]) -> list[Outcome]:
        messages: list[dict[str, Any]] = [{"role": "system", "content": self.instructions[toolset]}]
        outcomes = []
        for number, said in enumerate(turns, start=1):
            messages.append({"role": "user", "content": said})
            outcomes.append(self._turn(toolset, messages, last=number == len(turns)))
        return outcomes

    def _turn(self, toolset: str, messages: list[dict[str, Any]], *, last: bool) -> Outcome:
        risks, changed = self.risks[toolset], None
        tools = [offered(self.definitions[name]) for name in risks]
        for _ in range(STEPS_AT_MOST):
            answer = reply(messages, tools)
            messages.append({"role": "assistant", "content": answer.text or None})
            if not answer.calls:
                assert answer.text.strip(), "neither text nor a call"
                return changed or Outcome(text=answer.text)
            messages[-1]["tool_calls"] = [wire(i, call, len(messages)) for i, call in enumerate(answer.calls)]
            for told, call in zip(messages[-1]["tool_calls"], answer.calls, strict=True):
                arguments = self._checked(call)
                if risks[call.name] != "read" and changed is None:
                    changed = Outcome(change=call.name, arguments=arguments)
                    if last:
                        return changed
                content = self._called(call.name, arguments, reads=risks[call.name] == "read")
                messages.append({"role": "tool", "tool_call_id": told["id"], "content": content})
        raise AssertionError(f"no answer after {STEPS_AT_MOST} steps")

    def _called(self, name: str, arguments: dict[str, Any], *, reads: bool) -> str:
        """What the model hears; what was read once is kept until something changes."""
        key = json.dumps([name, arguments], sort_keys=True)
        if not reads:
            self._read.clear()
        if key not in self._read:
            output = outputs.output(self.crm.call(name, arguments))
            self._read[key] = f"The tool failed: {output.text}" if output.is_error else output.text
        return self._read[key]

    def _checked(self, call: Any) -> dict[str, Any]:
        schema = self.definitions[call.name].input_schema
        _, arguments, faults = reasoning.take(call.arguments, schema)
        assert not [*faults, *problems(arguments, schema)], (call, faults)
        return arguments


def offered(definition: ToolDefinition) -> dict[str, Any]:
    parameters = reasoning.offer(definition.input_schema, {})
    function = {"name": definition.name, "description": definition.description, "parameters": parameters}
    return {"type": "function", "function": function}


def wire(index: int, call: Any, position: int) -> dict[str, Any]:
    function = {"name": call.name, "arguments": json.dumps(call.arguments, ensure_ascii=False)}
    return {"id": f"call_{position}_{index}", "type": "function", "function": function}
