"""How a call is verified and released, by which rule, and why (design section 6). Pure.

Every rule is evaluated to true, false, or None where it cannot be told. None counts as a match for whatever makes a
rule restrictive and never for what makes it lax, separately for `verify` and `release`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from agents.circumstances import UNKNOWN, Circumstances
from agents.conditions import Call, Truth, Why, holds
from agents.config import Policy, Rule
from store.events import Approver, Evidence, Release, Risk, RuleRef, Verify

VERIFY_ORDER = tuple(Verify)
RELEASE_ORDER = tuple(Release)

DEFAULTS: dict[Risk, tuple[Release, str]] = {
    Risk.READ: (Release.ALLOW, "Reading is allowed unless a rule says otherwise."),
    Risk.WRITE: (Release.ASK, "Writes are asked about unless a rule allows them."),
    Risk.DESTRUCTIVE: (Release.ASK, "Destructive calls are asked about unless a rule allows them."),
    Risk.UNKNOWN: (Release.ASK, "Nobody has said what this tool can do, so a person is asked."),
}

_APPROVERS = ("anyone", "role:viewer", "role:operator", "not_requester", "role:admin")
"""From lax to strict: an operator may decide anyway. A role nobody knows comes last: nobody can decide then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """What became of one rule."""

    ref: RuleRef
    rule: Rule
    matched: Truth
    says: Why = field(compare=False, repr=False)

    @property
    def why(self) -> str:
        """In a few words, why it matched or not."""
        return self.says()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    verify: Verify
    release: Release
    rule: RuleRef | None
    """The rule that decided; its `index` is None for the default by risk."""
    approver: Approver
    because: str
    matches: tuple[Match, ...]
    """Every rule, matching or not."""


def judge(
    policy: Policy,
    version: int,
    *,
    connector: str,
    tool: str,
    risk: Risk,
    arguments: dict[str, Any],
    evidence: tuple[Evidence, ...] | None = None,
    circumstances: Circumstances = UNKNOWN,
) -> Ruling:
    """`tool` is the connector's own name, `arguments` what would travel, pinned values included."""
    call = Call(
        connector=connector,
        tool=tool,
        risk=risk,
        arguments=arguments,
        evidence=evidence,
        circumstances=circumstances,
    )
    return judge_call(policy, version, call)


def judge_call(policy: Policy, version: int, call: Call) -> Ruling:
    default = _ref(policy.name, version, None)
    judged = [_judged(rule, _ref(policy.name, version, index), call) for index, rule in enumerate(policy.rules)]
    verify = max((one.verify for one in judged if one.verify), key=VERIFY_ORDER.index, default=Verify.NONE)
    release, deciding = _decide(judged, call.risk)
    return Ruling(
        verify=verify,
        release=release,
        rule=deciding[0].match.ref if deciding else default,
        approver=_approver(judged, release),
        because=_because(deciding) or DEFAULTS[call.risk][1],
        matches=tuple(one.match for one in judged),
    )


@lru_cache(maxsize=1_000)
def _ref(policy: str, version: int, index: int | None) -> RuleRef:
    return RuleRef(policy=policy, version=version, index=index)


def stricter(one: Ruling, other: Ruling) -> Ruling:
    """The stricter in each respect; the words are those of the stricter one, of the first where they are equal."""
    winner = other if _strictness(other) > _strictness(one) else one
    return Ruling(
        verify=max(one.verify, other.verify, key=VERIFY_ORDER.index),
        release=max(one.release, other.release, key=RELEASE_ORDER.index),
        rule=winner.rule,
        approver=stricter_approver(one.approver, other.approver),
        because=winner.because,
        matches=tuple({match.ref: match for match in (*one.matches, *other.matches)}.values()),
    )


SAYS_NOTHING: tuple[Truth, Why] = (False, str)
"""Of a rule that has nothing to say either way."""


# ── one rule ──────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    """A rule's match and what it has to say: None where it says nothing about that, or did not match."""

    match: Match
    verify: Verify | None
    release: Release | None


