"""One model: a plain form to add or change it, and *test it*, which works before anything is saved."""

from html import escape

from fastapi import Request
from nicegui import ui

from agents.errors import BadRequest
from agents.model_calls import TestResult, Trait
from agents.model_trial import QUESTIONS
from store.people import Person, Role

from .. import connector_form, format, model_form
from ..components.buttons import button, disable
from ..components.document_form import Document, DocumentForm, open_form
from ..components.document_head import Sort
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
                self.form = ModelFields(self, shown, self._offer())
            if not self.fixed:
                self._trial()

    def _offer(self) -> model_form.Offer | None:
        """Which provider of the environment this new model was asked for, if any."""
        request = ui.context.client.request
        return model_form.offered(request.query_params.get("key", "")) if request and self.is_new else None

    def _trial(self) -> None:
        with ui.element("section").classes("qd-card qd-trial"), ui.element("div").classes("qd-in"):
            words = "Asks the model a few small things, with what the form says now. Nothing is saved."
            ui.html(f"<h2>Does it work?</h2><p class='qd-i2 qd-s'>{words}</p>", sanitize=False)
            self.test = button("Test it", self._test, sign="play")
            self.under_way = UnderWay()
            self.traits = ui.html("", sanitize=False).props("role=status")
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
        found: list[Trait] = []

        def show(trait: Trait) -> None:
            found.append(trait)
            if not self.traits.is_deleted:
                self.traits.set_content(_traits(found, asking=True))

        self.traits.set_content(_traits(found, asking=True))
        try:
            words = "Asking the model whether it answers, streams, calls tools, keeps to a schema and caches."
            result = await self.under_way.run(words, try_model(self.desk.runtime, document, typed, show))
        except BadRequest as error:
            self.complain_of(error, "Not asked.")
            return
        finally:
            if not self.test.is_deleted:
                disable(self.test, False)
                self.traits.set_content(_traits(found, asking=False))
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
    cost = f"<div class='qd-facts'><span>Cost of the test</span><b>{escape(format.cost(result.cost_usd))}</b></div>"
    return note("ok" if result.tools_ok else "warn", because) + cost


def _traits(found: list[Trait], *, asking: bool) -> str:
    """One row each, in the order they are asked; what was not asked (any more) is left out once it is over."""
    known = {one.what: one for one in found}
    rows = "".join(_trait(what, known.get(what)) for what in QUESTIONS if asking or what in known)
    return f'<table class="qd-traits"><tbody>{rows}</tbody></table>' if rows else ""


def _trait(what: str, found: Trait | None) -> str:
    if found is None:
        return f"<tr><td>{what}</td><td class='qd-i3'>…</td><td></td></tr>"
    sign, words = {True: ("ok", "yes"), False: ("bad", "no"), None: ("", "not known")}[found.ok]
    said = escape(found.words.replace(OF_SESSIONS, ""))
    return f"<tr><td>{what}</td><td><span class='qd-chip qd-{sign}'>{words}</span></td><td>{said}</td></tr>"
