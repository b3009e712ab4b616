"""The scripted summariser: always shorter, and what may matter again is still in it, also after many summaries."""

import random

import pytest

from agents.demo.script import Asked, answered

TASK = "You summarise the earlier part of a conversation between people and an agent. Write plain text."


def summary(text: str) -> str:
    messages = [{"role": "system", "content": TASK}, {"role": "user", "content": text}]
    answer = answered(Asked(model="summariser"), messages, [])
    assert not answer.calls
    return answer.text


def turn(number: int, order: int, total: str = "389.00", decided: str = "") -> str:
    result = f'{{"order_id": {order}, "customer_id": "C-1003", "total": {total}, "lines": [{{"name": "Skarv 2 tunnel tent"}}]}}'
    return (
        f"[Turn {number}]\nUser: What is the status of order {order}, and was anything refunded on it before?\n"
        f'Agent calls get_order: {{"reasoning": {{"need": "The user asks about order {order}"}}, "order_id": {order}}}\n'
        f"Result of get_order: {decided or result}\n"
        f"Agent: Order {order} of Benoît Le Quénec (C-1003) is delivered. Total {total} EUR, refunded so far 0.00 EUR."
    )


def test_it_keeps_requests_ids_and_amounts_by_turn() -> None:
    said = summary(
        "\n\n".join([turn(1, 1755), turn(2, 1756, "24.90"), "[End. Write the summary, in at most 400 words.]"])
    )
    assert "Turn 1" in said and "Turn 2" in said
    assert all(fact in said for fact in ("1755", "1756", "C-1003", "24.90")), said


def test_it_keeps_what_people_decided() -> None:
    told = "Rejected by a person (wrong_amount): only the poles, 89 euros. Do not propose the same call again."
    assert "only the poles" in summary("\n\n".join([turn(1, 1755, decided=told), turn(2, 1756), turn(3, 1757)]))


@pytest.mark.parametrize("turns", [1, 2, 8, 40, 300])
def test_it_always_shrinks(turns: int) -> None:
    text = "\n\n".join(turn(number, 1700 + number) for number in range(1, turns + 1))
    assert 0 < len(summary(text)) < len(text) / 2


def test_it_stays_within_the_words_it_is_given() -> None:
    text = "\n\n".join(turn(number, 1700 + number) for number in range(1, 80))
    assert len(summary(f"{text}\n\n[End. Write the summary, in at most 100 words.]")) <= 1000


def test_the_summary_so_far_goes_on() -> None:
    first = summary("\n\n".join([turn(1, 1755), turn(2, 1756)]))
    later = summary(f"[The summary so far]\n{first}\n\n{turn(3, 1810)}\n\n{turn(4, 1811)}")
    assert all(number in later for number in ("1755", "1756", "1810", "1811")), later


def test_after_fifty_summaries_the_first_turn_is_still_there() -> None:
    told = summary("\n\n".join([turn(1, 1755), turn(2, 1756)]))
    for number in range(3, 103, 2):
        more = f"{turn(number, 1000 + number)}\n\n{turn(number + 1, 1001 + number)}"
        told = summary(f"[The summary so far]\n{told}\n\n{more}\n\n[End. Write the summary, in at most 300 words.]")
    assert "1755" in told and len(told) <= 3000


def test_any_text_gets_a_summary_that_is_no_longer_than_itself() -> None:
    chance = random.Random(5)
    for size in (45, 200, 3000):
        text = "".join(chance.choice("abc 12[]:\n“C-99 EUR") for _ in range(size))
        assert 0 < len(summary(text)) <= max(size, 40)


def test_the_same_text_gets_the_same_summary() -> None:
    assert summary(turn(1, 1755)) == summary(turn(1, 1755))
