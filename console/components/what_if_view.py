"""What a draft of a policy would have made of recorded calls, in words, a bar and lists of calls that lead to theirs. Pure."""

from html import escape

from agents.what_if import RecordedCall, Replayed, WhatIf
from store.events import Release, Verify

from .. import format
from ..icons import icon
from .notes import note
from .rule_words import outcome

DAYS = 30
SHOWN = 5
MOST = 100
"""More of one list are not sent to the browser."""
LONGEST = 120
BECAME = {Release.ALLOW: "Ran by itself", Release.DENY: "Was denied"}
NOTHING = f"No agent with this policy has called a tool in the last {DAYS} days. Once one has, this shows what the draft changes."
NOTHING_AT_ALL = (
    f"No agent uses it yet, and none has called a tool in the last {DAYS} days. Once one has, this shows what the draft "
    "would make of it."
)
UNUSED = "No agent uses it yet; against the calls of all agents:"


def nothing(found: WhatIf) -> str:
    """HTML: said where there are no calls."""
    return f"<p class='qd-i3 qd-s qd-wpad'>{NOTHING if found.agents else NOTHING_AT_ALL}</p>"


def summary(found: WhatIf) -> str:
    """HTML: the sentence, the bar under it, and the warning that matters most."""
    parts = [f"<span class='qd-n'>{found.same:,}</span> as before"]
    for count, words, tone in (
        (len(found.now_asked), "now asked", "qd-brass"),
        (len(found.now_run), "now run by themselves", "qd-sea"),
        (len(found.unchecked), "now run with less of a check", "qd-sea"),
        (len(found.fewer), "now asked less strictly", "qd-sea"),
        (len(found.now_checked), "now checked more", "qd-brass"),
        (len(found.now_denied), "now denied", "qd-red"),
    ):
        if count:
            parts.append(f"<span class='qd-n {tone}'>{count:,}</span> {words}")
    if found.not_replayable:
        parts.append(f"<span class='qd-n'>{found.not_replayable:,}</span> not replayable")
    calls = "call" if found.calls == 1 else "calls"
    whose = "" if found.agents else f"<p class='qd-i2'>{UNUSED}</p>"
    said = f"<p class='qd-wsaid'><span class='qd-n'>{found.calls:,}</span> {calls}: {', '.join(parts)}</p>"
    return whose + said + _bar(found) + _warning(found)


def _warning(found: WhatIf) -> str:
    no, run = len(found.rejected_before), len(found.now_run) + len(found.unchecked)
    of = f"the {run}" if run != no else "those"
    return note("bad", f"A person had rejected {no} of {of} you would let run.") if no else ""


def _bar(found: WhatIf) -> str:
    parts = [
        (found.same, "--line-2", "as before"),
        (len(found.now_asked), "--brass-m", "now asked"),
        (len(found.now_checked), "--plum-m", "checked more"),
        (len(_unobjected(found.now_run)), "--sea-m", "now by itself"),
        (len(_unobjected(found.unchecked)), "--sea-l", "less of a check"),
        (len(found.fewer), "--slate-m", "asked less strictly"),
        (len(found.rejected_before), "--port-m", "a person said no"),
        (len(found.now_denied), "--ink-2", "now denied"),
        (found.not_replayable, "--mt", "not replayable"),
    ]
    there = [one for one in parts if one[0]]
    bars = "".join(f'<i style="--w:{100 * count / found.calls:.2f}%;--c:var({tone})"></i>' for count, tone, _ in there)
    legend = "".join(f'<span class="qd-lg" style="--c:var({tone})">{words}</span>' for _, tone, words in there)
    return f'<div class="qd-wi" aria-hidden="true">{bars}</div><div class="qd-wlegend qd-xs qd-i2">{legend}</div>'


def lists(found: WhatIf, base: str) -> list[str]:
    """HTML: each group that is not empty with its calls, then what it costs people."""
    groups = (
        ("A person had said no; now they run", found.rejected_before),
        ("Now run by themselves", _unobjected(found.now_run)),
        ("Now run with less of a check", _unobjected(found.unchecked)),
        ("Now asked", found.now_asked),
        ("Now asked of fewer people, or with less of a check", found.fewer),
        ("Now checked more", found.now_checked),
        ("Now denied", found.now_denied),
    )
    return [*(_list(title, calls, base) for title, calls in groups if calls), _people(found)]


def _unobjected(calls: tuple[Replayed, ...]) -> tuple[Replayed, ...]:
    """Those that no person had rejected, which are listed by themselves."""
    return tuple(one for one in calls if one.call.decision != "rejected")


def _list(title: str, calls: tuple[Replayed, ...], base: str) -> str:
    rows = [_row(one, base) for one in calls[:MOST]]
    head = f'<h3>{escape(title)} <span class="qd-i3 qd-n">{len(calls):,}</span></h3>'
    shown, rest = "".join(rows[:SHOWN]), "".join(rows[SHOWN:])
    left = (
        f'<p class="qd-i3 qd-s qd-wpad">{len(calls) - MOST:,} older ones are not listed.</p>'
        if len(calls) > MOST
        else ""
    )
    more = f"<details><summary>{len(rows) - SHOWN} more</summary>{rest}{left}</details>" if rest else ""
    return head + shown + more


def _row(one: Replayed, base: str) -> str:
    call = one.call
    words = call.effect if len(call.effect) <= LONGEST else f"{call.effect[: LONGEST - 1]}…"
    change = f"{_ruled(call.release, call.verify)} → {_ruled(one.after, one.verify_after)}"
    return (
        f'<a class="qd-wcall" href="{base}/sessions/{escape(call.session_id)}" target="_blank"><span><b>{escape(words)}</b>'
        f'<span class="qd-i3 qd-s">{_then(call)}</span><span class="qd-i2 qd-s">{change}</span></span>'
        f"{icon('chevron', 'md')}</a>"
    )


def _ruled(release: Release, verify: Verify) -> str:
    """`consensus, then ask`; what is denied, no model looks at."""
    return outcome({"release": release, "verify": Verify.NONE if release is Release.DENY else verify})[1]


def _then(call: RecordedCall) -> str:
    """HTML: what became of it, and when."""
    when = format.moment(call.at, "date")
    if call.decision in ("rejected", "approved", "edited"):
        by = f" by {escape(call.decided_by)}" if call.decided_by else ""
        because = f": “{escape(call.decided_because)}”" if call.decided_because else ""
        return f"{call.decision.capitalize()}{by}, {when}{because}"
    if call.release is Release.ALLOW and call.verify is not Verify.NONE:
        return f"Was checked, {when}"
    return f"{BECAME.get(call.release, 'Was asked about')}, {when}"


def _people(found: WhatIf) -> str:
    return (
        "<h3>Cost to people</h3><div class='qd-wpeople qd-n'><span class='qd-i2'>Prompts a day</span>"
        f"<span class='qd-i3'>{found.prompts_per_day_before:.1f}</span><b>{found.prompts_per_day_after:.1f}</b></div>"
    )
