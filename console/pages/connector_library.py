"""The library: well-known systems to begin from, and the way to all others."""

from html import escape

from fastapi import Request
from nicegui import ui

from agents.tools.presets import PRESETS, Preset
from store.people import Role

from .. import connector_form
from ..components.empty import empty
from ..desk import Desk
from ..frame import base_path, frame
from ..icons import icon
from ..security import person_of

OTHERS = (
    ("mcp_stdio", "tool", "Another MCP server", "A program on this machine, or one behind an address."),
    ("openapi", "braces", "A service with OpenAPI", "Its description becomes tools: one for each operation."),
    ("builtin", "tool", "Built in", "A calculator, a clock, and HTTP GET on hosts you allow."),
)


def register(desk: Desk) -> None:
    @ui.page("/connect")
    async def library(request: Request) -> None:
        person, base = person_of(request), base_path()
        with frame(desk, person, active="connectors", title="Add a connector"):
            with ui.element("div").classes("qd-page qd-main"):
                back = f'<a class="qd-i3" href="{base}/connectors">Connectors</a>{icon("chevron", "sm")}'
                ui.html(f"{back}<h1>Add a connector</h1>", sanitize=False).classes("qd-top")
                with ui.element("div").classes("qd-doc"):
                    if person.role.rank < Role.ADMIN.rank:
                        words = ("Admins connect systems", "Ask one of them; you can look at those there are.")
                        empty("eye", *words, (f"{base}/connectors", "Connectors"))
                        return
                    ui.html(_shelves(base), sanitize=False)


def _shelves(base: str) -> str:
    known = "".join(_card(base, one) for one in PRESETS)
    others = "".join(
        f'<li><a class="qd-card qd-pick" href="{base}/connectors/new?kind={kind}"><h3>{icon(sign, "md")}{title}</h3>'
        f"<p>{words}</p></a></li>"
        for kind, sign, title, words in OTHERS
    )
    return (
        f"<h2 class='qd-lab'>Well-known systems</h2><ul class='qd-shelf'>{known}</ul>"
        f"<h2 class='qd-lab'>Something else</h2><ul class='qd-shelf'>{others}</ul>"
    )


def _card(base: str, one: Preset) -> str:
    how = "a person signs in" if one.oauth else connector_form.KIND_NAMES[one.kind]
    tried = '<span class="qd-chip qd-ok">tried here</span>' if one.tried else ""
    return (
        f'<li><a class="qd-card qd-pick" href="{base}/connectors/new?preset={one.key}"><h3>{escape(one.title)}{tried}</h3>'
        f"<p>{escape(one.sentence)}</p><span class='qd-s qd-i3'>{len(one.tools)} tools to begin with · {how}</span></a></li>"
    )
