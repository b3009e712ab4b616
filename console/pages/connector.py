"""One MCP server: a plain form to add or change it, and *connect and list tools* before anything is saved."""

import shlex
from collections.abc import Sequence
from html import escape
from typing import Any

from fastapi import Request
from nicegui import ui

from agents.errors import BadRequest
from agents.tools.definition import ToolDefinition
from agents.tools.errors import ToolFailure
from store.configuration import Stored
from store.people import Role

from .. import connector_form, format
from ..components.buttons import button, disable
from ..components.dialogs import confirm
from ..components.document_form import DocumentForm, Sort, open_form
from ..components.field import field, line, lines, number
from ..components.notes import note
from ..components.tool_list import table_of, tokens_of
from ..components.under_way import UnderWay
from ..connector_form import HTTP, STDIO, Unreadable
from ..desk import Desk
from ..security import allowed

UNREACHED = (
    "It did not connect when it was tried just now, so agents get none of its tools until it does. Saved, it is tried "
    "again and again, and Connectors says how it goes."
)


def register(desk: Desk) -> None:
    @ui.page("/connectors/new")
    async def new_connector(request: Request) -> None:
        await open_form(desk, request, None, ConnectorForm)

    @ui.page("/connectors/{name}")
    async def connector(request: Request, name: str) -> None:
        await open_form(desk, request, name, ConnectorForm)


