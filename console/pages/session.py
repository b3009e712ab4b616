"""One session, live: its timeline, its meters, and what a person can do about it."""

import asyncio
import json
from html import escape
from typing import Any

from fastapi import HTTPException, Request
from fastapi.responses import Response
from nicegui import app, ui

from agents.config import Agent
from agents.errors import AgentsError
from store.errors import StoreUnavailable
from store.people import Role
from store.queries.shown import parsed
from store.references import shown_refs

from .. import rows, statuses
from ..components import meters
from ..components.buttons import button
from ..components.dialogs import show_text
from ..components.first_view import FirstView, merged
from ..components.session_actions import SessionActions
from ..components.session_rail import Facts, rail
from ..components.transcript import Transcript
from ..desk import Desk
from ..frame import base_path, frame
from ..icons import icon
from ..live import Batch
from ..security import allowed, person_of


def register(desk: Desk) -> None:
    @app.get("/console/sessions/{session_id}/rows")
    async def rows_of(
        session_id: str, tail: int | None = None, before: int | None = None, after: int = 0, limit: int = MOST
    ) -> Response:
        """Timeline rows for the component: the newest `tail` events, those before a seq, or those after one."""
        count = {"limit": min(limit, MOST)} if tail is None else {"tail": max(1, min(tail, MOST))}
        events = await desk.queries.events(session_id, after=after, before=before, **count)
        text = await asyncio.to_thread(_page_of_rows, events, tail is None and len(events) == count.get("limit"))
        return Response(text, media_type="application/json")

    @ui.page("/sessions/{session_id}")
    async def session_page(request: Request, session_id: str, at: str = "", event: int = 0) -> None:
        """`at`: a call to open at; `event`: any event by its number, such as the one that a value was found in."""
        person = person_of(request)
        since = desk.runtime.hub.told
        session = await desk.queries.session(session_id)
        if session is None:
            raise HTTPException(404, "There is no such session.")
        session = _shown(desk, session)
        # all reading comes first: a page that waits once its frame is built is sent off half done
        newest = await desk.queries.events(session_id, tail=NEWEST)
        here = f"call-{at}" if at else await _row_of(desk, session_id, event) if event else None
        with frame(desk, person, active="sessions", title=session["title"], keys=KEYS):
            ui.add_head_html(FIRST_ROWS.format(path=json.dumps(f"{base_path()}/console/sessions/{session['id']}/rows")))
            view = SessionView(desk, session, role=person.role)
            view.build(newest, here=here, since=since)


MOST = 2000
NEWEST = 40
"""Events read before the page is built: for its first view and its meters."""
FIRST_ROWS_SHOWN = 16
"""Enough to fill a screen; each costs the browser a millisecond before the first frame."""
FIRST_ROWS = "<script>window.qdFirstRows = fetch({path} + '?tail=200')</script>"
"""Asked for while the page is still loading its scripts; the timeline picks it up."""
KEYS = (("m", "Write to the agent"), ("End", "To the newest"))


