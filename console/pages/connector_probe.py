"""*Connect and list tools*: a draft is connected once, its tools are shown with suggested risks, and it is closed again."""

from collections import Counter
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from nicegui import ui

from agents.errors import BadRequest
from agents.tools.definition import ToolDefinition
from agents.tools.errors import ToolFailure
from agents.tools.presets import Preset, recommended
from agents.tools.suggestion import suggest_risk
from store.people import Role

from .. import connector_form, format
from ..components.buttons import button, disable
from ..components.notes import note
from ..components.tool_list import RISKS, risk_mark, table_of
from ..components.tool_tokens import tokens_offered
from ..components.under_way import UnderWay
from ..connector_trial import try_connector
from ..security import allowed

if TYPE_CHECKING:
    from .connector import ConnectorForm

BEGINS = "Connects with what the form says now, lists the tools, and closes again. Nothing is saved."


class Probe:
    def __init__(self, form: "ConnectorForm") -> None:
        self.form = form
        self.failed: dict[str, Any] | None = None
        """What was tried last, if it did not connect."""
        with ui.element("section").classes("qd-card qd-trial"), ui.element("div").classes("qd-in"):
            ui.html(f"<h2>What does it offer?</h2><p class='qd-i2 qd-s'>{BEGINS}</p>", sanitize=False)
            self.button = button("Connect and list tools", self._probe, sign="plug")
            self.under_way = UnderWay()
            self.outcome = ui.html("", sanitize=False).props("role=status")
            self.offer = ui.element("div")
            self.table = ui.html("", sanitize=False)

    async def _probe(self) -> None:
        form = self.form
        if await allowed(form.desk, Role.ADMIN, "connect to a server") is None or self.under_way.is_busy:
            return
        if unreadable := form.missing():
            form.complain(unreadable, ["Not tried."])
            return
        form.complain({})
        self.failed = None
        self.outcome.set_content("")
        self.table.set_content("")
        self.offer.clear()
        disable(self.button, True)
        try:
            await self._try(form.written())
        finally:
            if not self.button.is_deleted:
                disable(self.button, False)

    async def _try(self, document: dict[str, Any]) -> None:
        form, words = self.form, "Connecting and listing its tools; it is closed again afterwards."
        named = {**document, "name": document.get("name") or "draft"}
        try:
            found = await self.under_way.run(words, try_connector(form.desk.runtime, named, form.typed()))
        except BadRequest as error:
            form.complain_of(error, "Not tried.")
        except ToolFailure as error:
            self.failed = {**document, "name": ""}
            self.outcome.set_content(failure(str(error)))
        else:
            if found is None:
                self.outcome.set_content(note("", "Cancelled; nothing is left running."))
                return
            self.outcome.set_content(listed(found))
            self.table.set_content(f'<div class="qd-tblwrap">{table_of(found)}</div>' if found else "")
            if form.preset is not None and form.is_new:
                self._offer(form.preset, found)

    def _offer(self, preset: Preset, found: Sequence[ToolDefinition]) -> None:
        """The preset's small toolset, as far as this server has it."""
        picks = recommended(preset, {one.name for one in found})
        if not picks:
            return
        sizes = {one.name: tokens_offered(one) for one in found}
        total, few = sum(sizes.values()), sum(sizes[tool] for tool, _ in picks)
        count = f"{len(picks)} of {format.plural(len(found), 'tool')}, {format.tokens(few)} of {format.tokens(total)} tokens"
        rows = "".join(f"<li><code>{escape(tool)}</code> {risk_mark(risk)}</li>" for tool, risk in picks)
        with self.offer:
            head = f"<h2>A small toolset to begin with</h2><p class='qd-i2 qd-s'>{count}. Risks are a suggestion.</p>"
            ui.html(f"{head}<ul class='qd-picks'>{rows}</ul>", sanitize=False)
            button("Save with this toolset", lambda: self.form.save_with(picks), kind="p")


def listed(found: Sequence[ToolDefinition]) -> str:
    size = format.tokens(sum(tokens_offered(one) for one in found))
    count = format.plural(len(found), "tool")
    words = f"Connected. It offers {count}, about {size} tokens together; an agent gets those you pick."
    risks = Counter(suggest_risk(one)[0].value for one in found)
    marks = " ".join(
        f'<span class="qd-chip qd-o">{risk_mark(risk)}&nbsp;{risks[risk]}</span>' for risk in RISKS if risks[risk]
    )
    return f"{note('ok', words)}<div class='qd-row qd-wraps' style='margin-top:8px'>{marks}</div>"


def failure(words: str) -> str:
    """The sentence, and the server's own last lines below it."""
    because, said = connector_form.last_words(words)
    shown = escape("\n".join(said))
    last = f"<pre class='qd-pre' aria-label='Last lines on stderr'>{shown}</pre>" if said else ""
    return note("bad", because) + last
