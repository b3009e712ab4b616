"""The agents: what each is for, what it may use, and a way to start a session with it."""

from html import escape
from urllib.parse import quote, urlencode

from fastapi import Request
from nicegui import ui

from agents.config import Agent, Model, Toolset
from agents.readiness import Finding, Severity
from store.people import Role

from .. import format
from ..components.empty import empty
from ..components.readiness_strip import chips
from ..desk import Desk
from ..frame import base_path, frame
from ..icons import icon
from ..readiness import readiness
from ..security import person_of
from . import agent

COLUMNS = ("Tools", "Policy", "Model")
HEAD = "<tr><th>Agent</th>" + "".join(f"<th class='qd-hide'>{one}</th>" for one in COLUMNS) + "<th></th></tr>"


def register(desk: Desk) -> None:
    agent.register(desk)

    @ui.page("/agents")
    async def agents(request: Request) -> None:
        person = person_of(request)
        found = await readiness(desk)
        may_act = person.role.rank >= Role.ADMIN.rank
        with frame(desk, person, active="agents", title="Agents"), ui.element("div").classes("qd-page qd-main"):
            add = f'<a class="qd-btn qd-p" href="{base_path()}/agents/new">{icon("plus", "md")}Make an agent</a>'
            head = f'<h1>Agents</h1><span class="qd-sp"></span>{add if may_act else ""}'
            ui.html(head, sanitize=False).classes("qd-top")
            with ui.element("div").classes("qd-doc"), ui.element("div").classes("qd-col qd-broad"):
                _list(desk, found, may_act, may_start=person.role.rank >= Role.OPERATOR.rank)


def _list(desk: Desk, found: dict[str, list[Finding]], may_act: bool, *, may_start: bool) -> None:
    administration = desk.runtime.administration
    known: dict[str, Agent] = administration.documents("agent")
    if not known:
        text = "An agent is instructions with a model, rules and a few tools, picked from what is connected."
        empty(
            "agent", "There is no agent yet", text, (f"{base_path()}/agents/new", "Make an agent") if may_act else None
        )
        return
    toolsets, models = administration.documents("toolset"), administration.documents("model")
    rows = "".join(
        _row(one, toolsets.get(one.toolset), models, found.get(one.name, []), may_start) for one in known.values()
    )
    table = f'<table class="qd-tbl"><thead>{HEAD}</thead><tbody>{rows}</tbody></table>'
    ui.html(table, sanitize=False).classes("qd-tblwrap")


def _row(one: Agent, toolset: Toolset | None, models: dict[str, Model], found: list[Finding], may_start: bool) -> str:
    base = base_path()
    about = one.description or one.instructions.strip().splitlines()[0]
    tools = toolset.tools if toolset else ()
    scripted = any(models[name].model.startswith("offline/") for name in one.models.act if name in models)
    label = ' <span class="qd-chip qd-o">scripted</span>' if scripted else ""
    start = f'<a class="qd-btn qd-t" href="{base}/sessions/new?{urlencode({"agent": one.name})}">New session</a>'
    return (
        f'<tr><td><a class="qd-rowlink" href="{base}/agents/{quote(one.name)}">{escape(one.name)}</a>'
        f'<div class="qd-s qd-i2 qd-clip">{escape(about)}</div>'
        f'<div class="qd-readychips">{chips(found, least=Severity.WARNS)}</div></td>'
        f'<td class="qd-hide qd-nw"><span title="{escape(one.toolset)}">{format.plural(len(tools), "tool")}</span></td>'
        f'<td class="qd-hide">{escape(one.policy)}</td>'
        f'<td class="qd-hide">{escape(", ".join(one.models.act))}{label}</td>'
        f'<td class="qd-r">{start if may_start else ""}</td></tr>'
    )
