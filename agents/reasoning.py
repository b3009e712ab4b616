"""The reasoning block every tool call has to carry: its schema goes in, the filled block comes out. Pure."""

import json
from collections.abc import Callable, Collection, Iterator
from copy import deepcopy
from typing import Any

from agents import pointer
from store.events import Value

LONGEST_TEXT = 4_000
MOST_ALTERNATIVES = 20
_MOST_REFS = 16
"""How many `$ref` in a row are followed; also what ends a circle of them."""

# Keywords whose schemas speak of the same object as the schema they stand in.
_SEVERAL = ("allOf", "anyOf", "oneOf")
_SINGLE = ("if", "then", "else")


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
    schema = _without(deepcopy(_inlined(input_schema, input_schema)), kept, name)
    _each_branch(schema, lambda branch: _without(deepcopy(_inlined(branch, input_schema)), kept, name))
    if kept:
        schema = _reachable(schema, input_schema)
    own_properties = {key: value for key, value in _object(schema.get("properties")).items() if key != name}
    schema["type"] = "object"
    schema["properties"] = {name: _block(), **own_properties}
    schema["required"] = [name, *_list(schema.get("required"))]
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
    whole = _inlined(input_schema, input_schema)
    found = {name: _object(whole.get("properties")).get(name, {}) for name in _parameters(whole, input_schema, set())}
    for branch in _branches(whole):
        for name, schema in _object(_inlined(branch, input_schema).get("properties")).items():
            found[name] = found.get(name) or schema
    needed = _list(whole.get("required"))
    return {name: (schema, name in needed) for name, schema in found.items()}


def _parameters(schema: dict[str, Any], root: dict[str, Any], seen: set[str]) -> Iterator[str]:
    """Names the tool gives its parameters, in whatever alternative; each `$ref` is followed once."""
    if (ref := str(schema.get("$ref", ""))) in seen:
        return
    seen |= {ref} - {""}
    schema = _inlined(schema, root)
    yield from _object(schema.get("properties"))
    yield from (name for name in _list(schema.get("required")) if isinstance(name, str))
    for branch in _branches(schema):
        yield from _parameters(branch, root, seen)


def _without(schema: dict[str, Any], kept: Collection[str], name: str) -> dict[str, Any]:
    """Takes the kept parameters out of the schema and its alternatives, and lets the block pass closed ones."""
    if isinstance(schema.get("properties"), dict):
        schema["properties"] = {key: value for key, value in schema["properties"].items() if key not in kept}
    if isinstance(schema.get("required"), list):
        schema["required"] = [key for key in schema["required"] if key not in kept]
    if kept:
        _forget(schema, kept, name)
    if schema.get("additionalProperties", True) is not True:
        schema["properties"] = {**_object(schema.get("properties")), name: {}}
    _each_branch(schema, lambda branch: _without(branch, kept, name))
    return schema


def _forget(schema: dict[str, Any], kept: Collection[str], name: str) -> None:
    """What else says something about the kept parameters, or shows whole calls with them in."""
    for whole in ("examples", "example", "default", "const", "enum"):
        schema.pop(whole, None)
    for keyword in ("dependentRequired", "dependentSchemas", "dependencies"):
        if isinstance(told := schema.get(keyword), dict):
            left = {key: _brought(one, kept, name) for key, one in told.items() if key not in kept}
            schema[keyword] = {key: one for key, one in left.items() if one not in ([], {})}


def _brought(along: Any, kept: Collection[str], name: str) -> Any:
    """What a parameter brings along: names, or a schema of the same object."""
    if isinstance(along, list):
        return [one for one in along if one not in kept]
    return _without(along, kept, name) if isinstance(along, dict) else along


def _reachable(schema: dict[str, Any], root: dict[str, Any]) -> dict[str, Any]:
    """Without definitions that nothing refers to any more: they may be those of what was kept."""
    for place in ("$defs", "definitions"):
        every = _object(root.get(place))
        rest = {key: value for key, value in schema.items() if key != place}
        used: dict[str, Any] = {}
        while fresh := [
            key for key in every if key not in used and f'"#/{place}/{pointer.join(key)[1:]}' in _text(rest, used)
        ]:
            used |= {key: every[key] for key in fresh}
        if place in schema:
            schema = {**rest, **({place: used} if used else {})}
    return schema


def _text(*parts: Any) -> str:
    return json.dumps(parts, ensure_ascii=False)


def _branches(schema: dict[str, Any]) -> list[dict[str, Any]]:
    several = [branch for keyword in _SEVERAL for branch in _list(schema.get(keyword))]
    return [branch for branch in (*several, *map(schema.get, _SINGLE)) if isinstance(branch, dict)]


def _each_branch(schema: dict[str, Any], change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Puts `change(branch)` in the place of every schema that speaks of the same object."""

    def changed(branch: Any) -> Any:
        return change(branch) if isinstance(branch, dict) else branch

    for keyword in _SEVERAL:
        if isinstance(schema.get(keyword), list):
            schema[keyword] = [changed(branch) for branch in schema[keyword]]
    for keyword in _SINGLE:
        if keyword in schema:
            schema[keyword] = changed(schema[keyword])


def _inlined(schema: dict[str, Any], root: dict[str, Any]) -> dict[str, Any]:
    """A local `$ref` replaced by what it names: many providers refuse one where the parameters should be."""
    for _ in range(_MOST_REFS):
        target = _target(schema.get("$ref"), root)
        if target is None:
            return schema
        beside = {key: value for key, value in schema.items() if key != "$ref"}
        schema = {**target, **beside}
    return {key: value for key, value in schema.items() if key != "$ref"}


def _target(ref: Any, root: dict[str, Any]) -> dict[str, Any] | None:
    if not isinstance(ref, str) or not ref.startswith("#"):
        return None
    try:
        steps = pointer.split(ref[1:])
    except ValueError:
        return None
    target: Any = root
    for step in steps:
        target = pointer.child(target, step)
    return target if isinstance(target, dict) else None


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


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
