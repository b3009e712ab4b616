"""What the forms for one document of the configuration share: the head, saving, and what can stand in its way."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
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
from ..merging import Merged, defaults_of, merge
from ..security import allowed, person_of
from .buttons import button
from .deleting import KEPT, delete_document
from .dialogs import on_page
from .document_head import Sort, head
from .empty import empty
from .field import Field, field
from .leaving import ask_before_leaving, leave_for
from .notes import note
from .overtaken import ANEW, SEE, STILL_HERE, tell

Key = tuple[str, str]
Document = dict[str, Any]
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
            ask_before_leaving()

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
        written: list[tuple[str, Document]] = []
        try:
            written = await self.documents()
            documents = [(kind, await self._rebased(kind, one)) for kind, one in written]
            expected = {(kind, one["name"]): self.versions.get((kind, one["name"])) for kind, one in documents}
            changed = await self.desk.runtime.administration.save_all(documents, by=person.name, expected=expected)
        except BadRequest as error:
            self.complain_of(error)
        except Overtaken as error:
            self._overtaken(
                error, next(one for kind, one in written if (kind, one["name"]) == (error.kind, error.name))
            )
        except (AgentsError, StoreError) as error:
            self.complain({}, [f"Not saved: {error} {STILL_HERE}"])
        else:
            self.is_new = False
            self.versions |= {(one.kind, one.name): one.to_version for one in changed}
            self.opened |= {
                (kind, one["name"]): one for kind, one in written
            }  # what the page shows, not what came of it
            await self._finish(person)

    async def _finish(self, person: Person) -> None:
        try:
            await self.saved(person)
        except StoreError as error:
            self.complain({}, [f"It is saved, but not whole: {error} {STILL_HERE} Save again."])
        else:
            self._left()

    async def _rebased(self, kind: str, mine: Document) -> Document:
        """Where somebody was first and that was accepted, only what was changed here is saved."""
        now = await self.desk.runtime.configuration.get(kind, mine["name"])
        return mine if now is None else self._merged(kind, mine, now.document).document

    def _merged(self, kind: str, mine: Document, theirs: Document) -> Merged:
        return merge(mine, self.opened.get((kind, mine["name"]), {}), theirs, defaults_of(kind))

    def _overtaken(self, error: Overtaken, mine: Document) -> None:
        """Who was first and what they changed; saving goes on from there only when that is wanted."""
        now, key = error.now, (error.kind, error.name)
        if now.document is None:
            words, do, merged = f"{error} {STILL_HERE} {ANEW}", "Make it anew", None
        else:
            words, do = f"{error} {STILL_HERE} {SEE}", "Save my changes on top"
            merged = self._merged(error.kind, mine, now.document)
        self._tell(words, now, key, merged, do, self.save)

    def _tell(
        self, words: str, now: Stored, key: Key, merged: Merged | None, do: str, then: Callable[[], Awaitable[None]]
    ) -> None:
        async def go_on() -> None:
            self.versions[key] = None if now.document is None else now.version
            with on_page():  # it takes away the button that asked for it
                await then()

        self.problems.clear()
        with self.problems:
            tell(words, now, self.opened.get(key), merged)
            with ui.element("div").classes("qd-acts"):
                button(do, go_on)
                if now.document is not None:
                    button("Drop mine and open theirs", lambda: ui.run_javascript(OPEN_THEIRS), kind="g")
        self._show_the_first()

    async def _delete(self) -> None:
        key = (self.sort.kind, str(self.document["name"]))
        expected = {key: self.versions.get(key)}
        with on_page():
            try:
                await delete_document(self.desk, *key, self._left, text=self.deleting(), expected=expected)
            except Overtaken as error:
                self._deletion_overtaken(error, key)

    def _deletion_overtaken(self, error: Overtaken, key: Key) -> None:
        async def leave() -> None:
            self._left()

        is_gone = error.now.document is None
        do, then = ("Go to the list", leave) if is_gone else ("Delete it all the same", self._delete)
        self._tell(str(error), error.now, key, None, do, then)

    def _left(self) -> None:
        leave_for(self.sort.path)


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


OPEN_THEIRS = "window.qdTouched = false; location.reload()"
SHOW_THE_FIRST = """setTimeout(() => {
  const wrong = [...document.querySelectorAll(".qd-f:has(> .qd-err:not(:empty))")];
  const first = wrong[0] || document.querySelector(".qd-list-err");
  first?.closest("details")?.setAttribute("open", "");
  first?.scrollIntoView({ block: wrong.length ? "center" : "nearest" });
  qdFocus(() => first?.querySelector("input, textarea, select, button"));
}, 60)"""
