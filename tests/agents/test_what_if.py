"""A draft of a policy against recorded calls: what changes, what cannot be told, and what is read for it."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from agents import trying
from agents.config import Policy
from agents.errors import BadRequest
from agents.what_if import GROUPS, Lens, RecordedCall, WhatIf, counted, replay
from store.erasing import Erasing
from store.events import CallProposed, Evidence, Release, Risk, RuleRef, Verify
from tests.fakes.bench import ask
from tests.fakes.desk import POLICY, Desk, the_waiting, waiting

T0 = datetime(2026, 3, 2, 12, tzinfo=UTC)


def recorded(n: int = 1, **changes: Any) -> RecordedCall:
    settings: dict[str, Any] = {
        "session_id": "s", "call_id": f"{n}.1", "step": n, "seq": n, "at": T0 + timedelta(minutes=n), "agent": "Clerk",
        "connector": "bench", "tool": "refund", "risk": Risk.WRITE, "arguments": {"amount": 20}, "evidence": None,
        "effect": "Refund 20", "release": Release.ASK, "verify": Verify.NONE, "state": "succeeded",
        "decision": "approved", "decided_by": "olga", "decided_because": None, "session_cost_usd": None, "policy": "p",
    }  # fmt: skip
    return RecordedCall(**settings | changes)


def draft(*rules: dict[str, Any]) -> Policy:
    return Policy.model_validate({"name": "p", "rules": [{"because": "b", **rule} for rule in rules]})


def compared(
    policy: Policy, *calls: RecordedCall, days: float = 2.0, lens: Lens | None = None, agents: tuple[str, ...] = ()
) -> WhatIf:
    return counted([replay(one, policy, lens or Lens()) for one in calls], len(policy.rules), days, agents=agents)


UP_TO_50 = {
    "when": {"tool": "refund", "arguments": [{"path": "/amount", "op": "le", "value": 50}]},
    "release": "allow",
}


def test_every_call_is_in_exactly_one_group_and_prompts_are_counted_per_day() -> None:
    found = compared(
        draft(UP_TO_50, {"when": {"tool": "wipe"}, "release": "deny"}, {"when": {"risk": "read"}, "release": "ask"}),
        recorded(1),
        recorded(2, arguments={"amount": 80}),
        recorded(3, tool="wipe", risk=Risk.DESTRUCTIVE),
        recorded(4, tool="look_up", risk=Risk.READ, release=Release.ALLOW, decision=None),
        recorded(5, arguments=None),
    )
    assert (found.calls, found.same, found.not_replayable) == (5, 1, 1)
    assert [one.call.step for one in found.now_run] == [1]
    assert [one.call.step for one in found.now_denied] == [3]
    assert [one.call.step for one in found.now_asked] == [4]
    assert found.by_rule == {0: 1, 1: 1, 2: 1}
    assert found.by_default == {Risk.WRITE: 1}
    assert (found.prompts_per_day_before, found.prompts_per_day_after) == (1.5, 1.0)


def test_what_a_person_had_rejected_and_would_now_run_is_pointed_out() -> None:
    found = compared(draft(UP_TO_50), recorded(1, decision="rejected"), recorded(2))
    assert [one.call.step for one in found.now_run] == [2, 1]
    assert [one.call.step for one in found.rejected_before] == [1]


def test_a_change_from_one_person_to_two_is_among_what_is_asked_and_counts_twice() -> None:
    found = compared(draft({"release": "ask_two"}), recorded(), days=1)
    assert [one.after for one in found.now_asked] == [Release.ASK_TWO]
    assert (found.prompts_per_day_before, found.prompts_per_day_after) == (1.0, 2.0)


def test_asking_one_person_where_two_were_asked_is_not_taken_for_more_asking() -> None:
    found = compared(draft({"release": "ask"}), recorded(release=Release.ASK_TWO))
    assert ([one.after for one in found.fewer], found.now_asked) == ([Release.ASK], ())
    assert (found.prompts_per_day_before, found.prompts_per_day_after) == (1.0, 0.5)


CHECKED: dict[str, Any] = {"release": Release.ALLOW, "verify": Verify.CONSENSUS, "decision": None}


def test_dropping_the_check_of_a_call_is_a_change_and_what_a_person_had_rejected_then_is_pointed_out() -> None:
    held = recorded(1, **CHECKED | {"decision": "rejected", "state": "rejected"})
    found = compared(draft({"release": "allow"}), held, recorded(2, **CHECKED))
    assert ([one.call.step for one in found.unchecked], found.same, found.now_run) == ([2, 1], 0, ())
    assert [one.call.step for one in found.rejected_before] == [1]
    assert compared(draft({"release": "allow", "verify": "consensus"}), held).same == 1


def test_a_check_more_or_less_is_told_apart_from_what_is_asked_or_run_otherwise() -> None:
    more = compared(draft({"release": "allow", "verify": "unanimous"}), recorded(**CHECKED))
    assert ([one.verify_after for one in more.now_checked], more.same) == ([Verify.UNANIMOUS], 0)
    fewer = compared(draft({"release": "ask"}), recorded(verify=Verify.CHECK, decision="rejected"))
    assert ([one.verify_after for one in fewer.fewer], fewer.rejected_before) == ([Verify.NONE], ())
    denied = recorded(release=Release.DENY, verify=Verify.CHECK)
    assert compared(draft({"release": "deny"}), denied).same == 1


def test_whatever_changes_the_groups_add_up_to_all_calls() -> None:
    outcomes = [(release, verify) for release in Release for verify in Verify]
    calls = [recorded(n, release=release, verify=verify) for n, (release, verify) in enumerate(outcomes)]
    for release, verify in outcomes:
        found = compared(draft({"release": release, "verify": verify}), *calls, recorded(99, arguments=None))
        groups = [getattr(found, name) for name in GROUPS]
        assert found.same + found.not_replayable + sum(map(len, groups)) == found.calls == len(calls) + 1
        assert len({one.call.step for group in groups for one in group}) == sum(map(len, groups))


def test_an_agent_that_wants_two_people_is_asked_about_by_two_as_before() -> None:
    call = recorded(release=Release.ASK_TWO)
    assert compared(draft(), call, lens=Lens(people=2)).same == 1
    assert len(compared(draft(), call).fewer) == 1


def test_a_call_whose_evidence_nobody_collected_cannot_be_judged_by_a_rule_that_asks_for_it() -> None:
    rule = draft({"when": {"evidence": "nowhere"}, "release": "deny"})
    known = Evidence(path="/amount", value="20", origin="user")
    found = compared(rule, recorded(1), recorded(2, evidence=(known,)), recorded(3, evidence=()))
    assert (found.not_replayable, found.same) == (1, 2)
    elsewhere = draft({"when": {"tool": "wipe", "evidence": "nowhere"}, "release": "deny"})
    assert compared(elsewhere, recorded(1)).same == 1


def test_a_call_is_judged_at_its_own_time_by_its_own_agent_and_at_its_own_cost() -> None:
    noon = {"when": {"hours": {"start": "12:00", "end": "12:30"}}, "release": "deny"}
    theirs = {"when": {"agent": "Cl*"}, "release": "deny"}
    dear = {"when": {"session_cost_over_usd": 1}, "release": "deny"}
    late = recorded(45, agent="Other", session_cost_usd=0.5)
    assert compared(draft(noon), recorded(), late).same == 1
    assert compared(draft(theirs), recorded(), late).same == 1
    assert compared(draft(dear), recorded(session_cost_usd=1.5), late).same == 1
    assert len(compared(draft(dear), recorded(session_cost_usd=None)).now_denied) == 1


def test_what_a_standing_approval_released_stays_released_unless_the_draft_is_stricter() -> None:
    call = recorded(release=Release.ALLOW, standing="small refunds")
    assert compared(draft(), call).same == 1
    assert len(compared(draft({"release": "ask_two"}), call).now_asked) == 1


# ── on a running desk ─────────────────────────────────────────────────────────────────────────────────────────────


def refund(amount: float) -> Any:
    return ask("refund", order=1043, amount=amount)


async def two_refunds(desk: Desk) -> None:
    """One that runs by itself, and one that a person rejects."""
    await desk.ask_model(refund(20), "Done.")
    session = await desk.ask_model(refund(80), "Not done.")
    await desk.decide(the_waiting(session), "reject", because="Not without a receipt.")
    await desk.rests(session.id)


@pytest.mark.asyncio
async def test_the_same_policy_changes_nothing_on_a_running_desk(desk: Desk) -> None:
    await two_refunds(desk)
    session = await desk.ask_model(refund(700), "Done.")
    await desk.edit(the_waiting(session), order=1043, amount=30)
    seen: list[tuple[int, int]] = []
    found = await desk.runtime.administration.what_if(POLICY, progress=lambda done, of: seen.append((done, of)))
    assert (found.calls, found.same, found.not_replayable) == (3, 3, 0)
    assert seen == [(0, 3), (3, 3)]
    calls = await desk.runtime.administration.recorded_calls("rules")
    assert [one.decision for one in calls] == [None, "rejected", "edited"]
    assert calls[1].decided_by == "olga"
    assert calls[1].decided_because == "Not without a receipt."
    assert calls[2].arguments == {"order": 1043, "amount": 700}
    assert {(one.policy, one.agent, one.tool) for one in calls} == {("rules", "Clerk", "refund")}


@pytest.mark.asyncio
async def test_what_the_history_of_a_session_refused_is_not_taken_for_a_rule(desk: Desk) -> None:
    """The very call a person has just rejected is refused without asking, whatever the rules say."""
    session = await desk.ask_model(refund(80), refund(80), "Not done.")
    await desk.decide(the_waiting(session), "reject", because="No.")
    await desk.rests(session.id)
    calls = await desk.runtime.administration.recorded_calls("rules")
    assert [(one.release, one.imposed) for one in calls] == [(Release.ASK, False), (Release.DENY, True)]
    found = await desk.runtime.administration.what_if(POLICY)
    assert (found.calls, found.same) == (2, 2)
    allow = {"name": "rules", "rules": [{"when": {"tool": "refund"}, "release": "allow", "because": "All."}]}
    found = await desk.runtime.administration.what_if(allow)
    assert ([one.call.step for one in found.now_run], found.same) == ([1], 1)


USUAL = {"name": "usual", "connector": "bench", "tool": "refund", "because": "Agreed."}


@pytest.mark.asyncio
async def test_a_repeat_that_a_standing_approval_would_have_released_is_asked_about_and_nothing_says_it_ran(
    desk: Desk,
) -> None:
    session = await desk.ask_model(refund(60), "No.", refund(60), refund(60), "No.")
    await desk.decide(the_waiting(session), "reject")
    await desk.rests(session.id)
    await desk.runtime.administration.save("standing_approval", USUAL, by="ada")
    await desk.runtime.send(session.id, "Again.", by="rita")
    session = await desk.until(session.id, lambda one: bool(waiting(one)))
    [asked] = await desk.pending(session.id)
    assert asked["because"] == "A repeat: a person rejected exactly this call before."
    await desk.decide(the_waiting(session), "reject")
    await desk.rests(session.id)
    found = await desk.runtime.administration.what_if(POLICY)
    assert (found.calls, found.same, found.rejected_before) == (3, 3, ())
    proposed = await desk.events(session.id, CallProposed)
    assert [(one.release, one.rule.standing) for one in proposed] == [
        (Release.ASK, None),
        (Release.ASK, None),
        (Release.DENY, None),
    ]


@pytest.mark.asyncio
async def test_a_call_on_record_that_names_a_standing_approval_but_was_asked_about_stays_asked(desk: Desk) -> None:
    """So it was recorded once, where the session's history overruled the word given in advance."""
    await desk.ask_model(refund(60), "No.")
    async for items in desk.queries.recorded_calls(""):
        [item] = items
    ref = RuleRef(policy="rules", version=1, index=1, standing="usual", standing_version=1)
    item["event"]["rule"] = ref.model_dump(mode="json")
    [call] = trying.read_calls([item])
    assert (call.standing, call.release, call.imposed) == ("usual", Release.ASK, True)
    assert compared(draft(), call).same == 1
    item["event"]["release"] = "allow"
    assert not trying.read_calls([item])[0].imposed


