"""The part of an agent's form that chooses its guards, and the models that play judge, voters and the like."""

from html import escape
from typing import Any

from nicegui import ui

from agents.config import Agent
from agents.presets import Effective, guards_of

from ..components.document_form import DocumentForm
from ..components.field import choice
from .agent_sections import Fold
from .agent_single_guards import SingleGuards

NOBODY = ""
PROFILES = {
    NOBODY: "None: the policy's rules alone",
    "back_office": "Back office: accuracy first",
    "user_facing": "User facing: the first word comes soon",
}
ABOUT = {
    NOBODY: "Nothing is checked beyond the rules, except for what its configuration names itself.",
    "back_office": "For work nobody waits for: a mistake costs more than a few further model calls.",
    "user_facing": "For talks with people: nothing that delays the first word, and no further calls.",
}
ROLES = (
    ("judge", "Judge", "Checks calls against the written policy, and picks the best of several replies."),
    ("vote", "Votes", "Three of them vote on a call; different ones are worth more."),
    ("small", "Small steps", "Goes on after mere look-ups, and checks requests."),
    ("plan", "Planning", "Takes the first step, and the way out when something failed."),
    ("summarize", "Summaries", "Writes what the agent keeps of long conversations."),
)


class AgentGuards:
    """Folded at first; its head says what stands around the agent now."""

    def __init__(self, form: DocumentForm) -> None:
        self.form = form
        self.document = form.document
        self.roles: dict[str, ui.select] = {}
        self.singles: SingleGuards | None = None
        self.fold = Fold("guards", "qd-guards")
        with self.fold.body:
            self._profile()
            self._models(list(form.desk.runtime.administration.documents("model")))
            with ui.element("details").classes("qd-more"):
                ui.html("One by one, whatever the preset says", sanitize=False, tag="summary")
                with ui.element("div").classes("qd-form").style("padding-top:10px"):
                    self.singles = SingleGuards(form, self._tell)
        self._tell()

    def _profile(self) -> None:
        help_text = "What stands around it when nobody watches. Whatever fails or is in doubt goes to a person."
        with self.form.field("agents/guards", "Guards", help_text):
            chosen = self.document.get("profile") or NOBODY
            self.profile = choice("Guards", PROFILES, chosen, fixed=self.form.fixed)
            self.told = ui.html("", sanitize=False)
            self.profile.on_value_change(self._tell)

    def _models(self, names: list[str]) -> None:
        stored = self.document.get("models") or {}
        for role, words, help_text in ROLES:
            chain = stored.get(role) or []
            chain = [chain] if isinstance(chain, str) else list(chain)
            with self.form.field(f"agents/models/{role}", words, help_text):
                known = [*names, *(name for name in chain if name not in names)]
                self.roles[role] = choice(words, known, chain, fixed=self.form.fixed, several=True)
                self.roles[role].on_value_change(self._tell)

    def models(self) -> dict[str, list[str] | None]:
        return {role: list(one.value or ()) or None for role, one in self.roles.items()}

    def chosen(self) -> str | None:
        return str(self.profile.value or "") or None

    def values(self) -> dict[str, Any]:
        return {"profile": self.chosen(), "guards": self.singles.values() if self.singles else {}}

    def _tell(self, _event: Any = None) -> None:
        if self.singles is None:
            return
        given = {key: value for key, value in self.singles.values().items() if value is not None}
        guards = effective({**self.document, "guards": given}, self.chosen(), self.models())
        about = f"<span class='qd-help'>{escape(ABOUT[self.chosen() or NOBODY])}</span>"
        self.told.set_content(about + in_words(guards))
        lacking = f" · {len(guards.left_out)} left out for want of a model" if guards.left_out else ""
        own = f" · {len(given)} set one by one" if given else ""
        self.fold.tell(f"{PROFILES[self.chosen() or NOBODY].partition(':')[0]}{own}{lacking}")


def effective(document: dict[str, Any], profile: str | None, models: dict[str, list[str] | None]) -> Effective:
    """The guards as they would be with this profile and these models."""
    chains = {role: chain for role, chain in models.items() if chain}
    draft = {"name": "draft", "instructions": "draft", "toolset": "draft", "policy": "draft", "profile": profile}
    kept = {key: document[key] for key in ("guards", "output_schema") if document.get(key)}
    return guards_of(Agent.model_validate(draft | kept | {"models": {"act": ["draft"]} | chains}))


def in_words(guards: Effective) -> str:
    """HTML: what is switched on, and what is left out for want of a model."""
    beside = " (beside the first step)" if guards.input_alongside else ""
    on = [
        f"asks for what is missing{beside}" if guards.input_check else "",
        "stops when it goes round in circles" if guards.progress else "",
        f"compares {guards.best_of} replies" if guards.best_of > 1 else "",
        "a judge checks writes" if guards.policy_check else "",
        "three models vote on destructive calls" if guards.consensus else "",
    ]
    said = ", ".join(words for words in on if words) or "nothing beyond the policy's rules"
    missing = "".join(f"<li>{escape(sentence)}</li>" for sentence in guards.left_out)
    return f"<span class='qd-help'>On: {escape(said)}.</span><ul class='qd-list qd-s'>{missing}</ul>"
