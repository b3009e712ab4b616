"""The billing clerk on the shipped runtime: its scripted model, the OpenAPI connector, and the service's own ledger."""

import os
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from agents.config import Agent
from agents.demo.billing.books import read_ledger
from agents.demo.billing.process import note_port, port_of
from agents.demo.setup import configuration
from agents.demo.systems import Systems
from store.events import TurnEnded
from tests.agents.tools.conftest import until
from tests.fakes.desk import Desk, open_desk, the_waiting


@asynccontextmanager
async def office(folder: Path, document: dict[str, Any] | None) -> AsyncIterator[tuple[Desk, Systems]]:
    async with open_desk(folder, document, models=False) as desk:
        systems = Systems(desk.runtime, folder)
        await systems.open()
        try:
            yield desk, systems
        finally:
            await systems.close()


def only_billing(folder: Path) -> dict[str, Any]:
    """The demo without what other systems are needed for."""
    document: dict[str, Any] = configuration(folder)
    document["connectors"] = [one for one in document["connectors"] if one["name"] == "billing"]
    document["toolsets"] = [one for one in document["toolsets"] if one["name"] == "billing-desk"]
    document["agents"] = [one for one in document["agents"] if one["name"] == "Billing clerk"]
    return document


def given(desk: Desk, title: str) -> str:
    _, agent = desk.runtime.world.find("agent", "Billing clerk", Agent)
    return next(one.given for one in agent.scenarios if title in (one.title or ""))


async def answer(desk: Desk, session_id: str) -> str:
    ended = (await desk.events(session_id, TurnEnded))[-1]
    return await desk.text(session_id, ended.answer) or ""


async def test_a_refund_above_ten_euros_waits_for_a_person_and_is_then_made_once(tmp_path: Path) -> None:
    async with office(tmp_path, only_billing(tmp_path)) as (desk, _):
        session = await desk.rests(await desk.start(given(desk, "waits for you"), agent="Billing clerk"))
        asked = the_waiting(session)
        (shown,) = await desk.pending()
        assert shown["arguments"] == {"amount": 2000, "charge": "ch_1004", "reason": "duplicate"}
        assert read_ledger(tmp_path / "billing.db") == []
        await desk.decide(asked)
        session = await desk.until(session.id, lambda one: one.result is not None)
        assert session.result == "answered"
        assert "I refunded 20.00 EUR on charge ch_1004" in await answer(desk, session.id)
        assert read_ledger(tmp_path / "billing.db") == [("create_refund", shown["arguments"])]


async def test_a_small_refund_runs_by_itself_and_a_question_changes_nothing(tmp_path: Path) -> None:
    async with office(tmp_path, only_billing(tmp_path)) as (desk, _):
        session = await desk.rests(await desk.start(given(desk, "small refund"), agent="Billing clerk"))
        assert session.result == "answered"
        refunded = [("create_refund", {"charge": "ch_1009", "amount": 800, "reason": "requested_by_customer"})]
        assert read_ledger(tmp_path / "billing.db") == refunded
        session = await desk.rests(await desk.start("What became of charge ch_1009?", agent="Billing clerk"))
        assert "8.00 EUR went back" in await answer(desk, session.id)
        session = await desk.rests(await desk.start("Refund 9999 euros of charge ch_1009.", agent="Billing clerk"))
        assert "more than the" in await answer(desk, session.id)
        assert read_ledger(tmp_path / "billing.db") == refunded


async def test_the_connector_follows_the_service_when_its_port_was_taken(tmp_path: Path) -> None:
    document = only_billing(tmp_path)
    document["connectors"][0]["timeout_seconds"] = 7
    before = port_of(tmp_path)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", before))
        taken.listen()
        async with office(tmp_path, document) as (desk, _):
            health = await until(desk.registry, "billing", "up")
            now = port_of(tmp_path)
            assert now != before
            assert f"127.0.0.1:{now}" in health.because
            connector = desk.runtime.administration.documents("connector")["billing"]
            assert (connector.spec, connector.timeout_seconds) == (f"http://127.0.0.1:{now}/openapi.yaml", 7)
    async with office(tmp_path, None) as (desk, _):
        await until(desk.registry, "billing", "up")
        assert port_of(tmp_path) == now


async def test_a_service_that_ends_is_started_again(tmp_path: Path) -> None:
    async with office(tmp_path, only_billing(tmp_path)) as (desk, systems):
        await until(desk.registry, "billing", "up")
        billing = systems._billing
        assert billing is not None and billing._process is not None
        first = billing._process
        os.kill(first.pid, signal.SIGKILL)
        await first.wait()
        await desk.registry.reconnect("billing")
        await until(desk.registry, "billing", "up")
        assert billing._process is not first


async def test_a_connector_that_an_admin_pointed_elsewhere_is_left_alone(tmp_path: Path) -> None:
    document = only_billing(tmp_path)
    document["connectors"][0]["spec"] = "http://127.0.0.1:9/openapi.yaml"
    async with office(tmp_path, document) as (desk, systems):
        await until(desk.registry, "billing", "down")
        await desk.idle()
        assert systems._billing is None
    assert not (tmp_path / "billing.db").exists()


@pytest.mark.parametrize("noted", ["", "not a port", "99999999"])
def test_a_note_that_is_no_port_is_replaced(tmp_path: Path, noted: str) -> None:
    (tmp_path / "billing.port").write_text(noted)
    port = port_of(tmp_path)
    assert 1024 <= port < 65_536
    assert port_of(tmp_path) == port
    note_port(tmp_path, 4242)
    assert port_of(tmp_path) == 4242
