"""API tokens: what each is for, what it may do and until when, when it was last used, and its end."""

from html import escape

from nicegui import ui
from nicegui.element import Element

from agents.config import Agent
from store.people import IssuedToken, Person, Role

from ..components.buttons import button
from ..components.dialogs import confirm, on_page
from ..components.empty import empty
from ..components.field import Field, choice, field, line
from ..components.once import show_once
from ..components.row_button import row_button
from ..format import moment
from ..security import acting
from .people_section import LONGEST, SHORT, Section, cell, clear, heading, role_choice, table

TERMS = {"7": "7 days", "30": "30 days", "90": "90 days", "365": "A year", "": "Never"}
USUAL = "90"
WORDS = (
    "For programs. What a token does is recorded under its name. One that names agents sees and starts only these, and "
    "never the configuration; one that names none is for all."
)
TEXT = "Send it as “Authorization: Bearer …”. {ends} {scope}"


class Tokens(Section):
    place: Element

    def build(self) -> None:
        heading("API tokens", WORDS)
        self.place = ui.element("div").classes("qd-tblwrap")
        self._new()

    async def draw(self) -> None:
        tokens = await self.desk.people.tokens()
        self.place.clear()
        with self.place:
            if not tokens:
                empty("lock", "No tokens yet", "Make one below when a program should start sessions or read results.")
                return
            with table("Token", "May do", "Last used", "Actions"):
                for token in tokens:
                    self._row(token)

    def _row(self, token: IssuedToken) -> None:
        with ui.element("tr"):
            made = f"<span class='qd-i3'>by {escape(token.by)}, {moment(token.created_at, 'date')}</span>"
            over = " <span class='qd-chip qd-bad'>expired</span>" if token.expired else ""
            cell(f"<span class='qd-b'>{escape(token.name)}</span>{over}<br>{made}")
            only = f" for {escape(', '.join(token.agents))}" if token.agents else " for every agent"
            word = "expired" if token.expired else "until"
            ends = f"{word} {moment(token.expires_at, 'date')}" if token.expires_at else "never expires"
            cell(f"{escape(SHORT[token.role])}{only}<br><span class='qd-i3'>{ends}</span>")
            cell(moment(token.last_used_at, "age") if token.last_used_at else "<span class='qd-i3'>never</span>")
            with ui.element("td").classes("qd-r"):
                row_button("Revoke", token.name, lambda: self._ask_revoke(token), kind="d")

    def _new(self) -> None:
        with ui.element("div").classes("qd-newrow qd-tokenrow"):
            name_field = field("What it is for")
            with name_field:
                name = line("What it is for", hint="nightly report")
            role = role_choice("Role of the token")
            with field("Agents"):
                agents = choice("Agents of the token", self._agents(), [], several=True)
            with field("Expires after"):
                term = choice("Expires after", TERMS, USUAL)

            async def add() -> None:
                said = str(name.value or "").strip()[:LONGEST]
                if await self._add(name_field, said, role.value, tuple(agents.value or ()), str(term.value or "")):
                    clear(name)
                    agents.set_value([])

            button("Make a token", add, kind="p", sign="plus")
            name.on("keydown.enter", add)

    def _agents(self) -> list[str]:
        known = self.desk.runtime.world.current.get("agent", {})
        return sorted(name for name, (_, document) in known.items() if isinstance(document, Agent))

    async def _add(self, place: Field, name: str, role: Role, agents: tuple[str, ...], term: str) -> bool:
        fits = bool(name) and name.isprintable()
        place.complain("" if fits else "Say it in plain words: the record shows it.")
        if not fits:
            return False

        @acting(self.desk, Role.ADMIN)
        async def make_token(person: Person) -> None:
            days = int(term) if term else None
            token = await self.desk.people.make_token(name, Role(role), by=person.name, days=days, agents=agents)
            ends = (
                f"It works for {TERMS[term].lower()}, or until it is revoked."
                if term
                else "It works until it is revoked."
            )
            scope = f"It sees and starts only {', '.join(agents)}." if agents else ""
            show_once(f"Token for {name}", TEXT.format(ends=ends, scope=scope).strip(), token)

        return await self.attempt(make_token)

    async def _ask_revoke(self, token: IssuedToken) -> None:
        @acting(self.desk, Role.ADMIN)
        async def revoke(person: Person) -> None:
            await self.desk.people.revoke_token(token.id, by=person.name)

        text = "Programs that use it are refused from now on. A revoked token cannot be taken back into use."
        with on_page():
            if await confirm(f"Revoke the token for {token.name}?", text, "Revoke"):
                await self.attempt(revoke)
