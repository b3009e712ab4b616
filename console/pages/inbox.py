"""The inbox: what waits for a person, in order of risk, and everything needed to decide it."""

from typing import Any

from fastapi import Request
from nicegui import ui

from agents.config import Agent
from store.people import Role
from store.queries.pages import Page

from ..components.approval import ApprovalDetail
from ..components.empty import empty
from ..components.inbox_list import InboxList, item
from ..desk import Desk
from ..frame import asks, base_path, frame
from ..icons import icon
from ..security import person_of

KEYS = (
    ("j", "Next"),
    ("k", "Previous"),
    ("a", "Approve"),
    ("e", "Edit"),
    ("r", "Reject"),
    ("q", "Answer the agent instead"),
    ("Esc", "Leave a form without deciding"),
)
MOST = 300
ASKING = "/sessions?status=waiting_input"


def register(desk: Desk) -> None:
    @ui.page("/inbox")
    @ui.page("/inbox/{approval_id}")
    async def inbox(request: Request, approval_id: str = "") -> None:
        person = person_of(request)
        since = desk.runtime.hub.told
        waiting = await desk.queries.inbox(limit=MOST)
        asking = _asking(await desk.queries.counts())
        with frame(desk, person, active="inbox", title="Inbox", keys=KEYS):
            view = InboxView(desk, waiting, asking, role=person.role)
            await view.build(approval_id, since)


