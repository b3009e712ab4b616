"""The list of what waits for a person: one component that owns its rows and updates them in place."""

from collections.abc import Callable
from typing import Any

from nicegui.element import Element

Item = dict[str, Any]


class InboxList(Element, component="inbox_list.js"):
    """Emits the row that was picked, and the inbox's keys (j k a e r q Escape)."""

    def __init__(
        self, items: list[Item], picked: str, on_pick: Callable[[str], Any], on_key: Callable[[str], Any]
    ) -> None:
        super().__init__()
        self._props["start"] = items
        self._props["first"] = picked
        self.on("pick", lambda event: on_pick(event.args))
        self.on("key", lambda event: on_key(str(event.args)))

    def show(self, items: list[Item], picked: str) -> None:
        """The list as it is now; rows that stay keep their place."""
        self.run_method("show", items, picked)

    def pick(self, approval_id: str) -> None:
        self.run_method("pick", approval_id)


def item(approval: Item, escalate_seconds: float | None = None) -> Item:
    """What one row shows of an approval; after so many seconds it stands out, as nobody has taken it."""
    hints = {
        "unknown_outcome": "may have happened",
        "input": f"{approval['connector']} asks something",
        "call": "needs a second person" if approval["approvals_given"] else approval["because"],
    }
    return {
        "id": approval["id"],
        "kind": approval["kind"],
        "risk": approval["risk"],
        "effect": approval["effect"] or approval["tool"],
        "agent": approval["agent"],
        "hint": hints[approval["kind"]],
        "requested_at": approval["requested_at"],
        "expires_at": approval["expires_at"],
        "late_after_seconds": escalate_seconds,
        "given": approval["approvals_given"],
        "seen": False,
    }
