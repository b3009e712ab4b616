"""Commands of deciding: ask, approve, edit, reject, respond, settle an unknown outcome, expire."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from store.events import (
    ApprovalDecided,
    ApprovalExpired,
    ApprovalRequested,
    ApprovalStatus,
    CallRevised,
    CallState,
    Decision,
    OutcomeSettled,
    Release,
)

from ..arguments import CallDetails
from ..config import Agent
from ..errors import AlreadyDecided, BadRequest, Changed, Expired, NotAllowed, NotFound, NotNow
from ..session import Approval, Call
from .command import Book, Command

CALL_DECISIONS = frozenset({"approve", "edit", "reject", "respond"})
OUTCOME_DECISIONS = frozenset({"happened", "not_happened", "run_again"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Decider:
    """Who decides, with the role read at this moment."""

    name: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """An edit, checked: the new details and digest, and the rules' word on the new arguments."""

    details: CallDetails
    digest: str
    release: Release


def ask(book: Book, agent: Agent, call_id: str, *, approver: str, because: str) -> None:
    """Hold a proposed or allowed call for a person."""
    call = _the_call(book, call_id)
    _request(book, agent, call, approval_id=_next_id(book, call_id), approver=approver, because=because)


def ask_what_happened(book: Book, agent: Agent, call_id: str, because: str) -> None:
    call = _the_call(book, call_id)
    book.add(
        replace_request(
            _requested(book, agent, call, _next_id(book, call_id), "anyone", because),
            kind="unknown_outcome",
            expires_at=None,
            required=1,
        )
    )


def replace_request(request: ApprovalRequested, **changes: object) -> ApprovalRequested:
    return request.model_copy(update=changes)


def expire(book: Book, approval_id: str, because: str) -> None:
    book.add(ApprovalExpired(approval_id=approval_id, because=because))


@dataclass
class Expire(Command):
    """The due timer of an approval: time to decide, or time to run, is over."""

    approval_id: str

    def decide(self, book: Book) -> None:
        approval = book.session.approval(self.approval_id)
        if approval is None:
            return
        if approval.status is ApprovalStatus.PENDING and approval.expires_at and book.at >= approval.expires_at:
            expire(book, approval.id, "Nobody decided in time.")
        elif approval.status is ApprovalStatus.APPROVED and approval.run_by and book.at >= approval.run_by:
            expire(book, approval.id, "It was approved, but the time to run it passed.")


