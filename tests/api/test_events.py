"""The record of a session over the API: pages, both directions, and waiting for what comes next."""

import asyncio
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from console.api import shapes

from .conftest import Quarterdeck
from .desk_work import SESSIONS, VAGUE, held, is_problem, seen, started


@pytest.fixture(scope="module")
def record(quarterdeck: Quarterdeck) -> tuple[str, list[dict[str, Any]]]:
    """A session that waits, so that its record stands still, and all of it."""
    with quarterdeck.client(quarterdeck.tokens["operator"]) as client:
        session_id = held(client)["session_id"]
        return session_id, client.get(f"{SESSIONS}/{session_id}/events?limit=1000").json()["items"]


def seqs(client: httpx.Client, session_id: str, query: str) -> tuple[list[int], str | None]:
    page = client.get(f"{SESSIONS}/{session_id}/events?{query}").json()
    return [one["seq"] for one in page["items"]], page["next_cursor"]


def test_events_have_exactly_the_fields_of_the_contract_and_no_gaps(record: tuple[str, list[dict[str, Any]]]) -> None:
    items = record[1]
    assert [one["seq"] for one in items] == list(range(1, len(items) + 1))
    for one in items:
        assert set(one) == {"seq", "type", "v", "at", "data"}
        shapes.Event.model_validate(one)
    assert items[1]["data"]["text"].startswith("Refund 51 euros")


def test_events_page_forwards_and_backwards(viewer: httpx.Client, record: tuple[str, list[dict[str, Any]]]) -> None:
    session_id, items = record
    head = len(items)
    assert seqs(viewer, session_id, "limit=3") == ([1, 2, 3], "3")
    assert seqs(viewer, session_id, "after=3&limit=3") == ([4, 5, 6], "6")
    assert seqs(viewer, session_id, f"after={head - 1}") == ([head], None)
    assert seqs(viewer, session_id, f"after={head}") == ([], None)
    assert seqs(viewer, session_id, "tail=2") == ([head - 1, head], str(head - 1))
    assert seqs(viewer, session_id, "before=6&limit=3") == ([3, 4, 5], "3")
    assert seqs(viewer, session_id, "before=3") == ([1, 2], None)
    assert seqs(viewer, session_id, "after=2&before=6") == ([3, 4, 5], None)


@pytest.mark.parametrize("query", ["wait=31", "wait=nan", "wait=-1", "limit=1001", "tail=0", "after=-1", "after=1e9"])
def test_a_query_beyond_the_limits_is_refused(viewer: httpx.Client, query: str) -> None:
    problem = is_problem(viewer.get(f"{SESSIONS}/S-0/events?{query}"), 422)
    assert problem["problems"][0].startswith(f"?{query.partition('=')[0]}")


def test_waiting_ends_with_the_first_news(quarterdeck: Quarterdeck, operator: httpx.Client) -> None:
    session_id = started(operator, VAGUE)
    end = seen(operator, session_id, "TurnEnded")
    watching = watched(quarterdeck, session_id)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(operator.get, f"{SESSIONS}/{session_id}/events?after={end['seq']}&wait=30")
        assert watching.wait(30) and not waiting.done()
        quarterdeck.run(quarterdeck.desk.runtime.send(session_id, "Are you there?", by="somebody"))
        items = waiting.result().json()["items"]
    assert items[0]["type"] == "MessageReceived" and items[0]["seq"] == end["seq"] + 1


def watched(quarterdeck: Quarterdeck, session_id: str) -> threading.Event:
    """Set as soon as somebody waits for news of this session."""
    hub, watching = quarterdeck.desk.runtime.hub, threading.Event()
    watch = hub.watch

    def noticed(id_: str, *listeners: Any) -> Any:
        hub.watch = watch  # type: ignore[method-assign]
        quarterdeck.soon(watching.set)
        return watch(id_, *listeners)

    hub.watch = noticed  # type: ignore[method-assign]
    return watching


def test_waiting_in_vain_ends_with_nothing_and_leaves_nobody_watching(
    quarterdeck: Quarterdeck, viewer: httpx.Client, record: tuple[str, list[dict[str, Any]]]
) -> None:
    session_id, items = record
    assert seqs(viewer, session_id, f"after={len(items)}&wait=0.01") == ([], None)
    assert session_id not in quarterdeck.desk.runtime.hub._recording


def test_a_caller_who_hangs_up_is_not_waited_for(
    quarterdeck: Quarterdeck, record: tuple[str, list[dict[str, Any]]]
) -> None:
    session_id, items = record
    watching = watched(quarterdeck, session_id)
    address, token = httpx.URL(quarterdeck.url), quarterdeck.tokens["viewer"]
    with socket.create_connection((address.host, address.port or 0)) as caller:
        path = f"{SESSIONS}/{session_id}/events?after={len(items)}&wait=30"
        caller.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
        assert watching.wait(30)
    quarterdeck.run(nobody_watches(quarterdeck, session_id))


async def nobody_watches(quarterdeck: Quarterdeck, session_id: str) -> None:
    async with asyncio.timeout(20):
        while session_id in quarterdeck.desk.runtime.hub._recording:
            await asyncio.sleep(0)


def test_waiting_for_a_session_that_does_not_exist_says_so_at_once(viewer: httpx.Client) -> None:
    is_problem(viewer.get(f"{SESSIONS}/S-0/events?wait=30"), 404)
