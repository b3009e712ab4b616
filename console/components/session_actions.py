"""What a person can have a session do: pause, go on, stop. Each asks why; the emergency stop asks what else."""

from typing import Any

from nicegui import ui

from agents.errors import AgentsError
from store.errors import StoreUnavailable
from store.people import Role

from ..desk import Desk
from ..security import allowed
from .buttons import button
from .dialogs import ask_why, on_page
from .stop_button import ask_to_stop

AT_WORK = ("queued", "running", "waiting_approval", "waiting_input")
ASK = {
    "pause": (
        "Pause this session?",
        "What runs now finishes; nothing new begins. Approvals can still be decided.",
        "Pause",
    ),
    "resume": ("Resume this session?", "It goes on where it was.", "Resume"),
    "stop": (
        "Stop this session for good?",
        "Nothing more of it runs. What waits is withdrawn; the record stays.",
        "Stop",
    ),
}


class SessionActions:
    """The buttons at the head of a session's page."""

    def __init__(self, desk: Desk, session: dict[str, Any]) -> None:
        self.desk = desk
        self.id: str = session["id"]
        self.agent: str = session["agent"]
        self.offered: tuple[str, ...] = ()
        self.place = ui.element("div").classes("qd-row qd-acted")

    def offer(self, status: str) -> None:
        """Drawn anew only where others are offered: a button that changes under a pressed pointer hears no click."""
        if (offered := offered_in(status)) == self.offered:
            return
        self.offered = offered
        self.place.clear()
        with self.place:
            if "resume" in offered:
                button("Resume", lambda: self._act("resume"), sign="play")
            if "pause" in offered:
                button("Pause", lambda: self._act("pause"), sign="pause")
            if "stop" in offered:
                button("Stop", lambda: self._act("stop"), sign="stop", kind="d")
                button("Emergency", lambda: ask_to_stop(self.desk, self.agent), sign="warn", kind="d")

    async def _act(self, what: str) -> None:
        title, text, do = ASK[what]
        if what == "resume" and (held := await self.desk.runtime.holds.reason(self.agent)):
            text = f"{held} Resumed before that, it would only pause again."
        with on_page():  # the buttons may be drawn anew while the reason is being written
            because = await ask_why(title, text, do)
            if because is None or (person := await allowed(self.desk, Role.OPERATOR)) is None:
                return
            try:
                await getattr(self.desk.runtime, what)(self.id, by=person.name, because=because)
            except (AgentsError, StoreUnavailable) as error:
                ui.notify(str(error), type="negative")


def offered_in(status: str) -> tuple[str, ...]:
    """What can be done with a session of this status; nothing where it is over."""
    if status == "paused":
        return ("resume", "stop")
    return ("pause", "stop") if status in AT_WORK else ()
