"""Curating a stranger's 250 tools down to a handful, by the forms, and what the model is then really offered."""

import json
import re
import sqlite3
import sys
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import BrowserContext, Page, WebSocketRoute, expect

from tests.browser.app import Console, ready
from tests.fakes.bench import THOUGHT
from tests.fakes.mcp_many import COUNT
from tests.fakes.processes import ROOT, OpenAIServer, openai_server

INVOICE = {"reasoning": THOUGHT, "invoice_id": "7"}
SCRIPT: dict[str, Any] = {
    "clerk": [{"calls": [{"id": "c1", "name": "get_invoice", "arguments": json.dumps(INVOICE)}]}, {"text": "Read it."}],
    "picky": [{"calls": [{"id": "c1", "name": "read_contract", "arguments": json.dumps({"reasoning": THOUGHT})}]}],
    "silent": [{"hang": True}],
}
PICKED = ["get_invoice", "list_invoice", "read_contract"]


@pytest.fixture(scope="module")
def provider() -> Iterator[OpenAIServer]:
    with openai_server(SCRIPT) as server:
        yield server


@pytest.fixture(scope="module")
def api(console: Console, signed_in: BrowserContext) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {console.token('test', 'admin')}"}
    with httpx.Client(base_url=f"{console.url}/api/v1", headers=headers, timeout=60) as client:
        yield client


@pytest.fixture(scope="module")
def office(api: httpx.Client, provider: OpenAIServer) -> httpx.Client:
    """A desk with the stranger's server and three models."""
    many = {"name": "office", "kind": "mcp_stdio", "command": sys.executable, "args": ["-m", "tests.fakes.mcp_many"]}
    models = [
        {"name": name, "model": f"openai/{name}", "api_base": provider.base_url, "context_window": 128_000}
        for name in SCRIPT
    ]
    priced = [one | {"prices": {"input": 2, "output": 8}} for one in models]
    add(api, connectors=[many | {"env": {"PYTHONPATH": str(ROOT)}}], models=priced)
    return api


def add(api: httpx.Client, **documents: list[dict[str, Any]]) -> None:
    whole = api.get("/configuration").json()
    for plural, made in documents.items():
        names = {one["name"] for one in made}
        whole[plural] = [*(one for one in whole[plural] if one["name"] not in names), *made]
    api.put("/configuration", json=whole).raise_for_status()


def toolset(api: httpx.Client, name: str) -> dict[str, Any]:
    return next(one for one in api.get("/configuration").json()["toolsets"] if one["name"] == name)


def go(page: Page, path: str) -> None:
    page.goto(path)
    ready(page)


def row(page: Page, tool: str) -> Any:
    return page.locator(".qd-tt-item").filter(has=page.locator(f'[data-key="office/{tool}"]'))


def gauge(page: Page) -> Any:
    return page.locator(".qd-tt-meters .qd-big").first


def opened(page: Page) -> Any:
    return page.get_by_role("region", name="Tool", exact=True)


def choose(page: Page, label: str, option: str) -> None:
    page.get_by_label(label, exact=True).click()
    page.get_by_role("option", name=option).click()


def publish(page: Page, url: str) -> None:
    page.get_by_role("button", name="Review and publish").click()
    page.get_by_role("button", name="Publish", exact=True).click()
    page.wait_for_url(url)
    ready(page)


