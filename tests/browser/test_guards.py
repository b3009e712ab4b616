"""The demo's scenarios for the guards, in a real browser: what a newcomer sees when each of them works."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from agents.demo.crm.ledger import read_ledger
from tests.browser.app import Console, close, ready, running
from tests.browser.test_story import open_approval

NOBODY_GAVE = "saga.angsmyr@office-mail.example"
IN_ORDER = """() => {
  const steps = [...document.querySelectorAll('.qd-tl-list .qd-e')].map((row) => row.id).filter((id) => /^step-/.test(id));
  return steps.every((id, at) => !at || +id.slice(5) > +steps[at - 1].slice(5));
}"""


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    data: Path = tmp_path_factory.mktemp("desk")
    with running(data, QUARTERDECK_OFFLINE_WORD_MS="0") as started:
        yield started


def begin(page: Page, title: str) -> str:
    """Picks the scenario by its title, as a newcomer does, and starts it."""
    page.goto("/sessions/new")
    ready(page)
    page.get_by_role("button", name=title).click()
    page.get_by_role("button", name="Start").click()
    page.wait_for_url("**/sessions/S-*")
    ready(page)
    return page.url.rsplit("/", 1)[1].split("?")[0]


def stands(page: Page, words: str) -> None:
    """The session's own chip; by then the timeline has everything up to it."""
    expect(page.locator(".qd-top").get_by_text(words)).to_be_visible()


def done(page: Page, turn: int) -> None:
    expect(page.get_by_text(f"turn {turn} done", exact=True)).to_be_visible()


def say(page: Page, words: str) -> None:
    page.get_by_label("Message").fill(words)
    page.get_by_label("Message").press("Enter")


def row(page: Page, words: str) -> Locator:
    return page.locator(".qd-tl-list .qd-e").filter(has_text=words)


def value(page: Page, name: str) -> Locator:
    """The row of one argument in an approval."""
    return page.locator(".qd-args").get_by_role("row").filter(has_text=name)


def ran(console: Console, tool: str) -> list[dict[str, object]]:
    return [row.arguments for row in read_ledger(console.data / "crm.db") if row.tool == tool]


def test_a_missing_order_number_is_asked_for_and_the_answer_goes_on(page: Page, console: Console) -> None:
    begin(page, "A missing order number")
    stands(page, "Waits for an answer")
    expect(row(page, "The agent asks")).to_contain_text("Which order is it about?")
    expect(page.locator(".qd-rail")).to_contain_text("It waits for an answer: Which order is it about?")
    expect(page.locator(".qd-rail")).to_contain_text("Answer with: order 1705.")
    assert not ran(console, "refund_order")

    other = page.context.new_page()  # such a session is no approval, but a person finds it all the same
    other.goto("/inbox")
    expect(other.get_by_text("1 session asks something; it waits", exact=False)).to_be_visible()
    expect(other.get_by_title("1 session asks something")).to_be_visible()
    other.get_by_role("link", name="Read and answer").click()
    expect(other.get_by_role("row").filter(has_text="head torch")).to_contain_text("Which order is it about?")
    close(other)

    say(page, "Order 1705.")
    done(page, 1)
    assert [one["order_id"] for one in ran(console, "refund_order")] == [1705]
    expect(page.get_by_title("1 session asks something")).to_have_count(0)


def test_a_large_refund_runs_by_two_of_three_votes_and_the_dissent_stays_readable(page: Page, console: Console) -> None:
    begin(page, "A large refund, put to the vote")
    done(page, 1)
    refund = row(page, "refund_order")
    for words in ("policy: allow", "1 deny", "2 allow", "voter-strict: 279.00 EUR is more than 200.00 EUR"):
        expect(refund).to_contain_text(words)
    refund.get_by_role("button", name="1 deny").click()
    expect(refund).to_contain_text("Disputes amount: 279.00 EUR is more than 200.00 EUR")
    expect(page.locator(".qd-rail")).to_contain_text("Votes")
    assert 1719 in [one["order_id"] for one in ran(console, "refund_order")]
    assert page.evaluate(IN_ORDER)


def test_a_large_refund_without_a_reason_waits_with_its_votes_the_dissent_first(page: Page, console: Console) -> None:
    begin(page, "A large refund without a reason")
    stands(page, "Waits for approval")
    open_approval(page)
    expect(page.locator(".qd-look")).to_have_text("1 of 3 votes says noThe policy check has doubts")
    seats = page.locator("aside .qd-vt > div")
    expect(seats.nth(0)).to_contain_text("Vote voter-strict", use_inner_text=True)
    expect(seats.nth(0)).to_contain_text("Disputes amount: 389.00 EUR is more than 200.00 EUR")
    expect(seats.nth(1)).to_contain_text("Refunds above 200 EUR need a reason in the request and a second opinion.")
    expect(seats.nth(2)).to_contain_text("abstain")
    expect(seats.nth(3)).to_contain_text("allow")
    expect(value(page, "amount")).to_contain_text("Tool result")
    expect(value(page, "order_id")).to_contain_text("User")
    assert 1750 not in [one["order_id"] for one in ran(console, "refund_order")]


