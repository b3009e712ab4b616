"""The forms of the decision bar: edit the values, reject with a reason, answer the agent instead."""

import json
from collections.abc import Awaitable, Callable
from html import escape

from nicegui import ui
from nicegui.element import Element

from agents.arguments import BadArguments, Leaf, apply_patch, leaves

from .arguments import MOST_ROWS
from .buttons import button

CODES = {
    "wrong_value": "A value is wrong",
    "wrong_tool": "The wrong tool for this",
    "not_allowed": "Against our rules",
    "not_needed": "Not needed any more",
    "unclear": "I cannot tell whether it is right",
    "other": "Something else",
}


class Form:
    """A strip above the decision bar. Escape leaves it; nothing is decided before it is sent."""

    def __init__(self, cancel: Callable[[], None]) -> None:
        self.cancel = cancel

    def build(self) -> None:
        with ui.element("div").classes("qd-strip").on("keydown.esc", self.cancel).on("keydown.ctrl.enter", self.submit):
            self.fields()
            self.problems = ui.html("", sanitize=False).classes("qd-err")

    def fields(self) -> None:
        raise NotImplementedError

    async def submit(self) -> None:
        raise NotImplementedError

    def complain(self, problems: tuple[str, ...]) -> None:
        self.problems.set_content("<br>".join(escape(one.removeprefix("/arguments")) for one in problems))


class EditForm(Form):
    """One field per value. Only what was touched is replaced; everything else keeps its exact bytes."""

    def __init__(self, arguments_json: str, send: Callable[[str], Awaitable[None]], cancel: Callable[[], None]) -> None:
        super().__init__(cancel)
        self.arguments_json = arguments_json
        self.send = send
        self.inputs: dict[str, tuple[Leaf, ui.input | ui.textarea]] = {}
        self.whole: ui.textarea | None = None
        """Where there are too many values for a field each: all of them as one JSON text."""

    def fields(self) -> None:
        ui.html(
            "<h2>Change and approve</h2><span class='qd-hint'>Your version runs instead, and the agent is told.</span>",
            sanitize=False,
        )
        with ui.element("div").classes("qd-edit"):
            found = leaves(self.arguments_json)
            if len(found) > MOST_ROWS:
                self.whole = ui.textarea(value=self.arguments_json).props(
                    'outlined dense aria-label="Arguments (JSON)"'
                )
                self.whole.classes("qd-full qd-m")
            for leaf in found if self.whole is None else ():
                ui.html(escape(leaf.path.removeprefix("/")), sanitize=False, tag="label").classes("qd-m")
                self.inputs[leaf.path] = (leaf, _input(leaf))
        with ui.element("div").classes("qd-acts"):
            button("Approve edited", self.submit, kind="p", sign="check")
            button("Cancel", self.cancel, kind="g", key="Esc")

    async def submit(self) -> None:
        if self.whole is not None:
            await self.send(str(self.whole.value or ""))
            return
        if wrong := [path for path, (leaf, field) in self.inputs.items() if not _is_number_still(leaf, field.value)]:
            self.complain(tuple(f"{path}: this has to be a number, such as 389.50" for path in wrong))
            return
        patch = {
            path: raw for path, (leaf, field) in self.inputs.items() if (raw := _raw(leaf, field.value)) is not None
        }
        try:
            edited = apply_patch(self.arguments_json, dict(patch))
        except BadArguments as error:
            self.complain((str(error),))
            return
        await self.send(edited)


def _input(leaf: Leaf) -> ui.input | ui.textarea:
    text = leaf.value if isinstance(leaf.value, str) else leaf.raw
    field: ui.input | ui.textarea
    field = ui.textarea(value=text).props("autogrow") if len(text) > 60 else ui.input(value=text)
    # never through props("…"): it runs names that begin with ":", and the model chose this one
    field.props["aria-label"] = leaf.path.removeprefix("/")
    return field.props("outlined dense").classes("qd-full qd-m")


def _is_number_still(leaf: Leaf, typed: str | None) -> bool:
    """Most edits change a number, and `389,50` deserves better than an error of the JSON parser."""
    if isinstance(leaf.value, bool) or not isinstance(leaf.value, int | float):
        return True
    try:
        return isinstance(json.loads((typed or "").strip()), int | float)
    except ValueError:
        return False


def _raw(leaf: Leaf, typed: str | None) -> str | None:
    """The new JSON text of a value, or None when it was left as it is."""
    typed = typed or ""
    if isinstance(leaf.value, str):
        return None if typed == leaf.value else json.dumps(typed, ensure_ascii=False)
    return None if typed.strip() == leaf.raw else typed.strip()


class RejectForm(Form):
    """A reason code for the statistics, and words for the agent."""

    def __init__(self, send: Callable[[str, str], Awaitable[None]], cancel: Callable[[], None]) -> None:
        super().__init__(cancel)
        self.send = send

    def fields(self) -> None:
        ui.html(
            "<h2>Reject</h2><span class='qd-hint'>It does not run. The agent reads your reason.</span>", sanitize=False
        )
        self.code = ui.select(CODES, value=None, label="Reason (optional)").props(
            'outlined dense options-dense aria-label="Reason"'
        )
        self.because = _words("What is wrong? (the agent reads this)")
        _send_bar("Reject", "d", self.submit, self.cancel)

    async def submit(self) -> None:
        await self.send(str(self.code.value or "other"), str(self.because.value or "").strip())


class RespondForm(Form):
    def __init__(self, send: Callable[[str], Awaitable[None]], cancel: Callable[[], None]) -> None:
        super().__init__(cancel)
        self.send = send

    def fields(self) -> None:
        ui.html(
            "<h2>Answer the agent instead</h2><span class='qd-hint'>This call ends; the agent goes on with your words.</span>",
            sanitize=False,
        )
        self.because = _words("Your words to the agent")
        _send_bar("Send", "p", self.submit, self.cancel)

    async def submit(self) -> None:
        text = str(self.because.value or "").strip()
        if not text:
            self.complain(("An answer needs words.",))
            return
        await self.send(text)


def _words(placeholder: str) -> ui.textarea:
    return ui.textarea(placeholder=placeholder).props("outlined dense autogrow autofocus").classes("qd-full")


def _send_bar(words: str, kind: str, send: Callable[[], Awaitable[None]], cancel: Callable[[], None]) -> Element:
    bar = ui.element("div").classes("qd-acts")
    with bar:
        button(words, send, kind=kind)
        button("Cancel", cancel, kind="g", key="Esc")
    return bar
