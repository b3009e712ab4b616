"""An Idempotency-Key is answered once, whoever repeats the request, and however soon."""

import asyncio

import pytest

from store.database import Database
from store.idempotency import CUT_OFF, IN_PROGRESS, OTHER_BODY, Answer, Idempotency

from .scenes import Clock

pytestmark = pytest.mark.asyncio


@pytest.fixture
def answers(database: Database) -> Idempotency:
    return Idempotency(database)


async def test_a_repeated_request_gets_the_first_answer(answers: Idempotency) -> None:
    assert await answers.recall("k", "ann", "h") is None
    await answers.remember("k", "ann", "h", 201, '{"id": "s1"}')
    assert await answers.recall("k", "ann", "h") == Answer(status=201, body='{"id": "s1"}')


async def test_of_two_identical_requests_at_once_only_one_is_worked_on(answers: Idempotency) -> None:
    results = await asyncio.gather(*(answers.recall("k", "ann", "h") for _ in range(5)))
    assert sorted(map(str, results)) == sorted(map(str, [None, *[IN_PROGRESS] * 4]))


async def test_the_same_key_with_another_body_is_a_conflict(answers: Idempotency) -> None:
    await answers.recall("k", "ann", "h")
    assert await answers.recall("k", "ann", "other") == OTHER_BODY


async def test_two_people_may_use_the_same_key(answers: Idempotency) -> None:
    assert await answers.recall("k", "ann", "h") is None
    assert await answers.recall("k", "ben", "h") is None


async def test_a_key_given_back_can_be_used_again(answers: Idempotency) -> None:
    await answers.recall("k", "ann", "h")
    await answers.forget("k", "ann")
    assert await answers.recall("k", "ann", "h") is None


async def test_a_request_cut_off_by_a_restart_says_so(answers: Idempotency, database: Database) -> None:
    await answers.recall("k", "ann", "h")
    assert await Idempotency(database).recall("k", "ann", "h") == CUT_OFF


async def test_answers_are_kept_for_a_day(answers: Idempotency, clock: Clock) -> None:
    await answers.recall("k", "ann", "h")
    await answers.remember("k", "ann", "h", 201, "{}")
    clock.advance(hours=23)
    assert await answers.recall("k", "ann", "h") == Answer(status=201, body="{}")
    clock.advance(hours=2)
    assert await answers.recall("k", "ann", "h") is None