class ConnectorForm(DocumentForm):
    sort = Sort(kind="connector", plural="connectors", make="Add an MCP server", only_admins="Admins connect systems")

    def __init__(self, desk: Desk, stored: Stored | None, *, may_act: bool) -> None:
        super().__init__(desk, stored, may_act=may_act)
        if not may_act:
            self.document = connector_form.for_others(self.document)
        self.kind = self.document.get("kind", STDIO)
        self.is_ours = self.kind in connector_form.KINDS
        self.fixed = self.fixed or not self.is_ours
        self.failed: dict[str, Any] | None = None
        """What was tried last, if it did not connect."""

    def body(self) -> None:
        with ui.element("div").classes("qd-beside"):
            with ui.element("div").classes("qd-form"):
                self._fields()
            if not self.fixed:
                self._trial()

    def _fields(self) -> None:
        document = self.document
        help_text = "Tools, rules and sessions name the system by it."
        with self.field("connectors/name", "Name", help_text, needed=self.is_new):
            self.name = line("Name", document.get("name", ""), hint="crm", fixed=self.fixed or not self.is_new)
        if not self.is_ours:
            ui.html(f"<p class='qd-i2'>This connector is {connector_form.KIND_NAMES[self.kind]}.</p>", sanitize=False)
            return
        with field("How it is reached"):
            kinds = ui.radio(connector_form.KINDS, value=self.kind, on_change=self._choose).props("inline dense")
            kinds.props["aria-label"] = "How it is reached"
            if self.fixed:
                kinds.disable()
        self.program = ui.element("div").classes("qd-form")
        with self.program:
            self._program()
        self.address = ui.element("div").classes("qd-form")
        with self.address:
            self._address()
        with self.field(
            "connectors/timeout_seconds", "Longest call, in seconds", "After that a call counts as cut off."
        ):
            self.timeout = number("Longest call", document.get("timeout_seconds"), hint="60", fixed=self.fixed)
        self._shown()

    def _program(self) -> None:
        document = self.document
        with self.field("connectors/command", "Command", "The program that is started on this machine.", needed=True):
            self.command = line("Command", document.get("command", ""), hint="npx", fixed=self.fixed, mono=True)
        help_text = "As in a shell, on one line or several. Quote what holds spaces."
        with self.field("connectors/args", "Arguments", help_text):
            text = shlex.join(document.get("args", ()))
            hint = "-y @modelcontextprotocol/server-filesystem /srv/files"
            self.args = lines("Arguments", text, hint=hint, fixed=self.fixed, mono=True, tall=36)
        help_text = "One NAME=value a line; it sees little else. For keys: NAME=secret:NAME or NAME=env:NAME."
        with self.field("connectors/env", "Environment", help_text):
            text = connector_form.unpaired(document.get("env") or {}, "=")
            self.env = lines("Environment", text, hint="API_TOKEN=secret:crm-token", fixed=self.fixed, mono=True)
            self.env_warning = ui.html("", sanitize=False)
            self.env.on_value_change(lambda: self._warn(self.env, "=", self.env_warning))

    def _address(self) -> None:
        document = self.document
        with self.field("connectors/url", "Address", "Streamable HTTP.", needed=True):
            hint = "https://mcp.example.com/mcp"
            self.url = line("Address", document.get("url", ""), hint=hint, fixed=self.fixed, mono=True)
        help_text = (
            "One Name: value a line. A value that is a key: secret:NAME, which then holds all of it, “Bearer …” too."
        )
        with self.field("connectors/headers", "Headers", help_text):
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

    @staticmethod
    def _warn(given: ui.textarea, separator: str, place: ui.html) -> None:
        try:
            plain = connector_form.plain_secrets(connector_form.pairs(str(given.value or ""), separator))
        except Unreadable:
            plain = []
        text = f"{', '.join(plain)} looks like a secret and would be kept readable. Keep it under Secrets instead."
        place.set_content(note("warn", text) if plain else "")

    def given_name(self) -> str:
        return str(self.name.value or "").strip()

    def missing(self) -> dict[str, str]:
        _, unreadable = self._read()
        return unreadable

    def _read(self) -> tuple[dict[str, Any], dict[str, str]]:
        """What was typed, and beside which fields something cannot be read."""
        values: dict[str, Any] = {
            "name": self.given_name(),
            "timeout_seconds": self.timeout.value,
            "command": str(self.command.value or "").strip(),
            "url": str(self.url.value or "").strip(),
        }
        unreadable = {}
        readers = (
            ("args", STDIO, lambda: connector_form.words(str(self.args.value or ""))),
            ("env", STDIO, lambda: connector_form.pairs(str(self.env.value or ""), "=")),
            ("headers", HTTP, lambda: connector_form.pairs(str(self.headers.value or ""), ":")),
        )
        for key, kind, read in readers:
            if kind != self.kind:
                continue
            try:
                values[key] = read()
            except Unreadable as error:
                unreadable[f"connectors/{key}"] = str(error)
        return values, unreadable

    def _written(self) -> dict[str, Any]:
        values, _ = self._read()
        return connector_form.changed(self.document, self.kind, values)

    async def documents(self) -> list[tuple[str, dict[str, Any]]]:
        return [("connector", self._written())]

    async def is_sure(self) -> bool:
        if self.failed is None or self.failed != {**self._written(), "name": ""}:
            return True
        return await confirm("Save it although it does not connect?", UNREACHED, "Save it all the same")

    async def _probe(self) -> None:
        if await allowed(self.desk, Role.ADMIN, "connect to a server") is None or self.under_way.is_busy:
            return
        if unreadable := self.missing():
            self.complain(unreadable, ["Not tried."])
            return
        self.complain({})
        document, self.failed = self._written(), None
        self.outcome.set_content("")
        disable(self.probe, True)
        try:
            words = "Connecting and listing its tools; it is closed again afterwards."
            probing = self.desk.runtime.administration.probe({**document, "name": document.get("name") or "draft"})
            found = await self.under_way.run(words, probing)
        except BadRequest as error:
            self.complain_of(error, "Not tried.")
        except ToolFailure as error:
            self.failed = {**document, "name": ""}
            self.outcome.set_content(_failure(str(error)))
        else:
            self.outcome.set_content(
                note("", "Cancelled; nothing is left running.") if found is None else _listed(found)
            )
        finally:
            if not self.probe.is_deleted:
                disable(self.probe, False)


def _listed(found: Sequence[ToolDefinition]) -> str:
    size = format.tokens(sum(tokens_of(one) for one in found))
    count = format.plural(len(found), "tool")
    words = f"Connected. It offers {count}, about {size} tokens together; an agent gets those you pick."
    table = f'<div class="qd-tblwrap" style="margin-top:10px">{table_of(found)}</div>' if found else ""
    return note("ok", words) + table


def _failure(words: str) -> str:
    """The sentence, and the server's own last lines below it."""
    because, said = connector_form.last_words(words)
    shown = escape("\n".join(said))
    last = f"<pre class='qd-pre' aria-label='Last lines on stderr'>{shown}</pre>" if said else ""
    return note("bad", because) + last
