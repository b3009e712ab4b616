"""Whether arguments fit a tool's JSON schema, and if not, why, in sentences a model can act on. Pure."""

import json
from collections.abc import Collection, Iterator
from functools import lru_cache
from itertools import islice
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker, SchemaError, ValidationError
from jsonschema.exceptions import best_match
from jsonschema.protocols import Validator
from jsonschema.validators import extend, validator_for
from jsonschema_specifications import REGISTRY  # type: ignore[import-untyped]

from agents import patterns, pointer

MOST_PROBLEMS = 10
LONGEST_PROBLEM = 240
_END = 100
"""Characters kept of the end of a sentence that is too long: the reason stands there, behind the value."""
_NO_FORMATS = FormatChecker(formats=())
"""A pattern of the other regular-expression dialect, as `\\p{L}`, does not make a schema broken."""
_NAMES_ONLY = ("required", "dependentRequired", "additionalProperties", "unevaluatedProperties")
"""What jsonschema says of these about a whole object quotes names and no values."""
_BROKEN = "The tool's own schema is broken: "


def problems(arguments: dict[str, Any], schema: dict[str, Any], kept: Collection[str] = ()) -> list[str]:
    """At most ten sentences, none when the arguments fit. Never raises, and never fetches a remote `$ref`.

    The values of `kept`, which an admin fixed, are quoted in none of them.
    """
    try:
        validator = _validator(json.dumps(schema, sort_keys=True))
        return [_sentence(error, kept) for error in islice(validator.iter_errors(arguments), MOST_PROBLEMS)]
    except patterns.CannotSearch as error:
        return [_short(f"A pattern in the tool's schema cannot be checked: {error}")]
    except Exception as error:  # the schema is a stranger's: whatever it provokes is its fault, and a person's to see
        return [_short(_BROKEN + _reason(error))]


@lru_cache(maxsize=512)
def _validator(schema_text: str) -> Validator:
    """Compiled once per text of a schema: checking the schema itself costs a hundred times a call's check."""
    schema = json.loads(schema_text)
    draft: Any = validator_for({"$schema": schema.pop("$schema", "")}, default=Draft202012Validator)
    draft.check_schema(schema, format_checker=_NO_FORMATS)
    validator: Validator = _guarded(draft)(schema, registry=REGISTRY)  # knows the drafts, and fetches nothing
    return validator


@lru_cache(maxsize=16)
def _guarded(draft: Any) -> Any:
    return extend(draft, validators={"pattern": _pattern})  # type: ignore[no-untyped-call]


def _pattern(_validator: Any, pattern: str, instance: Any, _schema: Any) -> Iterator[ValidationError]:
    if isinstance(instance, str) and not patterns.found(pattern, instance):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


def _sentence(error: ValidationError, kept: Collection[str]) -> str:
    """Of "fits none of these alternatives", the alternative that was probably meant."""
    cause = best_match([error])
    path = pointer.join(*cause.absolute_path)
    if kept and not cause.absolute_path and cause.validator not in _NAMES_ONLY:
        return f"Together the arguments do not fit the tool's schema ({cause.validator})."
    if cause.absolute_path and cause.absolute_path[0] in kept:
        return "A value that the administrator fixed does not fit the tool's schema; nothing you give can change that."
    return _short(f"{path}: {cause.message}" if path else cause.message)


def _reason(error: Exception) -> str:
    match error:
        case SchemaError():
            return f"{pointer.join(*error.absolute_path) or 'at its top'}: {error.message}"
        case RecursionError():
            return "it refers to itself without end"
        case _:
            return f"{type(error).__name__}: {error}"


def _short(sentence: str) -> str:
    sentence = " ".join(sentence.encode("utf-8", "backslashreplace").decode().split())
    return (
        sentence
        if len(sentence) <= LONGEST_PROBLEM
        else f"{sentence[: LONGEST_PROBLEM - _END - 3]} … {sentence[-_END:]}"
    )
