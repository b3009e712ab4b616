"""Runs tools: records the start, sends the very bytes that were released, records what came of it."""

import asyncio
import json
import logging
import secrets as randomness
import time
from typing import Literal

from store.events import CallState

from .. import arguments, masking, recall
from ..arguments import BadArguments, CallDetails
from ..commands.calls import Checked, FinishCall, HoldForInput, LoseSightOf, StartCalls
from ..config import Connector
from ..errors import Missing
from ..folded import Call
from ..forms import Form, Responses, responses
from ..proposals import Offered
from ..tools.checks import output_problems
from ..tools.definition import ToolOutput
from ..tools.errors import ConnectorDown, InputNeeded, ToolFailure
from .work import Work

log = logging.getLogger(__name__)
SHOWN_CHARACTERS = 16_000
"""How much of one output the model gets (about 4k tokens); the whole output is kept in the record."""
LOOK_SECONDS = 5.0
CALL_SECONDS = 60.0
"""For a call whose connector was deleted after it had started."""
CUT_OFF = "It was started, and then this program stopped before its result was recorded."


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


async def _values(work: Work, call_ids: tuple[str, ...]) -> dict[str, Checked]:
    calls = [call for call in work.session.calls if call.id in call_ids]
    await work.read({call.details for call in calls})
    values = {}
    for call in calls:
        details = CallDetails.model_validate_json(work.texts.get(call.details) or "{}")
        try:
            values[call.id] = checked(details)
        except BadArguments:
            continue  # then it is not cleared
    return values


def checked(details: CallDetails) -> Checked:
    """What the rules are asked about once more. Raises BadArguments where the record holds no arguments."""
    text = details.arguments_json or ""
    values = arguments.parse(text)
    traced = details.evidence or not values
    return Checked(values=values, evidence=details.evidence if traced else None)


async def execute(work: Work, call_id: str) -> None:
    """Run a started call and record its end. A call whose fate is unclear goes to a person."""
    call = work.session.call(call_id)
    if call is None or call.state is not CallState.EXECUTING:
        return
    began = time.perf_counter()
    try:
        output = await _run(work, call)
    except InputNeeded as asking:
        await _hold(work, call, asking, (time.perf_counter() - began) * 1000)
        return
    except Exception as error:  # whatever went wrong in here, it may have been sent: then a person has to know
        failure = error if isinstance(error, ToolFailure) else _defect(error)
        if failure.outcome == "unknown" and not call.repeatable:
            agent = await work.desk.world.agent_of(work.session)
            await work.insist(LoseSightOf(known=work.session, agent=agent, call_ids=(call_id,), because=str(failure)))
            return
        output = ToolOutput(text=str(failure), structured=None, is_error=True)
    latency_ms = (time.perf_counter() - began) * 1000
    await _keep_result(work, call, output, latency_ms)


async def _hold(work: Work, call: Call, asking: InputNeeded, latency_ms: float) -> None:
    agent = await work.desk.world.agent_of(work.session)
    because = f"{call.connector} asks for something before it goes on."
    form = asking.form.model_dump_json()
    await work.insist(HoldForInput(work.session, agent, call.id, form, asking.request_state, because, latency_ms))


async def _said(work: Work, call: Call) -> Responses | None:
    """What people answered when the server asked; None where it asked nothing."""
    if call.form is None:
        return None
    refs = [ref for ref in (call.form, call.request_state, call.answers) if ref]
    texts = await work.desk.log.payloads(work.session.id, refs)
    if any(texts.get(ref) is None for ref in refs):
        raise ToolFailure("What it asked, or what was answered, is not in the record any more.", outcome="not_sent")
    form = Form.model_validate_json(texts[call.form] or "")
    answers, state = (texts[ref] if ref else None for ref in (call.answers, call.request_state))
    return responses(form, answers, state)


def _defect(error: Exception) -> ToolFailure:
    log.error("A call failed inside Quarterdeck", exc_info=error)
    return ToolFailure(f"Quarterdeck itself failed on this call ({type(error).__name__}: {error}).", outcome="unknown")


async def _keep_result(work: Work, call: Call, output: ToolOutput, latency_ms: float) -> None:
    text = output.text.encode("utf-8", "backslashreplace").decode()
    state: Literal[CallState.SUCCEEDED, CallState.FAILED] = CallState.FAILED if output.is_error else CallState.SUCCEEDED
    hidden, masks = await _hidden(work, call, text)
    ours = call.connector == recall.CONNECTOR  # has its own measure, and is there to be read whole
    shown = (None if ours else _shown(hidden)) or (hidden if hidden != text else None)
    result = (work.session.turn, call.digest, hash((state, text)))
    repeats = work.results.count(result) + 1
    work.results.append(result)
    masks_text = json.dumps(masks, ensure_ascii=False) if masks else None
    await work.insist(FinishCall(work.session, call.id, state, text, shown, latency_ms, repeats, masks_text))


async def _hidden(work: Work, call: Call, text: str) -> tuple[str, dict[str, str]]:
    """The output with stand-ins for what may not reach an external model, and which of them are new."""
    fields = await _sensitive(work, call)
    if fields is None:
        return text, {}
    hidden = masking.hide(text, fields, await work.vault(), _stand_in)
    return hidden.text, hidden.new


async def _sensitive(work: Work, call: Call) -> tuple[str, ...] | None:
    """The fields that may not reach the conversation; None where no model of it lies outside."""
    world, session = work.desk.world, work.session
    toolsets = await world.toolsets_of(session)
    entries = [entry for toolset in toolsets for entry in toolset.tools]
    if not session.masks and not any(entry.sensitive for entry in entries):
        return None  # there is nothing to keep back, and no stand-in that a tool could imitate
    try:
        if not (await world.situation(session)).masks:
            return None
    except Missing:
        pass  # something was deleted meanwhile: nobody can say what lies outside
    mine = (entry for entry in entries if (entry.connector, entry.tool) == (call.connector, call.own_name))
    return tuple(dict.fromkeys(field for entry in mine for field in entry.sensitive))


def _stand_in(field: str) -> str:
    return f"[[{field}:{randomness.token_hex(3)}]]"


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
    return await _with_retries(work, call, await _offered(work, call), text, await _said(work, call))


async def _offered(work: Work, call: Call) -> Offered | None:
    """The entry's own word on retries and time. The call has started: what is missing now must not hold it up."""
    try:
        return (await work.desk.world.situation(work.session)).tools.get(call.tool)
    except Missing:
        return None


async def _with_retries(work: Work, call: Call, tool: Offered | None, text: str, said: Responses | None) -> ToolOutput:
    registry = work.desk.registry
    if call.connector == recall.CONNECTOR:
        return await recall.answer(work.desk.passages, work.session.id, arguments.parse(text))
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
                said=said,
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
        if because := _nothing_more(work, call):
            raise ToolFailure(f"{failure} It was not tried again: {because}", failure.outcome)
    raise AssertionError("unreachable: the last attempt returns or raises")


def _nothing_more(work: Work, call: Call) -> str | None:
    """Whether it was stopped meanwhile: to send a call once more is to start it once more."""
    if work.session.stopped:
        return "The session was stopped."
    return work.desk.world.halted(work.session.agent, call)


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
