"""Session and texts → the messages a model gets, as parts that only ever grow at the end. Pure."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from . import rendering
from .config import Agent
from .folded import Entry, Session
from .told import ERASED as ERASED
from .told import told as told
from .window import CHARACTERS_PER_TOKEN, PLAUSIBLE, Weights, candidates, capped, opening, saving, stub, window
from .window import estimate as estimate

Message = dict[str, Any]
Texts = Mapping[str, str | None]
Known = dict[str, list[Message]]
Hide = Callable[[str], str]

NUDGE = "You replied with neither text nor a tool call. Either call one of the tools or answer the user."
ROOM = 0.1
"""Share of the prompt that instructions and tools must leave to the conversation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A recorded piece of a prompt: JSON text of a list of messages. `ref` is set once it is stored."""

    entry: int | None
    text: str
    ref: str | None
    kind: Literal["system", "summary", "user", "reply", "note", "stage", "recall", "closing"]
    """`summary`: all that stands between the system message and the first entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """A whole prompt: every part, the messages, and whether it only appends to the recorded one."""

    parts: tuple[Part, ...]
    messages: list[Message]
    appends: bool
    """True: all parts up to the last prompt's end are unchanged, so recording needs only the rest."""
    sizes: dict[str, int]
    """Characters by segment: system, summary, recall, messages, results."""
    weights: Weights


def needed(session: Session, agent: Agent) -> set[str]:
    """Payload refs whose text `build` will ask for."""
    refs = {session.inputs, session.summary.ref if session.summary else None}
    if old := session.prompt:
        refs |= {old.system, old.summary, old.tools}
    carried = candidates(session, agent)
    again = bool(old and carried and carried[0].seq == old.first)
    for entry in (*opening(session, carried), *carried, *(() if again else _sent(session))):
        refs.add(entry.part or (entry.ref if entry.kind != "stage" else None))
    for call in session.calls:
        refs |= {call.details, call.output, call.note}
    return {ref for ref in refs if ref}


def build(
    session: Session,
    agent: Agent,
    texts: Texts,
    closing: str | None = None,
    known: Known | None = None,
    *,
    limit_tokens: int | None = None,
    tools_characters: int = 0,
    per_token: float = CHARACTERS_PER_TOKEN,
    hide: Hide | None = None,
) -> Built:
    """The prompt for the next step: system, summary, then the window's entries; a closing call adds one note.

    `known` keeps the messages of recorded parts by ref from step to step, so that no step reads all of them again.
    `limit_tokens` is what the prompt may have together with its tools, see `window.prompt_limit`; `per_token` the
    ratio of the prompt before, for where the session itself does not tell it.
    """
    per_token = _per_token(session, texts) or per_token if limit_tokens else per_token
    draft = _Draft(session, agent, texts, known, per_token, hide)
    end = [_part("closing", [rendering.closing(closing)])] if closing else []
    entries = draft.fitted(limit_tokens, tools_characters + sum(len(part.text) for part in end))
    parts = (draft.system, *draft.lead, *(draft.parts[entry.seq] for entry in entries), *end)
    sizes, stubs = draft.measured(parts)
    return Built(
        parts=parts,
        messages=[message for part in parts for message in draft.messages(part)],
        appends=draft.appends(parts, entries),
        sizes=sizes,
        weights=Weights(
            entries={entry.seq: len(draft.parts[entry.seq].text) for entry in entries},
            stubs=stubs,
            summary=sizes["summary"],
            total=sum(len(part.text) for part in parts) + tools_characters,
            per_token=draft.per_token,
        ),
    )


