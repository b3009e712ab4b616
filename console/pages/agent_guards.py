"""The part of an agent's form that chooses its guards, and the models that play judge, voters and the like."""

from html import escape
from typing import Any

from nicegui import ui

from agents.config import Agent
from agents.presets import Effective, guards_of

from ..components.field import choice, field
from ..desk import Desk

NOBODY = ""
PROFILES = {
    NOBODY: "Only what its configuration says",
    "back_office": "Back office: accuracy first",
    "user_facing": "User facing: the first word comes soon",
}
ROLES = (
    ("judge", "Judge", "Checks calls against the written policy, and picks the best of several replies."),
    ("vote", "Votes", "Three of them vote on a call; different ones are worth more."),
    ("small", "Small steps", "Goes on after mere look-ups, and checks requests."),
    ("plan", "Planning", "Takes the first step, and the way out when something failed."),
    ("summarize", "Summaries", "Writes what the agent keeps of long conversations."),
)


class AgentGuards:
    """`document` as stored when the page was opened; built where it is created."""

    def __init__(self, desk: Desk, document: dict[str, Any], *, fixed: bool) -> None:
        self.document = document
        self.roles: dict[str, ui.select] = {}
        help_text = "What stands around it when nobody watches. Whatever fails or is in doubt goes to a person."
        with field("Guards", help_text):
            self.profile = choice("Guards", PROFILES, document.get("profile") or NOBODY, fixed=fixed)
            self.told = ui.html("", sanitize=False)
            self.profile.on_value_change(self._tell)
        with ui.expansion("Further models").classes("qd-more"), ui.element("div").classes("qd-form"):
            self._models(list(desk.runtime.administration.documents("model")), fixed)
        self._tell()

    def _models(self, names: list[str], fixed: bool) -> None:
        stored = self.document.get("models") or {}
        for role, words, help_text in ROLES:
            chain = stored.get(role) or []
            chain = [chain] if isinstance(chain, str) else list(chain)
            with field(words, help_text):
                known = [*names, *(name for name in chain if name not in names)]
                self.roles[role] = choice(words, known, chain, fixed=fixed, several=True)
                self.roles[role].on_value_change(self._tell)

    def models(self) -> dict[str, list[str] | None]:
        return {role: list(one.value or ()) or None for role, one in self.roles.items()}

    def chosen(self) -> str | None:
        return str(self.profile.value or "") or None

    def _tell(self, _event: Any = None) -> None:
        self.told.set_content(in_words(effective(self.document, self.chosen(), self.models())))


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
