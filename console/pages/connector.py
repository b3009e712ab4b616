"""One MCP server: a plain form to add or change it, and *connect and list tools* before anything is saved."""

import shlex
from collections.abc import Sequence
from html import escape
from typing import Any

from fastapi import HTTPException, Request
from nicegui import ui

from agents.errors import AgentsError, BadRequest
from agents.tools.definition import ToolDefinition
from agents.tools.errors import ToolFailure
from store.errors import StoreError
from store.people import Role

from .. import connector_form, format, problems
from ..components.buttons import button, disable
from ..components.empty import empty
from ..components.field import Field, field, line, lines, number
from ..components.notes import note
from ..components.tool_list import table_of, tokens_of
from ..components.under_way import UnderWay
from ..connector_form import HTTP, STDIO, Unreadable
from ..desk import Desk
from ..frame import base_path, frame
from ..icons import icon
from ..security import allowed, person_of

LAST_SAID = " It last said: "


def register(desk: Desk) -> None:
    @ui.page("/connectors/new")
    async def new_connector(request: Request) -> None:
        await _page(desk, request, None)

    @ui.page("/connectors/{name}")
    async def connector(request: Request, name: str) -> None:
        await _page(desk, request, name)


async def _page(desk: Desk, request: Request, name: str | None) -> None:
    person = person_of(request)
    stored = await desk.runtime.configuration.get("connector", name) if name else None
    if name and stored is None:
        raise HTTPException(404, "There is no such connector.")
    may_act = person.role.rank >= Role.ADMIN.rank
    with (
        frame(desk, person, active="connectors", title=name or "Add an MCP server"),
        ui.element("div").classes("qd-page qd-main"),
    ):
        if not may_act and not name:
            with ui.element("div").classes("qd-doc"):
                text = "Ask one of them; you can look at those there are."
                empty("eye", "Admins connect systems", text, (f"{base_path()}/connectors", "Connectors"))
            return
        ConnectorForm(desk, stored.document if stored else {}, may_act=may_act).build()


