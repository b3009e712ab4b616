"""What a session is carried out with, and one session while this process advances it."""

import asyncio
import json
import logging
from dataclasses import dataclass, field
from typing import Any

from store.errors import StoreUnavailable
from store.event_log import Command as AnyCommand
from store.event_log import EventLog
from store.passages import Passages

from .. import context
from ..commands.command import Done
from ..evidence import Index
from ..folded import Session
from ..hub import Hub
from ..masking import Known
from ..models import Models
from ..tools.registry import Registry
from ..window import Weights
from ..world import World

log = logging.getLogger(__name__)
STORE_RETRY_SECONDS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The services a session is carried out with."""

    log: EventLog
    world: World
    registry: Registry
    models: Models
    hub: Hub
    passages: Passages


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """How long the newest prompt was, and how long it may be."""

    weights: Weights
    limit_tokens: int | None


@dataclass(slots=True, kw_only=True)
class Work:
    """One session while this process advances it. `texts` caches payloads by ref: they never change."""

    desk: Desk
    session: Session
    texts: dict[str, str | None] = field(default_factory=dict)
    messages: dict[str, list[context.Message]] = field(default_factory=dict)
    """Of recorded parts of prompts, by ref; see context.build."""
    index: Index = field(default_factory=Index)
    """Of what the prompts so far have shown the model: where a value can have come from."""
    indexed: set[tuple[int | None, str]] = field(default_factory=set)
    results: list[tuple[int, str | None, int]] = field(default_factory=list)
    """(turn, digest, hash of the result) of every call, to tell repetitions; after a restart they are counted anew."""
    built: Measured | None = None
    looked_back: int = 0
    """The last turn whose request the older conversation was searched for."""
    shortened: int = 0
    """Seq of the prompt after which shortening was tried last: once for each."""
    recording: bool = False
    """The model has replied: from now on the asking must not be broken off, or calls would start that nobody runs."""

    _vault: tuple[tuple[str, ...], Known] = field(default_factory=lambda: ((), Known()))
    """Made anew only where a result has brought new values."""

    async def append(self, command: AnyCommand) -> Any:
        """Append a command and take over the session as it then stands."""
        done: Done = (await self.desk.log.append(self.session.id, command)).value
        self.texts.update(done.texts)
        if done.session.seq > self.session.seq:
            self.session = done.session
        return done.value

    async def insist(self, command: AnyCommand) -> Any:
        """Append what exists only here (a reply that was paid for, a result): a full disk is waited out."""
        while True:
            try:
                return await self.append(command)
            except StoreUnavailable as error:
                log.warning("Session %s keeps a result until it can be recorded: %s", self.session.id, error)
                await asyncio.sleep(STORE_RETRY_SECONDS)

    async def read(self, refs: set[str]) -> None:
        if missing := [ref for ref in refs if ref not in self.texts]:
            self.texts.update(await self.desk.log.payloads(self.session.id, missing))

    async def vault(self) -> Known:
        """Stand-ins for sensitive values → the values."""
        masks = self.session.masks
        if masks != self._vault[0]:
            await self.read(set(masks))
            read = (json.loads(self.texts.get(ref) or "{}") for ref in masks)
            self._vault = (masks, Known({stand_in: value for one in read for stand_in, value in one.items()}))
        return self._vault[1]

    async def request(self) -> str:
        """What the person asked for in this turn."""
        mine = [entry for entry in self.session.entries if entry.kind == "user" and entry.turn == self.session.turn]
        await self.read({entry.ref for entry in mine})
        return "\n\n".join(self.texts.get(entry.ref) or "" for entry in mine)

    async def exchange_before(self) -> str:
        """What was asked and answered in the turn before: "yes, do that" says nothing without it."""
        before = [entry for entry in self.session.entries if entry.turn == self.session.turn - 1]
        await self.read({entry.ref for entry in before if entry.kind in ("user", "reply")})
        asked = [self.texts.get(entry.ref) or "" for entry in before if entry.kind == "user"]
        answered = [text for entry in before if entry.kind == "reply" if (text := said(self.texts.get(entry.ref)))]
        return "\n".join([*(f"User: {text}" for text in asked), *(f"Agent: {text}" for text in answered[-1:])])


def said(output: str | None) -> str:
    """The text of a recorded model output."""
    return str(json.loads(output)["text"]) if output else ""
