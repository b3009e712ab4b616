"""What went wrong with one attempt at a model: its name, its sentence, whether and when to try again. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

TRIES = 3
GARBLED_TRIES = 2
LONGEST_WAIT_SECONDS = 20.0
BACKOFF_SECONDS = 0.5
BACKOFF_MOST_SECONDS = 8.0
MESSAGE_MOST = 500

WORTH_RETRYING = {408, 409, 429}
SENTENCES = {
    400: "it refused the request",
    401: "the API key is missing or wrong",
    403: "the API key may not use this model",
    404: "there is no such model or address",
    408: "it took too long",
    413: "the request is too large for it",
    429: "too many requests, or no quota left",
    503: "it is overloaded or being restarted",
    529: "it is overloaded",
}
GARBLED = re.compile(r"get json response|Empty or invalid response|'choices'|Expecting value|line \d+ column \d+")
UNREACHABLE = re.compile(r"Connection error|Cannot connect|Connection refused|getaddrinfo|Name or service", re.I)
BROKEN_OFF = re.compile(r"payload is not completed|Server disconnected|reading data|peer closed|MidStream", re.I)
PREFIXES = re.compile(r"^(?:litellm\.)?(?:\w+(?:Error|Exception)|Timeout|Timeout Error)(?:: | - )")
SECRETS = re.compile(r"\b(?:sk|pk|gsk|xai|AIza|Bearer)[-_ ]?[A-Za-z0-9*._-]{12,}")


class GarbledReply(Exception):
    """What came back is not a chat completion."""


class BrokenOff(Exception):
    """The reply stopped before its end."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One failed attempt. `tries`: how often this kind of failure is worth trying on the same model."""

    error: str
    message: str
    tries: int
    retry_after_seconds: float | None


def explain(problem: Exception, secrets: Iterable[str] = ()) -> Failure:
    """Read an exception of the provider library, or any other, by its public attributes alone."""
    text = _clean(str(problem), secrets)
    name, code = type(problem).__name__, _status(problem)
    if name == "ContextWindowExceededError":
        return Failure(name, "the conversation does not fit into its context window", 1, None)
    if isinstance(problem, GarbledReply) or code == 200 or GARBLED.search(text):
        return Failure("GarbledReply", _with_detail("what it sent is no reply", text), GARBLED_TRIES, None)
    if isinstance(problem, TimeoutError) or name in ("Timeout", "APITimeoutError"):
        return Failure("Timeout", "it took too long", TRIES, _retry_after(problem))
    if isinstance(problem, BrokenOff) or BROKEN_OFF.search(text):
        return Failure("BrokenOff", "the connection broke off in the middle of the reply", TRIES, None)
    if UNREACHABLE.search(text):
        return Failure("Unreachable", "nothing answers at its address", TRIES, None)
    if code is None:
        return Failure(name, text or name, 1, None)
    tries = TRIES if code in WORTH_RETRYING or code >= 500 else 1
    sentence = SENTENCES.get(code, "the server failed" if code >= 500 else "it refused the request")
    return Failure(str(code), _with_detail(sentence, text), tries, _retry_after(problem))


def pause_seconds(failure: Failure, attempt: int, random: float) -> float:
    """Full jitter: anything up to a doubling ceiling, but not before the server said. `attempt` counts from 1."""
    jitter: float = random * min(BACKOFF_MOST_SECONDS, BACKOFF_SECONDS * 2 ** (attempt - 1))
    return max(jitter, min(failure.retry_after_seconds or 0.0, LONGEST_WAIT_SECONDS))


def _status(problem: Exception) -> int | None:
    code = getattr(problem, "status_code", None)
    return code if isinstance(code, int) else None


def _retry_after(problem: Exception) -> float | None:
    """Seconds from the headers; dates are ignored, our own backoff does for them."""
    for source in (problem, getattr(problem, "response", None)):
        headers = getattr(source, "litellm_response_headers", None) or getattr(source, "headers", None) or {}
        try:
            return max(0.0, float(headers["retry-after"]))
        except (KeyError, TypeError, ValueError):
            continue
    return None


def _clean(text: str, secrets: Iterable[str]) -> str:
    """The first line without the library's stacked class names, and without anything that looks like a key."""
    for secret in secrets:
        text = text.replace(secret, "•••") if len(secret) >= 4 else text
    line = SECRETS.sub("•••", text.strip().split("\n", 1)[0])
    while (shorter := PREFIXES.sub("", line)) != line:
        line = shorter
    return line[:MESSAGE_MOST]


def _with_detail(sentence: str, detail: str) -> str:
    return f"{sentence} ({detail})"[:MESSAGE_MOST] if detail else sentence
