"""What is asked of one model after the other, and how that has gone so far."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from agents.config import Model
from agents.model_failures import TRIES, Failure
from agents.model_requests import Messages
from store.events import FailedAttempt

OnText = Callable[[str], None]

BROKE_OFF = "\n\n[The connection to the model broke off; asking again.]\n\n"

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Question:
    """What is asked of one model after the other, and what has gone wrong so far, by profile."""

    messages: Messages
    tools: list[dict[str, Any]]
    on_text: OnText | None = None
    response_format: dict[str, Any] | None = None
    temperature: float | None = None
    most_tries: int = TRIES
    tried: list[tuple[str, FailedAttempt]] = field(default_factory=list)
    spoken: bool = False

    def say(self, text: str) -> None:
        """Pass words on. Whoever listens cannot make the model's call fail."""
        self.spoken = True
        try:
            if self.on_text:
                self.on_text(text)
        except Exception:
            logger.exception("A listener to a model's words failed")

    def begin_again(self) -> None:
        """Whoever has heard half a reply learns that another one follows."""
        if self.spoken:
            self.say(BROKE_OFF)
        self.spoken = False

    def failed(self, model: Model, failure: Failure, latency_ms: float) -> None:
        attempt = FailedAttempt(model=model.model, error=failure.error, message=failure.message, latency_ms=latency_ms)
        self.tried.append((model.name, attempt))
