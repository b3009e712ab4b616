"""Guards that meet a message, a stop, a restart, or a change of what they rest on, while they are at work."""

import asyncio
import inspect
import json
import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from agents import session as fold
from agents.commands.conversation import EndTheTurn
from agents.commands.guards import NoteProgress, PutBack
from agents.config import Model
from agents.errors import BadRequest, Missing
from agents.folded import dump, load
from agents.guards.progress import Stuck
from agents.model_calls import ModelsFailed, Reply
from agents.tools.errors import ToolFailure
from store.events import (
    CallState,
    CallVerified,
    HandedOver,
    InputChecked,
    ProgressNoted,
    Status,
    Summarised,
    TurnEnded,
)
from tests.fakes.bench import TOOLS, Bench, Gate, ScriptedModels, ask, in_turn, tool
from tests.fakes.desk import Desk, configuration, crash_image, open_desk, the_waiting

pytestmark = pytest.mark.asyncio

ENOUGH = {"verdict": "enough", "missing": [], "question": "", "because": "It names the order."}
WHICH = {"verdict": "missing", "missing": ["order"], "question": "Which order?", "because": "No order is named."}
YES = {"verdict": "allow", "because": "It fits.", "clause": "", "path": ""}
NO = {"verdict": "ask", "because": "Who knows.", "clause": "", "path": ""}
SUPPORTED = {"supports": True, "because": "It says so.", "path": ""}
REFUND, LOOK = ask("refund", order=1, amount=20), ask("look_up", order=1)
LARGE = ask("refund", order=1, amount=60)
MAIN: dict[str, Any] = {"act": ["main"], "judge": ["judge"], "small": ["small"]}
ALONGSIDE: dict[str, Any] = {"profile": "user_facing", "models": MAIN}
CHECK = {"when": {"tool": "refund"}, "verify": "check", "because": "A model looks first."}
SECRET = "ada.lindqvist@skog.example"

Side = Callable[[dict[str, Any]], Any]


class Sides(ScriptedModels):
    """Side questions are answered by `sides`, by the name of what is asked; "" are questions without a schema."""

    def __init__(self) -> None:
        super().__init__(in_turn("Done."))
        self.sides: dict[str, Any] = {"policy_check": YES, "reasoning_check": SUPPORTED, "input_check": ENOUGH}
        self.asked: list[tuple[str, list[dict[str, Any]]]] = []
        self.by: list[str] = []
        """The profile of every question, side questions included."""
        self.costs: dict[str, float] = {}
        """Of a side question, where it is not a cent."""

    async def complete(
        self, chain: Sequence[Model], messages: list[dict[str, Any]], tools: list[dict[str, Any]], **more: Any
    ) -> Reply:
        self.by.append(chain[0].name)
        form = more.get("response_format")
        name = form["json_schema"]["name"] if form else "summary" if chain[0].name == "summarizer" else None
        if name is None:
            return await super().complete(chain, messages, tools, **more)
        self.asked.append((name, json.loads(json.dumps(messages))))
        answer = self.sides[name]
        if callable(answer):
            answer = answer(messages)
            answer = await answer if inspect.isawaitable(answer) else answer
        text = answer if isinstance(answer, str) else json.dumps(answer)
        other = ScriptedModels(lambda _: text)
        other.cost_usd = self.costs.get(name, other.cost_usd)
        return await other.complete(chain, messages, [])

    def times(self, name: str) -> int:
        return sum(one == name for one, _ in self.asked)


class Held:
    """An answer that comes once the gate is opened."""

    def __init__(self, answer: Any) -> None:
        self.answer, self.reached, self.opened = answer, asyncio.Event(), asyncio.Event()

    async def __call__(self, _: Any) -> Any:
        self.reached.set()
        await self.opened.wait()
        return self.answer


def document(*rules: dict[str, Any], profiles: dict[str, Any] | None = None, **agent: Any) -> dict[str, Any]:
    whole = configuration(**({"models": MAIN} | agent))
    names = ("main", "judge", "small", "summarizer", "outside")
    whole["models"] = [
        {"name": name, "model": "openai/scripted", "residency": "external" if name == "outside" else "local"}
        | (profiles or {}).get(name, {})
        for name in names
    ]
    whole["policies"] = [whole["policies"][0] | {"rules": [*whole["policies"][0]["rules"], *rules]}]
    return whole


