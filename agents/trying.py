"""A draft of a policy tried out before it is saved: against what was recorded, and against one made-up call."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from store.events import Evidence, Release, Risk, RuleRef, Verify
from store.queries import Queries
from store.times import from_text, to_text

from . import policy, standing
from .arguments import CallDetails
from .circumstances import Circumstances
from .conditions import Call
from .config import Agent, Policy, Toolset
from .errors import Missing
from .policy import Ruling
from .what_if import PLAIN, Lens, RecordedCall, Replayed, WhatIf, counted, replay
from .world import World, verification

AT_ONCE = 500
"""Calls judged again before anybody else gets a turn."""
KEPT_SECONDS = 60.0
"""What was read is used again between two keystrokes."""
DAY_SECONDS = 86_400.0

Calls = Callable[[], Awaitable[Sequence[RecordedCall]]]
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Tried:
    draft: Ruling
    today: Ruling | None
    """Under the policy of that name as it is now; None where there is none yet."""


@dataclass(frozen=True, slots=True)
class _Kept:
    key: tuple[Any, ...]
    at: float
    calls: list[RecordedCall]


async def what_if(
    calls_source: Calls,
    draft: Policy,
    *,
    now: datetime,
    lenses: Mapping[str, Lens] | None = None,
    agents: tuple[str, ...] = (),
    progress: Progress | None = None,
) -> WhatIf:
    """`agents`: whose calls these are, all agents' where empty. `progress` hears (done, all). Can be cancelled between any two chunks."""
    calls = await calls_source()
    began, lenses = time.perf_counter(), lenses or {}
    done: list[Replayed | None] = []
    if progress:
        progress(0, len(calls))
    for start in range(0, len(calls), AT_ONCE):
        done += await asyncio.to_thread(_replayed, calls[start : start + AT_ONCE], draft, lenses)
        if progress:
            progress(len(done), len(calls))
    days = (now - min((call.at for call in calls), default=now)).total_seconds() / DAY_SECONDS
    seconds = time.perf_counter() - began
    return await asyncio.to_thread(counted, done, len(draft.rules), days, seconds, agents)


def _replayed(calls: Sequence[RecordedCall], draft: Policy, lenses: Mapping[str, Lens]) -> list[Replayed | None]:
    return [replay(call, draft, lenses.get(call.agent, PLAIN)) for call in calls]


class Trying:
    """Reads what was recorded once for several looks at it, and knows the agents, toolsets and policies of now."""

    def __init__(self, queries: Queries, world: World) -> None:
        self._queries = queries
        self._world = world
        self._kept: _Kept | None = None
        self._one_at_a_time = asyncio.Lock()

    async def recorded(self, policy_name: str | None = None, *, days: int = 30) -> list[RecordedCall]:
        """The judged calls of the agents that use this policy, oldest first; of all where none does."""
        return await self._calls(self._users(policy_name), days, costs=False)

    async def what_if(self, draft: Policy, *, days: int = 30, progress: Progress | None = None) -> WhatIf:
        users, costs = self._users(draft.name), any(r.when.session_cost_over_usd is not None for r in draft.rules)
        return await what_if(
            lambda: self._calls(users, days, costs=costs),
            draft,
            now=self._world.now(),
            lenses={name: _lens(agent) for name, agent in self._agents().items()},
            agents=users,
            progress=progress,
        )

    def try_call(
        self,
        draft: Policy,
        *,
        connector: str,
        tool: str,
        arguments: dict[str, Any],
        agent: str | None = None,
        evidence: tuple[Evidence, ...] | None = None,
        risk: Risk | None = None,
    ) -> Tried:
        """As if it were proposed now, by a session of unknown cost; standing approvals in force count."""
        known = self._agents().get(agent or "")
        call = Call(
            connector=connector,
            tool=tool,
            risk=risk or self._risk(known, connector, tool),
            arguments=arguments,
            evidence=evidence,
            circumstances=Circumstances(agent=agent, at=self._world.now()),
            definition_hash=self._world.accepted_hash(connector, tool),
        )
        version, today = self._world.current.get("policy", {}).get(draft.name, (0, None))
        lens = _lens(known) if known else PLAIN
        return Tried(
            draft=self._ruling(draft, version, call, lens),
            today=self._ruling(today, version, call, lens) if today else None,
        )

    def _ruling(self, rules: Policy, version: int, call: Call, lens: Lens) -> Ruling:
        ruling = policy.asking_people(policy.judge_call(rules, version, call), lens.people)
        ruling = standing.released(ruling, self._world.standing_now(), call)
        return policy.verified_at_least(ruling, lens.guards.get(call.risk, Verify.NONE))

    def _risk(self, agent: Agent | None, connector: str, tool: str) -> Risk:
        """The admin's word in the agent's toolset; without an agent, in whichever toolset is strictest."""
        toolsets: dict[str, tuple[int, Toolset]] = self._world.current.get("toolset", {})
        entries = [
            entry.risk
            for name, (_, one) in toolsets.items()
            if agent is None or name == agent.toolset
            for entry in one.tools
            if (entry.connector, entry.tool) == (connector, tool)
        ]
        return max(entries, key=tuple(Risk).index, default=Risk.UNKNOWN)

    def _agents(self) -> dict[str, Agent]:
        return {name: document for name, (_, document) in self._world.current.get("agent", {}).items()}

    def _users(self, policy_name: str | None) -> tuple[str, ...]:
        return tuple(sorted(name for name, agent in self._agents().items() if agent.policy == policy_name))

    async def _calls(self, agents: tuple[str, ...], days: int, *, costs: bool) -> list[RecordedCall]:
        key = (agents, days, costs)
        async with self._one_at_a_time:
            if self._kept is None or self._kept.key != key or time.monotonic() - self._kept.at > KEPT_SECONDS:
                since = self._world.now() - timedelta(days=days)
                calls: list[RecordedCall] = []
                async for items in self._queries.recorded_calls(to_text(since), agents, costs=costs):
                    calls += await asyncio.to_thread(read_calls, items, await self._rules_of_then(items))
                calls.sort(key=lambda one: (one.at, one.session_id, one.seq))
                self._kept = _Kept(key, time.monotonic(), calls)
            return self._kept.calls

    async def _rules_of_then(self, items: Sequence[dict[str, Any]]) -> dict[tuple[str, int], Policy]:
        """Those that decided about these calls; a version that cannot be read any more is left out."""
        refs = {(ref["policy"], ref["version"]) for one in items if (ref := one["event"].get("rule"))}
        found = {}
        for name, version in refs:
            with suppress(Missing, ValueError):
                found[name, version] = await self._world.pinned("policy", name, version, Policy)
        return found


