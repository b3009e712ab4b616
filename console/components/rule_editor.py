"""One rule, open: its conditions, what follows from them, who may decide, and why."""

from collections.abc import Callable, Mapping

from nicegui import ui
from nicegui.element import Element

from .field import choice, line
from .row_list import TOUCHED
from .rule_draft import RuleDraft
from .rule_rows import RuleRows
from .rule_words import RELEASE, VERIFY

APPROVERS = {
    "": "Whoever may decide",
    "not_requester": "Not the person whose session it is",
    "role:admin": "An admin",
}


class RuleEditor:
    """`changed` is told of every key typed."""

    def __init__(self, draft: RuleDraft, changed: Callable[[], None]) -> None:
        self.draft = draft
        self.changed = changed
        RuleRows(draft.rows, changed)
        with ui.element("div").classes("qd-then"):
            ui.html("Check", sanitize=False, tag="span")
            Segments("Check", VERIFY, draft.verify or "none", self._verify)
            ui.html("Then", sanitize=False, tag="span")
            Segments("Then", RELEASE, draft.release or "", self._release)
            self._by()
            ui.html("Because", sanitize=False, tag="span")
            because = line("Because", draft.because, hint="Refunds above 80 need a second pair of eyes.")
            because.on_value_change(lambda event: self._keep("because", event.value or ""))

    def _by(self) -> None:
        known = APPROVERS | ({self.draft.approver: self.draft.approver} if self.draft.approver else {})
        known |= APPROVERS
        self.by: list[Element] = [ui.html("Decided by", sanitize=False, tag="span")]
        made = choice("Decided by", known, self.draft.approver or "").classes("qd-by")
        made.on_value_change(lambda event: self._keep("approver", event.value or None))
        self.by.append(made)
        self._show_by()

    def _show_by(self) -> None:
        for one in self.by:
            one.set_visibility(self.draft.names_approver)

    def _verify(self, value: str) -> None:
        self._keep("verify", None if value == "none" else value)

    def _release(self, value: str) -> None:
        self._keep("release", value or None)
        self._show_by()

    def _keep(self, key: str, value: str | None) -> None:
        setattr(self.draft, key, value)
        self.changed()


class Segments:
    """A few choices side by side, of which one is on."""

    def __init__(self, label: str, options: Mapping[str, str], value: str, on_pick: Callable[[str], None]) -> None:
        self.on_pick = on_pick
        self.made: dict[str, Element] = {}
        with ui.element("div").classes("qd-eff").props("role=group") as group:
            group.props["aria-label"] = label
            for key, words in options.items():
                with ui.element("button").props('type="button"') as one:
                    ui.html(words, sanitize=False, tag="span")
                one.on("click", lambda key=key: self._pick(key))
                self.made[key] = one
        self._show(value)

    def _pick(self, key: str) -> None:
        ui.run_javascript(TOUCHED)
        self._show(key)
        self.on_pick(key)

    def _show(self, value: str) -> None:
        for key, one in self.made.items():
            one.props["aria-pressed"] = "true" if key == value else "false"
            one.update()
