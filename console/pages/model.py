"""One model: a plain form to add or change it, and *test it*, which works before anything is saved."""

from collections.abc import Callable
from html import escape
from typing import Any

from fastapi import HTTPException, Request
from nicegui import ui

from agents.errors import AgentsError, BadRequest
from agents.model_calls import TestResult
from store.errors import StoreError
from store.people import Role

from .. import format, model_form, problems
from ..components.buttons import button, disable
from ..components.deleting import delete_document
from ..components.empty import empty
from ..components.notes import note
from ..components.under_way import UnderWay
from ..desk import Desk
from ..frame import base_path, frame
from ..icons import icon
from ..security import allowed, person_of
from ..trial import try_model
from .model_fields import ModelFields


def register(desk: Desk) -> None:
    @ui.page("/models/new")
    async def new_model(request: Request) -> None:
        await _page(desk, request, None)

    @ui.page("/models/{name}")
    async def model(request: Request, name: str) -> None:
        await _page(desk, request, name)


async def _page(desk: Desk, request: Request, name: str | None) -> None:
    person = person_of(request)
    stored = await desk.runtime.configuration.get("model", name) if name else None
    if name and stored is None:
        raise HTTPException(404, "There is no such model.")
    may_act = person.role.rank >= Role.ADMIN.rank
    with (
        frame(desk, person, active="models", title=name or "Add a model"),
        ui.element("div").classes("qd-page qd-main"),
    ):
        if not may_act and not name:
            with ui.element("div").classes("qd-doc"):
                empty(
                    "eye",
                    "Admins add models",
                    "Ask one of them; you can look at those there are.",
                    ("/models", "Models"),
                )
            return
        ModelForm(desk, stored.document if stored else {}, may_act=may_act).build()


class ModelForm:
    def __init__(self, desk: Desk, document: dict[str, Any], *, may_act: bool) -> None:
        self.desk = desk
        self.document = document
        self.fixed = not may_act

    @property
    def is_new(self) -> bool:
        return not self.document

    def build(self) -> None:
        self._head()
        with ui.element("div").classes("qd-doc"), ui.element("div").classes("qd-beside"):
            with ui.element("div").classes("qd-form"):
                self.problems = ui.html("", sanitize=False).classes("qd-list-err").props("role=alert")
                self.form = ModelFields(self.desk, self.document, fixed=self.fixed)
            if not self.fixed:
                self._trial()

    def _head(self) -> None:
        base, title = base_path(), escape(self.document.get("name", "Add a model"))
        with ui.element("header").classes("qd-top"):
            crumbs = (
                f'<a class="qd-i3" href="{base}/models">Models</a>{icon("chevron", "sm")}<h1 class="qd-el">{title}</h1>'
            )
            ui.html(crumbs, sanitize=False).classes("qd-row")
            ui.element("span").classes("qd-sp")
            if not self.fixed and not self.is_new:
                button("Delete", self._delete, kind="d")
            if not self.fixed:
                button("Save", self._save, kind="p")

    def _trial(self) -> None:
        with ui.element("section").classes("qd-card qd-trial"), ui.element("div").classes("qd-in"):
            words = "Asks the model for a word, then for a tool call, with what the form says now. Nothing is saved."
            ui.html(f"<h2>Does it work?</h2><p class='qd-i2 qd-s'>{words}</p>", sanitize=False)
            self.test = button("Test it", self._test, sign="play")
            self.under_way = UnderWay()
            self.outcome = ui.html("", sanitize=False).props("role=status")

    def _complain(self, error: BadRequest | None = None) -> bool:
        """Show what is wrong beside its field; True when something is."""
        found, others = problems.by_field(error.problems, self.form.fields) if error else (self.form.missing(), [])
        if error and not error.problems:
            others = [str(error)]
        for key, one in self.form.fields.items():
            one.complain(found.get(key, ""))
        self.problems.set_content(note("bad", " ".join(others)) if others else "")
        return bool(found or others)

    async def _test(self) -> None:
        if await allowed(self.desk, Role.ADMIN, "test a model") is None or self._complain() or self.under_way.is_busy:
            return
        document = self.form.written()
        document["name"] = document["name"] or "draft"
        typed = str(self.form.typed.value or "") if self.form.how.value == model_form.TYPED else None
        disable(self.test, True)
        self.outcome.set_content("")
        try:
            result = await self.under_way.run(
                "Asking the model twice: for a word, and for a tool call.",
                try_model(self.desk.runtime, document, typed),
            )
        except BadRequest as error:
            self._complain(error)
            return
        finally:
            if not self.test.is_deleted:
                disable(self.test, False)
        self.outcome.set_content(_outcome(result) if result else note("", "Cancelled. Nothing was saved."))

    async def _save(self) -> None:
        if (person := await allowed(self.desk, Role.ADMIN, "save a model")) is None or self._complain():
            return
        document = self.form.written()
        if self.is_new and document["name"] in self.desk.runtime.administration.documents("model"):
            self.form.fields["models/name"].complain("There is a model of this name already; choose another.")
            return
        try:
            await self.desk.runtime.administration.save("model", document, by=person.name)
            if self.form.how.value == model_form.TYPED:
                await self.desk.secrets.set(
                    document["api_key"].partition(":")[2], str(self.form.typed.value), by=person.name
                )
        except BadRequest as error:
            self._complain(error)
        except (AgentsError, StoreError) as error:
            self.problems.set_content(
                escape(f"It was not saved whole: {error} What you typed is still here; save again.")
            )
        else:
            ui.navigate.to(f"{base_path()}/models")

    async def _delete(self) -> None:
        then: Callable[[], None] = lambda: ui.navigate.to(f"{base_path()}/models")  # noqa: E731
        await delete_document(self.desk, "model", self.document["name"], then)


def _outcome(result: TestResult) -> str:
    if not result.ok:
        return note("bad", result.because)
    facts = (
        ("Latency", f"{result.latency_ms:,.0f} ms"),
        ("Calls tools", "yes" if result.tools_ok else "no"),
        ("Cost of the test", format.cost(result.cost_usd)),
    )
    listed = "".join(f"<span>{words}</span><b>{escape(value)}</b>" for words, value in facts)
    return f'{note("ok" if result.tools_ok else "warn", result.because)}<div class="qd-facts">{listed}</div>'
