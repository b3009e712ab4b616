"""Three voters of three tempers: the calm, the strict, and the careful who abstains when no reason is given; pure."""

from .replies import Fields
from .weighing import Finding, Proposal, proposal, weigh
from .wording import euros

STRICT_ABOVE_EUR = 200
_WANTS_A_REASON = ("refund_order", "grant_store_credit", "delete_customer")


def vote(model: str, about: Fields) -> Fields:
    """Answer to `vote`; a model that is none of the three votes as the policy reads."""
    call = proposal(about)
    finding = weigh(call)
    if model.endswith("strict"):
        finding = _strict(call, finding)
    elif model.endswith("careful"):
        finding = _careful(call, finding)
    elif model.endswith("calm"):
        finding = _calm(finding)
    return {"verdict": finding.verdict, "because": finding.because, "path": finding.path}


def _calm(finding: Finding) -> Finding:
    """Doubt is no reason to stop; a policy that forbids it is."""
    if finding.verdict == "ask" and finding.clause:
        return Finding(verdict="allow", because="Nothing in the policy forbids it, and the request asks for it.")
    return finding


def _strict(call: Proposal, finding: Finding) -> Finding:
    """Large amounts and every doubt belong before a person."""
    if call.amount and call.amount[1] > STRICT_ABOVE_EUR:
        path, amount = call.amount
        because = f"{euros(amount)} is more than {euros(STRICT_ABOVE_EUR)}: too much to be released by models."
        return Finding(verdict="deny", because=because, path=path)
    if finding.verdict == "ask":
        return Finding(verdict="deny", because=f"In doubt, no. {finding.because}", path=finding.path)
    return finding


def _careful(call: Proposal, finding: Finding) -> Finding:
    """Without a stated reason it has nothing to go by."""
    if call.kind in _WANTS_A_REASON and finding.verdict != "deny" and not call.gives_reason:
        return Finding(verdict="abstain", because="The request states no reason, so I can't tell whether it is right.")
    return finding
