"""The home page in a real browser: what waits, runs and costs, brought up to date in place; and the palette by keys."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.app import close, ready

ERASE = "Saga Ängsmyr asks us to erase all her data."
SMALL = "Refund 15 euros on order 1756."


def home(page: Page, path: str = "/") -> Page:
    page.goto(path)
    return ready(page)


def card(page: Page, title: str):  # type: ignore[no-untyped-def]
    return page.locator(".qd-card").filter(has=page.get_by_role("heading", name=title, exact=True))


def found(page: Page):  # type: ignore[no-untyped-def]
    return page.get_by_role("listbox", name="Found").get_by_role("option")


def start(page: Page, request: str, agent: str) -> None:
    other = page.context.new_page()
    other.goto(f"/sessions/new?agent={agent}")
    ready(other)
    other.get_by_label("What do you want?").fill(request)
    other.get_by_role("button", name="Start").click()
    other.wait_for_url("**/sessions/S-*")
    close(other)


def test_what_happens_elsewhere_appears_without_a_reload_and_leads_to_where_it_is_decided(page: Page) -> None:
    home(page)
    expect(page).to_have_url(re.compile("/overview$"))
    expect(card(page, "Waits for you")).to_contain_text("Nothing waits for you.")
    expect(card(page, "Connectors")).to_contain_text("crm")
    expect(card(page, "Readiness of agents")).to_contain_text("Refund clerk")
    start(page, ERASE, "Privacy officer")
    row = card(page, "Waits for you").get_by_role("link").filter(has_text="Privacy officer")
    expect(row).to_contain_text("Delete customer")
    expect(card(page, "Running now").get_by_role("link").filter(has_text="Saga")).to_contain_text("approval")
    expect(card(page, "Running now")).to_contain_text("1 waits for a person")
    row.click()
    page.wait_for_url("**/inbox/S-*")
    expect(page.get_by_role("heading", level=1).filter(has_text="Delete customer")).to_be_visible()


def test_what_was_spent_and_decided_is_counted_and_drawn(page: Page) -> None:
    start(page, SMALL, "Refund clerk")
    home(page)
    spend = card(page, "Spend today")
    expect(spend.locator(".qd-big")).to_have_text(re.compile(r"^\$0\.00\d+"))
    expect(spend).to_contain_text("Agent")
    expect(page.locator(".qd-navspend")).to_contain_text("Today")
    decisions = card(page, "Decisions")
    expect(decisions).to_contain_text("delete_customer")
    expect(decisions.get_by_role("img", name="Decisions by tool").locator("svg")).to_be_visible()
    hours = card(page, "Requests by hour").get_by_role("img")
    expect(hours.locator("svg path").first).to_be_attached()
    page.get_by_role("link", name="30 days").click()
    page.wait_for_url("**/overview?days=30")
    expect(card(page, "Spend, 30 days")).to_be_visible()


def test_a_row_that_is_focused_keeps_the_focus_while_others_come(page: Page) -> None:
    home(page)
    row = card(page, "Waits for you").get_by_role("link").filter(has_text="Privacy officer").first
    row.focus()
    href = row.get_attribute("href")
    start(page, "Please refund order 1750 in full.", "Refund clerk")
    expect(card(page, "Waits for you").get_by_role("link").filter(has_text="1750")).to_be_visible()
    assert page.evaluate("document.activeElement.getAttribute('href')") == href


def test_the_palette_goes_to_a_page_an_agent_and_a_session_by_keys_alone(page: Page) -> None:
    home(page)
    expect(page.locator(".qd-ov")).to_be_visible()
    page.keyboard.press("Control+k")
    box = page.get_by_role("combobox", name="Find or do")
    expect(box).to_be_focused()
    page.keyboard.type("privacy")
    expect(found(page).filter(has_text="Privacy officer")).to_be_visible()
    expect(found(page).first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    page.wait_for_url("**/agents/Privacy%20officer")
    ready(page)
    page.keyboard.press("Control+k")
    page.keyboard.type("saga")
    expect(found(page).first).to_contain_text("Session")
    page.keyboard.press("Enter")
    page.wait_for_url("**/sessions/S-*")
    ready(page)
    page.keyboard.press("Control+k")
    page.keyboard.type("start a new")
    page.keyboard.press("Enter")
    page.wait_for_url("**/sessions/new")


def test_the_palette_closes_again_and_gives_the_focus_back(page: Page) -> None:
    home(page)
    link = page.get_by_role("link", name="Open inbox")
    link.focus()
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox", name="Find or do")).to_be_focused()
    page.keyboard.type("zzzz")
    expect(page.get_by_text("Nothing fits. Try fewer letters.")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Find or do")).to_have_count(0)
    expect(link).to_be_focused()


def test_g_then_o_goes_to_the_overview(page: Page) -> None:
    page.goto("/sessions")
    ready(page)
    page.keyboard.press("g")
    page.keyboard.press("o")
    page.wait_for_url("**/overview")


@pytest.mark.parametrize("size", [{"width": 390, "height": 844}, {"width": 1280, "height": 800}])
def test_nothing_is_wider_than_the_screen_and_the_navigation_needs_no_scrolling(
    page: Page, size: dict[str, int]
) -> None:
    page.set_viewport_size(size)  # type: ignore[arg-type]
    home(page)
    expect(page.locator(".qd-ov")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate("(nav => nav.scrollHeight <= nav.clientHeight)(document.querySelector('.qd-nav'))")
