"""Commands of running tools: start (using up the approval), finish, lose sight, withdraw after drift."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from store.events import (
    ApprovalStatus,
    ApprovalVoided,
    CallState,
    CallWithdrawn,
    Evidence,
    InputRequired,
    OutcomeUnknown,
    Release,
    RuleRef,
    ToolFinished,
    ToolStarted,
)

from .. import policy
from ..config import Agent
from ..folded import Approval, Call, Session
from ..policy import Ruling
from .command import Book, Command
from .requests import ask, ask_again_what_happened, ask_for_input, ask_what_happened, expire, too_late, word_of_release

NOBODY_TO_ANSWER = "Its server asked for something before it goes on, but the turn had ended; nothing was answered."


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleared:
    """What was found when a call's release was checked again: the ruling now, or why it cannot run at all."""

    ruling: Ruling | None = None
    refused: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What the rules are asked about a call: what would travel, and where it came from."""

    values: dict[str, Any]
    evidence: tuple[Evidence, ...] | None
    """None where nobody has looked."""


@dataclass
class StartCalls(Command):
    """Record the start of calls, using up approvals, after checking state, time, policy and definition once more."""

    known: Session | None
    agent: Agent
    call_ids: tuple[str, ...]
    clear: Callable[[Call], Cleared]
    """Synchronous and quick: it is asked inside the write transaction."""

    def decide(self, book: Book) -> tuple[str, ...]:
        """Returns the ids of the calls that were started and must now be executed, once."""
        started = []
        for call_id in self.call_ids:
            call = book.session.call(call_id)
            if call is None or book.session.paused or book.session.stopped or not book.session.turn_open:
                continue
            if self._start(book, call):
                started.append(call_id)
        return tuple(started)

    def _start(self, book: Book, call: Call) -> bool:
        if call.state is CallState.EXECUTING and call.repeatable:
            return self._again(book, call)
        if call.state is not CallState.ALLOWED:
            return False
        cleared = self.clear(call)
        if cleared.refused or cleared.ruling is None or cleared.ruling.release is Release.DENY:
            because = cleared.refused or (cleared.ruling.because if cleared.ruling else "It cannot be judged.")
            withdraw(book, call, f"It was not run: {because}")
            return False
        approval = book.session.approval(call.approval_id) if call.approval_id else None
        if approval is None and (doubt := _needs_a_person(call, cleared.ruling)):
            now = cleared.ruling
            release = max(now.release, Release.ASK, key=list(Release).index)
            ask(book, self.agent, call.id, approver=now.approver, because=doubt, release=release)
            return False
        if approval is not None:
            if approval.status is not ApprovalStatus.APPROVED or approval.digest != call.digest:
                withdraw(book, call, "It was not run: its approval does not cover it.")
                return False
            if weak := _not_enough(book.session, call, approval, cleared.ruling):
                withdraw(book, call, f"It was not run: {weak}")
                return False
            if approval.run_by is not None and book.at > approval.run_by:
                expire(book, approval, too_late(approval))
                return False
        self._record(book, call, approval_id=approval.id if approval else None, rule=cleared.ruling.rule)
        return True

    def _again(self, book: Book, call: Call) -> bool:
        """Repeat a call that was cut off if it would be released now as it was then; else a person has to know."""
        cleared = self.clear(call)
        because = cleared.refused or _unreleased(call, word_of_release(book.session, call), cleared.ruling)
        if because is None:
            self._record(book, call, approval_id=None, rule=call.rule)
            return True
        because = f"It was cut off, and it was not repeated: {because}"
        book.add(OutcomeUnknown(call_id=call.id, because=because))
        ask_what_happened(book, self.agent.approval, call.id, because)
        return False

    @staticmethod
    def _record(book: Book, call: Call, approval_id: str | None, rule: RuleRef | None) -> None:
        book.add(
            ToolStarted(
                call_id=call.id,
                attempt=call.attempt + 1,
                action_digest=call.digest or "",
                approval_id=approval_id,
                rule=None if approval_id else rule,
            )
        )


def _needs_a_person(call: Call, now: Ruling) -> str | None:
    """Why the rules of now do not release a call that nobody has approved; None if they do."""
    if now.release is not Release.ALLOW:
        return now.because
    if policy.VERIFY_ORDER.index(now.verify) > policy.VERIFY_ORDER.index(call.verified):
        return f"The rules now want it verified ({now.verify}), which it was not. {now.because}"
    return None


def _unreleased(call: Call, approval: Approval | None, ruling: Ruling | None) -> str | None:
    """Why the rules of now do not release a call that they, or a person, released before; None if they do."""
    if ruling is None:
        return "It cannot be judged."
    if approval is None:
        return _needs_a_person(call, ruling)
    return ruling.because if ruling.release is Release.DENY else _too_weak(approval, ruling)


def _not_enough(session: Session, call: Call, approval: Approval, ruling: Ruling) -> str | None:
    """Why the word that was given does not let the call run now. To answer a question is not to release a call."""
    if approval.kind != "input":
        return _too_weak(approval, ruling)
    return _unreleased(call, word_of_release(session, call), ruling)


def _too_weak(approval: Approval, ruling: Ruling) -> str | None:
    """Why an approval is not enough any more: the policy became stricter after it was given."""
    if policy.stricter_approver(ruling.approver, approval.approver) != approval.approver:
        return "the policy now wants somebody else to approve it."
    if ruling.release is Release.ASK_TWO and len(approval.approved_by) < 2:
        return "the policy now wants two people to approve it."
    return None


@dataclass
class FinishCall(Command):
    """A tool came back. `shown` is the capped text for the model when the output is long."""

    known: Session | None
    call_id: str
    state: Literal[CallState.SUCCEEDED, CallState.FAILED]
    output: str
    shown: str | None
    latency_ms: float
    repeats: int = 1
    masks: str | None = None
    """JSON: stand-in → value."""

    def decide(self, book: Book) -> None:
        call = book.session.call(self.call_id)
        if call is None or call.state is not CallState.EXECUTING:
            return
        book.add(
            ToolFinished(
                call_id=self.call_id,
                state=self.state,
                output=book.keep(self.output),
                shown=book.keep(self.shown) if self.shown is not None else None,
                output_bytes=len(self.output.encode()),
                latency_ms=round(self.latency_ms, 1),
                repeats=self.repeats,
                masks=book.keep(self.masks) if self.masks else None,
            )
        )


@dataclass
class HoldForInput(Command):
    """The server asks before it goes on: the call is held until a person answers, however long that takes."""

    known: Session | None
    agent: Agent
    call_id: str
    form: str
    """JSON of agents.forms.Form."""
    request_state: str | None
    because: str
    latency_ms: float

    def decide(self, book: Book) -> None:
        call = book.session.call(self.call_id)
        if call is None or call.state is not CallState.EXECUTING:
            return
        if book.session.stopped or not book.session.turn_open:
            FinishCall(None, call.id, CallState.FAILED, NOBODY_TO_ANSWER, None, self.latency_ms).decide(book)
            return
        state = book.keep(self.request_state) if self.request_state is not None else None
        form = book.keep(self.form)
        book.add(InputRequired(call_id=call.id, attempt=call.attempt, form=form, request_state=state))
        ask_for_input(book, self.agent.approval, call.id, self.because)


@dataclass
class LoseSightOf(Command):
    """Calls that were started and whose end nobody saw: a person says what became of them."""

    known: Session | None
    agent: Agent
    call_ids: tuple[str, ...]
    because: str

    def decide(self, book: Book) -> None:
        for call_id in self.call_ids:
            call = book.session.call(call_id)
            if call is not None and call.state is CallState.EXECUTING:
                book.add(OutcomeUnknown(call_id=call_id, because=self.because))
                ask_what_happened(book, self.agent.approval, call_id, self.because)


@dataclass
class VoidDrifted(Command):
    """A tool's definition changed: whatever was asked about the old one is void."""

    connector: str
    own_name: str
    definition_hash: str | None
    """The hash that is in force now; None when the tool is gone."""

    def decide(self, book: Book) -> None:
        for call in book.session.calls:
            mine = call.connector == self.connector and call.own_name == self.own_name
            if (
                mine
                and call.state in (CallState.PROPOSED, CallState.HELD, CallState.ALLOWED)
                and call.definition_hash != self.definition_hash
            ):
                withdraw(
                    book, call, "The tool's definition changed after this was asked; an admin has to accept it first."
                )


def withdraw(book: Book, call: Call, because: str) -> None:
    """Take a call back and void its request, if it has one that is still open."""
    approval = book.session.approval(call.approval_id) if call.approval_id else None
    if approval and approval.status in (ApprovalStatus.PENDING, ApprovalStatus.APPROVED):
        book.add(ApprovalVoided(approval_id=approval.id, status=ApprovalStatus.CANCELLED, because=because))
    if approval and approval.kind == "unknown_outcome":
        ask_again_what_happened(book, approval, because)
    else:
        book.add(CallWithdrawn(call_id=call.id, because=because))
