"""One request in full: what will happen, with which values, why the agent wants it, and the decision bar."""

from collections.abc import Awaitable, Callable
from html import escape
from typing import Any

from nicegui import ui

from store.errors import StoreError
from store.people import Role

from .. import format, statuses
from ..desk import Desk
from ..frame import base_path
from ..icons import icon
from ..security import allowed
from .approval_form import EditForm, RejectForm, RespondForm
from .arguments import arguments_table, long_paths, oddities
from .buttons import button
from .decisions import decide

RISKS = {
    "read": "Reads only",
    "write": "Writes",
    "destructive": "Destructive",
    "unknown": "Unknown risk",
}
Approval = dict[str, Any]
Back = Callable[[], Awaitable[None]]
DecidedHere = Callable[[str], Awaitable[None]]
"""Called with the id of the request that carries on, after a decision made on this page."""
ENDED = {
    "approved": ("ok", "Approved; it runs as soon as the session can."),
    "consumed": ("ok", "Approved, and the tool was started with exactly these values."),
    "rejected": ("bad", "Rejected. It did not run, and the agent knows why."),
    "expired": ("warn", "The time was over. It did not run."),
    "cancelled": ("warn", "Ended without running."),
    "superseded": ("sea", "Replaced by a changed version."),
}


class ApprovalDetail:
    """The detail beside the list. Approve stays off until every long value was opened, here and on the server."""

    def __init__(self, desk: Desk, approval: Approval, *, may_act: bool, back: Back, decided: DecidedHere) -> None:
        self.desk = desk
        self.approval = approval
        self.may_act = may_act
        self.back = back
        self.decided = decided
        self.read: set[str] = set()
        self.must_read = set(long_paths(approval["arguments_json"])) if approval["arguments_json"] else set()
        self.form: EditForm | RejectForm | RespondForm | None = None

    async def build(self) -> None:
        session = await self.desk.queries.session(self.approval["session_id"]) or {}
        before = await self._original()
        self._header()
        with ui.element("div").classes("qd-db qd-scroll"):
            with ui.element("main"):
                self._ended()
                self._messages()
                self._arguments(before)
                self._reasoning()
            with ui.element("aside"):
                self._why()
                self._session(session)
                self._decisions()
        with ui.element("div") as self.form_place:
            pass
        self.bar = ui.element("footer").classes("qd-decide")
        self._draw_bar()

    async def _original(self) -> str | None:
        """The arguments as the model wrote them, when a person changed them."""
        if not self.approval["supersedes"]:
            return None
        replaced = await self.desk.queries.approval(self.approval["supersedes"])
        return replaced["arguments_json"] if replaced else None

    def _header(self) -> None:
        one, base = self.approval, base_path()
        session = f"{base}/sessions/{one['session_id']}?at={one['call_id']}"
        meta = (
            f'<span class="qd-risk qd-{escape(one["risk"])}"><i></i>{RISKS[one["risk"]]}</span>'
            f'<code class="qd-hide">{escape(one["connector"])}.{escape(one["own_name"])}</code>'
            f"<span>{escape(one['agent'])}</span>"
            f'<a class="qd-link" href="{escape(session)}">{icon("link", "sm")}{escape(one["session_id"])}, step {one["step"]}</a>'
            f'<span class="qd-n qd-hide">asked {format.moment(one["requested_at"], "date")}</span>'
        )
        with ui.element("header").classes("qd-dh"):
            ui.html(meta, sanitize=False).classes("qd-meta")
            with ui.element("div").classes("qd-exp"):
                with button("Inbox", self.back, kind="g", sign="back").classes("qd-only"):
                    pass
                if one["status"] == "pending" and one["expires_at"]:
                    ui.html(
                        f'<qd-countdown ring="38" expires="{one["expires_at"]}" from="{one["requested_at"]}"></qd-countdown>',
                        sanitize=False,
                    )
            ui.html(escape(one["effect"] or one["tool"]), sanitize=False, tag="h1")
            if found := self._findings():
                ui.html("".join(found), sanitize=False).classes("qd-look")

    def _findings(self) -> list[str]:
        """At most four, worst first; the first is drawn in red when it is one to worry about."""
        one, found = self.approval, []
        if one["kind"] == "unknown_outcome":
            found.append(f"<span>{icon('warn', 'md')}May or may not have happened</span>")
        hidden, mixed = oddities(one["arguments_json"] or "{}")
        if mixed:
            found.append(f"<span>{icon('warn', 'md')}Letters of two scripts in one word</span>")
        if hidden:
            found.append(f"<span>{icon('hidden', 'md')}{format.plural(hidden, 'value')} with hidden characters</span>")
        if one["later_messages"]:
            found.append(f"<span>{icon('msg', 'md')}{format.plural(len(one['later_messages']), 'message')} since</span>")
        if self.must_read:
            found.append(f"<span>{icon('eye', 'md')}{format.plural(len(self.must_read), 'long value')} to read</span>")
        if one["supersedes"]:
            found.append(f"<span>{icon('edit', 'md')}Changed by a person</span>")
        calm = not (one["kind"] == "unknown_outcome" or mixed or hidden)
        return [html.replace("<span>", '<span class="qd-calm">', 1) for html in found[:4]] if calm else found[:4]

    def _ended(self) -> None:
        """What became of a request that is no longer open."""
        one = self.approval
        if one["status"] == "pending":
            return
        kind, words = ENDED[one["status"]]
        if one["status"] in ("expired", "cancelled") and one.get("ended_because"):
            words = one["ended_because"]
        link = ""
        if one["superseded_by"]:
            link = f' <a class="qd-link" href="{base_path()}/inbox/{escape(one["superseded_by"])}">Open it</a>'
        with ui.element("div").classes("qd-bd").style("padding:14px 20px 8px 24px"):
            ui.html(f"{icon('flag', 'md')}<span>{escape(words)}{link}</span>", sanitize=False).classes(f"qd-note qd-{kind}")

    def _messages(self) -> None:
        later = self.approval["later_messages"]
        if not later:
            return
        with _section("Since this was asked", "people wrote; the agent reads it after your decision"):
            for one in later:
                ui.html(
                    f"<b>{escape(one['by'])}</b> <span class='qd-i3 qd-n'>{format.moment(one['at'])}</span>"
                    f"<p class='qd-i2' style='white-space:pre-wrap'>{escape(one['text'] or '[erased]')}</p>",
                    sanitize=False,
                )

    def _arguments(self, before: str | None) -> None:
        one = self.approval
        digest = f'sha256 <span class="qd-m qd-xs" title="{escape(one["action_digest"])}">{format.short_digest(one["action_digest"])}</span>'
        with ui.element("div").classes("qd-sec"):
            with ui.element("header"):
                changed = "changed by a person" if before else "exactly what will be sent"
                ui.html(f"<h2>Arguments</h2><span class='qd-hint'>{changed}</span>", sanitize=False).style("display:contents")
                ui.element("span").classes("qd-sp")
                ui.html(f'<span class="qd-hint qd-hide">{digest}</span>', sanitize=False)
                ui.element("a").classes("qd-link qd-s").props('role="button" tabindex="0"').on("click", self._raw).props(
                    "innerHTML=Raw"
                )
            if one["arguments_json"]:
                arguments_table(one["arguments_json"], read=self.read, on_read=self._has_read, before=before)

    async def _raw(self) -> None:
        from .dialogs import show_text

        text = self.approval["arguments_json"] or ""
        sections = [("Canonical JSON, as hashed and sent", text), ("Action digest", self.approval["action_digest"])]
        show_text(self.approval["tool"], [*sections, ("Definition hash", self.approval["definition_hash"])])

    def _has_read(self, path: str) -> None:
        self.read.add(path)
        self._draw_bar()

    def _reasoning(self) -> None:
        block = self.approval["reasoning"]
        if not block:
            return
        parts = [("Need", block["need"]), ("Source", block["source"]), ("Therefore", block["therefore"])]
        html = "".join(f"<dt>{name}</dt><dd>{escape(text)}</dd>" for name, text in parts)
        if block["alternatives"]:
            others = "<br>".join(
                f"<code>{escape(one['tool'])}</code>: {escape(one['why_not'])}" for one in block["alternatives"]
            )
            html += f"<dt>Alternatives</dt><dd>{others}</dd>"
        with ui.element("div").classes("qd-sec"):
            ui.html(
                '<header><h2>Reasoning</h2><span class="qd-chip qd-o">the model’s own words</span></header>'
                f'<div class="qd-bd"><dl class="qd-rd qd-said">{html}</dl></div>',
                sanitize=False,
            )

    def _why(self) -> None:
        one = self.approval
        rule = one["rule"]
        where = f"{rule['policy']} v{rule['version']}" if rule else "the defaults"
        number = f", rule {rule['index'] + 1}" if rule and rule["index"] is not None else ", default by risk"
        two = " Two people have to approve." if one["required"] > 1 else ""
        who = " Not the person who made the request." if one["approver"] == "not_requester" else ""
        with _section("Why you are asked"):
            ui.html(
                f"<p class='qd-i2'>{escape(one['because'])}{two}{who}</p><p class='qd-i3'>Policy {escape(where)}{number}</p>",
                sanitize=False,
            ).classes("qd-s")

    def _session(self, session: dict[str, Any]) -> None:
        if not session:
            return
        rows = [
            ("Session", escape(session["title"])),
            ("Status", statuses.chip(session["status"], session["result"])),
            ("Requested by", escape(self.approval["requested_by"])),
            ("Waits", format.moment(self.approval["requested_at"], "age")),
            ("Session so far", format.cost(session["cost_usd"])),
        ]
        html = "".join(f"<span class='qd-i3'>{name}</span><span>{value}</span>" for name, value in rows)
        with _section("Waiting on this"):
            ui.html(f"<div class='qd-kv2 qd-s'>{html}</div>", sanitize=False)

    def _decisions(self) -> None:
        if not self.approval["decisions"]:
            return
        with _section("Decided"):
            for one in self.approval["decisions"]:
                because = f"<p class='qd-i2'>“{escape(one['because'])}”</p>" if one["because"] else ""
                code = f" <span class='qd-chip'>{escape(one['code'])}</span>" if one["code"] else ""
                ui.html(
                    f"<b>{escape(one['by'])}</b> <span class='qd-i3'>{escape(one['decision'])}</span>{code} "
                    f"<span class='qd-i3 qd-n'>{format.moment(one['at'], 'date')}</span>{because}",
                    sanitize=False,
                ).classes("qd-s")

    # deciding

    def _draw_bar(self) -> None:
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
            else:
                self._call_bar()

    def _ended_bar(self) -> None:
        """Who ended it, and where to go from here."""
        one, base = self.approval, base_path()
        last = one["decisions"][-1] if one["decisions"] else None
        who = f"<b>{escape(last['by'])}</b> {_PAST[last['decision']]} " if last else escape(ENDED[one["status"]][1])
        when = format.moment(last["at"], "date") if last else ""
        ui.html(f"<span>{who}{when}</span>", sanitize=False)
        session = f"{base}/sessions/{escape(one['session_id'])}?at={escape(one['call_id'])}"
        ui.html(f'<a class="qd-btn" href="{session}">{icon("pulse", "md")}Watch the session</a>', sanitize=False)

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
        answer = await decide(self.desk, self.approval, decision, person, **extra)
        if answer.approval_id is not None:
            await self.decided(answer.approval_id)
            return
        if self.form is not None:
            self.form.complain(answer.problems)
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

    async def look_again(self) -> None:
        """Somebody recorded something: is it still open?"""
        if not self.bar.is_deleted:
            await self._refresh()


_PAST = {
    "approve": "approved",
    "edit": "changed and approved it",
    "reject": "rejected",
    "respond": "answered the agent",
    "happened": "said that it happened",
    "not_happened": "said that it did not happen",
    "run_again": "had it run again",
}


def _section(title: str, hint: str = "") -> Any:
    section = ui.element("div").classes("qd-sec")
    with section:
        hinted = f"<span class='qd-hint'>{escape(hint)}</span>" if hint else ""
        ui.html(f"<header><h2>{escape(title)}</h2>{hinted}</header>", sanitize=False)
        return ui.element("div").classes("qd-bd")
