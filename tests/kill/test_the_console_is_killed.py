"""The whole program, killed while a call waits and again after it was approved: it goes on, and nothing runs twice."""

import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from agents.demo.crm.ledger import read_ledger
from tests.browser.app import Console, running

PATIENCE_SECONDS = 60.0


class Desk:
    """The API of a running console, as an outside program sees it."""

    def __init__(self, console: Console, token: str) -> None:
        self.client = httpx.Client(base_url=console.url, headers={"Authorization": f"Bearer {token}"}, timeout=40)

    def get(self, path: str) -> Any:
        return self.client.get(path).raise_for_status().json()

    def post(self, path: str, body: dict[str, Any]) -> Any:
        return self.client.post(path, json=body).raise_for_status().json()

    def mute(self, tool: str) -> None:
        """The CRM does what this tool is asked, and never answers. A server sees only its connector's environment."""
        whole = self.get("/api/v1/configuration")
        (crm,) = (one for one in whole["connectors"] if one["name"] == "crm")
        crm["env"] = {"QUARTERDECK_CRM_MUTE_TOOL": tool}
        self.client.put("/api/v1/configuration", json=whole).raise_for_status()

    def until(self, session: str, right: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Follow the session's events until it is as wanted."""
        after, end = 0, time.monotonic() + PATIENCE_SECONDS
        while not right(state := self.get(f"/api/v1/sessions/{session}")):
            assert time.monotonic() < end, (state["status"], state["because"])
            items = self.get(f"/api/v1/sessions/{session}/events?after={after}&wait=5")["items"]
            after = items[-1]["seq"] if items else after
        return state


def kill(console: Console) -> None:
    console.process.send_signal(signal.SIGKILL)
    console.process.wait(20)


def refunds(data: Path) -> list[tuple[int, float]]:
    rows = [row for row in read_ledger(data / "crm.db") if row.tool == "refund_order"]
    return [(row.arguments["order_id"], row.arguments["amount"]) for row in rows]


def test_a_console_that_is_killed_twice_refunds_once(tmp_path: Path) -> None:
    with running(tmp_path) as console:
        token = console.token("tester", "admin")
        desk = Desk(console, token)
        desk.mute("refund_order")
        body = {"agent": "Refund clerk", "message": "Please refund order 1755 in full, the goods arrived damaged."}
        session = desk.post("/api/v1/sessions", body)["id"]
        waiting = desk.until(session, lambda state: state["status"] == "waiting_approval")
        kill(console)
    assert refunds(tmp_path) == []
    with running(tmp_path) as console:
        desk = Desk(console, token)
        (approval_id,) = waiting["approvals"]
        approval = desk.get(f"/api/v1/approvals/{approval_id}")
        assert approval["status"] == "pending"
        decision = {"decision": "approve", "action_digest": approval["action_digest"]}
        desk.post(f"/api/v1/approvals/{approval_id}/decision", decision)
        end = time.monotonic() + PATIENCE_SECONDS
        while not refunds(tmp_path):  # the CRM commits and never answers: the moment nobody can know about
            assert time.monotonic() < end
        kill(console)
    with running(tmp_path) as console:
        desk = Desk(console, token)
        desk.until(session, lambda state: state["status"] == "waiting_approval")
        (item,) = desk.get("/api/v1/approvals")["items"]
        assert (item["kind"], item["call_id"]) == ("unknown_outcome", approval["call_id"])
        settled = {"decision": "happened", "action_digest": item["action_digest"]}
        desk.post(f"/api/v1/approvals/{item['id']}/decision", settled)
        desk.until(session, lambda state: state["status"] == "completed")
    assert refunds(tmp_path) == [(1755, 389.0)]