class ConnectorForm:
    def __init__(self, desk: Desk, document: dict[str, Any], *, may_act: bool) -> None:
        self.desk = desk
        self.document = document
        self.kind = document.get("kind", STDIO)
        self.fixed = not may_act or self.kind not in connector_form.KINDS
        self.fields: dict[str, Field] = {}

    @property
    def is_new(self) -> bool:
        return not self.document

    def build(self) -> None:
        self._head()
        with ui.element("div").classes("qd-doc"), ui.element("div").classes("qd-beside"):
            with ui.element("div").classes("qd-form"):
                self.problems = ui.html("", sanitize=False).classes("qd-list-err").props("role=alert")
                self._fields()
            if not self.fixed:
                self._trial()

    def _head(self) -> None:
        base, title = base_path(), escape(self.document.get("name", "Add an MCP server"))
        with ui.element("header").classes("qd-top"):
            crumbs = f'<a class="qd-i3" href="{base}/connectors">Connectors</a>{icon("chevron", "sm")}'
            ui.html(f'{crumbs}<h1 class="qd-el">{title}</h1>', sanitize=False).classes("qd-row")
            ui.element("span").classes("qd-sp")
            if not self.fixed:
                button("Save", self._save, kind="p")

    def _fields(self) -> None:
        document = self.document
        with self._field("name", "Name", "Tools, rules and sessions name the system by it.", needed=True):
            self.name = line("Name", document.get("name", ""), hint="crm", fixed=self.fixed or not self.is_new)
        if self.kind not in connector_form.KINDS:
            ui.html(f"<p class='qd-i2'>This connector is {connector_form.KIND_NAMES[self.kind]}.</p>", sanitize=False)
            return
        with field("How it is reached"):
            kinds = ui.radio(connector_form.KINDS, value=self.kind, on_change=self._choose).props("inline dense")
            if self.fixed:
                kinds.disable()
        self.program = ui.element("div").classes("qd-form")
        with self.program:
            self._program()
        self.address = ui.element("div").classes("qd-form")
        with self.address:
            self._address()
        with self._field("timeout_seconds", "Longest call, in seconds", "After that a call counts as cut off."):
            self.timeout = number("Longest call", document.get("timeout_seconds"), hint="60", fixed=self.fixed)
        self._shown()

    def _program(self) -> None:
        document = self.document
        with self._field("command", "Command", "The program that is started on this machine.", needed=True):
            self.command = line("Command", document.get("command", ""), hint="npx", fixed=self.fixed, mono=True)
        help_text = "As in a shell, on one line or several. Quote what holds spaces."
        with self._field("args", "Arguments", help_text):
            text = shlex.join(document.get("args", ()))
            hint = "-y @modelcontextprotocol/server-filesystem /srv/files"
            self.args = lines("Arguments", text, hint=hint, fixed=self.fixed, mono=True, tall=36)
        help_text = "One NAME=value a line; it sees little else. For keys: NAME=secret:NAME or NAME=env:NAME."
        with self._field("env", "Environment", help_text):
            text = connector_form.unpaired(document.get("env") or {}, "=")
            self.env = lines("Environment", text, hint="API_TOKEN=secret:crm-token", fixed=self.fixed, mono=True)
            self.env_warning = ui.html("", sanitize=False)
            self.env.on_value_change(lambda: self._warn(self.env, "=", self.env_warning))

    def _address(self) -> None:
        document = self.document
        with self._field("url", "Address", "Streamable HTTP.", needed=True):
            hint = "https://mcp.example.com/mcp"
            self.url = line("Address", document.get("url", ""), hint=hint, fixed=self.fixed, mono=True)
        help_text = (
            "One Name: value a line. A value that is a key: secret:NAME, which then holds all of it, “Bearer …” too."
        )
        with self._field("headers", "Headers", help_text):
            text = connector_form.unpaired(document.get("headers") or {}, ":")
            self.headers = lines("Headers", text, hint="Authorization: secret:crm-token", fixed=self.fixed, mono=True)
            self.headers_warning = ui.html("", sanitize=False)
            self.headers.on_value_change(lambda: self._warn(self.headers, ":", self.headers_warning))

    def _trial(self) -> None:
        with ui.element("section").classes("qd-card qd-trial"), ui.element("div").classes("qd-in"):
            words = "Connects with what the form says now, lists the tools, and closes again. Nothing is saved."
            ui.html(f"<h2>What does it offer?</h2><p class='qd-i2 qd-s'>{words}</p>", sanitize=False)
            self.probe = button("Connect and list tools", self._probe, sign="plug")
            self.under_way = UnderWay()
            self.outcome = ui.html("", sanitize=False).props("role=status")

    def _choose(self, event: Any) -> None:
        self.kind = event.value
        self._shown()

    def _shown(self) -> None:
        self.program.set_visibility(self.kind == STDIO)
        self.address.set_visibility(self.kind == HTTP)

    def _field(self, key: str, label: str, help_text: str = "", *, needed: bool = False) -> Field:
        made = self.fields[f"connectors/{key}"] = field(label, help_text, needed=needed and not self.fixed)
        return made

    @staticmethod
    def _warn(given: ui.textarea, separator: str, place: ui.html) -> None:
        try:
            plain = connector_form.plain_secrets(connector_form.pairs(str(given.value or ""), separator))
        except Unreadable:
            plain = []
        text = f"{', '.join(plain)} looks like a secret and would be kept readable. Keep it under Secrets instead."
        place.set_content(note("warn", text) if plain else "")

    def _written(self) -> dict[str, Any] | None:
        """The form as a document; None when something in it cannot be read, which is then said beside it."""
        for one in self.fields.values():
            one.complain("")
        self.problems.set_content("")
        values: dict[str, Any] = {"name": str(self.name.value or "").strip(), "timeout_seconds": self.timeout.value}
        if values["name"] == "new":
            self.fields["connectors/name"].complain("“new” is this page's own name; choose another.")
            return None
        readers = (
            ("args", lambda: connector_form.words(str(self.args.value or ""))),
            ("env", lambda: connector_form.pairs(str(self.env.value or ""), "=")),
            ("headers", lambda: connector_form.pairs(str(self.headers.value or ""), ":")),
        )
        for key, read in readers:
            try:
                values[key] = read()
            except Unreadable as error:
                self.fields[f"connectors/{key}"].complain(str(error))
                return None
        values |= {"command": str(self.command.value or "").strip(), "url": str(self.url.value or "").strip()}
        return connector_form.changed(self.document, self.kind, values)

    def _complain(self, error: BadRequest) -> None:
        found, others = problems.by_field(error.problems, self.fields)
        for key, words in found.items():
            self.fields[key].complain(words)
        said = others or ([] if found else [str(error)])
        self.problems.set_content(note("bad", " ".join(said)) if said else "")

    async def _probe(self) -> None:
        if await allowed(self.desk, Role.ADMIN, "connect to a server") is None or self.under_way.is_busy:
            return
        if (document := self._written()) is None:
            return
        document.setdefault("name", "draft")
        self.outcome.set_content("")
        disable(self.probe, True)
        try:
            words = "Connecting and listing its tools; it is closed again afterwards."
            found = await self.under_way.run(words, self.desk.runtime.administration.probe(document))
        except BadRequest as error:
            self._complain(error)
        except ToolFailure as error:
            self.outcome.set_content(_failure(str(error)))
        else:
            self.outcome.set_content(
                note("", "Cancelled; nothing is left running.") if found is None else _listed(found)
            )
        finally:
            if not self.probe.is_deleted:
                disable(self.probe, False)

    async def _save(self) -> None:
        person = await allowed(self.desk, Role.ADMIN, "save a connector")
        if person is None or (document := self._written()) is None:
            return
        if self.is_new and document.get("name") in self.desk.runtime.administration.documents("connector"):
            self.fields["connectors/name"].complain("There is a connector of this name already; choose another.")
            return
        try:
            await self.desk.runtime.administration.save("connector", document, by=person.name)
        except BadRequest as error:
            self._complain(error)
        except (AgentsError, StoreError) as error:
            self.problems.set_content(note("bad", f"Not saved: {error} What you typed is still here."))
        else:
            ui.navigate.to(f"{base_path()}/connectors")


def _listed(found: Sequence[ToolDefinition]) -> str:
    size = format.tokens(sum(tokens_of(one) for one in found))
    count = format.plural(len(found), "tool")
    words = f"Connected. It offers {count}, about {size} tokens together; an agent gets those you pick."
    table = f'<div class="qd-tblwrap" style="margin-top:10px">{table_of(found)}</div>' if found else ""
    return note("ok", words) + table


def _failure(words: str) -> str:
    """The sentence, and the server's own last lines below it."""
    because, _, said = words.partition(LAST_SAID)
    shown = "\n".join(said.split(" / "))
    last = f"<pre class='qd-pre' aria-label='Last lines on stderr'>{escape(shown)}</pre>" if said else ""
    return note("bad", because) + last
