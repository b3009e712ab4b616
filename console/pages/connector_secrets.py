"""Secrets, write-only: set, replace, delete. No page ever shows a value."""

from functools import partial
from html import escape

from nicegui import ui

from store.errors import StoreError
from store.people import Role

from .. import connector_form
from ..components.buttons import button
from ..components.dialogs import confirm
from ..components.field import field, line
from ..desk import Desk
from ..security import allowed


class SecretsCard:
    """For admins only; the names are what documents refer to as `secret:NAME`."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        with ui.element("section").classes("qd-card").props('id="secrets"'):
            hint = "<span class='qd-hint'>Kept encrypted. Write <code>secret:NAME</code> where one is needed.</span>"
            with ui.element("header"):
                ui.html(f"<h2>Secrets</h2>{hint}", sanitize=False).classes("qd-row")
            self.list = ui.element("div")
            with ui.element("div").classes("qd-in qd-secretform"):
                self.name_field = field("Name")
                with self.name_field:
                    self.name = line("Name of the secret", hint="crm-token", mono=True)
                with field("Value"):
                    self.value = line("Value of the secret", hint="Nobody can read it again", secret=True)
                button("Keep it", self._set)
        ui.timer(0, self._show, once=True)

    async def _show(self) -> None:
        whole = await self.desk.runtime.administration.whole()
        self.list.clear()
        with self.list:
            for name in self.desk.secrets.names():
                users = ", ".join(connector_form.references_to(name, whole)) or "nothing refers to it"
                with ui.element("div").classes("qd-line"):
                    words = (
                        f'<code class="qd-b">{escape(name)}</code><span class="qd-s qd-i3 qd-el">{escape(users)}</span>'
                    )
                    ui.html(words, sanitize=False).classes("qd-row").style("min-width:0;flex:1")
                    button("Replace", partial(self._replace, name), kind="t")
                    button("Delete", partial(self._delete, name, users), kind="t d")

    def _replace(self, name: str) -> None:
        self.name.set_value(name)
        self.value.run_method("focus")

    async def _set(self) -> None:
        if (person := await allowed(self.desk, Role.ADMIN, "set a secret")) is None:
            return
        name, value = str(self.name.value or "").strip(), str(self.value.value or "")
        if not value:
            self.name_field.complain("An empty secret opens nothing: give a value.")
            return
        try:
            await self.desk.secrets.set(name, value, by=person.name)
        except StoreError as error:
            self.name_field.complain(str(error))
            return
        self.name_field.complain("")
        self.name.set_value("")
        self.value.set_value("")
        ui.notify(f"{name} is kept. Connectors that use it read it when they are restarted.")
        await self._show()

    async def _delete(self, name: str, users: str) -> None:
        if await allowed(self.desk, Role.ADMIN, "delete a secret") is None:
            return
        text = f"It cannot be brought back. Used by: {users}."
        if not await confirm(f"Delete the secret “{name}”?", text, "Delete"):
            return
        if (person := await allowed(self.desk, Role.ADMIN, "delete a secret")) is None:
            return
        try:
            await self.desk.secrets.delete(name, by=person.name)
        except (StoreError, KeyError) as error:
            ui.notify(f"Not deleted: {error}", type="negative")
        await self._show()
