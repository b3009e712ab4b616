"""What happens next in a session: the whole control flow on one screen. Pure: session, agent and time in, Move out."""

from dataclasses import dataclass
from datetime import datetime

from store.events import CallState, Risk, Status

from .config import Agent
from .folded import OPEN_CALLS, Call, Session
from .guards.progress import Stuck, stuck, unusable
from .presets import guards_of


@dataclass(frozen=True, slots=True, kw_only=True)
class AskModel:
    """Call the model. `closing` names the limit that was reached: then without tools, for the best available answer."""

    closing: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCalls:
    """Start these calls, each after its release is checked once more in the transaction that records the start."""

    call_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoseSight:
    """These calls were started and nobody here is running them: they may or may not have happened."""

    call_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckInput:
    """Ask whether the request says enough to act."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyCalls:
    """Have models look at these calls before they are released."""

    call_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteStuck:
    """Tell the model that it goes round in circles, or note that the turn has to end for it."""

    stuck: Stuck


@dataclass(frozen=True, slots=True, kw_only=True)
class FallBack:
    """The declared fallback takes over, and the turn ends."""

    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterStage:
    index: int
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EndTurn:
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    because: str


Move = AskModel | RunCalls | LoseSight | CheckInput | VerifyCalls | NoteStuck | FallBack | EnterStage | EndTurn | Wait

RESTING = frozenset({Status.PAUSED, Status.STOPPED, Status.COMPLETED, Status.FAILED, Status.WAITING_INPUT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Busy:
    """What this process is doing for the session at the moment."""

    asking: bool = False
    running: frozenset[str] = frozenset()
    """Ids of calls whose execution is under way here."""
    verifying: frozenset[str] = frozenset()
    """Ids of calls that models are looking at."""
    checking: bool = False
    """The request is being checked."""


def next_move(session: Session, agent: Agent, busy: Busy, now: datetime) -> Move:
    """The first thing not yet done. Nothing that a person has to decide is ever decided here."""
    if session.foreign:
        return Wait(because="It holds events of a newer version of Quarterdeck, so it can be read but not continued.")
    # while a reply is being recorded, the calls it starts are already in the log but not yet tasks here
    if not busy.asking and (lost := _lost(session, busy)):
        return lost
    if session.status in RESTING or not session.turn_open:
        return Wait(because=f"The session is {session.status}.")
    unchecked = input_unchecked(session, agent)
    if ready := tuple(
        call.id for call in session.calls if call.state is CallState.ALLOWED and may_run(call, unchecked)
    ):
        return RunCalls(call_ids=ready)
    proposed = (call.id for call in session.calls if call.state is CallState.PROPOSED)
    if fresh := tuple(call_id for call_id in proposed if call_id not in busy.verifying):
        return VerifyCalls(call_ids=fresh)
    if unchecked and not busy.checking:
        return CheckInput()
    if busy.asking or busy.running or busy.verifying:
        return Wait(because="Work is under way.")
    if any(call.state in OPEN_CALLS for call in session.calls):
        return Wait(because="A person has to decide.")
    if unchecked and not guards_of(agent).input_alongside:
        return Wait(because="The request is being checked.")
    if agent.workflow and session.stage is None:
        return EnterStage(index=0, because="The turn begins with the first stage.")
    return _noted(session, agent) or _within_limits(session, agent, now) or AskModel()


def input_unchecked(session: Session, agent: Agent) -> bool:
    """Is it still open whether the request of this turn says enough? Not while its author is being asked."""
    return session.input_checked < session.turn and not session.awaiting and guards_of(agent).input_check


def may_run(call: Call, unchecked: bool) -> bool:
    """Looking things up need not wait until the request is known to be complete."""
    return not unchecked or call.risk is Risk.READ


def _noted(session: Session, agent: Agent) -> NoteStuck | None:
    if session.stuck or session.closing:
        return None
    # replies of no use end every turn, guarded or not: each of them costs a whole prompt, and the model has been told
    guarded = guards_of(agent).progress
    found = stuck(session.done, session.refusals, session.nudged) if guarded else unusable(session.refusals)
    return NoteStuck(stuck=found) if found else None


def _lost(session: Session, busy: Busy) -> RunCalls | LoseSight | None:
    """Calls that were cut off: the repeatable ones run again, the others go to a person."""
    orphans = [call for call in session.calls if call.state is CallState.EXECUTING and call.id not in busy.running]
    going_on = session.status not in RESTING
    if unsafe := tuple(call.id for call in orphans if not (call.repeatable and going_on)):
        return LoseSight(call_ids=unsafe)
    return RunCalls(call_ids=tuple(call.id for call in orphans)) if orphans else None


def _within_limits(session: Session, agent: Agent, now: datetime) -> Move | None:
    fallback = agent.fallback.hand_over or agent.fallback.agent or agent.fallback.answer
    if spent := _spent(session, agent, now):
        return FallBack(because=spent) if fallback else EndTurn(because=spent)
    reached = _reached(session, agent)
    if reached is None:
        return None
    if session.stage is not None and session.stage + 1 < len(agent.workflow):
        return EnterStage(index=session.stage + 1, because=f"{reached} The next stage begins.")
    if fallback:
        return FallBack(because=reached)
    return EndTurn(because=reached) if session.closing else AskModel(closing=reached)


def _spent(session: Session, agent: Agent, now: datetime) -> str | None:
    """Cost and time: at these limits nothing more is asked, not even for a last answer."""
    limits = agent.limits
    current = (now - session.at).total_seconds() if session.at and session.status is Status.RUNNING else 0.0
    if limits.cost_usd is not None and session.turn_cost_usd >= limits.cost_usd:
        return f"The cost limit of ${limits.cost_usd:g} per turn was reached."
    if limits.session_cost_usd is not None and session.session_cost_usd >= limits.session_cost_usd:
        return f"The cost limit of ${limits.session_cost_usd:g} per session was reached."
    if limits.seconds is not None and session.turn_seconds + current >= limits.seconds:
        return f"The limit of {limits.seconds:g} working seconds per turn was reached."
    if limits.session_seconds is not None and session.session_seconds + current >= limits.session_seconds:
        return f"The limit of {limits.session_seconds:g} working seconds per session was reached."
    return None


def _reached(session: Session, agent: Agent) -> str | None:
    if session.stuck:
        return session.stuck
    per = "stage" if session.stage is not None else "turn"
    if session.stage_steps >= agent.limits.steps:
        return f"The limit of {agent.limits.steps} steps per {per} was reached."
    if session.stage_calls >= agent.limits.tool_calls:
        return f"The limit of {agent.limits.tool_calls} tool calls per {per} was reached."
    return None
