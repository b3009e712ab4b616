"""What admins did: who, when, what, to what; filtered, page by page, and as CSV."""

from collections.abc import AsyncIterator
from html import escape
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import StreamingResponse
from nicegui import app, ui

from agents.config import KINDS
from store.errors import BadCursor
from store.queries.activity import Filter
from store.queries.pages import Page

from .. import activity_csv, format, version_words
from ..components.empty import empty
from ..components.versions_link import versions_path
from ..desk import Desk
from ..frame import base_path, frame
from ..icons import icon
from ..security import person_of

PAGE = 60
EXPORTED_AT_ONCE = 500
DEFINITION = "definition"


def register(desk: Desk) -> None:
    @ui.page("/activity")
    async def activity(request: Request, by: str = "", action: str = "", q: str = "", cursor: str = "") -> None:
        wanted = Filter(by=by, action=action, q=q)
        page, words = await _read(desk, wanted, cursor), await desk.queries.activity_words()
        with frame(desk, person_of(request), active="activity", title="Activity"):
            with ui.element("div").classes("qd-page qd-main"):
                _head(wanted)
                with ui.element("div").classes("qd-doc"), ui.element("div").classes("qd-col qd-broad"):
                    _filters(wanted, words)
                    _list(page, wanted)

    @app.get("/activity/export", include_in_schema=False)
    async def export(by: str = "", action: str = "", q: str = "") -> StreamingResponse:
        wanted = Filter(by=by, action=action, q=q)
        headers = {"Content-Disposition": 'attachment; filename="activity.csv"'}
        return StreamingResponse(_exported(desk, wanted), media_type="text/csv; charset=utf-8", headers=headers)


async def _read(desk: Desk, wanted: Filter, cursor: str) -> Page:
    try:
        return await desk.queries.activity(wanted, limit=PAGE, cursor=cursor or None)
    except BadCursor:
        return await desk.queries.activity(wanted, limit=PAGE)


async def _exported(desk: Desk, wanted: Filter) -> AsyncIterator[str]:
    """A page at a time, however long it is."""
    yield activity_csv.head()
    cursor = None
    while True:
        page = await desk.queries.activity(wanted, limit=EXPORTED_AT_ONCE, cursor=cursor)
        yield activity_csv.rows(page.items)
        if (cursor := page.next_cursor) is None:
            return


def _query(wanted: Filter, **more: str) -> str:
    return escape(urlencode({"by": wanted.by, "action": wanted.action, "q": wanted.q, **more}))


def _head(wanted: Filter) -> None:
    base = base_path()
    versions = f'<a class="qd-btn qd-g" href="{base}/versions">{icon("recall", "md")}Versions</a>'
    export = (
        f'<a class="qd-btn" href="{base}/activity/export?{_query(wanted)}" download>{icon("download", "md")}CSV</a>'
    )
    words = "<h1>Activity</h1><span class='qd-hint qd-wide'>What admins did</span><span class='qd-sp'></span>"
    ui.html(f"{words}{versions}{export}", sanitize=False).classes("qd-top")


def _filters(wanted: Filter, words: dict[str, list[str]]) -> None:
    people = _select("by", "By", "Everybody", words["by"], wanted.by)
    actions = _select("action", "Action", "Every action", words["action"], wanted.action)
    search = (
        f'<input class="qd-inp qd-search" name="q" value="{escape(wanted.q)}" placeholder="What it was done to" '
        'aria-label="Search what it was done to">'
    )
    every = f'<a class="qd-link" href="{base_path()}/activity">Show all</a>' if wanted != Filter() else ""
    button = '<button class="qd-btn">Filter</button>'
    form = f'<form method="get" action="{base_path()}/activity" class="qd-filters">{people}{actions}{search}{button}{every}</form>'
    ui.html(form, sanitize=False)


def _select(name: str, label: str, all_: str, choices: list[str], chosen: str) -> str:
    options = "".join(
        f'<option value="{escape(one)}"{" selected" if one == chosen else ""}>{escape(one)}</option>' for one in choices
    )
    return (
        f'<select class="qd-inp" name="{name}" aria-label="{label}"><option value="">{all_}</option>{options}</select>'
    )


def _list(page: Page, wanted: Filter) -> None:
    base = base_path()
    if not page.items:
        if wanted == Filter():
            text = "Every change of people, configuration, keys and connectors will be listed here."
            empty("list", "Nothing was done yet", text, (f"{base}/overview", "First steps"))
        else:
            empty("search", "Nothing fits", "Try fewer words, or another person.", (f"{base}/activity", "Show all"))
        return
    head = "<tr><th>When</th><th>By</th><th>What</th><th>On what</th><th class='qd-hide'>Detail</th></tr>"
    rows = "".join(_row(one, base) for one in page.items)
    table = f'<table class="qd-tbl"><thead>{head}</thead><tbody>{rows}</tbody></table>'
    ui.html(table, sanitize=False).classes("qd-tblwrap")
    if page.next_cursor:
        older = f'<a class="qd-btn" href="{base}/activity?{_query(wanted, cursor=page.next_cursor)}">Older</a>'
        ui.html(older, sanitize=False).style("margin-top:12px")


def _row(one: dict[str, Any], base: str) -> str:
    return (
        f'<tr><td class="qd-nw qd-n">{format.moment(one["at"], "date")}</td><td>{escape(one["by"])}</td>'
        f"<td>{escape(_action(one))}</td><td class='qd-break'>{_subject(one, base)}</td>"
        f'<td class="qd-hide qd-i2 qd-break">{escape(one["detail"])}</td></tr>'
    )


def _action(one: dict[str, Any]) -> str:
    if one["action"] != "configuration":
        return str(one["action"])
    if one["subject"].startswith(f"{DEFINITION} "):
        return "definition accepted"
    return "deleted" if one["detail"].endswith("deleted") else "saved"


def _subject(one: dict[str, Any], base: str) -> str:
    """A document's name leads to the version that was made."""
    kind, _, name = str(one["subject"]).partition(" ")
    if one["action"] != "configuration" or kind not in KINDS:
        return escape(str(one["subject"]).removeprefix(f"{DEFINITION} "))
    number = str(one["detail"]).removeprefix("version ").partition(",")[0]
    query = f"?version={number}" if number.isdigit() else ""
    address = escape(f"{base}{versions_path(kind, name)}{query}")
    said = f'<span class="qd-i3">{escape(version_words.kind_words(kind))}</span>'
    return f'<a class="qd-rowlink" href="{address}">{escape(name)}</a> {said}'