def sensitive(whole: dict[str, Any], *fields: str) -> dict[str, Any]:
    """Its look-up has these sensitive fields."""
    (tools,) = whole["toolsets"]
    entries = [one | ({"sensitive": list(fields)} if one["tool"] == "look_up" else {}) for one in tools["tools"]]
    return whole | {"toolsets": [tools | {"tools": entries}]}


@asynccontextmanager
async def desk_with(
    folder: Path, whole: dict[str, Any] | None = None, bench: Bench | None = None
) -> AsyncIterator[tuple[Desk, Sides]]:
    models = Sides()
    async with open_desk(folder, whole, models=models, bench=bench) as desk:
        yield desk, models


# ── the input check beside the work ───────────────────────────────────────────────────────────────────────────────


async def test_a_request_found_complete_while_a_call_waits_for_a_person_changes_nothing(tmp_path: Path) -> None:
    async with desk_with(tmp_path, document(**ALONGSIDE)) as (desk, models):
        models.sides["input_check"] = held = Held(ENOUGH)
        models.script = in_turn(LARGE, "Done.")
        session_id = await desk.start()
        await desk.until(session_id, lambda s: s.status is Status.WAITING_APPROVAL)
        held.opened.set()
        session = await desk.until(session_id, lambda s: s.input_checked == 1)
        assert session.status is Status.WAITING_APPROVAL and session.result is None
        await desk.decide(the_waiting(session))
        assert (await desk.rests(session_id)).result == "answered" and len(desk.bench.ran("refund")) == 1


async def test_the_check_is_made_once_while_what_was_under_way_is_still_running(tmp_path: Path) -> None:
    async with desk_with(tmp_path, document(**ALONGSIDE)) as (desk, models):
        models.sides["input_check"] = held = Held(WHICH)
        gate = desk.bench.on["look_up"] = Gate()
        models.script = in_turn(LOOK, "Done.")
        session_id = await desk.start()
        await gate.reached.wait()
        held.opened.set()
        await desk.until(session_id, lambda s: s.awaiting)
        await asyncio.sleep(0.2)
        assert models.times("input_check") == 1
        gate.opened.set()
        session = await desk.rests(session_id)
        assert session.status is Status.WAITING_INPUT and models.times("input_check") == 1


async def test_nothing_that_a_guard_notes_comes_in_between_once_a_person_was_asked(tmp_path: Path) -> None:
    async with desk_with(tmp_path, document(guards={"input_check": True})) as (desk, models):
        models.sides["input_check"] = WHICH
        session = await desk.rests(await desk.start())
        assert session.status is Status.WAITING_INPUT
        stop = Stuck(pattern="no_call", action="stop", because="Round.", note="", key="no_call")
        for command in (
            PutBack(known=None, turn=1, query="x", text="x", seqs=(1,), latency_ms=1.0),
            NoteProgress(None, stop),
        ):
            await desk.runtime.log.append(session.id, command)
        assert (await desk.session(session.id)).seq == session.seq


@pytest.mark.parametrize("fallback", [{}, {"hand_over": True}])
async def test_no_model_while_a_person_is_asked_leaves_the_question_open(
    tmp_path: Path, fallback: dict[str, Any]
) -> None:
    async with desk_with(tmp_path, document(**ALONGSIDE, fallback=fallback)) as (desk, models):
        models.sides["input_check"] = WHICH
        go = asyncio.Event()

        async def fails(_: Any) -> str:
            await go.wait()
            raise ModelsFailed(())

        models.script = fails
        session_id = await desk.start()
        await desk.until(session_id, lambda s: s.awaiting)
        go.set()
        await desk.idle()
        session = await desk.session(session_id)
        assert session.status is Status.WAITING_INPUT and session.turn_open
        assert not await desk.events(session_id, TurnEnded)
        models.sides["input_check"], models.script = ENOUGH, lambda _: "Done."
        await desk.runtime.send(session_id, "Order 1.", by="rita")
        session = await desk.until(session_id, lambda s: s.result is not None)
        assert (session.turn, session.result) == (1, "answered")


async def test_a_turn_that_a_defect_ends_is_over_although_a_person_had_been_asked(tmp_path: Path) -> None:
    async with desk_with(tmp_path, document(guards={"input_check": True})) as (desk, models):
        models.sides["input_check"] = WHICH
        session = await desk.rests(await desk.start())
        await desk.runtime.log.append(session.id, EndTheTurn(None, "error", "A bug."))
        assert (await desk.session(session.id)).status is Status.FAILED