class _Draft:
    """The parts of one prompt while it is put together."""

    def __init__(
        self,
        session: Session,
        agent: Agent,
        texts: Texts,
        known: Known | None,
        per_token: float,
        hide: Hide | None,
    ) -> None:
        self.session, self.agent, self.texts, self.known = session, agent, texts, known
        self.hide = hide
        """Puts stand-ins for what no external model may read in all that is rendered now, as it was in what is recorded."""
        self.per_token = per_token
        inputs = texts.get(session.inputs) if session.inputs else None
        self.system = self._recorded(_part("system", [rendering.system(agent, inputs)]))
        self.lead: list[Part] = []
        self.summary = 0
        self.parts: dict[int, Part] = {}
        """By the seq of their entries."""

    def fitted(self, limit_tokens: int | None, others: int) -> tuple[Entry, ...]:
        """Render what may be carried, and choose what is; `others` are the characters of tools and closing note."""
        may = candidates(self.session, self.agent)
        self.lead = self._lead(may)
        taken = others + len(self.system.text) + sum(len(part.text) for part in self.lead)
        most = (limit_tokens * self.per_token - taken) / 2 if limit_tokens else None
        self.parts = {entry.seq: self._entry(entry, most) for entry in may}
        sizes = {seq: len(part.text) for seq, part in self.parts.items()}
        entries = window(self.session, self.agent, sizes, limit_tokens, taken=taken, per_token=self.per_token)
        if len(entries) < len(may):
            self.lead = self._lead(entries)
        return entries

    def _lead(self, carried: Sequence[Entry]) -> list[Part]:
        """The summary, and what a turn began with whose first steps are left out."""
        messages = rendering.summary(self.session, self.agent, self.texts)
        self.summary = sum(len(one["content"]) for one in messages)
        if began := opening(self.session, carried):
            messages.append(rendering.cut())
            messages += [message for entry in began for message in self.messages(self._entry(entry, None))]
        return [self._recorded(_part("summary", messages))] if messages else []

    def _entry(self, entry: Entry, most: float | None) -> Part:
        """As recorded; else rendered, its results kept to `most` characters. Old results become stubs."""
        if entry.part:
            text = self.texts.get(entry.part) or rendering.dump(rendering.erased())
            part = Part(entry=entry.seq, text=text, ref=entry.part, kind=entry.kind)
        else:
            messages = hidden(rendering.entry(entry, self.session, self.agent, self.texts), self.hide)
            part = _part(entry.kind, messages if most is None else capped(messages, most), entry.seq)
        if entry.kind != "reply" or entry.seq > self.session.stubbed:
            return part
        messages = self.messages(part)
        stubs = stub(messages, entry.seq, self.agent.context.recall)
        return part if stubs is messages else _part("reply", stubs, entry.seq)

    def messages(self, part: Part) -> list[Message]:
        """Read from the very text that is recorded, so that the record says what was sent."""
        if part.ref is None or self.known is None:
            return list(json.loads(part.text))
        if part.ref not in self.known:
            self.known[part.ref] = json.loads(part.text)
        return self.known[part.ref]

    def _recorded(self, part: Part) -> Part:
        """With the ref of the last prompt's, if that had the same words."""
        old = self.session.prompt
        ref = (old.system if part.kind == "system" else old.summary) if old else None
        if ref is None or self.texts.get(ref) != part.text:
            return part
        return Part(entry=None, text=part.text, ref=ref, kind=part.kind)

    def appends(self, parts: Sequence[Part], entries: Sequence[Entry]) -> bool:
        """Nothing before the last prompt's end is another, is missing, or has come in between."""
        old = self.session.prompt
        if old is None or not entries or entries[0].seq != old.first:
            return False
        if bool(old.summary) != any(part.kind == "summary" for part in parts):
            return False
        before = (part for part in parts if part.kind != "closing" and (part.entry or 0) <= old.last)
        return all(part.ref for part in before)

    def measured(self, parts: Sequence[Part]) -> tuple[dict[str, int], dict[int, int]]:
        """Characters by segment, and what stubs would save by entry."""
        sizes = dict.fromkeys(("system", "summary", "recall", "messages", "results"), 0)
        sizes["summary"], sizes["messages"] = self.summary, -self.summary
        stubs = {}
        for part in parts:
            sizes[part.kind if part.kind in ("system", "recall") else "messages"] += len(part.text)
            if part.kind != "reply" or part.entry is None:
                continue
            results = [len(one["content"]) for one in self.messages(part) if one["role"] == "tool"]
            sizes["results"] += sum(results)
            sizes["messages"] -= sum(results)
            if save := saving(results):
                stubs[part.entry] = save
        return sizes, stubs


def hidden(messages: list[Message], hide: Hide | None) -> list[Message]:
    """The messages with stand-ins, in what is said and in the arguments of calls."""
    if hide is None:
        return messages
    return [_hidden(message, hide) for message in messages]


def _hidden(message: Message, hide: Hide) -> Message:
    calls = [
        call | {"function": call["function"] | {"arguments": hide(call["function"]["arguments"])}}
        for call in message.get("tool_calls", ())
    ]
    said = {"content": hide(message["content"])} if message.get("content") else {}
    return message | said | ({"tool_calls": calls} if calls else {})


def _part(kind: Any, messages: list[Message], entry: int | None = None) -> Part:
    return Part(entry=entry, text=rendering.dump(messages), ref=None, kind=kind)


def _sent(session: Session) -> tuple[Entry, ...]:
    """The entries that the last prompt carried."""
    old = session.prompt
    if old is None:
        return ()
    start = next((at for at, entry in enumerate(session.entries) if entry.seq == old.first), None)
    carried = session.entries[start:] if start is not None else ()
    return tuple(entry for entry in carried if entry.part and entry.seq <= old.last)


def _per_token(session: Session, texts: Texts) -> float | None:
    """Characters per token, as the provider counted the last prompt; None where that is not known."""
    old, sent = session.prompt, _sent(session)
    if old is None or not sent or not session.context_used:
        return None
    refs = (old.system, old.summary, old.tools, *(entry.part for entry in sent))
    characters = sum(len(texts.get(ref) or "") for ref in refs if ref)
    return min(max(characters / session.context_used, PLAUSIBLE[0]), PLAUSIBLE[1])


def too_small(agent: Agent, tools_characters: int, limit_tokens: int | None) -> str | None:
    """Why an agent cannot work in so small a window, in a sentence for whoever configures it; None if it can."""
    if limit_tokens is None:
        return None
    fixed = estimate(len(rendering.dump([rendering.system(agent, None)])) + tools_characters)
    if fixed <= limit_tokens * (1 - ROOM):
        return None
    return (
        f"Agent {agent.name}: its instructions and tools take about {fixed:,} tokens, but a prompt may have only "
        f"{limit_tokens:,}, so there is no room for a conversation. Shorten the instructions, offer fewer tools, "
        "raise window_tokens, or choose a model with a larger context window."
    )
