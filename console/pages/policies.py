"""Policies: the list of them, and the standing approvals beside it."""

from html import escape
from urllib.parse import quote

from fastapi import Request
from nicegui import ui

from agents.config import Agent, Policy
from store.people import Role

from .. import format
from ..components.empty import empty
from ..desk import Desk
from ..frame import base_path, frame
from ..icons import icon
from ..security import person_of
from . import policy, policy_standing
from .policy_tabs import tabs

NONE_YET = "A policy says which calls run, which are checked, which wait for a person, and which never run."
HEAD = (
    "<tr><th>Policy</th><th class='qd-r'>Rules</th><th class='qd-hide'>Used by</th><th class='qd-hide'>Written text</th>"
    "<th>To look at</th></tr>"
)


def register(desk: Desk) -> None:
    policy_standing.register(desk)
    policy.register(desk)

    @ui.page("/policies")
    async def policies(request: Request) -> None:
        person = person_of(request)
        may_act = person.role.rank >= Role.ADMIN.rank
        with frame(desk, person, active="policies", title="Policies"), ui.element("div").classes("qd-page qd-main"):
            add = f'<a class="qd-btn qd-p" href="{base_path()}/policies/new">{icon("plus", "md")}Write a policy</a>'
            ui.html(
                f'<h1>Policies</h1>{tabs("policies")}<span class="qd-sp"></span>{add if may_act else ""}',
                sanitize=False,
            ).classes("qd-top")
            with ui.element("div").classes("qd-doc"), ui.element("div").classes("qd-col qd-broad"):
                _list(desk, may_act)


def _list(desk: Desk, may_act: bool) -> None:
    known: dict[str, Policy] = desk.runtime.administration.documents("policy")
    if not known:
        link = (f"{base_path()}/policies/new", "Write a policy") if may_act else None
        empty("shield", "There is no policy yet", NONE_YET, link)
        return
    agents: dict[str, Agent] = desk.runtime.administration.documents("agent")
    rows = "".join(
        _row(one, [name for name, agent in agents.items() if agent.policy == one.name]) for one in known.values()
    )
    table = f'<table class="qd-tbl"><thead>{HEAD}</thead><tbody>{rows}</tbody></table>'
    ui.html(table, sanitize=False).classes("qd-tblwrap")


def _row(one: Policy, users: list[str]) -> str:
    denies = sum(rule.release == "deny" for rule in one.rules)
    chips = []
    if denies:
        chips.append(f'<span class="qd-chip qd-bad">{format.plural(denies, "hard deny", "hard denies")}</span>')
    if not one.rules:
        chips.append('<span class="qd-chip qd-o" title="Reads run, all else asks a person.">only the defaults</span>')
    if not users:
        chips.append('<span class="qd-chip qd-o">no agent uses it</span>')
    names = ", ".join(users) or "no agent"
    text = format.size(len(one.text.encode())) if one.text else "none"
    return (
        f'<tr><td><a class="qd-rowlink" href="{base_path()}/policies/{quote(one.name)}">{escape(one.name)}</a></td>'
        f'<td class="qd-r">{len(one.rules)}</td><td class="qd-hide {"" if users else "qd-i3"}">{escape(names)}</td>'
        f'<td class="qd-hide {"" if one.text else "qd-i3"}">{text}</td><td>{" ".join(chips)}</td></tr>'
    )
