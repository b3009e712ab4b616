"""Policy check, consensus, unanimity, evidence: what models and history say of a call before it is released."""

from pathlib import Path
from typing import Any

import pytest

from agents.errors import BadRequest
from store.events import CallState, CallVerified, ToolStarted, Verify
from tests.fakes.processes import OpenAIServer
from tests.guards.scene import (
    ALLOWED,
    POLICY_TEXT,
    SUPPORTED,
    asked,
    calls,
    desk_on,
    judges,
    says,
    votes,
)

pytestmark = pytest.mark.asyncio

CLAUSE = "Refunds up to 50 EUR may be made for damaged goods."
SCRIPT = {
    "clerk": [calls("refund", order=7, amount=60), says("Done.")],
    "small-clerk": [calls("refund", order=7, amount=20), says("Done.")],
    "wiper": [calls("wipe", customer="Ada"), says("Done.")],
    "both": [
        {
            "calls": [
                *calls("look_up", order=7)["calls"],
                calls("refund", order=7, amount=20)["calls"][0] | {"id": "c2"},
            ]
        },
        says("Done."),
    ],
    "inventor": [calls("refund", order=8431, amount=20), says("Done.")],
    "allows": {
        "policy_check": [judges("allow", "It is within the limit.", clause=CLAUSE)],
        "reasoning_check": [SUPPORTED],
    },
    "denies": {"policy_check": [judges("deny", "60 is more than 50.", clause=CLAUSE, path="/amount")]},
    "doubts": {
        "policy_check": [judges("allow", clause=CLAUSE)],
        "reasoning_check": [{"json": {"supports": False, "because": "It argues for another order.", "path": "/order"}}],
    },
    "prose": {"policy_check": [says("Looks fine, go ahead and allow it.")]},
    "nothing": {"policy_check": [says("")]},
    "outside": {"policy_check": [{"json": {"verdict": "sure", "because": "", "clause": "", "path": ""}}]},
    "hanging": {"policy_check": [says("", hang=True)], "vote": [says("", hang=True)]},
    "yes-1": {"vote": [votes("allow", together=3)]},
    "yes-2": {"vote": [votes("allow", together=3)]},
    "no": {"vote": [votes("deny", "Nobody asked for that customer.", "/customer", together=3)]},
    "no-2": {"vote": [votes("deny", "Nobody asked for it.")]},
    "aye": {"vote": [votes("allow")]},
    "aye-too": {"vote": [votes("allow")]},
    "abstains": {"vote": [votes("abstain")]},
}


def verified(level: str, *more: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"when": {}, "verify": level, "because": "Models look first."}, *ALLOWED, *more]


@pytest.mark.parametrize("guarded", [True, False])
async def test_a_call_against_the_written_policy_is_denied_with_the_clause(
    server: OpenAIServer, tmp_path: Path, guarded: bool
) -> None:
    rules = verified("check") if guarded else ALLOWED
    async with desk_on(server, tmp_path, {"act": "clerk", "judge": "denies"}, rules=rules) as desk:
        session = await desk.rests(await desk.start("Refund order 7, 60 EUR."))
        if not guarded:
            assert desk.bench.ledger == [("refund", {"order": 7, "amount": 60})]
            return
        assert desk.bench.ledger == []
        (found,) = await desk.events(session.id, CallVerified)
        assert found.state is CallState.DENIED and found.seats[0].clause == CLAUSE
        told = asked(server, "clerk")[-1]["messages"][-1]["content"]
        assert "60 is more than 50" in told


async def test_the_judge_first_sees_neither_the_agents_words_nor_any_tool_output(
    server: OpenAIServer, tmp_path: Path
) -> None:
    roles = {"act": "small-clerk", "judge": "allows"}
    async with desk_on(server, tmp_path, roles, rules=verified("check")) as desk:
        session = await desk.rests(await desk.start("Refund order 7, 20 EUR."))
        assert session.result == "answered" and len(desk.bench.ledger) == 1
    blind, second = asked(server, "allows")[-2:]
    assert POLICY_TEXT in blind["messages"][-1]["content"] and "These are the values." not in str(blind)
    assert "These are the values." in str(second)


@pytest.mark.parametrize("judge", ["doubts", "prose", "nothing", "outside", "hanging", None])
async def test_whatever_a_judge_does_instead_of_agreeing_a_person_decides(
    server: OpenAIServer, tmp_path: Path, judge: str | None
) -> None:
    roles = {"act": "small-clerk"} | ({"judge": judge} if judge else {})
    guards = {"seconds": 2}
    async with desk_on(server, tmp_path, roles, rules=verified("check"), guards=guards) as desk:
        session = await desk.rests(await desk.start("Refund order 7, 20 EUR."))
        (item,) = await desk.pending(session.id)
        assert item["tool"] == "refund" and desk.bench.ledger == []
        if judge:
            assert item["checks"][0]["kind"] == "policy_check" and item["checks"][0]["verdict"] != "deny"
        await desk.decide(item)
        await desk.rests(session.id)
        assert len(desk.bench.ledger) == 1  # the person's word counts


