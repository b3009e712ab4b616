"""advance(): replay, decide, perform, record, until the session waits for somebody or has ended."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime

from store.events import Recorded, Status

from . import session as fold
from .commands.command import caught_up
from .commands.conversation import EndTheTurn, MoveOn, Pause
from .commands.guards import NoteProgress
from .config import Agent
from .decide import (
    AskModel,
    Busy,
    CheckInput,
    EndTurn,
    EnterStage,
    FallBack,
    LoseSight,
    Move,
    NoteStuck,
    RunCalls,
    VerifyCalls,
    Wait,
    next_move,
)
from .errors import Missing
from .folded import FOLD_VERSION, Session, dump
from .perform import ask, calls, fallback, memory, request, verify
from .perform.work import Desk, Work, said

ASKING = (AskModel, CheckInput, VerifyCalls)
"""Moves that ask a model: they wait while an emergency stop or a budget holds the agent back."""
MODEL, INPUT, SUMMARY, VERIFY = "model", "input", "summary", "verify "
"""Names of tasks; the others are ids of calls that are executed."""


class Advance:
    """One session on its way. Model calls and tools run as tasks, so people can decide meanwhile."""

    def __init__(self, desk: Desk, session_id: str, now: Callable[[], datetime]) -> None:
        self.desk = desk
        self.session_id = session_id
        self.now = now
        self.tasks: dict[str, asyncio.Task[None]] = {}
        self.news: list[Recorded] = []
        self.signal = asyncio.Event()
        self.work: Work | None = None
        self.trouble: BaseException | None = None
        self.closing = False

    def heard(self, events: tuple[Recorded, ...]) -> None:
        """Something was recorded for this session, by us or by anybody else."""
        self.news.extend(events)
        self.signal.set()
        if any(event.status is Status.STOPPED for event in events):
            self.break_off_the_model()

    def wind_down(self) -> None:
        """The program is closing: finish the tools that run, begin nothing."""
        self.closing = True
        self.break_off_the_model()
        self.signal.set()

    def break_off_the_model(self) -> None:
        """Nobody needs its reply any more; but one that is being recorded may start calls, which then have to run."""
        for name, task in tuple(self.tasks.items()):
            if (
                name in (INPUT, SUMMARY)
                or name.startswith(VERIFY)
                or (name == MODEL and not (self.work and self.work.recording))
            ):
                task.cancel()

    async def run(self) -> None:
        """Continue at the first thing not yet done; return when only people or time can bring the session further."""
        work = self.work = Work(desk=self.desk, session=await load(self.desk, self.session_id))
        try:
            while True:
                self.signal.clear()
                self._fold_news(work)
                if self.trouble:
                    raise self.trouble
                agent = await self.desk.world.agent_of(work.session)
                move = next_move(work.session, agent, self._busy(), self.now())
                held = await self._held_back(work)
                if held is None:
                    self._remember(work, agent)
                elif isinstance(move, ASKING):
                    raise Missing(held)
                if not isinstance(move, Wait) and not self.closing:
                    await self._perform(work, move)
                elif self.tasks:
                    await self.signal.wait()
                    await asyncio.sleep(0)  # whoever appended first takes over the session as its command left it
                elif self.closing or not self.signal.is_set():
                    return
        except asyncio.CancelledError:
            await self._cancel()
            raise
        except Exception as error:
            try:
                if not isinstance(error, Missing):
                    raise
                await work.append(Pause(by="quarterdeck", because=str(error)))
            finally:
                await self._let_tools_finish()

    async def _held_back(self, work: Work) -> str | None:
        held_back = self.desk.world.held_back
        return await held_back(work.session.agent) if held_back else None

    def _fold_news(self, work: Work) -> None:
        news, self.news = self.news, []
        work.session = fold.replay(work.session, (event for event in news if event.seq > work.session.seq))

    def _busy(self) -> Busy:
        verifying = frozenset(name.removeprefix(VERIFY) for name in self.tasks if name.startswith(VERIFY))
        running = frozenset(name for name in self.tasks if not name.startswith(VERIFY)) - {MODEL, INPUT, SUMMARY}
        return Busy(asking=MODEL in self.tasks, running=running, verifying=verifying, checking=INPUT in self.tasks)

    def _remember(self, work: Work, agent: Agent) -> None:
        """Summarise beside the work: no reply waits for it."""
        if SUMMARY not in self.tasks and not self.closing and (what := memory.due(work, agent)):
            self._spawn(SUMMARY, memory.shorten(work, agent, what))

    async def _perform(self, work: Work, move: Move) -> None:
        match move:
            case AskModel(closing=closing):
                self._spawn(MODEL, self._ask(work, closing))
            case RunCalls(call_ids=call_ids):
                self._execute(work, await calls.start_calls(work, call_ids))
            case LoseSight(call_ids=call_ids):
                await calls.lose_sight(work, call_ids)
            case CheckInput():
                self._spawn(INPUT, request.check_input(work))
            case VerifyCalls(call_ids=call_ids):
                for call_id in call_ids:
                    self._spawn(f"{VERIFY}{call_id}", verify.verify_call(work, call_id))
            case NoteStuck(stuck=stuck):
                await work.append(NoteProgress(work.session, stuck))
            case FallBack(because=because):
                await fallback.fall_back(work, await self.desk.world.agent_of(work.session), because)
            case EnterStage(index=index, because=because):
                stages = (await self.desk.world.agent_of(work.session)).workflow
                await work.append(MoveOn(work.session, index, stages[index].stage, because))
            case EndTurn(because=because):
                await work.append(EndTheTurn(work.session, "limit", because, await self._best_so_far(work)))

    async def _ask(self, work: Work, closing: str | None) -> None:
        try:
            self._execute(work, await ask.ask_model(work, closing))
        finally:
            work.recording = False

    def _execute(self, work: Work, call_ids: tuple[str, ...]) -> None:
        for call_id in call_ids:
            self._spawn(call_id, calls.execute(work, call_id))

    async def _best_so_far(self, work: Work) -> str | None:
        """The newest words of the model in this turn, for a turn that ends without another call."""
        replies = [e for e in work.session.entries if e.kind == "reply" and e.turn == work.session.turn]
        await work.read({entry.ref for entry in replies})
        texts = [said(work.texts.get(entry.ref)) for entry in replies]
        return next((text for text in reversed(texts) if text), None)

    def _spawn(self, name: str, doing: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(doing, name=f"{self.session_id}/{name}")
        self.tasks[name] = task
        task.add_done_callback(lambda done: self._done(name, done))

    def _done(self, name: str, task: asyncio.Task[None]) -> None:
        if self.tasks.get(name) is task:
            del self.tasks[name]
        if not task.cancelled() and (error := task.exception()):
            self.trouble = error
        self.signal.set()

    async def _let_tools_finish(self) -> None:
        """What else went wrong is no reason to break off a call that is doing something somewhere."""
        self.break_off_the_model()
        try:
            while self.tasks:  # a reply that was being recorded starts its calls before it is gone
                await asyncio.wait(tuple(self.tasks.values()))
        except asyncio.CancelledError:
            await self._cancel()
            raise

    async def _cancel(self) -> None:
        tasks = list(self.tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def load(desk: Desk, session_id: str) -> Session:
    """The session as recorded: the newest snapshot, and the tail after it."""
    return caught_up(None, await desk.log.history(session_id))


async def keep(desk: Desk, session: Session) -> None:
    """Keep a snapshot, so that waking reads it and a short tail instead of the whole log."""
    await desk.log.keep_snapshot(session.id, session.seq, FOLD_VERSION, dump(session))
