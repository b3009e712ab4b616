"""What a server asks in the middle of a call: its questions, which of them can be asked, and what fits them. Pure.

MCP allows flat forms of plain values only, and forbids asking for secrets. What goes beyond that is shown to the person
as it came, and can be declined.
"""

import json
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, Literal
from urllib.parse import urlsplit

from store.events import Value

from . import arguments
from .arguments import BadArguments
from .errors import BadRequest
from .schema_check import problems

MOST_QUESTIONS = 10
MOST_FIELDS = 50
MOST_CHARACTERS = 64_000
PLAIN = ("string", "number", "integer", "boolean")
"""No set: a server may write anything in place of a type, and not all of that can be looked up in one."""
REFERRING = frozenset({"$ref", "$dynamicRef", "anyOf", "allOf", "not", "if"})
NOTHING: dict[str, Any] = {"type": "object", "properties": {}}
NO_FORM = "This cannot be answered here, only declined: {because}"


class Question(Value):
    """One thing a server wants to know, in its own words."""

    key: str
    """The server's name for it: the answer goes back under it."""
    message: str
    fields: dict[str, Any] | None = None
    """JSON schema of a flat form; None where it wants a page to be visited instead."""
    url: str | None = None


class Form(Value):
    """All that a server asks for at once."""

    questions: tuple[Question, ...]
    message: str
    fields: dict[str, Any]
    """JSON schema of the answers: that of the one question, or an object with one object per question."""
    refused: str | None = None
    """Why it can only be declined."""


def form_of(questions: tuple[Question, ...]) -> Form:
    """The questions, with why they can only be declined, if so."""
    because = next(_faults(questions), None)
    return Form(
        questions=questions,
        message="\n\n".join(question.message for question in questions),
        fields=_together(questions),
        refused=NO_FORM.format(because=because) if because else None,
    )


def _together(questions: tuple[Question, ...]) -> dict[str, Any]:
    if len(questions) == 1:
        return questions[0].fields or NOTHING
    properties = {one.key: one.fields or NOTHING for one in questions}
    return {"type": "object", "properties": properties, "required": list(properties)}


def _faults(questions: tuple[Question, ...]) -> Iterator[str]:
    if len(questions) > MOST_QUESTIONS:
        yield f"it has more than {MOST_QUESTIONS} questions at once."
    if len(json.dumps([one.model_dump() for one in questions])) > MOST_CHARACTERS:
        yield f"it has more than {MOST_CHARACTERS:,} characters."
    for question in questions:
        if question.fields is not None:
            yield from _schema_faults(question.fields)


def _schema_faults(schema: dict[str, Any]) -> Iterator[str]:
    properties = schema.get("properties", {})
    if schema.get("type") != "object" or not isinstance(properties, dict):
        yield "it is no form of named fields."
        return
    needed = schema.get("required", [])
    if not isinstance(needed, list) or not all(isinstance(name, str) for name in needed):
        yield "it does not list the names of its needed fields."
    if len(properties) > MOST_FIELDS:
        yield f"it has more than {MOST_FIELDS} fields."
    for name, one in properties.items():
        if not isinstance(one, dict) or not _is_plain(one):
            yield f"its field “{name}” is not a text, a number, yes or no, or a choice."
    if broken := [one for one in problems({}, schema) if "schema is broken" in one]:
        yield broken[0]


def _is_plain(field: dict[str, Any]) -> bool:
    if field.keys() & REFERRING:
        return False
    if field.get("type") == "array":  # several of a fixed choice
        items = field.get("items")
        return isinstance(items, dict) and bool(options(items))
    if "oneOf" in field or "enum" in field:
        return bool(options(field)) and field.get("type", "string") == "string"
    return field.get("type") in PLAIN


def options(field: dict[str, Any]) -> dict[str, str]:
    """The texts to choose from, and what each is called; empty where it is no choice among texts."""
    titled = field.get("oneOf") or field.get("anyOf")
    if isinstance(titled, list):
        found = [(one.get("const"), one.get("title")) for one in titled if isinstance(one, dict)]
        if len(found) != len(titled):
            return {}
    else:
        values, names = field.get("enum"), field.get("enumNames")
        if not isinstance(values, list):
            return {}
        named = names if isinstance(names, list) and len(names) == len(values) else values
        found = list(zip(values, named, strict=True))
    if not all(isinstance(value, str) for value, _ in found):
        return {}
    return {str(value): str(name) if isinstance(name, str) else str(value) for value, name in found}


