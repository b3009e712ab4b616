"""Which model takes the next step, and by which rule."""

from typing import Any

import pytest

from agents.config import Agent
from agents.folded import Session
from agents.routing import Route, route
from store.events import CallState, Risk, StageEntered
from tests.agents.sessions import STARTED, finished, folded, message, proposed, replied, started_call

ALL = {"act": ["main", "spare"], "plan": ["frontier"], "small": ["mini"]}
BEGUN = (STARTED, message(), replied())
LOOKED = (*BEGUN, proposed(risk=Risk.READ), started_call(), finished())


def agent(**models: Any) -> Agent:
    document = {"name": "Clerk", "instructions": "Help.", "toolset": "t", "policy": "p", "models": models or ALL}
    return Agent.model_validate(document)


def routed(*events: Any, recovering: bool = False, of: Agent | None = None) -> Route:
    session: Session = folded(*events)
    return route(session, of or agent(), recovering=recovering)


def test_the_first_step_of_a_turn_is_planned() -> None:
    assert routed(STARTED, message()) == Route(
        role="plan", chain=("frontier", "main", "spare"), because="the first step is planned"
    )


def test_so_is_the_first_step_of_a_later_turn_whatever_came_before() -> None:
    assert routed(*LOOKED, message(2)).role == "plan"


def test_so_is_the_first_step_of_a_stage() -> None:
    assert routed(*LOOKED, StageEntered(index=0, stage="one", because="So.")).role == "plan"


def test_after_looking_things_up_a_small_model_is_enough() -> None:
    assert routed(*LOOKED) == Route(
        role="small", chain=("mini", "main", "spare"), because="the last step only looked things up"
    )


def test_a_change_among_what_was_looked_up_is_no_small_matter() -> None:
    wrote = (proposed("1.2", risk=Risk.WRITE), started_call("1.2"), finished("1.2"))
    assert routed(*LOOKED, *wrote) == Route(role="act", chain=("main", "spare"), because="the agent acts")


def test_nor_is_a_tool_nobody_has_said_the_risk_of() -> None:
    assert routed(*BEGUN, proposed(risk=Risk.UNKNOWN), started_call(), finished()).role == "act"


@pytest.mark.parametrize("state", [CallState.INVALID, CallState.DENIED])
def test_after_a_call_that_could_not_be_made_the_way_on_is_planned(state: CallState) -> None:
    found = routed(*BEGUN, proposed(state=state, risk=Risk.READ))
    assert (found.role, found.because) == ("plan", "the last step went wrong, so the way on is planned")


def test_after_a_failure_the_way_on_is_planned_also_if_the_rest_went_well() -> None:
    failed = (proposed("1.2", risk=Risk.READ), started_call("1.2"), finished("1.2", CallState.FAILED))
    assert routed(*LOOKED, *failed).role == "plan"


def test_a_model_that_is_told_it_is_stuck_is_helped_by_the_planner() -> None:
    assert routed(*LOOKED, recovering=True).role == "plan"


def test_a_step_after_a_reply_without_calls_acts() -> None:
    assert routed(*BEGUN) == Route(role="act", chain=("main", "spare"), because="the agent acts")


def test_with_one_chain_there_is_nothing_to_say() -> None:
    plain = agent(act=["main", "spare"], judge="wise", vote=["a", "b"])
    for events in ((STARTED, message()), BEGUN, LOOKED):
        for recovering in (False, True):
            found = routed(*events, recovering=recovering, of=plain)
            assert found == Route(role="act", chain=("main", "spare"), because="")


def test_a_role_without_a_model_falls_to_the_one_that_acts_and_says_so() -> None:
    found = routed(STARTED, message(), of=agent(act="main", small="mini"))
    assert found == Route(
        role="act", chain=("main",), because="the first step is planned, but there is no model in the role plan"
    )
    assert routed(*LOOKED, of=agent(act="main", plan="frontier")).because == (
        "the last step only looked things up, but there is no model in the role small"
    )


def test_a_first_step_without_a_planner_is_never_left_to_the_small_model() -> None:
    assert routed(*LOOKED, message(2), of=agent(act="main", small="mini")).role == "act"


def test_a_model_stands_in_a_chain_once() -> None:
    chains = agent(act=["main", "spare"], plan=["spare", "frontier"], small=["main"])
    assert routed(STARTED, message(), of=chains).chain == ("spare", "frontier", "main")
    assert routed(*LOOKED, of=chains).chain == ("main", "spare")