def _judged(rule: Rule, ref: RuleRef, call: Call) -> _Judged:
    restricts, relaxes = _restricts(rule), rule.verify == Verify.NONE or rule.release == Release.ALLOW
    restrictive = holds(rule.when, call, every=False) if restricts else SAYS_NOTHING
    lax = holds(rule.when, call, every=True) if relaxes or not restricts else SAYS_NOTHING
    verify = rule.verify if rule.verify and _applies(restrictive, lax, rule.verify != Verify.NONE) else None
    release = rule.release if rule.release and _applies(restrictive, lax, rule.release != Release.ALLOW) else None
    matched, says = restrictive if restricts else lax
    if matched is not False and rule.release == Release.ALLOW and release is None and restricts:
        says = _but_does_not_allow(says, lax[1])
    return _Judged(match=Match(ref=ref, rule=rule, matched=matched, says=says), verify=verify, release=release)


def _but_does_not_allow(restrictive: Why, lax: Why) -> Why:
    return lambda: f"{restrictive()}; it does not allow, since {lax()}"


def _restricts(rule: Rule) -> bool:
    return rule.verify not in (None, Verify.NONE) or rule.release not in (None, Release.ALLOW)


def _applies(restrictive: tuple[Truth, Why], lax: tuple[Truth, Why], is_restrictive: bool) -> bool:
    return restrictive[0] is not False if is_restrictive else lax[0] is True


# ── all of them ───────────────────────────────────────────────────────────────────────────────────────────────────


def _decide(judged: list[_Judged], risk: Risk) -> tuple[Release, list[_Judged]]:
    """The release and the rules it comes from, none for the default: models that verify never release by themselves."""
    named = [(one.release, one) for one in judged if one.release]
    if not named:
        return DEFAULTS[risk][0], []
    release = max((r for r, _ in named), key=RELEASE_ORDER.index)
    return release, [one for r, one in named if r == release]


def _because(deciding: Iterable[_Judged]) -> str:
    return " ".join(dict.fromkeys(_sentence(one.match) for one in deciding))


def _sentence(match: Match) -> str:
    """The rule's own words, ended by a full stop, and why it counts although nobody could tell."""
    words = match.rule.because.strip()
    if match.matched is None:
        return f"{words.rstrip('.')} (counted as matching: {match.why})."
    return words if words.endswith((".", "!", "?", "…")) else f"{words}."


def _approver(judged: list[_Judged], release: Release) -> Approver:
    """The strictest that any rule in force names, also where another rule is the one that decides."""
    named = [one.match.rule.approver for one in judged if one.verify or one.release]
    least = "anyone" if release in (Release.ALLOW, Release.ASK) else "not_requester"
    return max((least, *(approver for approver in named if approver)), key=_approver_rank)


def verified_at_least(ruling: Ruling, least: Verify) -> Ruling:
    """The same ruling where an agent's guards want more verification than the rules do."""
    if VERIFY_ORDER.index(least) <= VERIFY_ORDER.index(ruling.verify):
        return ruling
    return replace(ruling, verify=least)


def asking_people(ruling: Ruling, people: int) -> Ruling:
    """The same ruling where an agent wants two people for whatever would be asked of one."""
    if people < 2 or ruling.release is not Release.ASK:
        return ruling
    return replace(ruling, release=Release.ASK_TWO, approver=stricter_approver(ruling.approver, "not_requester"))


def doubtful(ruling: Ruling) -> bool:
    """Is a person asked, or the call denied, by a rule of which nobody can tell whether it holds?"""
    return any(one.matched is None and one.rule.release not in (None, Release.ALLOW) for one in ruling.matches)


def written(*policies: Policy) -> str:
    """The policies' own words, each once, for whoever checks a call against them."""
    return "\n\n".join(dict.fromkeys(policy.text.strip() for policy in policies if policy.text))


def mentions_evidence(policy: Policy) -> bool:
    return any(rule.when.evidence is not None for rule in policy.rules)


def stricter_approver(one: Approver, other: Approver) -> Approver:
    return max(one, other, key=_approver_rank)


def _approver_rank(approver: str) -> tuple[int, str]:
    return (_APPROVERS.index(approver) if approver in _APPROVERS else len(_APPROVERS), approver)


def _strictness(ruling: Ruling) -> tuple[int, int]:
    return RELEASE_ORDER.index(ruling.release), VERIFY_ORDER.index(ruling.verify)
