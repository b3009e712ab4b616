"""A long conversation made by hand: real folding, real prompts, a provider that counts, and no program around it."""

import json
import math
from dataclasses import dataclass, field
from typing import Any

from agents import context, summarise, window
from agents.config import Agent
from agents.folded import Session
from agents.session import apply, new
from store.events import (
    ModelReplied,
    Prompt,
    ResultsStubbed,
    Summarised,
    SummaryFailed,
    Usage,
)
from tests.agents.sessions import ENDED, STARTED, T0, finished, message, proposed, replied, started_call

PER_TOKEN = 3.3
"""Characters that this provider counts as one token: not what we assume before it has counted."""
TOOLS = "t" * 2_000


def agent(**more: Any) -> Agent:
    document = {"name": "Clerk", "instructions": "Help.", "toolset": "t", "policy": "p", "models": {"act": "main"}}
    return Agent.model_validate(document | more)


@dataclass
class Talk:
    """One session, everything that was said in it, and every prompt as it was sent and as it was recorded."""

    agent: Agent
    limit: int | None = None
    session: Session = field(default_factory=lambda: new("S-1"))
    texts: dict[str, str | None] = field(default_factory=lambda: {"tools": TOOLS})
    known: dict[str, list[Any]] = field(default_factory=dict)
    per_token: float = 4.0
    most_tokens: int = 0
    rebased: list[int] = field(default_factory=list)
    """Turns in which a prompt did not just grow."""
    chain: tuple[str, ...] = ()
    built: context.Built | None = None

    def __post_init__(self) -> None:
        self.add(STARTED)

    def add(self, event: Any) -> None:
        self.session = apply(self.session, event, self.session.seq + 1, T0)

    def keep(self, text: str) -> str:
        ref = f"r{len(self.texts)}"
        self.texts[ref] = text
        return ref

    def says(self, words: str) -> None:
        self.add(message(self.session.turn + 1, text=self.keep(words)))

    def adds(self, words: str) -> None:
        self.add(message(self.session.turn, opens=False, text=self.keep(words)))

    def build(self, closing: str | None = None) -> context.Built:
        """With no text at hand but those it said that it needs."""
        texts = {ref: self.texts[ref] for ref in context.needed(self.session, self.agent)}
        built = context.build(
            self.session,
            self.agent,
            texts,
            closing,
            self.known,
            limit_tokens=self.limit,
            tools_characters=0 if closing else len(TOOLS),
            per_token=self.per_token,
        )
        self.built, self.per_token = built, built.weights.per_token
        return built

    def replies(self, text: str, *results: str, closing: str | None = None) -> None:
        """One model call: the prompt, its record, the reply, and the results of the calls in it."""
        built = self.build(closing)
        check(built.messages)
        tokens = math.ceil(built.weights.total / PER_TOKEN)
        self.most_tokens = max(self.most_tokens, tokens)
        self.add(self._record(built, text, len(results), closing, tokens))
        for number, result in enumerate(results, start=1):
            self._call(f"{self.session.step}.{number}", result)

    def _record(self, built: context.Built, text: str, calls: int, closing: str | None, tokens: int) -> ModelReplied:
        old, parts = self.session.prompt, list(built.parts)
        leading = sum(part.kind in ("system", "summary") for part in parts)
        if built.appends and old:
            parts = [part for part in parts[leading:] if part.entry is None or part.entry > old.last]
        else:
            self.rebased.append(self.session.turn)
        refs = tuple(part.ref or self.keep(part.text) for part in parts)
        self.chain = (*self.chain, *refs) if built.appends else refs
        assert self.recorded() == built.messages
        wanted = [{"id": "x", "name": "refund", "arguments": '{"order":"1043"}'}] * calls
        return replied(
            self.session.step + 1,
            entries=tuple(part.entry for part in parts if part.entry is not None),
            turn=self.session.turn,
            purpose="closing" if closing else "agent",
            prompt=Prompt(parent=old.seq if built.appends and old else None, parts=refs, tools="tools"),
            leading=leading,
            output=self.keep(json.dumps({"text": text, "calls": wanted})),
            calls=calls,
            usage=Usage(input=tokens),
        )

    def recorded(self) -> list[Any]:
        """The newest prompt from what is recorded of it, and nothing else."""
        return [one for ref in self.chain for one in json.loads(self.texts[ref] or "[]")]

    def _call(self, call_id: str, result: str) -> None:
        self.add(proposed(call_id, provider_id=f"p-{call_id}", details=self.keep("{}")))
        self.add(started_call(call_id))
        self.add(finished(call_id).model_copy(update={"output": self.keep(result)}))

    def ends(self) -> None:
        self.add(ENDED.model_copy(update={"turn": self.session.turn}))

    def turn(self, words: str, *results: str, answer: str = "Done.") -> None:
        """A whole turn: one step for every result, and an answer."""
        self.says(words)
        for result in results:
            self.replies("Let me see.", result)
        self.replies(answer)
        self.ends()

    def stub_if_due(self) -> bool:
        upto = self.built and window.stub_upto(self.session, self.agent, self.built.weights, self.limit)
        if upto:
            self.add(ResultsStubbed(upto=upto, because="Full."))
        return bool(upto)

    def due(self) -> summarise.Span | None:
        return self.built and summarise.due(self.session, self.agent, self.built.weights, self.limit)

    def ask(self, span: summarise.Span, summariser_tokens: int | None = None) -> summarise.Question:
        texts = {ref: self.texts[ref] for ref in summarise.needed(span, self.session)}
        return summarise.question(span, self.session, self.agent, texts, summariser_tokens)

    def summarised(self, asked: summarise.Question, answer: str) -> str | None:
        """Record the answer, or why it cannot be used, which is returned."""
        text = summarise.composed(asked, answer)
        if because := summarise.acceptable(text, asked.replaced_characters, asked.most_characters):
            self.add(SummaryFailed(because=because))
            return because
        self.add(
            Summarised(
                upto=asked.upto,
                turns=asked.turns,
                summary=self.keep(text),
                asked="asked",
                before_tokens=2,
                after_tokens=1,
                profile="main",
                model="m",
                usage=Usage(),
                cost_usd=None,
                latency_ms=1.0,
            )
        )
        return None


def check(messages: list[Any]) -> None:
    """What every provider insists on."""
    assert messages[0]["role"] == "system"
    assert messages[1]["role"] == "user"
    assert [one["role"] for one in messages].count("system") == 1
    open_ids: list[str] = []
    for one in messages:
        if one["role"] == "tool":
            assert open_ids.pop(0) == one["tool_call_id"]
        else:
            assert not open_ids, "an assistant's calls are answered before anybody else speaks"
        open_ids += [call["id"] for call in one.get("tool_calls", ())]
        assert one.get("content") or one.get("tool_calls")
    assert not open_ids
