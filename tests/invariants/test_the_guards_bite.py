"""Takes each guard away in turn: the invariant's own scenario has to fail then, or it would prove nothing."""

import dataclasses
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from agents import policy, rendering
from agents.commands.approvals import Decide
from agents.commands.command import Book
from agents.errors import AgentsError
from agents.folded import Call
from agents.policy import Ruling
from agents.proposals import Rules
from agents.told import told
from agents.tools.definition import ToolDefinition
from store import projections
from store.database import Database, driver_of
from store.errors import StoreError
from store.events import ApprovalVoided, Release, Risk, ToolStarted
from tests.fakes.desk import configuration, open_desk
from tests.invariants import test_01_a_held_call_runs_on_a_persons_word as one
from tests.invariants import test_02_shown_is_approved_is_executed as two
from tests.invariants import test_03_an_approval_is_used_at_most_once as three
from tests.invariants import test_04_of_many_deciders_one_wins as four
from tests.invariants import test_05_an_edit_revises_and_approves_in_one_act as five
from tests.invariants import test_06_what_ended_never_runs as six
from tests.invariants import test_07_the_inbox_holds_exactly_what_waits as seven
from tests.invariants import test_08_what_was_acknowledged_is_there as eight
from tests.invariants import test_09_what_nobody_can_judge_goes_to_a_person as nine
from tests.invariants import test_10_what_is_said_changes_nothing as ten
from tests.invariants import test_11_a_viewer_changes_nothing as eleven
from tests.invariants import test_12_every_session_ends_or_visibly_waits as twelve
from tests.invariants import test_13_what_is_stopped_does_not_start as thirteen

pytestmark = pytest.mark.asyncio
Patch = pytest.MonkeyPatch
Scenario = Callable[..., Awaitable[None]]


class Agreeable(str):
    """A digest that equals every other."""

    def __eq__(self, other: object) -> bool:
        return True

    def __ne__(self, other: object) -> bool:
        return False

    __hash__ = str.__hash__


def anybody_may_decide(patch: Patch) -> None:
    patch.setattr(Decide, "_allowed", lambda *_: None)


def bytes_are_not_hashed_again(patch: Patch) -> None:
    patch.setattr("agents.perform.calls.arguments.digest", lambda *_: Agreeable())


def any_digest_will_do(patch: Patch) -> None:
    original = Decide._open

    def opened(self: Decide, book: Book) -> Any:
        approval = book.session.approval(self.approval_id)
        assert approval is not None
        return original(dataclasses.replace(self, action_digest=approval.digest), book)

    patch.setattr(Decide, "_open", opened)


def anything_may_be_repeated(patch: Patch) -> None:
    patch.setattr(Call, "repeatable", property(lambda _: True))


def nothing_is_checked_when_deciding(patch: Patch) -> None:
    patch.setattr(Decide, "_open", lambda self, book: book.session.approval(self.approval_id))


def edits_are_not_judged(patch: Patch) -> None:
    allow = Ruling(verify="none", release=Release.ALLOW, rule=None, approver="anyone", because="Whatever.", matches=())
    patch.setattr("agents.revising._current", lambda rules, _: rules)
    original = Rules.judge

    def lenient(self: Rules, tool: Any, values: dict[str, Any]) -> Ruling:
        return allow if values.get("amount", 0) != 60 else original(self, tool, values)

    patch.setattr(Rules, "judge", lenient)


def approvers_of_an_edit_are_those_of_the_original(patch: Patch) -> None:
    patch.setattr(policy, "stricter_approver", lambda _new, old: old)


def definitions_are_not_compared(patch: Patch) -> None:
    patch.setattr("agents.world.World.unrunnable", lambda *_: None)


def expiry_is_forgotten(patch: Patch) -> None:
    patch.setattr("agents.commands.approvals.Expire.decide", lambda *_: None)


def rejections_are_forgotten(patch: Patch) -> None:
    patch.setattr("agents.commands.replies._limited", lambda _session, _agent, proposal: proposal)


def a_stop_withdraws_nothing(patch: Patch) -> None:
    patch.setattr("agents.commands.conversation.withdraw_all", lambda *_: None)


def voided_requests_stay_in_the_inbox(patch: Patch) -> None:
    patch.setitem(projections._CARRIED, ApprovalVoided, lambda *_: None)