async def test_what_the_person_wrote_during_the_check_is_not_asked_for(tmp_path: Path) -> None:
    async with desk_with(tmp_path, document(guards={"input_check": True})) as (desk, models):
        models.sides["input_check"] = held = Held(WHICH)
        session_id = await desk.start("Refund my order.")
        await held.reached.wait()
        await desk.runtime.send(session_id, "It is order 1.", by="rita")
        models.sides["input_check"] = ENOUGH
        held.opened.set()
        session = await desk.rests(session_id)
        assert session.result == "answered" and models.times("input_check") == 2
        first, second = await desk.events(session_id, InputChecked)
        assert first.question is None and second.verdict == "enough"
        assert session.session_cost_usd == pytest.approx(0.03)  # both checks were paid for, and the answer
        assert "It is order 1." in str(models.asked[-1])


async def test_a_check_that_failed_while_the_person_wrote_is_made_again(tmp_path: Path) -> None:
    async with desk_with(tmp_path, document(guards={"input_check": True})) as (desk, models):
        models.sides["input_check"] = held = Held("I cannot say.")
        session_id = await desk.start("Refund my order.")
        await held.reached.wait()
        await desk.runtime.send(session_id, "It is some order.", by="rita")
        held.opened.set()
        models.sides["input_check"] = lambda _: WHICH if models.times("input_check") > 2 else "I cannot say."
        session = await desk.rests(session_id)
        assert session.status is Status.WAITING_INPUT and session.because == "No order is named."


async def test_a_call_to_be_run_again_runs_although_the_next_request_is_incomplete(tmp_path: Path) -> None:
    async with desk_with(tmp_path, document(guards={"input_check": True})) as (desk, models):

        def cut_off(_: Any) -> str:
            raise ToolFailure("It was cut off.", outcome="unknown")

        desk.bench.on["refund"] = cut_off
        models.script = in_turn(REFUND, "Done.")
        session = await desk.rests(await desk.start())
        await desk.runtime.log.append(session.id, EndTheTurn(None, "error", "A bug."))
        models.sides["input_check"] = WHICH
        await desk.runtime.send(session.id, "And now something else.", by="rita")
        del desk.bench.on["refund"]
        await desk.decide(the_waiting(await desk.session(session.id)), "run_again")
        session = await desk.until(session.id, lambda s: s.status is Status.WAITING_INPUT)
        await desk.decide(the_waiting(session), "run_again")
        await desk.until(session.id, lambda s: s.status is Status.WAITING_INPUT and not the_open(s))
        assert len(desk.bench.ran("refund")) == 1 and models.times("input_check") == 2


def the_open(session: Any) -> list[Any]:
    return [call for call in session.calls if call.state not in (CallState.SUCCEEDED, CallState.FAILED)]


@pytest.mark.parametrize("answer", [WHICH, "I cannot say."])
async def test_a_session_that_waits_for_words_says_why_also_after_a_pause(tmp_path: Path, answer: Any) -> None:
    async with desk_with(tmp_path, document(guards={"input_check": True})) as (desk, models):
        models.sides["input_check"] = answer
        session = await desk.rests(await desk.start())
        row = await desk.queries.session(session.id)
        assert row is not None and row["status"] == "waiting_input" and row["because"] == session.because
        await desk.runtime.pause(session.id, by="olga", because="Lunch.")
        await desk.runtime.resume(session.id, by="olga", because="Back.")
        row = await desk.queries.session(session.id)
        assert row is not None and row["status"] == "waiting_input" and "still open" in row["because"]


# ── going round in circles ────────────────────────────────────────────────────────────────────────────────────────


async def test_a_word_about_circles_that_comes_behind_a_new_message_is_not_held_against_it(tmp_path: Path) -> None:
    async with desk_with(tmp_path, document(guards={"progress": True})) as (desk, models):
        go = asyncio.Event()

        async def slow(_: Any) -> str:
            await go.wait()
            return "Done."

        models.script = slow
        session_id = await desk.start()
        stop = Stuck(pattern="no_call", action="stop", because="Round.", note="", key="no_call")
        await desk.runtime.send(session_id, "Do it otherwise.", by="rita")
        await desk.runtime.log.append(session_id, NoteProgress(None, stop))
        assert not await desk.events(session_id, ProgressNoted)
        go.set()
        assert (await desk.rests(session_id)).result == "answered"


