"""Standing approvals: each with its rule in words, whose word it is, how often it released a call, and a way to revoke it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any
from urllib.parse import quote

from fastapi import Request
from nicegui import background_tasks, ui
from nicegui.elements.html import Html

from agents.config import StandingApproval
from agents.errors import AgentsError
from agents.what_if import RecordedCall
from store.configuration import Stored
from store.errors import StoreError
from store.events import Release
from store.people import Person, Role

from .. import format
from ..components.cells import labelled
from ..components.dialogs import on_page
from ..components.empty import empty
from ..components.notes import note
from ..components.row_button import row_button
from ..components.rule_words import conditions
from ..desk import Desk
from ..frame import base_path, frame
from ..icons import icon
from ..security import allowed, person_of
from . import policy_standing_form
from .policy_tabs import tabs

KIND = "standing_approval"
DAYS = 30
HEAD = ("Standing approval", "What it releases", "By", f"Used, last {DAYS} days", "Expires", "")
NONE_YET = (
    "When people approve the same kind of call again and again, an admin can give that word in advance: for one tool, "
    "within limits, until a day, and revocable at any moment."
)
LIMITS = (
    "A standing approval turns only “ask” into “allow”. Where a rule denies, asks two people or somebody other "
    "than who asks, or nobody can tell, it changes nothing; and models that check still check."
)

CHANGED = (
    '<div class="qd-s"><span class="qd-chip qd-warn">tool changed</span> It releases nothing until somebody looks at '
    "the tool and saves this anew.</div>"
)


def register(desk: Desk) -> None:
    policy_standing_form.register(desk)

    @ui.page("/policies/standing")
    async def standing_approvals(request: Request) -> None:
        person = person_of(request)
        may_act = person.role.rank >= Role.ADMIN.rank
        authors = await _authors(desk)
        with frame(desk, person, active="policies", title="Standing approvals"):
            with ui.element("div").classes("qd-page qd-main"):
                _head(may_act)
                with ui.element("div").classes("qd-doc"), ui.element("div").classes("qd-col qd-broad"):
                    Rows(desk, authors, may_act=may_act)


def _head(may_act: bool) -> None:
    path = f"{base_path()}/policies/standing/new"
    add = f'<a class="qd-btn qd-p" href="{path}">{icon("plus", "md")}Give one</a>' if may_act else ""
    html = f'<h1>Policies</h1>{tabs("standing")}<span class="qd-sp"></span>{add}'
    ui.html(html, sanitize=False).classes("qd-top")


async def _authors(desk: Desk) -> dict[str, Stored]:
    """Name → the version with which it began to be in force as it is."""
    current = await desk.runtime.configuration.current()
    return dict(current.get(KIND, {}))


@dataclass(frozen=True, slots=True)
class Used:
    times: int = 0
    last: RecordedCall | None = None


def used(calls: Sequence[RecordedCall]) -> dict[str, Used]:
    """Which of them each standing approval released; some it would have, had the session's history not been against it."""
    found: dict[str, Used] = {}
    for one in sorted(calls, key=lambda call: call.at):
        if one.standing and one.release is Release.ALLOW:
            found[one.standing] = Used(found.get(one.standing, Used()).times + 1, one)
    return found