def answers_are_given_before_the_commit(patch: Patch) -> None:
    original = Database._write_batch

    def write(self: Database, batch: Any) -> None:
        original(self, batch)
        driver: sqlite3.Connection = driver_of(self._writer_connection)
        driver.execute("DELETE FROM payloads WHERE rowid = (SELECT MAX(rowid) FROM payloads)")

    patch.setattr(Database, "_write_batch", write)


def the_unknown_is_allowed(patch: Patch) -> None:
    patch.setitem(policy.DEFAULTS, Risk.UNKNOWN, (Release.ALLOW, "Why not."))


def annotations_are_trusted(patch: Patch) -> None:
    original = Rules.judge

    def trusting(self: Rules, tool: Any, values: dict[str, Any], evidence: Any = None) -> Ruling:
        ruling = original(self, tool, values, evidence)
        definition: ToolDefinition = tool.definition
        harmless = definition.annotations.get("readOnlyHint")
        return dataclasses.replace(ruling, release=Release.ALLOW) if harmless else ruling

    patch.setattr(Rules, "judge", trusting)


def what_cannot_be_told_counts_as_false(patch: Patch) -> None:
    patch.setattr(policy, "_applies", lambda restrictive, lax, _: lax[0] is True)


def what_cannot_be_told_counts_as_true(patch: Patch) -> None:
    patch.setattr(policy, "_applies", lambda restrictive, lax, _: lax[0] is not False)


def outputs_speak_as_the_system(patch: Patch) -> None:
    patch.setattr(rendering, "_result", lambda call, texts: {"role": "system", "content": told(call, texts)})


def outputs_are_believed(patch: Patch) -> None:
    original = Rules.judge

    def gullible(self: Rules, tool: Any, values: dict[str, Any], evidence: Any = None) -> Ruling:
        ruling = original(self, tool, values, evidence)
        return dataclasses.replace(ruling, release=Release.ALLOW) if values.get("amount") == 60 else ruling

    patch.setattr(Rules, "judge", gullible)


def nobody_is_woken(patch: Patch) -> None:
    async def recover(_: object) -> None:
        return None

    patch.setattr("agents.engine.Engine.recover", recover)


def defects_are_swallowed(patch: Patch) -> None:
    async def give_up(*_: object) -> None:
        return None

    patch.setattr("agents.engine.Engine._give_up", give_up)


def the_policy_is_the_one_of_the_prompt(patch: Patch) -> None:
    allowed = Ruling(verify="none", release=Release.ALLOW, rule=None, approver="anyone", because="", matches=())
    from agents.commands.calls import Cleared

    patch.setattr("agents.world.World.clear", lambda *_: lambda _: Cleared(ruling=allowed))


def everybody_is_the_first_to_start(patch: Patch) -> None:
    """The start is recorded whatever the state of call and approval, as if nothing had been used up."""
    from agents.commands.calls import StartCalls

    def start(self: StartCalls, book: Book, call: Call) -> bool:
        book.drafts.append(
            dataclasses.replace(
                book.drafts[-1] if book.drafts else _draft(call),
                event=ToolStarted(call_id=call.id, attempt=2, action_digest=call.digest or "", approval_id=None),
            )
        )
        return True

    patch.setattr(StartCalls, "_start", start)


def _draft(call: Call) -> Any:
    from store.event_log import Draft
    from store.events import Status

    event = ToolStarted(call_id=call.id, attempt=2, action_digest=call.digest or "", approval_id=None)
    return Draft(event=event, status=Status.RUNNING)


def stops_are_not_looked_at(patch: Patch) -> None:
    patch.setattr("agents.world.World.halted", lambda *_: None)


def stops_may_be_left_out(patch: Patch) -> None:
    patch.setattr("agents.configure.lifted", lambda *_: ())


