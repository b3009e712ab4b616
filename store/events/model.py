"""Events of asking a model: replied, or failed in every way that was tried. Pure."""

from typing import Literal

from .values import FailedAttempt, PayloadRef, Prompt, Segment, Usage, Value


class ModelReplied(Value):
    """One model call, complete enough to rebuild its prompt byte for byte and to price it."""

    type: Literal["ModelReplied"] = "ModelReplied"
    v: int = 1
    step: int
    turn: int
    purpose: Literal["agent", "closing"] = "agent"
    profile: str
    model: str
    role: Literal["act", "plan", "small"] = "act"
    because: str
    """Why this model: the role it was asked in and by which rule, and what failed before it."""
    prompt: Prompt
    entries: tuple[int, ...] = ()
    """Seqs of the entries of the conversation that `prompt.parts` renders, in order, after the leading parts if any."""
    leading: int = 1
    """How many parts come before the entries' when there is no parent: the system's, and the summary's if any."""
    output: PayloadRef
    """JSON: {"text": str, "calls": [{"id", "name", "arguments"}]} exactly as the model wrote it."""
    calls: int
    finish_reason: str
    usage: Usage
    cost_usd: float | None
    cache_saved_usd: float | None = None
    latency_ms: float
    first_token_ms: float | None = None
    context_limit: int | None = None
    segments: tuple[Segment, ...] = ()
    attempts: tuple[FailedAttempt, ...] = ()


class ModelFailed(Value):
    """No model in the chain gave a usable reply."""

    type: Literal["ModelFailed"] = "ModelFailed"
    v: int = 1
    step: int
    turn: int
    attempts: tuple[FailedAttempt, ...]
    because: str
