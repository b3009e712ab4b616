"""What the forms for one document of the configuration share: the head, saving, and what can stand in its way."""

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any, ClassVar

from fastapi import HTTPException, Request
from nicegui import ui

from agents.administration import Overtaken
from agents.errors import AgentsError, BadRequest
from store.configuration import Stored
from store.errors import StoreError
from store.people import Person, Role

from .. import format, problems
from ..desk import Desk
from ..frame import base_path, frame
from ..security import allowed, person_of
from .buttons import button
from .deleting import KEPT, delete_document
from .dialogs import on_page
from .differences import difference, on_top, pretty
from .document_head import Sort, head
from .empty import empty
from .field import Field, field
from .notes import note

Key = tuple[str, str]
Document = dict[str, Any]
STILL_HERE = "What you typed is still here."
OURS = "“new” is this page's own name; choose another."


class DocumentForm:
    """`document` is as stored when the page was opened, or empty for a new one; `versions` those it was opened with."""

    sort: ClassVar[Sort]

    def __init__(self, desk: Desk, stored: Stored | None, *, may_act: bool) -> None:
        self.desk = desk
        self.document: Document = dict(stored.document) if stored else {}
        self.is_new = stored is None
        self.fixed = not may_act
        self.fields: dict[str, Field] = {}
        self._is_saving = False
        self.versions: dict[Key, int | None] = {}
        self.opened: dict[Key, Any] = {}
        if stored is not None:
            self.has_opened(self.sort.kind, self.document["name"], stored)

    def has_opened(self, kind: str, name: str, stored: Stored) -> None:
        self.versions[kind, name] = stored.version
        self.opened[kind, name] = stored.document

    # what a form fills in

    async def prepare(self) -> None:
        """Read what `body` needs besides the document."""

    def body(self) -> None:
        raise NotImplementedError

    def missing(self) -> dict[str, str]:
        """Field → what only the form can know to be wrong."""
        return {}

    async def is_sure(self) -> bool:
        """Ask about what may be saved but is hardly meant."""
        return True

    async def documents(self) -> list[tuple[str, Document]]:
        """What is to be saved together."""
        raise NotImplementedError

    async def saved(self, person: Person) -> None:
        """What follows once the documents are stored."""

    def deleting(self) -> str:
        return KEPT

    # the same for all

    def build(self) -> None:
        self._head()
        with ui.element("div").classes("qd-doc"):
            self.problems = ui.element("div").classes("qd-list-err").props("role=alert")
            self.body()
        if not self.fixed:
            ui.add_body_html(ASK_BEFORE_LEAVING)

    def field(self, key: str, label: str, help_text: str = "", *, needed: bool = False) -> Field:
        """`key` is where the configuration complains about it: `models/api_base`."""
        made = self.fields[key] = field(label, help_text, needed=needed and not self.fixed)
        return made

    def complain(self, found: Mapping[str, str], others: Iterable[str] = ()) -> None:
        """Sentences beside the fields they are about, the rest on top; nothing at all takes the old ones away."""
        for key, one in self.fields.items():
            one.complain(found.get(key, ""))
        count = len(found)
        below = f"{format.plural(count, 'field')} below {'needs' if count == 1 else 'need'} another look."
        words = " ".join([*others, *([below] if found else [])])
        self.problems.clear()
        if words:
            with self.problems:
                ui.html(note("bad", words), sanitize=False)
            self._show_the_first()

    def complain_of(self, error: BadRequest, done: str = "Not saved.") -> None:
        found, others = problems.by_field(error.problems, self.fields)
        self.complain(found, [done, *(others or ([] if found else [str(error)]))])

    def _show_the_first(self) -> None:
        ui.run_javascript(SHOW_THE_FIRST)

    def _head(self) -> None:
        with head(self.sort, self.document.get("name") or self.sort.make):
            if self.fixed:
                return
            if not self.is_new:
                button("Delete", self._delete, kind="d")
            button("Save", self.save, kind="p")

    async def save(self) -> None:
        if await allowed(self.desk, Role.ADMIN, f"save {self.sort.one}") is None or self._is_saving:
            return
        self.complain({})
        if missing := {**self._bad_name(), **self.missing()}:
            self.complain(missing, ["Not saved."])
            return
        self._is_saving = True  # a second press while the first is at work would find it overtaken
        try:
            with on_page():
                if await self.is_sure():
                    await self._store()
        finally:
            self._is_saving = False

    def given_name(self) -> str:
        raise NotImplementedError

    def _bad_name(self) -> dict[str, str]:
        name, kind = self.given_name(), self.sort.kind
        if not self.is_new:
            return {}
        wrong = ""
        if not name:
            wrong = f"{self.sort.one.capitalize()} needs a name."
        elif name == "new":
            wrong = OURS
        elif name in self.desk.runtime.administration.documents(kind):
            wrong = f"There is {self.sort.one} of this name already; choose another."
        return {f"{self.sort.plural}/name": wrong} if wrong else {}

    async def _store(self) -> None:
        if (person := await allowed(self.desk, Role.ADMIN, f"save {self.sort.one}")) is None:
            return
        try:
            documents = [(kind, await self._rebased(kind, one)) for kind, one in await self.documents()]
            expected = {(kind, one["name"]): self.versions.get((kind, one["name"])) for kind, one in documents}
            changed = await self.desk.runtime.administration.save_all(documents, by=person.name, expected=expected)
        except BadRequest as error:
            self.complain_of(error)
        except Overtaken as error:
            self._overtaken(error)
        except (AgentsError, StoreError) as error:
            self.complain({}, [f"Not saved: {error} {STILL_HERE}"])
        else:
            self.is_new = False
            self.versions |= {(one.kind, one.name): one.to_version for one in changed}
            self.opened |= {(kind, one["name"]): one for kind, one in documents}
            await self._finish(person)

    async def _finish(self, person: Person) -> None:
        try:
            await self.saved(person)
        except StoreError as error:
            self.complain({}, [f"It is saved, but not whole: {error} {STILL_HERE} Save again."])
        else:
            ui.run_javascript("window.qdTouched = false")
            ui.navigate.to(f"{base_path()}{self.sort.path}")

    async def _rebased(self, kind: str, mine: Document) -> Document:
        """Where somebody was first and that was accepted, only what was changed here is saved."""
        now = await self.desk.runtime.configuration.get(kind, mine["name"])
        opened = self.opened.get((kind, mine["name"]))
        return on_top(mine, opened, now.document) if now is not None and opened is not None else mine

    def _overtaken(self, error: Overtaken) -> None:
        """Who was first and what they changed; saving goes on from there only when that is wanted."""
        key, now = (error.kind, error.name), error.now
        is_gone = now.document is None
        stays = "It can be made anew." if is_gone else f"Saved on top, it leaves all else as {now.by} left it."
        self.problems.clear()
        with self.problems:
            ui.html(note("bad", f"{error} {STILL_HERE} {stays}"), sanitize=False)
            if not is_gone:
                changes = difference(pretty(self.opened.get(key)), pretty(now.document), "as you opened it, and now")
                summary = f"<summary>What {escape(now.by)} changed, {format.moment(now.at, 'date')}</summary>"
                ui.html(f"<details class='qd-more' open>{summary}{changes}</details>", sanitize=False)
            with ui.element("div").classes("qd-acts"):
                button("Make it anew" if is_gone else "Save my changes on top", lambda: self._go_on(key, now))
                if not is_gone:
                    words = "Drop mine and open theirs"
                    button(words, lambda: ui.run_javascript("window.qdTouched = false; location.reload()"), kind="g")
        self._show_the_first()

    async def _go_on(self, key: Key, now: Stored) -> None:
        self.versions[key] = None if now.document is None else now.version
        with on_page():  # saving takes away the button that asked for it
            await self.save()

    async def _delete(self) -> None:
        def left() -> None:
            ui.run_javascript("window.qdTouched = false")
            ui.navigate.to(f"{base_path()}{self.sort.path}")

        with on_page():
            await delete_document(self.desk, self.sort.kind, self.document["name"], left, text=self.deleting())