ON_A_DESK: list[tuple[Callable[[Patch], None], Scenario, tuple[Any, ...]]] = [
    (anybody_may_decide, one.an_approved_call_runs_and_an_unapproved_one_does_not, ()),
    (anybody_may_decide, one.two_people_means_two_others, ()),
    (anybody_may_decide, one.only_the_role_counts_not_the_name, ()),
    (the_policy_is_the_one_of_the_prompt, one.a_policy_that_became_stricter_stops_what_was_allowed, ()),
    (
        approvers_of_an_edit_are_those_of_the_original,
        one.an_approval_by_too_small_a_role_is_void_once_the_policy_asks_for_more,
        (),
    ),
    (bytes_are_not_hashed_again, two.tampered_bytes_are_not_run, ()),
    (any_digest_will_do, two.a_decision_about_other_bytes_is_refused, ()),
    (everybody_is_the_first_to_start, three.a_second_start_finds_the_approval_used_up, ()),
    (edits_are_not_judged, five.what_policy_denies_cannot_be_edited_in, ()),
    (edits_are_not_judged, five.an_edit_into_ask_two_is_only_the_first_of_two, ()),
    (approvers_of_an_edit_are_those_of_the_original, five.an_edit_needs_whoever_the_new_values_need, ()),
    (expiry_is_forgotten, six.a_request_that_nobody_decided_expires_by_its_timer, ()),
    (nothing_is_checked_when_deciding, six.a_decision_after_the_time_to_decide_is_refused, ()),
    (rejections_are_forgotten, six.a_rejected_call_does_not_run_and_is_asked_about_as_a_repeat, ()),
    (definitions_are_not_compared, six.a_definition_that_changed_silently_is_noticed_at_the_decision, ()),
    (a_stop_withdraws_nothing, six.after_a_stop_nothing_runs, ()),
    (voided_requests_stay_in_the_inbox, seven.what_is_withdrawn_leaves_the_inbox, ()),
    (the_unknown_is_allowed, nine.a_tool_of_unknown_risk_is_held, ()),
    (annotations_are_trusted, nine.annotations_are_hints_and_not_trust, ()),
    (what_cannot_be_told_counts_as_true, nine.what_cannot_be_evaluated_never_allows, (nine.CANNOT_TELL[0],)),
    (what_cannot_be_told_counts_as_false, nine.what_cannot_be_evaluated_restricts, (nine.CANNOT_TELL[0],)),
    (outputs_speak_as_the_system, ten.what_a_tool_says_releases_nothing, ()),
    (outputs_are_believed, ten.what_a_tool_says_releases_nothing, ()),
    (anybody_may_decide, eleven.a_viewer_decides_nothing, ()),
    (anybody_may_decide, eleven.a_viewer_settles_nothing, ()),
    (defects_are_swallowed, twelve.a_defect_of_our_own_ends_the_turn_with_its_words, ()),
    (stops_are_not_looked_at, thirteen.pulled_between_approval_and_execution_nothing_runs, ("everything", None)),
    (stops_are_not_looked_at, thirteen.pulled_between_approval_and_execution_nothing_runs, ("tool", "bench/refund")),
    (stops_may_be_left_out, thirteen.replacing_the_configuration_lifts_nothing_silently, ()),
]
ON_A_FOLDER: list[tuple[Callable[[Patch], None], Scenario, tuple[Any, ...]]] = [
    (anything_may_be_repeated, three.a_change_that_was_cut_off_goes_to_a_person, ()),
    (answers_are_given_before_the_commit, eight.everything_acknowledged_is_in_the_files, ()),
    (nobody_is_woken, twelve.a_restart_leaves_nothing_running, ("queued",)),
]
FAILS = (AssertionError, AgentsError, StoreError, pytest.fail.Exception)
"""How a scenario may fail: by its own assertion, or because something was refused that it expects to pass."""


def _named(case: tuple[Any, ...]) -> str:
    return f"{case[0].__name__}-{case[1].__name__}"


def _impatient(patch: Patch) -> None:
    """A scenario that fails by waiting for ever should do so soon."""
    patch.setattr("tests.fakes.desk.Desk.until.__defaults__", (1.0,))
    patch.setattr("agents.engine.CLOSE_SECONDS", 0)


@pytest.mark.parametrize("case", ON_A_DESK, ids=_named)
async def test_without_its_guard_the_scenario_fails(tmp_path: Path, monkeypatch: Patch, case: tuple[Any, ...]) -> None:
    guard_away, scenario, more = case
    _impatient(monkeypatch)
    async with open_desk(tmp_path) as desk:
        guard_away(monkeypatch)
        with pytest.raises(FAILS):
            await scenario(desk, *more)


@pytest.mark.parametrize("case", ON_A_FOLDER, ids=_named)
async def test_without_its_guard_the_files_tell(tmp_path: Path, monkeypatch: Patch, case: tuple[Any, ...]) -> None:
    guard_away, scenario, more = case
    _impatient(monkeypatch)
    guard_away(monkeypatch)
    with pytest.raises(FAILS):
        await scenario(tmp_path, *more)


async def test_without_its_guard_a_race_has_several_winners(tmp_path: Path, monkeypatch: Patch) -> None:
    async with open_desk(tmp_path, configuration(limits={"tool_calls": 100})) as desk:
        nothing_is_checked_when_deciding(monkeypatch)
        with pytest.raises(FAILS):
            await four.races(desk, 1)
