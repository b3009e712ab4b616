"""The rules of a policy as sentences, one of which may be open to be changed in place; the defaults are the last lines."""

from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any

from nicegui import ui
from nicegui.element import Element

from .. import format
from ..icons import icon
from .buttons import button
from .focusing import focus_in
from .row_button import row_button
from .row_list import TOUCHED
from .rule_draft import Document, RuleDraft, fresh, opened
from .rule_editor import RuleEditor
from .rule_words import chip, released, sentence

DEFAULTS = (
    ("read", "<b>Read</b>", "allow", "by default, where no rule says otherwise"),
    ("write", "<b>Write</b>", "ask", "by default, where no rule says otherwise"),
    ("destructive", "<b>Destructive</b>", "ask", "by default, where no rule says otherwise"),
    ("unknown", "<b>Unknown risk</b>", "ask", "by default, as nobody has said what the tool can do"),
)
STATES = {"new": "new", "changed": "changed"}


class RuleList:
    """`changed` is told of every change; `counts` and `warnings` are shown once they are known."""

    def __init__(self, rules: Sequence[Mapping[str, Any]], changed: Callable[[], None], *, fixed: bool) -> None:
        self.fixed = fixed
        self.changed = changed
        self.drafts = [opened(number, rule) for number, rule in enumerate(rules)]
        self.open: int | None = None
        self.items: dict[int, RuleItem] = {}
        self.counts: dict[int, int] = {}
        self.defaults: dict[str, int] = {}
        with ui.element("div").classes("qd-rules").props('role=list aria-label="Rules"'):
            self.place = ui.element("div").style("display:contents")
            self.last = ui.element("div").style("display:contents")
        self._draw()
        self._draw_defaults()

    def kept(self) -> list[RuleDraft]:
        """In the order in which they are saved."""
        return [one for one in self.drafts if not one.is_removed]

    def documents(self) -> list[Document]:
        return [one.written() for one in self.kept()]

    def problems(self) -> dict[int, str]:
        """Position among the rules that are saved → what is wrong with it."""
        found = {at: " ".join(one.problems()) for at, one in enumerate(self.kept())}
        return {at: words for at, words in found.items() if words}

    def complain(self, found: Mapping[int, str]) -> None:
        for at, draft in enumerate(self.kept()):
            self.items[draft.number].complain(found.get(at, ""))

    def show_counts(self, rules: Mapping[int, int], defaults: Mapping[str, int]) -> None:
        """By position among the rules that are saved, as they were when it was counted."""
        self.counts = {draft.number: rules.get(at, 0) for at, draft in enumerate(self.kept())}
        self.defaults = dict(defaults)
        for item in self.items.values():
            item.tell()
        self._draw_defaults()

    def warn(self, found: Mapping[int, Sequence[str]]) -> None:
        for at, draft in enumerate(self.kept()):
            self.items[draft.number].warn(found.get(at, ()))

    def add(self) -> None:
        draft = fresh(len(self.drafts))
        self.drafts.append(draft)
        with self.place:
            ui.run_javascript(TOUCHED)
            self.items[draft.number] = RuleItem(self, draft)
        self.toggle(draft.number)
        self.changed()

    def toggle(self, number: int) -> None:
        was, self.open = self.open, None if self.open == number else number
        for one in {was, number} - {None}:
            self.items[one].draw()  # type: ignore[index]
        self.items[number].focus()

    def edited(self, draft: RuleDraft) -> None:
        self.items[draft.number].tell()
        self.changed()

    def remove(self, draft: RuleDraft, is_removed: bool) -> None:
        draft.is_removed = is_removed
        self.open = None
        item = self.items[draft.number]
        with item.place:
            ui.run_javascript(TOUCHED)
        item.draw()
        item.focus()
        self.changed()

    def _draw(self) -> None:
        with self.place:
            for draft in self.drafts:
                self.items[draft.number] = RuleItem(self, draft)

    def _draw_defaults(self) -> None:
        self.last.clear()
        with self.last:
            for risk, words, release, why in DEFAULTS:
                count = _calls(self.defaults.get(risk))
                said = f'<span class="qd-rulesaid">{words} <span class="qd-w2">{why}</span></span>'
                html = f'{said}{released(release)}<span class="qd-w2 qd-n qd-r">{count}</span>'
                ui.html(html, sanitize=False).classes("qd-rule qd-default").props("role=listitem")


