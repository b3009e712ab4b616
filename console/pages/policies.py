"""Policies: the list, and the page on which one is written and tried."""

from ..desk import Desk


def register(desk: Desk) -> None:
    """Nothing is served yet."""
