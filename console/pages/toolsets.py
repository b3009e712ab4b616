"""Toolsets: the list, and the page on which one is curated."""

from html import escape
from typing import Any
from urllib.parse import quote

from fastapi import Request
from nicegui import ui

from agents.config import Agent, Toolset
from agents.tools.definition import ToolDefinition
from store.people import Role

from .. import format
from ..components.empty import empty
from ..components.tool_table import STOP_AT, WARN_AT
from ..components.tool_tokens import tokens_offered
from ..desk import Desk
from ..frame import base_path, frame
from ..icons import icon
from ..security import person_of
from . import toolset

NONE_YET = "A toolset is the few tools an agent works with, picked from all that connected systems offer."


def register(desk: Desk) -> None:
    toolset.register(desk)

    @ui.page("/toolsets")
    async def toolsets(request: Request) -> None:
        person = person_of(request)
        may_act = person.role.rank >= Role.ADMIN.rank
        with frame(desk, person, active="toolsets", title="Toolsets"), ui.element("div").classes("qd-page qd-main"):
            make = f'<a class="qd-btn qd-p" href="{base_path()}/toolsets/new">{icon("plus", "md")}Make a toolset</a>'
            head = f'<h1>Toolsets</h1><span class="qd-sp"></span>{make if may_act else ""}'
            ui.html(head, sanitize=False).classes("qd-top")
            with ui.element("div").classes("qd-doc"), ui.element("div").classes("qd-col qd-broad"):
                _list(desk, may_act)


def _list(desk: Desk, may_act: bool) -> None:
    administration = desk.runtime.administration
    known: dict[str, Toolset] = administration.documents("toolset")
    if not known:
        empty("sliders", "There is no toolset yet", NONE_YET, _next(desk) if may_act else None)
        return
    listed = {(one.connector, one.name): one for one in administration.listed()}
    drifted = {(one.connector, one.name) for one, _ in administration.drifted()}
    agents: dict[str, Agent] = administration.documents("agent")
    head = (
        "<tr><th>Name</th><th class='qd-r'>Tools</th><th class='qd-r qd-hide'>Tokens</th><th class='qd-hide'>Used by</th>"
        "<th>To look at</th></tr>"
    )
    rows = "".join(
        _row(one, listed, drifted, [name for name, agent in agents.items() if agent.toolset == one.name])
        for one in known.values()
    )
    ui.html(f'<table class="qd-tbl"><thead>{head}</thead><tbody>{rows}</tbody></table>', sanitize=False).classes(
        "qd-tblwrap"
    )


def _next(desk: Desk) -> tuple[str, str]:
    if desk.runtime.administration.documents("connector"):
        return f"{base_path()}/toolsets/new", "Make a toolset"
    return f"{base_path()}/connect", "Connect a system first"


def _row(one: Toolset, listed: dict[Any, ToolDefinition], drifted: set[Any], users: list[str]) -> str:
    tokens = sum(
        tokens_offered(listed[entry.connector, entry.tool], entry.model_dump(by_alias=True, exclude_unset=True))
        for entry in one.tools
        if (entry.connector, entry.tool) in listed
    )
    names = ", ".join(users) if users else "no agent"
    return (
        f'<tr><td><a class="qd-rowlink" href="{base_path()}/toolsets/{quote(one.name)}">{escape(one.name)}</a></td>'
        f'<td class="qd-r qd-nw">{len(one.tools)} <span class="qd-i3">of {len(listed)}</span></td>'
        f'<td class="qd-r qd-hide">{format.tokens(tokens)}</td>'
        f'<td class="qd-hide {"" if users else "qd-i3"}">{escape(names)}</td>'
        f"<td>{_warnings(one, listed, drifted)}</td></tr>"
    )


def _warnings(one: Toolset, listed: dict[Any, ToolDefinition], drifted: set[Any]) -> str:
    keys = [(entry.connector, entry.tool) for entry in one.tools]
    count, changed = len(keys), sum(key in drifted for key in keys)
    gone = sum(key not in listed for key in keys)
    unknown = sum(entry.risk == "unknown" for entry in one.tools)
    said = []
    if count > STOP_AT:
        said.append(("bad", f"more than {STOP_AT} tools", one.over_limit_because or ""))
    elif count > WARN_AT:
        said.append(("warn", f"more than {WARN_AT} tools", "Models begin to confuse them."))
    if changed:
        said.append(("warn", f"{changed} changed", "Kept from agents until an admin accepts the new definition."))
    if gone:
        said.append(("warn", f"{gone} not offered now", "Their connector is down, or has them no more."))
    if unknown:
        said.append(("o", f"{unknown} of unknown risk", "Each such call asks a person."))
    if not count:
        said.append(("o", "empty", "Agents with it can talk and do nothing."))
    chips = (f'<span class="qd-chip qd-{tone}" title="{escape(why)}">{words}</span>' for tone, words, why in said)
    return f'<span class="qd-ts-said-of">{" ".join(chips)}</span>'
