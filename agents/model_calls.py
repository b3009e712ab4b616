"""What goes into and comes out of asking a model, and how a failure to answer reads. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from agents.config import Prices
from store.events import FailedAttempt, Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCall:
    """A tool call as the model wrote it. `id` may be empty or repeated; `arguments` is raw text, never re-dumped."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One answer of a model. Latencies are those of the attempt that succeeded; cost None means unknown."""

    text: str
    calls: tuple[ModelCall, ...]
    finish_reason: str
    profile: str
    model: str
    usage: Usage
    cost_usd: float | None
    cache_saved_usd: float | None
    latency_ms: float
    first_token_ms: float | None
    attempts: tuple[FailedAttempt, ...]
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelInfo:
    """What is known about a model; None is unknown. `scripted`: not a language model at all."""

    context_window: int | None
    max_output: int | None
    prices: Prices | None
    scripted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Trait:
    """One thing that *test it* found out; `ok` None: it cannot be told."""

    what: str
    ok: bool | None
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TestResult:
    """The outcome of *test it*: whether the model answers, and whether it can call tools."""

    ok: bool
    because: str
    latency_ms: float
    tools_ok: bool
    cost_usd: float | None
    traits: tuple[Trait, ...] = ()


TestResult.__test__ = False  # type: ignore[attr-defined]  # not a test class, whatever pytest thinks of its name


class ModelsFailed(Exception):
    """No model in the chain gave a usable reply."""

    def __init__(self, attempts: Sequence[FailedAttempt]) -> None:
        self.attempts = tuple(attempts)
        super().__init__("; ".join(_last_words(self.attempts)) + ". Nothing was lost: the session can go on from here.")


def _last_words(attempts: tuple[FailedAttempt, ...]) -> list[str]:
    """How each model ended, in the order they were asked."""
    last = {attempt.model: attempt for attempt in attempts}
    return [_sentence(attempt) for attempt in last.values()] or ["no model was named to be asked"]


def _sentence(attempt: FailedAttempt) -> str:
    how = f"answered {attempt.error}" if attempt.error.isdigit() else f"did not answer ({attempt.error})"
    return f"{attempt.model} {how}: {attempt.message.rstrip('.')}"


def why_this_one(tried: Sequence[tuple[str, FailedAttempt]], profile: str) -> str:
    """Why the reply came from this profile: `tried` pairs the profile asked with how that went wrong."""
    errors: dict[str, list[str]] = {}
    for name, attempt in tried:
        errors.setdefault(name, []).append(attempt.error)
    own = errors.pop(profile, [])
    others = [f"{name} failed ({_counted(codes)})" for name, codes in errors.items()]
    choice = f"after {' and '.join(others)}" if others else "first choice"
    return f"{choice}, on try {len(own) + 1} ({_counted(own)})" if own else choice


def _counted(codes: list[str]) -> str:
    return ", ".join(f"{code} ×{codes.count(code)}" if codes.count(code) > 1 else code for code in dict.fromkeys(codes))
