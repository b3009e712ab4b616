"""Stored contents as pages and API show them: parsed where they are JSON, capped, always encodable. Pure."""

import json
import math
from typing import Any

CAP_CHARACTERS = 20_000


def parsed(text: str) -> Any:
    """The JSON object or array in the text; the text itself when it is none, or holds what JSON cannot carry on."""
    if not text.lstrip().startswith(("{", "[")):
        return text
    try:
        value = json.loads(text, parse_constant=_refused, parse_float=_finite)
        json.dumps(value, ensure_ascii=False).encode()  # lone surrogates
    except (ValueError, RecursionError):
        return text
    return value


def shown(text: str, *, as_json: bool) -> tuple[Any, bool]:
    """The content to show, and whether it was cut."""
    if len(text) > CAP_CHARACTERS:
        return text[:CAP_CHARACTERS], True
    return (parsed(text) if as_json else text), False


def _refused(name: str) -> None:
    raise ValueError(name)


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(digits)
    return number
