"""The inputs of the form for a connector that belong to one kind of it: a program, an address, a service, built in."""

import asyncio
import shlex
from collections.abc import Callable
from html import escape
from typing import Any, Protocol

from nicegui import events, ui

from agents.tools.errors import CannotStart
from agents.tools.openapi.document import read as read_description
from store.people import Role

from .. import connector_form, format
from ..components.buttons import button
from ..components.document_form import DocumentForm
from ..components.field import line, lines
from ..components.notes import note
from ..connector_form import BUILTIN, HTTP, OPENAPI, STDIO, Unreadable
from ..security import allowed
from .connector_auth import AuthFields

LARGEST = f"{connector_form.LARGEST_SPEC_BYTES // 1_000_000} MB"
Read = tuple[dict[str, Any], dict[str, str]]
"""What was typed, and beside which fields something cannot be read."""


class Section(Protocol):
    def read(self, name: str) -> Read: ...

    def typed(self, name: str) -> dict[str, str]:
        """Reference → secret, for those that were typed."""


def make_section(form: DocumentForm, kind: str, document: dict[str, Any]) -> Section:
    made: dict[str, Callable[[DocumentForm, dict[str, Any]], Section]] = {
        STDIO: Program, HTTP: Address, OPENAPI: Service, BUILTIN: BuiltIn,
    }  # fmt: skip
    return made[kind](form, document)


class Program:
    def __init__(self, form: DocumentForm, document: dict[str, Any]) -> None:
        fixed = form.fixed
        with form.field("connectors/command", "Command", "The program that is started on this machine.", needed=True):
            self.command = line("Command", document.get("command", ""), hint="npx", fixed=fixed, mono=True)
        help_text = "As in a shell, on one line or several. Quote what holds spaces."
        with form.field("connectors/args", "Arguments", help_text):
            text = shlex.join(document.get("args", ()))
            hint = "-y @modelcontextprotocol/server-filesystem /srv/files"
            self.args = lines("Arguments", text, hint=hint, fixed=fixed, mono=True, tall=36)
        help_text = "One NAME=value a line; it sees little else. For keys: NAME=secret:NAME or NAME=env:NAME."
        with form.field("connectors/env", "Environment", help_text):
            text = connector_form.unpaired(document.get("env") or {}, "=")
            self.env = lines("Environment", text, hint="API_TOKEN=secret:crm-token", fixed=fixed, mono=True)
            warn_of_secrets(self.env, "=")

    def read(self, _name: str) -> Read:
        return _read(
            {"command": str(self.command.value or "").strip()},
            args=lambda: connector_form.words(str(self.args.value or "")),
            env=lambda: connector_form.pairs(str(self.env.value or ""), "="),
        )

    def typed(self, _name: str) -> dict[str, str]:
        return {}


class Address:
    def __init__(self, form: DocumentForm, document: dict[str, Any]) -> None:
        with form.field("connectors/url", "Address", "Streamable HTTP.", needed=True):
            hint = "https://mcp.example.com/mcp"
            self.url = line("Address", document.get("url", ""), hint=hint, fixed=form.fixed, mono=True)
        self.auth = AuthFields(form, HTTP, document)
        self.headers = headers_field(form, document)

    def read(self, name: str) -> Read:
        values, wrong = _read(
            {"url": str(self.url.value or "").strip()},
            headers=lambda: connector_form.pairs(str(self.headers.value or ""), ":"),
        )
        return values | {"auth": self.auth.read(name)}, wrong | self.auth.missing(name)

    def typed(self, name: str) -> dict[str, str]:
        return self.auth.typed(name)


