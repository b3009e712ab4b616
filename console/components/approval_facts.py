"""What there is to know about one request before it is decided. Draws; decides nothing."""

from collections.abc import Awaitable, Callable
from html import escape
from typing import Any

from nicegui import ui

from .. import format, guard_rows, statuses
from ..frame import base_path
from ..icons import icon
from . import approval_checks
from .arguments import arguments_table, oddities
from .buttons import button
from .dialogs import show_text
from .evidence import is_invented

Approval = dict[str, Any]
Back = Callable[[], Awaitable[None]]
RISKS = {
    "read": "Reads only",
    "write": "Writes",
    "destructive": "Destructive",
    "unknown": "Unknown risk",
}
REPEAT = "A repeat:"
"""How the reason begins when a person rejected the same thing before."""
PAST = {
    "approve": "approved",
    "edit": "changed and approved it",
    "reject": "rejected",
    "respond": "answered the agent",
    "happened": "said that it happened",
    "not_happened": "said that it did not happen",
    "run_again": "had it run again",
    "answer": "answered the server",
    "decline": "declined to answer the server",
}
ENDED_INPUT = {
    "approved": ("ok", "Answered; the call goes on as soon as the session can."),
    "consumed": ("ok", "Answered, and the call went on."),
    "expired": ("warn", "Nobody answered in time. The call was not finished."),
    "cancelled": ("warn", "Ended without an answer. The call was not finished."),
}
ENDED = {
    "approved": ("ok", "Approved; it runs as soon as the session can."),
    "consumed": ("ok", "Approved, and the tool was started with exactly these values."),
    "rejected": ("bad", "Rejected. It did not run, and the agent knows why."),
    "expired": ("warn", "The time was over. It did not run."),
    "cancelled": ("warn", "Ended without running."),
    "superseded": ("sea", "Replaced by a changed version."),
}


def header(one: Approval, long_values: int, back: Back) -> None:
    base = base_path()
    session = f"{base}/sessions/{one['session_id']}?at={one['call_id']}"
    meta = (
        f'<span class="qd-risk qd-{escape(one["risk"])}"><i></i>{RISKS[one["risk"]]}</span>'
        f'<code class="qd-hide">{escape(one["connector"])}.{escape(one["own_name"])}</code>'
        f"<span>{escape(one['agent'])}</span>"
        f'<a class="qd-link" href="{escape(session)}">{icon("link", "sm")}{escape(one["session_id"])}, step {one["step"]}</a>'
        f'<span class="qd-n qd-hide">asked {format.moment(one["requested_at"], "date")}</span>'
    )
    with ui.element("header").classes("qd-dh"):
        ui.html(meta, sanitize=False).classes("qd-meta")
        with ui.element("div").classes("qd-exp"):
            with button("Inbox", back, kind="g", sign="back").classes("qd-only"):
                pass
            if one["status"] == "pending" and one["expires_at"]:
                ui.html(
                    f'<qd-countdown ring="38" expires="{one["expires_at"]}" from="{one["requested_at"]}"></qd-countdown>',
                    sanitize=False,
                )
        ui.html(escape(title(one)), sanitize=False, tag="h1")
        if found := _findings(one, long_values):
            ui.html("".join(found), sanitize=False).classes("qd-look")


def title(one: Approval) -> str:
    """What is decided, in one line."""
    effect = str(one["effect"] or one["tool"])
    return f"{one['connector']} asks before it goes on: {effect}" if one["kind"] == "input" else effect


