"""The browsers people are signed in with now, each with a way to sign it out."""

from html import escape

from nicegui import ui
from nicegui.element import Element

from store.people import Person, Role, SignedIn

from ..components.dialogs import on_page
from ..components.row_button import row_button
from ..format import moment
from ..security import acting
from .people_section import Section, cell, heading, table

BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
"""What a browser says of itself → its name; those that also say another's name come first."""
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)


class Browsers(Section):
    place: Element

    def build(self) -> None:
        heading(
            "Signed in now", "A browser that was not used for 12 hours, or for 7 days in all, is signed out by itself."
        )
        self.place = ui.element("div").classes("qd-tblwrap")

    async def draw(self) -> None:
        browsers = await self.desk.people.signed_in()
        shown = {one.name: one.display_name for one in await self.desk.people.list()}
        self.place.clear()
        with self.place, table("Person", "Browser", "Last seen", "Actions"):
            for one in browsers:
                self._row(one, shown.get(one.name, one.name))

    def _row(self, one: SignedIn, person: str) -> None:
        with ui.element("tr"):
            cell(f"<span class='qd-b'>{escape(person)}</span>")
            since = f"<span class='qd-i3'>since {moment(one.since, 'date')}</span>"
            cell(f"<span title='{escape(one.browser)}'>{escape(named(one.browser))}</span> {since}")
            cell(moment(one.last_seen, "age"))
            with ui.element("td").classes("qd-r"):
                row_button("Sign out", f"{one.name}, {named(one.browser)}", lambda: self._sign_out(one), kind="d")

    async def _sign_out(self, one: SignedIn) -> None:
        @acting(self.desk, Role.ADMIN)
        async def sign_out(person: Person) -> None:
            await self.desk.people.sign_out_one(one.id, by=person.name)

        with on_page():
            await self.attempt(sign_out)


def named(agent: str) -> str:
    """A browser's own description in two words: Firefox on Linux."""
    browser = next((name for sign, name in BROWSERS if sign in agent), None)
    system = next((name for sign, name in SYSTEMS if sign in agent), None)
    if browser is None:
        return agent[:40] or "Unknown browser"
    return f"{browser} on {system}" if system else browser