class InboxView:
    """List left, detail right; at narrow widths one or the other."""

    def __init__(self, desk: Desk, waiting: Page, asking: int, *, role: Role) -> None:
        self.desk = desk
        self.items: list[dict[str, Any]] = waiting.items
        self.asking = asking
        self.role = role
        self.base = base_path()
        self.picked = ""
        self.detail: ApprovalDetail | None = None

    async def build(self, approval_id: str, since: int) -> None:
        with ui.element("div").classes("qd-ib qd-main") as self.frame:
            with ui.element("section").classes("qd-lst"):
                with ui.element("div").classes("qd-h"):
                    ui.html("<h1>Inbox</h1>", sanitize=False)
                    self.count = ui.html("", sanitize=False, tag="span").classes("qd-i3 qd-n")
                    ui.element("span").classes("qd-sp")
                    self.questions = ui.html("", sanitize=False).classes("qd-row")
                self.hint = ui.html("", sanitize=False).classes("qd-f qd-i3 qd-s").style("padding-left:16px")
                self.list = InboxList(self._rows(), approval_id, self.pick, self._key)
            self.place = ui.element("section").classes("qd-det")
        self._count()
        await self.pick(approval_id or self._first(), opened=bool(approval_id))
        ui.context.client.on_delete(self.desk.waiting.join(self._changed, since))
        ui.context.client.on_delete(self.desk.counts.join(self._counted, since))

    def _rows(self) -> list[dict[str, Any]]:
        agents: dict[str, Agent] = self.desk.runtime.administration.documents("agent")
        after = {name: one.approval.escalate_seconds for name, one in agents.items()}
        return [item(one, after.get(one["agent"])) for one in _ordered(self.items)]

    def _first(self) -> str:
        return _ordered(self.items)[0]["id"] if self.items else ""

    def _count(self) -> None:
        self.count.set_content(str(len(self.items)) if self.items else "")
        self.hint.set_content("Riskiest first, then longest waiting" if self.items else "Nothing waits")
        self.questions.set_content(_questions(self.asking, self.base))

    def _counted(self, numbers: dict[str, Any]) -> None:
        """A session asks something, or was answered: no approval, but a person has to find it."""
        if self.asking == (asking := _asking(numbers)):
            return
        self.asking = asking
        with self.frame:
            self._count()
            if self.detail is None and not self.picked:
                self.place.clear()
                with self.place:
                    self._nothing(gone=False)

    async def pick(self, approval_id: str, opened: bool = True) -> None:
        """Show one request. `opened`: a person asked for it, so at narrow widths it takes the screen."""
        self.picked = approval_id
        self.frame.classes(add="qd-picked" if opened and approval_id else "", remove="" if opened else "qd-picked")
        approval = await self.desk.queries.approval(approval_id) if approval_id else None
        self.place.clear()
        with self.place:
            if approval is None:
                self.detail = None
                self._nothing(gone=bool(approval_id))
                return
            self.detail = ApprovalDetail(
                self.desk, approval, role=self.role, back=self._back, decided=self._decided_here
            )
            await self.detail.build()
        self.list.pick(approval_id)
        if opened:
            with self.frame:  # what was clicked may be gone by now
                ui.run_javascript(f"history.replaceState(null, '', '{self.base}/inbox/{approval_id}')")

    async def _decided_here(self, approval_id: str) -> None:
        """The decision stands: show what carries on; the row stays in the list until another is picked."""
        self.list.run_method("settle", self.picked, "decided by you")
        await self.pick(approval_id)

    async def _back(self) -> None:
        self.frame.classes(remove="qd-picked")

    def _changed(self, page: Page) -> None:
        """Something was recorded: bring the list up to date; what is being read stays where it is."""
        self.items = page.items
        with self.frame:
            self._count()
            self.list.show(self._rows(), self.picked)
            if self.detail is not None:
                ui.timer(0, self.detail.look_again, once=True)
            elif self.items:
                ui.timer(0, self._pick_first, once=True)

    def _nothing(self, *, gone: bool) -> None:
        base, asking = self.base, self.asking
        if gone:
            text = "It may have been decided long ago, or the link is not whole."
            empty("inbox", "There is no such request", text, (f"{base}/inbox", "To the inbox"))
        elif asking:
            it = "it waits" if asking == 1 else "they wait"
            text = f"But {asks(asking)} something; {it} for an answer in words."
            empty("msg", "Nothing waits for a decision", text, (f"{base}{ASKING}", "Read and answer"))
        else:
            text = "When an agent wants to do something that could do harm, it stops and waits here for an operator."
            may_start = self.role.rank >= Role.OPERATOR.rank
            start = (
                (f"{base}/sessions/new", "Start a session") if may_start else (f"{base}/sessions", "See the sessions")
            )
            empty("check", "Nothing waits for a decision", text, start)

    async def _pick_first(self) -> None:
        if self.detail is None and self.items:
            await self.pick(self._first(), opened=False)

    async def _key(self, key: str) -> None:
        if key in ("j", "k"):
            await self._move(1 if key == "j" else -1)
        elif self.detail is not None:
            await self.detail.key(key)

    async def _move(self, by: int) -> None:
        ids = [one["id"] for one in _grouped(self.items)]
        if not ids:
            return
        at = ids.index(self.picked) + by if self.picked in ids else 0
        await self.pick(ids[max(0, min(at, len(ids) - 1))])


def _ordered(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    rank = {"destructive": 0, "unknown": 1, "write": 2, "read": 3}
    return sorted(items, key=lambda one: (one["kind"] == "call", rank[one["risk"]], one["requested_at"]))


def _grouped(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """In the order in which the list shows them."""

    def group(one: dict[str, Any]) -> int:
        if one["kind"] == "unknown_outcome":
            return 0
        if one["kind"] == "input":
            return 1
        if one["risk"] in ("destructive", "unknown"):
            return 2
        return 3 if one["approvals_given"] else 4

    return sorted(_ordered(items), key=group)


def _asking(numbers: dict[str, Any]) -> int:
    return int(numbers["sessions"].get("waiting_input", 0))


def _questions(asking: int, base: str) -> str:
    """The way to the sessions that wait for words rather than for a decision."""
    if not asking:
        return ""
    words = f"{icon('msg', 'md')}{asks(asking)} something"
    return f'<a class="qd-link qd-s qd-brass" href="{base}{ASKING}">{words}</a>'
