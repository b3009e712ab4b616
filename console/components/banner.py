"""What everybody has to know, on every page: emergency stops in force, and budgets near or over their end."""

from html import escape

from nicegui import ui

from agents.holding import Notice

from ..desk import Desk
from ..icons import icon

CLASSES = {"stop": "qd-stop", "over": "qd-stop", "warn": "qd-near-end"}


def banner(desk: Desk) -> None:
    """Create it first thing in the frame; it comes and goes by itself while the page is open."""
    holds = desk.runtime.holds
    place = ui.html("", sanitize=False).classes("qd-held").props("role=status aria-live=polite")

    def show() -> None:
        if not place.is_deleted:
            place.set_content("".join(_line(one) for one in holds.notices()))

    show()
    ui.context.client.on_delete(holds.subscribe(show))


def _line(notice: Notice) -> str:
    return f'<div class="{CLASSES[notice.kind]}">{icon("warn", "md")}<span>{escape(notice.words)}</span></div>'