def test_an_admin_cuts_250_tools_down_to_three_and_the_record_shows_that_only_those_were_offered(
    page: Page, office: httpx.Client, provider: OpenAIServer, console: Console
) -> None:
    go(page, "/toolsets/new")
    expect(row(page, "get_invoice")).to_have_count(1)
    page.get_by_label("Connector").select_option("office")
    expect(page.locator(".qd-tt-item:visible")).to_have_count(COUNT)
    page.get_by_label("Name").fill("few-tools")

    # by the keyboard alone: search, move, pick, move, pick
    page.locator("h1").click()
    page.keyboard.press("/")
    page.keyboard.type("t_invoice")
    expect(page.locator(".qd-tt-item:visible")).to_have_count(3)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    expect(gauge(page)).to_have_text("2")
    page.keyboard.press("Escape")

    # by the mouse: rename, describe, hide and pin parameters of a third
    page.get_by_label("Search tools").fill("get contract")
    page.get_by_label("Give get_contract").check()
    page.locator('[data-key="office/get_contract"]').click()
    opened(page).get_by_label("Name for the model").fill("read_contract")
    opened(page).get_by_label("Description for the model").fill("Read a contract.")
    choose(page, "What verbose is", "Hidden")
    choose(page, "What language is", "Fixed value")
    opened(page).get_by_label("Value of language").fill("fr")
    expect(opened(page)).to_contain_text("'fr' is not one of")
    page.get_by_role("button", name="Review and publish").click()
    expect(page.locator(".qd-ts-err")).to_contain_text("office/get_contract")
    opened(page).get_by_label("Value of language").fill("fi")
    expect(opened(page)).not_to_contain_text("'fr' is not one of")
    expect(page.locator(".qd-ts-err")).to_be_empty()
    opened(page).get_by_label("Calls per turn").fill("2")
    expect(row(page, "get_contract")).to_contain_text("language = fi")
    page.get_by_role("button", name="Close get_contract").click()
    expect(page.locator('[data-key="office/get_contract"]')).to_be_focused()
    publish(page, "**/toolsets/few-tools")
    expect(gauge(page)).to_have_text("3")
    stored = {one["tool"]: one for one in toolset(office, "few-tools")["tools"]}
    assert stored["get_contract"] == {
        "connector": "office", "tool": "get_contract", "risk": "read", "as": "read_contract",
        "description": "Read a contract.", "pinned": {"language": "fi"}, "hidden": ["verbose"],
        "limits": {"calls_per_turn": 2},
    }  # fmt: skip

    agent = {"instructions": "Read.", "toolset": "few-tools", "policy": "careful", "models": {"act": ["clerk"]}}
    add(office, policies=[{"name": "careful", "rules": []}], agents=[agent | {"name": "Office clerk"}])
    session = office.post("/sessions", json={"agent": "Office clerk", "message": "What is invoice 7?"}).json()["id"]
    go(page, f"/sessions/{session}")
    expect(page.locator(".qd-top").get_by_text("Done")).to_be_visible()
    expect(page.locator(".qd-prose").last).to_contain_text("Read it.")

    assert recorded(console, session) == [PICKED, PICKED]
    sent = [body for body in provider.requests() if body["model"] == "clerk"]
    assert [[one["function"]["name"] for one in body["tools"]] for body in sent] == [PICKED, PICKED]
    contract = sent[0]["tools"][2]["function"]
    assert contract["description"] == "Read a contract."
    assert list(contract["parameters"]["properties"])[:2] == ["reasoning", "contract_id"]
    assert not {"verbose", "language"} & contract["parameters"]["properties"].keys()


def recorded(console: Console, session: str) -> list[list[str]]:
    """The names of the tools offered by each model call, as the record has them."""
    database = sqlite3.connect(f"file:{console.data / 'quarterdeck.db'}?mode=ro", uri=True)
    events = "SELECT data FROM events WHERE session_id = ? AND type = 'ModelReplied' ORDER BY seq"
    offered = []
    for (text,) in database.execute(events, (session,)).fetchall():
        content = "SELECT content FROM payloads WHERE session_id = ? AND ref = ?"
        (tools,) = database.execute(content, (session, json.loads(text)["prompt"]["tools"])).fetchone()
        offered.append([one["function"]["name"] for one in json.loads(tools)["tools"]])
    database.close()
    return offered


def test_after_use_the_table_shows_what_was_offered_and_what_was_never_called(page: Page, office: httpx.Client) -> None:
    go(page, "/toolsets/few-tools")
    cells = row(page, "get_invoice").locator(".qd-tt-use")
    expect(cells.nth(0)).to_have_text("2")
    expect(cells.nth(1)).to_have_text("1")
    page.get_by_role("button", name=re.compile("^Used")).click()
    expect(page.locator(".qd-tt-item:visible")).to_have_count(1)
    expect(page.get_by_role("region", name="Suggested")).to_contain_text("Nothing to add")