@pytest.mark.asyncio
async def test_a_laxer_draft_shows_the_rejected_call_that_would_now_run(desk: Desk) -> None:
    await two_refunds(desk)
    lax = {"name": "rules", "rules": [{"when": {"tool": "refund"}, "release": "allow", "because": "All."}]}
    found = await desk.runtime.administration.what_if(lax)
    assert [one.call.arguments for one in found.rejected_before] == [{"order": 1043, "amount": 80}]
    assert found.prompts_per_day_after < found.prompts_per_day_before
    assert found.by_rule == {0: 2}


@pytest.mark.asyncio
async def test_erased_contents_are_counted_and_not_guessed(desk: Desk) -> None:
    session = await desk.ask_model(refund(20), "Done.")
    desk.clock.passes(3600)
    assert await Erasing(desk.runtime.database).erase(session.id, desk.clock())
    found = await desk.runtime.administration.what_if(POLICY)
    assert (found.calls, found.not_replayable, found.same) == (1, 1, 0)


@pytest.mark.asyncio
async def test_what_is_read_is_kept_between_two_looks(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    await desk.ask_model(refund(20), "Done.")
    assert (await desk.runtime.administration.what_if(POLICY)).calls == 1
    await desk.ask_model(refund(30), "Done.")
    assert (await desk.runtime.administration.what_if(POLICY)).calls == 1
    monkeypatch.setattr(trying, "KEPT_SECONDS", -1.0)
    assert (await desk.runtime.administration.what_if(POLICY)).calls == 2


@pytest.mark.asyncio
async def test_a_rule_about_the_cost_sees_what_the_session_had_cost_by_then(desk: Desk) -> None:
    await desk.ask_model(refund(20), "Done.")
    dear = {"when": {"session_cost_over_usd": 0}, "release": "deny", "because": "Dear."}
    found = await desk.runtime.administration.what_if({"name": "rules", "rules": [*POLICY["rules"], dear]})
    [replayed] = found.now_denied
    assert replayed.call.session_cost_usd is not None
    assert replayed.call.session_cost_usd > 0


@pytest.mark.asyncio
async def test_only_the_agents_of_a_policy_are_looked_at_and_all_of_them_for_a_new_one(desk: Desk) -> None:
    administration = desk.runtime.administration
    await desk.ask_model(refund(20), "Done.")
    await administration.save("policy", {"name": "other", "rules": []}, by="ada")
    whole = await administration.whole()
    await administration.save("agent", {**whole["agents"][0], "name": "Second", "policy": "other"}, by="ada")
    theirs = await administration.what_if({"name": "other", "rules": []})
    everybodys = await administration.what_if({"name": "fresh", "rules": []})
    assert (theirs.calls, theirs.agents) == (0, ("Second",))
    assert (everybodys.calls, everybodys.agents) == (1, ())


@pytest.mark.asyncio
async def test_a_look_at_many_calls_can_be_abandoned_between_chunks() -> None:
    many = [recorded(n) for n in range(1, 2001)]
    reached = asyncio.Event()

    def progress(done: int, of: int) -> None:
        if done:
            reached.set()

    async def source() -> list[RecordedCall]:
        return many

    task = asyncio.create_task(trying.what_if(source, draft(UP_TO_50), now=T0 + timedelta(days=3), progress=progress))
    await reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.asyncio
async def test_bad_drafts_name_each_bad_field(desk: Desk) -> None:
    with pytest.raises(BadRequest) as problem:
        await desk.runtime.administration.what_if({"name": "rules", "rules": [{"release": "perhaps", "because": ""}]})
    assert any("/rules/0/release" in one for one in problem.value.problems)
    assert any("/rules/0/because" in one for one in problem.value.problems)


@pytest.mark.asyncio
async def test_a_made_up_call_is_judged_by_the_draft_and_by_what_is_saved(desk: Desk) -> None:
    deny = {"when": {"tool": "refund"}, "release": "deny", "because": "No refunds this week."}
    tried = desk.runtime.administration.try_call(
        {"name": "rules", "rules": [deny]}, connector="bench", tool="refund", arguments={"amount": 20}, agent="Clerk"
    )
    assert tried.today is not None
    assert (tried.draft.release, tried.today.release) == (Release.DENY, Release.ALLOW)
    assert tried.draft.because == "No refunds this week."
    assert [match.matched for match in tried.today.matches] == [True, False, False, False]
    assert all(match.why for match in tried.today.matches)
    assert desk.bench.ledger == []


@pytest.mark.asyncio
async def test_a_made_up_call_has_the_risk_its_toolset_gives_it(desk: Desk) -> None:
    def tried(tool: str, agent: str | None = "Clerk") -> trying.Tried:
        empty: dict[str, Any] = {"name": "fresh", "rules": []}
        return desk.runtime.administration.try_call(empty, connector="bench", tool=tool, arguments={}, agent=agent)

    assert tried("look_up").draft.release is Release.ALLOW
    assert tried("refund").draft.because.startswith("Writes")
    assert tried("wipe", agent=None).draft.because.startswith("Destructive")
    assert tried("nowhere").draft.because.startswith("Nobody")
    assert tried("look_up").today is None
