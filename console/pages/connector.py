"""One connector: a plain form to add or change it, how it does now, and *connect and list tools* before it is saved."""

from typing import Any

from fastapi import Request
from nicegui import ui

from agents.tools.presets import BY_KEY, Preset, Risk
from store.configuration import Stored
from store.people import Person, Role

from .. import connector_form
from ..components.dialogs import confirm
from ..components.document_form import DocumentForm, open_form
from ..components.document_head import Sort
from ..components.field import field, line, number
from ..connector_form import STDIO
from ..desk import Desk
from ..security import allowed
from . import connector_library
from .connector_live import Live
from .connector_needs import Needs
from .connector_probe import Probe
from .connector_sections import make_section

UNREACHED = (
    "It did not connect when it was tried just now, so agents get none of its tools until it does. Saved, it is tried "
    "again and again, and Connectors says how it goes."
)


def register(desk: Desk) -> None:
    connector_library.register(desk)

    @ui.page("/connectors/new")
    async def new_connector(request: Request) -> None:
        await open_form(desk, request, None, ConnectorForm)

    @ui.page("/connectors/{name}")
    async def connector(request: Request, name: str) -> None:
        await open_form(desk, request, name, ConnectorForm)


class ConnectorForm(DocumentForm):
    sort = Sort(kind="connector", plural="connectors", make="Add a connector", only_admins="Admins connect systems")

    def __init__(self, desk: Desk, stored: Stored | None, *, may_act: bool) -> None:
        super().__init__(desk, stored, may_act=may_act)
        self.preset = _asked_for() if self.is_new else None
        if self.preset is not None:
            self.document = {**self.preset.document(), "name": self.preset.key}
        elif self.is_new:
            self.document = {"kind": _kind_asked_for()}
        if not may_act:
            self.document = connector_form.for_others(self.document)
        self.kind = self.document.get("kind", STDIO)
        self.picks: list[tuple[str, Risk]] = []
        """The toolset to be saved with it."""
        self.probe: Probe | None = None
        self.needs: Needs | None = None

    def body(self) -> None:
        with ui.element("div").classes("qd-beside"):
            with ui.element("div").classes("qd-form"):
                self._fields()
            with ui.element("div").classes("qd-form"):
                if not self.is_new:
                    Live(self.desk, self.document["name"], may_act=not self.fixed)
                if not self.fixed:
                    self.probe = Probe(self)

    def _fields(self) -> None:
        document = self.document
        help_text = "Tools, rules and sessions name the system by it."
        with self.field("connectors/name", "Name", help_text, needed=self.is_new):
            self.name = line("Name", document.get("name", ""), hint="crm", fixed=self.fixed or not self.is_new)
        if self.preset is not None and not self.fixed:
            self.needs = Needs(self, self.preset)
        with field("How it is reached"):
            kinds = ui.radio(connector_form.KINDS, value=self.kind, on_change=self._choose).props("dense")
            kinds.props["aria-label"] = "How it is reached"
            if self.fixed:
                kinds.disable()
        self.place = ui.element("div").classes("qd-form")
        self._section()
        with self.field(
            "connectors/timeout_seconds", "Longest call, in seconds", "After that a call counts as cut off."
        ):
            self.timeout = number("Longest call", document.get("timeout_seconds"), hint="60", fixed=self.fixed)

    def _section(self) -> None:
        """The fields of its kind, with what was typed so far."""
        others = set(self.fields)
        with self.place:
            self.section = make_section(self, self.kind, self.document)
        self.of_section = set(self.fields) - others
        if self.needs is not None:
            self.needs.section = self.section

    def _choose(self, event: Any) -> None:
        values, _ = self.section.read(self.given_name())
        self.document = {**self.document, **values}
        self.kind = event.value
        for key in [one for one in self.fields if one in self.of_section or one.startswith("connectors/auth")]:
            del self.fields[key]
        self.place.clear()
        self._section()

    def given_name(self) -> str:
        return str(self.name.value or "").strip()

    def _read(self) -> tuple[dict[str, Any], dict[str, str]]:
        name = self.given_name()
        values, wrong = self.section.read(name)
        if self.needs is not None and self.preset is not None and self.preset.kind == self.kind:
            self.needs.add(name, values)
            wrong = {**self.needs.missing(values), **wrong}
        return {"name": name, "timeout_seconds": self.timeout.value, **values}, wrong

    def missing(self) -> dict[str, str]:
        return self._read()[1]

    def written(self) -> dict[str, Any]:
        return connector_form.changed(self.document, self.kind, self._read()[0])

    def typed(self) -> dict[str, str]:
        """Reference → secret, as typed just now."""
        name = self.given_name()
        found = self.section.typed(name)
        if self.needs is not None and self.preset is not None and self.preset.kind == self.kind:
            found |= self.needs.typed(name)
        return found

    async def documents(self) -> list[tuple[str, dict[str, Any]]]:
        made = self.written()
        toolset = self._toolset(made["name"]) if self.picks else None
        return [("connector", made), *([("toolset", toolset)] if toolset else [])]

    def _toolset(self, connector: str) -> dict[str, Any]:
        taken = self.desk.runtime.administration.documents("toolset")
        name = next(one for n in range(1, 99) if (one := f"{connector} tools{f' {n}' if n > 1 else ''}") not in taken)
        tools = [{"connector": connector, "tool": tool, "risk": risk} for tool, risk in self.picks]
        return {"name": name, "tools": tools}

    async def save_with(self, picks: list[tuple[str, Risk]]) -> None:
        """The connector and its small toolset, both or neither."""
        if await allowed(self.desk, Role.ADMIN, "save a connector") is None:
            return
        self.picks = picks
        try:
            await self.save()
        finally:
            self.picks = []

    async def saved(self, person: Person) -> None:
        if typed := self.typed():
            for reference, value in typed.items():
                await self.desk.secrets.set(reference.partition(":")[2], value, by=person.name)
            await self.desk.runtime.registry.reconnect(self.given_name())

    async def is_sure(self) -> bool:
        failed = self.probe.failed if self.probe is not None else None
        if failed is None or failed != {**self.written(), "name": ""}:
            return True
        return await confirm("Save it although it does not connect?", UNREACHED, "Save it all the same")


def _asked_for() -> Preset | None:
    """The preset that was chosen in the library."""
    request = ui.context.client.request
    return BY_KEY.get(request.query_params.get("preset", "")) if request else None


def _kind_asked_for() -> str:
    request = ui.context.client.request
    kind = request.query_params.get("kind", STDIO) if request else STDIO
    return kind if kind in connector_form.KINDS else STDIO
