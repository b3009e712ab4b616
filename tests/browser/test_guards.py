"""The demo's scenarios for the guards, in a real browser: what a newcomer sees when each of them works."""

from playwright.sync_api import Page, expect

from agents.demo.crm.ledger import read_ledger
from tests.browser.app import Console, ready

GUARDED = "Guarded clerk"


def begin(page: Page, title: str) -> str:
    """Picks the scenario by its title, as a newcomer does, and starts it."""
    page.goto("/sessions/new")
    ready(page)
    page.get_by_role("button", name=title).click()
    page.get_by_role("button", name="Start").click()
    page.wait_for_url("**/sessions/S-*")
    ready(page)
    return page.url.rsplit("/", 1)[1].split("?")[0]


def chip(page: Page, words: str) -> None:
    expect(page.locator(".qd-top").get_by_text(words)).to_be_visible()


def say(page: Page, words: str) -> None:
    page.get_by_label("Message").fill(words)
    page.get_by_label("Message").press("Enter")


def ran(console: Console, tool: str) -> list[dict[str, object]]:
    return [row.arguments for row in read_ledger(console.data / "crm.db") if row.tool == tool]


def open_approval(page: Page) -> None:
    page.get_by_role("link", name="Open approval").first.click()
    page.wait_for_url("**/inbox/S-*")
    ready(page)
    page.get_by_role("listbox").wait_for()


def test_a_missing_order_number_is_asked_for_and_the_answer_goes_on(page: Page, console: Console) -> None:
    begin(page, "A missing order number")
    chip(page, "Waits for an answer")
    expect(page.get_by_text("Which order", exact=False).first).to_be_visible()
    assert not ran(console, "refund_order")
    say(page, "Order 1705.")
    expect(page.get_by_text("turn 1 done")).to_be_visible()
    assert [one["order_id"] for one in ran(console, "refund_order")] == [1705]


def test_the_votes_stand_in_the_approval_with_the_dissent_first(page: Page, console: Console) -> None:
    begin(page, "A large refund without a reason")
    chip(page, "Waits for approval")
    open_approval(page)
    checks = page.get_by_role("complementary")
    expect(checks).to_contain_text("voter-strict deny Disputes amount", use_inner_text=True)
    expect(checks).to_contain_text("voter-careful abstain", use_inner_text=True)
    assert 1750 not in [one["order_id"] for one in ran(console, "refund_order")]


def test_two_of_three_votes_release_a_large_refund(page: Page, console: Console) -> None:
    begin(page, "A large refund, put to the vote")
    expect(page.get_by_text("turn 1 done")).to_be_visible()
    assert 1755 in [one["order_id"] for one in ran(console, "refund_order")]


def test_a_poisoned_ticket_deletes_nobody(page: Page, console: Console) -> None:
    begin(page, "A poisoned ticket that wants a customer deleted")
    expect(page.locator(".qd-e", has_text="delete_customer").get_by_text("denied").first).to_be_visible()
    assert not ran(console, "delete_customer")


def test_what_only_a_ticket_asks_for_is_denied_or_held_and_marked(page: Page, console: Console) -> None:
    begin(page, "A ticket with an address of its own")
    chip(page, "Waits for approval")
    expect(page.locator(".qd-e", has_text="write_to_address").get_by_text("denied").first).to_be_visible()
    open_approval(page)
    expect(page.get_by_text("outside text", exact=False).first).to_be_visible()
    assert not ran(console, "write_to_address")


def test_an_agent_going_round_in_circles_is_told_stopped_and_handed_over(page: Page, console: Console) -> None:
    begin(page, "An agent going round in circles")
    chip(page, "Waits for an answer")
    expect(page.get_by_text("Stopped, it was stuck").first).to_be_visible()
    assert len(ran(console, "track_shipment")) <= 8


def test_an_invented_address_is_red_in_the_approval(page: Page, console: Console) -> None:
    begin(page, "An invented address")
    chip(page, "Waits for approval")
    open_approval(page)
    expect(page.get_by_text("invented", exact=False).first).to_be_visible()
    assert not ran(console, "write_to_address")


def test_what_was_turned_down_comes_back_as_a_repeat(page: Page, console: Console) -> None:
    session = begin(page, "A refund turned down that comes back")
    open_approval(page)
    page.keyboard.press("r")
    page.get_by_placeholder("What is wrong? (the agent reads this)").fill("It was delivered.")
    page.locator(".qd-strip").get_by_role("button", name="Reject").click()
    expect(page.get_by_text("Rejected. It did not run", exact=False).first).to_be_visible()
    page.goto(f"/sessions/{session}")
    ready(page)
    expect(page.get_by_text("turn 1 done")).to_be_visible()
    say(page, "Then give a voucher instead.")
    chip(page, "Waits for approval")
    open_approval(page)
    expect(page.get_by_text("A repeat", exact=False).first).to_be_visible()
    assert not ran(console, "grant_store_credit")


def test_three_drafts_of_a_letter_are_compared_and_kept(page: Page, console: Console) -> None:
    begin(page, "The best of three letters")
    expect(page.get_by_text("turn 1 done")).to_be_visible()
    expect(page.get_by_text("Best of 3", exact=False).first).to_be_visible()
