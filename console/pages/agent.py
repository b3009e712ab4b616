"""One agent: a plain form that makes it from picked tools, or changes what is touched and keeps the rest."""

from html import escape
from typing import Any

from fastapi import Request
from nicegui import ui

from agents.config import Limits, Policy

from .. import agent_draft
from ..components.deleting import KEPT
from ..components.dialogs import confirm
from ..components.document_form import Document, DocumentForm, Sort, open_form
from ..components.field import choice, field, line, lines, number, whole_number
from ..components.tool_table import STOP_AT
from ..desk import Desk
from ..frame import base_path
from .agent_guards import AgentGuards
from .agent_tools import AgentTools

OWN_POLICY = ""
LIMITS = (
    ("steps", "Steps in a turn", "A step is one answer of the model and what follows from it."),
    ("tool_calls", "Tool calls in a turn", "At a limit the turn ends with the best answer so far."),
    ("cost_usd", "Cost of a turn, USD", "Empty: no limit."),
)
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
        """Its toolset as stored when the page was opened."""
        name = self.document.get("toolset", "")
        stored = await self.desk.runtime.configuration.get("toolset", name)
        self.toolset: Document = dict(stored.document) if stored else {}
        if stored is not None:
            self.has_opened("toolset", name, stored)

    def body(self) -> None:
        with ui.element("div").classes("qd-col qd-broad qd-agent"):
            with ui.element("div").classes("qd-twocol"):
                with ui.element("div").classes("qd-form"):
                    self._words()
                with ui.element("div").classes("qd-form"):
                    self._model()
                    self._policy()
                    self.guards = AgentGuards(self)
                    self._limits()
                    self._scenarios()
            help_text = "Few and fitting ones: an agent sees only what is picked here."
            with self.field("toolsets/tools", "Tools", help_text):
                self.tools = AgentTools(self.desk, self.toolset, self._window(), fixed=self.fixed)
                self.picked = dict(self.tools.picks)
        self.shown = self._values()

    def _words(self) -> None:
        document, fixed = self.document, self.fixed
        with self.field("agents/name", "Name", needed=self.is_new):
            self.name = line("Name", document.get("name", ""), hint="Returns clerk", fixed=fixed or not self.is_new)
        with self.field("agents/description", "What it does", "A sentence for people who choose among agents."):
            self.description = line("What it does", document.get("description") or "", fixed=fixed)
        help_text = "What it is there for, how it works, when it should ask. Written to the model."
        with self.field("agents/instructions", "Instructions", help_text, needed=True):
            self.instructions = lines("Instructions", document.get("instructions", ""), fixed=fixed, tall=190)

    def _model(self) -> None:
        names = list(self.desk.runtime.administration.documents("model"))
        chain = list((self.document.get("models") or {}).get("act", ()))
        chain = [chain] if isinstance(chain, str) else chain
        names += [name for name in chain if name not in names]
        first = chain[0] if chain else names[0] if len(names) == 1 else None
        with self.field("agents/models/act", "Model", needed=True):
            self.model = choice("Model", names, first, fixed=self.fixed)
            if not names:
                link = f'<a class="qd-link qd-s" href="{base_path()}/models/new">Add a model first</a>'
                ui.html(link, sanitize=False)
        if len(names) > 1:
            with field("If it fails, ask", "In this order; empty: nobody else."):
                self.others: ui.select | None = choice("If it fails", names, chain[1:], fixed=self.fixed, several=True)
        else:
            self.others = None

    def _window(self) -> int | None:
        models = self.desk.runtime.administration.documents("model")
        one = models.get(str(self.model.value or ""))
        return self.desk.runtime.models.info(one).context_window if one else None

    def _policy(self) -> None:
        self.policies: dict[str, Policy] = self.desk.runtime.administration.documents("policy")
        options = dict.fromkeys(self.policies)
        own = {} if self.document.get("policy") in self.policies else {OWN_POLICY: "Its own: reads run, the rest asks"}
        labels = {**own, **{name: name for name in options}}
        with self.field("agents/policy", "Policy"):
            chosen = self.document.get("policy", OWN_POLICY)
            self.policy = choice("Policy", labels, chosen if chosen in labels else OWN_POLICY, fixed=self.fixed)
            self.rules = ui.html("", sanitize=False)
            self.policy.on_value_change(self._rules)
        self._rules()

    def _rules(self, _event: Any = None) -> None:
        self.rules.set_content(_rules(self.policies.get(str(self.policy.value))))

    def _limits(self) -> None:
        limits, defaults = self.document.get("limits") or {}, Limits()
        self.limits: dict[str, ui.number] = {}
        with ui.element("div").classes("qd-pair qd-three"):
            for key, words, help_text in LIMITS:
                with self.field(f"agents/limits/{key}", words):
                    default = getattr(defaults, key)
                    hint = "no limit" if default is None else str(default)
                    self.limits[key] = number(words, limits.get(key), hint=hint, fixed=self.fixed)
                    self.limits[key].props["title"] = help_text

    def _scenarios(self) -> None:
        help_text = (
            f"One a line, offered to whoever starts a session: request {agent_draft.ARROW} what should come of it."
        )
        with self.field("agents/scenarios", "Requests to try", help_text):
            text = agent_draft.scenario_lines(self.document.get("scenarios", ()))
            hint = f"Where is order 1043? {agent_draft.ARROW} Says when it was sent"
            self.scenarios = lines("Requests to try", text, hint=hint, fixed=self.fixed)

    def given_name(self) -> str:
        return str(self.name.value or "").strip()

    def _values(self) -> dict[str, Any]:
        """What the form says now, in the words of the document."""
        chain = [str(self.model.value)] if self.model.value else []
        others = list(self.others.value or ()) if self.others is not None else []
        chain += [name for name in others if name not in chain]
        return {
            "name": self.given_name(),
            "description": str(self.description.value or "").strip() or None,
            "instructions": str(self.instructions.value or ""),
            "models": {"act": chain, **self.guards.models()},
            "profile": self.guards.chosen(),
            "limits": {key: whole_number(one.value) for key, one in self.limits.items()},
            "scenarios": agent_draft.scenarios(str(self.scenarios.value or ""), self.document.get("scenarios", ()))
            or None,
        }

    async def documents(self) -> list[tuple[str, Document]]:
        """What has to be saved together; toolset and policy only where they are new or touched."""
        current = await self.desk.runtime.configuration.current()
        known = {kind: {name: one.document for name, one in named.items()} for kind, named in current.items()}
        values = self._values()
        stored = known.get("agent", {}).get(values["name"], self.document)
        document = agent_draft.agent(stored, self.shown if self.document else {}, values)
        documents: list[tuple[str, Document]] = []
        if not self.document or self.tools.is_touched:
            name = self.document.get("toolset") or self._new_name("tools", known.get("toolset", {}))
            mine = known.get("toolset", {}).get(name, {})
            picks = agent_draft.picks(self.picked, self.tools.picks, agent_draft.picked(mine))
            documents.append(("toolset", agent_draft.toolset(mine, name, picks)))
            document["toolset"] = name
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
        if not str(self.instructions.value or "").strip():
            missing["agents/instructions"] = "Say what it is there for."
        if not self.model.value:
            missing["agents/models/act"] = "Choose what it thinks with."
        count = len(self.tools.picks)
        if self.tools.is_touched and count > STOP_AT:
            missing["toolsets/tools"] = f"{count} tools are too many to choose well from; {STOP_AT} at most."
        return missing

    async def is_sure(self) -> bool:
        had_some = self.picked or not self.document
        if self.tools.picks or not had_some:
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
    return f"<ul class='qd-list qd-s'>{items}{rest}</ul>"
