"""Commands of deciding: approve, edit, reject, respond, settle an unknown outcome, expire."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from store.events import (
    ApprovalDecided,
    ApprovalStatus,
    CallRevised,
    Decision,
    OutcomeSettled,
    Release,
    ToolSuspended,
)

from .. import policy
from ..arguments import CallDetails
from ..config import Agent
from ..errors import AlreadyDecided, BadRequest, Changed, Expired, NotAllowed, NotFound, NotNow
from ..folded import Approval, Call, Session
from ..guards.intents import to_suspend
from ..presets import guards_of
from .command import Book, Command
from .requests import expire, next_id, replace_request, request_for, required_for, the_call, too_late

CALL_DECISIONS = frozenset({"approve", "edit", "reject", "respond"})
OUTCOME_DECISIONS = frozenset({"happened", "not_happened", "run_again"})
INPUT_DECISIONS = frozenset({"answer", "decline"})
RELEASING = frozenset({"approve", "edit", "run_again", "answer", "decline"})
"""Decisions after which the call runs."""


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
    approver: str


@dataclass
class Expire(Command):
    """The due timer of an approval: time to decide, or time to run, is over."""

    approval_id: str

    def decide(self, book: Book) -> None:
        approval = book.session.approval(self.approval_id)
        if approval is None:
            return
        if approval.status is ApprovalStatus.PENDING and approval.expires_at and book.at >= approval.expires_at:
            expire(
                book, approval, "Nobody answered in time." if approval.kind == "input" else "Nobody decided in time."
            )
        elif approval.status is ApprovalStatus.APPROVED and approval.run_by and book.at >= approval.run_by:
            expire(book, approval, too_late(approval))


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
    known: Session | None = None

    def decide(self, book: Book) -> str:
        """Returns the id of the approval that carries on: this one, or the revision of an edit."""
        approval = self._open(book)
        self._allowed(approval)
        releasing = self.unrunnable if self.decision in RELEASING else None
        if releasing and (because := releasing(the_call(book, approval.call_id))):
            raise Changed(because)
        match self.decision:
            case "approve" | "run_again" | "answer" | "decline":
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
        if self.decision not in DECISIONS[approval.kind]:
            raise BadRequest(f"{self.decision!r} is no decision on {_KIND[approval.kind]}.")
        if self.action_digest != approval.digest:
            raise Changed("What you decided on is not what would run now. Reload it and decide again.")
        if approval.expires_at is not None and book.at >= approval.expires_at:
            raise Expired("The time to decide is over; it will not run.")
        if book.session.stopped and self.decision not in ("happened", "not_happened"):
            raise NotNow("The session was stopped, so nothing more of it runs.")
        if not book.session.turn_open and self.decision in RELEASING:
            raise NotNow("The turn this call belongs to has ended, so it would not run. Write to the session to go on.")
        return approval

    def _allowed(self, approval: Approval) -> None:
        if self.by.role not in ("operator", "admin"):
            raise NotAllowed("Viewers may look at everything and decide nothing.")
        if self.decision not in RELEASING:
            return
        outsider = approval.approver == "not_requester" or approval.required > 1
        if outsider and self.by.name in approval.requesters:
            raise NotAllowed("The rule wants somebody other than the person who made the request.")
        role = approval.approver.removeprefix("role:")
        # an admin may do what an operator may; only the role counts, whatever people call themselves
        if (
            approval.approver.startswith("role:")
            and role != self.by.role
            and (role, self.by.role) != ("operator", "admin")
        ):
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
        call = the_call(book, approval.call_id)
        revision = self.revise(call)
        if revision.digest == approval.digest:
            self.decision = "approve"
            self._approve(book, approval)
            return approval.id
        new_id = next_id(book, call)
        details = book.keep(revision.details.model_dump_json())
        book.add(self._decided(book, approval, ApprovalStatus.SUPERSEDED, superseded_by=new_id))
        book.add(CallRevised(call_id=call.id, details=details, action_digest=revision.digest, by=self.by.name))
        release = max(revision.release, approval.release, key=list(Release).index)
        approver = policy.stricter_approver(revision.approver, approval.approver)
        request = request_for(book, self.agent.approval, the_call(book, call.id), new_id, approver, call.because)
        book.add(
            replace_request(
                request,
                requested_by=approval.requested_by,
                supersedes=approval.id,
                release=release,
                required=required_for(release),
                details=details,
            )
        )
        renewed = book.session.approval(new_id)
        if renewed is None:
            raise NotFound("The revision was not recorded.")
        self._allowed(renewed)  # the new values may need somebody else's word than the old ones
        as_approval = replace(self, decision="approve", action_digest=revision.digest, arguments=None)
        as_approval._approve(book, renewed)
        return new_id

    def _refuse(self, book: Book, approval: Approval) -> None:
        if self.decision == "respond" and not (self.because or "").strip():
            raise BadRequest("An answer to the model needs words.")
        status = ApprovalStatus.REJECTED if self.decision == "reject" else ApprovalStatus.CANCELLED
        tool = the_call(book, approval.call_id).tool
        book.add(self._decided(book, approval, status))
        if guards_of(self.agent).progress and to_suspend(book.session.outcomes, tool):
            because = f"People rejected {tool} several times in a row; it is not offered in this session any more."
            book.add(ToolSuspended(tool=tool, because=because))

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


_KIND = {"call": "a call that waits", "unknown_outcome": "a call that was cut off", "input": "a server's question"}
DECISIONS = {"call": CALL_DECISIONS, "unknown_outcome": OUTCOME_DECISIONS, "input": INPUT_DECISIONS}
