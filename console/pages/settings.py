"""Settings of the whole desk: retention, budgets, emergency stop, export and import."""

from ..desk import Desk


def register(desk: Desk) -> None:
    """Nothing is served yet."""
