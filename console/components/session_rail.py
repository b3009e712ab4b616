"""The rail beside a session's timeline: why it waits, its meters, what was pinned when it began. Values in, HTML out."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any

from agents.config import Agent, Limits
from agents.meters import projected_cost
from agents.window import prompt_limit

from ..icons import icon
from . import meters

Session = dict[str, Any]
WAITS = ("waiting_approval", "waiting_input", "paused")


@dataclass(frozen=True, slots=True)
class Facts:
    """What the agent's configuration says now."""

    agent: Agent | None
    scripted: bool
    """Whether its model is only a script."""
    window: int | None
    """Tokens of its first model's context window."""
    max_output: int | None = None

    @property
    def limits(self) -> Limits:
        return self.agent.limits if self.agent else Limits()

    def room(self, recorded: int | None) -> tuple[int | None, float | None]:
        """How many tokens the window has, and at which share of that summarising begins."""
        if self.agent is None:
            return recorded or self.window, None
        caps = [one for one in (self.window, self.agent.context.window_tokens) if one]
        window = recorded or min(caps, default=None)
        prompt = prompt_limit(self.agent, self.window or window, self.max_output)
        window = window or prompt
        return window, self.agent.context.summarize_at * prompt / window if prompt and window else None


def rail(session: Session, facts: Facts, *, base: str, asked: str, latency: str) -> str:
    """`asked`: what the agent waits to hear; `latency`: of its last reply, as HTML."""
    context, limits, steps = session["context"], facts.limits, session["turn_steps"]
    window, mark = facts.room(context["limit"])
    projected = projected_cost(session["cost_usd"] or 0, session["steps"], max(0, limits.steps - steps))
    times = _times(session)
    times += meters.cache_block(session["usage"], session.get("saved_usd")) + latency
    return (
        _waiting(session, base, asked)
        + _example(session, facts)
        + meters.context_meter(context["used"], window, context["segments"], mark)
        + meters.cost_block(session, limits.cost_usd, projected)
        + f'<div class="qd-blk">{_counts(session, limits)}</div><div class="qd-blk">{times}</div>'
        + _pins(session)
    )


def _times(session: Session) -> str:
    """All its work counted as one, and all its waits; whichever goes on now is counted on by the browser."""
    status, working, waiting = session["status"], session["working_seconds"], session["waiting_seconds"]
    now = datetime.now(UTC)
    works_since = now - timedelta(seconds=working) if status == "running" else None
    waits_since = now - timedelta(seconds=waiting) if status in WAITS else None
    return meters.time_block(working, waiting, works_since=works_since, waits_since=waits_since)


def _example(session: Session, facts: Facts) -> str:
    """Of a request to try that was taken as it stands: what to watch for, and what to answer."""
    scenarios = facts.agent.scenarios if facts.agent else ()
    taken = next((one for one in scenarios if one.expect and is_title_of(session["title"], one.given)), None)
    if taken is None:
        return ""
    words = f'<p class="qd-i2 qd-s qd-break">{escape(taken.expect)}</p>'
    return f'<div class="qd-blk"><h3>{escape(taken.title or "A request to try")}</h3>{words}</div>'


def is_title_of(title: str, text: str) -> bool:
    """A session is called by its first message, on one line and cut where it is long."""
    line = " ".join(text.split())
    return line == title or (title.endswith("…") and line.startswith(title[:-1]))


def _counts(session: Session, limits: Limits) -> str:
    invalid = f", {session['invalid_calls']} invalid" if session.get("invalid_calls") else ""
    calls = meters.pips("Tool calls", session["turn_tool_calls"], limits.tool_calls, invalid)
    return meters.pips("Steps", session["turn_steps"], limits.steps) + calls


def _waiting(session: Session, base: str, asked: str) -> str:
    """Why nothing moves, when nothing does."""
    if pending := session.get("pending_approvals", ()):
        links = "".join(
            f'<a class="qd-btn qd-t" href="{base}/inbox/{escape(one)}">Open approval {escape(one.split(".", 1)[1])}</a>'
            for one in pending[:5]
        )
        acts = f'<div class="qd-acts" style="margin-top:8px">{links}</div>'
        return _notice("warn", "lock", "A person has to decide.", acts)
    if session["status"] == "waiting_input" and session["result"] == "fallback":
        return _notice("warn", "msg", f"Handed over to you: {session['because']} Write what is to happen next.")
    if asked:
        return _notice("warn", "msg", f"It waits for an answer: {asked}")
    if session["status"] in ("paused", "failed", "stopped") and session.get("because"):
        return _notice("warn" if session["status"] == "paused" else "bad", "warn", session["because"])
    return ""


def _notice(tone: str, sign: str, text: str, below: str = "") -> str:
    words = f'<span class="qd-break">{escape(text)}</span>'
    return f'<div class="qd-blk"><div class="qd-note qd-{tone}">{icon(sign, "md")}{words}</div>{below}</div>'


def _pins(session: Session) -> str:
    pins = dict(session["pins"])
    version = f" v{pins.pop('agent')}" if "agent" in pins else ""
    lines = "".join(f"<span>{escape(kind.capitalize())}</span><span>v{pin}</span>" for kind, pin in pins.items())
    who = f"<span>Agent</span><span>{escape(session['agent'])}{version}</span>"
    by = f"<span>Started by</span><span>{escape(session['started_by'])}</span>"
    return f'<div class="qd-blk"><h3>Pinned at start</h3><div class="qd-kv2 qd-s">{who}{lines}{by}</div></div>'
