"""How a long conversation fits: which entries a prompt carries, and which results it tells as stubs. Pure."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from .config import Agent
from .folded import Entry, Session

Message = dict[str, Any]

CHARACTERS_PER_TOKEN = 4
"""Rule of thumb for English prose and JSON; only used before a provider has counted."""
PLAUSIBLE = (1.0, 6.0)
"""Characters per token: what lies outside was counted wrongly, by a provider or by us."""
RESERVE_TOKENS = 4_096
"""Left free for the reply where nobody has said how long it may get."""
STUB_FROM = 400
"""Characters: a shorter result is told as it is, the stub would hardly be shorter."""
STUB_CHARACTERS = 120
WORTHWHILE = 0.1
"""Share of the prompt that stubs, or a summary, have to save: whatever is changed costs the provider's cache."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """How long a built prompt is, in characters unless its name says otherwise."""

    entries: Mapping[int, int]
    """By the seq of each entry it carries."""
    stubs: Mapping[int, int]
    """What telling the results of an entry as stubs would save, where it would."""
    summary: int
    total: int
    """With the tools' schemas."""
    per_token: float = CHARACTERS_PER_TOKEN

    @property
    def tokens(self) -> int:
        """An estimate, calibrated with what the provider counted for the prompt before."""
        return estimate(self.total, self.per_token)


def estimate(characters: float, per_token: float = CHARACTERS_PER_TOKEN) -> int:
    """Tokens, roughly."""
    return math.ceil(characters / per_token)


