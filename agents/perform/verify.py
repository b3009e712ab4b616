"""Has models look at a proposed call before it is released: policy check, votes, or both at once."""

import json

from .. import policy
from ..arguments import CallDetails
from ..commands.guards import RecordVerified
from ..folded import Call
from ..guards.policy_check import CallToJudge
from ..guards.verify import verify
from ..proposals import Rules
from .reading import masked
from .work import Work


async def verify_call(work: Work, call_id: str) -> None:
    call = work.session.call(call_id)
    if call is None:
        return
    situation = await work.desk.world.situation(work.session)
    found = await verify(
        work.desk.models,
        call.verify,
        await _to_judge(work, call, situation.rules),
        situation.judge,
        situation.vote,
        situation.guards.seconds,
    )
    await work.insist(RecordVerified(work.session, situation.agent, call_id, found, work.desk.world.unrunnable))


async def _to_judge(work: Work, call: Call, rules: Rules) -> CallToJudge:
    await work.read({call.details})
    details = CallDetails.model_validate_json(work.texts.get(call.details) or "{}")
    vault = await work.vault()
    block = details.reasoning.model_dump() if details.reasoning else None
    return CallToJudge(
        request=masked(await work.request(), vault),
        tool=call.own_name or call.tool,
        arguments=json.loads(masked(details.arguments_json or "{}", vault)),
        policy=policy.written(rules.current, rules.pinned),
        reasoning=json.loads(masked(json.dumps(block, ensure_ascii=False), vault)) if block else None,
        risk=call.risk,
    )
