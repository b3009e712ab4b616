"""Schedules: what runs by the clock, and what became of it."""

from ..desk import Desk


def register(desk: Desk) -> None:
    """Nothing is served yet."""