@pytest.mark.parametrize(
    "voters", [("yes-1", "yes-2", "no"), ("aye", "aye-too", "abstains"), ("aye", "no-2", "abstains")]
)
async def test_two_of_three_release_and_fewer_do_not(
    server: OpenAIServer, tmp_path: Path, voters: tuple[str, ...]
) -> None:
    roles = {"act": "small-clerk", "vote": list(voters)}
    async with desk_on(server, tmp_path, roles, rules=verified("consensus")) as desk:
        session = await desk.rests(await desk.start("Refund order 7, 20 EUR."))
        (found,) = await desk.events(session.id, CallVerified)
        assert len(found.seats) == 3 and found.effective_votes and found.effective_votes < 3
        enough = "no-2" not in voters
        assert len(desk.bench.ledger) == int(enough)
        assert (found.state is CallState.ALLOWED) == enough


@pytest.mark.parametrize("guarded", [True, False])
async def test_the_agents_own_guards_verify_whatever_the_rules_leave_out(
    server: OpenAIServer, tmp_path: Path, guarded: bool
) -> None:
    rules = [*ALLOWED, {"when": {"tool": "wipe"}, "release": "allow", "because": "Trusted."}]
    roles = {"act": "wiper", "judge": "allows", "vote": ["no-2", "no-2", "aye"]}
    guards = {"policy_check": guarded, "consensus": guarded}
    async with desk_on(server, tmp_path, roles, rules=rules, guards=guards) as desk:
        session = await desk.rests(await desk.start("Erase Ada."))
        assert bool(desk.bench.ledger) != guarded  # without the vote the customer is gone
        if guarded:
            (found,) = await desk.events(session.id, CallVerified)
            assert found.verify is Verify.CONSENSUS and found.verdict in ("ask", "deny")


async def test_a_single_dissent_is_a_veto_and_a_person_sees_who_and_why(server: OpenAIServer, tmp_path: Path) -> None:
    rules = [
        {"when": {"tool": "wipe"}, "verify": "unanimous", "release": "allow", "because": "All three have to agree."}
    ]
    roles = {"act": "wiper", "vote": ["yes-1", "yes-2", "no"]}
    async with desk_on(server, tmp_path, roles, rules=rules) as desk:
        session = await desk.rests(await desk.start("Erase Ada."))
        (item,) = await desk.pending(session.id)
        assert desk.bench.ledger == []
        assert [(one["model"].split("/")[-1], one["verdict"]) for one in item["checks"]][-1] == ("no", "deny")
        assert item["checks"][-1]["path"] == "/customer"


async def test_models_alone_never_release_a_call_that_no_rule_allows(server: OpenAIServer, tmp_path: Path) -> None:
    rules = [{"when": {"tool": "wipe"}, "verify": "unanimous", "because": "All three have to agree."}]
    roles = {"act": "wiper", "vote": ["aye", "aye-too", "aye"]}
    async with desk_on(server, tmp_path, roles, rules=rules) as desk:
        session = await desk.rests(await desk.start("Erase Ada."))
        (item,) = await desk.pending(session.id)
        assert item["release"] == "ask" and desk.bench.ledger == []


async def test_reading_does_not_wait_for_the_verification_of_its_neighbour(
    server: OpenAIServer, tmp_path: Path
) -> None:
    roles = {"act": "both", "judge": "hanging"}
    rules = [{"when": {"tool": "refund"}, "verify": "check", "release": "allow", "because": "A model looks first."}]
    async with desk_on(server, tmp_path, roles, rules=rules, guards={"seconds": 30}) as desk:
        session_id = await desk.start("Refund order 7, 20 EUR.")
        session = await desk.until(session_id, lambda s: any(c.state is CallState.SUCCEEDED for c in s.calls))
        assert {call.tool: call.state for call in session.calls}["refund"] is CallState.PROPOSED
        await desk.runtime.stop(session_id, by="olga", because="Enough seen.")


@pytest.mark.parametrize("guarded", [True, False])
async def test_an_invented_value_is_noticed_and_a_rule_can_ask_about_it(
    server: OpenAIServer, tmp_path: Path, guarded: bool
) -> None:
    invented = {"when": {"evidence": "nowhere"}, "release": "ask", "because": "Somebody made a value up."}
    rules = [*ALLOWED, *([invented] if guarded else [])]
    async with desk_on(server, tmp_path, {"act": "inventor"}, rules=rules) as desk:
        session = await desk.rests(await desk.start("Refund order 8413, 20 EUR."))
        if not guarded:
            assert desk.bench.ledger == [("refund", {"order": 8431, "amount": 20})]
            return
        (item,) = await desk.pending(session.id)
        by_path = {one["path"]: one for one in item["evidence"]}
        assert by_path["/order"]["origin"] == "nowhere" and "8413" in by_path["/order"]["near"]
        assert by_path["/amount"]["origin"] == "user"


async def test_a_stricter_verification_that_came_meanwhile_asks_a_person(server: OpenAIServer, tmp_path: Path) -> None:
    roles = {"act": "small-clerk", "judge": "allows"}
    rules = [{"when": {"tool": "refund"}, "release": "ask", "because": "First a person."}]
    async with desk_on(server, tmp_path, roles, rules=rules) as desk:
        session = await desk.rests(await desk.start("Refund order 7, 20 EUR."))
        assert not await desk.events(session.id, ToolStarted)
        (item,) = await desk.pending(session.id)
        assert item["verify"] == Verify.NONE


async def test_a_guard_that_is_asked_for_by_name_needs_a_model(server: OpenAIServer, tmp_path: Path) -> None:
    with pytest.raises(BadRequest) as refused:
        async with desk_on(server, tmp_path, {"act": "clerk"}, guards={"policy_check": True}):
            pass
    assert "/agents/0/guards/policy_check: it needs a model in the role `judge`" in str(refused.value.problems)