async def test_agents_may_not_hand_over_to_each_other_for_ever(tmp_path: Path) -> None:
    whole = document(fallback={"agent": "Second"})
    (first,) = whole["agents"]
    agents = [first, first | {"name": "Second", "fallback": {"agent": "Third"}}]
    agents.append(first | {"name": "Third", "fallback": {"agent": "Clerk"}})
    with pytest.raises(BadRequest) as refused:
        async with desk_with(tmp_path, whole | {"agents": agents}):
            pass
    assert any("/agents/0/fallback/agent" in one and "Third" in one for one in refused.value.problems)


# ── verifying ─────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_nobody_is_asked_about_a_tool_that_changed_while_models_looked_at_its_call(tmp_path: Path) -> None:
    async with desk_with(tmp_path, document(CHECK)) as (desk, models):
        models.sides["policy_check"] = held = Held(NO)
        models.script = in_turn(REFUND, "Done.")
        session_id = await desk.start()
        await held.reached.wait()
        desk.registry.redefine(*(one for one in TOOLS if one.name != "refund"), tool("refund", "Otherwise.", order={}))
        await asyncio.sleep(0.05)
        held.opened.set()
        session = await desk.rests(session_id)
        assert session.result == "answered" and await desk.pending() == []
        assert desk.bench.ran("refund") == []
        assert await desk.queries.inbox_matches_events() == []


async def test_a_stop_ends_a_verification_and_a_pause_does_not(tmp_path: Path) -> None:
    async with desk_with(tmp_path, document(CHECK)) as (desk, models):
        for what in ("pause", "stop"):
            models.sides["policy_check"] = held = Held(YES)
            models.script = in_turn(REFUND, "Done.")
            session_id = await desk.start()
            await held.reached.wait()
            await getattr(desk.runtime, what)(session_id, by="olga", because="Enough.")
            held.opened.set()
            await desk.idle()
            assert desk.bench.ran("refund") == []
            found = await desk.events(session_id, CallVerified)
            assert len(found) == (what == "pause")
            if what == "pause":
                await desk.runtime.resume(session_id, by="olga", because="On.")
                assert (await desk.rests(session_id)).result == "answered"
                assert len(desk.bench.ran("refund")) == 1 and models.times("policy_check") == 1
                desk.bench.ledger.clear()


@pytest.mark.parametrize("change", ["verify", "release", "risk", "gone"])
async def test_what_the_rules_became_while_models_looked_counts(tmp_path: Path, change: str) -> None:
    rules = {"release": {"release": "ask"}, "verify": {"verify": "unanimous"}}
    async with desk_with(tmp_path, document(CHECK)) as (desk, models):
        models.sides["policy_check"] = held = Held(YES)
        models.script = in_turn(REFUND, "Done.")
        session_id = await desk.start()
        await held.reached.wait()
        if change in rules:
            await desk.change_policy(CHECK, {"when": {"tool": "refund"}, "because": "Since today."} | rules[change])
        else:
            whole = document({"when": {"risk": "destructive"}, "release": "ask", "because": "No."}, CHECK)
            (tools,) = whole["toolsets"]
            entries = [one for one in tools["tools"] if change == "risk" or one["tool"] != "refund"]
            entries = [one | ({"risk": "destructive"} if one["tool"] == "refund" else {}) for one in entries]
            await desk.configure(whole | {"toolsets": [tools | {"tools": entries}]})
        held.opened.set()
        session = await desk.rests(session_id)
        assert desk.bench.ran("refund") == []
        assert session.status is (Status.COMPLETED if change == "gone" else Status.WAITING_APPROVAL)


@pytest.mark.parametrize("change", ["risk", "gone"])
async def test_what_the_toolset_became_while_the_model_wrote_counts(tmp_path: Path, change: str) -> None:
    async with desk_with(tmp_path, document()) as (desk, models):
        models.script = held = Held(LOOK)
        session_id = await desk.start()
        await held.reached.wait()
        whole = document()
        (tools,) = whole["toolsets"]
        entries = [one for one in tools["tools"] if change == "risk" or one["tool"] != "look_up"]
        entries = [one | ({"risk": "destructive"} if one["tool"] == "look_up" else {}) for one in entries]
        await desk.configure(whole | {"toolsets": [tools | {"tools": entries}]})
        models.script = in_turn(LOOK, "Done.")
        held.opened.set()
        await desk.rests(session_id)
        assert desk.bench.ran("look_up") == []


