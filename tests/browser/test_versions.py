"""Versions of documents in a real browser: what changed, going back, bringing back what was deleted, two admins."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.app import Console, ready

CLERK = "Refund clerk"


@pytest.fixture(scope="module")
def api(console: Console) -> Iterator[httpx.Client]:
    """Another admin, at the API."""
    headers = {"Authorization": f"Bearer {console.token('ben', 'admin')}"}
    with httpx.Client(base_url=console.url, headers=headers, timeout=30) as client:
        yield client


def configuration(api: httpx.Client) -> dict[str, Any]:
    whole: dict[str, Any] = api.get("/api/v1/configuration").json()
    return whole


def put(api: httpx.Client, whole: dict[str, Any]) -> None:
    answer = api.put("/api/v1/configuration", json=whole)
    assert answer.status_code == 200, answer.text


def named(whole: dict[str, Any], plural: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in whole[plural] if one["name"] == name)
    return found


def change_policy(api: httpx.Client, because: str) -> str:
    """Returns the name of the clerk's policy."""
    whole = configuration(api)
    policy = named(whole, "policies", named(whole, "agents", CLERK)["policy"])
    policy["rules"][0]["because"] = because
    put(api, whole)
    return str(policy["name"])


def pins(api: httpx.Client) -> dict[str, int]:
    """Of a session that begins now."""
    body = {"agent": CLERK, "message": "What is the status of order 1756?"}
    session = api.post("/api/v1/sessions", json=body).json()["id"]
    found: dict[str, int] = api.get(f"/api/v1/sessions/{session}").json()["pins"]
    return found


def look(page: Page, kind: str, name: str) -> None:
    page.goto(f"/versions/{kind}/{name}")
    ready(page)


def press_back(page: Page, version: int) -> None:
    page.get_by_role("navigation", name="Versions").get_by_text(f"Version {version}", exact=True).click()
    ready(page)
    page.get_by_role("button", name=f"Go back to version {version}").click()


def test_going_back_is_a_new_version_and_the_next_session_pins_it(page: Page, api: httpx.Client) -> None:
    name = change_policy(api, "Because of the new law.")
    assert pins(api)["policy"] == 2
    look(page, "policy", name)
    expect(page.locator(".qd-addline")).to_contain_text("Because of the new law.")
    expect(page.get_by_text("Rules: 1 changed.").first).to_be_visible()
    expect(page.locator(".qd-card").filter(has_text="Used now by")).to_contain_text(CLERK)
    press_back(page, 1)
    expect(page.get_by_text("As version 1 again.").first).to_be_visible()
    expect(page.get_by_role("navigation", name="Versions")).to_contain_text("3 versions")
    expect(page.get_by_role("navigation", name="Versions")).to_contain_text("admin")
    assert pins(api)["policy"] == 3
    whole = configuration(api)
    assert named(whole, "policies", name)["rules"][0]["because"] != "Because of the new law."


def test_what_going_back_would_change_is_shown_against_what_is_in_force(page: Page, api: httpx.Client) -> None:
    name = change_policy(api, "A reason of today.")
    page.goto(f"/versions/policy/{name}?version=1&against=current")
    ready(page)
    expect(page.locator(".qd-delline")).to_contain_text("A reason of today.")
    page.get_by_role("link", name="What it changed").click()
    ready(page)
    expect(page.locator(".qd-addline").first).to_be_visible()
    expect(page.locator(".qd-delline")).to_have_count(0)


def test_a_change_made_meanwhile_is_shown_and_nobody_goes_back_over_it_unseen(page: Page, api: httpx.Client) -> None:
    name = change_policy(api, "First.")
    look(page, "policy", name)
    navigation = page.get_by_role("navigation", name="Versions")
    before = navigation.locator(".qd-ver").count()
    change_policy(api, "Second, by somebody else.")
    expect(navigation.locator(".qd-ver")).to_have_count(before + 1)
    expect(navigation.locator(".qd-ver").first).to_contain_text("ben")
    expect(page.locator(".qd-addline")).to_contain_text("Second, by somebody else.")


def test_what_was_deleted_is_listed_and_can_be_brought_back(page: Page, api: httpx.Client) -> None:
    whole = configuration(api)
    spare = {**named(whole, "agents", CLERK), "name": "Spare clerk"}
    put(api, {**whole, "agents": [*whole["agents"], spare]})
    put(api, whole)
    page.goto("/versions")
    ready(page)
    deleted = page.locator(".qd-card").filter(has=page.get_by_role("heading", name="Deleted"))
    deleted.get_by_role("link", name="Spare clerk").click()
    page.wait_for_url("**/versions/agent/Spare%20clerk")
    ready(page)
    page.get_by_role("button", name="Restore version 1").click()
    expect(page.get_by_text("As version 1 again.").first).to_be_visible()
    assert named(configuration(api), "agents", "Spare clerk")["instructions"] == spare["instructions"]
    put(api, whole)


def test_a_version_that_does_not_fit_any_more_says_why_and_changes_nothing(page: Page, api: httpx.Client) -> None:
    whole = configuration(api)
    toolset = {"name": "passing", "tools": [{"connector": "crm", "tool": "get_order"}]}
    agent = {**named(whole, "agents", CLERK), "name": "Passing clerk", "toolset": "passing"}
    put(api, {**whole, "agents": [*whole["agents"], agent], "toolsets": [*whole["toolsets"], toolset]})
    put(api, whole)
    look(page, "agent", "Passing clerk")
    page.get_by_role("button", name="Restore version 1").click()
    said = page.get_by_role("alert")
    expect(said).to_contain_text("Version 1 was not brought back.")
    expect(said).to_contain_text("Agent “Passing clerk”, toolset: there is no toolset 'passing'.")
    assert all(one["name"] != "Passing clerk" for one in configuration(api)["agents"])


def test_the_difference_can_be_read_on_a_phone(page: Page, api: httpx.Client) -> None:
    name = change_policy(api, "A very long reason without any end, " * 12)
    page.set_viewport_size({"width": 390, "height": 844})
    look(page, "policy", name)
    expect(page.locator(".qd-lines")).to_be_visible()
    assert page.evaluate("(e => e.scrollWidth <= e.clientWidth)(document.querySelector('.qd-lines'))")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
