"""Arguments on their way to a tool: canonical text → values that travel unchanged. Pure."""

import json
from typing import Any

from .errors import ToolFailure


def parsed(arguments_json: str) -> dict[str, Any]:
    """The arguments as they will travel. Raises ToolFailure when they would not arrive as they were approved."""
    try:
        arguments = json.loads(arguments_json)
        json.dumps(arguments, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError) as error:  # not JSON, NaN, 1e400, lone surrogates
        raise ToolFailure(f"The arguments cannot be sent: {error}.", "not_sent") from error
    if not isinstance(arguments, dict):
        raise ToolFailure("The arguments cannot be sent: they are not a JSON object.", "not_sent")
    return arguments
