"""Guessing passwords is slow for a name and for an address, and soon possible again."""

from console.security.throttle import FAILURES, WINDOW_SECONDS, Throttle


class Clock:
    seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def test_the_sixth_attempt_within_a_minute_has_to_wait() -> None:
    throttle = Throttle(Clock())
    assert [throttle.begin("name mira", f"address {n}") for n in range(FAILURES)] == [0] * FAILURES
    assert throttle.begin("name mira", "address other") == WINDOW_SECONDS


def test_an_address_that_tries_many_names_has_to_wait() -> None:
    throttle = Throttle(Clock())
    assert [throttle.begin(f"name {n}", "address a") for n in range(FAILURES)] == [0] * FAILURES
    assert throttle.begin("name new", "address a") > 0
    assert throttle.begin("name new", "address b") == 0


def test_the_window_slides() -> None:
    clock = Clock()
    throttle = Throttle(clock)
    for _ in range(FAILURES):
        throttle.begin("name mira")
        clock.seconds += 10
    assert throttle.begin("name mira") == 10
    clock.seconds += 10
    assert throttle.begin("name mira") == 0
    assert throttle.begin("name mira") == 10


def test_an_attempt_that_has_to_wait_is_not_counted() -> None:
    clock = Clock()
    throttle = Throttle(clock)
    for _ in range(20):
        throttle.begin("name mira")
    clock.seconds += WINDOW_SECONDS
    assert throttle.begin("name mira") == 0


def test_the_right_password_costs_nothing() -> None:
    throttle = Throttle(Clock())
    for _ in range(50):
        assert throttle.begin("name mira") == 0
        throttle.forgive("name mira")


def test_many_attempts_at_once_are_no_way_around() -> None:
    throttle = Throttle(Clock())
    assert [throttle.begin("name mira") == 0 for _ in range(100)].count(True) == FAILURES


def test_idle_names_are_forgotten_when_there_are_many() -> None:
    clock = Clock()
    throttle = Throttle(clock)
    for n in range(10_001):
        throttle.begin(f"name {n}")
    clock.seconds += WINDOW_SECONDS + 1
    throttle.begin("name one")
    assert len(throttle._failures) == 1
