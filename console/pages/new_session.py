"""Start a session: choose an agent, fill in its inputs, say what is wanted; or take one of the requests to try."""

import json
from html import escape
from typing import Any

from fastapi import Request
from nicegui import ui

from agents.config import Agent, Scenario
from agents.errors import AgentsError, BadRequest
from store.errors import StoreUnavailable
from store.people import Role

from ..components.buttons import button
from ..components.empty import empty
from ..components.field import field
from ..desk import Desk
from ..frame import base_path, frame
from ..security import allowed, person_of


def register(desk: Desk) -> None:
    @ui.page("/sessions/new")
    async def new_session(request: Request, agent: str = "") -> None:
        person = person_of(request)
        agents = _agents(desk)
        with frame(desk, person, active="new", title="New session"):
            with ui.element("div").classes("qd-page qd-main"):
                ui.html("<h1>New session</h1>", sanitize=False).classes("qd-top")
                with ui.element("div").classes("qd-doc"):
                    if person.role.rank < Role.OPERATOR.rank:
                        empty("eye", "You can look, not act", "Operators start sessions. Ask an admin for that role.")
                    elif not agents:
                        text = "An agent is a set of instructions with a few tools and rules. Make the first one."
                        empty("agent", "There is no agent yet", text, (f"{base_path()}/agents/new", "Make an agent"))
                    else:
                        Form(desk, agents, agent if agent in agents else next(iter(agents))).build()


def _agents(desk: Desk) -> dict[str, Agent]:
    """All agents, those that face users first."""
    agents: dict[str, Agent] = desk.runtime.administration.documents("agent")
    return dict(sorted(agents.items(), key=lambda one: (one[1].profile != "user_facing", one[0])))


class Form:
    def __init__(self, desk: Desk, agents: dict[str, Agent], chosen: str) -> None:
        self.desk = desk
        self.agents = agents
        self.chosen = chosen
        self.inputs: dict[str, Any] = {}

    def build(self) -> None:
        with ui.element("div").classes("qd-beside"):
            self._form()
            self._tries()

    def _form(self) -> None:
        with ui.element("div").classes("qd-form qd-trial") as self.form:  # stays in sight beside a long list
            with field("Agent"):
                self.select = ui.select(list(self.agents), value=self.chosen, on_change=self._choose)
                self.select.props('outlined dense options-dense aria-label="Agent"')
            self.about = ui.element("div").classes("qd-form")
            with field("What do you want?"):
                self.message = ui.textarea(placeholder="In your own words").props(
                    'outlined dense autogrow autofocus aria-label="What do you want?" input-style="min-height:84px"'
                )
                self.message.on("keydown.ctrl.enter", self._start)
            self.problems = ui.html("", sanitize=False).classes("qd-err")
            with ui.element("div").classes("qd-acts"):
                button("Start", self._start, kind="p", sign="play", key="Ctrl ↵")
        self._about()

    def _tries(self) -> None:
        """Requests to try, the chosen agent's first. They only fill in the form: nothing starts before the person says so."""
        with ui.element("div").classes("qd-form"):
            for name, agent in sorted(self.agents.items(), key=lambda one: one[0] != self.chosen):
                if agent.scenarios:
                    ui.html(f"<h2 class='qd-lab'>Try: {escape(name)}</h2>", sanitize=False)
                    with ui.element("div").classes("qd-tries"):
                        for scenario in agent.scenarios:
                            self._try(name, scenario)

    def _try(self, agent: str, scenario: Scenario) -> None:
        tried = ui.element("button").classes("qd-try").props('type="button"')
        with tried:
            ui.html(_card(scenario), sanitize=False).style("display:contents")
        tried.on("click", lambda: self._fill(agent, scenario.given))

    def _fill(self, agent: str, given: str) -> None:
        self.select.set_value(agent)
        self.message.set_value(given)
        self.problems.set_content("")
        self.message.run_method("focus")
        ui.run_javascript(
            f"getHtmlElement({self.form.id}).scrollIntoView({{block: 'nearest'}})"
        )  # on a phone it is above

    def _choose(self, event: Any) -> None:
        self.chosen = event.value
        self._about()

    def _about(self) -> None:
        """What this agent does, and its inputs."""
        agent = self.agents[self.chosen]
        self.inputs = {}
        self.about.clear()
        with self.about:
            text = agent.description or agent.instructions.strip().splitlines()[0]
            ui.html(f"<p class='qd-i2'>{escape(text)}</p>", sanitize=False)
            for name, schema in (agent.inputs or {}).get("properties", {}).items():
                required = name in (agent.inputs or {}).get("required", ())
                with field(schema.get("title", name), schema.get("description", ""), needed=required):
                    self.inputs[name] = _input(name, schema)

    async def _start(self) -> None:
        if (person := await allowed(self.desk, Role.OPERATOR)) is None:
            return
        try:
            inputs = {name: value for name, one in self.inputs.items() if (value := _value(one)) not in (None, "")}
            session_id, _ = await self.desk.runtime.start(
                self.chosen, str(self.message.value or ""), by=person.name, inputs=inputs or None
            )
        except BadRequest as error:
            self.problems.set_content("<br>".join(escape(one) for one in (_sentences(error))))
            return
        except (AgentsError, StoreUnavailable) as error:
            self.problems.set_content(escape(f"{error} Nothing was started; your words are still here."))
            return
        ui.navigate.to(f"{base_path()}/sessions/{session_id}")


def _card(scenario: Scenario) -> str:
    """Title, the very words of the request, and what will happen."""
    given, expect = escape(scenario.given), escape(scenario.expect)
    if not scenario.title:
        return f"<b>{given}</b><span>{expect}</span>"
    return f"<b>{escape(scenario.title)}</b><span class='qd-i2'>“{given}”</span><span>{expect}</span>"


def _input(name: str, schema: dict[str, Any]) -> Any:
    made = _control(schema)
    made.props["aria-label"] = name  # names come from a schema: never through props("…"), which runs some of them
    return made


def _sentences(error: BadRequest) -> tuple[str, ...]:
    """What to put right; a lone problem is already what the error's own sentence says."""
    return error.problems if len(error.problems) > 1 or "fit" in str(error) else (str(error),)


def _control(schema: dict[str, Any]) -> Any:
    props = "outlined dense options-dense"
    if "enum" in schema:
        return ui.select(list(schema["enum"]), value=schema.get("default")).props(props)
    if schema.get("type") == "boolean":
        return ui.checkbox("Yes", value=bool(schema.get("default"))).props("dense")
    if schema.get("type") in ("integer", "number"):
        return ui.number(value=schema.get("default"), format="%g").props(props)
    if schema.get("type") in ("object", "array"):
        return ui.textarea(placeholder="JSON").props(props).classes("qd-m qd-json")
    return ui.input(value=schema.get("default", "")).props(props)


def _value(one: Any) -> Any:
    if "qd-json" in one.classes and one.value:
        try:
            return json.loads(one.value)
        except ValueError as error:
            raise BadRequest("One input is not JSON.", (f"/inputs: {error}",)) from error
    if isinstance(one, ui.number) and one.value is not None and float(one.value).is_integer():
        return int(one.value)
    return one.value
