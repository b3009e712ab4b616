"""Carries out one Move: asks the model, runs tools, records what came of it. All effects of a session are here."""

import asyncio
import json
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from store.errors import StoreUnavailable
from store.event_log import Command as AnyCommand
from store.event_log import EventLog
from store.events import CallState

from . import arguments, context, meters
from .arguments import BadArguments, CallDetails
from .commands.calls import FinishCall, LoseSightOf, StartCalls
from .commands.command import Done
from .commands.replies import RecordFailure, RecordReply
from .config import Agent, Connector
from .errors import Missing
from .folded import Call, Session
from .hub import Hub, Words
from .model_calls import ModelsFailed
from .models import Models
from .proposals import Offered, Proposal, propose
from .schema_check import problems
from .tools.checks import output_problems
from .tools.definition import ToolOutput
from .tools.errors import ConnectorDown, ToolFailure
from .tools.registry import Registry
from .world import World

log = logging.getLogger(__name__)
SHOWN_CHARACTERS = 16_000
"""How much of one output the model gets (about 4k tokens); the whole output is kept in the record."""
STORE_RETRY_SECONDS = 1.0
LOOK_SECONDS = 5.0
CALL_SECONDS = 60.0
"""For a call whose connector was deleted after it had started."""
CUT_OFF = "It was started, and then this program stopped before its result was recorded."


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The services a session is carried out with."""

    log: EventLog
    world: World
    registry: Registry
    models: Models
    hub: Hub


@dataclass(slots=True, kw_only=True)
class Work:
    """One session while this process advances it. `texts` caches payloads by ref: they never change."""

    desk: Desk
    session: Session
    texts: dict[str, str | None] = field(default_factory=dict)
    messages: dict[str, list[context.Message]] = field(default_factory=dict)
    """Of recorded parts of prompts, by ref; see context.build."""
    recording: bool = False
    """The model has replied: from now on the asking must not be broken off, or calls would start that nobody runs."""

    async def append(self, command: AnyCommand) -> Any:
        """Append a command and take over the session as it then stands."""
        done: Done = (await self.desk.log.append(self.session.id, command)).value
        self.texts.update(done.texts)
        if done.session.seq > self.session.seq:
            self.session = done.session
        return done.value

    async def insist(self, command: AnyCommand) -> Any:
        """Append what exists only here (a reply that was paid for, a result): a full disk is waited out."""
        while True:
            try:
                return await self.append(command)
            except StoreUnavailable as error:
                log.warning("Session %s keeps a result until it can be recorded: %s", self.session.id, error)
                await asyncio.sleep(STORE_RETRY_SECONDS)

    async def read(self, refs: set[str]) -> None:
        if missing := [ref for ref in refs if ref not in self.texts]:
            self.texts.update(await self.desk.log.payloads(self.session.id, missing))


async def ask_model(work: Work, closing: str | None) -> tuple[str, ...]:
    """One model call and the record of its reply. Returns the ids of the calls that were started with it."""
    session, desk = work.session, work.desk
    situation = await desk.world.situation(session)
    agent = situation.agent
    await work.read(context.needed(session, agent))
    built = context.build(session, agent, work.texts, closing, work.messages)
    tools = [] if closing else [dict(tool.wire) for tool in situation.tools.values()]
    try:
        reply = await desk.models.complete(situation.models, built.messages, tools, on_text=_listener(work))
    except ModelsFailed as failed:
        work.recording = True
        await work.insist(
            RecordFailure(known=session, attempts=failed.attempts, because=str(failed), answer=agent.fallback.answer)
        )
        return ()
    work.recording = True
    offered = {} if closing else situation.tools
    proposals = [propose(call, offered, situation.rules) for call in reply.calls]
    limit = desk.models.info(situation.models[0]).context_window
    tools_text = None if closing else situation.tools_text
    started: tuple[str, ...] = await work.insist(
        RecordReply(
            known=session,
            agent=agent,
            reply=reply,
            prompt=built,
            closing=closing,
            tools_text=tools_text,
            tools_ref=_same(session, work.texts, tools_text),
            context_limit=limit,
            segments=meters.segments({**built.sizes, "tools": len(tools_text or "")}, reply.usage),
            proposals=proposals,
            answer_problems=_answer_check(agent),
            clear=desk.world.clear(situation, _proposed_values(session.step + 1, proposals)),
            unrunnable=desk.world.unrunnable,
        )
    )
    return started


def _proposed_values(step: int, proposals: Sequence[Proposal]) -> dict[str, dict[str, Any]]:
    """The arguments of the calls that may run at once, by the ids they are going to have."""
    return {
        f"{step}.{index}": arguments.parse(one.details.arguments_json or "")
        for index, one in enumerate(proposals, start=1)
        if one.state is CallState.ALLOWED
    }


def _listener(work: Work) -> Callable[[str], None] | None:
    session_id, step, hub = work.session.id, work.session.step + 1, work.desk.hub
    if not hub.is_watched(session_id):
        return None
    return lambda text: hub.words(Words(session_id=session_id, step=step, text=text))


def _same(session: Session, texts: dict[str, str | None], tools_text: str | None) -> str | None:
    """The ref under which these very tools are recorded already."""
    ref = session.prompt.tools if session.prompt else None
    return ref if ref and tools_text is not None and texts.get(ref) == tools_text else None


def _answer_check(agent: Agent) -> Callable[[str], Sequence[str]]:
    """Does an answer fit the agent's output schema?"""
    schema = agent.output_schema
    if schema is None:
        return lambda _: ()

    def check(text: str) -> Sequence[str]:
        bare = text.strip().removeprefix("```json").removeprefix("```").removesuffix("```")
        try:
            value = json.loads(bare)
        except (ValueError, RecursionError) as error:
            return (f"it has to be one JSON value and nothing else ({error})",)
        return problems({"answer": value}, {"type": "object", "properties": {"answer": schema}})

    return check


