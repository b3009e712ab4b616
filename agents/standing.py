"""A person's word given in advance: which standing approval releases a call that would be asked about. Pure."""

from collections.abc import Mapping
from dataclasses import replace

from agents.conditions import Call, Truth, holds
from agents.config import StandingApproval, When
from agents.policy import Ruling, doubtful
from store.events import Approver, Release, Risk, RuleRef

Standing = Mapping[str, tuple[int, StandingApproval]]
"""Those in force now: name → (version, document)."""
RELEASABLE = (Release.ASK,)
"""Two people, or a denial, no word given in advance replaces."""

OTHERS: Approver = "not_requester"


def released(ruling: Ruling, standing: Standing, call: Call) -> Ruling:
    """Turns only `ask` into `allow`; models that are to verify the call still do.

    Never where a rule asks because it could not be told, nor where it wants somebody else than who asks, who may have
    given the word; nor for a tool of which nobody has said what it can do.
    """
    if ruling.release not in RELEASABLE or ruling.approver == OTHERS:
        return ruling
    if call.risk is Risk.UNKNOWN or doubtful(ruling):
        return ruling
    for name, (version, one) in sorted(standing.items()):
        if covers(one, call) is True:
            before = ruling.rule
            ref = RuleRef(
                policy=before.policy if before else "",
                version=before.version if before else 0,
                index=before.index if before else None,
                standing=name,
                standing_version=version,
            )
            because = f"A standing approval releases it, {name}: {one.because}"
            return replace(ruling, release=Release.ALLOW, rule=ref, because=because)
    return ruling


def covers(one: StandingApproval, call: Call) -> Truth:
    """None where it cannot be told, which never releases."""
    if one.connector != call.connector or one.tool != call.tool:
        return False
    if one.agent is not None and one.agent != call.circumstances.agent:
        return False
    if one.definition_hash is not None and one.definition_hash != call.definition_hash:
        return False
    if one.expires_at is not None:
        at = call.circumstances.at
        if at is None or one.expires_at.tzinfo is None:
            return None
        if at >= one.expires_at:
            return False
    return holds(When(arguments=one.arguments), call, every=True)[0]
