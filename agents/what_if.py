"""What a draft of a policy would have made of recorded calls: each judged again, and the differences counted. Pure.

Only the rules are exchanged: the calls, their evidence, the moment and the people who decided stay as recorded.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, get_args

from agents import policy
from agents.circumstances import Circumstances
from agents.config import Policy, Rule
from agents.policy import Match, Ruling, doubtful
from store.events import Evidence, Release, Risk, Verify

Decision = Literal["approved", "edited", "rejected", "expired"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedCall:
    session_id: str
    call_id: str
    step: int
    seq: int
    at: datetime
    agent: str
    connector: str
    tool: str
    """The connector's own name."""
    risk: Risk
    arguments: dict[str, Any] | None
    """As proposed, pinned ones included; None: erased."""
    evidence: tuple[Evidence, ...] | None
    """None: nobody looked where the values come from."""
    effect: str
    release: Release
    """As it was decided when it was proposed, before models or people had their say."""
    verify: Verify
    state: str
    decision: Decision | None
    decided_by: str | None
    decided_because: str | None
    session_cost_usd: float | None
    policy: str
    standing: str | None = None
    """The standing approval that released it then; or would have, had the session's own history not been `imposed`."""
    imposed: bool = False
    """The session's own history made it so strict then, not a rule: a limit, a repeat of what a person refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lens:
    """What an agent's own document adds to the rules."""

    people: int = 1
    guards: Mapping[Risk, Verify] = field(default_factory=dict)


PLAIN = Lens()


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    call: RecordedCall
    after: Release
    verify_after: Verify
    rules: tuple[int, ...]
    """Indexes of the draft's rules that have a say in it."""
    by_default: bool = False
    """No rule says anything about its release."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    calls: int
    """All of them: `same`, `not_replayable` and the GROUPS, in exactly one of which each changed call is, add up to it."""
    agents: tuple[str, ...]
    """Whose calls these are: those that use the policy. Empty: none does, and the calls of all agents were taken."""
    same: int
    now_run: tuple[Replayed, ...]
    """By themselves; some after a check."""
    unchecked: tuple[Replayed, ...]
    """By themselves as before, but with less of a check, or none."""
    now_asked: tuple[Replayed, ...]
    """Of people, or of one more; `call.release` says how it was."""
    fewer: tuple[Replayed, ...]
    """Still asked: of one person instead of two, or of as many with less of a check before."""
    now_checked: tuple[Replayed, ...]
    """Released as before, but with more of a check."""
    now_denied: tuple[Replayed, ...]
    rejected_before: tuple[Replayed, ...]
    """Those of `now_run` and `unchecked` that a person had rejected."""
    not_replayable: int
    """Their contents are erased, or a rule asks for evidence that nobody collected then."""
    by_rule: dict[int, int]
    """Index of a rule of the draft → recorded calls in which it has a say; every rule is there."""
    by_default: dict[Risk, int]
    prompts_per_day_before: float
    prompts_per_day_after: float
    seconds: float = 0.0


def replay(call: RecordedCall, draft: Policy, lens: Lens = PLAIN, version: int = 0) -> Replayed | None:
    """The call under the draft; None where it cannot be judged again."""
    if call.arguments is None:
        return None
    ruling = policy.judge(
        draft,
        version,
        connector=call.connector,
        tool=call.tool,
        risk=call.risk,
        arguments=call.arguments,
        evidence=call.evidence,
        circumstances=Circumstances(agent=call.agent, at=call.at, session_cost_usd=call.session_cost_usd),
    )
    if call.evidence is None and any(map(_lacks_evidence, ruling.matches)):
        return None
    by_default = ruling.rule is None or ruling.rule.index is None
    ruling = policy.verified_at_least(
        policy.asking_people(ruling, lens.people), lens.guards.get(call.risk, Verify.NONE)
    )
    return Replayed(
        call=call,
        after=_released(call, ruling),
        verify_after=ruling.verify,
        rules=tuple(index for index, match in enumerate(ruling.matches) if has_a_say(match)),
        by_default=by_default,
    )


def _lacks_evidence(match: Match) -> bool:
    return match.matched is None and match.rule.when.evidence is not None


def _released(call: RecordedCall, ruling: Ruling) -> Release:
    """What was added to the rules then would be added again: by the session's history, or by a standing approval."""
    if call.imposed:
        return max(ruling.release, call.release, key=policy.RELEASE_ORDER.index)
    if call.standing and ruling.release is Release.ASK and call.risk is not Risk.UNKNOWN and not doubtful(ruling):
        return Release.ALLOW
    return ruling.release


def has_a_say(match: Match) -> bool:
    """Where it cannot be told whether a rule matches, it counts if it restricts."""
    return match.matched is True or (match.matched is None and restricts(match.rule))


def restricts(rule: Rule) -> bool:
    return rule.verify not in (None, Verify.NONE) or rule.release not in (None, Release.ALLOW)


PEOPLE = {Release.ASK: 1, Release.ASK_TWO: 2}
"""How many are asked; nobody otherwise."""

Group = Literal["now_run", "unchecked", "now_asked", "fewer", "now_checked", "now_denied"]
GROUPS: tuple[Group, ...] = get_args(Group)


def group_of(one: Replayed) -> Group | None:
    """In what respect it would be decided otherwise; None where it would not."""
    before, after = one.call.release, one.after
    if before is after:
        return _checked_otherwise(one)
    if after is Release.ALLOW:
        return "now_run"
    if after is Release.DENY:
        return "now_denied"
    return "fewer" if before is Release.ASK_TWO else "now_asked"


def _checked_otherwise(one: Replayed) -> Group | None:
    """What is denied, no model looks at."""
    before, after = one.call.verify, one.verify_after
    if before is after or one.after is Release.DENY:
        return None
    if policy.VERIFY_ORDER.index(after) > policy.VERIFY_ORDER.index(before):
        return "now_checked"
    return "unchecked" if one.after is Release.ALLOW else "fewer"


def counted(
    replayed: Sequence[Replayed | None], rules: int, days: float, seconds: float = 0.0, agents: tuple[str, ...] = ()
) -> WhatIf:
    """The differences, newest first; `days` is the time in which the calls were made."""
    judged = [one for one in replayed if one is not None]
    groups: dict[Group | None, list[Replayed]] = {None: [], **{group: [] for group in GROUPS}}
    for one in sorted(judged, key=lambda one: (one.call.at, one.call.session_id, one.call.seq), reverse=True):
        groups[group_of(one)].append(one)
    says = Counter(index for one in judged for index in one.rules)
    return WhatIf(
        calls=len(replayed),
        agents=agents,
        same=len(groups[None]),
        now_run=tuple(groups["now_run"]),
        unchecked=tuple(groups["unchecked"]),
        now_asked=tuple(groups["now_asked"]),
        fewer=tuple(groups["fewer"]),
        now_checked=tuple(groups["now_checked"]),
        now_denied=tuple(groups["now_denied"]),
        rejected_before=tuple(
            one for one in groups["now_run"] + groups["unchecked"] if one.call.decision == "rejected"
        ),
        not_replayable=len(replayed) - len(judged),
        by_rule={index: says[index] for index in range(rules)},
        by_default=dict(Counter(one.call.risk for one in judged if one.by_default)),
        prompts_per_day_before=_per_day((one.call.release for one in judged), days),
        prompts_per_day_after=_per_day((one.after for one in judged), days),
        seconds=seconds,
    )


def _per_day(releases: Iterable[Release], days: float) -> float:
    return sum(PEOPLE.get(release, 0) for release in releases) / max(days, 1.0)