def test_the_playground_compares_all_tools_with_these_and_can_be_cancelled(page: Page, office: httpx.Client) -> None:
    go(page, "/toolsets/few-tools")
    room = page.get_by_role("region", name="Playground")
    room.get_by_label("Request to try").fill("Read contract 5.")
    choose(page, "Model to try", "picky")
    room.get_by_role("button", name="Try it").click()
    cards = room.locator(".qd-ts-pick")
    expect(cards.nth(0)).to_contain_text("1 unusable")
    expect(cards.nth(1)).to_contain_text("read_contract")
    expect(room).to_contain_text("contract_id")

    choose(page, "Model to try", "silent")
    room.get_by_role("button", name="Try it").click()
    room.get_by_role("button", name="Cancel").click()
    expect(room).to_contain_text("Cancelled. Nothing was executed.")


def test_more_than_thirty_tools_are_published_only_with_a_reason(page: Page, office: httpx.Client) -> None:
    add(office, toolsets=[{"name": "big", "tools": some(30)}])
    go(page, "/toolsets/big")
    expect(page.locator(".qd-tt-meters")).to_contain_text("many: models begin to confuse them")
    page.get_by_label("Give get_patient").check()
    expect(page.locator(".qd-tt-meters")).to_contain_text("more than 30: needs a reason")
    page.get_by_role("button", name="Review and publish").click()
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_role("dialog")).to_contain_text("they stay in the record")
    page.get_by_label("Why so many tools").fill("All of the register, for the move.")
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator(".qd-ts-chips")).to_have_text("v2, not used")
    assert toolset(office, "big")["over_limit_because"] == "All of the register, for the move."


def some(count: int) -> list[dict[str, Any]]:
    from tests.fakes.mcp_many import tools

    return [{"connector": "office", "tool": one["name"], "risk": "read"} for one in tools()[:count]]


def test_two_admins_at_one_toolset_the_second_sees_what_the_first_did_and_both_are_kept(
    page: Page, office: httpx.Client
) -> None:
    add(office, toolsets=[{"name": "shared", "tools": some(3)}])
    go(page, "/toolsets/shared")
    page.get_by_label("Give get_device").check()
    add(office, toolsets=[{"name": "shared", "tools": some(4)}])
    page.get_by_role("button", name="Review and publish").click()
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_role("alert").first).to_contain_text("changed the toolset “shared” after you opened it")
    expect(page.get_by_role("alert").first).to_contain_text("create_invoice")
    page.get_by_role("button", name="Save my changes on top").click()
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.locator(".qd-ts-chips")).to_have_text("v3, not used")
    assert [one["tool"] for one in toolset(office, "shared")["tools"]][3:] == ["create_invoice", "get_device"]


def test_a_definition_that_changed_is_shown_beside_the_table_and_accepted_there(
    page: Page, office: httpx.Client, console: Console
) -> None:
    path = console.data / "words.txt"
    path.write_text("Counts sheep.")
    words = [str(ROOT / "tests" / "fakes" / "mcp_words.py"), str(path)]
    server = {"name": "shepherd", "kind": "mcp_stdio", "command": sys.executable, "args": words}
    entry = {"connector": "shepherd", "tool": "count", "risk": "read"}
    agent = {"instructions": "Count.", "toolset": "sheep", "policy": "still", "models": {"act": ["clerk"]}}
    add(
        office,
        connectors=[server | {"env": {"PYTHONPATH": str(ROOT)}}],
        toolsets=[{"name": "sheep", "tools": [entry]}],
        policies=[{"name": "still", "rules": []}],
        agents=[agent | {"name": "Shepherd"}],
    )
    session = office.post("/sessions", json={"agent": "Shepherd", "message": "How many?"}).json()["id"]
    go(page, f"/sessions/{session}")
    expect(page.locator(".qd-top").get_by_text("Done")).to_be_visible()

    path.write_text("Counts goats.")
    go(page, "/connectors")
    heading = page.get_by_role("heading", name="shepherd", exact=True)
    page.locator("section.qd-card").filter(has=heading).get_by_role("button", name="Restart").click()
    page.get_by_role("dialog").get_by_role("button", name="Restart").click()
    expect(page.locator(".qd-drift")).to_have_count(1)
    go(page, "/toolsets/sheep")
    changed = page.get_by_role("region", name="Definition changed")
    expect(changed.locator(".qd-del")).to_contain_text("Counts sheep.")
    expect(changed.locator(".qd-add")).to_contain_text("Counts goats.")
    expect(page.locator('[data-key="shepherd/count"]')).to_contain_text("definition changed")
    changed.get_by_role("button", name="Accept new: count").click()
    expect(changed).to_have_count(0)
    expect(page.locator('[data-key="shepherd/count"]')).not_to_contain_text("definition changed")


