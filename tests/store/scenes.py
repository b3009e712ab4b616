"""What tests record: ready-made events of a small desk, and a command that records what it is given."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from store.event_log import Appended, Draft, EventLog, History, Outcome
from store.events import (
    ApprovalDecided,
    ApprovalRequested,
    ApprovalStatus,
    CallProposed,
    CallState,
    Event,
    MessageReceived,
    ModelReplied,
    Prompt,
    Release,
    Risk,
    Segment,
    SessionStarted,
    Status,
    ToolFinished,
    ToolStarted,
    Usage,
    Verify,
)
from store.payloads import Payload, seal

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
DIGEST, DEFINITION = "d" * 64, "e" * 64


class Clock:
    """A clock that only moves when told to."""

    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> datetime:
        return self.at

    def advance(self, **by: float) -> None:
        self.at += timedelta(**by)


@dataclass
class Record:
    """Records these events, all leading to one status; the payloads come along."""

    events: Iterable[Event]
    status: Status = Status.RUNNING
    payloads: tuple[Payload, ...] = ()
    after: int = 0
    look: Callable[[History], None] | None = None

    def __call__(self, history: History, at: datetime) -> Outcome:
        if self.look is not None:
            self.look(history)
        drafts = tuple(Draft(event=event, status=self.status) for event in self.events)
        return Outcome(drafts=drafts, payloads=self.payloads, value="done")


class Refused(Exception):
    pass


@dataclass
class Refuse:
    after: int = 0

    def __call__(self, history: History, at: datetime) -> Outcome:
        raise Refused("not now")


async def record(
    log: EventLog, session_id: str, *events: Event, status: Status = Status.RUNNING, payloads: Any = ()
) -> Appended:
    return await log.append(session_id, Record(events, status, tuple(payloads)))


async def start(
    log: EventLog, session_id: str = "s1", title: str = "Refund order 1043", agent: str = "Refund clerk"
) -> None:
    text = seal(title)
    await record(
        log,
        session_id,
        SessionStarted(agent=agent, pins={"agent": 1}, title=text.ref, by="ann"),
        MessageReceived(text=text.ref, turn=1, opens_turn=True, by="ann"),
        status=Status.QUEUED,
        payloads=[text],
    )


def replied(step: int, output: Payload, part: Payload, **changes: Any) -> ModelReplied:
    return ModelReplied(
        **{
            "step": step, "turn": 1, "profile": "scripted", "model": "offline/operator", "because": "first of act",
            "prompt": Prompt(parts=(part.ref,)), "output": output.ref, "calls": 1, "finish_reason": "tool_calls",
            "usage": Usage(input=900, cache_read=100, cache_write=20, output=40), "cost_usd": 0.25, "latency_ms": 12.5,
            "context_limit": 32_000, "segments": (Segment(name="system", tokens=300),), **changes,
        }
    )  # fmt: skip


def proposed(details: Payload, call_id: str = "1.0", state: Any = CallState.HELD) -> CallProposed:
    return CallProposed(
        call_id=call_id, provider_id="call_1", step=1, tool="refund_order", connector="crm", own_name="refund",
        definition_hash=DEFINITION, risk=Risk.WRITE, details=details.ref, action_digest=DIGEST, state=state,
        release=Release.ASK, because="writes ask",
    )  # fmt: skip


def requested(details: Payload, approval_id: str = "a1", call_id: str = "1.0", **changes: Any) -> ApprovalRequested:
    return ApprovalRequested(
        **{
            "approval_id": approval_id, "kind": "call", "call_id": call_id, "step": 1, "agent": "Refund clerk",
            "tool": "refund_order", "connector": "crm", "own_name": "refund", "definition_hash": DEFINITION,
            "action_digest": DIGEST, "details": details.ref, "risk": Risk.WRITE, "verify": Verify.NONE,
            "release": Release.ASK, "because": "writes ask", "requested_by": "ann",
            "expires_at": NOON + timedelta(hours=1), "run_seconds": 600.0, **changes,
        }
    )  # fmt: skip


def decided(approval_id: str = "a1", **changes: Any) -> ApprovalDecided:
    return ApprovalDecided(
        **{
            "approval_id": approval_id, "decision": "approve", "by": "ben", "role": "operator",
            "action_digest": DIGEST, "status": ApprovalStatus.APPROVED, "run_by": NOON + timedelta(minutes=10),
            **changes,
        }
    )  # fmt: skip


DETAILS = (
    '{"arguments_json":"{\\"amount\\":412.0,\\"order\\":1043}","raw":null,"reasoning":{"need":"money back",'
    '"source":"crm","therefore":"refund","alternatives":[]},"effect":"Refund order 1043, amount 412.0","problems":[]}'
)


async def hold(log: EventLog, session_id: str = "s1", approval_id: str = "a1", **changes: Any) -> None:
    """A started session whose first call waits for a person."""
    await start(log, session_id)
    output, part, details = seal('{"text": "", "calls": []}'), seal('{"role": "user", "content": "hi"}'), seal(DETAILS)
    events = (replied(1, output, part), proposed(details), requested(details, approval_id, **changes))
    await record(log, session_id, *events, status=Status.WAITING_APPROVAL, payloads=[output, part, details])


def started(approval_id: str | None = "a1", call_id: str = "1.0", **changes: Any) -> ToolStarted:
    return ToolStarted(
        **{"call_id": call_id, "attempt": 1, "action_digest": DIGEST, "approval_id": approval_id, **changes}
    )


def finished(output: Payload, call_id: str = "1.0") -> ToolFinished:
    return ToolFinished(
        call_id=call_id, state=CallState.SUCCEEDED, output=output.ref, output_bytes=len(output.content), latency_ms=7.5
    )
