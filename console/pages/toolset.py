"""One toolset, curated: every tool of every connector, what is picked, and what speaks for and against it."""

from html import escape
from typing import Any
from urllib.parse import quote

from fastapi import Request
from nicegui import background_tasks, ui

from agents.config import Agent, Model
from agents.tools.definition import ToolDefinition
from store.errors import StoreError
from store.people import Person

from .. import format, toolset_rows
from ..components.buttons import button
from ..components.deleting import KEPT
from ..components.dialogs import confirm, on_page
from ..components.document_form import Document, DocumentForm, open_form
from ..components.document_head import Sort, head
from ..components.field import line
from ..components.focusing import focus_in
from ..components.leaving import ask_before_leaving, leave_for
from ..components.tool_table import STOP_AT, WARN_AT, ToolTable
from ..desk import Desk
from ..frame import base_path
from ..toolset_draft import Draft
from .agent_tools import missing_tools
from .toolset_details import Details
from .toolset_drift import ToolsetDrift
from .toolset_playground import Playground
from .toolset_review import reviewed
from .toolset_suggested import Suggested, Use, by_key

DAYS = 30
"""How far back evidence of use goes."""


def register(desk: Desk) -> None:
    @ui.page("/toolsets/new")
    async def new_toolset(request: Request) -> None:
        await open_form(desk, request, None, ToolsetForm)

    @ui.page("/toolsets/{name}")
    async def toolset(request: Request, name: str) -> None:
        await open_form(desk, request, name, ToolsetForm)