def pool_and_angler(office: httpx.Client, console: Console) -> dict[str, Any]:
    """An agent without the tool of a connector that can be taken away; returns the connector without its command."""
    path = console.data / "pool.txt"
    path.write_text("Counts fish.")
    words = [str(ROOT / "tests" / "fakes" / "mcp_words.py"), str(path)]
    pool = {"name": "pool", "kind": "mcp_stdio", "args": words, "env": {"PYTHONPATH": str(ROOT)}}
    agent = {
        "name": "Angler",
        "instructions": "Count.",
        "toolset": "bare",
        "policy": "wet",
        "models": {"act": ["clerk"]},
    }
    add(
        office,
        connectors=[pool | {"command": sys.executable}],
        toolsets=[{"name": "bare", "tools": some(1)}],
        policies=[{"name": "wet", "rules": []}],
        agents=[agent],
    )
    return pool


def test_a_tick_that_is_on_its_way_when_the_server_goes_away_is_kept(
    page: Page, office: httpx.Client, console: Console
) -> None:
    pool = pool_and_angler(office, console)
    held: list[tuple[WebSocketRoute, Any]] | None = None

    def carry(page_side: WebSocketRoute) -> None:
        server = page_side.connect_to_server()
        page_side.on_message(lambda words: server.send(words) if held is None else held.append((server, words)))

    page.route_web_socket(re.compile("socket.io"), carry)
    go(page, "/agents/Angler")
    page.get_by_role("button", name=re.compile("^All")).click()
    mine = page.locator(".qd-tt-item").filter(has=page.locator('[data-key="pool/count"]'))
    held = []
    mine.get_by_role("checkbox").check()
    add(office, connectors=[pool | {"command": "no-such-command"}])
    expect(mine).to_contain_text("not offered now")
    expect(mine.get_by_role("checkbox")).to_be_checked()
    for server, words in held:
        server.send(words)
    held = None
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/agents")
    assert [one["tool"] for one in toolset(office, "bare")["tools"]] == ["get_invoice", "count"]


def test_what_was_picked_for_an_agent_stays_picked_while_its_server_is_away_and_when_it_is_back(
    page: Page, office: httpx.Client, console: Console
) -> None:
    pool = pool_and_angler(office, console)
    go(page, "/agents/Angler")
    page.get_by_role("button", name=re.compile("^All")).click()
    mine = page.locator(".qd-tt-item").filter(has=page.locator('[data-key="pool/count"]'))
    given = mine.get_by_role("checkbox")
    given.check()
    add(office, connectors=[pool | {"command": "no-such-command"}])
    expect(mine).to_contain_text("not offered now")
    expect(given).to_be_checked()
    add(office, connectors=[pool | {"command": sys.executable}])
    expect(mine).not_to_contain_text("not offered now")
    expect(mine).to_contain_text("Counts fish.")
    expect(given).to_be_checked()
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/agents")
    assert [one["tool"] for one in toolset(office, "bare")["tools"]] == ["get_invoice", "count"]