async def open_form(desk: Desk, request: Request, name: str | None, form: type[DocumentForm]) -> None:
    """The page of one document, or of a new one. Everybody may look; only admins may change or make one."""
    person, sort = person_of(request), form.sort
    stored = await desk.runtime.configuration.get(sort.kind, name) if name else None
    if name and stored is None:
        raise HTTPException(404, f"There is no such {sort.kind.replace('_', ' ')}.")
    may_act = person.role.rank >= Role.ADMIN.rank
    made = form(desk, stored, may_act=may_act)
    await made.prepare()
    with frame(desk, person, active=sort.place, title=name or sort.make), ui.element("div").classes("qd-page qd-main"):
        if may_act or name:
            made.build()
            return
        with head(sort, sort.make):
            pass
        with ui.element("div").classes("qd-doc"):
            text = "Ask one of them; you can look at those there are."
            empty("eye", sort.only_admins, text, (f"{base_path()}{sort.path}", sort.title))


SHOW_THE_FIRST = """setTimeout(() => {
  const wrong = [...document.querySelectorAll(".qd-f:has(> .qd-err:not(:empty))")];
  const first = wrong[0] || document.querySelector(".qd-list-err");
  first?.closest("details")?.setAttribute("open", "");
  first?.scrollIntoView({ block: wrong.length ? "center" : "nearest" });
  qdFocus(() => first?.querySelector("input, textarea, select, button"));
}, 60)"""
ASK_BEFORE_LEAVING = """<script>(() => {
  const touched = (event) => {
    if (!event.target.closest(".qd-tt-bar")) window.qdTouched = true;
  };
  addEventListener("input", touched, true);
  addEventListener("click", (event) => event.target.closest(".q-menu .q-item, .q-radio") && touched(event), true);
  addEventListener("beforeunload", (event) => { if (window.qdTouched) event.preventDefault(); });
})();</script>"""
