"""The whole story over the API alone: a foreign MCP server, somebody's OpenAI-compatible model, and no page."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests.api.desk_work import APPROVALS, SESSIONS, decided, seen
from tests.browser.app import running
from tests.fakes.processes import OpenAIServer, openai_server
from tests.foreign.conftest import Repository

MODEL = "git-clerk"
PICKED = ["git_status", "git_log", "git_create_branch"]
PROPOSED, EDITED = "spring-leaflet", "leaflets/spring"
ANSWER = f"The branch {EDITED} is there."
REASONING = {
    "need": "A branch for the spring leaflet.",
    "source": "the git repository of the leaflets",
    "therefore": "git_create_branch makes it from main.",
    "alternatives": [{"tool": "git_log", "why_not": "It only reads."}],
}


def called(tool: str, **arguments: Any) -> dict[str, str]:
    values = {"reasoning": REASONING, **arguments}
    return {"id": f"call_{tool}", "name": tool, "arguments": json.dumps(values)}


SCRIPT = {
    MODEL: [
        {"text": "I look first.", "calls": [called("git_status"), called("git_log", max_count=1)]},
        {"calls": [called("git_create_branch", branch_name=PROPOSED, base_branch="main")]},
        {"text": ANSWER},
    ]
}


def configuration(api_base: str, python: Path, repository: Repository) -> str:
    """A desk with this one system; the path of the repository is the administrator's, not the model's, to choose."""
    pinned = {"repo_path": str(repository.path)}
    risks = {"git_status": "read", "git_log": "read", "git_create_branch": "write"}
    tools = [{"connector": "git", "tool": tool, "risk": risks[tool], "pinned": pinned} for tool in PICKED]
    server = ["-m", "mcp_server_git", "--repository", str(repository.path)]
    rule = {"when": {"risk": "write"}, "release": "ask", "because": "A person looks at every change."}
    agent = {"name": "Archivist", "instructions": "You keep the leaflets.", "toolset": "leaflets", "policy": "careful"}
    return yaml.safe_dump(
        {
            "models": [{"name": "clerk", "model": f"openai/{MODEL}", "api_base": api_base, "residency": "local"}],
            "connectors": [{"name": "git", "kind": "mcp_stdio", "command": str(python), "args": server}],
            "toolsets": [{"name": "leaflets", "tools": tools}],
            "policies": [{"name": "careful", "rules": [rule]}],
            "agents": [agent | {"models": {"act": ["clerk"]}}],
        }
    )


def configured(admin: httpx.Client, document: str) -> None:
    answer = admin.put("/api/v1/configuration", content=document, headers={"Content-Type": "application/yaml"})
    assert answer.status_code == 200, answer.text
    assert {(one["kind"], one["name"]) for one in answer.json()["changes"]} >= {("connector", "git")}


def record(client: httpx.Client, session_id: str) -> list[dict[str, Any]]:
    items = client.get(f"{SESSIONS}/{session_id}/events", params={"limit": 1000}).json()["items"]
    assert [event["seq"] for event in items] == list(range(1, len(items) + 1))
    return list(items)


@pytest.fixture
def model() -> Any:
    with openai_server(SCRIPT) as server:
        yield server


def test_a_foreign_systems_write_is_held_changed_and_carried_out_once_over_the_api_alone(
    foreign_python: Path, repository: Repository, model: OpenAIServer, tmp_path: Path
) -> None:
    with running(tmp_path / "data", "--empty") as console:
        admin, operator = (
            httpx.Client(
                base_url=console.url,
                headers={"Authorization": f"Bearer {console.token(name, name)}"},
                timeout=60,
                trust_env=False,
            )
            for name in ("admin", "operator")
        )
        with admin, operator:
            configured(admin, configuration(model.base_url, foreign_python, repository))
            session = operator.post(SESSIONS, json={"agent": "Archivist", "message": "We start on the spring leaflet."})
            assert session.status_code == 201, session.text
            session_id = session.json()["id"]

            asked = seen(operator, session_id, "ApprovalRequested")
            approval = operator.get(f"{APPROVALS}/{asked['data']['approval_id']}").json()
            check_what_a_person_is_shown(operator, approval, repository)

            arguments = approval["arguments"] | {"branch_name": EDITED}
            answer = decided(operator, approval, "edit", arguments=arguments, because="We group them by season.")
            assert answer.status_code == 200, answer.text
            assert answer.json()["supersedes"] == approval["id"]

            ended = seen(operator, session_id, "TurnEnded", after=asked["seq"])
            assert ended["data"]["result"] == "answered"
            assert operator.get(f"{SESSIONS}/{session_id}").json()["answer"] == ANSWER
            check_it_happened_once(repository)
            check_the_record(record(operator, session_id), approval, answer.json()["approval"])
    check_what_the_model_was_told(model.requests(), repository)


def check_what_a_person_is_shown(client: httpx.Client, approval: dict[str, Any], repository: Repository) -> None:
    waiting = client.get(APPROVALS, params={"status": "pending"}).json()["items"]
    assert [one["id"] for one in waiting] == [approval["id"]]
    assert (approval["connector"], approval["tool"], approval["risk"]) == ("git", "git_create_branch", "write")
    assert approval["because"] == "A person looks at every change."
    assert approval["reasoning"] == REASONING
    assert approval["arguments"] == {
        "repo_path": str(repository.path),
        "branch_name": PROPOSED,
        "base_branch": "main",
    }
    assert json.loads(approval["arguments_json"]) == approval["arguments"]
    assert repository.branches() == ["main"], "it ran before anybody had decided"


def check_it_happened_once(repository: Repository) -> None:
    """A second run would have been refused by git, so the record below would hold a call that failed."""
    assert repository.branches() == [EDITED, "main"]
    assert repository.git("rev-parse", EDITED) == repository.git("rev-parse", "main")


def check_the_record(events: list[dict[str, Any]], asked: dict[str, Any], approved: dict[str, Any]) -> None:
    assert approved["status"] in ("approved", "consumed")
    assert approved["arguments"]["branch_name"] == EDITED
    digests = [
        event["data"]["action_digest"]
        for event in events
        if event["type"] == "ToolStarted" and event["data"]["approval_id"]
    ]
    assert digests == [approved["action_digest"]] != [asked["action_digest"]]
    started = [event["data"]["call_id"] for event in events if event["type"] == "ToolStarted"]
    finished = [event["data"] for event in events if event["type"] == "ToolFinished"]
    assert len(started) == len(set(started)) == len(PICKED)
    assert {one["call_id"]: one["state"] for one in finished} == dict.fromkeys(started, "succeeded")


def check_what_the_model_was_told(requests: list[dict[str, Any]], repository: Repository) -> None:
    assert len(requests) == len(SCRIPT[MODEL])
    for request in requests:
        functions = [tool["function"] for tool in request["tools"]]
        assert [function["name"] for function in functions] == PICKED
        for function in functions:
            properties = list(function["parameters"]["properties"])
            assert properties[0] == "reasoning"
            assert "repo_path" not in properties
    results = [message["content"] for message in requests[-1]["messages"] if message["role"] == "tool"]
    assert "spring.md" in results[0]
    assert "Announce the snowshoes" in results[1]
    assert EDITED in results[2] and "changed" in results[2].lower()
