"""The rows of the page on which a toolset is curated: every tool, with what the draft says of it. Pure."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from agents import reasoning
from agents.schema_check import problems
from agents.tools.definition import ToolDefinition
from agents.tools.suggestion import suggest_risk
from store.events import Risk

from .components.tool_table import key_of
from .components.tool_tokens import tokens_offered
from .toolset_draft import Draft, Entry

MOST_SEARCHED = 1_500
"""Characters of a description that are looked through: enough to find it, little enough to send for 300 tools."""
LONGEST_TAG = 22
Row = dict[str, Any]


def rows(definitions: Iterable[ToolDefinition], draft: Draft, changed: Iterable[ToolDefinition]) -> list[Row]:
    """Those offered now, then those picked that nobody offers at the moment."""
    held = {key_of(one.connector, one.name) for one in changed}
    picked = dict.fromkeys(draft.picked)
    made = []
    for one in definitions:
        key = key_of(one.connector, one.name)
        note = "definition changed" if key in held else ""
        made.append(_row(key, one, draft.said.get(key), key in picked, note))
        picked.pop(key, None)
    return [*made, *(_absent(key, draft.entry(key)) for key in picked)]


def _row(key: str, one: ToolDefinition, entry: Entry | None, picked: bool, note: str) -> Row:
    suggested, why = suggest_risk(one)
    said = " ".join(one.description.split())
    risk = (entry or {}).get("risk", "unknown" if picked else suggested.value)
    return {
        "key": key,
        "connector": one.connector,
        "tool": one.name,
        "first": next(iter(one.description.strip().splitlines()), "")[:160],
        "search": f"{one.connector} {one.name} {one.name.replace('_', ' ')} {said[:MOST_SEARCHED]}".lower(),
        "risk": risk,
        "why": f"Suggested: {suggested.value}. {why}",
        "whole": tokens_offered(one),
        "hint": hint(one, suggested),
        "picked": picked,
        "note": note,
        **words(one, entry),
    }


def words(one: ToolDefinition, entry: Entry | None) -> Row:
    """What changes in a row when its entry is edited."""
    return {"tokens": tokens_offered(one, entry), "tags": tags(one, entry or {})}


def _absent(key: str, entry: Mapping[str, Any]) -> Row:
    return {
        "key": key, "connector": entry["connector"], "tool": entry["tool"], "first": "Its connector does not offer it now.",
        "search": f"{entry['connector']} {entry['tool']}".lower(), "risk": entry.get("risk", "unknown"), "why": "",
        "whole": 0, "tokens": 0, "hint": "", "picked": True, "note": "not offered now", "tags": [],
    }  # fmt: skip


def hint(one: ToolDefinition, suggested: Risk) -> str:
    """`none`: the server says nothing of the risk; `disagrees`: it says less than the name does."""
    said = one.annotations
    if said.get("readOnlyHint") is None and said.get("destructiveHint") is None:
        return "none"
    if said.get("readOnlyHint") is True:
        return "disagrees" if suggested is not Risk.READ else ""
    return "disagrees" if said.get("destructiveHint") is False and suggested is Risk.DESTRUCTIVE else ""


def tags(one: ToolDefinition, entry: Mapping[str, Any]) -> list[list[str]]:
    """Pairs of a tone and words; the first ones count most."""
    found = []
    for name, value in (entry.get("pinned") or {}).items():
        text = f"{name} = {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}"
        found.append(["o", text if len(text) <= LONGEST_TAG else f"{text[: LONGEST_TAG - 1]}…"])
    if entry.get("as"):
        found.append(["o", f"as {entry['as']}"[:LONGEST_TAG]])
    if entry.get("description"):
        found.append(["o", "described"])
    if entry.get("hidden"):
        found.append(["o", f"{len(entry['hidden'])} hidden"])
    said = hint(one, suggest_risk(one)[0])
    if said:
        found.append(["bad", "hint disagrees"] if said == "disagrees" else ["o", "no annotations"])
    return found


def read_value(text: str, schema: Any) -> tuple[Any, str]:
    """A pinned value as it was typed, and what is wrong with it: a sentence, or nothing."""
    kinds = schema.get("type") if isinstance(schema, dict) else None
    admits = kinds if isinstance(kinds, list) else [kinds]
    if "string" in admits:
        return text, ""
    try:
        return json.loads(text), ""
    except ValueError:
        if kinds is None:
            return text, ""
        return None, f"This is no {' or '.join(map(str, admits))}; write it as JSON, as 12, true or [1, 2]."


def misfit(one: ToolDefinition, name: str, value: Any) -> str:
    """Why this value does not fit the tool's own schema; nothing when it does."""
    schema, _ = reasoning.parameters(one.input_schema).get(name, ({}, False))
    root: dict[str, Any] = {
        key: one.input_schema[key] for key in ("$schema", "$defs", "definitions") if key in one.input_schema
    }
    found = problems({name: value}, {**root, "type": "object", "properties": {name: schema}})
    return found[0] if found else ""
