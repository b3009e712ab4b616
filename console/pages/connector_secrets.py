"""Secrets, write-only: set, replace, delete. No page ever shows a value."""

from functools import partial
from html import escape

from nicegui import ui

from store.errors import StoreError
from store.people import Role

from .. import connector_form
from ..components.buttons import button
from ..components.dialogs import confirm, on_page
from ..components.field import field, line
from ..components.row_button import row_button
from ..desk import Desk
from ..security import allowed

NOBODY = "nothing refers to it"


class SecretsCard:
    """For admins only; the names are what documents refer to as `secret:NAME`."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.replacing = ""
        """The secret whose *Replace* was pressed: nobody overwrites one by a name that happens to be taken."""
        with ui.element("section").classes("qd-card").props('id="secrets"'):
            hint = "<span class='qd-hint'>Kept encrypted. Write <code>secret:NAME</code> where one is needed.</span>"
            with ui.element("header"):
                ui.html(f"<h2>Secrets</h2>{hint}", sanitize=False).classes("qd-row")
            self.list = ui.element("div")
            with ui.element("div").classes("qd-in qd-secretform"):
                self.name_field = field("Name")
                with self.name_field:
                    self.name = line("Name of the secret", hint="crm-token", mono=True)
                self.value_field = field("Value")
                with self.value_field:
                    self.value = line("Value of the secret", hint="Nobody can read it again", secret=True)
                button("Keep it", self._set)
            for one in (self.name, self.value):
                one.on("keydown.enter", self._set)
        ui.timer(0, self._show, once=True)

    async def _show(self) -> None:
        whole = await self.desk.runtime.administration.whole()
        self.list.clear()
        with self.list:
            for name in [one for one in self.desk.secrets.names() if not one.startswith(connector_form.RESERVED)]:
                users = ", ".join(connector_form.references_to(name, whole)) or NOBODY
                with ui.element("div").classes("qd-line"):
                    words = (
                        f'<code class="qd-b">{escape(name)}</code><span class="qd-s qd-i3 qd-el">{escape(users)}</span>'
                    )
                    ui.html(words, sanitize=False).classes("qd-row").style("min-width:0;flex:1")
                    row_button("Replace", name, partial(self._replace, name))
                    row_button("Delete", name, partial(self._delete, name, users), kind="d")

    def is_replacing(self, name: str) -> bool:
        return self.replacing == name

    def _replace(self, name: str) -> None:
        self.replacing = name
        self.name_field.complain("")
        self.name.set_value(name)
        self.value.run_method("focus")

    async def _set(self) -> None:
        if (person := await allowed(self.desk, Role.ADMIN, "set a secret")) is None:
            return
        name, value = str(self.name.value or "").strip(), str(self.value.value or "")
        self.name_field.complain("" if name else "Give it a name, by which the configuration refers to it.")
        self.value_field.complain("" if value else "An empty secret opens nothing: give a value.")
        if name.startswith(connector_form.RESERVED):
            self.name_field.complain(
                f"Names that begin with {connector_form.RESERVED} are for sign-ins; choose another."
            )
            return
        if not name or not value:
            return
        is_new = name not in self.desk.secrets.names()
        if not is_new and not self.is_replacing(name):
            self.name_field.complain("There is a secret of this name. Press Replace beside it if you mean that one.")
            return
        try:
            await self.desk.secrets.set(name, value, by=person.name)
        except StoreError as error:
            self.name_field.complain(f"Not kept: {error}")
            return
        self.replacing = ""
        self.name.set_value("")
        self.value.set_value("")
        ui.notify(f"{name} is {'kept' if is_new else 'replaced'}. Connectors that use it read it when restarted.")
        await self._show()

    async def _delete(self, name: str, users: str) -> None:
        if await allowed(self.desk, Role.ADMIN, "delete a secret") is None:
            return
        used = "Nothing refers to it." if users == NOBODY else f"These refer to it and would fail: {users}."
        text = f"It cannot be brought back. {used}"
        with on_page():  # the list is drawn anew whenever a secret is set
            if not await confirm(f"Delete the secret “{name}”?", text, "Delete"):
                return
            if (person := await allowed(self.desk, Role.ADMIN, "delete a secret")) is None:
                return
            try:
                await self.desk.secrets.delete(name, by=person.name)
            except (StoreError, KeyError) as error:
                ui.notify(f"Not deleted: {error}", type="negative")
            await self._show()