async def start_calls(work: Work, call_ids: tuple[str, ...]) -> tuple[str, ...]:
    """Record the start of released calls; what is executed afterwards is exactly what this returns."""
    await _look_again(work, call_ids)
    situation = await work.desk.world.situation(work.session)
    values = await _values(work, call_ids)
    clear = work.desk.world.clear(situation, values)
    started: tuple[str, ...] = await work.append(
        StartCalls(known=work.session, agent=situation.agent, call_ids=call_ids, clear=clear)
    )
    return started


async def _look_again(work: Work, call_ids: tuple[str, ...]) -> None:
    """List the tools of approved calls once more: a server may have changed them silently since a person looked."""
    calls = [call for call in work.session.calls if call.id in call_ids and call.approval_id]
    for connector in {call.connector for call in calls if call.connector}:
        try:
            await work.desk.registry.refresh(connector, wait_seconds=LOOK_SECONDS)
        except ToolFailure:
            continue  # it is down: the call itself will say so, and whether it was sent


async def _values(work: Work, call_ids: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    calls = [call for call in work.session.calls if call.id in call_ids]
    await work.read({call.details for call in calls})
    values = {}
    for call in calls:
        details = CallDetails.model_validate_json(work.texts.get(call.details) or "{}")
        try:
            values[call.id] = arguments.parse(details.arguments_json or "")
        except BadArguments:
            continue  # then it is not cleared
    return values


async def execute(work: Work, call_id: str) -> None:
    """Run a started call and record its end. A call whose fate is unclear goes to a person."""
    call = work.session.call(call_id)
    if call is None or call.state is not CallState.EXECUTING:
        return
    began = time.perf_counter()
    try:
        output = await _run(work, call)
    except Exception as error:  # whatever went wrong in here, it may have been sent: then a person has to know
        failure = error if isinstance(error, ToolFailure) else _defect(error)
        if failure.outcome == "unknown" and not call.repeatable:
            agent = await work.desk.world.agent_of(work.session)
            await work.insist(LoseSightOf(known=work.session, agent=agent, call_ids=(call_id,), because=str(failure)))
            return
        output = ToolOutput(text=str(failure), structured=None, is_error=True)
    latency_ms = (time.perf_counter() - began) * 1000
    text = output.text.encode("utf-8", "backslashreplace").decode()
    await _keep_result(work, call_id, CallState.FAILED if output.is_error else CallState.SUCCEEDED, text, latency_ms)


def _defect(error: Exception) -> ToolFailure:
    log.error("A call failed inside Quarterdeck", exc_info=error)
    return ToolFailure(f"Quarterdeck itself failed on this call ({type(error).__name__}: {error}).", outcome="unknown")


async def _keep_result(
    work: Work, call_id: str, state: Literal[CallState.SUCCEEDED, CallState.FAILED], text: str, latency_ms: float
) -> None:
    await work.insist(FinishCall(work.session, call_id, state, text, _shown(text), latency_ms))


async def _run(work: Work, call: Call) -> ToolOutput:
    """Load the stored bytes, hash them again, and only then send them, with the entry's own retries."""
    stored = work.texts.get(call.details)
    if call.approval_id or stored is None:
        stored = (await work.desk.log.payloads(work.session.id, [call.details])).get(call.details)
    text = CallDetails.model_validate_json(stored or "{}").arguments_json
    if text is None or call.connector is None or call.own_name is None:
        raise ToolFailure("Its arguments are not in the record any more.", outcome="not_sent")
    if arguments.digest(call.connector, call.own_name, call.definition_hash or "", text) != call.digest:
        raise ToolFailure("Its recorded arguments do not match what was released; it was not run.", outcome="not_sent")
    return await _with_retries(work, call, await _offered(work, call), text)


async def _offered(work: Work, call: Call) -> Offered | None:
    """The entry's own word on retries and time. The call has started: what is missing now must not hold it up."""
    try:
        return (await work.desk.world.situation(work.session)).tools.get(call.tool)
    except Missing:
        return None


async def _with_retries(work: Work, call: Call, tool: Offered | None, text: str) -> ToolOutput:
    registry = work.desk.registry
    attempts = 1 + (tool.entry.retries if tool and call.repeatable else 0)
    timeout = (tool.entry.timeout_seconds if tool else None) or _connector_seconds(work, call)
    for attempt in range(1, attempts + 1):
        try:
            output = await registry.call(
                call.connector or "",
                call.own_name or "",
                text,
                timeout_seconds=timeout,
                definition_hash=call.definition_hash,
            )
        except ConnectorDown as down:
            failure = ToolFailure(str(down), outcome="not_sent")
        except ToolFailure as error:
            failure = error
        else:
            return _checked(tool, output)
        if attempt == attempts:
            raise failure
        await asyncio.sleep(0.2 * 2 ** (attempt - 1))
    raise AssertionError("unreachable: the last attempt returns or raises")


def _connector_seconds(work: Work, call: Call) -> float:
    _, connector = work.desk.world.current.get("connector", {}).get(call.connector or "", (0, None))
    return connector.timeout_seconds if isinstance(connector, Connector) else CALL_SECONDS


def _checked(tool: Offered | None, output: ToolOutput) -> ToolOutput:
    """Note where a result does not fit the tool's own output schema; it did run, so it is not called a failure."""
    wrong = output_problems(tool.definition, output) if tool and not output.is_error else []
    if not wrong:
        return output
    text = f"[The result does not fit the tool's declared output: {'; '.join(wrong)}]\n{output.text}"
    return ToolOutput(text=text, structured=output.structured, is_error=False)


def _shown(text: str) -> str | None:
    """The text as the model gets it, if it has to be shortened: its beginning and its end."""
    if len(text) <= SHOWN_CHARACTERS:
        return None
    head, tail = SHOWN_CHARACTERS * 3 // 4, SHOWN_CHARACTERS // 4
    left_out = len(text) - head - tail
    return f"{text[:head]}\n[… {left_out:,} characters left out; the whole output is in the record …]\n{text[-tail:]}"


async def lose_sight(work: Work, call_ids: tuple[str, ...]) -> None:
    agent = await work.desk.world.agent_of(work.session)
    await work.append(LoseSightOf(known=work.session, agent=agent, call_ids=call_ids, because=CUT_OFF))


def said(output: str | None) -> str:
    """The text of a recorded model output."""
    return str(json.loads(output)["text"]) if output else ""
