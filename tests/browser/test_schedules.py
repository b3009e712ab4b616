"""A schedule from nothing to its first run, by keyboard alone; paused, and refused where it could never run."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.app import Console, ready


@pytest.fixture(scope="module")
def console(used_console: Console) -> Console:
    return used_console


def go(page: Page, path: str) -> None:
    page.goto(path)
    ready(page)


def tab_to(page: Page, label: str) -> None:
    """Press Tab until the field or button of this name has the focus."""
    wanted = page.get_by_label(label, exact=True).or_(page.get_by_role("button", name=label, exact=True)).first
    expect(wanted).to_be_visible()
    for _ in range(60):
        if wanted.evaluate("element => element === document.activeElement || element.contains(document.activeElement)"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{label} is not reached by Tab")


def pick(page: Page, label: str, option: str) -> None:
    """With the arrow keys, as in any list."""
    tab_to(page, label)
    page.keyboard.press("Enter")
    found = page.get_by_role("option", name=option, exact=True)
    expect(found).to_be_visible()
    focused = page.locator(".q-item.q-manual-focusable--focused")
    for _ in range(20):
        page.keyboard.press("ArrowDown")
        if focused.count() and focused.first.inner_text().strip() == option:
            break
    page.keyboard.press("Enter")
    expect(found).to_have_count(0)


def test_an_empty_page_says_what_a_schedule_is_and_leads_to_the_first(page: Page) -> None:
    go(page, "/schedules")
    expect(page.get_by_text("Nothing runs by itself yet")).to_be_visible()
    expect(page.get_by_role("link", name="Add a schedule").first).to_be_visible()


def test_a_schedule_is_made_by_keyboard_with_its_next_runs_in_the_named_zone(page: Page) -> None:
    go(page, "/schedules/new")
    tab_to(page, "Name")
    page.keyboard.type("Morning look")
    pick(page, "Agent", "Refund clerk")
    tab_to(page, "Message")
    page.keyboard.type("What is the status of order 1755? It is {weekday}.")
    pick(page, "How often", "Monday to Friday at…")
    tab_to(page, "At")
    page.keyboard.press("Control+a")
    page.keyboard.type("09:30")
    expect(page.get_by_label("Cron line", exact=True)).to_have_value("30 9 * * 1-5")
    tab_to(page, "Time zone")
    page.keyboard.press("Control+a")
    page.keyboard.type("Asia/Kolkata")
    expect(page.get_by_role("option", name="Asia/Kolkata")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    ahead = page.get_by_label("The next five runs")
    expect(ahead).to_contain_text("At 09:30, Monday through Friday")
    expect(ahead.get_by_text("UTC+05:30")).to_have_count(5)
    expect(page.get_by_label("What the next one says")).to_contain_text("What is the status of order 1755? It is ")
    page.get_by_role("button", name="Save", exact=True).focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/schedules")
    row = page.get_by_role("row").filter(has_text="Morning look")
    expect(row).to_contain_text("At 09:30, Monday through Friday")
    expect(row).to_contain_text("UTC+05:30")
    expect(row).to_contain_text("never")


def test_it_runs_by_hand_and_leads_to_its_session(page: Page) -> None:
    go(page, "/schedules")
    page.get_by_role("button", name="Run now: Morning look").focus()
    page.keyboard.press("Enter")
    row = page.get_by_role("row").filter(has_text="Morning look")
    expect(row.get_by_text("started")).to_be_visible()
    go(page, "/schedules/Morning%20look")
    history = page.locator(".qd-runs")
    expect(history).to_contain_text("admin started it by hand.")
    history.get_by_role("link", name="session").click()
    page.wait_for_url("**/sessions/S-*")
    ready(page)
    expect(page.get_by_role("heading", level=1).first).to_contain_text("Morning look, ")


def test_it_is_paused_and_resumed_from_the_list(page: Page) -> None:
    go(page, "/schedules")
    row = page.get_by_role("row").filter(has_text="Morning look")
    page.get_by_role("button", name="Pause: Morning look").focus()
    page.keyboard.press("Enter")
    expect(row.get_by_text("paused", exact=True)).to_be_visible()
    page.get_by_role("button", name="Resume: Morning look").focus()
    page.keyboard.press("Enter")
    expect(row.get_by_text("UTC+05:30")).to_be_visible()


def test_a_line_that_never_comes_true_is_said_while_typing_and_refused_beside_its_field(page: Page) -> None:
    go(page, "/schedules/Morning%20look")
    page.get_by_label("Cron line", exact=True).fill("0 0 30 2 *")
    words = "never comes true: no month named has such a day."
    expect(page.get_by_label("The next five runs")).to_contain_text(words)
    page.get_by_label("Message", exact=True).fill("Dear {name}")
    expect(page.get_by_label("What the next one says")).to_contain_text("cannot be filled in")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".qd-f", has=page.get_by_label("Cron line", exact=True))).to_contain_text(words)
    expect(page.locator(".qd-f", has=page.get_by_label("Message", exact=True))).to_contain_text("cannot be filled in")


@pytest.mark.parametrize(
    ("typed", "at", "words"),
    [
        ("15 6 * * 1-5", "06:15", "At 06:15, Monday through Friday"),
        ("45 3 * * *", "03:45", "At 03:45"),
        ("*/20 4 1 * *", None, "Every 20 minutes"),
    ],
)
def test_the_line_that_was_typed_is_the_one_that_is_saved(
    page: Page, console: Console, typed: str, at: str | None, words: str
) -> None:
    go(page, "/schedules/Morning%20look")
    cron = page.get_by_label("Cron line", exact=True)
    cron.click()
    page.keyboard.press("Control+a")
    page.keyboard.type("0 9 30 2 *", delay=30)  # one that means nothing, on the way
    page.keyboard.press("Control+a")
    page.keyboard.type(typed, delay=30)
    expect(page.get_by_label("The next five runs")).to_contain_text(words)
    expect(cron).to_have_value(typed)
    if at:
        expect(page.get_by_label("At", exact=True)).to_have_value(at)
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/schedules")
    answer = page.request.get(f"{console.url}/api/v1/configuration", headers={"Accept": "application/json"})
    assert [one["cron"] for one in answer.json()["schedules"] if one["name"] == "Morning look"] == [typed]
