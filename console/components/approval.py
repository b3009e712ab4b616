"""One request in full, and the bar with which a person decides it."""

from collections.abc import Awaitable, Callable
from html import escape
from typing import Any

from nicegui import ui

from store.errors import StoreError
from store.people import Role

from .. import format
from ..desk import Desk
from ..frame import base_path
from ..icons import icon
from ..security import allowed
from . import approval_facts as facts
from .approval_form import EditForm, RejectForm, RespondForm
from .approval_input import InputForm
from .arguments import long_paths
from .buttons import button
from .decisions import decide
from .dialogs import confirm
from .focusing import focus_in

Approval = dict[str, Any]
Back = Callable[[], Awaitable[None]]
DecidedHere = Callable[[str], Awaitable[None]]
"""Called with the id of the request that carries on, after a decision made on this page."""


class ApprovalDetail:
    """The detail beside the list. Approve stays off until every long value was opened, here and on the server."""

    def __init__(self, desk: Desk, approval: Approval, *, role: Role, back: Back, decided: DecidedHere) -> None:
        self.desk = desk
        self.approval = approval
        self.may_act = role.rank >= Role.OPERATOR.rank
        self.may_allow = role.rank >= Role.ADMIN.rank
        self.back = back
        self.decided = decided
        self.read: set[str] = set()
        self.asks = InputForm(approval, may_answer=self.may_act) if approval["kind"] == "input" else None
        gated = approval["arguments_json"] if self.asks is None else None  # what was released runs already
        self.must_read = set(long_paths(gated)) if gated else set()
        self.form: EditForm | RejectForm | RespondForm | None = None
        self.built = False

    async def build(self) -> None:
        session = await self.desk.queries.session(self.approval["session_id"]) or {}
        before = await self._original()
        facts.header(self.approval, len(self.must_read), self.back)
        with ui.element("div").classes("qd-db qd-scroll"):
            with ui.element("main"):
                self.ended_place = ui.element("div")
                if self.asks is not None:
                    self.asks.build()
                facts.messages(self.approval)
                facts.arguments(self.approval, before, read=self.read, on_read=self._has_read)
                facts.reasoning(self.approval)
            self.aside = ui.element("aside")
        self.form_place = ui.element("div")
        self.bar = ui.element("footer").classes("qd-decide")
        self._draw_aside(session)
        self._draw_bar()
        self.built = True

    def _draw_aside(self, session: dict[str, Any]) -> None:
        self.aside.clear()
        with self.aside:
            facts.checks(self.approval)
            facts.why(self.approval)
            facts.waiting(self.approval, session)
            facts.decisions(self.approval)

    async def _original(self) -> str | None:
        """The arguments as the model wrote them, when a person changed them."""
        if not self.approval["supersedes"]:
            return None
        replaced = await self.desk.queries.approval(self.approval["supersedes"])
        return replaced["arguments_json"] if replaced else None

    def _has_read(self, path: str) -> None:
        self.read.add(path)
        self._draw_bar()

    def _draw_bar(self) -> None:
        self.ended_place.clear()
        with self.ended_place:
            facts.ended(self.approval)
        self.bar.clear()
        one = self.approval
        with self.bar:
            if one["status"] != "pending":
                self._ended_bar()
            elif not self.may_act:
                ui.html("<span class='qd-i3'>You can look at everything here; operators decide.</span>", sanitize=False)
            elif one["kind"] == "unknown_outcome":
                button("It happened", lambda: self._decide("happened"))
                button("It did not", lambda: self._decide("not_happened"))
                button("Run again", lambda: self._decide("run_again"), kind="d")
                ui.html("<span class='qd-i3 qd-s qd-hide'>Look in the system itself first.</span>", sanitize=False)
            elif self.asks is not None:
                self._input_bar(self.asks)
            else:
                self._call_bar()

    def _ended_bar(self) -> None:
        """Who ended it, and where to go from here."""
        one, base = self.approval, base_path()
        last = one["decisions"][-1] if one["decisions"] else None
        who = (
            f"<b>{escape(last['by'])}</b> {facts.PAST[last['decision']]} "
            if last
            else escape(facts.ENDED[one["status"]][1])
        )
        when = format.moment(last["at"], "date") if last else ""
        ui.html(f"<span>{who}{when}</span>", sanitize=False)
        session = f"{base}/sessions/{escape(one['session_id'])}?at={escape(one['call_id'])}"
        ui.html(f'<a class="qd-btn" href="{session}">{icon("pulse", "md")}Watch the session</a>', sanitize=False)
        if self.may_allow and one["kind"] == "call" and one["arguments"] and one["status"] in ("approved", "consumed"):
            words = "Allow such calls from now on"
            path = f"{base}/policies/standing/new?from={escape(one['id'])}"
            ui.html(f'<a class="qd-btn qd-g" href="{path}">{words}</a>', sanitize=False)

    def _input_bar(self, asks: InputForm) -> None:
        if not asks.refused:
            button("Send the answer", self._answer, kind="p", sign="check")
        button("Decline", lambda: self._decide("decline"), kind="d")
        ui.html("<span class='qd-i3 qd-s qd-hide'>Either way the call goes on.</span>", sanitize=False)

    async def _answer(self) -> None:
        answers = self.asks.answers() if self.asks else None
        if answers is not None:
            await self._decide("answer", arguments_json=answers)

    def _call_bar(self) -> None:
        unread = self.must_read - self.read
        words = "Approve as second" if self.approval["approvals_given"] else "Approve"
        approve = button(words, lambda: self._decide("approve"), kind="p", sign="lock" if unread else "check", key="A")
        approve.classes("qd-w")
        if unread:
            approve.props("disabled")
        button("Edit", self._edit, key="E")
        button("Reject", self._reject, kind="d", key="R")
        button("Answer", self._respond, key="Q").props('title="Tell the agent something instead of running this"')
        if unread:
            names = ", ".join(sorted(path.removeprefix("/") for path in unread))
            ui.html(f"<span class='qd-i3 qd-s'>Read <b>{escape(names)}</b> first</span>", sanitize=False)

    async def key(self, key: str) -> None:
        """A key of the inbox; forms keep their own."""
        if self.approval["status"] != "pending" or not self.may_act:
            return
        if key == "Escape":
            self.close_form()
        elif self.form is None and self.approval["kind"] == "call":
            actions = {"a": lambda: self._decide("approve"), "e": self._edit, "r": self._reject, "q": self._respond}
            if key in actions:
                result = actions[key]()
                if result is not None:
                    await result

    def _edit(self) -> None:
        self._open(EditForm(self.approval["arguments_json"] or "{}", self._submit_edit, self.close_form))

    def _reject(self) -> None:
        self._open(RejectForm(self._submit_reject, self.close_form))

    def _respond(self) -> None:
        self._open(RespondForm(self._submit_respond, self.close_form))

    def _open(self, form: EditForm | RejectForm | RespondForm) -> None:
        self.close_form()
        self.form = form
        self.bar.set_visibility(False)
        with self.form_place:
            form.build()
        if isinstance(form, EditForm):
            focus_in(self.form_place, "input, textarea")

    def close_form(self) -> None:
        self.form = None
        self.form_place.clear()
        self.bar.set_visibility(True)

    async def _submit_edit(self, arguments_json: str) -> None:
        await self._decide("edit", arguments_json=arguments_json)

    async def _submit_reject(self, code: str, because: str) -> None:
        await self._decide("reject", code=code, because=because)

    async def _submit_respond(self, because: str) -> None:
        await self._decide("respond", because=because)

    async def _decide(self, decision: str, **extra: str) -> None:
        """Every check is made again on the server: role, reading, state, digest, time."""
        if (person := await allowed(self.desk, Role.OPERATOR)) is None:
            return
        if decision == "approve" and self.must_read - self.read:
            ui.notify("Open the long values first: what was not seen is not approved.", type="negative")
            return
        if decision in ("approve", "run_again") and self.approval["risk"] == "destructive":
            sure = await confirm("This cannot be undone", str(self.approval["effect"]), "Approve")
            if not sure or (person := await allowed(self.desk, Role.OPERATOR)) is None:
                return
        answer = await decide(self.desk, self.approval, decision, person, **extra)
        if answer.approval_id is not None:
            await self.decided(answer.approval_id)
            return
        if self.form is not None or (decision == "answer" and self.asks is not None):
            (self.form or self.asks).complain(answer.problems)  # type: ignore[union-attr]
        else:
            ui.notify(" ".join(answer.problems), type="negative")
        await self._refresh()

    async def _refresh(self) -> None:
        """Draw the state anew without moving the arguments that somebody reads."""
        try:
            fresh = await self.desk.queries.approval(self.approval["id"])
        except StoreError:
            return
        if self.bar.is_deleted or fresh is None:
            return
        if (fresh["status"], fresh["approvals_given"]) != (
            self.approval["status"],
            self.approval["approvals_given"],
        ):
            self.approval = fresh
            self.close_form()
            self._draw_bar()
        session = await self.desk.queries.session(fresh["session_id"]) or {}
        if not self.aside.is_deleted:
            self._draw_aside(session)

    async def look_again(self) -> None:
        """Somebody recorded something: is it still open?"""
        if self.built and not self.bar.is_deleted:
            await self._refresh()
