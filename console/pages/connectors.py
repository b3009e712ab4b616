"""The systems that offer tools, how each is doing now, changed definitions, and secrets."""

from html import escape
from urllib.parse import quote

from fastapi import Request
from nicegui import ui

from agents.config import Connector
from agents.errors import AgentsError
from agents.tools.errors import ToolFailure
from agents.tools.health import Health
from store.people import Role

from .. import connector_form, format
from ..components.buttons import button
from ..components.deleting import delete_document
from ..components.dialogs import on_page
from ..components.empty import empty
from ..components.row_button import row_button
from ..components.tool_list import show_tools
from ..components.under_way import UnderWay
from ..desk import Desk
from ..frame import base_path, frame
from ..icons import icon
from ..security import allowed, person_of
from .connector_live import COLOURS, STATES, reconnect
from .connector_secrets import SecretsCard
from .drift import Drift


def register(desk: Desk) -> None:
    @ui.page("/connectors")
    async def connectors(request: Request) -> None:
        person = person_of(request)
        may_act = person.role.rank >= Role.ADMIN.rank
        with frame(desk, person, active="connectors", title="Connectors"), ui.element("div").classes("qd-page qd-main"):
            link = f'{base_path()}/connect">{icon("plus", "md")}Add a connector'
            add = f'<a class="qd-btn qd-p" href="{link}</a>' if may_act else ""
            head = f'<h1>Connectors</h1><span class="qd-sp"></span>{add}'
            ui.html(head, sanitize=False).classes("qd-top")
            with ui.element("div").classes("qd-doc"), ui.element("div").classes("qd-col qd-broad"):
                drift = Drift(desk, may_act=may_act)
                cards = Cards(desk, may_act=may_act)
                if may_act:
                    SecretsCard(desk)

        def changed(name: str) -> None:
            with cards.place:  # the registry calls from outside of any page
                cards.changed(name)
                drift.look()

        ui.context.client.on_delete(desk.runtime.registry.subscribe(changed))


class Cards:
    """One card per connector, brought up to date as its health changes."""

    def __init__(self, desk: Desk, *, may_act: bool) -> None:
        self.desk = desk
        self.may_act = may_act
        self.place = ui.element("div").classes("qd-cards")
        self.cards: dict[str, Card] = {}
        self.known: dict[str, Connector] = {}
        self._build()

    def _build(self) -> None:
        self.known = self.desk.runtime.administration.documents("connector")
        self.place.clear()
        with self.place:
            self.cards = {name: Card(self.desk, one, may_act=self.may_act) for name, one in self.known.items()}
            if not self.known:
                text = (
                    "A connector is a system whose tools agents may use. Begin with a well-known one, or with your own."
                )
                link = (f"{base_path()}/connect", "Add a connector") if self.may_act else None
                empty("plug", "Nothing is connected yet", text, link)

    def changed(self, name: str) -> None:
        if self.desk.runtime.administration.documents("connector") != self.known:
            self._build()
        elif name in self.cards:
            self.cards[name].show()


class Card:
    def __init__(self, desk: Desk, document: Connector, *, may_act: bool) -> None:
        self.desk = desk
        self.document = document
        self.name = document.name
        with ui.element("section").classes("qd-card"):
            with ui.element("header"):
                self.title = ui.html("", sanitize=False).classes("qd-row").style("min-width:0")
                ui.element("span").classes("qd-sp")
                with ui.element("div").classes("qd-row qd-cardacts"):
                    self.tools = button("", self._tools, kind="t g")
                    if may_act:
                        row_button("Refresh tools", self.name, self._refresh)
                        row_button("Restart", self.name, self._restart)
                        row_button("Delete", self.name, self._delete, kind="d")
            with ui.element("div").classes("qd-in qd-cardbody"):
                self.facts = ui.html("", sanitize=False)
                self.under_way = UnderWay()
                self.last_words = ui.html("", sanitize=False)
        self.show()

    def show(self) -> None:
        health = self.desk.runtime.registry.health(self.name)
        known = self.desk.runtime.registry.known(self.name)
        self.title.set_content(_title(self.document, health))
        self.facts.set_content(_facts(self.document, health))
        self.tools.clear()
        with self.tools:
            ui.html(format.plural(len(known), "tool") if known is not None else "no tools yet", sanitize=False)
        words = _last_words(health.stderr_tail)
        if words != self.last_words.content:
            self.last_words.set_content(words)

    def _tools(self) -> None:
        with on_page():  # here and below: the cards are drawn anew when a connector comes or goes
            show_tools(f"Tools of {self.name}", self.desk.runtime.registry.known(self.name) or ())

    async def _refresh(self) -> None:
        if await allowed(self.desk, Role.ADMIN, "list tools again") is None or self.under_way.is_busy:
            return
        with on_page():
            try:
                work = self.desk.runtime.registry.refresh(self.name)
                found = await self.under_way.run("Listing its tools again", work)
            except ToolFailure as error:
                ui.notify(f"Its tools are as they were: {connector_form.last_words(str(error))[0]}", type="negative")
                return
            if found is not None:
                ui.notify(f"{self.name} offers {format.plural(len(found), 'tool')}.")
        if not self.tools.is_deleted:
            self.show()

    async def _restart(self) -> None:
        """Not only listed again: closed and opened, with the secrets and the environment as they are now."""
        with on_page():
            await reconnect(self.desk, self.name)

    async def _delete(self) -> None:
        with on_page():
            try:
                await delete_document(self.desk, "connector", self.name, lambda: None)
            except AgentsError as error:
                ui.notify(f"Not deleted: {error}", type="negative")


def _title(one: Connector, health: Health) -> str:
    dot = f'<span class="qd-dotline" style="--c:var({COLOURS[health.state]})" title="{STATES[health.state]}"></span>'
    name = f'<a class="qd-rowlink" href="{base_path()}/connectors/{quote(one.name)}">{escape(one.name)}</a>'
    kind = f'<span class="qd-chip qd-o">{escape(connector_form.KIND_NAMES[one.kind])}</span>'
    return f'{dot}<h2 class="qd-el">{name}</h2>{kind}'


def _facts(one: Connector, health: Health) -> str:
    took = f"<span>Listed its tools in {health.latency_ms:,.0f} ms</span>" if health.latency_ms is not None else ""
    where = connector_form.target(one.model_dump(mode="json"))
    line = f'<code class="qd-break qd-i3">{escape(where)}</code>' if where else ""
    tone = {"down": "qd-red", "connecting": "qd-brass"}.get(health.state, "")
    lasts = f"<span>{STATES[health.state]} for {format.moment(health.since, 'age')}</span>"
    because = f'<p class="{tone} qd-break">{escape(connector_form.last_words(health.because)[0])}</p>'
    return f'{because}{line}<div class="qd-meta2">{lasts}{took}</div>'


def _last_words(lines: tuple[str, ...]) -> str:
    if not lines:
        return ""
    shown = "\n".join(lines[-40:])
    summary = f"Last lines it wrote to stderr ({len(lines)})"
    words = f'<summary>{summary}</summary><pre class="qd-pre">{escape(shown)}</pre>'
    return f'<details class="qd-more">{words}</details>'
