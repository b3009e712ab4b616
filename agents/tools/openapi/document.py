"""The text of a description → plain values, or one sentence saying why it is none. Pure."""

import json
import math
from typing import Any

import yaml

from agents.tools.errors import CannotStart

from . import plain_yaml

JSON_BYTES_AT_MOST = 16_000_000
"""GitHub's own description has 12 MB."""
YAML_BYTES_AT_MOST = 5_000_000
"""It takes a hundred times as long to read."""
NODES_AT_MOST = 3_000_000


def read(text: str) -> dict[str, Any]:
    """Raises CannotStart."""
    stripped = text.lstrip("\ufeff \t\r\n")
    if not stripped:
        raise CannotStart("The OpenAPI description is empty.")
    if stripped.startswith("<"):
        raise CannotStart("This is a web page, not an OpenAPI description: enter the address of its JSON or YAML file.")
    document = _json(stripped) if stripped.startswith("{") else _yaml(stripped)
    _check_version(document)
    return dict(document)


def too_large(size: int, *, is_json: bool) -> None:
    """Raises CannotStart."""
    most = JSON_BYTES_AT_MOST if is_json else YAML_BYTES_AT_MOST
    if size > most:
        kind = "in JSON" if is_json else "in YAML (16 MB in JSON)"
        raise CannotStart(
            f"The OpenAPI description has {size / 1_000_000:.1f} MB; at most {most // 1_000_000} MB {kind} are read. "
            "Leave out what no agent needs."
        )


def _json(text: str) -> Any:
    too_large(len(text), is_json=True)
    try:
        return _plain(json.loads(text))
    except (ValueError, RecursionError) as error:
        try:
            return _yaml(text)  # which may begin with a brace, too
        except CannotStart:
            raise CannotStart(f"The OpenAPI description is not JSON: {_short(error)}.") from error


def _yaml(text: str) -> Any:
    too_large(len(text), is_json=False)
    try:
        return _plain(plain_yaml.load(text))
    except plain_yaml.NotPlain as error:
        raise CannotStart(f"The OpenAPI description cannot be used: {error}.") from error
    except (yaml.YAMLError, ValueError) as error:
        raise CannotStart(f"The OpenAPI description is neither JSON nor YAML: {_short(error)}.") from error


def _check_version(document: Any) -> None:
    if not isinstance(document, dict):
        raise CannotStart("This is not an OpenAPI description: it is not an object with the key “openapi”.")
    if "swagger" in document:
        raise CannotStart(
            "This is a Swagger 2.0 description; OpenAPI 3.0 or 3.1 is needed. Convert it, then try again."
        )
    version = document.get("openapi")
    if not isinstance(version, str | float) or not str(version).startswith("3"):
        said = f" says “openapi: {str(version)[:20]}”" if version is not None else " has no key “openapi”"
        raise CannotStart(f"This is not a description in OpenAPI 3.0 or 3.1: it{said}.")
    if not isinstance(document.get("paths", {}), dict):
        raise CannotStart("This is not an OpenAPI description: its “paths” are not an object.")


def _plain(document: Any) -> Any:
    """Counts what aliases would expand to before anybody walks it all. Raises CannotStart."""
    if _size(document, {}, 1) > NODES_AT_MOST:
        raise CannotStart(
            f"The OpenAPI description has more than {NODES_AT_MOST:,} values, perhaps by YAML aliases of aliases."
        )
    return document


def _size(value: Any, known: dict[int, int], level: int) -> int:
    """An alias is one object in many places: counted in each of them, looked at once."""
    if not isinstance(value, dict | list):
        _check(value)
        return 1
    if id(value) not in known:
        if level > plain_yaml.LEVELS_AT_MOST:
            raise CannotStart(f"The OpenAPI description is nested deeper than {plain_yaml.LEVELS_AT_MOST} levels.")
        inner = [*value.keys(), *value.values()] if isinstance(value, dict) else value
        known[id(value)] = 1 + sum(_size(one, known, level + 1) for one in inner)
    return known[id(value)]


def _check(value: Any) -> None:
    if isinstance(value, float) and not math.isfinite(value):
        raise CannotStart("The OpenAPI description holds a number that is not finite.")
    if isinstance(value, str) and not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise CannotStart("The OpenAPI description holds half a character.") from None


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:200].rstrip(".")
