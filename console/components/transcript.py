"""The live timeline of a session: a virtualised list in the browser, fed by patches (see console/rows.py)."""

from collections.abc import Callable
from typing import Any

from nicegui.element import Element

from ..icons import icon
from ..live import Batch

SIGNS = (
    "user",
    "agent",
    "lock",
    "tool",
    "msg",
    "flag",
    "fold",
    "recall",
    "shield",
    "warn",
    "check",
    "x",
    "help",
    "scale",
)


class Transcript(Element, component="transcript.js"):
    """`here` is the key of the row to open at (`call-7.1`); without it the list follows its newest row."""

    def __init__(
        self, session_id: str, *, base: str, here: str | None, on_whole: Callable[[dict[str, Any]], Any]
    ) -> None:
        super().__init__()
        self._props["session"] = session_id
        self._props["base"] = base
        self._props["here"] = here or ""
        self._props["icons"] = {name: icon(name) for name in SIGNS}
        self.on("whole", lambda event: on_whole(event.args))

    def push(self, batch: Batch) -> None:
        """As `run_method` would, but with the JSON that all watchers share, and without a task for an answer."""
        code = f"runMethod({self.id}, 'push', [{batch.text}])"
        self.client.outbox.enqueue_message("run_javascript", {"code": code}, self.client.id)
