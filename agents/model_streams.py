"""Hearing a streamed reply to its end, passing its text on as it comes."""

import time
from collections.abc import Callable
from typing import Any

from agents.model_failures import BrokenOff, GarbledReply
from agents.model_replies import Heard, counted, made


async def listen(stream: Any, on_text: Callable[[str], None], started: float) -> Heard:
    """Hear a stream to its end and pass its text on. One without an end is no reply, however it looks."""
    pieces, first_token_ms = Pieces(), None
    try:
        async for chunk in stream:
            text = pieces.add(chunk)
            if first_token_ms is None and pieces.begun:
                first_token_ms = (time.perf_counter() - started) * 1000
            if text:
                on_text(text)
    finally:
        await stream.aclose()
    if stream.received_finish_reason is None:
        raise BrokenOff("the stream ended in the middle") if pieces.begun else GarbledReply("the stream was empty")
    sent = any(getattr(chunk, "usage", None) for chunk in stream.chunks)  # litellm makes up what was not sent
    return pieces.heard(first_token_ms, counted=sent)


class Pieces:
    """A reply that comes in chunks. Servers number parallel calls by index, but some give every call index 0."""

    def __init__(self) -> None:
        self.text: list[str] = []
        self.calls: list[tuple[list[str], list[str], list[str]]] = []
        self.slots: dict[int, int] = {}
        self.finish_reason: str | None = None
        self.tokens: Any = None

    def add(self, chunk: Any) -> str:
        """Take in one chunk; returns the text that came with it."""
        self.tokens = counted(getattr(chunk, "usage", None)) or self.tokens
        if not chunk.choices:
            return ""
        choice = chunk.choices[0]
        self.finish_reason = choice.finish_reason or self.finish_reason
        for call in choice.delta.tool_calls or ():
            self._add_call(call)
        text: str = choice.delta.content or ""
        if text:
            self.text.append(text)
        return text

    def _add_call(self, delta: Any) -> None:
        slot = self.slots.get(delta.index)
        if slot is None or (delta.id and delta.function.name and self.calls[slot][0] not in ([], [delta.id])):
            slot = self.slots[delta.index] = len(self.calls)
            self.calls.append(([], [], []))
        ids, names, arguments = self.calls[slot]
        if delta.id and not ids:
            ids.append(delta.id)
        names.append(delta.function.name or "")
        arguments.append(delta.function.arguments or "")

    @property
    def begun(self) -> bool:
        return bool(self.calls or self.text)

    def heard(self, first_token_ms: float | None, counted: bool) -> Heard:
        """`counted`: whether the provider sent the token counts itself."""
        return Heard(
            text="".join(self.text),
            calls=[made("".join(ids), "".join(names), "".join(arguments)) for ids, names, arguments in self.calls],
            finish_reason=self.finish_reason,
            tokens=self.tokens if counted else None,
            first_token_ms=first_token_ms,
        )
