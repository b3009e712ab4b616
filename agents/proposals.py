"""One tool call as the model wrote it → what it would do, whether it may, and why. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from store.events import CallState, Evidence, Release, Risk, RuleRef, Verify

from . import arguments, policy, reasoning
from .arguments import BadArguments, CallDetails
from .circumstances import UNKNOWN, Circumstances
from .conditions import Call as Asked
from .config import Policy, ToolEntry
from .effect import effect
from .model_calls import ModelCall
from .schema_check import problems
from .standing import Standing, released
from .tools.definition import ToolDefinition

State = Literal[CallState.INVALID, CallState.DENIED, CallState.HELD, CallState.ALLOWED, CallState.PROPOSED]


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """A picked tool as the model sees it: its name, the admin's word on it, and the connector's definition."""

    name: str
    entry: ToolEntry
    definition: ToolDefinition
    wire: Mapping[str, Any]
    """The OpenAI-style tool the model is given; its first parameter is the reasoning block."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The policy a session started with and the one in force now; a call must satisfy both."""

    pinned: Policy
    pinned_version: int
    current: Policy
    current_version: int
    guards: Mapping[Risk, Verify] = field(default_factory=dict)
    """What the agent's own guards want verified, by risk, whatever the rules say."""
    people: int = 1
    """How many the agent wants for whatever the rules ask one person about."""
    circumstances: Circumstances = UNKNOWN
    standing: Standing = field(default_factory=dict)

    def at(self, moment: datetime) -> "Rules":
        return replace(self, circumstances=replace(self.circumstances, at=moment))

    def after_paying(self, *prices_usd: float | None) -> "Rules":
        """What the session has cost once these are added; unknown as soon as one of them is."""
        costs = [self.circumstances.session_cost_usd, *prices_usd]
        known = [cost for cost in costs if cost is not None]
        total = sum(known) if len(known) == len(costs) else None
        return replace(self, circumstances=replace(self.circumstances, session_cost_usd=total))

    @property
    def mention_evidence(self) -> bool:
        return policy.mentions_evidence(self.current) or policy.mentions_evidence(self.pinned)

    def judge(
        self, tool: Offered, values: dict[str, Any], evidence: tuple[Evidence, ...] | None = None
    ) -> policy.Ruling:
        ruling = policy.asking_people(self._by_rules(tool, values, evidence), self.people)
        ruling = released(ruling, self.standing, self._asked(tool, values, evidence))
        return policy.verified_at_least(ruling, self.guards.get(tool.entry.risk, Verify.NONE))

    def _asked(self, tool: Offered, values: dict[str, Any], evidence: tuple[Evidence, ...] | None) -> Asked:
        return Asked(
            connector=tool.entry.connector,
            tool=tool.entry.tool,
            risk=tool.entry.risk,
            arguments=values,
            evidence=evidence,
            circumstances=self.circumstances,
            definition_hash=tool.definition.hash,
        )

    def _by_rules(self, tool: Offered, values: dict[str, Any], evidence: tuple[Evidence, ...] | None) -> policy.Ruling:
        asked = self._asked(tool, values, evidence)
        now = policy.judge_call(self.current, self.current_version, asked)
        if self.pinned_version == self.current_version and self.pinned.name == self.current.name:
            return now
        return policy.stricter(now, policy.judge_call(self.pinned, self.pinned_version, asked))


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """Everything a CallProposed event needs."""

    provider_id: str
    tool: str
    offered: Offered | None
    details: CallDetails
    digest: str | None
    state: State
    verify: Verify
    release: Release
    approver: str
    rule: RuleRef | None
    because: str
    repeat: str | None = None
    """What it shares with a call that a person rejected: then it is asked about as a repeat."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a call's arguments are read: stand-ins become values again, and each value's origin is looked up."""

    reveal: Callable[[dict[str, Any]], tuple[dict[str, Any], tuple[str, ...]]] = lambda values: (values, ())
    """Gives the stand-ins nobody knows, too."""
    trace: Callable[["Offered", dict[str, Any]], tuple[Evidence, ...] | None] | None = None
    veil: Callable[[str], str] = lambda words: words
    """What is wrong with a call is told to the model, and may quote the values."""
    repeated: Callable[["Offered", dict[str, Any]], str | None] = lambda tool, values: None


PLAIN = Reading()


