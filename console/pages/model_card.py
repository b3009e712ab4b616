"""What litellm's list knows of the model being written down, beside the form's own numbers; and the names it knows."""

from collections.abc import Callable
from html import escape

from nicegui import background_tasks, ui

from agents.model_calls import ModelInfo

from ..components.buttons import button
from ..desk import Desk

UNKNOWN = "unknown"
NOTHING = ModelInfo(context_window=None, max_output=None, prices=None, scripted=False)
Filler = Callable[[ModelInfo], None]


class ModelCard:
    """`fill` takes the numbers over into the form, `hint` shows them where nothing is typed. Importing litellm takes a moment; the page does not wait for it."""

    def __init__(self, desk: Desk, fixed: bool, fill: Filler, hint: Filler) -> None:
        self.desk = desk
        self.model = ""
        self.known: ModelInfo | None = None
        self.fill = fill
        self.hint = hint
        with ui.element("div").classes("qd-card qd-modelcard").props("role=status") as self.place:
            self.words = ui.html("", sanitize=False)
            self.take = button("Fill these in", self._take, kind="t")
        self.is_fixed = fixed
        self._draw()

    def _take(self) -> None:
        if self.known is not None:
            self.fill(self.known)

    def show(self, model: str) -> None:
        self.model = model
        background_tasks.create(self._look_up(model), name="what litellm knows of a model")

    async def _look_up(self, model: str) -> None:
        await self.desk.runtime.models.warm()
        if model == self.model and not self.place.is_deleted:
            self.known = self.desk.runtime.administration.known_of({"model": model}) if model else None
            self._draw()
            self.hint(self.known or NOTHING)

    def _draw(self) -> None:
        known = self.known
        self.words.set_content(_words(self.model, known))
        self.take.set_visibility(bool(not self.is_fixed and known and (known.context_window or known.prices)))


def _words(model: str, known: ModelInfo | None) -> str:
    if known is None or not model:
        return "<span class='qd-help'>Its limits and prices are looked up when you have named it.</span>"
    name = f"<code>{escape(model)}</code>"
    if not (known.context_window or known.max_output or known.prices):
        said = "is not in litellm's list: what you leave empty stays unknown, and so do its costs."
        return f"<span class='qd-help'>{name} {said}</span>"
    return f"<span class='qd-help'>litellm's list says of {name}: {_numbers(known)}.</span>"


def _numbers(known: ModelInfo) -> str:
    prices = f"{known.prices.input:g} in, {known.prices.output:g} out" if known.prices else UNKNOWN
    window = f"{known.context_window:,} tokens" if known.context_window else UNKNOWN
    most = f"{known.max_output:,} tokens" if known.max_output else UNKNOWN
    return f"context window {window}, longest answer {most}, USD per million {prices}"


class KnownNames:
    """Suggestions under the model's name, for the chosen provider. NiceGUI's own would take the Tab key and complete
    `gpt-4o` to `gpt-4o-2024-05-13` unasked; but its inputs look for a list of this name."""

    def __init__(self, desk: Desk, model: ui.input) -> None:
        self.desk = desk
        self.provider = ""
        self.list = ui.html("", sanitize=False, tag="datalist")
        self.list.props["id"] = f"{model.html_id}-datalist"

    def of(self, provider: str) -> None:
        if provider != self.provider:
            self.provider = provider
            background_tasks.create(self._fill(provider), name="names of models")

    async def _fill(self, provider: str) -> None:
        names = await self.desk.runtime.models.known(provider) if provider else []
        if provider == self.provider and not self.list.is_deleted:
            self.list.set_content("".join(f'<option value="{escape(name)}"></option>' for name in names))
