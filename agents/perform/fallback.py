"""What is declared for a turn that cannot be answered: a fixed answer, a person with a summary, another agent."""

import hashlib
import json
from collections import Counter

from store.events import CallState

from ..arguments import CallDetails
from ..commands.conversation import StartSession
from ..commands.guards import FallBackOn
from ..config import Agent
from ..errors import NotNow
from .reading import masked
from .work import Work, said


def declared(agent: Agent) -> bool:
    return bool(agent.fallback.hand_over or agent.fallback.agent or agent.fallback.answer)


async def fall_back(work: Work, agent: Agent, because: str) -> None:
    await work.append(await prepared(work, agent, because))


async def prepared(work: Work, agent: Agent, because: str) -> FallBackOn:
    """The command that ends the turn; the session of another agent is started first, under a name of its own."""
    fixed = agent.fallback
    if fixed.answer and not fixed.hand_over and not fixed.agent:
        return FallBackOn(known=work.session, because=because, text=fixed.answer)
    text = await handover(work, because)
    outside = await work.desk.world.outside_if_handed_over(work.session) if fixed.agent else None
    if outside:
        because = f"{because} {outside}"
    if fixed.agent is None or outside:
        words = f"{fixed.answer}\n\n{text}" if fixed.answer else text
        return FallBackOn(known=work.session, because=because, text=words, to="person")
    text = masked(text, await work.vault())  # its models may lie outside
    session_id = await _started(work, fixed.agent, text)
    return FallBackOn(
        known=work.session,
        because=because,
        text=f"{fixed.agent} goes on with it in session {session_id}.\n\n{text}",
        to="agent",
        agent=fixed.agent,
        session_id=session_id,
    )


async def _started(work: Work, agent: str, text: str) -> str:
    """The id follows from session and turn: after a crash in between, the same session is found, not another begun."""
    session = work.session
    session_id = f"S-{hashlib.sha256(f'{session.id}/{session.turn}/{agent}'.encode()).hexdigest()[:10]}"
    pins = work.desk.world.pins_of(agent)
    title = f"Taken over from {session.id}"
    command = StartSession(agent=agent, pins=pins, title=title, message=text, inputs=None, by=session.requester)
    try:
        await work.desk.log.append(session_id, command)
    except NotNow:
        pass
    return session_id


async def handover(work: Work, because: str) -> str:
    """What somebody who goes on from here has to know: the request, what was done, the last words."""
    session = work.session
    mine = [entry for entry in session.entries if entry.turn == session.turn]
    calls = [call for call in session.calls if call.state is not CallState.PROPOSED]
    await work.read({entry.ref for entry in mine if entry.kind == "reply"} | {call.details for call in calls})
    counted = Counter((did.tool, did.state) for did in session.done)
    done = [f"- {tool}: {state}" + (f", {n} times" if n > 1 else "") for (tool, state), n in counted.items()]
    open_calls = [
        f"- {_effect(work.texts.get(call.details))}: {call.state}"
        for call in calls
        if call.state in (CallState.HELD, CallState.UNKNOWN)
    ]
    replies = [said(work.texts.get(entry.ref)) for entry in mine if entry.kind == "reply"]
    last = next((text for text in reversed(replies) if text), None)
    blocks = [f"Why: {because}", f"Asked for:\n{await work.request()}"]
    blocks += ["Done:\n" + "\n".join(done)] if done else ["Nothing was done."]
    blocks += ["Still open:\n" + "\n".join(open_calls)] if open_calls else []
    return "\n\n".join([*blocks, f"The agent's last words:\n{last}"] if last else blocks)


def _effect(details: str | None) -> str:
    try:
        return CallDetails.model_validate_json(details or "").effect
    except ValueError:
        return json.dumps("a call whose details are not in the record any more")
