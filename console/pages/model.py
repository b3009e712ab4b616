"""One model: a plain form to add or change it, and *test it*, which works before anything is saved."""

from html import escape

from fastapi import Request
from nicegui import ui

from agents.errors import BadRequest
from agents.model_calls import TestResult
from store.people import Person, Role

from .. import connector_form, format
from ..components.buttons import button, disable
from ..components.document_form import Document, DocumentForm, Sort, open_form
from ..components.notes import note
from ..components.under_way import UnderWay
from ..desk import Desk
from ..security import allowed
from ..trial import try_model
from .model_fields import ModelFields

OF_SESSIONS = " Nothing was lost: the session can go on from here."
"""How a failure ends in a session; here there is none."""


def register(desk: Desk) -> None:
    @ui.page("/models/new")
    async def new_model(request: Request) -> None:
        await open_form(desk, request, None, ModelForm)

    @ui.page("/models/{name}")
    async def model(request: Request, name: str) -> None:
        await open_form(desk, request, name, ModelForm)


class ModelForm(DocumentForm):
    sort = Sort(kind="model", plural="models", make="Add a model", only_admins="Admins add models")

    def body(self) -> None:
        shown = connector_form.for_others(self.document) if self.fixed else self.document
        with ui.element("div").classes("qd-beside"):
            with ui.element("div").classes("qd-form"):
                self.form = ModelFields(self, shown)
            if not self.fixed:
                self._trial()

    def _trial(self) -> None:
        with ui.element("section").classes("qd-card qd-trial"), ui.element("div").classes("qd-in"):
            words = "Asks the model for a word, then for a tool call, with what the form says now. Nothing is saved."
            ui.html(f"<h2>Does it work?</h2><p class='qd-i2 qd-s'>{words}</p>", sanitize=False)
            self.test = button("Test it", self._test, sign="play")
            self.under_way = UnderWay()
            self.outcome = ui.html("", sanitize=False).props("role=status")

    def given_name(self) -> str:
        return self.form.given_name()

    def missing(self) -> dict[str, str]:
        return self.form.missing()

    async def _test(self) -> None:
        if await allowed(self.desk, Role.ADMIN, "test a model") is None or self.under_way.is_busy:
            return
        if missing := self.missing():
            self.complain(missing, ["Not asked."])
            return
        self.complain({})
        document: Document = self.form.written()
        document["name"] = document["name"] or "draft"
        typed = self.form.typed_key()
        disable(self.test, True)
        self.outcome.set_content("")
        try:
            words = "Asking the model twice: for a word, and for a tool call."
            result = await self.under_way.run(words, try_model(self.desk.runtime, document, typed))
        except BadRequest as error:
            self.complain_of(error, "Not asked.")
            return
        finally:
            if not self.test.is_deleted:
                disable(self.test, False)
        self.outcome.set_content(_outcome(result) if result else note("", "Cancelled. Nothing was saved."))

    async def documents(self) -> list[tuple[str, Document]]:
        return [("model", self.form.written())]

    async def saved(self, person: Person) -> None:
        if (typed := self.form.typed_key()) is not None:
            name = self.form.written()["api_key"].partition(":")[2]
            await self.desk.secrets.set(name, typed, by=person.name)


def _outcome(result: TestResult) -> str:
    because = result.because.replace(OF_SESSIONS, "")
    if not result.ok:
        return note("bad", because)
    facts = (
        ("Latency", f"{result.latency_ms:,.0f} ms"),
        ("Calls tools", "yes" if result.tools_ok else "no"),
        ("Cost of the test", format.cost(result.cost_usd)),
    )
    listed = "".join(f"<span>{words}</span><b>{escape(value)}</b>" for words, value in facts)
    return f'{note("ok" if result.tools_ok else "warn", because)}<div class="qd-facts">{listed}</div>'
