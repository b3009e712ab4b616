"""One agent: a plain form that makes it from picked tools, or changes what is touched and keeps the rest."""

from collections.abc import Callable
from html import escape
from typing import Any

from fastapi import HTTPException, Request
from nicegui import ui

from agents.config import Limits, Policy
from agents.errors import AgentsError, BadRequest
from store.errors import StoreError
from store.people import Person, Role

from .. import agent_draft, problems
from ..components.buttons import button
from ..components.deleting import KEPT, delete_document
from ..components.empty import empty
from ..components.field import Field, choice, field, line, lines, number, whole_number
from ..components.notes import note
from ..components.tool_table import STOP_AT
from ..desk import Desk
from ..frame import base_path, frame
from ..icons import icon
from ..security import allowed, person_of
from .agent_guards import AgentGuards
from .agent_tools import AgentTools

OWN_POLICY = ""
LIMITS = (
    ("steps", "Steps in a turn", "A step is one answer of the model and what follows from it."),
    ("tool_calls", "Tool calls in a turn", "At a limit the turn ends with the best answer so far."),
    ("cost_usd", "Cost of a turn, USD", "Empty: no limit."),
)


def register(desk: Desk) -> None:
    @ui.page("/agents/new")
    async def new_agent(request: Request) -> None:
        await _page(desk, request, None)

    @ui.page("/agents/{name}")
    async def agent(request: Request, name: str) -> None:
        await _page(desk, request, name)


async def _page(desk: Desk, request: Request, name: str | None) -> None:
    person = person_of(request)
    current = await desk.runtime.configuration.current()
    stored = current.get("agent", {}).get(name) if name else None
    if name and stored is None:
        raise HTTPException(404, "There is no such agent.")
    may_act = person.role.rank >= Role.ADMIN.rank
    with (
        frame(desk, person, active="agents", title=name or "Make an agent"),
        ui.element("div").classes("qd-page qd-main"),
    ):
        if not may_act and not name:
            with ui.element("div").classes("qd-doc"):
                text = "Ask one of them; you can look at those there are."
                empty("eye", "Admins make agents", text, (f"{base_path()}/agents", "Agents"))
            return
        document = dict(stored.document) if stored else {}
        own = current.get("toolset", {}).get(document.get("toolset", ""))
        AgentForm(desk, document, dict(own.document) if own else {}, may_act=may_act).build()