async def test_a_call_that_was_cut_off_is_not_repeated_without_the_verification_that_is_wanted_now(
    tmp_path: Path,
) -> None:
    whole = document()
    (tools,) = whole["toolsets"]
    entries = [one | ({"idempotent": True} if one["tool"] == "refund" else {}) for one in tools["tools"]]
    whole["toolsets"] = [tools | {"tools": entries}]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("agents.engine.CLOSE_SECONDS", 0)
        async with desk_with(tmp_path / "one", whole) as (desk, models):
            gate = desk.bench.on["refund"] = Gate()
            models.script = in_turn(REFUND, "Done.")
            session_id = await desk.start()
            await gate.reached.wait()
            await desk.change_policy(CHECK)
            image = crash_image(desk, tmp_path / "two")
    async with desk_with(image) as (desk, models):
        models.script = in_turn(REFUND, "Done.")
        await desk.rests(session_id)
        assert desk.bench.ran("refund") == []
        (item,) = await desk.pending(session_id)
        assert item["kind"] == "unknown_outcome"


@pytest.mark.parametrize("tool_name", ["look_up", "refund"])
async def test_a_rule_about_evidence_holds_where_nobody_has_looked(tmp_path: Path, tool_name: str) -> None:
    """The look-up was not traced, since no rule wanted to know; the refund was, and the tracing broke."""
    rule = {"when": {"tool": tool_name, "evidence": "nowhere"}, "release": "ask", "because": "Invented."}
    async with desk_with(tmp_path, document()) as (desk, models):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("agents.perform.reading.evidence.trace", lambda *_, **__: 1 / 0)
            models.script = held = Held(LOOK if tool_name == "look_up" else REFUND)
            session_id = await desk.start()
            await held.reached.wait()
            await desk.change_policy(rule)
            held.opened.set()
            session = await desk.rests(session_id)
        assert session.status is Status.WAITING_APPROVAL and desk.bench.ledger == []


