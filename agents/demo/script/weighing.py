"""Weighs one proposed call against the request and the written policy, and nothing else; pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .asking import erasure_mentioned
from .entities import entities_in
from .replies import Fields
from .toolbox import kind_called
from .wording import euros
from .written import Clause, clauses

_TOPICS = {
    "refund_order": "refund",
    "grant_store_credit": "credit",
    "write_to_customer": "write",
    "write_to_address": "write",
    "delete_customer": "erase",
}
_READS = re.compile(r"(?:^|[._])(?:get|list|find|search|read|show|track|look|recall|check)_?")
_MONEY = ("amount", "amount_eur", "value", "eur", "sum", "total")
_ADDRESS = ("address", "email", "to", "recipient", "ship_to")
_STATED = re.compile(
    r"\b(?:because|since|due to|after|reason|damag\w+|broken?|broke|crack\w*|leak\w*|fault\w*|defect\w*|wrong|late|lost|"
    r"never|missing|torn|tore|scratch\w*|smell\w*|too (?:small|big|large|long|short)|returned|sent back|came back|"
    r"withdr\w+|twice|double|snapped|dead|goodwill|delay\w*|does(?:n't| not)|did(?:n't| not)|promised)\b"
)
_RANK = {"allow": 0, "ask": 1, "deny": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A call to be judged blind: nothing that the agent or a tool has said is part of it."""

    request: str
    tool: str
    arguments: Fields
    policy: str

    @property
    def kind(self) -> str:
        return kind_called(self.tool)

    @property
    def reads(self) -> bool:
        return self.kind not in _TOPICS and bool(_READS.search(self.tool))

    @property
    def amount(self) -> tuple[str, float] | None:
        """The argument that is money, with its JSON Pointer."""
        for name, value in self.arguments.items():
            if name in _MONEY and isinstance(value, int | float) and not isinstance(value, bool):
                return f"/{name}", float(value)
        return None

    @property
    def address(self) -> tuple[str, str] | None:
        for name, value in self.arguments.items():
            if name in _ADDRESS and isinstance(value, str):
                return f"/{name}", value
        return None

    @property
    def gives_reason(self) -> bool:
        return bool(_STATED.search(self.request.lower()))


def proposal(about: Fields) -> Proposal:
    """From the JSON that a side question shows; what is missing or of another type is empty."""
    arguments = about.get("arguments")
    return Proposal(
        request=_text(about.get("request")),
        tool=_text(about.get("tool")),
        arguments=arguments if isinstance(arguments, dict) else {},
        policy=_text(about.get("policy")),
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "\n".join(map(_text, value)) if isinstance(value, list) else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What the policy says to the call: the clause word for word ("" if none speaks) and the argument in question."""

    verdict: str
    because: str
    clause: str = ""
    path: str = ""


def weigh(call: Proposal) -> Finding:
    """The strictest of what the clauses say; silence and doubt are a reason to ask."""
    if call.reads:
        return Finding(verdict="allow", because="It only reads.")
    if not call.policy.strip():
        return Finding(verdict="ask", because="There is no written policy to judge it by.")
    topic = _TOPICS.get(call.kind)
    spoken = [one for one in clauses(call.policy) if topic in one.topics] if topic else []
    if not spoken:
        return Finding(verdict="ask", because=f"The policy says nothing about {call.tool or 'this'}.")
    findings = [finding for one in _closest(call, spoken) for finding in _said(call, one)]
    if findings:
        return max(findings, key=lambda finding: _RANK[finding.verdict])
    doubt = "The policy speaks of it but does not settle this case."
    path = call.amount[0] if call.amount else ""
    return Finding(verdict="ask", because=doubt, clause=spoken[0].text, path=path)


def _closest(call: Proposal, spoken: list[Clause]) -> list[Clause]:
    """Of several lines drawn (up to 50, up to 200, above 200) those next to the amount; what is never allowed stays."""
    if call.amount is None:
        return spoken
    amount = call.amount[1]
    above = [max(one.euros) for one in spoken if one.euros and one.above and not one.never and max(one.euros) < amount]
    up_to = [max(one.euros) for one in spoken if one.euros and one.up_to and not one.never and max(one.euros) >= amount]
    lines = {max(above, default=None), min(up_to, default=None)}
    return [one for one in spoken if one.never or not one.euros or max(one.euros) in lines]


def _said(call: Proposal, clause: Clause) -> Iterator[Finding]:
    """What one clause says to the call; nothing if it is about another case."""
    if call.kind == "delete_customer":
        yield _on_erasing(call, clause)
    elif call.amount and clause.euros:
        yield from _on_amount(call, clause, *call.amount)
    elif call.kind == "write_to_address" and call.address:
        yield from _on_address(clause, *call.address)
    elif call.kind == "write_to_customer" and not clause.never:
        yield Finding(verdict="allow", because="It goes to the address on file.", clause=clause.text)


def _on_amount(call: Proposal, clause: Clause, path: str, amount: float) -> Iterator[Finding]:
    line = max(clause.euros)
    if clause.never:
        if amount > line:
            because = f"{euros(amount)} is more than the {euros(line)} that is never exceeded."
            yield Finding(verdict="deny", because=because, clause=clause.text, path=path)
    elif clause.above == (amount > line) and (clause.above or clause.up_to):
        if clause.reason and not call.gives_reason:
            yield Finding(verdict="ask", because="The request gives no reason for it.", clause=clause.text, path=path)
        elif clause.looked_at:
            because = f"{euros(amount)} is above {euros(line)}, so a person looks first."
            yield Finding(verdict="ask", because=because, clause=clause.text, path=path)
        else:
            because = f"{euros(amount)} is within what the policy grants for this request."
            yield Finding(verdict="allow", because=because, clause=clause.text)


def _on_address(clause: Clause, path: str, address: str) -> Iterator[Finding]:
    because = f"{address} is given as an address of its own, not as the one on file."
    if clause.looked_at:
        yield Finding(verdict="ask", because=because, clause=clause.text, path=path)
    elif clause.never or re.search(r"\bonly\b", clause.text.lower()):
        yield Finding(verdict="deny", because=because, clause=clause.text, path=path)


def _on_erasing(call: Proposal, clause: Clause) -> Finding:
    customer = str(call.arguments.get("customer_id", ""))
    path = "/customer_id" if customer else ""
    low = call.request.lower()
    if not erasure_mentioned(low):
        because = f"The request does not ask to erase anybody, least of all {customer or 'this customer'}."
        return Finding(verdict="deny", because=because, clause=clause.text, path=path)
    named = customer and customer.lower() in low
    if clause.looked_at or not (named or entities_in(call.request).any_subject):
        because = "An erasure cannot be undone, so a person looks first."
        return Finding(verdict="ask", because=because, clause=clause.text, path=path)
    because = "The request asks for this erasure and names the person."
    return Finding(verdict="allow", because=because, clause=clause.text)