@dataclass
class Decide(Command):
    """One person's decision, checked against everything as it stands in this transaction."""

    approval_id: str
    decision: Decision
    by: Decider
    action_digest: str
    agent: Agent
    because: str | None = None
    code: str | None = None
    arguments: str | None = None
    revise: Callable[[Call], Revision] | None = None
    """Checks an edit's arguments against schema and current rules; raises BadRequest."""
    unrunnable: Callable[[Call], str | None] | None = None
    """Why the call could not run even if approved (its definition changed, say); None if it could."""

    def decide(self, book: Book) -> str:
        """Returns the id of the approval that carries on: this one, or the revision of an edit."""
        approval = self._open(book)
        self._allowed(approval)
        if self.decision in ("approve", "edit", "run_again") and self.unrunnable:
            if because := self.unrunnable(_the_call(book, approval.call_id)):
                raise Changed(because)
        match self.decision:
            case "approve" | "run_again":
                self._approve(book, approval)
            case "edit":
                return self._edit(book, approval)
            case "reject" | "respond":
                self._refuse(book, approval)
            case "happened" | "not_happened":
                self._settle(book, approval)
        return approval.id

    def _open(self, book: Book) -> Approval:
        approval = book.session.approval(self.approval_id)
        if approval is None:
            raise NotFound(f"There is no approval request {self.approval_id}.")
        if approval.status is not ApprovalStatus.PENDING:
            raise AlreadyDecided(f"It is {approval.status} already.", winner=approval.decided_by)
        if self.decision not in (CALL_DECISIONS if approval.kind == "call" else OUTCOME_DECISIONS):
            raise BadRequest(f"{self.decision!r} is no decision on {_KIND[approval.kind]}.")
        if self.action_digest != approval.digest:
            raise Changed("What you decided on is not what would run now. Reload it and decide again.")
        if approval.expires_at is not None and book.at >= approval.expires_at:
            raise Expired("The time to decide is over; it will not run.")
        if book.session.stopped and self.decision not in ("happened", "not_happened"):
            raise NotNow("The session was stopped, so nothing more of it runs.")
        return approval

    def _allowed(self, approval: Approval) -> None:
        if self.by.role not in ("operator", "admin"):
            raise NotAllowed("Viewers may look at everything and decide nothing.")
        if self.decision not in ("approve", "edit", "run_again"):
            return
        if approval.approver == "not_requester" and self.by.name == approval.requested_by:
            raise NotAllowed("The rule wants somebody other than the person who made the request.")
        role = approval.approver.removeprefix("role:")
        if approval.approver.startswith("role:") and role not in (self.by.role, self.by.name):
            raise NotAllowed(f"The rule wants somebody with the role {role}.")
        if self.by.name in approval.approved_by:
            raise AlreadyDecided("You approved it already; a second person is needed.", winner=self.by.name)

    def _approve(self, book: Book, approval: Approval) -> None:
        enough = len(approval.approved_by) + 1 >= approval.required
        run_by = book.at + timedelta(seconds=approval.run_seconds) if enough else None
        status = ApprovalStatus.APPROVED if enough else ApprovalStatus.PENDING
        book.add(self._decided(book, approval, status, run_by=run_by))

    def _edit(self, book: Book, approval: Approval) -> str:
        if self.revise is None:
            raise BadRequest("An edit needs arguments.")
        call = _the_call(book, approval.call_id)
        revision = self.revise(call)
        if revision.digest == approval.digest:
            self.decision = "approve"
            self._approve(book, approval)
            return approval.id
        new_id = _next_id(book, call.id)
        details = book.keep(revision.details.model_dump_json())
        book.add(self._decided(book, approval, ApprovalStatus.SUPERSEDED, superseded_by=new_id))
        book.add(CallRevised(call_id=call.id, details=details, action_digest=revision.digest, by=self.by.name))
        required = 2 if Release.ASK_TWO in (revision.release, approval.release) else 1
        request = _requested(book, self.agent, _the_call(book, call.id), new_id, approval.approver, call.because)
        book.add(replace_request(request, supersedes=approval.id, required=required, details=details))
        renewed = book.session.approval(new_id)
        if renewed is None:
            raise NotFound("The revision was not recorded.")
        as_approval = replace(self, decision="approve", action_digest=revision.digest, arguments=None)
        as_approval._approve(book, renewed)
        return new_id

    def _refuse(self, book: Book, approval: Approval) -> None:
        if self.decision == "respond" and not (self.because or "").strip():
            raise BadRequest("An answer to the model needs words.")
        status = ApprovalStatus.REJECTED if self.decision == "reject" else ApprovalStatus.CANCELLED
        book.add(self._decided(book, approval, status))

    def _settle(self, book: Book, approval: Approval) -> None:
        book.add(self._decided(book, approval, ApprovalStatus.CANCELLED))
        happened = self.decision == "happened"
        book.add(OutcomeSettled(call_id=approval.call_id, happened=happened, by=self.by.name))

    def _decided(
        self,
        book: Book,
        approval: Approval,
        status: ApprovalStatus,
        *,
        run_by: datetime | None = None,
        superseded_by: str | None = None,
    ) -> ApprovalDecided:
        return ApprovalDecided(
            approval_id=approval.id,
            decision=self.decision,
            by=self.by.name,
            role=self.by.role,
            action_digest=self.action_digest,
            code=self.code,
            because=book.keep(self.because) if self.because else None,
            arguments=book.keep(self.arguments) if self.arguments else None,
            status=status,
            run_by=run_by,
            superseded_by=superseded_by,
        )


_KIND = {"call": "a call that waits", "unknown_outcome": "a call that was cut off"}


def _request(book: Book, agent: Agent, call: Call, *, approval_id: str, approver: str, because: str) -> None:
    book.add(_requested(book, agent, call, approval_id, approver, because))


def _requested(
    book: Book, agent: Agent, call: Call, approval_id: str, approver: str, because: str
) -> ApprovalRequested:
    return ApprovalRequested(
        approval_id=approval_id,
        kind="call",
        call_id=call.id,
        step=call.step,
        agent=book.session.agent,
        tool=call.tool,
        connector=call.connector or "",
        own_name=call.own_name or "",
        definition_hash=call.definition_hash or "",
        action_digest=call.digest or "",
        details=call.details,
        risk=call.risk,
        verify=call.verify,
        release=call.release,
        approver=approver,
        rule=call.rule,
        because=because,
        requested_by=book.session.requester,
        required=2 if call.release is Release.ASK_TWO else 1,
        expires_at=book.at + timedelta(seconds=agent.approval.decide_seconds),
        run_seconds=agent.approval.run_seconds,
    )


def _the_call(book: Book, call_id: str) -> Call:
    call = book.session.call(call_id)
    if call is None:
        raise NotFound(f"Call {call_id} is not part of the current step any more.")
    return call


def _next_id(book: Book, call_id: str) -> str:
    """`{session}.{step}.{index}`, and `.2`, `.3` for further requests about the same call."""
    n = sum(approval.call_id == call_id for approval in book.session.approvals) + 1
    return f"{book.session.id}.{call_id}" + (f".{n}" if n > 1 else "")