class Service:
    def __init__(self, form: DocumentForm, document: dict[str, Any]) -> None:
        self.form = form
        self.text = document.get("spec_text") or ""
        help_text = "OpenAPI 3, JSON or YAML: its address, or a file. Each operation becomes a tool."
        self.spec_field = form.field("connectors/spec", "Description", help_text, needed=True)
        with self.spec_field:
            hint = "https://billing.example.com/openapi.json"
            self.spec = line("Description", document.get("spec", ""), hint=hint, fixed=form.fixed, mono=True)
            self.file = ui.element("div").classes("qd-row")
            if not form.fixed:
                self._upload()
        self._file_shown("The description is kept with the connector")
        help_text = "Where calls go. Without it: where the description says."
        with form.field("connectors/url", "Base address", help_text):
            hint = "https://billing.example.com/v1"
            self.url = line("Base address", document.get("url", ""), hint=hint, fixed=form.fixed, mono=True)
        self.auth = AuthFields(form, OPENAPI, document)
        self.headers = headers_field(form, document)

    def _upload(self) -> None:
        upload = ui.upload(on_upload=self._uploaded, on_rejected=self._rejected, auto_upload=True)
        upload.props["max-file-size"] = connector_form.LARGEST_SPEC_BYTES
        upload.props["accept"] = ".json,.yaml,.yml"
        upload.classes("qd-upload").props("flat bordered")
        upload.props["label"] = f"Or drop a JSON or YAML file here, up to {LARGEST}"
        upload.props["aria-label"] = "File with the description"
        self.upload = upload

    async def _uploaded(self, event: events.UploadEventArguments) -> None:
        if await allowed(self.form.desk, Role.ADMIN, "upload a description") is None:
            return
        self.upload.reset()
        name = event.file.name
        try:
            if event.file.size() > connector_form.LARGEST_SPEC_BYTES:
                raise Unreadable(f"“{name}” is larger than {LARGEST} and was not taken.")
            text = connector_form.uploaded(name, await event.file.read())
            await asyncio.to_thread(read_description, text)
        except (Unreadable, CannotStart) as error:
            self.spec_field.complain(str(error))
            return
        self.text = text
        self.spec_field.complain("")
        self.spec.set_value("")
        self._file_shown(f"“{name}” was taken")

    def _rejected(self) -> None:
        self.spec_field.complain(
            f"The file was not taken: it is larger than {LARGEST}, or no .json, .yaml or .yml file."
        )

    def _file_shown(self, said: str) -> None:
        self.file.clear()
        if not self.text:
            return
        with self.file:
            size = format.tokens(len(self.text.encode()))
            ui.html(f"<span>{escape(said)}: {size} bytes.</span>", sanitize=False).classes("qd-s qd-i2")
            if not self.form.fixed:
                button("Take it out", self._take_out, kind="t")

    def _take_out(self) -> None:
        self.text = ""
        self._file_shown("")

    def read(self, name: str) -> Read:
        address = str(self.spec.value or "").strip()
        values, wrong = _read(
            {"url": str(self.url.value or "").strip(), "spec": address, "spec_text": "" if address else self.text},
            headers=lambda: connector_form.pairs(str(self.headers.value or ""), ":"),
        )
        if not address and not self.text:
            wrong["connectors/spec"] = "Give the address of the description, or a file."
        return values | {"auth": self.auth.read(name)}, wrong | self.auth.missing(name)

    def typed(self, name: str) -> dict[str, str]:
        return self.auth.typed(name)


class BuiltIn:
    def __init__(self, form: DocumentForm, document: dict[str, Any]) -> None:
        words = "It brings a calculator, a clock, and HTTP GET. The first two reach nothing outside."
        ui.html(f"<p class='qd-i2'>{words}</p>", sanitize=False)
        help_text = "One a line. http_get asks these and no others; without any it asks nobody."
        with form.field("connectors/allow", "Hosts that HTTP GET may ask", help_text):
            text = "\n".join(document.get("allow") or ())
            hint = "example.org\n*.example.org"
            self.allow = lines("Hosts that HTTP GET may ask", text, hint=hint, fixed=form.fixed, mono=True)

    def read(self, _name: str) -> Read:
        return _read({}, allow=lambda: connector_form.hosts(str(self.allow.value or "")))

    def typed(self, _name: str) -> dict[str, str]:
        return {}


def headers_field(form: DocumentForm, document: dict[str, Any]) -> ui.textarea:
    help_text = (
        "One Name: value a line. A value that is a key: secret:NAME, which then holds all of it, “Bearer …” too."
    )
    with form.field("connectors/headers", "Headers", help_text):
        text = connector_form.unpaired(document.get("headers") or {}, ":")
        made = lines("Headers", text, hint="Authorization: secret:crm-token", fixed=form.fixed, mono=True)
        warn_of_secrets(made, ":")
    return made


def warn_of_secrets(given: ui.textarea, separator: str) -> None:
    place = ui.html("", sanitize=False)

    def look() -> None:
        try:
            plain = connector_form.plain_secrets(connector_form.pairs(str(given.value or ""), separator))
        except Unreadable:
            plain = []
        text = f"{', '.join(plain)} looks like a secret and would be kept readable. Keep it under Secrets instead."
        place.set_content(note("warn", text) if plain else "")

    given.on_value_change(look)


def _read(values: dict[str, Any], **readers: Callable[[], Any]) -> Read:
    wrong = {}
    for key, read in readers.items():
        try:
            values[key] = read()
        except Unreadable as error:
            wrong[f"connectors/{key}"] = str(error)
    return values, wrong
