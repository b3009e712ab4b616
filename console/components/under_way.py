"""Work that takes a while: what is being done, for how long already, and a way to stop it."""

import asyncio
from collections.abc import Coroutine
from html import escape
from typing import Any, TypeVar

from nicegui import ui

from .buttons import button

T = TypeVar("T")
COUNT = "setTimeout(() => getHtmlElement({id})?.setAttribute('datetime', new Date().toISOString()), 30)"


class UnderWay:
    """A place on the page; one piece of work at a time, given up when the page is closed."""

    def __init__(self) -> None:
        self._place = ui.element("div").classes("qd-underway").props("role=status")
        self._task: asyncio.Task[Any] | None = None
        ui.context.client.on_delete(self.cancel)

    @property
    def is_busy(self) -> bool:
        return self._task is not None

    def cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def run(self, words: str, work: Coroutine[Any, Any, T]) -> T | None:
        """The result, or None when it was cancelled. What the work raises is raised here."""
        task: asyncio.Task[T] = asyncio.get_running_loop().create_task(work)
        self._task = task
        self._show(words)
        try:
            return await task
        except asyncio.CancelledError:
            if task.cancelled():
                return None
            raise
        finally:
            self._task = None
            if not self._place.is_deleted:
                self._place.clear()

    def _show(self, words: str) -> None:
        self._place.clear()
        with self._place:
            ui.html("", sanitize=False).classes("qd-busy qd-hatch")
            ui.html(f"<span>{escape(words)}</span>", sanitize=False)
            since = ui.element("qd-time").classes("qd-n qd-i3").props('data-style="age"')
            button("Cancel", self.cancel, kind="t")
        ui.run_javascript(COUNT.format(id=since.id))