def offer(name: str, entry: ToolEntry, definition: ToolDefinition) -> Offered:
    """What the model is offered: the admin's name and description, no pinned or hidden parameters, reasoning first."""
    function = {
        "name": name,
        "description": entry.description or definition.description or f"{definition.name} of {definition.connector}",
        "parameters": reasoning.offer(definition.input_schema, {*entry.pinned, *entry.hidden}),
    }
    return Offered(name=name, entry=entry, definition=definition, wire={"type": "function", "function": function})


def propose(call: ModelCall, tools: Mapping[str, Offered], rules: Rules, reading: Reading = PLAIN) -> Proposal:
    """Parse, strip the reasoning, check the schema, then ask the policy. Whatever is wrong makes the call invalid."""
    tool = tools.get(call.name)
    if tool is None:
        known = ", ".join(sorted(tools)) or "none in this step"
        return _invalid(call, None, f"There is no tool named {call.name!r}. The tools are: {known}.")
    try:
        given = arguments.parse(call.arguments)
    except BadArguments as error:
        return _invalid(call, tool, f"The arguments cannot be read: {error}")
    block, values, wrong = reasoning.take(given, tool.definition.input_schema)
    values, unknown = reading.reveal(values)
    wrong = [*wrong, *(f"{one} stands for nothing that is known; look the value up." for one in unknown)]
    pinned = [
        f"/{key} is fixed by the administrator and must not be given." for key in tool.entry.pinned if key in values
    ]
    hidden = [f"/{key} is not offered and must not be given." for key in tool.entry.hidden if key in values]
    unfit = problems(values | tool.entry.pinned, tool.definition.input_schema, tool.entry.pinned)
    wrong = [*wrong, *pinned, *hidden, *map(reading.veil, unfit)]
    whole = values | tool.entry.pinned
    evidence = _traced(tool, whole, rules, reading) if not wrong else None
    details = CallDetails(
        arguments_json=arguments.canonical(whole),
        raw=None,
        reasoning=block,
        effect=effect(tool.entry.tool, values),
        problems=tuple(wrong),
        evidence=evidence or (),
        kept=tuple(tool.entry.pinned),
    )
    if wrong:
        return _proposal(call, tool, details, CallState.INVALID, because="The arguments do not fit the tool.")
    repeat = reading.repeated(tool, whole) if tool.entry.risk is not Risk.READ else None
    return replace(ruled(call.id, tool, details, rules.judge(tool, whole, evidence)), repeat=repeat)


def _traced(tool: Offered, values: dict[str, Any], rules: Rules, reading: Reading) -> tuple[Evidence, ...] | None:
    """Looked up for what a person may be asked about, and wherever a rule wants to know."""
    if reading.trace is None or (tool.entry.risk is Risk.READ and not rules.mention_evidence):
        return None
    return reading.trace(tool, values)


def ruled(provider_id: str, tool: Offered, details: CallDetails, ruling: policy.Ruling) -> Proposal:
    """A readable call under a ruling: denied, held for a person, or allowed."""
    return Proposal(
        provider_id=provider_id,
        tool=tool.name,
        offered=tool,
        details=details,
        digest=digest_of(tool, details.arguments_json or ""),
        state=state_for(ruling.release, ruling.verify),
        verify=ruling.verify,
        release=ruling.release,
        approver=ruling.approver,
        rule=ruling.rule,
        because=ruling.because,
    )


def digest_of(tool: Offered, arguments_json: str) -> str:
    return arguments.digest(tool.entry.connector, tool.entry.tool, tool.definition.hash, arguments_json)


def state_for(release: Release, verify: Verify = Verify.NONE) -> State:
    if release is Release.DENY:
        return CallState.DENIED
    if verify is not Verify.NONE:
        return CallState.PROPOSED
    return CallState.ALLOWED if release is Release.ALLOW else CallState.HELD


def _invalid(call: ModelCall, tool: Offered | None, problem: str) -> Proposal:
    raw = call.arguments[:20_000].encode("utf-8", "backslashreplace").decode()
    details = CallDetails(
        arguments_json=None, raw=raw, reasoning=None, effect=effect(call.name, {}), problems=(problem,)
    )
    return _proposal(call, tool, details, CallState.INVALID, because="The call cannot be understood.")


def _proposal(
    call: ModelCall,
    tool: Offered | None,
    details: CallDetails,
    state: Literal[CallState.INVALID],
    *,
    because: str,
) -> Proposal:
    return Proposal(
        provider_id=call.id,
        tool=call.name,
        offered=tool,
        details=details,
        digest=None,
        state=state,
        verify=Verify.NONE,
        release=Release.ASK,
        approver="anyone",
        rule=None,
        because=because,
    )
