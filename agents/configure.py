"""The configuration as one document: validate, name every bad path, compare, export. Pure."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import yaml
from pydantic import ValidationError

from . import halting, mistakes
from .config import (
    PLURAL,
    Configuration,
    Halt,
)
from .errors import BadRequest

OPTIONAL = frozenset({"standing_approvals", "settings"})
"""What an export leaves out where there is none of it."""


def parse(document: Any) -> Configuration:
    """A whole configuration from parsed JSON or YAML. Raises BadRequest naming every bad path."""
    try:
        configuration = Configuration.model_validate(document)
    except ValidationError as error:
        problems = tuple(f"/{'/'.join(map(str, one['loc']))}: {_words(one)}" for one in error.errors())
        raise BadRequest("The configuration was not changed: it has mistakes.", problems) from error
    if problems := tuple(mistakes.found(configuration)):
        raise BadRequest("The configuration was not changed: it has mistakes.", problems)
    return configuration


def parse_change(before: dict[str, Any], after: dict[str, Any], written: Collection[tuple[str, str]]) -> Configuration:
    """`after`, of which only `written` (kind and name) was written now; raises BadRequest as `parse` does.

    What was wrong with the others `before` already, by a rule that came with an upgrade say, stands in nobody's way:
    a person's word has to be revocable whatever the state of the rest.
    """
    try:
        return parse(after)
    except BadRequest as error:
        try:
            was, configuration = Configuration.model_validate(before), Configuration.model_validate(after)
        except ValidationError:
            raise error from None
        known = {_named(one, before) for one in mistakes.found(was)}
        own = {f"/{PLURAL[kind]}/{name}/" for kind, name in written}
        fresh = [
            one for one in error.problems if (said := _named(one, after)) not in known or said.startswith(tuple(own))
        ]
        if fresh:
            raise BadRequest(str(error), tuple(fresh)) from None
        return configuration


def _named(problem: str, whole: Mapping[str, Any]) -> str:
    """`/toolsets/1/tools: …` by the document's name instead of its place, which changes with others."""
    _, plural, place, rest = f"{problem}///".split("/", 3)
    listed = whole.get(plural) or []
    name = listed[int(place)].get("name") if place.isdigit() and int(place) < len(listed) else place
    return f"/{plural}/{name}/{rest}"


def read_yaml(text: str) -> Any:
    """YAML text → plain values. Raises BadRequest with the line."""
    try:
        return yaml.safe_load(text) or {}
    except yaml.YAMLError as error:
        raise BadRequest(f"This is not YAML: {str(error)[:300]}") from error


def write_yaml(documents: Mapping[str, Any]) -> str:
    return yaml.safe_dump(dict(documents), sort_keys=False, allow_unicode=True, width=110)


def documents(configuration: Configuration) -> dict[tuple[str, str], dict[str, Any]]:
    """(kind, name) → the document as stored: only what was set, so defaults can improve."""
    return {
        (kind, document.name): document.model_dump(mode="json", by_alias=True, exclude_unset=True)
        for kind, plural in PLURAL.items()
        for document in getattr(configuration, plural)
    }


def whole(current: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> dict[str, Any]:
    """The stored documents by kind and name → one exportable configuration."""
    every = {plural: list(current.get(kind, {}).values()) for kind, plural in PLURAL.items()}
    return {plural: listed for plural, listed in every.items() if listed or plural not in OPTIONAL}


SHAPES = {
    "extra_forbidden": "nothing of this name is known here; take it out, or look at its spelling",
    "tuple_type": "it has to be a list",
    "list_type": "it has to be a list",
    "dict_type": "it has to be names with values",
    "model_type": "it has to be names with values",
    "string_type": "it has to be text",
}
"""Of what stands in the wrong place: pydantic speaks of tuples and extra inputs there."""


def _words(error: Any) -> str:
    return SHAPES.get(error["type"]) or str(error["msg"]).removeprefix("Value error, ")


def differences(current: Mapping[str, Iterable[str]], wanted: Mapping[tuple[str, str], Any]) -> list[tuple[str, str]]:
    """(kind, name) of the documents that a replacement would delete."""
    return [(kind, name) for kind in PLURAL for name in current.get(kind, ()) if (kind, name) not in wanted]


def lifted(halts: Iterable[Halt], wanted: Configuration) -> tuple[str, ...]:
    """The emergency stops in force that a replacement would lift, as problems: that is only done on purpose."""
    kept = {halting.key(one) for settings in wanted.settings for one in settings.halts}
    return tuple(
        f"/settings/0/halts: {halting.what(one)} is stopped; lift that in Settings first, or leave `settings` out"
        for one in halts
        if halting.key(one) not in kept
    )
