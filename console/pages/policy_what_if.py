"""Beside a policy: what its draft would have made of the calls of the last days, each of them openable."""

import asyncio
from collections.abc import Callable
from typing import Any

from nicegui import background_tasks, ui

from agents.errors import AgentsError
from agents.what_if import WhatIf
from store.errors import StoreError

from .. import format
from ..components.notes import note
from ..components.what_if_view import DAYS, lists, nothing, summary
from ..desk import Desk
from ..frame import base_path

PAUSE_SECONDS = 0.4
"""So long nobody types, then it is replayed."""
UNREADABLE = "Finish the rule that is marked; what is here is from before."


class WhatIfPanel:
    """`draft` is the policy as the page has it, None while a rule cannot be read; `on_result` is told each time."""

    def __init__(
        self, desk: Desk, draft: Callable[[], dict[str, Any] | None], on_result: Callable[[WhatIf], None]
    ) -> None:
        self.desk = desk
        self.draft = draft
        self.on_result = on_result
        self._task: asyncio.Task[Any] | None = None
        with ui.element("div").classes("qd-whead"):
            ui.html("<h2>What would have happened</h2>", sanitize=False)
            self.state = ui.html("", sanitize=False).classes("qd-i3 qd-s qd-n").props("role=status")
        self.wrong = ui.html("", sanitize=False).classes("qd-wwrong")
        self.place = ui.element("div").props('aria-label="What would have happened" role=region')
        ui.context.client.on_delete(self._stop)
        self.again(at_once=True)

    def again(self, *, at_once: bool = False) -> None:
        """The draft changed: whatever is under way is given up for it."""
        self._stop()
        self._task = background_tasks.create(self._run(0 if at_once else PAUSE_SECONDS), name="what a policy would do")

    def _stop(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _run(self, pause_seconds: float) -> None:
        await asyncio.sleep(pause_seconds)
        draft = self.draft()
        if draft is None:
            self.wrong.set_content(note("warn", UNREADABLE))
            return
        try:
            found = await self.desk.runtime.administration.what_if(draft, days=DAYS, progress=self._progress)
        except (AgentsError, StoreError) as error:
            if not self.wrong.is_deleted:
                self.wrong.set_content(note("warn", f"It was not replayed: {error}"))
            return
        if not self.place.is_deleted:
            self._show(found)

    def _progress(self, done: int, count: int) -> None:
        if done < count and not self.state.is_deleted:
            self.state.set_content(f"{done:,} of {count:,} calls")

    def _show(self, found: WhatIf) -> None:
        self.wrong.set_content("")
        self.state.set_content(f"last {DAYS} days, replayed in {_seconds(found.seconds)}" if found.calls else "")
        self.place.clear()
        with self.place:
            if not found.calls:
                ui.html(nothing(found), sanitize=False)
            else:
                ui.html(summary(found), sanitize=False).classes("qd-wpad")
                self._lists(found)
        self.on_result(found)

    def _lists(self, found: WhatIf) -> None:
        for html in lists(found, base_path()):
            ui.html(html, sanitize=False, tag="section").classes("qd-wlist")


def _seconds(seconds: float) -> str:
    return "under 0.1 s" if seconds < 0.1 else format.duration(seconds)
