"""How a person comes to be asked: for a release, or what became of a call; and when the time for it is over. Pure."""

from datetime import timedelta

from store.events import ApprovalExpired, ApprovalRequested, OutcomeUnknown, Release, Seat

from .. import policy
from ..config import Agent
from ..config import Approval as ApprovalTerms
from ..errors import NotFound
from ..folded import Approval, Call, Session
from .command import Book

QUESTION_SECONDS = 7 * 86_400.0
"""A server's question is seldom for whoever sits at the desk: it waits at least this long."""


def ask(
    book: Book,
    agent: Agent,
    call_id: str,
    *,
    approver: str,
    because: str,
    release: Release | None = None,
    checks: tuple[Seat, ...] = (),
) -> None:
    """Hold a proposed or allowed call for a person; `release` where the rules want more than when it was proposed."""
    call = the_call(book, call_id)
    request = request_for(book, agent.approval, call, next_id(book, call), approver, because)
    request = replace_request(request, checks=checks)
    if release is not None:
        request = replace_request(request, release=release, required=required_for(release))
    if agent.approval.people > 1:  # whatever it is asked for: a repeat, or a doubt of the models, say
        two = policy.stricter_approver(request.approver, "not_requester")
        request = replace_request(request, release=Release.ASK_TWO, required=2, approver=two)
    book.add(request)


def ask_what_happened(book: Book, terms: ApprovalTerms, call_id: str, because: str) -> None:
    call = the_call(book, call_id)
    book.add(
        replace_request(
            request_for(book, terms, call, next_id(book, call), "anyone", because),
            kind="unknown_outcome",
            expires_at=None,
            required=1,
        )
    )


def ask_for_input(book: Book, terms: ApprovalTerms, call_id: str, because: str) -> None:
    """The server's question. One answer is enough, but it decides what the call does: who could not have released the
    call does not answer for it either."""
    call = the_call(book, call_id)
    released = word_of_release(book.session, call)
    approver = released.approver if released else "anyone"
    if released and released.required > 1:
        approver = policy.stricter_approver(approver, "not_requester")
    request = request_for(book, terms, call, next_id(book, call), approver, because)
    expires_at = book.at + timedelta(seconds=max(terms.decide_seconds, QUESTION_SECONDS))
    book.add(replace_request(request, kind="input", release=Release.ASK, required=1, expires_at=expires_at))


def word_of_release(session: Session, call: Call) -> Approval | None:
    """The request by which people let the call run; to answer a question is not to release a call."""
    approval = session.approval(call.approval_id) if call.approval_id else None
    if approval is not None and approval.kind == "input":
        return session.approval(approval.released_by) if approval.released_by else None
    return approval


def ask_again_what_happened(book: Book, approval: Approval, because: str) -> None:
    """A person had said *run again*, and it did not run: what became of its first run is as open as before."""
    book.add(OutcomeUnknown(call_id=approval.call_id, because=because))
    ask_what_happened(book, ApprovalTerms(run_seconds=approval.run_seconds), approval.call_id, because)


def replace_request(request: ApprovalRequested, **changes: object) -> ApprovalRequested:
    return request.model_copy(update=changes)


def expire(book: Book, approval: Approval, because: str) -> None:
    book.add(ApprovalExpired(approval_id=approval.id, because=because))
    if approval.kind == "unknown_outcome":
        ask_again_what_happened(book, approval, because)


def too_late(approval: Approval) -> str:
    done = "answered" if approval.kind == "input" else "approved"
    return f"It was {done}, but the time to run it passed."


def required_for(release: Release) -> int:
    return 2 if release is Release.ASK_TWO else 1


def request_for(
    book: Book, terms: ApprovalTerms, call: Call, approval_id: str, approver: str, because: str
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
        required=required_for(call.release),
        expires_at=book.at + timedelta(seconds=terms.decide_seconds),
        run_seconds=terms.run_seconds,
    )


def the_call(book: Book, call_id: str) -> Call:
    call = book.session.call(call_id)
    if call is None:
        raise NotFound(f"Call {call_id} is not part of the current step any more.")
    return call


def next_id(book: Book, call: Call) -> str:
    """`{session}.{step}.{index}`, and `.2`, `.3` for further requests about the same call."""
    first = f"{book.session.id}.{call.id}"
    if call.approval_id is None:
        return first
    return f"{first}.{int(call.approval_id.removeprefix(first).removeprefix('.') or 1) + 1}"
