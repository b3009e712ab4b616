"""The configuration as one document: bad paths are named, nothing changes by halves, and it goes round unchanged."""

import copy
from pathlib import Path
from typing import Any

import pytest

from agents import configure
from agents.demo.setup import configuration as demo
from agents.errors import BadRequest, NotFound
from store.errors import ConfigurationChanged
from tests.fakes.bench import TOOLS, ask, tool
from tests.fakes.desk import Desk, configuration, the_waiting

pytestmark = pytest.mark.asyncio


def changed(path: str, value: Any) -> dict[str, Any]:
    """The usual configuration with one place changed, or added to."""
    document = copy.deepcopy(configuration())
    place: Any = document
    *steps, last = path.strip("/").split("/")
    for step in steps:
        place = place[int(step)] if step.isdigit() else place[step]
    if last == "-":
        place.append(value)
    else:
        place[int(last) if last.isdigit() else last] = value
    return document


BAD: list[tuple[str, Any, str]] = [
    ("/agents/0/toolset", "none", "/agents/0/toolset: there is no toolset 'none'"),
    ("/agents/0/policy", "none", "/agents/0/policy: there is no policy 'none'"),
    ("/agents/0/models", {"act": ["none"]}, "/agents/0/models/act: there is no model 'none'"),
    ("/agents/0/models", {"act": []}, "/agents/0/models/act"),
    ("/agents/0/instructions", "", "/agents/0/instructions"),
    ("/agents/0/colour", "red", "/agents/0/colour"),
    ("/agents/0/local_only", True, "/agents/0/models/act"),
    ("/agents/0/guards", {"consensus": True}, "/agents/0/guards"),
    ("/agents/0/fallback", {"agent": "Nobody"}, "/agents/0/fallback/agent"),
    ("/agents/0/inputs", {"type": "nonsense"}, "/agents/0/inputs: this is not a JSON schema"),
    ("/agents/0/output_schema", {"type": 7}, "/agents/0/output_schema: this is not a JSON schema"),
    ("/agents/0/limits", {"steps": 0}, "/agents/0/limits/steps"),
    ("/agents/-", configuration()["agents"][0], "/agents/1/name: 'Clerk' is used twice"),
    ("/policies/-", {"name": "new"}, "/policies/1/name: 'new' is the name of a page; choose another"),
    ("/policies/-", {"name": "standing"}, "/policies/1/name: 'standing' is the name of a page"),
    ("/toolsets/-", {"name": "new"}, "/toolsets/1/name: 'new' is the name of a page"),
    ("/connectors/0/kind", "openapi", "/connectors/0/spec"),
    ("/connectors/0/allow", ["*"], "/connectors/0/allow/0"),
    ("/connectors/0/allow", ["http://example.org"], "/connectors/0/allow/0"),
    ("/connectors/0/auth", {"kind": "bearer", "value": "env:KEY"}, "/connectors/0/auth"),
    ("/connectors/0/kind", "mcp_stdio", "/connectors/0/command"),
    ("/connectors/0/kind", "mcp_http", "/connectors/0/url"),
    ("/connectors/0/sensitivity", "restricted", "/agents/0/models/act"),
    ("/connectors/0/name", "../etc", "/connectors/0/name"),
    ("/toolsets/0/tools/0/connector", "none", "/toolsets/0/tools/0/connector: there is no connector 'none'"),
    ("/toolsets/0/limit", 2, "/toolsets/0/tools: 4 tools are picked, but the limit is 2"),
    ("/toolsets/0/tools/1/as", "look_up", "/toolsets/0/tools/1: 'look_up' is offered twice"),
    ("/toolsets/0/tools/0/risk", "safe", "/toolsets/0/tools/0/risk"),
    ("/policies/0/rules/0/approver", "role:boss", "/policies/0/rules/0/approver"),
    ("/policies/0/rules/0/release", "maybe", "/policies/0/rules/0/release"),
    ("/policies/0/rules/0/when/arguments/0/op", "like", "/policies/0/rules/0/when/arguments/0/op"),
    ("/models/0/api_key", "sk-very-secret", "/models/0/api_key"),
    ("/models/0/api_key", "secret:oauth.notion", "/models/0/api_key: secret:oauth.notion is somebody's sign-in"),
    (
        "/connectors/-",
        {"name": "s", "kind": "openapi", "spec": "http://x/y", "auth": {"kind": "bearer", "value": "secret:oauth.n"}},
        "/connectors/1/auth/value: secret:oauth.n is somebody's sign-in",
    ),
    ("/toolsets/0/tools/0/as", "a b!", "/toolsets/0/tools/0/as: 'a b!' is no name that models take"),
    ("/toolsets/0/tools/0/as", "x" * 65, "/toolsets/0/tools/0/as: 'xxx"),
    ("/toolsets/0/tools/0/as", "ok\n", "/toolsets/0/tools/0/as: 'ok"),
    ("/models/-", {"model": "x"}, "/models/1/name"),
    (
        "/schedules",
        [{"name": "s", "agent": "none", "message": "m", "cron": "* * * * *"}],
        "/schedules/0/agent: there is no agent 'none'",
    ),
    ("/nonsense", [], "/nonsense"),
]


