"""The reasoning block every tool call has to carry: its schema goes in, the filled block comes out. Pure."""

import json
from collections.abc import Collection, Iterator
from typing import Any

from store.events import Value

from .kept_apart import apart
from .same_object import branches, inlined, list_in, object_in

LONGEST_TEXT = 4_000
MOST_ALTERNATIVES = 20


class Alternative(Value):
    """A tool the model could have used instead, and why it did not."""

    tool: str
    why_not: str


class Reasoning(Value):
    need: str
    source: str
    therefore: str
    alternatives: tuple[Alternative, ...] = ()


TEXTS = {
    "need": "What the user needs from this call, in one sentence, naming the concrete case.",
    "source": "Which system holds or changes this, and where each value below comes from "
    "(the user's message, an earlier result).",
    "therefore": "Why this tool with exactly these values is the right next step.",
}


def _block() -> dict[str, Any]:
    texts = {name: {"type": "string", "description": words} for name, words in TEXTS.items()}
    tool = {"type": "string", "description": "Name of another tool you could have used."}
    why_not = {"type": "string", "description": "Why you did not use it, in a few words."}
    alternative = {
        "type": "object",
        "properties": {"tool": tool, "why_not": why_not},
        "required": ["tool", "why_not"],
        "additionalProperties": False,
    }
    alternatives = {
        "type": "array",
        "items": alternative,
        "description": "Other tools considered; [] if there were none.",
    }
    return {
        "type": "object",
        "description": "Fill this in first. A person reads it before the call may run.",
        "properties": {**texts, "alternatives": alternatives},
        "required": [*TEXTS, "alternatives"],
        "additionalProperties": False,
    }


# ── offering ──────────────────────────────────────────────────────────────────────────────────────────────────────


def offer(input_schema: dict[str, Any], kept: Collection[str]) -> dict[str, Any]:
    """The schema as the model gets it: the block first and required, parameters that the admin keeps left out."""
    name = name_for(input_schema)
    schema = apart(input_schema, kept, name)
    own_properties = {key: value for key, value in object_in(schema.get("properties")).items() if key != name}
    schema["type"] = "object"
    schema["properties"] = {name: _block(), **own_properties}
    schema["required"] = [name, *list_in(schema.get("required"))]
    return schema


def name_for(input_schema: dict[str, Any]) -> str:
    """`reasoning`, or another name where the tool has a parameter of that name."""
    taken = set(_parameters(input_schema, input_schema, set()))
    if "reasoning" not in taken:
        return "reasoning"
    name, number = "quarterdeck_reasoning", 1
    while name in taken:
        number += 1
        name = f"quarterdeck_reasoning_{number}"
    return name


def parameters(input_schema: dict[str, Any]) -> dict[str, tuple[Any, bool]]:
    """The tool's parameters: the schema of each, and whether it is needed in every call."""
    whole = inlined(input_schema, input_schema)
    found = {name: object_in(whole.get("properties")).get(name, {}) for name in _parameters(whole, input_schema, set())}
    for branch in branches(whole):
        for name, schema in object_in(inlined(branch, input_schema).get("properties")).items():
            found[name] = found.get(name) or schema
    needed = list_in(whole.get("required"))
    return {name: (schema, name in needed) for name, schema in found.items()}


def _parameters(schema: dict[str, Any], root: dict[str, Any], seen: set[str]) -> Iterator[str]:
    """Names the tool gives its parameters, in whatever alternative; each `$ref` is followed once."""
    if (ref := str(schema.get("$ref", ""))) in seen:
        return
    seen |= {ref} - {""}
    schema = inlined(schema, root)
    yield from object_in(schema.get("properties"))
    yield from (name for name in list_in(schema.get("required")) if isinstance(name, str))
    for branch in branches(schema):
        yield from _parameters(branch, root, seen)


# ── taking ────────────────────────────────────────────────────────────────────────────────────────────────────────


def take(arguments: dict[str, Any], input_schema: dict[str, Any]) -> tuple[Reasoning | None, dict[str, Any], list[str]]:
    """The block, the arguments without it, and what is wrong with the block in sentences for the model."""
    name = name_for(input_schema)
    rest = {key: value for key, value in arguments.items() if key != name}
    if name not in arguments:
        return None, rest, [f'Put "{name}" first in every call, with {_wanted()}.']
    block = _unpacked(arguments[name])
    if not isinstance(block, dict):
        return None, rest, [f'"{name}" must be an object with {_wanted()}.']
    problems = [problem for key in TEXTS for problem in _text_problems(f"{name}.{key}", block.get(key))]
    problems += _alternatives_problems(f"{name}.alternatives", block.get("alternatives"))
    if problems:
        return None, rest, problems
    alternatives = tuple(Alternative(tool=a["tool"], why_not=a["why_not"]) for a in block.get("alternatives") or ())
    return Reasoning(**{key: block[key] for key in TEXTS}, alternatives=alternatives), rest, []


def _wanted() -> str:
    return "the texts need, source and therefore, and the list alternatives"


def _unpacked(block: Any) -> Any:
    """Small models write the object as JSON inside a string."""
    if not isinstance(block, str):
        return block
    try:
        return json.loads(block)
    except (ValueError, RecursionError):
        return None


def _text_problems(path: str, text: Any) -> list[str]:
    if not isinstance(text, str) or not text.strip():
        return [f'"{path}" must be a sentence, not empty.']
    if len(text) > LONGEST_TEXT:
        return [f'"{path}" is longer than {LONGEST_TEXT:,} characters.']
    if any("\ud800" <= character <= "\udfff" for character in text):
        return [f'"{path}" holds half a surrogate pair, which is not text.']
    return []


def _alternatives_problems(path: str, alternatives: Any) -> list[str]:
    if alternatives is None:
        return []
    if not isinstance(alternatives, list) or not all(isinstance(entry, dict) for entry in alternatives):
        return [f'"{path}" must be a list of objects with the texts tool and why_not ([] for none).']
    if len(alternatives) > MOST_ALTERNATIVES:
        return [f'"{path}" names more than {MOST_ALTERNATIVES} tools.']
    fields = [
        (f"{path}[{i}].{key}", entry.get(key)) for i, entry in enumerate(alternatives) for key in ("tool", "why_not")
    ]
    return [problem for where, text in fields for problem in _text_problems(where, text)]
