"""Every document of the configuration with its newest version, and those that were deleted, to be restored."""

from collections.abc import Mapping
from html import escape

from fastapi import Request
from nicegui import ui

from agents.config import KINDS
from store.configuration import Stored
from store.people import Role

from .. import format, version_words
from ..components.empty import empty
from ..components.versions_link import versions_path
from ..desk import Desk
from ..frame import base_path, frame
from ..icons import icon
from ..security import person_of
from . import versions_document

Listed = Mapping[tuple[str, str], Stored]
HEAD = (
    "<tr><th>Document</th><th>Kind</th><th class='qd-r'>Version</th><th class='qd-hide'>By</th>"
    "<th class='qd-r'>{when}</th></tr>"
)


def register(desk: Desk) -> None:
    versions_document.register(desk)

    @ui.page("/versions")
    async def versions(request: Request) -> None:
        person = person_of(request)
        gone = await desk.runtime.configuration.deleted()
        with frame(desk, person, active="activity", title="Versions"), ui.element("div").classes("qd-page qd-main"):
            back = f'<a class="qd-btn qd-g" href="{base_path()}/activity">{icon("list", "md")}Activity</a>'
            link = back if person.role.rank >= Role.ADMIN.rank else ""
            ui.html(f'<h1>Versions</h1><span class="qd-sp"></span>{link}', sanitize=False).classes("qd-top")
            with ui.element("div").classes("qd-doc"), ui.element("div").classes("qd-col qd-broad"):
                _table("Deleted", gone, "Deleted", "Open one to see it, and to restore it.")
                _table("In force", await _current(desk), "Changed", "Every change is kept, with who made it.")


async def _current(desk: Desk) -> Listed:
    current = await desk.runtime.configuration.current()
    kinds = KINDS
    found = {(kind, name): one for kind in kinds for name, one in current.get(kind, {}).items()}
    return dict(sorted(found.items(), key=lambda one: one[1].at, reverse=True))


def _table(title: str, listed: Listed, when: str, hint: str) -> None:
    if not listed:
        if title == "In force":
            text = "What admins save appears here, with every version before it."
            empty("recall", "Nothing is configured yet", text, (f"{base_path()}/overview", "First steps"))
        return
    rows = "".join(_row(kind, name, one) for (kind, name), one in listed.items())
    words = f'<header><h2>{title}</h2><span class="qd-hint">{hint}</span></header>'
    table = f'<table class="qd-tbl"><thead>{HEAD.format(when=when)}</thead><tbody>{rows}</tbody></table>'
    ui.html(f'{words}<div class="qd-tblin">{table}</div>', sanitize=False, tag="section").classes("qd-card")


def _row(kind: str, name: str, one: Stored) -> str:
    address = escape(f"{base_path()}{versions_path(kind, name)}")
    return (
        f'<tr><td><a class="qd-rowlink" href="{address}">{escape(name)}</a></td>'
        f"<td>{escape(version_words.kind_words(kind))}</td>"
        f'<td class="qd-r">{one.version}</td><td class="qd-hide">{escape(one.by)}</td>'
        f'<td class="qd-r qd-nw">{format.moment(one.at, "date")}</td></tr>'
    )