@pytest.mark.parametrize(("path", "value", "problem"), BAD, ids=[one[2] for one in BAD])
async def test_a_bad_place_is_named(path: str, value: Any, problem: str) -> None:
    with pytest.raises(BadRequest) as refused:
        configure.parse(changed(path, value))
    assert any(one.startswith(problem) for one in refused.value.problems), refused.value.problems
    assert "sk-very-secret" not in " ".join(refused.value.problems)


@pytest.mark.parametrize("document", [None, 7, "text", [], {"agents": {}}, {"agents": [None]}])
async def test_what_is_no_configuration_at_all_is_refused(document: Any) -> None:
    with pytest.raises(BadRequest) as refused:
        configure.parse(document)
    assert refused.value.problems


async def test_every_bad_place_is_named_at_once() -> None:
    document = changed("/agents/0/toolset", "none")
    document["agents"][0]["policy"] = "none"
    document["policies"][0]["rules"][0]["approver"] = "role:boss"
    with pytest.raises(BadRequest) as refused:
        configure.parse(document)
    assert len(refused.value.problems) == 3


async def test_bad_yaml_is_refused_with_its_place() -> None:
    with pytest.raises(BadRequest, match="line 2"):
        configure.read_yaml("agents:\n  - {name: [")


async def test_it_goes_round_unchanged(desk: Desk) -> None:
    whole = await desk.runtime.administration.whole()
    assert {key: value for key, value in whole.items() if value} == configuration()
    assert configure.read_yaml(configure.write_yaml(whole)) == whole
    assert await desk.runtime.administration.replace(whole, by="ada") == []


async def test_the_demo_is_a_good_configuration(tmp_path: Path) -> None:
    assert configure.parse(demo(tmp_path)).agents[0].name == "Refund clerk"


async def test_more_than_thirty_tools_need_a_reason(desk: Desk) -> None:
    entries = [{"connector": "bench", "tool": f"tool_{number}"} for number in range(31)]
    many = {"name": "many", "tools": entries}
    with pytest.raises(BadRequest) as refused:
        await desk.runtime.administration.save("toolset", many, by="ada")
    assert "31 tools are more than 30" in refused.value.problems[0]
    await desk.runtime.administration.save("toolset", {**many, "tools": entries[:30]}, by="ada")
    await desk.runtime.administration.save("toolset", many | {"over_limit_because": "A migration."}, by="ada")


@pytest.mark.parametrize("nothing", [" ", "\u200b", "\u00a0\n\u2060 "])
async def test_a_reason_that_nobody_can_read_is_none(nothing: str) -> None:
    entries = [{"connector": "bench", "tool": f"tool_{number}"} for number in range(31)]
    with pytest.raises(BadRequest) as refused:
        configure.parse(changed("/toolsets/-", {"name": "many", "tools": entries, "over_limit_because": nothing}))
    assert "31 tools are more than 30" in refused.value.problems[0]


