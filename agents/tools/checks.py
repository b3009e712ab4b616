"""Whether an answer has the shape its tool promised. Pure."""

import json
from functools import lru_cache
from itertools import islice
from typing import Any

import jsonschema
from jsonschema.protocols import Validator
from jsonschema.validators import validator_for
from referencing import Registry
from referencing.exceptions import Unresolvable

from .definition import ToolDefinition, ToolOutput

PROBLEMS_AT_MOST = 10
MESSAGE_CHARACTERS_AT_MOST = 200


def output_problems(definition: ToolDefinition, output: ToolOutput) -> list[str]:
    """Sentences naming the path of each misfit; empty when there is no output schema or the tool reports an error."""
    if definition.output_schema is None or output.is_error:
        return []
    if output.structured is None:
        return ["The tool promises structured output but returned none."]
    try:
        errors = _validator(json.dumps(definition.output_schema)).iter_errors(output.structured)
        return [_sentence(error) for error in islice(errors, PROBLEMS_AT_MOST)]
    except (jsonschema.SchemaError, Unresolvable, RecursionError) as error:
        return [f"The tool's output schema is not usable: {_short(str(error).splitlines()[0])}."]


@lru_cache(maxsize=512)
def _validator(schema_json: str) -> Validator:
    """Cached, because compiling costs far more than validating."""
    schema: dict[str, Any] = json.loads(schema_json)
    kind = validator_for(schema, default=jsonschema.Draft202012Validator)
    kind.check_schema(schema)
    # An empty registry: a `$ref` resolves within the document or not at all, and never fetches anything.
    return kind(schema, registry=Registry())


def _sentence(error: jsonschema.ValidationError) -> str:
    return f"{error.json_path.replace('$', 'output', 1)}: {_short(error.message)}."


def _short(text: str) -> str:
    return text if len(text) <= MESSAGE_CHARACTERS_AT_MOST else text[: MESSAGE_CHARACTERS_AT_MOST - 1] + "…"
