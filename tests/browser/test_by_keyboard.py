"""The forms that no other file fills in without a mouse: a model, a toolset, a standing approval, a budget."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.app import Console, ready


@pytest.fixture(scope="module")
def console(used_console: Console) -> Console:
    return used_console


def go(page: Page, path: str) -> None:
    page.goto(path)
    ready(page)


def tab_to(page: Page, label: str, *, back: bool = False) -> None:
    """Press Tab until the field or button of this name has the focus."""
    button = page.get_by_role("button", name=label, exact=True)
    wanted = page.get_by_label(label, exact=True).or_(button).first
    expect(wanted).to_be_visible()
    for _ in range(120):
        if wanted.evaluate("element => element === document.activeElement || element.contains(document.activeElement)"):
            return
        page.keyboard.press("Shift+Tab" if back else "Tab")
    raise AssertionError(f"{label} is not reached by Tab")


def fill(page: Page, label: str, words: str) -> None:
    tab_to(page, label)
    page.keyboard.type(words)


def save(page: Page, ends_at: str, button: str = "Save") -> None:
    tab_to(page, button, back=True)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(ends_at))


def test_a_model_is_made_by_keyboard_alone(page: Page) -> None:
    go(page, "/models/new")
    fill(page, "Name", "keyed")
    fill(page, "Address", "http://localhost:11434/v1")
    fill(page, "Model", "keyed-1")
    fill(page, "Context window", "8000")
    save(page, "/models$")
    expect(page.get_by_text("keyed-1").first).to_be_visible()


def test_a_toolset_is_published_by_keyboard_alone(page: Page) -> None:
    go(page, "/toolsets/new")
    fill(page, "Name", "keyed-tools")
    fill(page, "Search tools", "find_customer")
    expect(page.locator('[data-key="crm/find_customer"]')).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    expect(page.get_by_label("Give find_customer", exact=True)).to_be_checked()
    tab_to(page, "Review and publish", back=True)
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_role("button", name="Publish")).to_be_visible()
    tab_to(page, "Publish")
    page.keyboard.press("Enter")
    page.wait_for_url("**/toolsets/keyed-tools")


def test_a_standing_approval_is_given_by_keyboard_alone(page: Page) -> None:
    go(page, "/policies/standing/new")
    fill(page, "Name", "Keyed")
    tab_to(page, "Connector")
    page.keyboard.press("Enter")
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    fill(page, "Tool", "refund_order")
    tab_to(page, "Condition")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Argument of condition 1")).to_be_focused()
    page.keyboard.type("amount")
    fill(page, "Value of condition 1", "20")
    fill(page, "Because", "It is asked about every day.")
    save(page, "/policies/standing$")
    expect(page.get_by_role("row").filter(has_text="Keyed")).to_contain_text("amount is 20")


def test_a_budget_is_set_by_keyboard_alone(page: Page) -> None:
    go(page, "/settings")
    fill(page, "Budget per day", "7")
    tab_to(page, "Save", back=True)
    page.keyboard.press("Enter")
    expect(page.get_by_text("of $7.00 today.").first).to_be_visible()
