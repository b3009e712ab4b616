"""What a service answered → what a tool's answer is. Pure."""

import asyncio
import json
import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from agents.tools.definition import ToolOutput

LONG_BYTES = 100_000
TEXT_CHARACTERS_AT_MOST = 10 * 1024 * 1024
HIDDEN = "•••"
_TEXTUAL = re.compile(
    r"(?:text/|application/(?:[a-z0-9.-]+\+)?(?:json|xml|yaml|x-ndjson|javascript|x-yaml|problem)|^$)"
)
_WHITESPACE = re.compile(r'("(?:[^"\\]|\\.)*")|\s+')


async def told(
    status: int, content_type: str, body: bytes, secrets: Iterable[str], place: str | None = None
) -> ToolOutput:
    """`output`; of a long answer in a thread, since everybody else waits for the event loop."""
    if len(body) <= LONG_BYTES:
        return output(status, content_type, body, secrets, place)
    return await asyncio.to_thread(output, status, content_type, body, tuple(secrets), place)


def output(status: int, content_type: str, body: bytes, secrets: Iterable[str], place: str | None = None) -> ToolOutput:
    """2xx is an answer, everything else an error with what the service said. `place`: where a redirect pointed to."""
    text, structured = _read(content_type, body, secrets)
    if 200 <= status < 300:
        return ToolOutput(text=text or f"Done ({named(status)}).", structured=structured)
    said = f"The service answered {named(status)}"
    if 300 <= status < 400:
        text = f"It points to {place or 'another place'}, which is not followed.\n{text}".rstrip()
    return ToolOutput(text=f"{said}.\n{text}".rstrip(), is_error=True)


def named(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def hidden(text: str, secrets: Iterable[str]) -> str:
    """A service that echoes what it was sent must not hand our keys to a model."""
    for secret in secrets:
        if len(secret) >= 4:
            text = text.replace(secret, HIDDEN)
    return text


def _read(content_type: str, body: bytes, secrets: Iterable[str]) -> tuple[str, Any]:
    kind, _, rest = content_type.lower().partition(";")
    if not _TEXTUAL.match(kind.strip()):
        return (f"[{kind.strip()}, {_size(len(body))}]" if body else ""), None
    text = hidden(_decoded(body, rest), secrets)
    if "json" in kind or text[:1] in ("{", "["):
        try:
            return _compact(text)
        except (ValueError, RecursionError):
            pass
    return _capped(text.replace("\x00", "\ufffd").strip()), None


def _compact(text: str) -> tuple[str, Any]:
    """Without the spaces, every number as it was written. Raises ValueError."""
    exact = True

    def number(written: str) -> float:
        nonlocal exact
        value = float(written)
        exact = exact and repr(value) == written
        return value

    value = json.loads(text, parse_float=number, parse_constant=_refused)
    written = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    written.encode()  # half characters raise, and are shown as they came
    return _capped(written if exact else _WHITESPACE.sub(lambda hit: hit[1] or "", text)), value


def _refused(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


def _decoded(body: bytes, parameters: str) -> str:
    found = re.search(r"charset=\"?([a-z0-9_-]+)", parameters)
    try:
        return body.decode(found[1] if found else "utf-8", "replace").lstrip("\ufeff")
    except LookupError:
        return body.decode("utf-8", "replace")


def _size(size: int) -> str:
    return f"{size} B" if size < 1000 else f"{round(size / 1000)} kB"


def _capped(text: str) -> str:
    if len(text) <= TEXT_CHARACTERS_AT_MOST:
        return text
    return f"{text[:TEXT_CHARACTERS_AT_MOST]}\n[cut here: the output has {len(text):,} characters]"
