"""Beside a toolset: type a request and see which tool a model would choose, from all tools and from these."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from html import escape
from typing import Any

from nicegui import ui

from agents.errors import AgentsError
from agents.playground import MOST_RUNS, Choice
from store.errors import StoreError
from store.people import Role

from .. import format
from ..components.buttons import button
from ..components.field import choice, lines
from ..components.notes import note
from ..components.under_way import UnderWay
from ..desk import Desk
from ..security import allowed

NO_MODEL = "There is no model yet to try it with. Add one under Models."
COSTS = "What it costs counts against today's budget. It is no session, so the record does not hold it."
EMPTY = "Type a request first, as a person would write it."


class Playground:
    """`draft` gives the toolset as it is on the page, `agent` the one whose instructions go along, if any."""

    def __init__(
        self, desk: Desk, draft: Callable[[], dict[str, Any]], agent: Callable[[], str | None], model: str | None
    ) -> None:
        self.desk = desk
        self.draft = draft
        self.agent = agent
        names = list(desk.runtime.administration.documents("model"))
        with ui.element("section").classes("qd-ts-blk qd-ts-play").props('aria-label="Playground"'):
            ui.html("<h3><b>Playground</b><span>nothing is executed</span></h3>", sanitize=False)
            if not names:
                ui.html(f"<p class='qd-s qd-i3'>{NO_MODEL}</p>", sanitize=False)
                return
            self.request = lines("Request to try", hint="My stove arrived dented, order 1043.", tall=44)
            with ui.element("div").classes("qd-row"):
                self.model = choice("Model to try", names, model if model in names else names[0])
                runs = {number: f"{number}×" for number in range(1, MOST_RUNS + 1)}
                self.runs = ui.select(runs, value=1).props("outlined dense options-dense")
                self.runs.props["aria-label"] = "Runs"
                button("Try it", self._try, kind="t", sign="play")
            ui.html(f"<p class='qd-xs qd-i3'>{COSTS}</p>", sanitize=False)
            self.work = UnderWay()
            self.found = ui.element("div").props("aria-live=polite")

    async def _try(self) -> None:
        if await allowed(self.desk, Role.ADMIN, "ask a model") is None or self.work.is_busy:
            return
        request = str(self.request.value or "").strip()
        if not request:
            self._say("warn", EMPTY)
            return
        draft = self.draft()
        sides = _Sides(runs=int(self.runs.value), whole=[], picked=[], count=len(draft["tools"]))
        try:
            asked = f"Asking {self.model.value} {2 * sides.runs} times."
            if await self.work.run(asked, self._ask(request, draft, sides)) is None:
                self._say("", "Cancelled. Nothing was executed.")
        except (AgentsError, StoreError) as error:
            self._say("bad", str(error))

    async def _ask(self, request: str, draft: dict[str, Any], sides: "_Sides") -> bool:
        administration = self.desk.runtime.administration
        sides.all = len(administration.listed())
        options: dict[str, Any] = {"model": str(self.model.value), "runs": sides.runs, "agent": self.agent()}

        def heard(into: list[Choice]) -> Callable[[Choice], None]:
            def add(made: Choice) -> None:
                into.append(made)
                self._show(sides)

            return add

        await asyncio.gather(
            administration.try_request(request, None, on_choice=heard(sides.whole), **options),
            administration.try_request(request, draft, on_choice=heard(sides.picked), **options),
        )
        return True

    def _show(self, sides: "_Sides") -> None:
        if self.found.is_deleted:
            return
        self.found.clear()
        with self.found:
            ui.html(sides.html(), sanitize=False)

    def _say(self, kind: str, words: str) -> None:
        self.found.clear()
        with self.found:
            ui.html(note(kind, words), sanitize=False)


class _Sides:
    """What has been chosen so far, of everything and of the draft."""

    def __init__(self, *, runs: int, whole: list[Choice], picked: list[Choice], count: int) -> None:
        self.runs = runs
        self.whole = whole
        self.picked = picked
        self.count = count
        self.all = 0

    def html(self) -> str:
        cards = (
            f"{_card(f'All {self.all}', self.whole, self.runs)}{_card(f'These {self.count}', self.picked, self.runs)}"
        )
        why = _why(f"all {self.all}", self.whole) + _why(f"these {self.count}", self.picked)
        return f"<div class='qd-ts-two'>{cards}</div>{why}"


def _card(title: str, made: Sequence[Choice], runs: int) -> str:
    if not made:
        return f"<div class='qd-ts-pick'><span class='qd-i3 qd-xs'>{title}</span><div class='qd-i3'>Asking…</div></div>"
    (name, often), *_ = Counter(map(_named, made)).most_common(1)
    wrong = sum(bool(one.wrong or one.failed) for one in made)
    tone, how = ("qd-red", f"{wrong} unusable") if wrong else ("qd-green", f"{often} of {runs} runs")
    bar = "".join(
        f"<i style='--w:{100 * count / runs:.0f}%;--c:var({'--star-m' if one == name and not wrong else '--mt'})'></i>"
        for one, count in Counter(map(_named, made)).most_common()
    )
    tokens = max(one.tokens_in for one in made)
    costs = [one.cost_usd for one in made]
    cost = "cost unknown" if None in costs else format.cost(sum(one for one in costs if one is not None) / len(costs))
    spent = f"{format.tokens(tokens)} in · {cost}" if tokens else "no answer"
    return (
        f"<div class='qd-ts-pick'><span class='qd-i3 qd-xs'>{title}</span><div><code class='qd-b qd-break'>{escape(name)}</code>"
        f"</div><span class='{tone}'>{how}</span><span class='qd-bar1'>{bar}</span><span class='qd-i3 qd-n'>{spent}</span></div>"
    )


def _named(one: Choice) -> str:
    return "no answer" if one.failed else one.name or "no tool"


def _why(which: str, made: Sequence[Choice]) -> str:
    """The reason given with the choice most runs made, and what was wrong with the first that could not be used."""
    if not made:
        return ""
    name, _ = Counter(map(_named, made)).most_common(1)[0]
    one = next(one for one in made if _named(one) == name)
    label = "Failed" if one.failed else "Why" if one.tool else "It said"
    words = f"<p class='qd-s qd-i2'><span class='qd-i3'>{label}, with {which}:</span> “{escape(one.because)}”</p>"
    wrong = next((one.wrong[0] for one in made if one.wrong), "")
    return words + (f"<p class='qd-s qd-red'>{escape(wrong)}</p>" if wrong else "")
