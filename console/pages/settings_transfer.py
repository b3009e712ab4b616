"""The part of the settings for the configuration as a file: downloaded, and taken over after a look at the changes."""

import asyncio
from collections.abc import Sequence
from datetime import UTC
from html import escape
from operator import itemgetter
from typing import Any

from nicegui import ui

from agents import configure
from agents.administration import Replaced
from agents.errors import AgentsError
from store.errors import StoreError
from store.people import Person, Role

from .. import format
from ..api.configuration import from_yaml, refuse_hidden
from ..api.problems import Unusable
from ..components.buttons import button
from ..components.dialogs import on_page
from ..components.differences import difference, pretty
from ..components.field import lines
from ..components.notes import note
from ..desk import Desk
from ..security import acting

LARGEST = 30_000_000
MOST_SHOWN = 2_000_000
"""Characters of HTML."""
TOO_MUCH = "There is too much to show it all here; compare the file with the export."
MEANS = (
    "All documents as YAML. Kept secrets are named, never contained; what is written out in a connector's env, headers, "
    "arguments or address is in the file."
)
REJECTED = (
    "Nothing was read, and nothing is changed: choose a file that ends in .yaml, .yml or .json, of at most 30 MB."
)
TAKES = (
    "The file becomes the whole configuration; what it does not name is deleted. Settings and standing approvals stay "
    "as they are unless it has a part for them. You see the changes first."
)


class TransferCard:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        with ui.element("section").classes("qd-card"), ui.element("div").classes("qd-in"):
            ui.html(f"<h2>Export</h2><p class='qd-i2 qd-s'>{MEANS}</p>", sanitize=False)
            with ui.element("div").classes("qd-acts"):
                button("Download the configuration", self._export, sign="download")
            ui.html(f"<h2>Import</h2><p class='qd-i2 qd-s'>{TAKES}</p>", sanitize=False)
            upload = ui.upload(
                on_upload=self._uploaded,
                on_rejected=lambda: self._say(note("bad", REJECTED)),
                auto_upload=True,
                max_file_size=LARGEST,
                label="Choose a YAML or JSON file, or drop it here",
            )
            upload.props('flat bordered accept=".yaml,.yml,.json"').classes("qd-upload")
            self.text = lines("Configuration as YAML", hint="… or paste it here.", mono=True)
            self.text.props('input-style="min-height:64px;max-height:240px"')
            with ui.element("div").classes("qd-acts"):
                button("Look at the changes", self._preview)
            self.outcome = ui.element("div").classes("qd-changes").props("role=status")

    async def _export(self) -> None:
        @acting(self.desk, Role.ADMIN)
        async def export_the_configuration(_person: Person) -> None:
            found = await self.desk.runtime.administration.whole()
            whole = {plural: sorted(one, key=itemgetter("name")) for plural, one in found.items()}
            day = self.desk.runtime.now().astimezone(UTC)
            ui.download.content(configure.write_yaml(whole), f"quarterdeck-{day:%Y-%m-%d}.yaml", "application/yaml")

        await export_the_configuration()

    async def _uploaded(self, event: Any) -> None:
        try:
            self.text.value = await event.file.text()
        except UnicodeDecodeError:
            self._say(note("bad", "This file is no text, so nothing was read."))
            return
        await self._preview()

    async def _preview(self) -> None:
        @acting(self.desk, Role.ADMIN)
        async def look_at_an_import(_person: Person) -> None:
            try:
                document = await asyncio.to_thread(from_yaml, str(self.text.value or ""))
                refuse_hidden(document)
                etag, changes = await self.desk.runtime.administration.preview(document)
            except Unusable as error:
                self._say(note("bad", error.detail))
            except StoreError as error:
                self._say(note("bad", str(error)))
            except AgentsError as error:
                self._complain(error)
            else:
                self._show(document, etag, changes, await asyncio.to_thread(_shown, changes))

        await look_at_an_import()

    def _complain(self, error: AgentsError) -> None:
        items = "".join(
            f"<li><code class='qd-break'>{escape(one)}</code></li>" for one in getattr(error, "problems", ())
        )
        self._say(note("bad", str(error)) + (f"<ul class='qd-list'>{items}</ul>" if items else ""))

    def _say(self, html: str) -> None:
        self.outcome.clear()
        with self.outcome:
            ui.html(html, sanitize=False)

    def _show(self, document: dict[str, Any], etag: str, changes: list[Replaced], shown: list[str]) -> None:
        if not changes:
            self._say(note("ok", "It is what is in force already; there is nothing to change."))
            return
        self.outcome.clear()
        with self.outcome:
            counted = format.plural(len(changes), "document")
            ui.html(f"<p class='qd-b'>{counted} would change</p>", sanitize=False)
            for one in shown:
                ui.html(one, sanitize=False)
            with ui.element("div").classes("qd-acts"):
                button(f"Apply to {counted}", lambda: self._apply(document, etag), kind="p")
                button("Cancel", lambda: self._say(""), kind="g")

    async def _apply(self, document: dict[str, Any], etag: str) -> None:
        @acting(self.desk, Role.ADMIN)
        async def import_a_configuration(person: Person) -> None:
            with on_page():
                try:
                    changed = await self.desk.runtime.administration.replace(document, by=person.name, if_match=etag)
                except AgentsError as error:
                    self._complain(error)
                except StoreError as error:
                    self._say(note("bad", f"{error} Nothing was changed. Look at the changes again."))
                else:
                    self.text.value = ""
                    self._say(note("ok", f"{format.plural(len(changed), 'document')} changed."))

        await import_a_configuration()


def _shown(changes: Sequence[Replaced]) -> list[str]:
    """Each as HTML; once they are too long for a page, only what they are about."""
    shown: list[str] = []
    for one in changes:
        shown.append(_change(one) if sum(map(len, shown)) < MOST_SHOWN else _change(one, in_full=False))
    return shown


def _change(one: Replaced, *, in_full: bool = True) -> str:
    word, tone = ("added", "qd-ok") if one.before is None else ("changed", "qd-warn")
    if one.after is None:
        word, tone = "deleted", "qd-bad"
    title = f"{one.kind.replace('_', ' ')} {one.name}"
    head = f"<summary><span class='qd-chip {tone}'>{word}</span> {escape(title)}</summary>"
    if not in_full:
        return f"<details class='qd-more'>{head}<p class='qd-i3'>{TOO_MUCH}</p></details>"
    lines_ = [pretty(each) if each is not None else [] for each in (one.before, one.after)]
    shown = difference(lines_[0], lines_[1], title)
    return f"<details class='qd-more'>{head}{shown}</details>"
