"""The emergency stop: which of the stops in force covers an agent or a call, in words. Pure."""

from collections.abc import Iterable, Mapping
from datetime import UTC
from typing import Any

from .config import Halt

MARK = "Emergency stop:"
"""How a reason that comes from here begins: what was paused for it goes on when it is lifted."""


def stops_agent(halts: Iterable[Halt], agent: str) -> str | None:
    """Why nothing of this agent goes on; None if it may."""
    return next((sentence(one) for one in halts if _covers_agent(one, agent)), None)


def stops_call(halts: Iterable[Halt], *, agent: str, connector: str | None, tool: str | None) -> str | None:
    """Why this call may not be started; `tool` is the connector's own name for it."""
    names = {"connector": connector, "tool": f"{connector}/{tool}"}
    covering = (one for one in halts if _covers_agent(one, agent) or names.get(one.what, one) == one.name)
    return next((sentence(one) for one in covering), None)


def _covers_agent(one: Halt, agent: str) -> bool:
    return one.what == "everything" or (one.what == "agent" and one.name == agent)


def sentence(one: Halt) -> str:
    at = one.at.astimezone(UTC)
    stop = "" if one.because.endswith((".", "!", "?", "…")) else "."
    return f"{MARK} {one.by} stopped {what(one)} on {at:%d %b at %H:%M} UTC. {one.because}{stop}"


def what(one: Halt) -> str:
    return "everything" if one.what == "everything" else f"the {one.what} {one.name}"


def key(one: Halt | Mapping[str, Any]) -> tuple[str, str | None]:
    """What it is about: pulling it twice makes one."""
    return (one.what, one.name) if isinstance(one, Halt) else (str(one.get("what")), one.get("name"))
