"""What the console may ask for: start, send, pause, resume, stop, decide. Pages and the API share these functions."""

import asyncio
import logging
import secrets as randomness
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from store.configuration import Changed, ConfigurationStore
from store.database import Database
from store.day_costs import DayCosts
from store.erasing import Erasing
from store.errors import StoreUnavailable
from store.event_log import EventLog, Timer
from store.events import ApprovalRequested, Decision, Recorded, Status
from store.passages import Passages
from store.queries import Queries
from store.schedule_runs import ScheduleRuns
from store.secrets import Secrets

from . import halting
from .administration import Administration
from .commands.approvals import Decide, Decider, Expire, Revision
from .commands.calls import VoidDrifted
from .commands.conversation import Pause, ReceiveMessage, Resume, StartSession, Stop
from .config import Agent
from .engine import Engine
from .errors import AlreadyDecided, BadRequest, Halted, Missing, NotFound
from .folded import Call, Session
from .forms import Form, checked_answers
from .holding import Holds
from .hub import Hub
from .loop import load
from .models import Models
from .perform.work import Desk
from .retention import Retention
from .revising import canonical_edit, revision
from .schedule import Clock
from .scheduling.runner import Schedules
from .schema_check import problems
from .stops import Stops
from .tools.registry import Registry
from .tools.sign_ins import SignIns
from .world import World

