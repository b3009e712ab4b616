"""The people who may come in: their roles, their invitations, and who is disabled."""

import re
from collections.abc import Sequence
from html import escape

from nicegui import ui
from nicegui.element import Element

from store.people import IssuedToken, Person, Role

from ..components.buttons import button
from ..components.dialogs import confirm, on_page
from ..components.field import Field, field, line
from ..components.once import show_once
from ..components.row_button import row_button
from ..format import plural
from ..security import acting
from .people_section import LONGEST, SHORT, Section, a, cell, clear, heading, role_choice, table

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")
INVITATION = (
    "{name} comes in as {role} and signs in as “{sign_in}”. The link works once, within 24 hours, and ends any "
    "earlier one; after that they choose a password. Send it on a way nobody else reads."
)
BY_ONESELF = "You cannot take it back yourself: another admin has to."


def _tokens(ended: Sequence[IssuedToken]) -> str:
    return plural(len(ended), "API token")


class Persons(Section):
    place: Element

    def build(self) -> None:
        heading("Who may come in", "Everybody signs in as themselves; decisions carry their names.")
        self.place = ui.element("div").classes("qd-tblwrap")
        self._new()

    async def draw(self) -> None:
        people = await self.desk.people.list()
        self.place.clear()
        with self.place, table("Name", "Signs in as", "Role", "Actions"):
            for one in people:
                self._row(one)

    def _row(self, one: Person) -> None:
        you = " <span class='qd-chip'>you</span>" if one.name == self.me.name else ""
        off = " <span class='qd-chip qd-bad'>disabled</span>" if one.disabled else ""
        with ui.element("tr").mark(f"person-{one.name}"):
            cell(f"<span class='qd-b'>{escape(one.display_name)}</span>{you}{off}")
            cell(f"<code>{escape(one.name)}</code>")
            with ui.element("td"):
                role = ui.select(SHORT, value=one.role, on_change=lambda event: self._change_role(one, event.value))
                role.props("outlined dense options-dense").style("width:120px")
                role.props["aria-label"] = f"Role of {one.name}"
            with (
                ui.element("td").classes("qd-r qd-nw"),
                ui.element("span").classes("qd-row").style("justify-content:end"),
            ):
                if one.disabled:
                    row_button("Enable", one.name, lambda: self._set_disabled(one, False))
                else:
                    row_button("Sign-in link", one.name, lambda: self._link(one), sign="link")
                    row_button("Disable", one.name, lambda: self._ask_disable(one), kind="d")

    async def _change_role(self, one: Person, role: Role) -> None:
        with on_page():  # here and below: the tables are drawn anew after every change
            if one.name == self.me.name and not await confirm(
                f"Become {a(role)} yourself?", BY_ONESELF, f"Become {a(role)}"
            ):
                await self.changed()
                return

            @acting(self.desk, Role.ADMIN)
            async def change_role(person: Person) -> None:
                ended = await self.desk.people.tokens_of(one.name, above=role) if role.rank < one.role.rank else []
                await self.desk.people.change(one.name, role=role, by=person.name)
                lost = f" {_tokens(ended)} above that ended." if ended else ""
                ui.notify(f"{one.display_name} is now {a(role)}.{lost}", type="positive")

            await self.attempt(change_role)

    async def _ask_disable(self, one: Person) -> None:
        who = "You are" if one.name == self.me.name else f"{one.display_name} is"
        done = "What you did" if one.name == self.me.name else "What they did"
        text = f"{who} signed out everywhere at once, and cannot come in until an admin enables it. {done} stays."
        if ended := await self.desk.people.tokens_of(one.name):
            text += f" {_tokens(ended)} made by {one.name}, or in that name, cannot be used any more and will not come back."
        with on_page():
            if await confirm(f"Disable {one.display_name}?", text, "Disable"):
                await self._set_disabled(one, True)

    async def _set_disabled(self, one: Person, disabled: bool) -> None:
        @acting(self.desk, Role.ADMIN)
        async def disable(person: Person) -> None:
            await self.desk.people.change(one.name, disabled=disabled, by=person.name)

        await self.attempt(disable)

    async def _link(self, one: Person) -> None:
        @acting(self.desk, Role.ADMIN)
        async def make_link(person: Person) -> None:
            token = await self.desk.people.make_link(one.name, by=person.name)
            request = ui.context.client.request
            text = INVITATION.format(name=one.display_name, role=a(one.role), sign_in=one.name)
            show_once(f"Invitation for {one.display_name}", text, f"{request.base_url}link/{token}")

        await self.attempt(make_link)

    def _new(self) -> None:
        with ui.element("div").classes("qd-newrow"):
            name_field, shown_field = field("Sign-in name"), field("Full name")
            with name_field:
                name = line("Sign-in name", hint="ada")
            with shown_field:
                shown = line("Full name", hint="Ada Lovelace")
            role = role_choice("Role of the new person")

            async def add() -> None:
                if await self._add(name_field, str(name.value or ""), str(shown.value or ""), role.value):
                    clear(name, shown)

            button("Invite", add, kind="p", sign="plus")
            for one in (name, shown):
                one.on("keydown.enter", add)

    async def _add(self, place: Field, name: str, shown: str, role: Role) -> bool:
        name, shown = name.strip().lower(), shown.strip()[:LONGEST]
        fits = NAME.fullmatch(name) is not None
        place.complain("" if fits else "1 to 40 letters a–z, digits, dots, dashes or underscores.")
        if not fits:
            return False

        @acting(self.desk, Role.ADMIN)
        async def add_person(person: Person) -> None:
            added = await self.desk.people.create(name, shown or name, Role(role), None, by=person.name)
            await self._link(added)

        return await self.attempt(add_person)
