"""One standing approval: a tool, limits on its arguments, why, and until when; begun from a call that was approved."""

from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any
from urllib.parse import quote

from fastapi import Request
from nicegui import ui

from agents.tools.definition import ToolDefinition

from .. import format
from ..components.document_form import Document, DocumentForm, open_form
from ..components.document_head import Sort
from ..components.field import choice, line, lines
from ..components.notes import note
from ..components.rule_draft import Row, argument_row, when_of
from ..components.rule_rows import RuleRows, known_names
from ..components.rule_words import conditions
from ..desk import Desk
from ..frame import base_path

DEFAULT_DAYS = 30
RECENT = 12
LIMITS = (
    "It turns only “ask” into “allow”, for the tool as it is now. A rule that denies, or asks two people or somebody other "
    "than who asks, is stronger, and models that check still do."
)
ANY_AGENT = ""


def register(desk: Desk) -> None:
    @ui.page("/policies/standing/new")
    async def new_standing_approval(request: Request) -> None:
        await open_form(desk, request, None, StandingForm)

    @ui.page("/policies/standing/{name}")
    async def standing_approval(request: Request, name: str) -> None:
        await open_form(desk, request, name, StandingForm)


class StandingForm(DocumentForm):
    sort = Sort(
        kind="standing_approval",
        plural="standing_approvals",
        make="Give a standing approval",
        only_admins="Admins give standing approvals",
        at="policies/standing",
    )

    async def prepare(self) -> None:
        self.approved: list[dict[str, Any]] = []
        self.example: dict[str, Any] | None = None
        if self.is_new:
            request = ui.context.client.request
            wanted = request.query_params.get("from", "") if request else ""
            self.example = await self.desk.queries.approval(wanted) if wanted else None
            found = (await self.desk.queries.inbox(None, limit=100)).items
            self.approved = [one for one in found if one["status"] in ("approved", "consumed") and one["arguments"]][
                :RECENT
            ]

    def body(self) -> None:
        shown = self.document or (self._from_example(self.example) if self.example else {})
        self.kept = shown
        with ui.element("div").classes("qd-beside"):
            with ui.element("div").classes("qd-form"):
                ui.html(note("", LIMITS), sanitize=False)
                if self.is_new:
                    self._start()
                self._what(shown)
                self._limits(shown)
                self._why(shown)
            with ui.element("section").classes("qd-card qd-trial"), ui.element("div").classes("qd-in"):
                ui.html("<h2>What it releases</h2>", sanitize=False)
                self.said = ui.html("", sanitize=False).props('role=status aria-label="What it releases"')
        self._say()

    def _start(self) -> None:
        if self.example is not None:
            words = escape(str(self.example.get("effect") or self.example["tool"]))
            ui.html(f"<p class='qd-s qd-i2'>From this call: <b>{words}</b></p>", sanitize=False)
            return
        if not self.approved:
            return
        base = f"{base_path()}/policies/standing/new?from="
        links = "".join(
            f'<a class="qd-try" href="{base}{quote(one["id"])}"><b>{escape(str(one["effect"] or one["tool"]))}</b>'
            f"<span>{escape(one['agent'])}, {format.moment(one['requested_at'], 'date')}</span></a>"
            for one in self.approved
        )
        summary = "<summary>Start from a call that was approved</summary>"
        ui.html(f'<details class="qd-more" open>{summary}<div class="qd-tries">{links}</div></details>', sanitize=False)

    def _what(self, shown: Document) -> None:
        administration = self.desk.runtime.administration
        tools = administration.listed()
        known_names({"tool": sorted({one.name for one in tools})})
        with self.field("standing_approvals/name", "Name", "As it stands in the record of each call.", needed=True):
            self.name = line("Name", shown.get("name", ""), fixed=self.fixed or not self.is_new, hint="Small refunds")
        connectors = sorted({*administration.documents("connector"), *filter(None, [shown.get("connector")])})
        agents = {ANY_AGENT: "Any agent"} | {name: name for name in administration.documents("agent")}
        agents |= {shown["agent"]: shown["agent"]} if shown.get("agent") else {}
        with ui.element("div").classes("qd-pair qd-twocol"):
            with self.field("standing_approvals/connector", "Connector", needed=True):
                self.connector = choice("Connector", connectors, shown.get("connector"), fixed=self.fixed)
            with self.field("standing_approvals/tool", "Tool", needed=True):
                self.tool = line("Tool", shown.get("tool", ""), fixed=self.fixed, mono=True)
                self.tool.props["list"] = "qd-known-tools"
        with self.field("standing_approvals/agent", "Agent"):
            self.agent = choice("Agent", agents, shown.get("agent") or ANY_AGENT, fixed=self.fixed)
        for one in (self.connector, self.tool, self.agent):
            one.on_value_change(self._say)

    def _limits(self, shown: Document) -> None:
        self.rows: list[Row] = [argument_row(one) for one in shown.get("arguments") or ()]
        help_text = "Every one has to be so. Without any, all calls of the tool are released."
        with self.field("standing_approvals/arguments", "Limits on the arguments", help_text):
            if self.fixed:
                tested = conditions(shown.get("arguments") or ()) or "none"
                ui.html(f"<p>{tested}</p>", sanitize=False)
            else:
                RuleRows(self.rows, self._say, only=("argument",))

    def _why(self, shown: Document) -> None:
        with self.field("standing_approvals/because", "Because", needed=True):
            self.because = lines("Because", shown.get("because", ""), fixed=self.fixed)
        self.stored_end = shown.get("expires_at") or ""
        end = _last_day(self.stored_end) if self.document else _in_days(self.desk.runtime.now())
        with self.field("standing_approvals/expires_at", "Last day", "In UTC. Empty: until somebody revokes it."):
            self.end = line("Last day", end, hint="2026-12-31", fixed=self.fixed).props("type=date")
        self.end.on_value_change(self._say)

    def _say(self, _event: Any = None) -> None:
        when, wrong = when_of(self.rows)
        tool, connector = str(self.tool.value or ""), str(self.connector.value or "")
        if not tool or not connector:
            self.said.set_content("<p class='qd-i3'>Nothing yet: name a tool.</p>")
            return
        tested = conditions(when.get("arguments") or ())
        where = f" where {tested}" if tested else "<b>, whatever its arguments</b>"
        by = f" by <b>{escape(str(self.agent.value))}</b>" if self.agent.value else " by any agent"
        until = f", until the end of {escape(str(self.end.value))}" if self.end.value else ", until it is revoked"
        said = f"<p><code>{escape(tool)}</code> of <code>{escape(connector)}</code>{where}{by}{until}.</p>"
        self.said.set_content(said + "".join(note("warn", one) for one in wrong))

    # saving

    def given_name(self) -> str:
        return str(self.name.value or "").strip()

    def missing(self) -> dict[str, str]:
        needed = {"connector": self.connector.value, "tool": self.tool.value, "because": self.because.value}
        found = {key: "This is needed." for key, value in needed.items() if not str(value or "").strip()}
        if "*" in str(self.tool.value or "") or "?" in str(self.tool.value or ""):
            found["tool"] = "One tool, by its whole name: a pattern would release what does not exist yet."
        if wrong := when_of(self.rows)[1]:
            found["arguments"] = " ".join(wrong)
        if end := self._bad_end():
            found["expires_at"] = end
        return {f"standing_approvals/{key}": words for key, words in found.items()}

    def _bad_end(self) -> str:
        try:
            end = self._expires()
        except ValueError:
            return "This is no day; write it as 2026-12-31, or leave it empty."
        if end and datetime.fromisoformat(end) <= self.desk.runtime.now():
            return "This day is over already; it would release nothing."
        return ""

    def _expires(self) -> str | None:
        """The end of that day; raises ValueError where there is no such day."""
        day = str(self.end.value or "").strip()
        if not day or (self.stored_end and day == _last_day(self.stored_end)):
            return self.stored_end if day else None
        return (datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=UTC) + timedelta(days=1)).isoformat()

    async def documents(self) -> list[tuple[str, Document]]:
        arguments = when_of(self.rows)[0].get("arguments")
        written: Document = {
            "name": self.given_name(),
            "connector": self.connector.value,
            "tool": str(self.tool.value).strip(),
            "agent": self.agent.value or None,
            "arguments": arguments,
            "because": str(self.because.value).strip(),
            "example": self.kept.get("example"),
            "definition_hash": self._definition_hash(),
            "expires_at": self._expires(),
        }
        return [("standing_approval", {key: value for key, value in written.items() if value})]

    def _definition(self, connector: Any, tool: Any) -> ToolDefinition | None:
        listed = self.desk.runtime.administration.listed()
        return next((one for one in listed if (one.connector, one.name) == (connector, tool)), None)

    def _definition_hash(self) -> str | None:
        """Of the tool as it is now: to save is to give the word for that."""
        connector, tool = self.connector.value, str(self.tool.value).strip()
        if found := self._definition(connector, tool):
            return found.hash
        same = (self.kept.get("connector"), self.kept.get("tool")) == (connector, tool)
        return self.kept.get("definition_hash") if same else None

    def _from_example(self, approval: dict[str, Any]) -> Document:
        """A first draft: this very call, and nothing more in it; the admin widens it where that is meant."""
        given = approval["arguments"] if isinstance(approval.get("arguments"), dict) else {}
        found = self._definition(approval["connector"], approval["own_name"])
        absent = [key for key in (found.input_schema.get("properties") or {} if found else {}) if key not in given]
        return {
            "connector": approval["connector"],
            "tool": approval["own_name"],
            "agent": approval["agent"],
            "arguments": [
                *({"path": f"/{_step(key)}", "op": "eq", "value": value} for key, value in given.items()),
                *({"path": f"/{_step(key)}", "op": "exists", "value": False} for key in absent),
            ],
            "example": approval["id"],
        }

    def deleting(self) -> str:
        return "Calls it would have released are asked about again, from that moment on. Its versions are kept."


def _step(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def _last_day(expires_at: str) -> str:
    """It expires with the first moment of the day after."""
    if not expires_at:
        return ""
    return f"{datetime.fromisoformat(expires_at).astimezone(UTC) - timedelta(seconds=1):%Y-%m-%d}"


def _in_days(now: datetime) -> str:
    return f"{now.astimezone(UTC) + timedelta(days=DEFAULT_DAYS):%Y-%m-%d}"