class SessionView:
    """The page's moving parts: header, timeline, rail, message box."""

    def __init__(self, desk: Desk, session: dict[str, Any], *, role: Role) -> None:
        self.desk = desk
        self.id: str = session["id"]
        self.session = session
        self.role = role
        self.may_act = role.rank >= Role.OPERATOR.rank
        self.facts = _facts(desk, session)
        self.base = base_path()
        self.last_ms: float | None = None
        self.first_ms: float | None = None

    def build(self, newest: list[dict[str, Any]], *, here: str | None, since: int) -> None:
        with ui.element("div").classes("qd-ss qd-page"):
            self._header()
            with ui.element("div").classes("qd-sb"):
                with ui.element("div").classes("qd-tl").style("display:grid;grid-template-rows:minmax(0,1fr) auto"):
                    timeline = Transcript(self.id, base=self.base, here=here, on_whole=self._whole)
                    self._say()
                self.rail = ui.html("", sanitize=False, tag="aside").classes("qd-rail qd-scroll")
        patches = [patch for event in newest for patch in rows.patches(event)]
        self._note(patches)
        self._measure(self.session)
        if here is None:  # else the page opens at a call of long ago, which the newest rows would only hide
            ui.add_body_html(self._first_view(patches, whole=not newest or newest[0]["seq"] == 1))

        def deliver(batch: Batch) -> None:
            timeline.push(batch)
            if self._note(batch.patches):
                self._measure(self.session)

        ui.context.client.on_delete(self.desk.feeds.join(self.id, deliver, self._measure, since))

    def _first_view(self, patches: list[rows.Patch], *, whole: bool) -> str:
        found = merged(patches)
        view = FirstView(
            base=self.base,
            role=self.role,
            head=f'<div class="qd-row" style="min-width:0">{_title(self.session, self.base)}</div>'
            f'<div class="qd-row qd-asked" style="min-width:0">{self._standing(self.session)}</div>',
            rail=self._rail(self.session),
            rows=found[-FIRST_ROWS_SHOWN:],
            whole=whole and len(found) <= FIRST_ROWS_SHOWN,
        )
        return view.html()

    def _header(self) -> None:
        session, base = self.session, self.base
        with ui.element("header").classes("qd-top"):
            ui.html(_title(session, base), sanitize=False).classes("qd-row").style("min-width:0")
            self.chip = ui.html("", sanitize=False).classes("qd-row qd-asked").style("min-width:0")
            ui.element("span").classes("qd-sp")
            if self.facts.scripted:
                ui.html('<span class="qd-chip qd-o">scripted demo model</span>', sanitize=False).classes("qd-wide")
            self.actions = SessionActions(self.desk, session)

    def _say(self) -> None:
        if not self.may_act:
            return
        with ui.element("div").classes("qd-say"):
            self.message = ui.textarea(placeholder="Message the agent.").props(
                'outlined dense autogrow rows=1 input-style="max-height:120px" aria-label="Message"'
            )
            self.message.classes("qd-message").style("flex:1")
            self.message.on("keydown.enter.exact.prevent", self._send)
            button("Send", self._send, sign="msg", key="Enter")
        ui.add_body_html(FOCUS)

    async def _send(self) -> None:
        text = str(self.message.value or "").strip()
        if not text or (person := await allowed(self.desk, Role.OPERATOR)) is None:
            return
        try:
            await self.desk.runtime.send(self.id, text, by=person.name)
        except (AgentsError, StoreUnavailable) as error:
            ui.notify(f"Not sent: {error} Your words are still in the box.", type="negative")
            return
        self.message.set_value("")

    def _measure(self, session: dict[str, Any]) -> None:
        """Draw everything that follows from the session's row anew; called at most four times a second."""
        self.session = session = _shown(self.desk, session)
        with self.rail:
            self.chip.set_content(self._standing(session))
            if self.may_act:
                self.actions.offer(session["status"])
                self._invite(session["status"])
            self.rail.set_content(self._rail(session))

    def _standing(self, session: dict[str, Any]) -> str:
        """Where it stands, and what it asks when it waits for an answer."""
        begins = session["status"] == "running" and not session["steps"]
        asked = FIRST_REPLY if begins else self._asked(session)
        words = f'<span class="qd-el qd-i2 qd-s qd-wide">{escape(asked)}</span>' if asked else ""
        return statuses.chip(session["status"], session["result"]) + words

    def _invite(self, status: str) -> None:
        """Sent only where it changes: each time the words in the box travel with it."""
        if self.message.props["placeholder"] != (words := WRITE.get(status, "Message the agent.")):
            self.message.props["placeholder"] = words

    def _rail(self, session: dict[str, Any]) -> str:
        latency = meters.latency_block(self.last_ms, self.first_ms)
        return rail(session, self.facts, base=self.base, asked=self._asked(session), latency=latency)

    def _asked(self, session: dict[str, Any]) -> str:
        if session["status"] != "waiting_input":
            return ""
        question = (
            session.get("answer") if session["result"] != "fallback" else None
        )  # else it is what it leaves behind
        return str(question or session.get("because") or "")

    def _note(self, patches: list[rows.Patch]) -> bool:
        """Keep what the rail shows of the newest events; whether there was anything."""
        replies = [patch for patch in patches if patch.get("kind") == "step"]
        if replies:
            self.last_ms, self.first_ms = replies[-1]["latency_ms"], replies[-1]["first_token_ms"]
        return bool(replies)

    async def _whole(self, clicked: dict[str, Any]) -> None:
        """The whole record of one call (or answer): arguments and output, uncut, straight from the log."""
        log, call = self.desk.runtime.log, clicked["call"]
        first, last = int(clicked["first"]), int(clicked["last"])
        found = await log.read(self.id, after=first - 1, before=last + 1)
        mine = [(one.seq, one.event.type, one.event.model_dump(mode="json")) for one in found]
        mine = [(seq, type_, data) for seq, type_, data in mine if call is None or rows.call_of({"data": data}) == call]
        refs = {ref for _, type_, data in mine for ref in shown_refs(type_, data).values()}
        texts = await log.payloads(self.id, refs)
        sections = [(f"{type_} (event {seq})", _pretty(_filled(type_, data, texts))) for seq, type_, data in mine]
        show_text(f"Call {call}" if call else "Whole answer", sections)