class AgentForm:
    """`document` and `toolset` as stored when the page was opened."""

    def __init__(self, desk: Desk, document: dict[str, Any], toolset: dict[str, Any], *, may_act: bool) -> None:
        self.desk = desk
        self.document = document
        self.toolset = toolset
        self.fixed = not may_act
        self.fields: dict[str, Field] = {}

    @property
    def is_new(self) -> bool:
        return not self.document

    def build(self) -> None:
        self._head()
        with ui.element("div").classes("qd-doc"), ui.element("div").classes("qd-col qd-broad qd-agent"):
            self.problems = ui.html("", sanitize=False).classes("qd-list-err").props("role=alert")
            with ui.element("div").classes("qd-twocol"):
                with ui.element("div").classes("qd-form"):
                    self._words()
                with ui.element("div").classes("qd-form"):
                    self._model()
                    self._policy()
                    self.guards = AgentGuards(self.desk, self.document, fixed=self.fixed)
                    self._limits()
                    self._scenarios()
            with self._field(
                "toolsets/tools", "Tools", "Few and fitting ones: an agent sees only what is picked here."
            ):
                self.tools = AgentTools(self.desk, self.toolset, self._window(), fixed=self.fixed)
        self.shown = self._values()
        if not self.fixed:
            ui.add_body_html(ASK_BEFORE_LEAVING)

    def _head(self) -> None:
        base, title = base_path(), escape(self.document.get("name", "Make an agent"))
        with ui.element("header").classes("qd-top"):
            crumbs = (
                f'<a class="qd-i3" href="{base}/agents">Agents</a>{icon("chevron", "sm")}<h1 class="qd-el">{title}</h1>'
            )
            ui.html(crumbs, sanitize=False).classes("qd-row").style("min-width:0")
            ui.element("span").classes("qd-sp")
            if self.fixed:
                return
            if not self.is_new:
                button("Delete", self._delete, kind="d")
            button("Save", self._save, kind="p")

    def _words(self) -> None:
        document, fixed = self.document, self.fixed
        with self._field("agents/name", "Name", needed=True):
            self.name = line("Name", document.get("name", ""), hint="Returns clerk", fixed=fixed or not self.is_new)
        with self._field("agents/description", "What it does", "A sentence for people who choose among agents."):
            self.description = line("What it does", document.get("description") or "", fixed=fixed)
        help_text = "What it is there for, how it works, when it should ask. Written to the model."
        with self._field("agents/instructions", "Instructions", help_text, needed=True):
            self.instructions = lines("Instructions", document.get("instructions", ""), fixed=fixed, tall=190)

    def _model(self) -> None:
        names = list(self.desk.runtime.administration.documents("model"))
        chain = list((self.document.get("models") or {}).get("act", ()))
        chain = [chain] if isinstance(chain, str) else chain
        names += [name for name in chain if name not in names]
        first = chain[0] if chain else names[0] if len(names) == 1 else None
        with self._field("agents/models", "Model", needed=True):
            self.model = choice("Model", names, first, fixed=self.fixed)
            if not names:
                link = f'<a class="qd-link qd-s" href="{base_path()}/models/new">Add a model first</a>'
                ui.html(link, sanitize=False)
        if len(names) > 1:
            with field("If it fails, ask", "In this order."):
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
        with self._field("agents/policy", "Policy"):
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
                with self._field(f"agents/limits/{key}", words):
                    default = getattr(defaults, key)
                    hint = "no limit" if default is None else str(default)
                    self.limits[key] = number(words, limits.get(key), hint=hint, fixed=self.fixed)
                    self.limits[key].props["title"] = help_text

    def _scenarios(self) -> None:
        help_text = (
            f"One a line, offered to whoever starts a session: request {agent_draft.ARROW} what should come of it."
        )
        with self._field("agents/scenarios", "Requests to try", help_text):
            text = agent_draft.scenario_lines(self.document.get("scenarios", ()))
            hint = f"Where is order 1043? {agent_draft.ARROW} Says when it was sent"
            self.scenarios = lines("Requests to try", text, hint=hint, fixed=self.fixed)

    def _field(self, key: str, label: str, help_text: str = "", *, needed: bool = False) -> Field:
        made = self.fields[key] = field(label, help_text, needed=needed and not self.fixed)
        return made

    def _values(self) -> dict[str, Any]:
        """What the form says now, in the words of the document."""
        chain = [str(self.model.value)] if self.model.value else []
        others = list(self.others.value or ()) if self.others is not None else []
        chain += [name for name in others if name not in chain]
        return {
            "name": str(self.name.value or "").strip(),
            "description": str(self.description.value or "").strip() or None,
            "instructions": str(self.instructions.value or ""),
            "models": {"act": chain, **self.guards.models()},
            "profile": self.guards.chosen(),
            "limits": {key: whole_number(one.value) for key, one in self.limits.items()},
            "scenarios": agent_draft.scenarios(str(self.scenarios.value or ""), self.document.get("scenarios", ()))
            or None,
        }

    async def _documents(self) -> list[tuple[str, dict[str, Any]]]:
        """What has to be saved together; toolset and policy only where they are new or touched."""
        current = await self.desk.runtime.configuration.current()
        known = {kind: {name: one.document for name, one in named.items()} for kind, named in current.items()}
        values = self._values()
        stored = known.get("agent", {}).get(values["name"], {}) if not self.is_new else {}
        document = agent_draft.agent(stored, {} if self.is_new else self.shown, values)
        documents: list[tuple[str, dict[str, Any]]] = []
        if self.is_new or self.tools.is_touched:
            name = self._toolset_name(values["name"], set(known.get("toolset", ())))
            mine = known.get("toolset", {}).get(name, {})
            documents.append(("toolset", agent_draft.toolset(mine, name, self.tools.picks)))
            document["toolset"] = name
        if str(self.policy.value or "") == OWN_POLICY:
            name = agent_draft.name_for(values["name"], "policy", set(known.get("policy", ())))
            documents.append(("policy", agent_draft.policy(name)))
            document["policy"] = name
        else:
            document["policy"] = str(self.policy.value)
        return [*documents, ("agent", document)]

    def _toolset_name(self, agent: str, taken: set[str]) -> str:
        return self.document.get("toolset") or agent_draft.name_for(agent, "tools", taken)

    def _missing(self) -> dict[str, str]:
        missing = {}
        name = str(self.name.value or "").strip()
        if not name:
            missing["agents/name"] = "An agent needs a name."
        elif self.is_new and name in self.desk.runtime.administration.documents("agent"):
            missing["agents/name"] = "There is an agent of this name already; choose another."
        elif name == "new":
            missing["agents/name"] = "“new” is this page's own name; choose another."
        if not str(self.instructions.value or "").strip():
            missing["agents/instructions"] = "Say what it is there for."
        if not self.model.value:
            missing["agents/models"] = "Choose what it thinks with."
        if self.tools.is_touched and len(self.tools.picks) > STOP_AT:
            missing["toolsets/tools"] = (
                f"{len(self.tools.picks)} tools are too many to choose well from; {STOP_AT} at most."
            )
        return missing

    def _complain(self, found: dict[str, str], others: list[str]) -> None:
        for key, one in self.fields.items():
            one.complain(found.get(key, ""))
        words = [*others, *([f"Not saved: {len(found)} of the fields below need another look."] if found else [])]
        self.problems.set_content(note("bad", " ".join(words)) if words else "")
        if words:
            ui.run_javascript("document.querySelector('.qd-err:not(:empty)')?.scrollIntoView({block: 'center'})")

    async def _save(self) -> None:
        if (person := await allowed(self.desk, Role.ADMIN, "save an agent")) is None:
            return
        if missing := self._missing():
            self._complain(missing, [])
            return
        self._complain({}, [])
        try:
            await self._store(person)
        except BadRequest as error:
            found, others = problems.by_field(error.problems, self.fields)
            self._complain(found, others or ([] if found else [str(error)]))
        except (AgentsError, StoreError) as error:
            self._complain({}, [f"Not saved: {error} What you typed is still here."])
        else:
            ui.run_javascript("window.qdTouched = false")
            ui.navigate.to(f"{base_path()}/agents")

    async def _store(self, person: Person) -> None:
        await self.desk.runtime.administration.save_all(await self._documents(), by=person.name)

    async def _delete(self) -> None:
        text = f"Its sessions stop where they are and say so. Its toolset and policy stay. {KEPT}"
        then: Callable[[], None] = lambda: ui.navigate.to(f"{base_path()}/agents")  # noqa: E731
        await delete_document(self.desk, "agent", self.document["name"], then, text=text)


ASK_BEFORE_LEAVING = """<script>
addEventListener("input", () => { window.qdTouched = true; }, true);
addEventListener("beforeunload", (event) => { if (window.qdTouched) event.preventDefault(); });
</script>"""


def _rules(policy: Policy | None) -> str:
    if policy is None:
        words = "Reading tools run by themselves. Writing, destructive and unknown ones wait in the inbox for a person."
        return f"<span class='qd-help'>{words}</span>"
    items = "".join(f"<li>{escape(rule.because)}</li>" for rule in policy.rules)
    rest = "<li>Otherwise: reads run, everything else waits for a person.</li>"
    return f"<ul class='qd-list qd-s'>{items}{rest}</ul>"