async def test_a_tool_whose_name_for_the_model_is_left_empty_keeps_its_own() -> None:
    assert configure.parse(changed("/toolsets/0/tools/0/as", "")).toolsets[0].tools[0].tool == "look_up"


async def test_a_bad_replacement_changes_nothing(desk: Desk) -> None:
    before = await desk.runtime.configuration.etag()
    with pytest.raises(BadRequest):
        await desk.configure(changed("/agents/0/toolset", "none"))
    assert await desk.runtime.configuration.etag() == before
    assert (await desk.ask_model("Done.")).result == "answered"


async def test_a_replacement_on_an_old_view_is_refused(desk: Desk) -> None:
    administration = desk.runtime.administration
    etag = await desk.runtime.configuration.etag()
    await desk.change_policy({"when": {"tool": "x"}, "release": "ask", "because": "x"})
    with pytest.raises(ConfigurationChanged):
        await administration.replace(configuration(), by="ada", if_match=etag)


async def test_what_is_still_used_cannot_be_deleted(desk: Desk) -> None:
    administration = desk.runtime.administration
    with pytest.raises(BadRequest) as refused:
        await administration.delete("toolset", "bench-tools", by="ada")
    assert refused.value.problems == ("/agents/0/toolset: there is no toolset 'bench-tools'",)
    with pytest.raises(NotFound):
        await administration.delete("toolset", "none", by="ada")
    await administration.delete("agent", "Clerk", by="ada")
    await administration.delete("toolset", "bench-tools", by="ada")
    assert "toolset" not in await desk.runtime.configuration.current()


async def test_several_documents_are_saved_together_or_not_at_all(desk: Desk) -> None:
    agent = configuration()["agents"][0] | {"name": "Second", "toolset": "new-tools"}
    tools = {"name": "new-tools", "tools": [{"connector": "bench", "tool": "look_up", "risk": "read"}]}
    with pytest.raises(BadRequest):
        await desk.runtime.administration.save_all([("agent", agent)], by="ada")
    await desk.runtime.administration.save_all([("toolset", tools), ("agent", agent)], by="ada")
    assert set(desk.runtime.administration.documents("agent")) == {"Clerk", "Second"}
    session_id = await desk.start(agent="Second")
    assert (await desk.rests(session_id)).result == "answered"
    assert len(desk.models.tools[-1]) == 1


async def test_a_changed_tool_is_left_out_until_an_admin_accepts_it_as_shown(desk: Desk) -> None:
    await desk.ask_model("Done.")
    changed_tool = tool("wipe", "Changed.", customer={"type": "string"})
    desk.registry.redefine(*TOOLS[:2], changed_tool, TOOLS[3])
    await desk.ask_model("Done.")
    assert "wipe" not in {one["function"]["name"] for one in desk.models.tools[-1]}
    ((now, pinned),) = desk.runtime.administration.drifted()
    assert (now.description, pinned["description"]) == ("Changed.", "wipe")
    with pytest.raises(BadRequest):
        await desk.runtime.administration.accept("bench", "wipe", "0" * 64, by="ada")
    await desk.runtime.administration.accept("bench", "wipe", now.hash, by="ada")
    assert desk.runtime.administration.drifted() == []
    session = await desk.ask_model(ask("wipe", customer="C-1"), "Done.")
    await desk.decide(the_waiting(session))
    await desk.rests(session.id)
    assert len(desk.bench.ran("wipe")) == 1


