"""The models room for tests of guards: real models.py and litellm, profiles that live on the fake server."""

from typing import Any

from agents.config import Model
from agents.models import Models
from tests.fakes.processes import OpenAIServer


class Room:
    """Pauses between tries are skipped."""

    def __init__(self, server: OpenAIServer) -> None:
        self.server = server
        self.models = Models({}.__getitem__, sleep=_at_once, chance=lambda: 0.0)

    def profile(self, name: str, **more: Any) -> Model:
        settings = {"name": name, "model": f"openai/{name}", "api_base": self.server.base_url, "timeout_seconds": 20}
        return Model.model_validate(settings | {"prices": {"input": 1.0, "output": 1.0}} | more)

    def chain(self, *names: str, **more: Any) -> list[Model]:
        return [self.profile(name, **more) for name in names]

    def asked(self, model: str) -> list[dict[str, Any]]:
        """What this model was sent, oldest first, in the life of the server."""
        return [body for body in self.server.requests() if body["model"] == model]


async def _at_once(seconds: float) -> None:
    return None