class Rows:
    """What was revoked stays as a line until the page is left, so that it can be put back."""

    def __init__(self, desk: Desk, authors: Mapping[str, Stored], *, may_act: bool) -> None:
        self.desk = desk
        self.may_act = may_act
        self.authors = dict(authors)
        self.revoked: dict[str, dict[str, Any]] = {}
        self.uses: dict[str, Html] = {}
        self.used: dict[str, Used] | None = None
        self.place = ui.element("div")
        self.draw()
        background_tasks.create(self._count(), name="how often standing approvals were used")

    def draw(self) -> None:
        self.place.clear()
        self.uses = {}
        known: dict[str, StandingApproval] = self.desk.runtime.administration.documents(KIND)
        with self.place:
            if not known and not self.revoked:
                link = (f"{base_path()}/policies/standing/new", "Give the first") if self.may_act else None
                empty("check", "Nobody has given their word in advance", NONE_YET, link)
                return
            ui.html(note("", LIMITS), sanitize=False).style("margin-bottom:12px")
            with ui.element("div").classes("qd-tblwrap"), ui.element("table").classes("qd-tbl qd-sched qd-standing"):
                ui.html("".join(f"<th>{one}</th>" for one in HEAD), sanitize=False, tag="tr")
                for name in sorted({*known, *self.revoked}):
                    if name in known:
                        self._row(known[name])
                    else:
                        self._gone(name)

    def _row(self, one: StandingApproval) -> None:
        with ui.element("tr"):
            cells = [*self._cells(one), self._use(one.name), _expires(one, self.desk.runtime.now())]
            *_, self.uses[one.name], _ = (labelled(cell, head) for cell, head in zip(cells, HEAD, strict=False))
            with ui.element("td"), ui.element("div").classes("qd-btnrow"):
                if self.may_act:
                    row_button("Revoke", one.name, lambda: self._revoke(one.name))

    def _gone(self, name: str) -> None:
        with ui.element("tr").classes("qd-off"):
            words = f"{escape(name)} is revoked. Calls it would have released are asked about again."
            ui.html(words, sanitize=False, tag="td").props("colspan=5")
            with ui.element("td"), ui.element("div").classes("qd-btnrow"):
                row_button("Undo", f"revoking {name}", lambda: self._restore(name), sign="undo")

    def _cells(self, one: StandingApproval) -> list[str]:
        base, stored = base_path(), self.authors.get(one.name)
        link = f'<a class="qd-rowlink" href="{base}/policies/standing/{quote(one.name)}">{escape(one.name)}</a>'
        example = ""
        if one.example:
            path = f"{base}/inbox/{quote(one.example)}"
            example = f' <a class="qd-link qd-s" href="{escape(path)}">example</a>'
        by = f'{escape(stored.by)}<div class="qd-s qd-i3">{format.moment(stored.at, "date")}</div>' if stored else ""
        name = f'{link}<div class="qd-s qd-i3">{escape(one.because)}{example}</div>'
        if self._is_for_another(one):
            name += CHANGED
        return [name, words(one), by]

    def _is_for_another(self, one: StandingApproval) -> bool:
        """Whether the tool is another one by now than when the word was given."""
        known = self.desk.runtime.registry.known(one.connector) or ()
        now = next((tool.hash for tool in known if tool.name == one.tool), None)
        return None not in (now, one.definition_hash) and now != one.definition_hash

    def _use(self, name: str) -> str:
        if self.used is None:
            return '<span class="qd-i3">…</span>'
        found = self.used.get(name, Used())
        if found.last is None:
            return '<span class="qd-i3">never</span>'
        path = f"{base_path()}/sessions/{escape(found.last.session_id)}"
        last = f'<a class="qd-link qd-s" href="{path}">last {format.moment(found.last.at, "date")}</a>'
        return f'<span class="qd-n qd-nw">{format.plural(found.times, "call")}</span><div>{last}</div>'

    async def _count(self) -> None:
        try:
            self.used = used(await self.desk.runtime.administration.recorded_calls(days=DAYS))
        except (AgentsError, StoreError):
            return  # the dots stay: it is not known
        for name, cell in self.uses.items():
            if not cell.is_deleted:
                cell.set_content(self._use(name))

    async def _revoke(self, name: str) -> None:
        if (person := await allowed(self.desk, Role.ADMIN, "revoke a standing approval")) is None:
            return
        administration = self.desk.runtime.administration
        with on_page():
            stored = await self.desk.runtime.configuration.get(KIND, name)
            try:
                await administration.delete(KIND, name, by=person.name)
            except (AgentsError, StoreError) as error:
                ui.notify(f"Nothing was revoked: {error}", type="negative")
                return
            if stored is not None:
                self.revoked[name] = dict(stored.document)
            ui.notify(f"{name} is revoked, from this moment on.")
            self.draw()

    async def _restore(self, name: str) -> None:
        if (person := await allowed(self.desk, Role.ADMIN, "give a standing approval")) is None:
            return
        with on_page():
            try:
                await self._save_again(name, person)
            except (AgentsError, StoreError) as error:
                ui.notify(f"It stays revoked: {error}", type="negative")
                return
            self.authors = await _authors(self.desk)
            self.draw()

    async def _save_again(self, name: str, person: Person) -> None:
        document = self.revoked[name]
        await self.desk.runtime.administration.save(KIND, document, by=person.name, expected={(KIND, name): None})
        del self.revoked[name]


def words(one: StandingApproval) -> str:
    """HTML: `refund_order` of `crm` where `amount` is at most 50, by Refund clerk."""
    tested = conditions([each.model_dump(mode="json") for each in one.arguments])
    where = f" where {tested}" if tested else ", whatever its arguments"
    by = f" by <b>{escape(one.agent)}</b>" if one.agent else " by any agent"
    return f"<code>{escape(one.tool)}</code> of <code>{escape(one.connector)}</code>{where}{by}"


def _expires(one: StandingApproval, now: datetime) -> str:
    if one.expires_at is None:
        return '<span class="qd-chip qd-warn">never</span>'
    if one.expires_at <= now:
        return '<span class="qd-chip">expired</span>'
    last = one.expires_at.astimezone(UTC) - timedelta(seconds=1)
    return f'<span class="qd-nw">{last:%d %b %Y}</span>'