def begins_with(field: dict[str, Any]) -> str | bool | list[str] | None:
    """What stands in a field that can be asked before anybody types: its default, where that can be typed or chosen."""
    default = field.get("default")
    if field.get("type") == "array":
        known = options(field["items"])
        return [one for one in default if isinstance(one, str) and one in known] if isinstance(default, list) else []
    if known := options(field):
        return default if isinstance(default, str) and default in known else None
    if field.get("type") == "boolean":
        return default if isinstance(default, bool) else None
    if default is None or isinstance(default, str):
        return default or ""
    return json.dumps(default)


def checked_answers(form: Form, text: str | None) -> str:
    """The canonical text of the answers, if they fit the form. Raises BadRequest naming every place that does not."""
    if form.refused:
        raise BadRequest(form.refused)
    try:
        given = arguments.parse(text or "{}")
    except BadArguments as error:
        raise BadRequest("The answers are not a JSON object.", (f"/arguments: {error}",)) from error
    wrong = _missing(form, given) or [
        f"{where}{one if one.startswith('/') else f': {one}'}"
        for where, fields, answers in _parts(form, given)
        for one in [*_unknown(fields, answers), *problems(answers, fields), *_ill_formed(fields, answers)]
    ]
    if wrong:
        raise BadRequest("The answers do not fit what is asked.", tuple(wrong))
    return arguments.canonical(given)


def _missing(form: Form, given: dict[str, Any]) -> list[str]:
    """With several questions at once there is an object of answers for each."""
    if len(form.questions) == 1:
        return []
    keys = {one.key for one in form.questions}
    lacking = [f"/arguments: {key!r} has to be an object of answers" for key in keys if not _is_object(given.get(key))]
    return lacking + [f"/arguments: {key!r} was not asked for" for key in given.keys() - keys]


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


def _parts(form: Form, given: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    alone = len(form.questions) == 1
    for question in form.questions:
        fields = question.fields or NOTHING
        yield ("/arguments", fields, given) if alone else (f"/arguments/{question.key}", fields, given[question.key])


def _unknown(fields: dict[str, Any], answers: dict[str, Any]) -> list[str]:
    return [f"/{name}: was not asked for" for name in answers if name not in fields.get("properties", {})]


def _ill_formed(fields: dict[str, Any], answers: dict[str, Any]) -> Iterator[str]:
    for name, value in answers.items():
        field = fields.get("properties", {}).get(name, {})
        kind = field.get("format")
        if isinstance(value, str) and isinstance(kind, str) and kind in _FORMATS and not _fits(kind, value):
            yield f"/{name}: has to be {_FORMATS[kind]}"


_FORMATS = {
    "date": "a date, such as 2026-05-31",
    "date-time": "a time, such as 2026-05-31T14:30:00Z",
    "email": "an e-mail address",
    "uri": "an address, such as https://example.com",
}


def _fits(kind: str, value: str) -> bool:
    try:
        match kind:
            case "date":
                return len(value) == 10 and bool(date.fromisoformat(value))
            case "date-time":
                return datetime.fromisoformat(value).tzinfo is not None
            case "email":
                name, _, host = value.rpartition("@")
                return bool(name and host) and not any(letter.isspace() for letter in value)
            case _:
                return bool(urlsplit(value).scheme)
    except ValueError:
        return False


class Responses(Value):
    """What a server is sent when its call goes on: per question, in the protocol's own words."""

    request_state: str | None
    by_key: dict[str, dict[str, Any]]
    """`{"action": "accept" | "decline", "content"?: {…}}`"""


def responses(form: Form, answers: str | None, request_state: str | None) -> Responses:
    """`answers` as `checked_answers` gave them; None: a person declined."""
    if answers is None:
        return Responses(request_state=request_state, by_key={one.key: _said("decline") for one in form.questions})
    given = arguments.parse(answers)
    alone = len(form.questions) == 1
    content = {one.key: given if alone else given[one.key] for one in form.questions}
    return Responses(
        request_state=request_state,
        by_key={one.key: _said("accept", content[one.key] if one.url is None else None) for one in form.questions},
    )


def _said(action: Literal["accept", "decline"], content: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"action": action} if content is None else {"action": action, "content": content}
