"""How one connector does at this moment: its state, how fast it answers, what failed last, what it writes to stderr."""

from html import escape
from statistics import median

from nicegui import ui

from agents.tools.errors import ToolFailure
from agents.tools.health import Health
from store.errors import StoreError
from store.people import Role

from .. import connector_form, format
from ..components.buttons import button
from ..components.dialogs import confirm, on_page
from ..desk import Desk
from ..security import allowed
from .oauth import SignIn

COLOURS = {"up": "--star-m", "connecting": "--brass-m", "down": "--port-m", "unsupported": "--slate-m"}
STATES = {"up": "up", "connecting": "connecting", "down": "down", "unsupported": "not available yet"}
CUT = (
    "Its process or connection is ended and begun anew. A call that is under way is cut off; "
    "whether it happened is then asked in the inbox."
)
LOOK_SECONDS = 1.5
WIDE, TALL = 120, 24


class Live:
    def __init__(self, desk: Desk, name: str, *, may_act: bool) -> None:
        self.desk = desk
        self.name = name
        with ui.element("section").classes("qd-card qd-live"):
            with ui.element("header"):
                self.title = ui.html("", sanitize=False).classes("qd-row").style("min-width:0")
                ui.element("span").classes("qd-sp")
                if may_act:
                    button("Reconnect", self._reconnect, kind="t")
            with ui.element("div").classes("qd-in qd-cardbody"):
                self.facts = ui.html("", sanitize=False)
                self.sign_in = SignIn(desk, name) if may_act else None
                self.errors = ui.html("", sanitize=False)
                self.tail = ui.html("", sanitize=False)
        self.show()
        ui.timer(LOOK_SECONDS, self.show)  # what a server writes to stderr is announced by nobody

    def show(self) -> None:
        health = self.desk.runtime.registry.health(self.name)
        known = self.desk.runtime.registry.known(self.name)
        for place, content in (
            (self.title, _title(health)),
            (self.facts, facts(health, len(known) if known is not None else None)),
            (self.errors, errors(health)),
            (self.tail, tail(health.stderr_tail)),
        ):
            if place.content != content:
                place.set_content(content)
        if self.sign_in is not None:
            self.sign_in.show()

    async def _reconnect(self) -> None:
        with on_page():
            await reconnect(self.desk, self.name)


async def reconnect(desk: Desk, name: str) -> None:
    """Closed and opened anew, with the secrets and the environment as they are now; asks first where it is up."""
    if (person := await allowed(desk, Role.ADMIN, "restart a connector")) is None:
        return
    registry = desk.runtime.registry
    if registry.health(name).state == "up":
        if not await confirm(f"Restart “{name}”?", CUT, "Restart"):
            return
        if (person := await allowed(desk, Role.ADMIN, "restart a connector")) is None:
            return
    try:
        await registry.reconnect(name)
        await desk.runtime.configuration.note(person.name, "connector restarted", name)
    except (ToolFailure, StoreError) as error:
        ui.notify(str(error), type="negative")


def _title(health: Health) -> str:
    dot = f'<span class="qd-dotline" style="--c:var({COLOURS[health.state]})"></span>'
    return f'{dot}<h2>Now: {STATES[health.state]}</h2><span class="qd-s qd-i3">for {format.moment(health.since, "age")}</span>'


def facts(health: Health, tools: int | None) -> str:
    tone = {"down": "qd-red", "connecting": "qd-brass"}.get(health.state, "")
    because = f'<p class="{tone} qd-break">{escape(connector_form.last_words(health.because)[0])}</p>'
    parts = [f"<span>{format.plural(tools, 'tool')}</span>"] if tools is not None else []
    if health.latency_ms is not None:
        parts.append(f"<span>Listed its tools in {health.latency_ms:,.0f} ms</span>")
    if health.call_ms:
        said = f"Last call {health.call_ms[-1]:,.0f} ms, median {median(health.call_ms):,.0f} ms"
        parts.append(f"<span>{said}</span>{sparkline(health.call_ms)}")
    return f'{because}<div class="qd-meta2 qd-center">{"".join(parts)}</div>'


def sparkline(values: tuple[float, ...]) -> str:
    """The last calls as one line, from zero up to the slowest."""
    if len(values) < 2:
        return ""
    most, step = max(values) or 1, WIDE / (len(values) - 1)
    points = " ".join(f"{at * step:.1f},{TALL - 2 - (TALL - 4) * one / most:.1f}" for at, one in enumerate(values))
    label = f"The last {len(values)} calls, at most {most:,.0f} ms"
    line = f'<polyline points="{points}" fill="none" stroke="currentColor" stroke-width="1.2"/>'
    return f'<svg class="qd-spark" viewBox="0 0 {WIDE} {TALL}" role="img" aria-label="{label}">{line}</svg>'


def errors(health: Health) -> str:
    if not health.last_errors:
        return ""
    rows = "".join(
        f"<li><span class='qd-i3 qd-n'>{format.moment(one.at, 'date')}</span> "
        f"<span class='qd-break'>{escape(connector_form.last_words(one.because)[0])}</span></li>"
        for one in reversed(health.last_errors)
    )
    return f"<h3 class='qd-lab'>Last errors</h3><ul class='qd-faults'>{rows}</ul>"


def tail(lines: tuple[str, ...]) -> str:
    if not lines:
        return ""
    shown = escape("\n".join(lines[-40:]))
    return (
        f"<h3 class='qd-lab'>What it writes to stderr</h3><pre class='qd-pre qd-tail' tabindex='0' "
        f"aria-label='Last lines on stderr'>{shown}</pre>"
    )