def _lens(agent: Agent) -> Lens:
    return Lens(people=agent.approval.people, guards=verification(agent))


def read_calls(
    items: Sequence[dict[str, Any]], rules_of_then: Mapping[tuple[str, int], Policy] | None = None
) -> list[RecordedCall]:
    return [_call(one, rules_of_then or {}) for one in items]


def _imposed(
    rule: RuleRef | None, risk: Risk, release: Release, rules_of_then: Mapping[tuple[str, int], Policy]
) -> bool:
    """Whether it came out stricter than its rule says; two people instead of one are the agent's own wish."""
    if rule and rule.standing:
        return release is not Release.ALLOW
    policy_then = rules_of_then.get((rule.policy, rule.version)) if rule else None
    if rule is None or policy_then is None:
        return False
    index = rule.index
    known = index is None or index < len(policy_then.rules)
    said = policy.DEFAULTS[risk][0] if index is None else policy_then.rules[index].release if known else None
    of_the_agent = said is Release.ASK and release is Release.ASK_TWO
    order = policy.RELEASE_ORDER.index
    return said is not None and order(release) > order(said) and not of_the_agent


def _call(item: dict[str, Any], rules_of_then: Mapping[tuple[str, int], Policy]) -> RecordedCall:
    event = item["event"]
    details = None if item["details"] is None else CallDetails.model_validate_json(item["details"])
    rule = None if event.get("rule") is None else RuleRef.model_validate(event["rule"])
    values = None if details is None or details.arguments_json is None else json.loads(details.arguments_json)
    risk, release = Risk(event["risk"]), Release(event.get("release", Release.ASK))
    return RecordedCall(
        session_id=item["session_id"],
        call_id=event["call_id"],
        step=event["step"],
        seq=item["seq"],
        at=from_text(item["at"]),
        agent=item["agent"],
        connector=event["connector"],
        tool=event["own_name"],
        risk=risk,
        arguments=values,
        evidence=(details.evidence or None if values else ()) if details else None,
        effect=details.effect if details else "Erased.",
        release=release,
        verify=Verify(event.get("verify", Verify.NONE)),
        state=item["state"] or event["state"],
        decision=item["decision"],
        decided_by=item["decided_by"],
        decided_because=item["decided_because"],
        session_cost_usd=item["session_cost_usd"],
        policy=rule.policy if rule else "",
        standing=rule.standing if rule else None,
        imposed=_imposed(rule, risk, release, rules_of_then),
    )
