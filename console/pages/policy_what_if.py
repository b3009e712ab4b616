"""Beside a policy: what its draft would have made of the calls of the last days, each of them openable."""

import asyncio
from collections.abc import Callable
from html import escape
from typing import Any

from nicegui import background_tasks, ui

from agents.errors import AgentsError
from agents.what_if import Replayed, WhatIf
from store.errors import StoreError

from .. import format
from ..components.notes import note
from ..components.rule_words import RELEASE
from ..desk import Desk
from ..frame import base_path
from ..icons import icon

DAYS = 30
PAUSE_SECONDS = 0.4
"""So long nobody types, then it is replayed."""
SHOWN = 5
MOST = 100
"""More of one list are not sent to the browser."""
LONGEST = 120
NOTHING = (
    "No agent with this policy has called a tool in the last 30 days. Once one has, this shows what the draft changes."
)
UNREADABLE = "Finish the rule that is marked; what is here is from before."


class WhatIfPanel:
    """`draft` is the policy as the page has it, None while a rule cannot be read; `on_result` is told each time."""

    def __init__(
        self, desk: Desk, draft: Callable[[], dict[str, Any] | None], on_result: Callable[[WhatIf], None]
    ) -> None:
        self.desk = desk
        self.draft = draft
        self.on_result = on_result
        self._task: asyncio.Task[Any] | None = None
        with ui.element("div").classes("qd-whead"):
            ui.html("<h2>What would have happened</h2>", sanitize=False)
            self.state = ui.html("", sanitize=False).classes("qd-i3 qd-s qd-n").props("role=status")
        self.wrong = ui.html("", sanitize=False).classes("qd-wwrong")
        self.place = ui.element("div").props('aria-label="What would have happened" role=region')
        ui.context.client.on_delete(self._stop)
        self.again(at_once=True)

    def again(self, *, at_once: bool = False) -> None:
        """The draft changed: whatever is under way is given up for it."""
        self._stop()
        self._task = background_tasks.create(self._run(0 if at_once else PAUSE_SECONDS), name="what a policy would do")

    def _stop(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _run(self, pause_seconds: float) -> None:
        await asyncio.sleep(pause_seconds)
        draft = self.draft()
        if draft is None:
            self.wrong.set_content(note("warn", UNREADABLE))
            return
        try:
            found = await self.desk.runtime.administration.what_if(draft, days=DAYS, progress=self._progress)
        except (AgentsError, StoreError) as error:
            if not self.wrong.is_deleted:
                self.wrong.set_content(note("warn", f"It was not replayed: {error}"))
            return
        if not self.place.is_deleted:
            self._show(found)

    def _progress(self, done: int, count: int) -> None:
        if done < count and not self.state.is_deleted:
            self.state.set_content(f"{done:,} of {count:,} calls")

    def _show(self, found: WhatIf) -> None:
        self.wrong.set_content("")
        self.state.set_content(f"last {DAYS} days, replayed in {_seconds(found.seconds)}" if found.calls else "")
        self.place.clear()
        with self.place:
            if not found.calls:
                ui.html(f"<p class='qd-i3 qd-s qd-wpad'>{NOTHING}</p>", sanitize=False)
            else:
                ui.html(_summary(found), sanitize=False).classes("qd-wpad")
                self._lists(found)
        self.on_result(found)

    def _lists(self, found: WhatIf) -> None:
        rejected = {(one.call.session_id, one.call.seq) for one in found.rejected_before}
        others = tuple(one for one in found.now_run if (one.call.session_id, one.call.seq) not in rejected)
        for title, calls in (
            ("A person had said no; now they run", found.rejected_before),
            ("Now run by themselves", others),
            ("Now asked", found.now_asked),
            ("Now denied", found.now_denied),
        ):
            if calls:
                ui.html(_list(title, calls), sanitize=False, tag="section").classes("qd-wlist")
        ui.html(_people(found), sanitize=False, tag="section").classes("qd-wlist")


def _summary(found: WhatIf) -> str:
    """HTML: the sentence, the bar under it, and the warning that matters most."""
    parts = [f"<span class='qd-n'>{found.same:,}</span> as before"]
    for count, words, tone in (
        (len(found.now_asked), "now asked", "qd-brass"),
        (len(found.now_run), "now run by themselves", "qd-sea"),
        (len(found.now_denied), "now denied", "qd-red"),
    ):
        if count:
            parts.append(f"<span class='qd-n {tone}'>{count:,}</span> {words}")
    if found.not_replayable:
        parts.append(f"<span class='qd-n'>{found.not_replayable:,}</span> not replayable")
    said = (
        f"<p class='qd-wsaid'><span class='qd-n'>{found.calls:,}</span> {_calls(found.calls)}: {', '.join(parts)}</p>"
    )
    no, run = len(found.rejected_before), len(found.now_run)
    of = f"the {run}" if run != no else "those"
    warning = f"A person had rejected {no} of {of} you would let run." if no else ""
    return said + _bar(found) + (note("bad", warning) if warning else "")


def _seconds(seconds: float) -> str:
    return "under 0.1 s" if seconds < 0.1 else format.duration(seconds)


def _calls(count: int) -> str:
    return "call" if count == 1 else "calls"


def _bar(found: WhatIf) -> str:
    no = len(found.rejected_before)
    parts = [
        (found.same, "--line-2", "as before"),
        (len(found.now_asked), "--brass-m", "now asked"),
        (len(found.now_run) - no, "--sea-m", "now by itself"),
        (no, "--port-m", "a person said no"),
        (len(found.now_denied), "--ink-2", "now denied"),
        (found.not_replayable, "--mt", "not replayable"),
    ]
    there = [one for one in parts if one[0]]
    bars = "".join(f'<i style="--w:{100 * count / found.calls:.2f}%;--c:var({tone})"></i>' for count, tone, _ in there)
    legend = "".join(f'<span class="qd-lg" style="--c:var({tone})">{words}</span>' for _, tone, words in there)
    return f'<div class="qd-wi" aria-hidden="true">{bars}</div><div class="qd-wlegend qd-xs qd-i2">{legend}</div>'


def _list(title: str, calls: tuple[Replayed, ...]) -> str:
    rows = [_row(one) for one in calls[:MOST]]
    head = f'<h3>{escape(title)} <span class="qd-i3 qd-n">{len(calls):,}</span></h3>'
    shown, rest = "".join(rows[:SHOWN]), "".join(rows[SHOWN:])
    left = (
        f'<p class="qd-i3 qd-s qd-wpad">{len(calls) - MOST:,} older ones are not listed.</p>'
        if len(calls) > MOST
        else ""
    )
    more = f"<details><summary>{len(rows) - SHOWN} more</summary>{rest}{left}</details>" if rest else ""
    return head + shown + more


def _row(one: Replayed) -> str:
    call = one.call
    words = call.effect if len(call.effect) <= LONGEST else f"{call.effect[: LONGEST - 1]}…"
    return (
        f'<a class="qd-wcall" href="{base_path()}/sessions/{escape(call.session_id)}" target="_blank"><span><b>{escape(words)}</b>'
        f'<span class="qd-i3 qd-s">{_then(one)}</span></span>{icon("chevron", "md")}</a>'
    )


def _then(one: Replayed) -> str:
    call = one.call
    when = format.moment(call.at, "date")
    if call.decision in ("rejected", "approved", "edited"):
        by = f" by {escape(call.decided_by)}" if call.decided_by else ""
        because = f": “{escape(call.decided_because)}”" if call.decided_because else ""
        return f"{call.decision.capitalize()}{by}, {when}{because}"
    before = {"allow": "Ran by itself", "deny": "Was denied"}.get(call.release, "Was asked about")
    return f"{before}, {when}. Now: {RELEASE[one.after].lower()}"


def _people(found: WhatIf) -> str:
    return (
        "<h3>Cost to people</h3><div class='qd-wpeople qd-n'><span class='qd-i2'>Prompts a day</span>"
        f"<span class='qd-i3'>{found.prompts_per_day_before:.1f}</span><b>{found.prompts_per_day_after:.1f}</b></div>"
    )
