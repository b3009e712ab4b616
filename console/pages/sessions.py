"""The list of sessions, newest first, with a status filter and a search."""

from html import escape
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from nicegui import ui

from store.errors import BadCursor
from store.people import Role
from store.queries.pages import Page

from .. import format, statuses
from ..components.empty import empty
from ..desk import Desk
from ..frame import base_path, frame
from ..icons import icon
from ..security import person_of

FILTERS = (
    ("", "All"),
    ("running", "Running"),
    ("waiting_approval", "Waiting"),
    ("waiting_input", "Asking"),
    ("paused", "Paused"),
    ("completed", "Done"),
    ("failed", "Failed"),
    ("stopped", "Stopped"),
)
PAGE = 60


def register(desk: Desk) -> None:
    @ui.page("/sessions")
    async def sessions(request: Request, status: str = "", q: str = "", cursor: str = "") -> None:
        person = person_of(request)
        since = desk.runtime.hub.told
        page = await _read(desk, status, q, cursor)  # first: see pages/session.py
        with frame(desk, person, active="sessions", title="Sessions", keys=(("/", "Search"),)):
            with ui.element("div").classes("qd-page qd-main"):
                _head(q, status, may_start=person.role.rank >= Role.OPERATOR.rank)
                body = ui.element("div").classes("qd-doc")
                with body:
                    _list(page, status, q)
        again = desk.counts.join(lambda _: _again(body, desk, status, q, cursor), since)
        ui.context.client.on_delete(again)


def _head(q: str, status: str, *, may_start: bool) -> None:
    base = base_path()
    tabs = "".join(
        f'<a class="{"qd-on" if key == status else ""}" href="{base}/sessions?{urlencode({"status": key, "q": q})}">{words}</a>'
        for key, words in FILTERS
    )
    search = (
        f'<form method="get" action="{base}/sessions" class="qd-row"><input type="hidden" name="status" value="{escape(status)}">'
        f'<input class="qd-inp qd-search" style="width:210px;height:30px" name="q" value="{escape(q)}" '
        f'placeholder="Title, id or agent" aria-label="Search sessions"></form>'
    )
    start = (
        f'<a class="qd-btn qd-p" href="{base}/sessions/new">{icon("plus", "md")}New session</a>' if may_start else ""
    )
    ui.html(
        f'<h1>Sessions</h1><span class="qd-tabs">{tabs}</span><span class="qd-sp"></span>{search}{start}',
        sanitize=False,
    ).classes("qd-top")
    ui.add_body_html(SLASH)


async def _read(desk: Desk, status: str, q: str, cursor: str) -> Page:
    try:
        page = await desk.queries.sessions(status=status or None, q=q or None, limit=PAGE, cursor=cursor or None)
    except BadCursor:
        page = await desk.queries.sessions(status=status or None, q=q or None, limit=PAGE)
    at_work = desk.runtime.engine.is_at_work
    items = [statuses.shown(one, at_work=at_work(one["id"])) for one in page.items]
    return Page(items=[await _with_question(desk, one) for one in items], next_cursor=page.next_cursor)


async def _with_question(desk: Desk, one: dict[str, Any]) -> dict[str, Any]:
    """What a session asks is a text of its own, read only where one waits for the answer."""
    if one["status"] != "waiting_input" or one["result"] == "fallback":
        return one
    whole = await desk.queries.session(one["id"]) or {}
    return {**one, "because": whole.get("answer") or one["because"]}


def _list(page: Page, status: str, q: str) -> None:
    base = base_path()
    if not page.items:
        if status or q:
            empty("search", "No session fits", "Try fewer words or another status.", (f"{base}/sessions", "Show all"))
        else:
            text = "A session is one conversation with an agent, with everything it did. Start the first one."
            empty("pulse", "No sessions yet", text, (f"{base}/sessions/new", "New session"))
        return
    rows = "".join(_row(one, base) for one in page.items)
    head = (
        "<tr><th>Session</th><th>Status</th><th class='qd-hide'>Agent</th><th class='qd-r qd-hide'>Steps</th>"
        "<th class='qd-r qd-hide'>Tool calls</th><th class='qd-r qd-hide'>Cost</th><th class='qd-r qd-hide'>Started</th></tr>"
    )
    ui.html(f'<table class="qd-tbl"><thead>{head}</thead><tbody>{rows}</tbody></table>', sanitize=False).classes(
        "qd-tblwrap"
    )
    if page.next_cursor:
        query = urlencode({"status": status, "q": q, "cursor": page.next_cursor})
        ui.html(f'<a class="qd-btn" href="{base}/sessions?{query}">Older sessions</a>', sanitize=False).style(
            "margin-top:12px"
        )


def _row(one: dict[str, Any], base: str) -> str:
    asks = one["because"] if one["status"] == "waiting_input" else ""
    asked = f'<div class="qd-i3 qd-s qd-clip" style="max-width:64ch">{escape(asks)}</div>' if asks else ""
    price = format.cost(one["cost_usd"]) if not one["cost_unknown"] else "unknown"
    return (
        f'<tr><td><a class="qd-rowlink" href="{base}/sessions/{escape(one["id"])}">{escape(one["title"])}</a> '
        f'<code class="qd-i3 qd-hide">{escape(one["id"])}</code>{asked}</td><td>{statuses.chip(one["status"], one["result"])}</td>'
        f'<td class="qd-hide">{escape(one["agent"])}</td><td class="qd-r qd-hide">{one["steps"]}</td>'
        f'<td class="qd-r qd-hide">{one["tool_calls"]}</td><td class="qd-r qd-hide">{price}</td>'
        f'<td class="qd-r qd-hide">{format.moment(one["created_at"], "date")}</td></tr>'
    )


def _again(body: Any, desk: Desk, status: str, q: str, cursor: str) -> None:
    """Something changed somewhere: read the list anew."""

    async def redraw() -> None:
        page = await _read(desk, status, q, cursor)
        with body:
            fresh = ui.element("div")
            with fresh:
                _list(page, status, q)
            for old in list(body.default_slot.children):
                if old is not fresh:
                    old.delete()

    with body:
        ui.timer(0, redraw, once=True)


SLASH = """<script>addEventListener("keydown", (event) => {
  if (event.key !== "/" || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
  event.preventDefault(); document.querySelector(".qd-search")?.focus();
});</script>"""
