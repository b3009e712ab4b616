"""From an empty data folder to a working agent on a foreign MCP server, by the forms alone: no file is touched."""

import json
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.app import Console, ready, running
from tests.browser.test_overview import card
from tests.fakes.processes import OpenAIServer, openai_server
from tests.foreign.conftest import Repository, foreign_python, git, repository

__all__ = ["foreign_python", "git", "repository"]

MODEL, BRANCH = "git-clerk", "leaflets/spring"
PICKED = ["git_status", "git_log", "git_create_branch"]
ANSWER = f"The branch {BRANCH} is there."
BECAUSE = "Somebody looks at every new branch of the leaflets."
REASONING = {
    "need": "A branch for the spring leaflet.",
    "source": "the git repository of the leaflets",
    "therefore": "git_create_branch makes it from main.",
    "alternatives": [{"tool": "git_log", "why_not": "It only reads."}],
}


def called(tool: str, **arguments: Any) -> dict[str, str]:
    return {"id": f"call_{tool}", "name": tool, "arguments": json.dumps({"reasoning": REASONING, **arguments})}


@pytest.fixture
def model(repository: Repository) -> Iterator[OpenAIServer]:
    path = str(repository.path)
    branch = called("git_create_branch", repo_path=path, branch_name=BRANCH, base_branch="main")
    replies = [
        {"text": "I look first.", "calls": [called("git_status", repo_path=path)]},
        {"calls": [branch]},
        {"text": ANSWER},
    ]
    with openai_server({MODEL: replies}) as server:
        yield server


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    data: Path = tmp_path_factory.mktemp("nothing")
    with running(data, "--empty") as started:
        yield started


def go(page: Page, path: str) -> None:
    page.goto(path)
    ready(page)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def test_an_empty_desk_says_what_to_do_first(page: Page) -> None:
    go(page, "/")
    steps = card(page, "First steps")
    expect(steps).to_contain_text("0 of 5 done")
    addresses = [link.get_attribute("href") or "" for link in steps.get_by_role("link").all()]
    assert addresses[0].startswith("/connect")
    assert addresses[1:] == ["/toolsets", "/models/new", "/agents/new", "/sessions/new"]
    expect(card(page, "Spend today")).to_contain_text("$0.00")
    steps.get_by_role("link", name="Add a model").click()
    page.wait_for_url("**/models/new")


def test_an_admin_goes_from_nothing_to_an_agent_whose_call_a_person_approved(
    page: Page, foreign_python: Path, repository: Repository, model: OpenAIServer
) -> None:
    add_the_model(page, model)
    add_the_server(page, foreign_python, repository)
    write_the_policy(page)
    make_the_agent(page)
    run_it(page)
    approve(page, repository)
    check_that_only_the_picked_tools_were_offered(model)


def add_the_model(page: Page, model: OpenAIServer) -> None:
    go(page, "/models/new")
    page.get_by_label("Address").fill(model.base_url)
    press(page, "List its models")
    press(page, MODEL)
    page.get_by_label("Name").fill("clerk")
    press(page, "Save")
    page.wait_for_url("**/models")
    expect(page.get_by_role("row").filter(has_text="clerk")).to_contain_text(f"openai/{MODEL}")


def add_the_server(page: Page, python: Path, repository: Repository) -> None:
    go(page, "/connectors/new")
    page.get_by_label("Name").fill("git")
    page.get_by_label("Command").fill(str(python))
    arguments = ["-m", "mcp_server_git", "--repository", str(repository.path)]
    page.get_by_label("Arguments").fill(shlex.join(arguments))
    press(page, "Connect and list tools")
    expect(page.get_by_role("row").filter(has_text="git_create_branch")).to_be_visible()
    press(page, "Save")
    page.wait_for_url("**/connectors")
    expect(page.locator("section.qd-card").filter(has_text="git").first).to_contain_text("Connected:")


def write_the_policy(page: Page) -> None:
    go(page, "/policies/new")
    page.get_by_label("Name").fill("leaflets")
    press(page, "Rule")
    page.get_by_label("Tool of condition 1").fill("git_create_branch")
    press(page, "Ask")
    page.get_by_label("Because", exact=True).fill(BECAUSE)
    press(page, "Save")
    page.wait_for_url("**/policies")
    expect(page.get_by_role("row").filter(has_text="leaflets")).to_be_visible()


def make_the_agent(page: Page) -> None:
    go(page, "/agents/new")
    page.get_by_label("Name").fill("Archivist")
    page.get_by_label("Instructions").fill("You keep the leaflets. Look before you change anything.")
    page.get_by_label("Policy", exact=True).click()
    page.get_by_role("option", name="leaflets").click()
    for tool in PICKED:
        page.get_by_label("Search tools").fill(tool)
        page.get_by_label(f"Give {tool}", exact=True).check()
    for tool in PICKED[:2]:
        page.get_by_label("Search tools").fill(tool)
        page.get_by_label(f"Risk of {tool}", exact=True).select_option("read")
    page.get_by_label("Search tools").fill("git_create_branch")
    page.get_by_label("Risk of git_create_branch", exact=True).select_option("write")
    press(page, "Save")
    page.wait_for_url("**/agents")
    row = page.get_by_role("row").filter(has_text="Archivist")
    expect(row).to_contain_text("3 tools")
    expect(row).to_contain_text("leaflets")


def run_it(page: Page) -> None:
    row = page.get_by_role("row").filter(has_text="Archivist")
    row.get_by_role("link", name="New session").click()
    page.wait_for_url("**/sessions/new?*")
    ready(page)
    page.get_by_label("What do you want?").fill("We start on the spring leaflet.")
    page.get_by_role("button", name="Start").click()
    page.wait_for_url("**/sessions/S-*")
    ready(page)


def approve(page: Page, repository: Repository) -> None:
    session = page.url
    go(page, "/inbox")
    expect(page.get_by_text(BECAUSE).first).to_be_visible()
    assert repository.branches() == ["main"], "it ran before anybody had decided"
    page.get_by_role("button", name="Approve").first.click()
    page.goto(session)
    ready(page)
    expect(page.get_by_text(ANSWER)).to_be_visible()
    expect(page.locator(".qd-top").get_by_text("Done")).to_be_visible()
    assert repository.branches() == [BRANCH, "main"]


def check_that_only_the_picked_tools_were_offered(model: OpenAIServer) -> None:
    asked = [request for request in model.requests() if request.get("tools")]
    offered = {tuple(tool["function"]["name"] for tool in request["tools"]) for request in asked}
    assert {frozenset(names) for names in offered} == {frozenset(PICKED)}