FIRST_REPLY = "Waiting for the model's first reply."
WRITE = {"waiting_input": "Answer the agent."}
FOCUS = """<script>addEventListener("keydown", (event) => {
  if (event.key !== "m" || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
  event.preventDefault(); document.querySelector(".qd-message textarea")?.focus();
});</script>"""


def _shown(desk: Desk, session: dict[str, Any]) -> dict[str, Any]:
    return statuses.shown(session, at_work=desk.runtime.engine.is_at_work(session["id"]))


def _facts(desk: Desk, session: dict[str, Any]) -> Facts:
    found = desk.runtime.world.current.get("agent", {}).get(session["agent"])
    if found is None:
        return Facts(None, scripted=False, window=None)
    agent: Agent = found[1]
    models = desk.runtime.administration.documents("model")
    known = [desk.runtime.models.info(models[name]) for name in agent.models.act if name in models]
    first = known[0] if known else None
    scripted = any(one.scripted for one in known)
    return Facts(agent, scripted, first.context_window if first else None, first.max_output if first else None)


def _title(session: dict[str, Any], base: str) -> str:
    return (
        f'<span class="qd-row qd-crumb"><a class="qd-i3" href="{base}/sessions">Sessions</a>'
        f'{icon("chevron", "sm")}</span><h1 class="qd-el">{escape(session["title"])}</h1>'
        f'<code class="qd-i3 qd-wide">{escape(session["id"])}</code>'
    )


async def _row_of(desk: Desk, session_id: str, seq: int) -> str | None:
    """The key of the row that shows an event."""
    found = await desk.queries.events(session_id, after=max(0, seq - 1), limit=1)
    patches = rows.patches(found[0]) if found else []
    return str(patches[-1]["key"]) if patches else None


def _page_of_rows(events: list[dict[str, Any]], more: bool) -> str:
    return json.dumps({**rows.page(events), "more": more}, separators=(",", ":"))


def _filled(type_: str, data: dict[str, Any], texts: dict[str, str | None]) -> dict[str, Any]:
    """The contents in place of their refs; JSON as what it says, so that it can be read."""
    for name, ref in shown_refs(type_, data).items():
        text = texts.get(ref)
        data[name] = "[erased]" if text is None else parsed(text)
    return {name: value for name, value in data.items() if name not in ("type", "v")}


def _pretty(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, indent=2)