def _findings(one: Approval, long_values: int) -> list[str]:
    """At most four, worst first; the first is drawn in red when it is one to worry about."""
    found = []
    if one["kind"] == "unknown_outcome":
        found.append(f"<span>{icon('warn', 'md')}May or may not have happened</span>")
    hidden, mixed = oddities(one["arguments_json"] or "{}")
    repeated = one["because"].startswith(REPEAT)
    if repeated:
        found.append(f"<span>{icon('undo', 'md')}A repeat of what was rejected</span>")
    invented = [leaf["path"].removeprefix("/") for leaf in one["evidence"] if is_invented(leaf)]
    if invented:
        words = f"{invented[0]} has no source" if len(invented) == 1 else f"{len(invented)} values have no source"
        found.append(f"<span>{icon('warn', 'md')}{escape(words)}</span>")
    dissent = approval_checks.findings(one["checks"])
    found += [f"<span>{icon('scale', 'md')}{escape(words)}</span>" for words, _ in dissent]
    outside = [leaf for leaf in one["evidence"] if not leaf.get("trusted", True)]
    if outside:
        words = f"{format.plural(len(outside), 'value')} from outside text"
        found.append(f"<span>{icon('tool', 'md')}{words}</span>")
    if mixed:
        found.append(f"<span>{icon('warn', 'md')}Letters of two scripts in one word</span>")
    if hidden:
        found.append(f"<span>{icon('hidden', 'md')}{format.plural(hidden, 'value')} with hidden characters</span>")
    if one["later_messages"]:
        found.append(f"<span>{icon('msg', 'md')}{format.plural(len(one['later_messages']), 'message')} since</span>")
    if long_values:
        found.append(f"<span>{icon('eye', 'md')}{format.plural(long_values, 'long value')} to read</span>")
    if one["supersedes"]:
        found.append(f"<span>{icon('edit', 'md')}Changed by a person</span>")
    alarming = invented or repeated or any(bad for _, bad in dissent)
    calm = not (one["kind"] == "unknown_outcome" or mixed or hidden or alarming)
    return [html.replace("<span>", '<span class="qd-calm">', 1) for html in found[:4]] if calm else found[:4]


def ended(one: Approval) -> None:
    """What became of a request that is no longer open."""
    if one["status"] == "pending":
        return
    kind, words = (ENDED_INPUT if one["kind"] == "input" else ENDED)[one["status"]]
    if one["status"] in ("expired", "cancelled") and one.get("ended_because"):
        words = one["ended_because"]
    link = ""
    if one["superseded_by"]:
        link = f' <a class="qd-link" href="{base_path()}/inbox/{escape(one["superseded_by"])}">Open it</a>'
    with ui.element("div").classes("qd-bd").style("padding:14px 20px 8px 24px"):
        ui.html(f"{icon('flag', 'md')}<span>{escape(words)}{link}</span>", sanitize=False).classes(f"qd-note qd-{kind}")


def messages(one: Approval) -> None:
    later = one["later_messages"]
    if not later:
        return
    with _section("Since this was asked", "people wrote; the agent reads it after your decision"):
        for message in later:
            ui.html(
                f"<b>{escape(message['by'])}</b> <span class='qd-i3 qd-n'>{format.moment(message['at'])}</span>"
                f"<p class='qd-i2' style='white-space:pre-wrap'>{escape(message['text'] or '[erased]')}</p>",
                sanitize=False,
            )


def arguments(one: Approval, before: str | None, *, read: set[str], on_read: Callable[[str], None]) -> None:
    digest = f'sha256 <span class="qd-m qd-xs" title="{escape(one["action_digest"])}">{format.short_digest(one["action_digest"])}</span>'
    with ui.element("div").classes("qd-sec"):
        with ui.element("header"):
            known = "where each value came from" if one["evidence"] else "exactly what will be sent"
            known = "of the call, as it was released" if one["kind"] == "input" else known
            changed = "changed by a person" if before else known
            ui.html(f"<h2>Arguments</h2><span class='qd-hint'>{changed}</span>", sanitize=False).style(
                "display:contents"
            )
            ui.element("span").classes("qd-sp")
            ui.html(f'<span class="qd-hint qd-hide">{digest}</span>', sanitize=False)
            ui.element("a").classes("qd-link qd-s").props('role="button" tabindex="0"').on(
                "click", lambda: _raw(one)
            ).props("innerHTML=Raw")
        if one["arguments_json"]:
            session = f"{base_path()}/sessions/{one['session_id']}"
            arguments_table(
                one["arguments_json"],
                read=read,
                on_read=on_read,
                before=before,
                evidence=one["evidence"],
                session=session,
            )


