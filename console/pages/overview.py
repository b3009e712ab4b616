"""The home page: what waits, what runs, what it costs, how the connectors are."""

from ..desk import Desk


def register(desk: Desk) -> None:
    """Nothing is served yet."""
