"""Under a policy: one made-up call, judged by the draft as it is typed. Nothing runs."""

from collections.abc import Callable
from html import escape
from typing import Any

from nicegui import ui

from agents import arguments
from agents.errors import AgentsError, BadRequest
from agents.policy import Match, Ruling
from agents.trying import Tried
from store.events import Evidence, Risk

from ..components.field import choice, lines
from ..components.notes import note
from ..components.rule_words import RELEASE, released, sentence
from ..desk import Desk

UNKNOWN = ""
RISKS = {
    UNKNOWN: "As its toolset says",
    "read": "Read",
    "write": "Write",
    "destructive": "Destructive",
    "unknown": "Unknown",
}
MADE_UP = ""
CHOOSE = "Choose a tool, and every rule says whether it matches."
VERDICTS = {
    "allow": "Would run",
    "ask": "Would ask a person",
    "ask_two": "Would ask two people",
    "deny": "Would be denied",
}


class Trial:
    """`draft` is the policy as the page has it, None while a rule cannot be read."""

    def __init__(self, desk: Desk, draft: Callable[[], dict[str, Any] | None], asked: list[dict[str, Any]]) -> None:
        self.desk = desk
        self.draft = draft
        self.asked = {one["id"]: one for one in asked if isinstance(one.get("arguments"), dict)}
        self.evidence: tuple[Evidence, ...] | None = None
        with ui.element("section").classes("qd-card qd-trycall").props('aria-label="Try a call"'):
            with ui.element("header"):
                ui.html("<h2>Try a call</h2><span class='qd-i3 qd-s'>nothing runs</span>", sanitize=False).classes(
                    "qd-row"
                )
                ui.element("span").classes("qd-sp")
                if self.asked:
                    named = {MADE_UP: "A made-up call"} | {key: _named(one) for key, one in self.asked.items()}
                    self.start = choice("Start from", named, MADE_UP)
                    self.start.on_value_change(lambda event: self._from(event.value))
            with ui.element("div").classes("qd-trytwo"):
                with ui.element("div").classes("qd-in qd-form"):
                    self._inputs()
                self.found = ui.element("div").classes("qd-in qd-tryfound").props("role=status")
        self.again()

    def _inputs(self) -> None:
        administration = self.desk.runtime.administration
        tools = [f"{one.connector}/{one.name}" for one in administration.listed()]
        tools += [_tool(one) for one in self.asked.values() if _tool(one) not in tools]
        self.tool = ui.select(tools, value=None, with_input=True).props("outlined dense options-dense")
        self.tool.props["aria-label"] = "Tool to try"
        self.tool.props["placeholder"] = "Tool"
        self.values = lines("Arguments to try, as JSON", "{}", mono=True, tall=96)
        with ui.element("div").classes("qd-pair"):
            agents = {"": "No agent in particular"} | {name: name for name in administration.documents("agent")}
            self.agent = choice("Agent that calls", agents, "")
            self.risk = choice("Risk of the tool", RISKS, UNKNOWN)
        self.values.on_value_change(self._typed)
        for one in (self.tool, self.agent, self.risk):
            one.on_value_change(self.again)

    def _from(self, approval_id: str) -> None:
        one = self.asked.get(approval_id)
        if one is None:
            return
        self.tool.set_value(_tool(one))
        self.agent.set_value(one["agent"] if one["agent"] in self.agent.options else "")
        self.values.set_value(one["arguments_json"])
        self.evidence = tuple(Evidence.model_validate(each) for each in one["evidence"]) or None
        self.again()

    def _typed(self, _event: Any = None) -> None:
        self.evidence = None  # of other values
        self.again()

    def again(self, _event: Any = None) -> None:
        """The call or the draft changed."""
        self.found.clear()
        with self.found:
            ui.html(self._said(), sanitize=False)

    def _said(self) -> str:
        draft, tool = self.draft(), str(self.tool.value or "")
        if draft is None:
            return note("warn", "Finish the rule that is marked first.")
        if not tool:
            return f"<p class='qd-i3'>{CHOOSE}</p>"
        connector, _, name = tool.partition("/")
        try:
            tried = self.desk.runtime.administration.try_call(
                draft,
                connector=connector,
                tool=name,
                arguments=arguments.parse(str(self.values.value or "{}")),
                agent=self.agent.value or None,
                evidence=self.evidence,
                risk=Risk(self.risk.value) if self.risk.value else None,
            )
        except arguments.BadArguments as error:
            return note("warn", f"The arguments cannot be read: {error}")
        except BadRequest as error:
            return note("warn", " ".join(error.problems) or str(error))
        except AgentsError as error:
            return note("warn", str(error))
        return _verdict(tried)


def _tool(one: dict[str, Any]) -> str:
    return f"{one['connector']}/{one['own_name']}"


def _named(one: dict[str, Any]) -> str:
    words = str(one.get("effect") or one["tool"])
    return words if len(words) <= 48 else f"{words[:47]}…"


def _verdict(tried: Tried) -> str:
    ruling = tried.draft
    matching = [one for one in ruling.matches if _counts(one)]
    others = [one for one in ruling.matches if not _counts(one)]
    rows = "".join(_matching(one) for one in matching)
    if not matching:
        rows = f'<div class="qd-tryrow"><span class="qd-i3">No rule matches: {escape(ruling.because)}</span></div>'
    rest = ""
    if others:
        count = f"{len(others)} {'rule does' if len(others) == 1 else 'rules do'} not match"
        why = "".join(
            f'<p class="qd-s">{_title(one)}: <span class="qd-i3">{escape(one.why)}</span></p>' for one in others
        )
        rest = f'<details class="qd-more"><summary>{count}. Why</summary>{why}</details>'
    return rows + rest + _end(ruling, tried.today)


def _counts(match: Match) -> bool:
    restrictive = match.rule.release not in (None, "allow") or match.rule.verify not in (None, "none")
    return match.matched is True or (match.matched is None and restrictive)


def _title(match: Match) -> str:
    return sentence(match.rule.when.model_dump(mode="json", exclude_unset=True))


def _matching(match: Match) -> str:
    outcome = released(match.rule.release or "", match.rule.verify or "none")
    sure = "" if match.matched else " It counts, as nobody could tell."
    return (
        f'<div class="qd-tryrow"><span>{_title(match)}<span class="qd-s qd-i3">{escape(match.why)}.{sure}</span></span>'
        f"{outcome}</div>"
    )


def _end(ruling: Ruling, today: Ruling | None) -> str:
    checks = "" if ruling.verify == "none" else f", after a check ({ruling.verify})"
    now = f"today: {_words(today)}" if today else "there is none of this name today"
    return (
        f'<div class="qd-tryend"><b>{VERDICTS[ruling.release]}{checks}</b><span class="qd-i3">{now}</span></div>'
        f'<p class="qd-s qd-i2">{escape(ruling.because)}</p>'
    )


def _words(ruling: Ruling) -> str:
    return RELEASE[ruling.release].lower() + ("" if ruling.verify == "none" else f", {ruling.verify}")