def _raw(one: Approval) -> None:
    text = one["arguments_json"] or ""
    sections = [("Canonical JSON, as hashed and sent", text), ("Action digest", one["action_digest"])]
    show_text(one["tool"], [*sections, ("Definition hash", one["definition_hash"])])


def reasoning(one: Approval) -> None:
    block = one["reasoning"]
    if not block:
        return
    parts = [("Need", block["need"]), ("Source", block["source"]), ("Therefore", block["therefore"])]
    html = "".join(f"<dt>{name}</dt><dd>{escape(text)}</dd>" for name, text in parts)
    if block["alternatives"]:
        others = "<br>".join(
            f"<code>{escape(other['tool'])}</code>: {escape(other['why_not'])}" for other in block["alternatives"]
        )
        html += f"<dt>Alternatives</dt><dd>{others}</dd>"
    with ui.element("div").classes("qd-sec"):
        ui.html(
            '<header><h2>Reasoning</h2><span class="qd-chip qd-o">the model’s own words</span></header>'
            f'<div class="qd-bd"><dl class="qd-rd qd-said">{html}</dl></div>',
            sanitize=False,
        )


def checks(one: Approval) -> None:
    """What models said before a person was asked."""
    seats = one["checks"]
    if seats:
        with _section("Checks and votes", guard_rows.cost_of(seats)):
            html = approval_checks.checks_html(seats, one.get("effective_votes"))
            ui.html(html, sanitize=False)


def why(one: Approval) -> None:
    rule = one["rule"]
    where = f"Policy {rule['policy']} v{rule['version']}" if rule else "The defaults for its risk."
    number = ("" if rule["index"] is None else f", rule {rule['index'] + 1}") if rule else ""
    number += ", default by risk" if rule and rule["index"] is None else ""
    two = " Two people have to approve." if one["required"] > 1 else ""
    who = " Not the person who made the request." if one["approver"] == "not_requester" else ""
    with _section("Why you are asked"):
        ui.html(
            f"<p class='qd-i2'>{escape(one['because'])}{two}{who}</p><p class='qd-i3'>{escape(where)}{number}</p>",
            sanitize=False,
        ).classes("qd-s")


def waiting(one: Approval, session: dict[str, Any]) -> None:
    if not session:
        return
    rows = [
        ("Session", escape(session["title"])),
        ("Status", statuses.chip(session["status"], session["result"])),
        ("Requested by", escape(one["requested_by"])),
        ("Waits", format.moment(one["requested_at"], "age")),
        ("Session so far", format.cost(session["cost_usd"])),
    ]
    html = "".join(f"<span class='qd-i3'>{name}</span><span>{value}</span>" for name, value in rows)
    with _section("Waiting on this"):
        ui.html(f"<div class='qd-kv2 qd-s'>{html}</div>", sanitize=False)


def decisions(one: Approval) -> None:
    if not one["decisions"]:
        return
    with _section("Decided"):
        for made in one["decisions"]:
            because = f"<p class='qd-i2'>“{escape(made['because'])}”</p>" if made["because"] else ""
            code = f" <span class='qd-chip'>{escape(made['code'])}</span>" if made["code"] else ""
            ui.html(
                f"<b>{escape(made['by'])}</b> <span class='qd-i3'>{escape(PAST[made['decision']])}</span>{code} "
                f"<span class='qd-i3 qd-n'>{format.moment(made['at'], 'date')}</span>{because}",
                sanitize=False,
            ).classes("qd-s")


def _section(title: str, hint: str = "") -> Any:
    section = ui.element("div").classes("qd-sec")
    with section:
        hinted = f"<span class='qd-hint'>{escape(hint)}</span>" if hint else ""
        ui.html(f"<header><h2>{escape(title)}</h2>{hinted}</header>", sanitize=False)
        return ui.element("div").classes("qd-bd")