class RuleItem:
    """One rule: a sentence that opens, or its editor, or what is left of it when it was removed."""

    def __init__(self, rules: RuleList, draft: RuleDraft) -> None:
        self.rules = rules
        self.draft = draft
        self.wrong = ""
        self.warnings: Sequence[str] = ()
        self.place = ui.element("div").props("role=listitem")
        self.said: Element | None = None
        self.draw()

    @property
    def is_open(self) -> bool:
        return self.rules.open == self.draft.number

    def draw(self) -> None:
        self.place.clear()
        self.place.classes(replace=f"qd-ruleitem{' qd-open' if self.is_open else ''}")
        with self.place:
            if self.draft.is_removed:
                self._removed()
                return
            self._head()
            self.notes = ui.html("", sanitize=False).classes("qd-f qd-rulenotes")
            if self.is_open:
                with ui.element("div").classes("qd-ruleform"):
                    RuleEditor(self.draft, lambda: self.rules.edited(self.draft))
                    with ui.element("div").classes("qd-acts"):
                        button("Done", lambda: self.rules.toggle(self.draft.number), kind="t")
                        about = f"rule {self.rules.kept().index(self.draft) + 1}"
                        row_button("Remove", about, lambda: self.rules.remove(self.draft, True), kind="g")
        self._tell_wrong()
        self.tell()

    def _head(self) -> None:
        tag = "div" if self.rules.fixed else "button"
        with ui.element(tag).classes("qd-rule") as self.head:
            self.said = ui.html("", sanitize=False).style("display:contents")
        if not self.rules.fixed:
            self.head.props('type="button"')
            self.head.props["aria-expanded"] = "true" if self.is_open else "false"
            self.head.on("click", lambda: self.rules.toggle(self.draft.number))

    def tell(self) -> None:
        """Its sentence, as the editor has it at this moment."""
        if self.said is None or self.draft.is_removed:
            return
        document = self.draft.document()
        state = STATES.get(self.draft.state)
        mark = f' <span class="qd-chip qd-sea">{state}</span>' if state else ""
        count = _calls(self.rules.counts.get(self.draft.number))
        because = escape(document["because"]) or "No reason given yet."
        deny = icon("lock", "sm") if document.get("release") == "deny" else ""
        title = ' title="No standing approval and no other rule can loosen a deny."' if deny else ""
        self.said.set_content(  # type: ignore[attr-defined]
            f'<span class="qd-rulesaid">{sentence(document["when"])}{mark}</span>'
            f'<span class="qd-ruleout"{title}>{deny}{chip(document)}</span>'
            f'<span class="qd-w2">{because}</span><span class="qd-w2 qd-n qd-r">{count}</span>'
        )

    def complain(self, words: str) -> None:
        self.wrong = words
        self._tell_wrong()

    def warn(self, warnings: Sequence[str]) -> None:
        self.warnings = warnings
        self._tell_wrong()

    def focus(self) -> None:
        """Into the rule that was opened, or back to its line."""
        wanted = ".qd-ruleform input, .qd-undo" if self.is_open or self.draft.is_removed else ".qd-rule"
        focus_in(self.place, wanted)

    def _tell_wrong(self) -> None:
        if self.draft.is_removed:
            return
        wrong = f'<span class="qd-err" role="alert">{escape(self.wrong)}</span>' if self.wrong else ""
        warned = "".join(
            f'<span class="qd-rulewarn">{icon("warn", "sm")}<span>{escape(one)}</span></span>' for one in self.warnings
        )
        self.notes.set_content(wrong + warned)

    def _removed(self) -> None:
        self.said = None
        words = sentence(self.draft.document()["when"])
        with ui.element("div").classes("qd-rule qd-gone"):
            ui.html(f"Removed: <s>{words}</s>", sanitize=False, tag="span").classes("qd-rulesaid qd-i3")
            undo = row_button("Undo", "removing this rule", lambda: self.rules.remove(self.draft, False), sign="undo")
            undo.classes("qd-undo")


def _calls(count: int | None) -> str:
    return "" if count is None else format.plural(count, "call")
