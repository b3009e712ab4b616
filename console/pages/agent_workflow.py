"""The parts of an agent's form that say how it goes about its work: the stages of a workflow, and scenarios to try."""

from collections.abc import Callable
from typing import Any

from nicegui import ui

from agents.errors import AgentsError, BadRequest
from store.errors import StoreError
from store.people import Role

from .. import agent_draft
from ..components.document_form import DocumentForm
from ..components.field import choice, field, line, lines
from ..components.row_button import row_button
from ..components.row_list import RowList, kept_in, tick
from ..desk import Desk
from ..frame import base_path
from ..security import allowed
from .agent_sections import Fold, section

STAGES = (
    "Taken one after the other; the limits on steps and tool calls then hold for each. Without any it works freely."
)
SCENARIOS = "Requests and what should come of them: offered to whoever starts a session, and there to be tried again."


class AgentWorkflow:
    """`offered` tells the names under which its tools are offered now."""

    def __init__(self, form: DocumentForm, offered: Callable[[], list[str]]) -> None:
        self.form = form
        self.offered = offered
        self.rows = agent_draft.stage_rows(form.document.get("workflow") or ())
        self.selects: list[ui.select] = []
        self.fold = Fold("workflow")
        with self.fold.body, form.field("agents/workflow", "Stages", STAGES):
            fresh = agent_draft.fresh_stage
            self.list = RowList(self.rows, self._row, fresh, what="stage", fixed=form.fixed, on_change=self._tell)
        self.fold.details.on("toggle", self._offer)
        self._tell()

    def _tell(self) -> None:
        names = " → ".join(str(row["stage"] or "…") for row in self.rows)
        self.fold.tell(names or "no stages: it works freely")

    def _row(self, row: dict[str, Any]) -> None:
        fixed = self.form.fixed
        with ui.element("div").classes("qd-pair"):
            with field("Stage", "A short name.", needed=True):
                kept_in(row, "stage", line("Stage", row["stage"], hint="Check the order", fixed=fixed))
            with field("Done when", "In words; the model says so itself."):
                hint = "The order and its state are known"
                kept_in(row, "done_when", line("Done when", row["done_when"], hint=hint, fixed=fixed))
        with field("Goal", needed=True):
            kept_in(row, "goal", lines("Goal", row["goal"], fixed=fixed, tall=32))
        with field("Tools in this stage", "Empty: all of the agent's."):
            known = list(dict.fromkeys([*self.offered(), *(row["tools"] or ())]))
            select = choice("Tools in this stage", known, list(row["tools"] or ()), fixed=fixed, several=True)
            self.selects.append(kept_in(row, "tools", select, lambda value: list(value or ()) or None))
        kept_in(
            row, "critical", tick("Critical: each reply is the best of several", row["critical"], fixed=fixed), bool
        )

    def _offer(self) -> None:
        """What was picked since goes into the lists."""
        self.selects = [one for one in self.selects if not one.is_deleted]
        for one in self.selects:
            one.set_options(list(dict.fromkeys([*self.offered(), *(one.value or ())])), value=one.value)

    def values(self) -> dict[str, Any]:
        return {"workflow": agent_draft.stages(self.rows) or None}

    def missing(self) -> dict[str, str]:
        names = [str(row["stage"] or "").strip() for row in self.rows]
        goals = [str(row["goal"] or "").strip() for row in self.rows]
        if not all(names) or not all(goals):
            return {"agents/workflow": "Every stage needs a name and a goal; remove the ones you do not want."}
        twice = next((name for name in names if names.count(name) > 1), None)
        return {"agents/workflow": f"Two stages are called “{twice}”."} if twice else {}


class AgentScenarios:
    def __init__(self, form: DocumentForm, desk: Desk) -> None:
        self.form = form
        self.desk = desk
        self.rows = agent_draft.scenario_rows(form.document.get("scenarios") or ())
        with section("scenarios"), form.field("agents/scenarios", "Requests to try", SCENARIOS):
            RowList(self.rows, self._row, agent_draft.fresh_scenario, what="scenario", fixed=form.fixed)

    def _row(self, row: dict[str, Any]) -> None:
        fixed = self.form.fixed
        with ui.element("div").classes("qd-pair"):
            with field("Request"):
                hint = "Where is order 1043?"
                kept_in(row, "given", lines("Request", row["given"], hint=hint, fixed=fixed, tall=32))
            with field("What should come of it"):
                hint = "Says when it was sent, and changes nothing"
                kept_in(row, "expect", lines("What should come of it", row["expect"], hint=hint, fixed=fixed, tall=32))
        with ui.element("div").classes("qd-row"):
            title = line("Short title", row["title"], hint="A short title, if you like", fixed=fixed)
            kept_in(row, "title", title.classes("qd-sp"))
            if not fixed and not self.form.is_new:
                row_button("Try it", str(row["given"] or "")[:60], lambda: self._try(row), sign="play")

    async def _try(self, row: dict[str, Any]) -> None:
        """A session with the agent as it is saved, and this request."""
        if (person := await allowed(self.desk, Role.OPERATOR, "start a session")) is None:
            return
        name = self.form.document["name"]
        try:
            session_id, _ = await self.desk.runtime.start(name, str(row["given"] or ""), by=person.name)
        except BadRequest as error:
            ui.notify(" ".join([str(error), *error.problems]), type="warning")
        except (AgentsError, StoreError) as error:
            ui.notify(f"{error} Nothing was started.", type="warning")
        else:
            ui.navigate.to(f"{base_path()}/sessions/{session_id}", new_tab=True)

    def values(self) -> dict[str, Any]:
        return {"scenarios": agent_draft.scenarios(self.rows) or None}

    def missing(self) -> dict[str, str]:
        if any(str(row["expect"] or "").strip() and not str(row["given"] or "").strip() for row in self.rows):
            return {"agents/scenarios": "Say what is asked, or remove the scenario."}
        return {}