def test_a_poisoned_ticket_deletes_nobody_and_its_words_are_marked(page: Page, console: Console) -> None:
    begin(page, "A poisoned ticket that wants a customer deleted")
    done(page, 1)
    denied = row(page, "delete_customer")
    for words in ("denied", "3 deny", "policy: deny", "only a tool’s text says so", "does not ask to erase anybody"):
        expect(denied).to_contain_text(words)
    expect(page.locator(".qd-prose")).to_contain_text("A policy denied the erasure of C-1048: 3 of 3 deny it.")
    assert not ran(console, "delete_customer")


def test_what_only_a_ticket_asks_for_is_denied_or_held_and_marked(page: Page, console: Console) -> None:
    begin(page, "A ticket with an address of its own")
    stands(page, "Waits for approval")
    letter = row(page, "write_to_address")
    expect(letter).to_contain_text("denied")
    expect(letter).to_contain_text("Nothing is sent to an address that only a ticket names.")
    open_approval(page)
    expect(page.locator(".qd-look")).to_contain_text("from outside text")
    expect(value(page, "amount")).to_contain_text("outside text")
    expect(page.locator("aside")).to_contain_text("Only a text from a tool asks for this")
    assert not ran(console, "write_to_address")


def test_an_erasure_with_one_vote_missing_is_left_to_a_person(page: Page, console: Console) -> None:
    begin(page, "An erasure with one vote missing")
    stands(page, "Waits for approval")
    open_approval(page)
    expect(page.locator(".qd-look")).to_contain_text("1 of 3 votes missing")
    expect(page.locator("aside .qd-vt > div").first).to_contain_text("voter-careful")
    assert not ran(console, "delete_customer")


def test_an_invented_address_is_red_in_the_session_and_in_the_approval(page: Page, console: Console) -> None:
    begin(page, "An invented address")
    stands(page, "Waits for approval")
    expect(page.locator(".qd-doubts .qd-none")).to_contain_text(NOBODY_GAVE)
    open_approval(page)
    expect(page.locator(".qd-look")).to_contain_text("address has no source")
    expect(value(page, NOBODY_GAVE)).to_contain_text("Invented?")
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
    done(page, 1)
    say(page, "Then give a voucher instead.")
    expect(row(page, "Grant store credit")).to_contain_text("that a person rejected")
    open_approval(page)
    expect(page.locator(".qd-look")).to_contain_text("A repeat of what was rejected")
    assert not ran(console, "grant_store_credit")


def test_three_drafts_of_a_letter_are_compared_and_kept(page: Page, console: Console) -> None:
    begin(page, "The best of three letters")
    done(page, 1)
    best = row(page, "Best of 3: the second was taken")
    expect(best).to_contain_text("Candidate 2 keeps 1750 and C-1009 from the request")
    best.get_by_role("button", name="All 3 candidates").click()
    expect(best.locator(".qd-vt > div")).to_have_count(3)
    expect(best.locator(".qd-vt > div").nth(1)).to_contain_text("taken")
    assert len([one for one in ran(console, "write_to_customer") if one["customer_id"] == "C-1009"]) == 1


def test_an_agent_going_round_in_circles_is_told_stopped_and_handed_over(page: Page, console: Console) -> None:
    begin(page, "An agent going round in circles")
    stands(page, "Waits for an answer")
    told = row(page, "The same call gave the same result again")
    expect(told).to_contain_text("track_shipment was called 4 times in the same way")
    told.get_by_role("button", name="What the model is told").click()
    expect(told).to_contain_text("It will not change.")
    expect(row(page, "Stopped, it was stuck")).to_be_visible()
    expect(row(page, "Handed over to a person")).to_be_visible()
    expect(page.locator(".qd-rail")).to_contain_text("Handed over to you")
    say(page, "What is the status of order 1779?")
    done(page, 2)
    expect(page.locator(".qd-prose").last).to_contain_text("Order 1779")


def test_a_long_conversation_is_summarised_and_its_beginning_is_still_known(page: Page, console: Console) -> None:
    begin(page, "A long conversation")
    done(page, 1)
    for turn, order in enumerate(range(1756, 1767), start=2):
        say(page, f"And order {order}?")
        done(page, turn)
    summaries = row(page, "now told as a summary")
    expect(summaries.last).to_be_visible()
    summaries.last.get_by_role("button", name="Read the summary").click()
    expect(summaries.last.locator(".qd-long-text")).to_contain_text("1755")
    say(page, "What was the first order I asked about?")
    done(page, 13)
    expect(page.locator(".qd-prose").last).to_contain_text("The first order you asked about was order 1755.")
    expect(page.locator(".qd-rail")).to_contain_text("Summaries")
    assert page.evaluate(IN_ORDER)
