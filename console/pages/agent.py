"""One agent: a form that makes it from picked tools, or changes what is touched and keeps the rest."""

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import Request
from nicegui import ui

from agents.config import Policy
from agents.readiness import Finding, findings

from .. import agent_draft
from ..components import readiness_strip
from ..components.deleting import KEPT
from ..components.dialogs import confirm
from ..components.document_form import Document, DocumentForm, open_form
from ..components.document_head import Sort
from ..components.field import choice, field
from ..components.row_list import tick
from ..desk import Desk
from ..frame import base_path
from ..icons import icon
from ..readiness import facts_of
from .agent_context import AgentContext
from .agent_guards import AgentGuards
from .agent_limits import AgentApprovals, AgentLimits
from .agent_schema import AgentSchemas
from .agent_sections import index, section
from .agent_toolset import AgentToolset
from .agent_words import AgentWords
from .agent_workflow import AgentScenarios, AgentWorkflow

OWN_POLICY = ""
LOCAL = "Nothing leaves our machines: models that live outside are never asked"
NO_TOOLS = "It can talk, but look nothing up and do nothing. Tools can be picked later."


def register(desk: Desk) -> None:
    @ui.page("/agents/new")
    async def new_agent(request: Request) -> None:
        await open_form(desk, request, None, AgentForm)

    @ui.page("/agents/{name}")
    async def agent(request: Request, name: str) -> None:
        await open_form(desk, request, name, AgentForm)


