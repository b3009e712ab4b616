"""One policy: its rules as sentences changed in place, its text, a call to try, and what it would have done."""

from typing import Any

from fastapi import Request
from nicegui import ui
from pydantic import ValidationError

from agents import rule_checks
from agents.config import Agent, Policy
from agents.what_if import WhatIf

from .. import format
from ..components.buttons import button
from ..components.document_form import Document, DocumentForm, open_form
from ..components.document_head import Sort, head
from ..components.field import line, lines
from ..components.leaving import ask_before_leaving
from ..components.rule_list import RuleList
from ..components.rule_rows import known_names
from ..components.versions_link import versions_link
from ..desk import Desk
from ..frame import base_path
from .policy_trial import Trial
from .policy_what_if import WhatIfPanel

MOST_TEXT_BYTES = 50_000
RECENT = 20
"""Approval requests that can be tried again."""
HOW = "Every rule is looked at: the most restrictive one that matches wins, in whatever order they stand."
UNSAID = "No reason given yet."
TEXT = "In your own words, for the model that checks calls where a rule says so. Rules do not read it."


def register(desk: Desk) -> None:
    @ui.page("/policies/new")
    async def new_policy(request: Request) -> None:
        await open_form(desk, request, None, PolicyForm)

    @ui.page("/policies/{name}")
    async def policy(request: Request, name: str) -> None:
        await open_form(desk, request, name, PolicyForm)


class PolicyForm(DocumentForm):
    sort = Sort(kind="policy", plural="policies", make="Write a policy", only_admins="Admins write policies")

    async def prepare(self) -> None:
        agents: dict[str, Agent] = self.desk.runtime.administration.documents("agent")
        self.users = [name for name, one in agents.items() if one.policy == self.document.get("name")]
        self.asked = (await self.desk.queries.inbox(None, limit=RECENT)).items

    def build(self) -> None:
        self._head()
        with ui.element("div").classes("qd-pl"):
            with ui.element("div").classes("qd-pl-main"):
                self.problems = ui.element("div").classes("qd-list-err").props("role=alert")
                self.body()
            with ui.element("aside").classes("qd-pl-side"):
                self.panel = WhatIfPanel(self.desk, self.draft, self._counted)
        if not self.fixed:
            ask_before_leaving()

    def _head(self) -> None:
        name = self.document.get("name")
        with head(self.sort, name or self.sort.make):
            self.chips = ui.html("", sanitize=False).classes("qd-row qd-pl-chips")
            if name:
                ui.html(versions_link("policy", name, base_path()), sanitize=False)
            if self.fixed:
                return
            if name:
                button("Delete", self._delete, kind="g")
            button("Save", self.save, kind="p")

    def body(self) -> None:
        if self.is_new:
            with ui.element("div").classes("qd-pl-name"), self.field("policies/name", "Name", needed=True):
                self.name = line("Name", hint="refunds")
        administration = self.desk.runtime.administration
        known_names(
            {
                "tool": sorted({one.name for one in administration.listed()}),
                "connector": list(administration.documents("connector")),
                "agent": list(administration.documents("agent")),
            }
        )
        ui.html(f"<p class='qd-i3 qd-s'>{HOW}</p>", sanitize=False)
        self.rules = RuleList(self.document.get("rules") or (), self.changed, fixed=self.fixed)
        if not self.fixed:
            with ui.element("div").classes("qd-row"):
                button("Rule", self.rules.add, sign="plus")
        self.trial = Trial(self.desk, self.draft, self.asked)
        self._text()
        self._warn()
        self.tell()

    def _text(self) -> None:
        stored = self.document.get("text") or ""
        with ui.element("section").classes("qd-card qd-pl-text"):
            ui.html("<h2>Written policy</h2>", sanitize=False, tag="header")
            with ui.element("div").classes("qd-in"), self.field("policies/text", "", TEXT):
                self.text = lines("Written policy", stored, fixed=self.fixed, tall=72)
                self.size = ui.html("", sanitize=False).classes("qd-help qd-n")
        self.text.on_value_change(self._say_size)
        self._say_size()

    def _say_size(self, _event: Any = None) -> None:
        used = len(str(self.text.value or "").encode())
        self.size.set_content(f"{format.size(used)} of {format.size(MOST_TEXT_BYTES)}" if used else "")

    def changed(self) -> None:
        """A rule was edited, added, removed or put back."""
        self.tell()
        self._warn()
        self.trial.again()
        self.panel.again()

    def draft(self) -> Document | None:
        """As the page has it, to be judged by; None while a condition cannot be read, for then a rule is wider than meant."""
        if any(one.misread() for one in self.rules.kept()):
            return None
        rules = [one | {"because": one["because"] or UNSAID} for one in self.rules.documents()]
        return {"name": self.given_name() or "draft", "rules": rules}

    def _warn(self) -> None:
        draft, administration = self.draft(), self.desk.runtime.administration
        try:
            policy = Policy.model_validate(draft) if draft else None
        except ValidationError:
            policy = None  # said where it is tried, and when it is saved
        known = {(one.connector, one.name) for one in administration.listed()}
        connectors = administration.documents("connector")
        self.rules.warn(rule_checks.problems(policy, known, connectors) if policy else {})

    def _counted(self, found: WhatIf) -> None:
        if found.calls:
            self.rules.show_counts(found.by_rule, {str(risk): count for risk, count in found.by_default.items()})

    def tell(self) -> None:
        name = self.document.get("name", "")
        version = self.versions.get(("policy", name))
        if version is None:
            self.chips.set_content('<span class="qd-chip qd-warn">new</span>')
            return
        used = (
            f"v{version}, used by {format.plural(len(self.users), 'agent')}" if self.users else f"v{version}, not used"
        )
        changed = any(one.state or one.is_removed for one in self.rules.drafts)
        chip = f'<span class="qd-chip qd-warn">draft of v{version + 1}</span>' if changed else ""
        self.chips.set_content(f'{chip}<span class="qd-i3 qd-s qd-nw">{used}</span>')

    # saving

    def given_name(self) -> str:
        return str(self.name.value or "").strip() if self.is_new else str(self.document["name"])

    def missing(self) -> dict[str, str]:
        found = {f"policies/rules/{at}": words for at, words in self.rules.problems().items()}
        if len(str(self.text.value or "").encode()) > MOST_TEXT_BYTES:
            found["policies/text"] = (
                f"It is longer than {format.size(MOST_TEXT_BYTES)}; a checker would not read it all."
            )
        return found

    def written(self) -> Document:
        text = str(self.text.value or "").strip()
        kept = {key: value for key, value in self.document.items() if key not in ("rules", "text")}
        document: Document = {**kept, "name": self.given_name(), "rules": self.rules.documents()}
        return document | ({"text": text} if text else {})

    async def documents(self) -> list[tuple[str, Document]]:
        return [("policy", self.written())]

    def complain(self, found: Any, others: Any = ()) -> None:
        rules = {int(key.rsplit("/", 1)[1]): words for key, words in found.items() if key.startswith("policies/rules/")}
        self.rules.complain(rules)
        super().complain(found, others)
