"""Pulling the emergency stop: what, why, and then at once. Operators may pull it; only admins lift it."""

from collections.abc import Callable

from nicegui import ui

from agents import halting
from agents.errors import AgentsError
from store.errors import StoreError
from store.people import Person, Role

from ..desk import Desk
from ..security import acting
from .buttons import button
from .dialogs import on_page
from .field import OUTLINED, choice, line

WHAT = {"everything": "Everything", "agent": "One agent", "connector": "One connector", "tool": "One tool"}
WHAT_IT_DOES = (
    "Nothing it covers starts from this moment: no model step, no call, no session. What runs already is let finish; "
    "what waits for a person keeps waiting. Admins lift it."
)
HALF_RECORDED = "The emergency stop is in force, but not all of it could be recorded"
NOT_RECORDED = "It is in force until a restart, but could not be recorded"
HALF_LIFTED = "It is lifted, but not all of it could be recorded; what is still paused is tried again"


async def pull(desk: Desk, what: str, name: str | None, because: str) -> bool:
    """Whether it is in force now; a sentence tells why not."""
    done: list[bool] = []

    @acting(desk, Role.OPERATOR)
    async def pull_the_emergency_stop(person: Person) -> None:
        with on_page():
            try:
                await desk.runtime.stops.pull(what, name, by=person.name, because=because)
            except AgentsError as error:
                ui.notify(f"Nothing was stopped: {error}", type="negative")
                return
            except StoreError as error:
                kept = desk.runtime.stops.recorded(what, name)
                ui.notify(f"{HALF_RECORDED if kept else NOT_RECORDED}: {error}", type="negative")
            else:
                ui.notify("The emergency stop is in force.")
            done.append(True)

    await pull_the_emergency_stop()
    return bool(done)


async def lift(desk: Desk, what: str, name: str | None) -> None:
    @acting(desk, Role.ADMIN)
    async def lift_the_emergency_stop(person: Person) -> None:
        with on_page():
            try:
                await desk.runtime.stops.lift(what, name, by=person.name)
            except (AgentsError, StoreError) as error:
                still = any(halting.key(one) == (what, name) for one in desk.runtime.world.halts())
                lifted = isinstance(error, StoreError) and not still
                ui.notify(f"{HALF_LIFTED if lifted else 'Nothing was lifted'}: {error}", type="negative")
                return
            ui.notify("It is lifted. What it had paused goes on.")

    await lift_the_emergency_stop()


class Pull:
    """Three inputs and a button. `then` is called once it is in force."""

    def __init__(
        self,
        desk: Desk,
        then: Callable[[], object],
        *,
        what: str = "everything",
        name: str | None = None,
        cancel: Callable[[], object] | None = None,
    ) -> None:
        self.desk = desk
        self.then = then
        with ui.element("div").classes("qd-form"):
            ui.html(f"<p class='qd-i2 qd-s'>{WHAT_IT_DOES}</p>", sanitize=False)
            with ui.element("div").classes("qd-pair qd-twocol"):
                self.what = choice("What to stop", WHAT, what)
                self.which = ui.element("div")
            self.why = line("Why (it stays in the record)", hint="Why? It stays in the record.")
            with ui.element("div").classes("qd-acts"):
                button("Stop now", self._pull, kind="stopnow")
                if cancel is not None:
                    button("Cancel", cancel, kind="g")
        self.name: ui.select | None = None
        self._which(name)
        self.what.on_value_change(lambda: self._which(None))

    def _which(self, name: str | None) -> None:
        self.which.clear()
        options = self._options(str(self.what.value))
        with self.which:
            self.name = None
            if options:  # by typing: there may be hundreds of tools
                self.name = ui.select(options, value=name if name in options else None, with_input=True)
                self.name.props(f'{OUTLINED} aria-label="Which one"')

    def _options(self, what: str) -> list[str]:
        runtime = self.desk.runtime
        if what != "tool":
            return list(runtime.administration.documents(what)) if what in ("agent", "connector") else []
        connectors = runtime.administration.documents("connector")
        return [f"{one}/{tool.name}" for one in connectors for tool in runtime.registry.known(one) or ()]

    async def _pull(self) -> None:
        name = str(self.name.value) if self.name is not None and self.name.value else None
        if name is None and self.what.value != "everything":
            ui.notify("Nothing was stopped: choose what is to stop.", type="warning")
            return
        if await pull(self.desk, str(self.what.value), name, str(self.why.value or "")):
            self.why.value = ""
            self.then()


def ask_to_stop(desk: Desk, agent: str | None = None) -> None:
    """The same in a dialog, from anywhere."""
    with ui.context.client.content, ui.dialog() as dialog, ui.element("div").classes("qd-dlg"):
        ui.html("<h2>Emergency stop</h2>", sanitize=False)
        Pull(desk, dialog.close, what="agent" if agent else "everything", name=agent, cancel=dialog.close)
    dialog.on("hide", dialog.delete)
    dialog.open()
