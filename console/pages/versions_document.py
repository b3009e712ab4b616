"""One document's versions: who changed what and when, the difference between any two that follow, and the way back."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Any
from urllib.parse import quote

from fastapi import Request
from nicegui import ui

from agents.administration import Overtaken
from agents.config import KINDS
from agents.errors import AgentsError, BadRequest
from store.configuration import Changed, Stored
from store.errors import StoreError
from store.people import Role

from .. import connector_form, format, version_words
from ..components.buttons import button
from ..components.differences import line_by_line, yaml_lines
from ..components.empty import empty
from ..components.notes import note
from ..components.versions_link import versions_path
from ..desk import Desk
from ..frame import base_path, frame
from ..icons import icon
from ..security import allowed, person_of

HIDES_KEYS = ("connector", "model")
AGAINST = {"before": "What it changed", "current": "What going back to it would change"}


def register(desk: Desk) -> None:
    @ui.page("/versions/{kind}/{name:path}")
    async def document(request: Request, kind: str, name: str, version: int = 0, against: str = "before") -> None:
        person = person_of(request)
        found = await desk.runtime.configuration.history(kind, name) if kind in KINDS else []
        with frame(desk, person, active=_place(kind), title=f"Versions of {name}"):
            with ui.element("div").classes("qd-page qd-main"):
                _head(kind, name, exists=bool(found) and found[-1].document is not None)
                with ui.element("div").classes("qd-doc") as body:
                    if not found:
                        text = "It may never have existed, or the link is not quite right."
                        empty("recall", "There are no versions", text, (f"{base_path()}/versions", "All versions"))
                        return
                    may_act = person.role.rank >= Role.ADMIN.rank
                    picked = Picked(kind=kind, name=name, version=version, against=against)
                    view = Versions(desk, picked, body, may_act=may_act)
                    await view.build(found)
        ui.context.client.on_delete(desk.runtime.configuration.subscribe(view.heard))


@dataclass(frozen=True, slots=True, kw_only=True)
class Picked:
    """What the address asks for."""

    kind: str
    name: str
    version: int
    against: str

    def link(self, version: int, against: str = "before") -> str:
        path = f"{base_path()}{versions_path(self.kind, self.name)}"
        return escape(f"{path}?version={version}&against={against}")


class Versions:
    """The list of versions left, the picked one right; drawn anew when somebody saves the document meanwhile."""

    def __init__(self, desk: Desk, picked: Picked, body: Any, *, may_act: bool) -> None:
        self.desk = desk
        self.picked = picked
        self.body = body
        self.may_act = may_act
        self.history: Sequence[Stored] = ()

    def heard(self, changed: list[Changed]) -> None:
        if any((one.kind, one.name) == (self.picked.kind, self.picked.name) for one in changed):
            with self.body:
                ui.timer(0, self._again, once=True)

    async def _again(self) -> None:
        history = await self.desk.runtime.configuration.history(self.picked.kind, self.picked.name)
        with self.body:
            with ui.element("div") as fresh:
                await self.build(history)
            for old in list(self.body.default_slot.children):
                if old is not fresh:
                    old.delete()

    async def build(self, history: Sequence[Stored]) -> None:
        self.history = history if self.may_act else readable(self.picked.kind, history)
        numbers = [one.version for one in history]
        at = numbers.index(self.picked.version) if self.picked.version in numbers else len(history) - 1
        whole = await self._whole()
        agents = version_words.agents_of(self.picked.kind, self.picked.name, whole)
        held = await self.desk.queries.pinned(self.picked.kind, agents)
        with ui.element("div").classes("qd-vers"):
            ui.html(self._list(at, held), sanitize=False, tag="nav").classes("qd-card").props('aria-label="Versions"')
            with ui.element("div").classes("qd-versmain"):
                self.place = ui.element("div").classes("qd-list-err").props("role=alert")
                await self._version(at)
                ui.html(self._used(whole), sanitize=False, tag="section").classes("qd-card")

    async def _whole(self) -> dict[str, dict[str, Any]]:
        current = await self.desk.runtime.configuration.current()
        return {kind: {name: one.document for name, one in named.items()} for kind, named in current.items()}

    def _list(self, at: int, held: dict[int, int]) -> str:
        rows = [self._entry(n, n == at, held) for n in reversed(range(len(self.history)))]
        return f"<header><h2>{format.plural(len(rows), 'version')}</h2></header>{''.join(rows)}"

    def _entry(self, n: int, is_picked: bool, held: dict[int, int]) -> str:
        one = self.history[n]
        chip = '<span class="qd-chip qd-sea">now</span>' if n == len(self.history) - 1 else ""
        if one.version in held and n != len(self.history) - 1:
            chip = f'<span class="qd-chip qd-warn">{format.plural(held[one.version], "open session")}</span>'
        current = ' aria-current="true"' if is_picked else ""
        return (
            f'<a class="qd-ver{" qd-on" if is_picked else ""}" href="{self.picked.link(one.version)}"{current}>'
            f'<span class="qd-row"><b>Version {one.version}</b>{chip}<span class="qd-sp"></span>'
            f'<span class="qd-i3 qd-s">{escape(one.by)}, {format.moment(one.at, "date")}</span></span>'
            f'<span class="qd-s qd-i2 qd-clip">{escape(version_words.sentence(self.history, n))}</span></a>'
        )

    async def _version(self, at: int) -> None:
        one, is_newest = self.history[at], at == len(self.history) - 1
        against = "before" if is_newest or self.picked.against not in AGAINST else self.picked.against
        shown = await asyncio.to_thread(self._difference, at, against)  # long texts take their time
        with ui.element("section").classes("qd-card"):
            with ui.element("header").classes("qd-verhead"):
                ui.html(f"<h2>Version {one.version}</h2>", sanitize=False)
                if not is_newest:
                    ui.html(self._tabs(one.version, against), sanitize=False).classes("qd-tabs")
                ui.element("span").classes("qd-sp")
                self._way_back(at)
            ui.html(shown, sanitize=False).classes("qd-in")

    def _tabs(self, version: int, against: str) -> str:
        tabs = (
            f'<a class="{"qd-on" if key == against else ""}" href="{self.picked.link(version, key)}">{words}</a>'
            for key, words in AGAINST.items()
        )
        return "".join(tabs)

    def _way_back(self, at: int) -> None:
        """Nothing to go back to from the newest; of a deleted document the last that was there is the way back."""
        newest = self.history[-1]
        if not self.may_act:
            return
        if newest.document is None:
            last = next((one for one in reversed(self.history[: at + 1]) if one.document is not None), None)
            if last is not None:
                button(f"Restore version {last.version}", lambda: self.roll_back(last, newest), kind="p", sign="undo")
        elif self.history[at].document not in (None, newest.document):
            old = self.history[at]
            button(f"Go back to version {old.version}", lambda: self.roll_back(old, newest), kind="p", sign="undo")

    def _difference(self, at: int, against: str) -> str:
        picked = self.history[at].document
        said = f'<p class="qd-i2 qd-verby">{escape(version_words.sentence(self.history, at))}</p>'
        if against == "current":
            old, new = self.history[-1].document, picked
            said = f'<p class="qd-i2 qd-verby">{escape(_differs(old, new))}</p>'
        else:
            old, new = (self.history[at - 1].document if at else None), picked
        if old == new:
            return f"{said}<p class='qd-i3'>Word for word the same.</p>"
        return said + line_by_line(yaml_lines(old), yaml_lines(new), "The difference, line by line")

    def _used(self, whole: dict[str, dict[str, Any]]) -> str:
        used = version_words.users(self.picked.kind, self.picked.name, whole)
        items = "".join(_user(kind, name) for kind, name in used)
        nothing = '<div class="qd-in qd-i3">Nothing in the configuration names it.</div>'
        count = f'<span class="qd-hint">{len(used)}</span>' if used else ""
        return f"<header><h2>Used now by</h2>{count}</header>{items or nothing}"

    async def roll_back(self, old: Stored, newest: Stored) -> None:
        """The old words as a new version, so that going back can itself be undone."""
        person = await allowed(self.desk, Role.ADMIN, f"go back to version {old.version} of {self.picked.name}")
        if person is None:
            return
        expected = None if newest.document is None else newest.version
        kind, name, administration = self.picked.kind, self.picked.name, self.desk.runtime.administration
        document = self._kept(old.document)
        try:
            await administration.save(kind, document, by=person.name, expected={(kind, name): expected})
        except BadRequest as error:
            whole = version_words.put_in(kind, document, await administration.whole())
            self._complain([str(error), *version_words.refusals(error.problems, whole)], old)
        except Overtaken as error:
            self._complain([f"{error} The list shows it now; look again before going back."], old)
        except (AgentsError, StoreError) as error:
            self._complain([str(error)], old)
        else:
            await self._done(old)

    def _kept(self, document: dict[str, Any]) -> dict[str, Any]:
        """Emergency stops come and go by themselves: an old version of the settings says nothing about them."""
        newest = self.history[-1].document or {}
        if self.picked.kind != "settings":
            return document
        without = {key: value for key, value in document.items() if key != "halts"}
        return {**without, "halts": newest["halts"]} if newest.get("halts") else without

    async def _done(self, old: Stored) -> None:
        with ui.context.client.content:
            ui.notify(f"“{self.picked.name}” is as in version {old.version} again.")
            ui.navigate.to(f"{base_path()}{versions_path(self.picked.kind, self.picked.name)}")

    def _complain(self, words: list[str], old: Stored) -> None:
        self.place.clear()
        items = "".join(f"<li>{escape(one)}</li>" for one in words[1:])
        with self.place:
            ui.html(note("bad", f"Version {old.version} was not brought back. {words[0]}"), sanitize=False)
            if items:
                ui.html(f'<ul class="qd-list">{items}</ul>', sanitize=False)


def readable(kind: str, history: Sequence[Stored]) -> list[Stored]:
    """For those who are no admins: what is written out in a connector or model may be a key."""
    if kind not in HIDES_KEYS:
        return list(history)
    hide = connector_form.for_others
    return [replace(one, document=None if one.document is None else hide(one.document)) for one in history]


def _head(kind: str, name: str, *, exists: bool) -> None:
    page = version_words.page_of(kind) if kind in KINDS else "/versions"
    target = page if kind in version_words.PLACES or not exists else f"{page}/{quote(name, safe='')}"
    back = f'<a class="qd-i3 qd-el" href="{base_path()}{escape(target)}">{escape(name)}</a>{icon("chevron", "sm")}'
    kind_words = f'<span class="qd-chip qd-o">{escape(version_words.kind_words(kind))}</span>'
    words = f'<span class="qd-row qd-back">{back}<h1>Versions</h1></span>{kind_words}'
    every = f'<a class="qd-link" href="{base_path()}/versions">All versions</a>'
    ui.html(f'{words}<span class="qd-sp"></span>{every}', sanitize=False).classes("qd-top")


def _place(kind: str) -> str:
    return version_words.page_of(kind).removeprefix("/") if kind in KINDS else "activity"


def _differs(now: Any, then: Any) -> str:
    if now is None:
        return "It is deleted now; this would make it anew."
    return "Against the version in force: " + version_words.changed(now, then) if then else "It was deleted here."


def _user(kind: str, name: str) -> str:
    address = f"{base_path()}{version_words.address_of(kind, name)}"
    return (
        f'<a class="qd-lr qd-usedby" href="{escape(address)}"><span class="qd-el">{escape(name)}</span>'
        f'<span class="qd-s qd-i3">{escape(version_words.kind_words(kind))}</span></a>'
    )
