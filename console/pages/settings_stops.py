"""The part of the settings for the emergency stop: what is in force, and pulling or lifting it."""

from html import escape

from nicegui import ui

from agents import halting
from agents.config import Halt
from store.people import Person, Role

from .. import format
from ..components.row_button import row_button
from ..components.stop_button import Pull, lift
from ..desk import Desk


class StopCard:
    def __init__(self, desk: Desk, person: Person) -> None:
        self.desk = desk
        self.may_lift = person.role.rank >= Role.ADMIN.rank
        with ui.element("section").classes("qd-card qd-stopcard"), ui.element("div").classes("qd-in"):
            ui.html("<h2>Emergency stop</h2>", sanitize=False)
            self.place = ui.element("div").classes("qd-halts")
            if person.role.rank >= Role.OPERATOR.rank:
                Pull(desk, self.show)
        self.show()
        ui.context.client.on_delete(desk.runtime.holds.subscribe(self.show))

    def show(self) -> None:
        if self.place.is_deleted:
            return
        halts = self.desk.runtime.world.halts()
        self.place.clear()
        with self.place:
            if not halts:
                ui.html("<p class='qd-i3'>Nothing is stopped.</p>", sanitize=False)
            for one in halts:
                self._row(one)

    def _row(self, one: Halt) -> None:
        what = halting.what(one)
        said = f"<b>{escape(what[:1].upper() + what[1:])}</b>: {escape(one.because)}"
        by = f"<div class='qd-s qd-i3'>{escape(one.by)}, {format.moment(one.at, 'date')}</div>"
        with ui.element("div"):
            ui.html(f"<span class='qd-red'>{said}</span>{by}", sanitize=False)
            if self.may_lift:
                row_button("Lift", halting.what(one), lambda: lift(self.desk, one.what, one.name))