def prompt_limit(agent: Agent, context_window: int | None, max_output: int | None) -> int | None:
    """Tokens that a prompt may have: the model's window without room for the reply, or the agent's own cap."""
    limits = [] if agent.context.window_tokens is None else [agent.context.window_tokens]
    if context_window is not None:
        limits.append(context_window - min(max_output or RESERVE_TOKENS, context_window // 4))
    return min(limits, default=None)


def candidates(session: Session, agent: Agent) -> tuple[Entry, ...]:
    """What the next prompt may carry: inside the window of turns, not summarised, not let go by the prompt before."""
    oldest = session.turn - agent.context.window_turns
    upto = session.summary.upto if session.summary else 0
    first = session.prompt.first if session.prompt else 0
    for at, entry in enumerate(session.entries):
        if entry.turn > oldest and entry.seq > upto and entry.seq >= first:
            return session.entries[at:]
    return ()


def window(
    session: Session,
    agent: Agent,
    sizes: Mapping[int, int],
    limit_tokens: int | None,
    *,
    taken: int = 0,
    per_token: float = CHARACTERS_PER_TOKEN,
) -> tuple[Entry, ...]:
    """The entries to carry; `sizes` are characters by seq, `taken` those of all that is not an entry.

    What does not fit goes oldest turn first, and of a single turn that is too long, oldest step first. Then more goes
    than has to, so that the prompts after it can grow for a while: each move of the window costs the provider's cache.
    """
    entries = candidates(session, agent)
    if limit_tokens is None or not entries:
        return entries
    room = limit_tokens * per_token - taken
    if _weight(entries, sizes) <= room:
        return entries
    target = limit_tokens * min(agent.context.summarize_to, 0.95) * per_token - taken
    entries = entries[_first_turn_within(entries, sizes, target) :]
    if _weight(entries, sizes) <= room:
        return entries
    return entries[_first_step_within(entries, sizes, target) :]


def _weight(entries: Sequence[Entry], sizes: Mapping[int, int]) -> int:
    return sum(sizes.get(entry.seq, 0) for entry in entries)


def _first_turn_within(entries: Sequence[Entry], sizes: Mapping[int, int], most: float) -> int:
    """Where the oldest turn begins that still fits together with all after it; the newest is never left out."""
    total, start = 0, len(entries)
    for at in reversed(range(len(entries))):
        total += sizes.get(entries[at].seq, 0)
        if total > most and entries[at].turn != entries[-1].turn:
            break
        if at == 0 or entries[at - 1].turn != entries[at].turn:
            start = at
    return start


def _first_step_within(entries: Sequence[Entry], sizes: Mapping[int, int], most: float) -> int:
    """The same for the steps of one turn. Its newest step stays; what people said in it stays too, see `opening`."""
    newest = max((at for at, entry in enumerate(entries) if entry.kind == "reply"), default=0)
    total = sum(sizes.get(entry.seq, 0) for entry in entries if entry.kind in ("user", "stage"))
    for at in reversed(range(len(entries))):
        if entries[at].kind not in ("user", "stage"):
            total += sizes.get(entries[at].seq, 0)
        if total > most and at < newest:
            return at + 1
    return 0


def opening(session: Session, carried: Sequence[Entry]) -> tuple[Entry, ...]:
    """Of a turn whose first steps are left out: what people said in them, and the stage it had come to."""
    if not carried:
        return ()
    upto = session.summary.upto if session.summary else 0
    of_turn = (entry for entry in session.entries if entry.turn == carried[0].turn and entry.seq > upto)
    before = tuple(takewhile(lambda entry: entry.seq != carried[0].seq, of_turn))
    stage = next((entry for entry in reversed(before) if entry.kind == "stage"), None)
    return tuple(entry for entry in before if entry.kind == "user" or entry is stage)


def kept(agent: Agent, weights: Weights, limit_tokens: int | None) -> float:
    """Characters at the end that stay word for word: of a small window, half of what instructions and tools leave."""
    most = agent.context.keep_tokens * weights.per_token
    if limit_tokens is None:
        return most
    others = weights.total - sum(weights.entries.values())
    return min(most, max(0.0, limit_tokens * weights.per_token - others) / 2)


def is_full(agent: Agent, weights: Weights, limit_tokens: int | None) -> bool:
    """Whether the prompt has reached the mark at which stubs and summaries begin."""
    return limit_tokens is not None and weights.tokens >= agent.context.summarize_at * limit_tokens


def stub_upto(session: Session, agent: Agent, weights: Weights, limit_tokens: int | None) -> int | None:
    """Seq of the entry up to which results are to be told as stubs; None while it is not due or not worth it."""
    if not is_full(agent, weights, limit_tokens):
        return None
    verbatim, seen = kept(agent, weights, limit_tokens), 0
    old = []
    for entry in reversed(candidates(session, agent)):
        seen += weights.entries.get(entry.seq, 0)
        if seen > verbatim and entry.part:  # without a part the model has not read it yet
            old.append(entry.seq)
    saved = sum(weights.stubs.get(seq, 0) for seq in old)
    return max(old) if saved >= WORTHWHILE * weights.total else None


def stub(messages: list[Message], seq: int, recall: bool = True) -> list[Message]:
    """A step with its long results left out; the very same list where there is nothing to leave out."""
    if not any(_is_long(one) for one in messages):
        return messages
    names = {call["id"]: call["function"]["name"] for one in messages for call in one.get("tool_calls", ())}
    again = f"recall_history with seq {seq} reads it again" if recall else "call the tool again if you need it"
    return [
        {**one, "content": _STUB.format(names.get(one["tool_call_id"], "a tool"), len(one["content"]), again)}
        if _is_long(one)
        else one
        for one in messages
    ]


_STUB = "[Result of {}, {} characters, left out to save room; {}]"


def saving(results: Sequence[int]) -> int:
    """Characters that `stub` would save of results that are so long."""
    return sum(characters - STUB_CHARACTERS for characters in results if characters > STUB_FROM)


def _is_long(message: Message) -> bool:
    return message["role"] == "tool" and len(message["content"]) > STUB_FROM


def capped(messages: list[Message], most: float) -> list[Message]:
    """A step whose results together have at most so many characters: one step alone must not fill the window."""
    results = [one["content"] for one in messages if one["role"] == "tool"]
    if not results or sum(map(len, results)) <= most:
        return messages
    each = max(STUB_FROM, int(most / len(results)))
    return [{**one, "content": shortened(one["content"], each)} if one["role"] == "tool" else one for one in messages]


def shortened(text: str, most: int) -> str:
    """The beginning and the end of a text that is too long."""
    if len(text) <= most:
        return text
    head, tail = most * 3 // 4, most // 4
    left_out = len(text) - head - tail
    return f"{text[:head]}\n[… {left_out:,} characters left out …]\n{text[len(text) - tail :]}"
