"""Which agents are kept to local models, and which of their models are refused."""

from typing import Any

import pytest

from agents.config import Agent, Connector, Model, Roles, Toolset
from agents.residency import external, kept_local, refused

LOCAL, OPENAI, OTHER = (
    Model(name="local", model="hosted_vllm/x", residency="local"),
    Model(name="openai", model="openai/x"),
    Model(name="other", model="anthropic/x", residency="external"),
)
MODELS = {model.name: model for model in (LOCAL, OPENAI, OTHER)}
CONNECTORS = {
    "crm": Connector(name="crm", kind="mcp_stdio", command="x"),
    "records": Connector(name="records", kind="mcp_stdio", command="x", sensitivity="restricted"),
}


def toolset(*connectors: str) -> Toolset:
    tools = [{"connector": name, "tool": f"tool_{n}"} for n, name in enumerate(connectors)]
    return Toolset.model_validate({"name": "desk", "tools": tools})


def agent(name: str = "Clerk", local_only: bool = True, fallback: str | None = None, **models: Any) -> Agent:
    document = {"name": name, "instructions": "Help.", "toolset": "desk", "policy": "p", "local_only": local_only}
    roles = {"act": "local"} | models
    return Agent.model_validate(document | {"models": roles, "fallback": {"agent": fallback}})


def test_an_ordinary_agent_may_use_any_model() -> None:
    ordinary = agent(local_only=False, act="openai")
    assert kept_local(ordinary, toolset("crm"), CONNECTORS) is None
    assert refused(ordinary, toolset("crm"), CONNECTORS, MODELS) == []


def test_an_agent_marked_local_only_is_kept_local() -> None:
    assert kept_local(agent(), toolset("crm"), CONNECTORS) == "the agent Clerk is kept to local models."


def test_one_tool_of_a_restricted_connector_keeps_the_agent_local() -> None:
    assert kept_local(agent(local_only=False), toolset("crm", "crm", "records"), CONNECTORS) == (
        "its toolset desk uses the restricted connector records."
    )


def test_a_connector_that_is_gone_counts_as_restricted() -> None:
    because = kept_local(agent(local_only=False), toolset("crm", "old"), CONNECTORS)
    assert because == "its toolset desk uses old, which is gone, so nobody can say how sensitive it was."


@pytest.mark.parametrize("role", list(Roles.model_fields))
def test_an_external_model_is_refused_in_every_role(role: str) -> None:
    assert refused(agent(**{role: "openai"}), toolset("crm"), CONNECTORS, MODELS) == [
        f"/models/{role}: openai is an external model, but the agent Clerk is kept to local models"
    ]


@pytest.mark.parametrize("role", list(Roles.model_fields))
def test_an_external_model_is_refused_at_the_end_of_a_chain_too(role: str) -> None:
    found = refused(agent(**{role: ["local", "openai", "other"]}), toolset("crm"), CONNECTORS, MODELS)
    assert [problem.split(" is ")[0] for problem in found] == [f"/models/{role}: openai", f"/models/{role}: other"]


def test_local_models_are_fine_in_every_role() -> None:
    everywhere = agent(**dict.fromkeys(Roles.model_fields, "local"))
    assert refused(everywhere, toolset("records"), CONNECTORS, MODELS) == []


def test_a_restricted_connector_is_named_in_the_refusal() -> None:
    found = refused(agent(local_only=False, vote=["local", "openai"]), toolset("records"), CONNECTORS, MODELS)
    assert found == [
        "/models/vote: openai is an external model, but its toolset desk uses the restricted connector records"
    ]


def test_a_name_without_a_model_is_somebody_elses_problem() -> None:
    assert refused(agent(judge="nobody"), toolset("crm"), CONNECTORS, MODELS) == []


def test_the_agent_that_takes_over_must_not_ask_an_external_model_either() -> None:
    helper = agent("Helper", local_only=False, plan="openai", vote=["openai", "other"])
    agents = {"Helper": helper, "Clerk": agent(fallback="Helper")}
    assert refused(agents["Clerk"], toolset("crm"), CONNECTORS, MODELS, agents) == [
        f"/fallback/agent: Helper asks {name}, which is an external model, but the agent Clerk is kept to local models"
        for name in ("openai", "other")
    ]


def test_nor_the_one_that_takes_over_from_that_one() -> None:
    agents = {
        "Clerk": agent(fallback="Helper"),
        "Helper": agent("Helper", fallback="Last"),
        "Last": agent("Last", local_only=False, act="openai", fallback="Clerk"),
    }
    (problem,) = refused(agents["Clerk"], toolset("crm"), CONNECTORS, MODELS, agents)
    assert problem.startswith("/fallback/agent: Last asks openai")
    assert refused(agents["Helper"], toolset("crm"), CONNECTORS, MODELS, agents)[0].startswith("/fallback/agent: Last")


def test_external_models_are_named_once() -> None:
    assert external([OPENAI, LOCAL, OTHER, OPENAI]) == ("openai", "other")
    assert external([LOCAL]) == ()
    assert external([]) == ()


def test_a_model_of_which_nobody_has_said_where_it_is_lies_outside() -> None:
    assert external([Model(name="new", model="openai/x")]) == ("new",)