async def test_a_draft_of_a_connector_is_tried_without_being_kept(desk: Desk) -> None:
    found = await desk.runtime.administration.probe({"name": "draft", "kind": "builtin"})
    assert {one.name for one in found} == {"calculator", "clock"}
    assert desk.runtime.registry.known("draft") is None


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({}, "/connectors/1/spec"),
        ({"spec": "ftp://example.org/x"}, "/connectors/1/spec"),
        ({"spec": "http://x/y", "spec_text": "{}"}, "/connectors/1/spec_text"),
        ({"spec": "http://x/y", "url": "example.org"}, "/connectors/1/url"),
        ({"spec": "http://x/y", "url": "http://[oops"}, "/connectors/1/url"),
        ({"spec": "http://x:99999/y"}, "/connectors/1/spec"),
        ({"kind": "mcp_http", "url": "http://mcp.example:99999/mcp"}, "/connectors/1/url"),
        ({"kind": "mcp_http", "url": "https://[bad/mcp"}, "/connectors/1/url"),
        ({"spec": "http://x/y", "url": "https://me:key@example.org"}, "/connectors/1/url"),
        ({"spec": "http://x/y", "allow": ["example.org"]}, "/connectors/1/allow"),
        ({"spec": "http://x/y", "auth": {"kind": "oauth"}}, "/connectors/1/auth/kind"),
        ({"spec": "http://x/y", "auth": {"kind": "header", "value": "env:KEY"}}, "/connectors/1/auth/name"),
        (
            {"spec": "http://x/y", "auth": {"kind": "header", "name": "a b", "value": "env:K"}},
            "/connectors/1/auth/name",
        ),
        ({"spec": "http://x/y", "auth": {"kind": "basic", "password": "env:KEY"}}, "/connectors/1/auth/username"),
        ({"spec": "http://x/y", "auth": {"kind": "bearer"}}, "/connectors/1/auth/value"),
        ({"spec": "http://x/y", "auth": {"kind": "client_credentials"}}, "/connectors/1/auth/token_url"),
        (
            {"spec": "http://x/y", "auth": {"kind": "client_credentials", "token_url": "https://login:99999/"}},
            "/connectors/1/auth/token_url: ",
        ),
    ],
)
async def test_an_openapi_connector_is_told_what_it_lacks(fields: dict[str, Any], path: str) -> None:
    document = configuration()
    document["connectors"].append({"name": "shop", "kind": "openapi", **fields})
    with pytest.raises(BadRequest) as refused:
        configure.parse(document)
    assert any(problem.startswith(path) for problem in refused.value.problems), refused.value.problems


@pytest.mark.parametrize(
    "name", ["api_key", "aws_secret_access_key", "aws_session_token", "azure_ad_token", "apikey", "vertex_credentials",
             "watsonx_token", "token", "password", "Authorization"]
)  # fmt: skip
async def test_a_secret_among_a_models_parameters_is_refused_and_its_place_is_said(name: str) -> None:
    with pytest.raises(BadRequest) as refused:
        configure.parse(changed("/models/0/parameters", {name: "AKIA", "temperature": 0}))
    (problem,) = refused.value.problems
    assert problem.startswith(f"/models/0/parameters/{name}: it sounds like a secret") and "api_key" in problem
    assert "AKIA" not in problem


async def test_parameters_that_only_count_tokens_are_no_secrets() -> None:
    fine = {"max_tokens": 5, "max_completion_tokens": "5", "budget_tokens": 1, "input_cost_per_token": 0.1}
    fine |= {"stop_token_ids": "1", "skip_special_tokens": True, "token_limit": 1, "prompt_cache_key": "desk"}
    fine |= {"aws_region_name": "eu-north-1", "use_api_key": True, "reasoning_effort": "low", "tokenizer": "x"}
    assert configure.parse(changed("/models/0/parameters", fine)).models[0].parameters == fine


async def test_a_complete_openapi_connector_is_accepted() -> None:
    document = configuration()
    auth = {"kind": "client_credentials", "client_id": "a", "client_secret": "env:K", "token_url": "https://x/token"}
    document["connectors"].append({"name": "shop", "kind": "openapi", "spec": "https://x/openapi.json", "auth": auth})
    document["connectors"].append({"name": "web", "kind": "builtin", "allow": ["example.org", "*.example.org:8443"]})
    assert len(configure.parse(document).connectors) == 3
