"""The whole story in a real browser: request, live timeline, approval, edit, approve, done, and the record of it."""

from playwright.sync_api import Page, expect

from agents.demo.crm.ledger import read_ledger
from tests.browser.app import Console, close, ready

REQUEST = "Please refund order 1755 in full, the goods arrived damaged."


def start(page: Page, request: str, agent: str = "Refund clerk") -> str:
    page.goto(f"/sessions/new?agent={agent}")
    ready(page)
    page.get_by_label("What do you want?").fill(request)
    page.get_by_role("button", name="Start").click()
    page.wait_for_url("**/sessions/S-*")
    ready(page)
    return page.url.rsplit("/", 1)[1].split("?")[0]


def open_approval(page: Page) -> None:
    page.get_by_role("link", name="Open approval", exact=True).click()
    page.wait_for_url("**/inbox/S-*")
    ready(page)
    page.get_by_role("listbox").wait_for()  # it takes the keys


def test_a_refund_is_watched_live_held_changed_approved_carried_out_once_and_can_be_looked_up(
    page: Page, console: Console
) -> None:
    session = start(page, REQUEST)
    expect(page.get_by_text("crm.get_order")).to_be_visible()
    expect(page.locator(".qd-top").get_by_text("Waits for approval")).to_be_visible()
    expect(page.locator(".qd-rail").get_by_text("of 32.0k tokens")).to_be_visible()
    assert not [row for row in read_ledger(console.data / "crm.db") if row.tool == "refund_order"]

    open_approval(page)
    expect(page.get_by_role("heading", level=1).filter(has_text="Refund order 1755")).to_be_visible()
    expect(page.get_by_text("Refunds above 50 EUR are decided by a person.").first).to_be_visible()
    expect(page.get_by_text("the model’s own words")).to_be_visible()
    page.keyboard.press("e")
    page.get_by_label("amount").fill("120.50")
    page.get_by_role("button", name="Approve edited").click()
    expect(page.get_by_text("changed by a person", exact=True)).to_be_visible()

    page.goto(f"/sessions/{session}")
    ready(page)
    expect(page.locator(".qd-top").get_by_text("Done")).to_be_visible()
    expect(page.get_by_text("changed and approved by admin")).to_be_visible()
    expect(page.locator(".qd-prose").last).to_contain_text("120.50")
    refunds = [row for row in read_ledger(console.data / "crm.db") if row.tool == "refund_order"]
    assert [(row.arguments["order_id"], row.arguments["amount"]) for row in refunds] == [(1755, 120.5)]

    page.get_by_role("button", name="Whole record").nth(2).click()
    expect(page.get_by_role("dialog")).to_contain_text("ApprovalDecided")


def test_a_rejection_reaches_the_agent_and_nothing_runs(page: Page, console: Console) -> None:
    session = start(page, "Saga Ängsmyr asks us to erase all her data.", agent="Privacy officer")
    open_approval(page)
    page.keyboard.press("r")
    page.get_by_placeholder("What is wrong? (the agent reads this)").fill("She withdrew the request by phone.")
    page.locator(".qd-strip").get_by_role("button", name="Reject").click()
    expect(page.get_by_text("Rejected. It did not run", exact=False).first).to_be_visible()
    page.goto(f"/sessions/{session}")
    ready(page)
    expect(page.get_by_role("log").get_by_text("rejected by admin")).to_be_visible()
    expect(page.locator(".qd-top").get_by_text("Done")).to_be_visible()
    assert not [row for row in read_ledger(console.data / "crm.db") if row.tool == "delete_customer"]


def test_a_follow_up_message_goes_on_in_the_same_session(page: Page, console: Console) -> None:
    start(page, "Refund 15 euros on order 1756.")
    expect(page.locator(".qd-top").get_by_text("Done")).to_be_visible()
    page.get_by_label("Message").fill("What is the status of order 1756?")
    page.get_by_label("Message").press("Enter")
    expect(page.get_by_text("Turn 2,", exact=False)).to_be_visible()
    expect(page.get_by_text("turn 2 done")).to_be_visible()


def test_a_new_approval_appears_in_an_open_inbox_without_a_reload(page: Page, console: Console) -> None:
    page.goto("/inbox")
    ready(page)
    other = page.context.new_page()
    start(other, "Please refund order 1750 in full.")
    expect(page.locator(".qd-it").filter(has_text="1750")).to_be_visible()
    expect(page.locator(".qd-nav .qd-hot")).to_be_visible()
    close(other)
