"""The versions of one document: who, when, what differs, and the way back."""

from ..desk import Desk


def register(desk: Desk) -> None:
    """Nothing is served yet."""
