"""The parts of an agent's form that say where a turn ends and what follows: limits, fallback, and approvals."""

from typing import Any

from nicegui import ui

from agents.config import Approval, Limits

from .. import format
from ..components.document_form import DocumentForm
from ..components.field import choice, lines, number, whole_number
from .agent_sections import Fold

LIMITS = (
    ("steps", "Steps in a turn", "One answer of the model, and what follows."),
    ("tool_calls", "Tool calls in a turn", "With a workflow, in each of its stages."),
    ("seconds", "Seconds of work in a turn", "Waiting for people does not count."),
    ("cost_usd", "Cost of a turn, USD", "Only bites where the model's prices are known."),
    ("session_seconds", "Seconds of work in a session", "Over all its turns."),
    ("session_cost_usd", "Cost of a session, USD", "Over all its turns."),
)
AT_THE_END = "When a turn ends at a limit, gets stuck, or no model answers."
NOTHING, HAND_OVER, OTHER, ANSWER = "nothing", "hand_over", "agent", "answer"
FALLBACKS = {
    NOTHING: "Answer as well as it can by then",
    HAND_OVER: "Hand the session to a person",
    OTHER: "Hand the session to another agent",
    ANSWER: "Say a sentence written here",
}
PER_HOUR = 3600
HOURS = (
    ("decide_seconds", "Hours to decide", "Then a request expires, and its call never runs."),
    ("run_seconds", "Hours to run once approved", "Then the approval is void."),
    ("escalate_seconds", "Hours until it stands out", "In the inbox, as nobody has taken it."),
)


class AgentLimits:
    def __init__(self, form: DocumentForm) -> None:
        self.form = form
        self.limits: dict[str, ui.number] = {}
        self.fold = Fold("limits")
        with self.fold.body:
            self._limits(form.document.get("limits") or {})
            self._fallback(form.document.get("fallback") or {})
        self._tell()

    def _limits(self, stored: dict[str, Any]) -> None:
        with ui.element("div").classes("qd-pair qd-three"):
            for key, words, help_text in LIMITS:
                with self.form.field(f"agents/limits/{key}", words, help_text):
                    default = getattr(Limits(), key)
                    hint = "no limit" if default is None else f"{default:g}"
                    made = self.limits[key] = number(words, stored.get(key), hint=hint, fixed=self.form.fixed)
                    made.on_value_change(self._tell)

    def _fallback(self, stored: dict[str, Any]) -> None:
        fixed = self.form.fixed
        agents = [name for name in self.form.desk.runtime.administration.documents("agent") if name != self._name()]
        with self.form.field("agents/fallback", "And then", AT_THE_END):
            self.kind = choice("And then", FALLBACKS, _kind(stored), fixed=fixed)
            self.kind.on_value_change(self._tell)
        with self.form.field("agents/fallback/agent", "Agent that goes on") as self.of_agent:
            known = [*agents, *({stored["agent"]} - set(agents) if stored.get("agent") else ())]
            self.agent = choice("Agent that goes on", known, stored.get("agent"), fixed=fixed)
        with self.form.field("agents/fallback/answer", "The sentence it says") as self.of_answer:
            hint = "I could not finish this; a colleague will write to you today."
            self.answer = lines("The sentence it says", stored.get("answer") or "", hint=hint, fixed=fixed, tall=32)

    def _name(self) -> str:
        return str(self.form.document.get("name", ""))

    def _tell(self, _event: Any = None) -> None:
        self.of_agent.set_visibility(self.kind.value == OTHER)
        self.of_answer.set_visibility(self.kind.value == ANSWER)
        now = Limits().model_dump() | {key: one.value for key, one in self.limits.items() if one.value is not None}
        said = f"{now['steps']:g} steps, {now['tool_calls']:g} tool calls"
        said += f", {format.duration(now['seconds'])}" if now["seconds"] else ""
        said += f", USD {now['cost_usd']:g}" if now["cost_usd"] else ", no limit on cost"
        self.fold.tell(f"{said}; then: {FALLBACKS[str(self.kind.value)].lower()}")

    def values(self) -> dict[str, Any]:
        kind = self.kind.value
        return {
            "limits": {key: whole_number(one.value) for key, one in self.limits.items()},
            "fallback": {
                "hand_over": True if kind == HAND_OVER else None,
                "agent": self.agent.value if kind == OTHER else None,
                "answer": str(self.answer.value or "").strip() or None if kind == ANSWER else None,
            },
        }

    def missing(self) -> dict[str, str]:
        if self.kind.value == OTHER and not self.agent.value:
            return {"agents/fallback/agent": "Choose who goes on."}
        if self.kind.value == ANSWER and not str(self.answer.value or "").strip():
            return {"agents/fallback/answer": "Write what it says."}
        return {}


def _kind(stored: dict[str, Any]) -> str:
    if stored.get("hand_over"):
        return HAND_OVER
    return OTHER if stored.get("agent") else ANSWER if stored.get("answer") else NOTHING


class AgentApprovals:
    """Times are stored in seconds and shown in hours."""

    def __init__(self, form: DocumentForm) -> None:
        self.form = form
        stored = form.document.get("approval") or {}
        self.hours: dict[str, ui.number] = {}
        self.fold = Fold("approvals")
        with self.fold.body:
            with form.field("agents/approval/people", "How many people", "For whatever its policy asks about."):
                options = {"1": "One", "2": "Two, and not the one who asked for it"}
                self.people = choice("How many people", options, str(stored.get("people", 1)), fixed=form.fixed)
                self.people.on_value_change(self._tell)
            with ui.element("div").classes("qd-pair qd-three"):
                for key, words, help_text in HOURS:
                    self._hours(key, words, help_text, stored.get(key))
        self._tell()

    def _hours(self, key: str, words: str, help_text: str, seconds: float | None) -> None:
        with self.form.field(f"agents/approval/{key}", words, help_text):
            default = getattr(Approval(), key)
            hint = "never" if default is None else f"{default / PER_HOUR:g}"
            shown = None if seconds is None else whole_number(round(seconds / PER_HOUR, 4))
            made = self.hours[key] = number(words, shown, hint=hint, fixed=self.form.fixed)
            made.on_value_change(self._tell)

    def _tell(self, _event: Any = None) -> None:
        hours = self.hours["decide_seconds"].value
        within = format.duration(Approval().decide_seconds if hours is None else hours * PER_HOUR)
        people = "two people" if self.people.value == "2" else "one person"
        self.fold.tell(f"{people} within {within}")

    def values(self) -> dict[str, Any]:
        seconds = {
            key: None if one.value is None else whole_number(round(one.value * PER_HOUR, 1))
            for key, one in self.hours.items()
        }
        return {"approval": {**seconds, "people": 2 if self.people.value == "2" else None}}