log = logging.getLogger(__name__)
LONGEST_MESSAGE = 100_000
TITLE_LENGTH = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A decision as recorded: the request that carries on, and the one it replaced, if it was an edit."""

    approval_id: str
    supersedes: str | None


class Runtime:
    """Everything that acts. Open it inside a running event loop; close it before the loop ends."""

    def __init__(self, database: Database, secrets: Secrets, now: Callable[[], datetime]) -> None:
        self.now = now
        self.database = database
        self.secrets = secrets
        self.log = EventLog(database)
        self.configuration = ConfigurationStore(database)
        self.registry = Registry(secrets.resolve)
        self.registry.signs = SignIns(secrets)
        self.models = Models(secrets.resolve)
        self.hub = Hub()
        self.world = World(self.configuration, self.registry, now)
        self.desk = Desk(
            log=self.log,
            world=self.world,
            registry=self.registry,
            models=self.models,
            hub=self.hub,
            passages=Passages(database),
        )
        self.engine = Engine(self.desk, now)
        self.holds = Holds(self.world, DayCosts(database), self.log, now)
        self.world.held_back = self.holds.reason
        self.world.count_unrecorded = self.holds.count_unrecorded
        self.runs = ScheduleRuns(database)
        self.schedules = Schedules(self.configuration, self.runs, now, self.start, self.holds.reason)
        self.retention = Retention(Erasing(database), self.world.settings, now)
        self.administration = Administration(
            self.configuration, self.world, self.registry, self.models, Queries(database)
        )
        self.stops = Stops(self.desk, self.engine, self.holds, self.administration, database)
        self.clock = Clock(self.log, now, self._fire, (self.schedules, self.retention, self.stops))
        self._tasks: set[asyncio.Task[Any]] = set()

    async def open(self) -> None:
        """Load the configuration, connect, wake what was under way; litellm is imported meanwhile in a thread."""
        self._soon(self.models.warm())
        await self.world.refresh()
        await self.holds.open()
        self.retention.open()
        self.configuration.subscribe(lambda changed: self._soon(self._configured(changed)))
        self.registry.subscribe(lambda connector: self._soon(self._void_drifted(connector)))
        self.log.subscribe(self._set_timers)
        await self.clock.start()
        self._soon(self._connect())

    async def _connect(self) -> None:
        """Connect, then go on with what was under way; the first page need not wait for it."""
        await _logged(self.administration.load())
        await self.engine.recover()

    async def close(self) -> None:
        self.clock.close()
        await self.retention.close()
        await self.engine.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self.registry.signs is not None:
            await self.registry.signs.close()
        await self.registry.close()
        await self.models.close()
        self.database.close()

    # sessions

    async def start(
        self,
        agent: str,
        message: str,
        *,
        by: str,
        title: str | None = None,
        inputs: dict[str, Any] | None = None,
        session_id: str | None = None,
    ) -> tuple[str, Status]:
        """A new session with its first message. Raises BadRequest naming what cannot be used, Halted while the agent is
        stopped, NotNow where there is a session of this id already."""
        _, document = self._agent(agent)
        text = _checked_message(message)
        if wrong := problems(inputs or {}, document.inputs) if document.inputs else []:
            raise BadRequest("The inputs do not fit what the agent needs.", tuple(f"/inputs{one}" for one in wrong))
        if stopped := halting.stops_agent(self.world.halts(), agent):
            raise Halted(stopped)
        pins = self.world.pins_of(agent)
        session_id = session_id or f"S-{randomness.token_hex(5)}"
        command = StartSession(agent=agent, pins=pins, title=_title(title or text), message=text, inputs=inputs, by=by)
        appended = await self.log.append(session_id, command)
        return session_id, appended.recorded[-1].status

    def _agent(self, name: str) -> tuple[int, Agent]:
        try:
            return self.world.find("agent", name, Agent)
        except Missing:
            known = ", ".join(sorted(self.world.current.get("agent", {}))) or "none yet"
            raise BadRequest(f"There is no agent {name!r}. The agents are: {known}.", ("/agent: unknown",)) from None

    async def send(self, session_id: str, text: str, *, by: str) -> Status:
        return await self._tell(session_id, ReceiveMessage(text=_checked_message(text), by=by))

    async def pause(self, session_id: str, *, by: str, because: str) -> Status:
        return await self._tell(session_id, Pause(by=by, because=because))

    async def resume(self, session_id: str, *, by: str, because: str) -> Status:
        return await self._tell(session_id, Resume(by=by, because=because))

    async def stop(self, session_id: str, *, by: str, because: str) -> Status:
        return await self._tell(session_id, Stop(by=by, because=because))

    async def _tell(self, session_id: str, command: Any) -> Status:
        session: Session = (await self.log.append(session_id, command)).value.session
        return session.status or Status.QUEUED

    # decisions

    async def decide(
        self,
        approval_id: str,
        decision: Decision,
        *,
        by: Decider,
        action_digest: str,
        new_arguments: str | None = None,
        because: str | None = None,
        code: str | None = None,
    ) -> Decided:
        """One person's decision. Raises a Conflict when it comes too late; see commands/approvals.py."""
        session_id = await self.log.session_of_approval(approval_id)
        if session_id is None:
            raise NotFound(f"There is no approval request {approval_id}.")
        session = await load(self.desk, session_id)
        agent = await self.world.agent_of(session)
        if new_arguments is not None and decision not in ("edit", "answer"):
            raise BadRequest(f"{decision!r} takes no arguments; use an edit.", ("/arguments: only with an edit",))
        text = canonical_edit(new_arguments) if decision == "edit" else None
        revise = await self._reviser(session, text) if text is not None else None
        if decision == "answer":
            text = await self._answers(session, approval_id, new_arguments)
        command = Decide(
            approval_id=approval_id,
            decision=decision,
            by=by,
            action_digest=action_digest,
            agent=agent,
            because=because,
            code=code,
            arguments=text,
            revise=revise,
            unrunnable=lambda call: self._kept(session, call) or self.world.unrunnable(call),
            known=session,
        )
        carried: str = (await self.log.append(session_id, command)).value.value
        return Decided(approval_id=carried, supersedes=approval_id if carried != approval_id else None)

    async def _answers(self, session: Session, approval_id: str, text: str | None) -> str | None:
        """What a person filled in, if it fits what the server asks; whether it still asks is seen when it is recorded."""
        approval = session.approval(approval_id)
        call = session.call(approval.call_id) if approval else None
        if call is None or call.form is None:
            return None
        form = (await self.log.payloads(session.id, [call.form]))[call.form]
        if form is None:
            raise BadRequest("What the server asks was erased from the record; it can only be declined.")
        return checked_answers(Form.model_validate_json(form), text)

    async def _reviser(self, session: Session, text: str) -> Callable[[Call], Revision]:
        situation = await self.world.situation(session)
        details = {
            ref: stored
            for ref, stored in (await self.log.payloads(session.id, {call.details for call in session.calls})).items()
            if stored
        }
        return lambda call: revision(call, text, details.get(call.details), situation, self.world)

    def _kept(self, session: Session, call: Call) -> str | None:
        halted = self.world.halted(session.agent, call)
        return f"{halted} The request is kept, and can be decided when that is lifted." if halted else None

    async def _configured(self, changed: list[Changed]) -> None:
        """Schedules and settings are acted on as soon as they are saved."""
        kinds = {one.kind for one in changed}
        try:
            if "settings" in kinds:
                await self.world.refresh()
                self.holds.tell()
                await self.stops.settle()
        finally:  # the clock tries again what could not be recorded just now
            if kinds & {"schedule", "settings"}:
                await self.clock.tick()

    # behind the scenes

    def _set_timers(self, _session_id: str, events: tuple[Recorded, ...]) -> None:
        for recorded in events:
            event = recorded.event
            due = event.expires_at if isinstance(event, ApprovalRequested) else getattr(event, "run_by", None)
            if due is not None:
                self.clock.expect(due)

    async def _fire(self, timer: Timer) -> None:
        approval_id = timer.key.removeprefix("approval:")
        await self.log.append(timer.session_id, Expire(approval_id=approval_id))

    async def _void_drifted(self, connector: str) -> None:
        """A connector's definitions changed: void what waits on an old one, in every session."""
        known = self.registry.known(connector)
        if known is None:
            return
        await self.administration.note_definitions(connector, known)
        hashes = {one.name: one.hash if self.world.accepted(one) else None for one in known}
        for session_id, own_name in await self._waiting_on(connector, hashes):
            command = VoidDrifted(connector=connector, own_name=own_name, definition_hash=hashes.get(own_name))
            await self.log.append(session_id, command)

    async def _waiting_on(self, connector: str, hashes: dict[str, str | None]) -> list[tuple[str, str]]:
        open_calls = await self.log.open_calls(connector)
        return sorted({(sid, tool) for sid, tool, accepted in open_calls if hashes.get(tool) != accepted})

    def _soon(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(_logged(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _logged(work: Any) -> None:
    try:
        await work
    except StoreUnavailable as error:
        log.warning("Put off: %s", error)
    except Exception:
        log.exception("Work in the background failed")


def _checked_message(text: str) -> str:
    if not text.strip():
        raise BadRequest("An empty message asks for nothing.", ("/message: must not be empty",))
    if len(text) > LONGEST_MESSAGE:
        problem = f"/message: {len(text):,} characters are more than {LONGEST_MESSAGE:,}"
        raise BadRequest("The message is too long.", (problem,))
    try:
        text.encode()
    except UnicodeEncodeError:
        raise BadRequest("The message holds half a character.", ("/message: lone surrogate",)) from None
    return text


def _title(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= TITLE_LENGTH else f"{line[: TITLE_LENGTH - 1]}…"


__all__ = ["AlreadyDecided", "Decided", "Decider", "Runtime"]