class ToolsetForm(DocumentForm):
    sort = Sort(kind="toolset", plural="toolsets", make="Make a toolset", only_admins="Admins make toolsets")

    async def prepare(self) -> None:
        self.draft = Draft(self.document)
        self.use: Use | None = None
        self.wrong_tools: set[str] = set()
        """What was complained of last, where it was nothing but values of tools."""
        agents: dict[str, Agent] = self.desk.runtime.administration.documents("agent")
        self.users = [name for name, one in agents.items() if one.toolset == self.document.get("name")]
        self.model = self._thinks_with(agents)

    def _thinks_with(self, agents: dict[str, Agent]) -> Model | None:
        models: dict[str, Model] = self.desk.runtime.administration.documents("model")
        first = next((agents[name].models.act[0] for name in self.users), next(iter(models), ""))
        return models.get(first)

    def build(self) -> None:
        self._head()
        with ui.element("div").classes("qd-curate"):
            with ui.element("div").classes("qd-curate-main"):
                self.problems = ui.element("div").classes("qd-list-err qd-ts-err").props("role=alert")
                self.body()
            self.aside = ui.element("aside").classes("qd-curate-side").props('aria-label="Advice"')
            with self.aside:
                self._side()
        if not self.fixed:
            ask_before_leaving(noting=False)
        client = ui.context.client
        background_tasks.create(self._count(client), name="what was used of the tools")
        client.on_delete(self.desk.runtime.registry.subscribe(self._listed))

    def _head(self) -> None:
        with head(self.sort, self.document.get("name") or self.sort.make):
            self.chips = ui.html("", sanitize=False).classes("qd-row qd-ts-chips")
            self._say_draft()
            if not self.is_new:
                path = f"{base_path()}/versions/toolset/{quote(self.document['name'])}"
                ui.html(f'<a class="qd-btn qd-g" href="{path}">Versions</a>', sanitize=False)
            if self.fixed:
                return
            if not self.is_new:
                button("Delete", self._delete, kind="g")
                button("Discard", self._discard, kind="g")
            button("Review and publish", self.save, kind="p")

    def _say_draft(self) -> None:
        version = self.versions.get(("toolset", self.document.get("name", "")))
        if version is None:
            self.chips.set_content('<span class="qd-chip qd-warn">new</span>')
            return
        live = (
            f"v{version} is live in {format.plural(len(self.users), 'agent')}"
            if self.users
            else f"v{version}, not used"
        )
        chip = f'<span class="qd-chip qd-warn">draft of v{version + 1}</span>' if self.draft.is_changed else ""
        self.chips.set_content(f'{chip}<span class="qd-i3 qd-s qd-nw">{escape(live)}</span>')

    def body(self) -> None:
        self.notes = ui.html("", sanitize=False).classes("qd-ts-notes")
        if self.is_new:
            with ui.element("div").classes("qd-ts-new"), self.field("toolsets/name", "Name", needed=True):
                self.name = line("Name", hint="refund-desk")
        info = self.desk.runtime.models.info(self.model) if self.model else None
        self.table = ToolTable(
            self._rows(),
            fixed=self.fixed,
            window=info.context_window if info else None,
            price=info.prices.input if info and info.prices else None,
            on_pick=self._picked,
            on_open=self._open,
            days=DAYS,
        )
        self._say_missing()

    def _side(self) -> None:
        self.details = Details(self.draft, fixed=self.fixed, on_change=self._edited, on_close=self._close)
        self.panels = ui.element("div").classes("qd-ts-panels")
        with self.panels:
            self.drift = ToolsetDrift(self.desk, may_act=not self.fixed, on_accept=self._refresh)
            self.suggested: Suggested | None = None
            if self.fixed:
                ui.html("<p class='qd-ts-blk qd-i3 qd-s'>Open a tool to read it. Admins choose.</p>", sanitize=False)
                return
            self.suggested = Suggested(self.desk, self.table, self.users, DAYS)
            suggested = self.suggested
            Playground(
                self.desk,
                lambda: self.draft.whole(self.given_name() or "draft"),
                lambda: suggested.agent.value,
                self.model.name if self.model else None,
            )

    # what is shown

    def _rows(self) -> list[toolset_rows.Row]:
        administration = self.desk.runtime.administration
        changed = [definition for definition, _ in administration.drifted()]
        return toolset_rows.rows(administration.listed(), self.draft, changed)

    def _say_missing(self) -> None:
        said = missing_tools(self.desk)
        self.notes.set_content("".join(f"<div class='qd-note'><span>{one}</span></div>" for one in said))

    def _listed(self, _connector: str) -> None:
        with self.table:  # the registry calls from outside of any page
            self._refresh()

    def _refresh(self) -> None:
        self.table.show(self._rows())
        self._say_missing()
        self.drift.look()

    async def _count(self, client: Any) -> None:
        """After the first paint: counting reads much of the record."""
        try:
            await client.connected(timeout=60)
            found = by_key(await self.desk.queries.tool_use(DAYS))
        except (TimeoutError, StoreError):
            return  # nobody looks at it any more, or the store says so elsewhere
        if self.table.is_deleted:
            return
        self.use = found
        names = ("offered", "called", "invalid", "rejected", "failed")
        with self.table:
            self.table.count({key: [one[name] for name in names] for key, one in found.items()})
            if self.suggested is not None:
                self.suggested.counted(found)

    # what is done

    def _picked(self) -> None:
        self.draft.pick(self.table.picks)
        self._say_draft()
        if self.suggested is not None:
            self.suggested.follow()

    def _one(self, key: str) -> ToolDefinition | None:
        listed = self.desk.runtime.administration.listed()
        return next((one for one in listed if f"{one.connector}/{one.name}" == key), None)

    def _open(self, key: str) -> None:
        self.panels.set_visibility(not key)
        self.aside.classes(add="qd-open" if key else "", remove="" if key else "qd-open")
        if not key:
            self.details.clear()
            return
        self.details.show(key, self._one(key), None if self.use is None else self.use.get(key, {}))
        focus_in(self.aside, ".qd-ts-details button")

    def _close(self) -> None:
        with on_page():
            self._open("")
            self.table.close()

    def _edited(self, key: str) -> None:
        one = self._one(key)
        if one is not None:
            self.table.patch(key, toolset_rows.words(one, self.draft.entry(key)))
        if self.wrong_tools and all(one.startswith(f"{key}/") for one in self.wrong_tools):
            self.complain({})  # it is being mended; what is still wrong is said beside it, and again on publishing
        ui.run_javascript("window.qdTouched = true")
        self._say_draft()

    async def _discard(self) -> None:
        text = "What is picked and written here is thrown away; what is published stays."
        with on_page():
            if not self.draft.is_changed or await confirm("Discard this draft?", text, "Discard"):
                ui.run_javascript("window.qdTouched = false; location.reload()")

    # saving

    def given_name(self) -> str:
        return str(self.name.value or "").strip() if "name" in vars(self) else str(self.document.get("name", ""))

    def missing(self) -> dict[str, str]:
        wrong = {at: words for at, words in self.details.wrong.items() if at[0] in self.draft.picked}
        return {f"toolsets/{key}/{what}": words for (key, what), words in wrong.items()}

    def complain(self, found: Any, others: Any = ()) -> None:
        """What is wrong with a tool is said with its name: its fields may not be open."""
        mine = {key: words for key, words in found.items() if key in self.fields}
        of_tools = [f"{key.removeprefix('toolsets/')}: {words}" for key, words in found.items() if key not in mine]
        super().complain(mine, [*others, *of_tools])
        self.wrong_tools = set() if mine else {key.removeprefix("toolsets/") for key in found}

    async def is_sure(self) -> bool:
        name = self.given_name()
        now = await self.desk.runtime.configuration.get("toolset", name)
        mine = await self._rebased("toolset", self.draft.whole(name))
        answer = await reviewed(now.document if now else None, mine, self.users, (WARN_AT, STOP_AT))
        if answer is None:
            return False
        self.draft.over_limit_because = answer or None
        return True

    async def documents(self) -> list[tuple[str, Document]]:
        return [("toolset", self.draft.whole(self.given_name()))]

    async def _finish(self, person: Person) -> None:
        leave_for(f"/toolsets/{quote(self.given_name())}")

    def deleting(self) -> str:
        return f"Agents that use it have to be given another one first. {KEPT}"
