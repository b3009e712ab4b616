"""The outbox of the demo: what left the house, as text, as it leaves."""

import asyncio
from html import escape

from fastapi import Request
from nicegui import background_tasks, ui

from agents.demo.mail.outbox import Letter, outbox_in

from .. import format
from ..components.empty import empty
from ..desk import Desk
from ..frame import base_path, frame
from ..security import person_of

SHOWN = 100


def register(desk: Desk) -> None:
    @ui.page("/outbox")
    async def outbox(request: Request) -> None:
        person = person_of(request)
        kept = outbox_in(desk.data)
        letters = await asyncio.to_thread(kept.newest, SHOWN)
        with frame(desk, person, active="outbox", title="Outbox"), ui.element("div").classes("qd-page qd-main"):
            words = "<h1>Outbox</h1><span class='qd-i3 qd-s qd-el'>What agents have sent by mail. Nothing of it has left this machine.</span>"
            ui.html(words, sanitize=False).classes("qd-top")
            with ui.element("div").classes("qd-doc"), ui.element("div").classes("qd-col"):
                place = ui.element("div").props("role=log aria-label=Letters").classes("qd-cards")
        _draw(place, letters)

        async def read() -> None:
            nonlocal letters
            found = await asyncio.to_thread(kept.newest, SHOWN)
            if found != letters and not place.is_deleted:
                letters = found
                _draw(place, letters)

        def heard() -> None:
            background_tasks.create(read(), name="outbox")

        ui.context.client.on_delete(kept.subscribe(heard))
        heard()  # of what came in while the page was made


def _draw(place: ui.element, letters: list[Letter]) -> None:
    place.clear()
    with place:
        if not letters:
            text = "Start a session with an agent that may send mail; its letters appear here once they are approved."
            empty("msg", "Nothing has been sent yet", text, (f"{base_path()}/sessions/new", "New session"))
        for one in letters:
            ui.html(_letter(one), sanitize=False, tag="article").classes("qd-card")


def _letter(one: Letter) -> str:
    head = f"<header><h2 class='qd-el'>{escape(one.subject)}</h2><span class='qd-sp'></span>{format.moment(one.at, 'date')}</header>"
    ways = f"<div class='qd-meta2'><span>From {escape(one.sender)}</span><span>To {escape(one.recipients)}</span></div>"
    return f"{head}<div class='qd-in'>{ways}<div class='qd-letter'>{escape(one.body)}</div></div>"
