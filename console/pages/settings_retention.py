"""The part of the settings that erases old texts now: how many sessions, asked first, with progress."""

from nicegui import ui

from store.errors import StoreError
from store.people import Person, Role

from .. import format
from ..components.buttons import button
from ..components.dialogs import confirm, on_page
from ..components.notes import note
from ..components.under_way import UnderWay
from ..desk import Desk
from ..security import acting, allowed

GONE = "Their messages, arguments, results and answers cannot be brought back. What happened, and that it did, stays."


class RetentionCard:
    """`days` is what the form says, saved or not: looking at what it would do saves nothing."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        with ui.element("section").classes("qd-card"), ui.element("div").classes("qd-in"):
            ui.html("<h2>Old texts</h2>", sanitize=False)
            self.words = ui.html("", sanitize=False).props("role=status")
            self.under_way = UnderWay()
            with ui.element("div").classes("qd-acts"):
                button("Erase now", self._erase, kind="d")
        self.days: int | None = None

    async def show(self, days: int | None) -> None:
        self.days = days
        self.words.set_content(f"<p class='qd-i2'>{await self._said()}</p>")

    async def _said(self) -> str:
        if self.days is None:
            return "Texts are kept for good. With a number of days, those of ended sessions older than that are erased."
        count = format.plural(await self.desk.runtime.retention.would_erase(self.days), "session")
        return (
            f"Would erase the texts of {count} that ended more than {format.plural(self.days, 'day')} ago. It is done "
            "every night; what waits for a person is never touched."
        )

    async def _erase(self) -> None:
        @acting(self.desk, Role.ADMIN)
        async def erase_old_texts(person: Person) -> None:
            days, retention = self.days, self.desk.runtime.retention
            if days is None or self.under_way.is_busy:
                ui.notify("Say first after how many days texts are erased.", type="warning")
                return
            with on_page():
                count = format.plural(await retention.would_erase(days), "session")
                if not await confirm(f"Erase the texts of {count}?", GONE, "Erase"):
                    return
                if await allowed(self.desk, Role.ADMIN, "erase old texts") is None:
                    return
                try:
                    done = await self.under_way.run("Erasing", retention.run(days, self._progress, by=person.name))
                except StoreError as error:
                    self.words.set_content(note("bad", f"Not all was erased: {error}"))
                    return
            await self.show(days)
            if done is not None:
                ui.notify(f"The texts of {format.plural(done, 'session')} are erased.")

        await erase_old_texts()

    def _progress(self, done: int, of: int) -> None:
        if done % 20 == 0 or done == of:
            self.words.set_content(f"<p class='qd-i2'>Erased {done} of {of}.</p>")
