"""Something secret that is shown this one time, with a button that copies it."""

import json
from html import escape

from nicegui import ui

from .buttons import button


def show_once(title: str, text: str, secret: str) -> None:
    page = ui.context.client.content  # not where the button is: that may be drawn anew meanwhile
    with page, ui.dialog().props("persistent") as dialog, ui.element("div").classes("qd-dlg"):
        ui.html(f"<h2>{escape(title)}</h2><p class='qd-i2'>{escape(text)}</p>", sanitize=False)
        ui.html(escape(secret), sanitize=False).classes("qd-secret").mark("secret")
        ui.html("<p class='qd-i3 qd-s'>It is shown this once; only a digest of it is kept.</p>", sanitize=False)
        with ui.element("div").classes("qd-acts"):
            copy = button("Copy", kind="p")
            copy.on("click", js_handler=f"() => navigator.clipboard?.writeText({json.dumps(secret)})")
            button("Done", dialog.close, kind="g")
    dialog.on("hide", dialog.delete)
    dialog.open()
