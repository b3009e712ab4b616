"""Makes values that fit a JSON schema, from what is known or else the plainest that fits; pure."""

from typing import Any

from .replies import Fields

_NOTHING = object()


def resolved(schema: Any, root: Fields) -> Fields:
    """The schema behind local references and optional unions."""
    if not isinstance(schema, dict):
        return {}
    for _ in range(8):
        if isinstance(schema.get("$ref"), str):
            schema = _followed(schema["$ref"], root)
            continue
        options = schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf")
        if not options:
            return dict(schema)
        real = [option for option in options if not (isinstance(option, dict) and option.get("type") == "null")]
        schema = real[0] if real and isinstance(real[0], dict) else {}
    return dict(schema)


def _followed(reference: str, root: Fields) -> Fields:
    node: Any = root
    for part in reference.lstrip("#/").split("/"):
        node = node.get(part, {}) if isinstance(node, dict) else {}
    return node if isinstance(node, dict) else {}


def kind_of(schema: Fields) -> str:
    declared = schema.get("type")
    if isinstance(declared, list):
        declared = next((name for name in declared if name != "null"), None)
    if isinstance(declared, str):
        return declared
    return "object" if "properties" in schema else "string" if "enum" not in schema else "enum"


def fitted(value: Any, schema: Any, root: Fields, depth: int = 0) -> Any:
    """`value` bent to the schema: coerced, cut to length, objects with every required property."""
    rules = resolved(schema, root)
    if "const" in rules:
        return rules["const"]
    if rules.get("enum"):
        return value if value in rules["enum"] else rules["enum"][0]
    match kind_of(rules):
        case "string":
            return _string(value, rules)
        case "integer":
            return int(_number(value, rules))
        case "number":
            return _number(value, rules)
        case "boolean":
            return value if isinstance(value, bool) else False
        case "array":
            return _array(value, rules, root, depth)
        case "object":
            return _object(value, rules, root, depth)
        case _:
            return value


def plainest(schema: Any, root: Fields, depth: int = 0) -> Any:
    """The plainest value that fits, for a required property nothing is known about."""
    rules = resolved(schema, root)
    return rules["default"] if "default" in rules else fitted(None, rules, root, depth)


def _string(value: Any, rules: Fields) -> str:
    if isinstance(value, float):
        value = f"{value:.2f}"
    text = "as requested" if value is None else str(value)
    text = text.ljust(int(rules.get("minLength", 0)), ".")
    return text[: int(rules["maxLength"])] if "maxLength" in rules else text


def _number(value: Any, rules: Fields) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = float(max(rules.get("minimum", 0), rules.get("exclusiveMinimum", -1) + 1))
    return int(number) if number.is_integer() and not isinstance(value, float) else number


def _array(value: Any, rules: Fields, root: Fields, depth: int) -> list[Any]:
    items = list(value) if isinstance(value, (list, tuple)) else []
    if depth < 6:
        items = [fitted(item, rules.get("items", {}), root, depth + 1) for item in items]
        while len(items) < int(rules.get("minItems", 0)):
            items.append(plainest(rules.get("items", {}), root, depth + 1))
    return items[: int(rules["maxItems"])] if "maxItems" in rules else items


def _object(value: Any, rules: Fields, root: Fields, depth: int) -> Fields:
    known = value if isinstance(value, dict) else {}
    properties = rules.get("properties") or {}
    if not properties:
        return dict(known)
    required = rules.get("required", ())
    made: Fields = {}
    for name, inner in properties.items():
        given = known.get(name, _NOTHING)
        if given is not _NOTHING:
            made[name] = fitted(given, inner, root, depth + 1)
        elif name in required and depth < 6:
            made[name] = plainest(inner, root, depth + 1)
    return made
