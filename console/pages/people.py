"""Who may come in and what they may do, where they are signed in, and the tokens programs use. For admins."""

from fastapi import Request
from nicegui import ui

from store.people import Person

from ..desk import Desk
from ..frame import frame
from ..security import person_of
from .people_browsers import Browsers
from .people_persons import Persons
from .people_tokens import Tokens


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
        self.sections = [part(desk, me, self.refresh) for part in (Persons, Browsers, Tokens)]

    async def build(self) -> None:
        for section in self.sections:
            section.build()
        await self.refresh()

    async def refresh(self) -> None:
        for section in self.sections:
            await section.draw()
