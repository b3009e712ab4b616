"""Who may come in and what they may do, and the tokens programs use. For admins."""

import re
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from html import escape
from typing import Any

from fastapi import Request
from nicegui import ui

from store.errors import StoreError
from store.people import IssuedToken, Person, Role

from ..components.buttons import button
from ..components.dialogs import confirm
from ..components.document_form import on_page
from ..components.empty import empty
from ..components.field import OUTLINED, Field, field, line
from ..components.once import show_once
from ..components.row_button import row_button
from ..desk import Desk
from ..format import moment
from ..frame import frame
from ..security import acting, person_of

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")
LONGEST = 80
ROLES = {
    Role.VIEWER: "Viewer: reads everything",
    Role.OPERATOR: "Operator: starts sessions and decides",
    Role.ADMIN: "Admin: also changes the configuration",
}
SHORT = {role: role.value.capitalize() for role in Role}
NEW_LINK = "It works once, within 24 hours. Send it to {name} on a way nobody else reads."
BY_ONESELF = "You cannot take it back yourself: another admin has to."
TOKEN_TEXT = "Send it as “Authorization: Bearer …”. It works until it is revoked."


def register(desk: Desk) -> None:
    @ui.page("/people")
    async def people(request: Request) -> None:
        person = person_of(request)
        with frame(desk, person, active="people", title="People"), ui.element("div").classes("qd-page qd-main"):
            ui.html("<h1>People</h1>", sanitize=False).classes("qd-top")
            with ui.element("div").classes("qd-doc"), ui.element("div").classes("qd-col"):
                page = PeoplePage(desk, person)
                await page.build()


