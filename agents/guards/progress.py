"""Whether an agent still gets anywhere: it is told once that it does not, and then the turn ends. Pure.

The four patterns and their numbers are those that the field has settled on (OpenHands' stuck detector, 2025).
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from store.events import CallState, Risk

from .did import Did

SAME_RESULTS = 4
SAME_FAILURES = 3
ALTERNATIONS = 6
"""Calls, of two kinds in turn."""
REFUSALS = 3
"""Replies in a row that were of no use: the model has been told twice what was wrong, and a third telling seldom helps."""
LONGEST_NAME = 60
"""A model can call a tool that does not exist by any name it likes."""

Pattern = Literal["same_result", "same_failure", "back_and_forth", "no_call"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stuck:
    pattern: Pattern
    action: Literal["nudge", "stop"]
    because: str
    """A sentence for people."""
    note: str
    """What the model is told; empty where the turn ends."""
    key: str
    """Remembered in `nudged` until somebody writes again: what was seen, and after how many settled calls."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    pattern: Pattern
    subject: str
    at: int
    """How many calls had been settled when it last showed."""
    because: str
    advice: str


def stuck(done: Sequence[Did], refusals: int, nudged: Collection[str]) -> Stuck | None:
    """`done` are all settled calls since the last message, oldest first; None while there is progress.

    A nudge is given time to work: only a call settled after it can end the turn.
    """
    if useless := unusable(refusals):
        return useless
    told = {subject: int(at) for subject, _, at in (key.rpartition(" @") for key in nudged) if at.isdecimal()}
    if len(done) in told.values():
        return None  # it has just been told something, and has done nothing since
    newest = {(seen.pattern, seen.subject): seen for seen in _seen(done)}
    answers = [answer for seen in newest.values() if (answer := _answer(seen, len(done), told))]
    return min(answers, key=lambda answer: answer.action != "stop", default=None)


def unusable(refusals: int) -> Stuck | None:
    """The end of a turn whose newest replies could not be used, whatever else was done in it."""
    if refusals < REFUSALS:
        return None
    because = (
        f"{refusals} replies in a row were neither a usable call nor a usable answer. "
        "Try a more capable model, or a simpler shape of the agent's answer."
    )
    return Stuck(pattern="no_call", action="stop", because=because, note="", key="no_call")


def _answer(seen: _Seen, settled: int, told: dict[str, int]) -> Stuck | None:
    """First a word, then the end; nothing where the pattern has not gone on since the word."""
    subject = f"{seen.pattern} {seen.subject}"
    key = f"{subject} @{settled}"
    if subject not in told:
        note = f"{seen.because} {seen.advice} If it happens once more, this turn ends."
        return Stuck(pattern=seen.pattern, action="nudge", because=seen.because, note=note, key=key)
    if seen.at <= told[subject]:
        return None
    because = f"{seen.because} The agent had been told."
    return Stuck(pattern=seen.pattern, action="stop", because=because, note="", key=key)


def _seen(done: Sequence[Did]) -> Iterator[_Seen]:
    start = _after_progress(done)
    yield from _same_failure(done, start)
    yield from _back_and_forth(done)
    yield from _same_result(done, start)


def _after_progress(done: Sequence[Did]) -> int:
    """Where counting begins: a change made for the first time is progress, and what is looked up again, or tried again,
    after it counts anew."""
    known: set[str | None] = {None}
    start = 0
    for index, did in enumerate(done):
        if did.risk is not Risk.READ and did.state is CallState.SUCCEEDED and did.digest not in known:
            start = index
        known.add(did.digest)
    return start


def _same_failure(done: Sequence[Did], start: int) -> Iterator[_Seen]:
    """The same call that never comes off, whether it fails, is denied or rejected, or cannot even be read."""
    counts: dict[str, int] = {}
    for index, did in enumerate(done[start:], start=start + 1):
        subject = _subject(did)
        if did.digest is not None:
            counts.pop(_unreadable(did), None)  # it has found out how this tool is called
        if did.state is CallState.SUCCEEDED:
            counts.pop(subject, None)
            continue
        counts[subject] = counts.get(subject, 0) + 1
        if counts[subject] >= SAME_FAILURES:
            how = "in the same way" if did.digest else "with arguments that do not fit"
            because = f"{_name(did)} was called {counts[subject]} times {how}, and never with success."
            yield _Seen(
                pattern="same_failure",
                subject=subject,
                at=index,
                because=because,
                advice="Read what the last attempt came back with, then change the call, go another way, "
                "or say in your answer what cannot be done.",
            )


def _back_and_forth(done: Sequence[Did]) -> Iterator[_Seen]:
    """A-B-A-B: two calls in turn, and nothing else."""
    subjects = [_subject(did) for did in done[-2:]]
    if len(set(subjects)) < 2:
        return
    length = 2
    while length < len(done) and _subject(done[-length - 1]) == _subject(done[-length + 1]):
        length += 1
    if length >= ALTERNATIONS:
        one, other = sorted(_name(did) for did in done[-2:])
        pair = f"{one} and {other}" if one != other else f"two calls of {one}"
        yield _Seen(
            pattern="back_and_forth",
            subject=" ".join(sorted(subjects)),
            at=len(done),
            because=f"The last {length} calls went back and forth between {pair}.",
            advice="Neither will tell you more. Do something else, or answer with what you know.",
        )


def _same_result(done: Sequence[Did], start: int) -> Iterator[_Seen]:
    before = {did.digest: did.repeats for did in done[:start]}
    for index, did in enumerate(done[start:], start=start + 1):
        if did.repeats <= before.get(did.digest, 0):
            before[did.digest] = 0  # the result is another one now
        times = did.repeats - before.get(did.digest, 0)
        if did.digest and times >= SAME_RESULTS:
            yield _Seen(
                pattern="same_result",
                subject=did.digest,
                at=index,
                because=f"{_name(did)} was called {times} times in the same way and gave the same result each time.",
                advice="It will not change. Use the result, do something else, or answer with what you know.",
            )


def _subject(did: Did) -> str:
    return did.digest or _unreadable(did)


def _unreadable(did: Did) -> str:
    """Calls that could not be read have no digest: they are the same if they name the same tool."""
    return f"tool {_name(did)}"


def _name(did: Did) -> str:
    return did.tool if len(did.tool) <= LONGEST_NAME else did.tool[: LONGEST_NAME - 1] + "…"
