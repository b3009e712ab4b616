"""The part of an agent's form that says how a long conversation fits the model's window, with a picture of it."""

from collections.abc import Callable
from typing import Any

from nicegui import ui

from agents.config import Context

from .. import format
from ..components.document_form import DocumentForm
from ..components.field import number, percent, whole_number
from ..components.row_list import tick
from .agent_sections import Fold

PERCENT = ("summarize_at", "summarize_to")
NUMBERS = (
    ("window_turns", "Turns in the prompt", "Older ones leave it."),
    ("window_tokens", "Most tokens in the prompt", "Empty: as many as the model takes."),
    ("keep_tokens", "Newest tokens kept as they are", "Never put into a summary."),
    ("summarize_at", "Summarise when so full, %", "Of the model's window."),
    ("summarize_to", "Down to, %", "Of the model's window."),
)
RECALL = "It may look up what has left the prompt, in what was said and found in this session"


class AgentContext:
    """`window` tells the context window of the chosen model in tokens, None where it is unknown."""

    def __init__(self, form: DocumentForm, window: Callable[[], int | None]) -> None:
        self.form = form
        self.window = window
        stored = form.document.get("context") or {}
        self.numbers: dict[str, ui.number] = {}
        self.fold = Fold("context")
        with self.fold.body:
            self.picture = ui.html("", sanitize=False)
            with ui.element("div").classes("qd-pair qd-three"):
                for key, words, help_text in NUMBERS:
                    self._number(key, words, help_text, stored.get(key))
            with form.field("agents/context/recall", "Recall"):
                self.recall = tick(RECALL, bool(stored.get("recall")), fixed=form.fixed)
                self.recall.on_value_change(self.tell)
        self.tell()

    def _number(self, key: str, words: str, help_text: str, value: float | None) -> None:
        scale = 100 if key in PERCENT else 1
        default = getattr(Context(), key)
        with self.form.field(f"agents/context/{key}", words, help_text):
            hint = "the model's own" if default is None else f"{default * scale:g}"
            shown = None if value is None else whole_number(round(value * scale, 4))
            made = self.numbers[key] = number(words, shown, hint=hint, fixed=self.form.fixed)
            made.on_value_change(self.tell)

    def tell(self, _event: Any = None) -> None:
        now = Context().model_dump() | {key: value for key, value in self._typed().items() if value is not None}
        window = min(filter(None, (self.window(), now["window_tokens"])), default=None)
        self.picture.set_content(_picture(now, window))
        at, to = now["summarize_at"] * 100, now["summarize_to"] * 100
        recall = ", looks up what has left" if self.recall.value else ""
        self.fold.tell(f"summarised at {at:g} % down to {to:g} %, {now['window_turns']:g} turns{recall}")

    def _typed(self) -> dict[str, Any]:
        return {key: self._read(key) for key in self.numbers}

    def _read(self, key: str) -> Any:
        value = self.numbers[key].value
        if value is None:
            return None
        return round(value / 100, 6) if key in PERCENT else whole_number(value)

    def values(self) -> dict[str, Any]:
        return {"context": {**self._typed(), "recall": True if self.recall.value else None}}

    def missing(self) -> dict[str, str]:
        wrong = {f"agents/context/{key}": percent(self.numbers[key].value) for key in PERCENT}
        if any(wrong.values()):
            return {key: words for key, words in wrong.items() if words}
        typed = self._typed()
        at, to = (typed[key] if typed[key] is not None else getattr(Context(), key) for key in PERCENT)
        if to >= at:
            return {"agents/context/summarize_to": "It has to be less than where the summary begins."}
        return {}


def _picture(now: dict[str, Any], window: int | None) -> str:
    """The window as a bar: what is kept, what is summarised when, and words for both. All values are numbers."""
    at, to = (max(0.0, min(1.0, float(now[key]))) * 100 for key in PERCENT)
    keep = min(at, now["keep_tokens"] / window * 100) if window else min(at, 25.0)
    older = max(0.0, to - keep)
    bar = (
        f"<div class='qd-bar'><i style='--w:{older:.1f}%;--c:var(--slate-m)'></i>"
        f"<i style='--w:{keep:.1f}%;--c:var(--sea-m)'></i>"
        f"<i class='qd-hatch' style='--w:{max(0.0, at - to):.1f}%'></i></div>"
    )
    marks = "".join(f"<span class='qd-idx' style='--x:{one:.1f}%'></span>" for one in (to, at))
    size = f"{format.tokens(window)} tokens" if window else "the model's window, size unknown"
    scale = f"<div class='qd-scale'><span>0</span><span>{size}</span></div>"
    kept = f"{now['keep_tokens']:,.0f}"
    words = (
        f"When the prompt fills {at:g} % of the window, the oldest part is written into a summary until {to:g} % "
        f"are left. The newest {kept} tokens (blue) stay word for word; after {now['window_turns']:g} turns the "
        f"oldest leave the prompt."
    )
    return (
        f"<div class='qd-gauge' role='img' aria-label='The context window'>{marks}{bar}<div class='qd-grad'></div>"
        f"{scale}</div><p class='qd-help'>{words}</p>"
    )