class AgentForm(DocumentForm):
    sort = Sort(kind="agent", plural="agents", make="Make an agent", only_admins="Admins make agents")

    async def prepare(self) -> None:
        """Its toolset as stored when the page was opened, and what it lacks."""
        name = self.document.get("toolset", "")
        stored = await self.desk.runtime.configuration.get("toolset", name)
        self.stored_toolset: Document = dict(stored.document) if stored else {}
        if stored is not None:
            self.has_opened("toolset", name, stored)
        agent = self.desk.runtime.administration.documents("agent").get(self.document.get("name", ""))
        self.found: list[Finding] | None = findings(agent, await facts_of(self.desk)) if agent else None

    def body(self) -> None:
        with ui.element("div").classes("qd-col qd-broad qd-agent"):
            if self.found is not None:
                self._strip(self.found)
            with ui.element("div").classes("qd-parts"):
                index()
                with ui.element("div").classes("qd-form"):
                    self._parts()
        self.shown = self._values()

    def _strip(self, found: list[Finding]) -> None:
        name, base = str(self.document["name"]), base_path()
        start = f"{base}/sessions/new?{urlencode({'agent': name})}"
        links = f'<a class="qd-btn qd-t" href="{base}/versions/agent/{quote(name)}">{icon("recall", "md")}Versions</a>'
        links += "" if self.fixed else f'<a class="qd-btn qd-t" href="{start}">{icon("play", "md")}Try it</a>'
        more = readiness_strip.sentences(found)
        told = f"<details class='qd-more'><summary>What is missing, in full</summary>{more}</details>" if more else ""
        head = f'<div class="qd-row">{readiness_strip.chips(found)}<span class="qd-sp"></span>{links}</div>'
        ui.html(head + told, sanitize=False).classes("qd-ready").props('role=region aria-label="Readiness"')

    def _parts(self) -> None:
        self.words = AgentWords(self)
        with section("models"):
            self._model()
        with section("policy"):
            self._policy()
        with section("tools"):
            self.toolset = AgentToolset(self, self.stored_toolset, self._window)
        self.scenarios = AgentScenarios(self, self.desk)
        ui.html("<h2>Finer settings</h2>", sanitize=False).classes("qd-part")
        self.guards = AgentGuards(self)
        self.schemas = AgentSchemas(self)
        self.workflow = AgentWorkflow(self, self.toolset.offered)
        self.approvals = AgentApprovals(self)
        self.limits = AgentLimits(self)
        self.context = AgentContext(self, self._window)

    def _model(self) -> None:
        names = list(self.desk.runtime.administration.documents("model"))
        chain = list((self.document.get("models") or {}).get("act", ()))
        chain = [chain] if isinstance(chain, str) else chain
        names += [name for name in chain if name not in names]
        first = chain[0] if chain else names[0] if len(names) == 1 else None
        self.others: ui.select | None = None
        with ui.element("div").classes("qd-pair"):
            with self.field("agents/models/act", "Model", "What it thinks with.", needed=True):
                self.model = choice("Model", names, first, fixed=self.fixed)
                self.model.on_value_change(lambda: self.context.tell())
                if not names:
                    link = f'<a class="qd-link qd-s" href="{base_path()}/models/new">Add a model first</a>'
                    ui.html(link, sanitize=False)
            if len(names) > 1:
                with field("If it fails, ask", "In this order; empty: nobody else."):
                    self.others = choice("If it fails", names, chain[1:], fixed=self.fixed, several=True)
        with self.field("agents/local_only", "Data residency"):
            self.local_only = tick(LOCAL, bool(self.document.get("local_only")), fixed=self.fixed)

    def _window(self) -> int | None:
        models = self.desk.runtime.administration.documents("model")
        one = models.get(str(self.model.value or ""))
        return self.desk.runtime.models.info(one).context_window if one else None

    def _policy(self) -> None:
        self.policies: dict[str, Policy] = self.desk.runtime.administration.documents("policy")
        options = dict.fromkeys(self.policies)
        own = {} if self.document.get("policy") in self.policies else {OWN_POLICY: "Its own: reads run, the rest asks"}
        labels = {**own, **{name: name for name in options}}
        with self.field("agents/policy", "Policy", "What may run by itself, and what a person decides."):
            chosen = self.document.get("policy", OWN_POLICY)
            self.policy = choice("Policy", labels, chosen if chosen in labels else OWN_POLICY, fixed=self.fixed)
            self.rules = ui.html("", sanitize=False)
            self.policy.on_value_change(self._rules)
        self._rules()

    def _rules(self, _event: Any = None) -> None:
        self.rules.set_content(_rules(self.policies.get(str(self.policy.value))))

    def given_name(self) -> str:
        return str(self.words.values()["name"])

    def _values(self) -> dict[str, Any]:
        """What the form says now, in the words of the document."""
        chain = [str(self.model.value)] if self.model.value else []
        others = list(self.others.value or ()) if self.others is not None else []
        chain += [name for name in others if name not in chain]
        parts = (self.words, self.scenarios, self.guards, self.schemas, self.workflow)
        values: dict[str, Any] = {"models": {"act": chain, **self.guards.models()}}
        for part in (*parts, self.approvals, self.limits, self.context):
            values |= part.values()
        return {**values, "local_only": True if self.local_only.value else None}

    async def documents(self) -> list[tuple[str, Document]]:
        """What has to be saved together; toolset and policy only where they are new or touched."""
        current = await self.desk.runtime.configuration.current()
        known = {kind: {name: one.document for name, one in named.items()} for kind, named in current.items()}
        values = self._values()
        stored = known.get("agent", {}).get(values["name"], self.document)
        document = agent_draft.agent(stored, self.shown if self.document else {}, values)
        toolset = self.toolset.written(known.get("toolset", {}), self._new_name("tools", known.get("toolset", {})))
        document["toolset"] = self.toolset.name() or self._new_name("tools", known.get("toolset", {}))
        documents: list[tuple[str, Document]] = [("toolset", toolset)] if toolset is not None else []
        if str(self.policy.value or "") == OWN_POLICY:
            name = self._new_name("policy", known.get("policy", {}))
            documents.append(("policy", agent_draft.policy(name)))
            document["policy"] = name
        else:
            document["policy"] = str(self.policy.value)
        return [*documents, ("agent", document)]

    def _new_name(self, what: str, taken: Document) -> str:
        return agent_draft.name_for(self.given_name(), what, taken)

    def missing(self) -> dict[str, str]:
        missing = {}
        if not str(self.words.instructions.value or "").strip():
            missing["agents/instructions"] = "Say what it is there for."
        if not self.model.value:
            missing["agents/models/act"] = "Choose what it thinks with."
        for part in (self.toolset, self.scenarios, self.schemas, self.workflow, self.limits, self.context):
            missing |= part.missing()
        return missing

    def complain(self, found: Mapping[str, str], others: Iterable[str] = ()) -> None:
        """Its own toolset and policy are called after it: what is wrong with the name is said once, where it stands."""
        name = found.get("agents/name")
        fields = {key: one for key, one in found.items() if key == "agents/name" or one != name}
        super().complain(fields, [one for one in others if one != name])

    async def is_sure(self) -> bool:
        if not self.toolset.is_emptied():
            return True
        return await confirm("Save an agent without tools?", NO_TOOLS, "Save without tools")

    def deleting(self) -> str:
        return f"Its sessions stop where they are and say so. Its toolset and policy stay. {KEPT}"


def _rules(policy: Policy | None) -> str:
    if policy is None:
        words = "Reading tools run by themselves. Writing, destructive and unknown ones wait in the inbox for a person."
        return f"<span class='qd-help'>{words}</span>"
    items = "".join(f"<li>{escape(rule.because)}</li>" for rule in policy.rules)
    rest = "<li>Otherwise: reads run, everything else waits for a person.</li>"
    link = f'<a class="qd-link qd-s" href="{base_path()}/policies/{quote(policy.name)}">Open {escape(policy.name)}</a>'
    return f"<ul class='qd-list qd-s'>{items}{rest}</ul>{link}"
