"""What is wrong with one model's profile beyond the shape of its document. Pure."""

import re
from collections.abc import Iterator

from .config import Model, is_sign_in

SOUNDS_SECRET = re.compile(
    r"key(?!word)|secret|passw|credential|authori[sz]ation|cookie|(?<!per_)token(?!s|iz|_(?:id|limit|budget|count))",
    re.IGNORECASE,
)
"""`max_tokens`, `input_cost_per_token` and `stop_token_ids` count or name pieces of text."""
NO_SECRETS = frozenset({"prompt_cache_key"})
"""Hints for the provider that are called a key and open nothing."""


def sounds_secret(parameter: str) -> bool:
    return parameter not in NO_SECRETS and SOUNDS_SECRET.search(parameter) is not None


def found(path: str, model: Model) -> Iterator[str]:
    """As sentences, each with its path."""
    if model.api_key and is_sign_in(model.api_key):
        yield f"{path}/api_key: {model.api_key} is somebody's sign-in, which no model may use; name another secret"
    for name, value in model.parameters.items():
        if sounds_secret(name) and not isinstance(value, bool):
            yield (
                f"{path}/parameters/{name}: it sounds like a secret, and parameters are read by everybody; give it as "
                "api_key (env:NAME or secret:NAME), or in the environment Quarterdeck is started with"
            )
