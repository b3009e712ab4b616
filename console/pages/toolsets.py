"""Toolsets: the list, and the page on which one is curated."""

from ..desk import Desk


def register(desk: Desk) -> None:
    """Nothing is served yet."""