class PeoplePage:
    def __init__(self, desk: Desk, me: Person) -> None:
        self.desk = desk
        self.me = me

    async def build(self) -> None:
        _heading("Who may come in", "Everybody signs in as themselves; decisions carry their names.")
        self.people = ui.element("div").classes("qd-tblwrap")
        self._new_person()
        _heading("API tokens", "For programs. What a token does is recorded under its name.")
        self.tokens = ui.element("div").classes("qd-tblwrap")
        self._new_token()
        await self.refresh()

    async def refresh(self) -> None:
        people, tokens = await self.desk.people.list(), await self.desk.people.tokens()
        self.people.clear()
        with self.people, _table("Name", "Signs in as", "Role", "Actions"):
            for one in people:
                self._person(one)
        self.tokens.clear()
        with self.tokens:
            if not tokens:
                empty("lock", "No tokens yet", "Make one below when a program should start sessions or read results.")
                return
            with _table("Token", "Role", "Made", "Actions"):
                for token in tokens:
                    self._token(token)

    def _person(self, one: Person) -> None:
        you = " <span class='qd-chip'>you</span>" if one.name == self.me.name else ""
        off = " <span class='qd-chip qd-bad'>disabled</span>" if one.disabled else ""
        with ui.element("tr").mark(f"person-{one.name}"):
            _cell(f"<span class='qd-b'>{escape(one.display_name)}</span>{you}{off}")
            _cell(f"<code>{escape(one.name)}</code>")
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

    def _token(self, token: IssuedToken) -> None:
        with ui.element("tr"):
            _cell(f"<span class='qd-b'>{escape(token.name)}</span>")
            _cell(escape(SHORT[token.role]))
            _cell(f"{moment(token.created_at, 'date')} <span class='qd-i3'>by {escape(token.by)}</span>")
            with ui.element("td").classes("qd-r"):
                row_button("Revoke", token.name, lambda: self._ask_revoke(token), kind="d")

    async def _change_role(self, one: Person, role: Role) -> None:
        with on_page():  # here and below: the tables are drawn anew after every change
            if one.name == self.me.name and not await confirm(
                f"Become {_a(role)} yourself?", BY_ONESELF, f"Become {_a(role)}"
            ):
                await self.refresh()
                return

            @acting(self.desk, Role.ADMIN)
            async def change_role(person: Person) -> None:
                await self.desk.people.change(one.name, role=role, by=person.name)
                ui.notify(f"{one.display_name} is now {_a(role)}.", type="positive")

            await self._try(change_role)

    async def _ask_disable(self, one: Person) -> None:
        who = "You are" if one.name == self.me.name else f"{one.display_name} is"
        done = "What you did" if one.name == self.me.name else "What they did"
        text = f"{who} signed out everywhere at once, and cannot come in until an admin enables it. {done} stays."
        with on_page():
            if await confirm(f"Disable {one.display_name}?", text, "Disable"):
                await self._set_disabled(one, True)

    async def _set_disabled(self, one: Person, disabled: bool) -> None:
        @acting(self.desk, Role.ADMIN)
        async def disable(person: Person) -> None:
            await self.desk.people.change(one.name, disabled=disabled, by=person.name)

        await self._try(disable)

    async def _link(self, one: Person) -> None:
        @acting(self.desk, Role.ADMIN)
        async def make_link(_person: Person) -> None:
            token = await self.desk.people.make_link(one.name)
            request = ui.context.client.request
            link = f"{request.base_url}link/{token}"
            show_once(f"Sign-in link for {one.display_name}", NEW_LINK.format(name=one.display_name), link)

        await self._try(make_link)

    def _new_person(self) -> None:
        with ui.element("div").classes("qd-newrow"):
            name_field, shown_field = field("Sign-in name"), field("Full name")
            with name_field:
                name = line("Sign-in name", hint="ada")
            with shown_field:
                shown = line("Full name", hint="Ada Lovelace")
            role = _role("Role of the new person")

            async def add() -> None:
                if await self._add(name_field, str(name.value or ""), str(shown.value or ""), role.value):
                    _clear(name, shown)

            button("Add", add, kind="p", sign="plus")
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

        return await self._try(add_person)

    def _new_token(self) -> None:
        with ui.element("div").classes("qd-newrow qd-two"):
            name_field = field("What it is for")
            with name_field:
                name = line("What it is for", hint="nightly report")
            role = _role("Role of the token")

            async def add() -> None:
                if await self._add_token(name_field, str(name.value or "").strip()[:LONGEST], role.value):
                    _clear(name)

            button("Make a token", add, kind="p", sign="plus")
            name.on("keydown.enter", add)

    async def _add_token(self, place: Field, name: str, role: Role) -> bool:
        fits = bool(name) and name.isprintable()
        place.complain("" if fits else "Say it in plain words: the record shows it.")
        if not fits:
            return False

        @acting(self.desk, Role.ADMIN)
        async def make_token(person: Person) -> None:
            token = await self.desk.people.make_token(name, Role(role), by=person.name)
            show_once(f"Token for {name}", TOKEN_TEXT, token)

        return await self._try(make_token)

    async def _ask_revoke(self, token: IssuedToken) -> None:
        @acting(self.desk, Role.ADMIN)
        async def revoke(person: Person) -> None:
            await self.desk.people.revoke_token(token.id, by=person.name)

        text = "Programs that use it are refused from now on. A revoked token cannot be taken back into use."
        with on_page():
            if await confirm(f"Revoke the token for {token.name}?", text, "Revoke"):
                await self._try(revoke)

    async def _try(self, action: Callable[[], Coroutine[Any, Any, None]]) -> bool:
        """What the store refuses is a sentence; either way the tables show what is now so."""
        client = ui.context.client
        try:
            await action()
        except StoreError as error:
            ui.notify(str(error), type="negative")
            done = False
        else:
            done = True
        if not client.is_deleted:  # whoever changes their own role gets a new page
            await self.refresh()
        return done


@contextmanager
def _table(*headings: str) -> Iterator[None]:
    with ui.element("table").classes("qd-tbl qd-stack"):
        *others, actions = headings
        cells = "".join(f"<th>{escape(heading)}</th>" for heading in others)
        cells += f"<th class='qd-r'>{escape(actions)}</th>"
        ui.html(f"<tr>{cells}</tr>", sanitize=False, tag="thead")
        with ui.element("tbody"):
            yield


def _heading(title: str, text: str) -> None:
    words = f"<h2 style='font-size:15px'>{escape(title)}</h2><p class='qd-i3 qd-s'>{escape(text)}</p>"
    ui.html(words, sanitize=False).style("margin-top:10px")


def _cell(html: str) -> None:
    ui.html(html, sanitize=False, tag="td")


def _role(label: str) -> ui.select:
    with field("Role"):
        made = ui.select(ROLES, value=Role.OPERATOR).props(OUTLINED)
    made.props["aria-label"] = label
    return made


def _clear(*inputs: ui.input) -> None:
    for one in inputs:
        one.set_value("")


def _a(role: Role) -> str:
    return f"{'a' if role is Role.VIEWER else 'an'} {role}"