@pytest.mark.parametrize("verdict", [YES, NO])
async def test_a_crash_while_models_look_at_a_call_loses_neither_the_call_nor_its_verification(
    tmp_path: Path, verdict: dict[str, Any]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("agents.engine.CLOSE_SECONDS", 0)
        async with desk_with(tmp_path / "one", document(CHECK)) as (desk, models):
            models.sides["policy_check"] = held = Held(YES)
            models.script = in_turn((REFUND, LOOK), "Done.")
            session_id = await desk.start()
            await held.reached.wait()
            await desk.until(session_id, lambda s: any(c.state is CallState.SUCCEEDED for c in s.calls))
            image = crash_image(desk, tmp_path / "two")
    async with desk_with(image) as (desk, models):
        models.sides["policy_check"] = verdict
        models.script = in_turn((REFUND, LOOK), "Done.")
        session = await desk.rests(session_id)
        assert len(await desk.events(session_id, CallVerified)) == 1 and models.times("policy_check") == 1
        assert len(desk.bench.ran("refund")) == (verdict is YES) and desk.bench.ran("look_up") == []
        assert await desk.queries.inbox_matches_events() == []
        if verdict is NO:
            await desk.decide(the_waiting(session))
            session = await desk.rests(session_id)
        assert session.result == "answered" and len(desk.bench.ran("refund")) == 1


async def test_two_calls_are_verified_at_once_and_each_once(tmp_path: Path) -> None:
    async with desk_with(tmp_path, document(CHECK)) as (desk, models):
        together = asyncio.Event()

        async def both(_: Any) -> dict[str, Any]:
            if models.times("policy_check") == 2:
                together.set()
            await asyncio.wait_for(together.wait(), 5)
            return YES

        models.sides["policy_check"] = both
        models.script = in_turn((REFUND, ask("refund", order=2, amount=20)), "Done.")
        session = await desk.rests(await desk.start())
        assert session.result == "answered" and len(desk.bench.ran("refund")) == 2
        assert models.times("policy_check") == 2 and len(await desk.events(session.id, CallVerified)) == 2


# ── what must not leave ───────────────────────────────────────────────────────────────────────────────────────────


def of_ada(_: Any) -> str:
    return json.dumps({"name": "Ada", "email": SECRET, "age": 42})


OUTSIDE: dict[str, Any] = {"act": ["outside"], "judge": ["outside"], "summarize": ["summarizer"]}


@pytest.mark.parametrize("gone", ["taken out", "redefined"])
async def test_a_result_is_masked_also_when_its_tool_went_while_it_ran(tmp_path: Path, gone: str) -> None:
    whole = sensitive(document(models=OUTSIDE), "email")
    async with desk_with(tmp_path, whole) as (desk, models):
        gate = Gate()

        async def slow(arguments: Any) -> str:
            await gate(arguments)
            return of_ada(arguments)

        desk.bench.on["look_up"] = slow
        models.script = in_turn(LOOK, "Done.")
        session_id = await desk.start()
        await gate.reached.wait()
        if gone == "taken out":
            (tools,) = whole["toolsets"]
            left = [one for one in tools["tools"] if one["tool"] != "look_up"]
            await desk.configure(whole | {"toolsets": [tools | {"tools": left}]})
        else:
            others = (one for one in TOOLS if one.name != "look_up")
            desk.registry.redefine(*others, tool("look_up", "Otherwise.", order={}))
        gate.opened.set()
        assert (await desk.rests(session_id)).result == "answered"
        assert "[[email:" in str(models.prompts[-1]) and SECRET not in str(models.prompts)


async def test_a_sensitive_value_is_masked_before_its_agents_model_moves_outside(tmp_path: Path) -> None:
    """What a local model was shown whole, an external one would read in the same conversation."""
    async with desk_with(tmp_path, sensitive(document(), "email")) as (desk, models):
        desk.bench.on["look_up"] = of_ada
        models.script = in_turn(LOOK, ask("mystery", thing="x"), "Done.", "Done.")
        session = await desk.rests(await desk.start())
        await desk.configure(sensitive(document(profiles={"main": {"residency": "external"}}), "email"))
        await desk.decide(the_waiting(session))
        assert (await desk.rests(session.id)).result == "answered"
        assert SECRET not in str(models.prompts)


async def test_what_a_restricted_connector_told_stays_inside_when_its_tools_are_taken_out(tmp_path: Path) -> None:
    whole = document()
    whole["connectors"] = [{"name": "bench", "kind": "builtin", "sensitivity": "restricted"}]
    async with desk_with(tmp_path, whole) as (desk, models):
        models.script = in_turn(LOOK, "Done.", "Done.")
        session = await desk.rests(await desk.start())
        (tools,) = whole["toolsets"]
        out = document(profiles={"main": {"residency": "external"}})
        await desk.configure(out | {"connectors": whole["connectors"], "toolsets": [tools | {"tools": []}]})
        asked = len(models.prompts)
        await desk.runtime.send(session.id, "And now?", by="rita")
        session = await desk.rests(session.id)
        assert session.status is Status.PAUSED and "restricted" in session.because and len(models.prompts) == asked


@pytest.mark.parametrize("failing", [False, True])
async def test_a_conversation_kept_inside_is_not_handed_to_an_agent_outside(tmp_path: Path, failing: bool) -> None:
    """The agent may leave by now; the session began while it might not."""

    def house(local: bool) -> dict[str, Any]:
        whole = document(local_only=local, limits={"steps": 1}, fallback={"agent": "Second"})
        (clerk,) = whole["agents"]
        act = {"act": ["main" if local else "outside"]}
        return whole | {"agents": [clerk, clerk | {"name": "Second", "fallback": {}, "models": act}]}

    async with desk_with(tmp_path, house(local=True)) as (desk, models):
        models.script = in_turn(LARGE, "Done.")
        session = await desk.rests(await desk.start())
        await desk.configure(house(local=False))
        if failing:
            await desk.decide(the_waiting(session), "respond", because="No.")
        else:
            await desk.decide(the_waiting(session))
        session = await desk.rests(session.id)
        (over,) = await desk.events(session.id, HandedOver)
        assert over.to == "person" and "kept to local" in over.because and session.status is Status.WAITING_INPUT
        assert "outside" not in models.by


async def test_who_takes_over_is_told_stand_ins(tmp_path: Path) -> None:
    whole = sensitive(document(limits={"steps": 2}, fallback={"agent": "Second"}), "email")
    (clerk,) = whole["agents"]
    whole["agents"] = [clerk, clerk | {"name": "Second", "fallback": {}, "models": {"act": ["outside"]}}]
    async with desk_with(tmp_path, whole) as (desk, models):
        desk.bench.on["look_up"] = of_ada
        models.script = held = in_turn(LOOK, "Done.")
        session = await desk.rests(await desk.start())
        models.script = lambda messages: LOOK if "Second" not in str(models.by[-1]) else held(messages)
        await desk.runtime.send(session.id, f"Write to {SECRET}.", by="rita")
        models.script = lambda messages: "Done." if models.by[-1] == "outside" else LOOK
        session = await desk.until(session.id, lambda s: s.turn == 2 and s.result is not None)
        (over,) = await desk.events(session.id, HandedOver)
        await desk.rests(over.session_id)
        assert "outside" in models.by and SECRET not in str(models.prompts)


# ── summaries beside the work ─────────────────────────────────────────────────────────────────────────────────────

SUMMARY = "Goals and requests: it was dealt with, turn by turn. Open points: none."
TALK: dict[str, Any] = {
    "models": MAIN | {"summarize": ["summarizer"]},
    "context": {"window_turns": 2, "recall": False},
}


async def talked(desk: Desk, models: Sides, session_id: str = "") -> str:
    """One more turn, long enough to be worth a summary."""
    models.script = lambda _: "All is well with it. " * 100
    if session_id:
        await desk.runtime.send(session_id, "And then?", by="rita")
        await desk.until(session_id, lambda s: not s.turn_open)
        return session_id
    return (await desk.rests(await desk.start())).id


async def test_what_a_person_wrote_into_a_call_reaches_the_summariser_as_a_stand_in(tmp_path: Path) -> None:
    whole = sensitive(document(**TALK, limits={"cost_usd": 0.03}), "email")
    async with desk_with(tmp_path, whole) as (desk, models):
        models.sides["summary"], models.costs["summary"] = SUMMARY, 0.0  # it must not count into what ends the turn
        desk.bench.on["look_up"] = of_ada
        replies = iter(["All is well with it. " * 100, LOOK, ask("mystery", thing="x"), ask("mystery", thing="y")])
        models.script = lambda _: next(replies)
        session = await desk.rests(await desk.start())
        await desk.runtime.send(session.id, "Write to them.", by="rita")
        session = await desk.until(session.id, lambda s: s.status is Status.WAITING_APPROVAL)
        await desk.edit(the_waiting(session), thing=f"To {SECRET}")
        session = await desk.until(session.id, lambda s: s.status is Status.WAITING_APPROVAL)
        await desk.edit(the_waiting(session), thing=f"Again to {SECRET}")
        await desk.until(session.id, lambda s: not s.turn_open)
        models.script = held = Held("Done.")
        await desk.runtime.send(session.id, "Thanks.", by="rita")
        await held.reached.wait()
        await desk.runtime.send(session.id, "And thanks again.", by="rita")
        await desk.until(session.id, lambda s: s.summary is not None and s.summary.turns == 2)
        held.opened.set()
        await desk.rests(session.id)
        assert "What ran" in str(models.asked)
        assert SECRET not in str(models.asked) + str(models.prompts)


@pytest.mark.parametrize("trouble", ["missing", "bug"])
async def test_what_goes_wrong_with_a_summary_goes_wrong_beside_the_work(tmp_path: Path, trouble: str) -> None:
    async with desk_with(tmp_path, document(**TALK)) as (desk, models):
        session_id = await talked(desk, models)

        def breaks(_: Any) -> str:
            raise RuntimeError("a bug")

        models.sides["summary"] = breaks
        with pytest.MonkeyPatch.context() as patch:
            if trouble == "missing":
                situation = desk.runtime.world.situation

                async def gone(session: Any) -> Any:
                    if asyncio.current_task().get_name().endswith("/summary"):  # type: ignore[union-attr]
                        raise Missing("A connector is down.")
                    return await situation(session)

                patch.setattr(desk.runtime.world, "situation", gone)
            await talked(desk, models, session_id)
            await desk.idle()
        session = await desk.session(session_id)
        assert (session.status, session.result) == (Status.COMPLETED, "answered")


async def test_a_crash_during_a_summary_loses_nothing(tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("agents.engine.CLOSE_SECONDS", 0)
        async with desk_with(tmp_path / "one", document(**TALK)) as (desk, models):
            session_id = await talked(desk, models)
            models.sides["summary"] = held = Held(SUMMARY)
            await talked(desk, models, session_id)
            await held.reached.wait()
            await desk.until(session_id, lambda s: s.status is Status.COMPLETED)
            before = await desk.session(session_id)
            image = crash_image(desk, tmp_path / "two")
    async with desk_with(image) as (desk, models):
        models.sides["summary"] = SUMMARY
        await desk.idle()
        assert await desk.session(session_id) == before
        await talked(desk, models, session_id)
        await desk.idle()
        (summary,) = await desk.events(session_id, Summarised)
        session = await desk.session(session_id)
        assert (session.turn, session.result) == (3, "answered") and summary.turns in (1, 2)


@pytest.mark.parametrize("what", ["pause", "stop"])
async def test_a_summary_that_comes_back_to_a_paused_or_stopped_session(tmp_path: Path, what: str) -> None:
    async with desk_with(tmp_path, document(**TALK)) as (desk, models):
        session_id = await talked(desk, models)
        models.sides["summary"] = held = Held(SUMMARY)
        await talked(desk, models, session_id)
        await held.reached.wait()
        await getattr(desk.runtime, what)(session_id, by="olga", because="Enough.")
        held.opened.set()
        await desk.idle()
        session = await desk.session(session_id)
        assert session.status is (Status.PAUSED if what == "pause" else Status.STOPPED)
        assert len(await desk.events(session_id, Summarised)) == (what == "pause")


@pytest.mark.parametrize("how", ["edited", "judged", "invalid"])
async def test_a_short_sensitive_value_does_not_leave_with_the_call_it_is_put_into(tmp_path: Path, how: str) -> None:
    """42 is too common to be covered everywhere, but here it stands under its field's name."""
    age = {"type": "integer", "minimum": 50 if how == "invalid" else 1}
    rule = {"when": {"tool": "enrol"}, "verify": "check", "because": "A model looks first."}
    whole = sensitive(document(*([rule] if how == "judged" else [])), "age")
    (tools,) = whole["toolsets"]
    enrol = {"connector": "bench", "tool": "enrol", "risk": "write"}
    whole["toolsets"] = [tools | {"tools": [*tools["tools"], enrol]}]
    bench = Bench()
    bench.known = (*TOOLS, tool("enrol", age=age, who={"type": "string"}))
    async with desk_with(tmp_path, whole, bench) as (desk, models):
        bench.on["look_up"] = of_ada

        def play(messages: list[dict[str, Any]]) -> Any:
            said = sum(message["role"] == "assistant" for message in messages)
            made = json.loads(messages[-1]["content"])["age"] if said == 1 else ""
            return (LOOK, ask("enrol", age=made, who="Ada"), "Done.")[min(said, 2)]

        models.script = play
        session = await desk.rests(await desk.start())
        if how != "invalid":
            await desk.edit(the_waiting(session), age=42, who="Ada Lindqvist")
            session = await desk.rests(session.id)
            assert bench.ran("enrol") == [{"age": 42, "who": "Ada Lindqvist"}]
        assert session.result == "answered" and "[[age:" in str(models.prompts[-1])
        assert not leaked(models)


def leaked(models: Sides) -> bool:
    """Does 42 stand anywhere but in the digits of a stand-in?"""
    told = json.dumps([models.prompts, models.asked])
    return re.search(r"(?<![\w#])42(?!\w)", told) is not None


async def test_a_snapshot_holds_all_that_the_guards_know(tmp_path: Path) -> None:
    whole = sensitive(document(CHECK, **TALK, guards={"input_check": True, "progress": True}), "email")
    async with desk_with(tmp_path, whole) as (desk, models):
        models.sides |= {"summary": SUMMARY, "policy_check": NO}
        desk.bench.on["look_up"] = of_ada
        models.script = in_turn(LOOK, LOOK, LOOK, LOOK, REFUND, "All is well with it. " * 100, "All is well. " * 100)
        session = await desk.rests(await desk.start())
        await desk.decide(the_waiting(session), "reject", because="No.")
        await desk.rests(session.id)
        await desk.runtime.send(session.id, "And then?", by="rita")
        await desk.until(session.id, lambda s: s.turn == 2 and not s.turn_open)
        models.sides["input_check"] = WHICH
        await desk.runtime.send(session.id, "And now?", by="rita")
        await desk.until(session.id, lambda s: s.status is Status.WAITING_INPUT)
        await desk.idle()
        folded = fold.replay(fold.new(session.id), await desk.runtime.log.read(session.id))
        assert folded.summary and folded.masks and folded.rejected and folded.awaiting and folded.outcomes
        assert load(dump(folded)) == folded == await desk.session(session.id)
