"""What holds for the whole CRM: its seed, its annotations, its ledger and its faults on demand."""

import ast
import multiprocessing
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import anyio
import pytest
from mcp import MCPError
from mcp.client import Client
from mcp.types import Tool

from agents.demo.crm import schema, server
from agents.demo.crm.desk import Desk
from agents.demo.crm.ledger import read_ledger
from agents.demo.crm.seed import seed
from agents.demo.crm.testing import ROOT, TODAY, Crm, dump, running
from agents.demo.crm.toolbox import Shop, carry_out, reads

DAY = date.fromisoformat(TODAY)
NINE = {
    "find_customer": ["query", "limit"],
    "get_customer": ["customer_id"],
    "list_orders": ["customer_id", "limit"],
    "get_order": ["order_id"],
    "get_ticket": ["ticket_id"],
    "refund_order": ["order_id", "amount", "reason"],
    "write_to_customer": ["customer_id", "subject", "body"],
    "write_to_address": ["address", "subject", "body"],
    "delete_customer": ["customer_id", "reason"],
}


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("crm") / "seeded.db"
    seed(path, number=1, today=DAY)
    return path


@pytest.fixture(scope="module")
def offered(faulty: Crm) -> dict[str, Tool]:
    return {tool.name: tool for tool in faulty.portal.call(faulty.client.list_tools).tools}


def rows(path: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as db:
        return db.execute(sql).fetchall()


def test_the_same_seed_and_day_give_the_same_content(seeded: Path, tmp_path: Path) -> None:
    seed(tmp_path / "again.db", number=1, today=DAY)
    assert dump(tmp_path / "again.db") == dump(seeded)


def test_another_seed_gives_other_data_of_the_same_shape(seeded: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    seed(other, number=2, today=DAY)
    names = "select name from customers order by customer_id"
    assert rows(other, names) != rows(seeded, names)
    shape = "select (select count(*) from customers), (select count(*) from orders), (select count(*) from tickets)"
    assert rows(other, shape) == rows(seeded, shape) == [(300, 900, 202)]
    schema = "select name, sql from sqlite_master order by name"
    assert rows(other, schema) == rows(seeded, schema)


def test_another_day_moves_the_dates_and_nothing_else(seeded: Path, tmp_path: Path) -> None:
    later = tmp_path / "later.db"
    seed(later, number=1, today=date(2027, 3, 1))
    people = "select customer_id, name, email from customers order by 1"
    assert rows(later, people) == rows(seeded, people)
    assert rows(later, "select max(placed_on) > '2027-02-25' from orders") == [(1,)]


@pytest.mark.parametrize("number", [1, 2, 77])
def test_small_and_large_orders_were_delivered_in_the_last_days(tmp_path: Path, number: int) -> None:
    seed(tmp_path / "crm.db", number=number, today=DAY)
    recent = (
        "from order_sums join tickets using (order_id) where order_sums.status = 'delivered' and refunded_cents = 0"
        " and delivered_on between '2026-11-08' and '2026-11-22' and tickets.status = 'open'"
    )
    assert len(rows(tmp_path / "crm.db", f"select order_id {recent} and total_cents < 5000")) >= 7
    assert len(rows(tmp_path / "crm.db", f"select order_id {recent} and total_cents > 5000")) >= 7


def test_every_address_of_a_person_or_supplier_is_invented(seeded: Path) -> None:
    addresses = rows(
        seeded, "select email from customers union select email from suppliers union select email from staff"
    )
    assert all(re.fullmatch(r"[a-z0-9._-]+@[a-z-]+\.example", str(address)) for (address,) in addresses)


def test_the_seed_never_contradicts_itself(seeded: Path) -> None:
    assert rows(seeded, "pragma foreign_key_check") == []
    assert rows(seeded, "select 1 from order_sums where refunded_cents > total_cents or total_cents <= 0") == []
    assert (
        rows(seeded, "select 1 from orders where (status in ('delivered', 'returned')) != (delivered_on is not null)")
        == []
    )
    assert rows(seeded, f"select 1 from orders where placed_on > '{TODAY}' or delivered_on > '{TODAY}'") == []
    assert (
        rows(seeded, "select 1 from orders join customers using (customer_id) where placed_on < customer_since") == []
    )


def test_every_tool_is_called_by_a_test() -> None:
    sources = "".join(path.read_text() for path in Path(__file__).parent.glob("test_crm_*.py"))
    called = set(re.findall(r'crm\.(?:read|change)\(\s*"(\w+)"', sources))
    assert called == {tool.name for tool in server.TOOLS}


def test_the_server_offers_exactly_the_tools_of_its_modules(offered: dict[str, Tool]) -> None:
    assert list(offered) == [tool.name for tool in server.TOOLS]
    assert 65 <= len(offered) <= 75


@pytest.mark.parametrize("name", NINE)
def test_the_nine_have_exactly_their_parameters_and_a_typed_result(offered: dict[str, Tool], name: str) -> None:
    tool = offered[name]
    assert list(tool.input_schema["properties"]) == NINE[name]
    assert tool.output_schema is not None
    assert tool.output_schema["required"]


def test_a_refund_must_be_more_than_nothing_already_in_the_schema(offered: dict[str, Tool]) -> None:
    amount = offered["refund_order"].input_schema["properties"]["amount"]
    assert (amount["type"], amount["exclusiveMinimum"]) == ("number", 0)


def test_every_tool_is_described_in_a_sentence(offered: dict[str, Tool]) -> None:
    assert all((tool.description or "").strip().endswith(".") for tool in offered.values())


def test_annotations_are_wrong_exactly_where_we_say_so(offered: dict[str, Tool]) -> None:
    def claims_wrongly(name: str, changes: bool) -> bool:
        hints = offered[name].annotations
        return hints is not None and (hints.read_only_hint is not (not changes))

    wrong = {tool.name for tool in server.TOOLS if claims_wrongly(tool.name, tool.changes)}
    assert wrong == {"merge_customers", "export_all", "search_tickets"}
    silent = {name for name, tool in offered.items() if tool.annotations is None}
    assert {"bulk_update", "send_campaign", "manage_webhook"} < silent
    assert set(server.LIES) - silent == wrong


def test_reading_tools_cannot_write_even_if_they_tried(seeded: Path) -> None:
    bad = reads()(lambda desk: Desk.change(desk, "delete from notes"))
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        carry_out(bad, Shop(path=seeded, fixed_today=DAY), {})


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crm]:
    with running(
        tmp_path_factory.mktemp("crm") / "faulty.db",
        QUARTERDECK_CRM_HANG_TOOL="refund_order",
        QUARTERDECK_CRM_MUTE_TOOL="delete_customer",
        QUARTERDECK_CRM_DELAY_MS="150",
    ) as crm:
        yield crm


def test_a_hanging_tool_never_answers_and_never_happens(faulty: Crm) -> None:
    before = dump(faulty.path)
    with pytest.raises(MCPError, match="timed out"):
        faulty.call("refund_order", {"order_id": 1900, "amount": 1, "reason": "r"}, timeout_seconds=0.4)
    assert dump(faulty.path) == before


def test_a_mute_tool_never_answers_but_happens_once(faulty: Crm) -> None:
    before = len(faulty.ledger())
    with pytest.raises(MCPError, match="timed out"):
        faulty.call("delete_customer", {"customer_id": "C-1200", "reason": "r"}, timeout_seconds=0.4)
    assert [row.tool for row in faulty.ledger()[before:]] == ["delete_customer"]
    assert "There is no customer C-1200." in faulty.refusal("get_customer", customer_id="C-1200")


def test_a_delay_comes_before_the_commit(faulty: Crm) -> None:
    started = time.monotonic()
    faulty.change("void_voucher", code=faulty.value("select code from vouchers"), reason="r")
    assert time.monotonic() - started > 0.15


def test_a_process_killed_during_the_delay_leaves_no_effect_and_no_row(tmp_path: Path) -> None:
    seed(path := tmp_path / "crm.db", number=1, today=DAY)
    before = dump(path)
    tool = next(tool for tool in server.TOOLS if tool.name == "refund_order")
    shop = Shop(path=path, delay_seconds=30)
    arguments = {"order_id": 1900, "amount": 1, "reason": "r"}
    process = multiprocessing.get_context("fork").Process(target=carry_out, args=(tool, shop, arguments))
    process.start()
    wait_until(lambda: path.with_name("crm.db-journal").exists())  # the change is made but not committed
    process.kill()
    process.join()
    assert (process.exitcode, read_ledger(path), dump(path)) == (-9, [], before)


def test_the_ledger_is_readable_after_a_writer_died_in_the_middle_of_the_file(tmp_path: Path) -> None:
    seed(path := tmp_path / "crm.db", number=1, today=DAY)
    before, copy = dump(path), tmp_path / "killed.db"
    with closing(schema.connect(path)) as writer:
        writer.execute("pragma cache_size = 5")  # so that SQLite writes pages before the commit
        writer.execute("begin immediate")
        writer.execute("update mail set body = body || body")
        writer.execute("update order_lines set quantity = quantity + 1")
        shutil.copy(path, copy)
        shutil.copy(f"{path}-journal", f"{copy}-journal")
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        dump(copy)
    assert read_ledger(copy) == []
    assert dump(copy) == before


def test_the_server_also_speaks_http_and_keeps_an_existing_file(seeded: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "agents.demo.crm", "--database", str(seeded), "--seed", "2", "--http", str(port)]
    before = dump(seeded)
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: answers(port))
        assert anyio.run(first_order_over_http, port) == 1001
    finally:
        process.terminate()
        output, _ = process.communicate(timeout=10)
    assert output == b""
    assert dump(seeded) == before


async def first_order_over_http(port: int) -> object:
    async with Client(f"http://127.0.0.1:{port}/mcp") as client:
        result = await client.call_tool("get_order", {"order_id": 1001})
        return (result.structured_content or {})["order_id"]


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_until(condition: Callable[[], bool]) -> None:
    for _ in range(200):
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError("waited for too long")


def test_the_crm_imports_nothing_but_the_sdk_and_itself() -> None:
    allowed = {"mcp", "anyio", "pydantic", "typing_extensions"} | set(sys.stdlib_module_names)
    package = ROOT / "agents" / "demo" / "crm"
    for path in package.glob("*.py"):
        for name in imported_by(path):
            assert name.startswith("agents.demo.crm") or name.split(".")[0] in allowed, f"{path.name} imports {name}"
    for parent in (package.parent, package.parent.parent):
        assert (parent / "__init__.py").read_bytes() == b""


def imported_by(path: Path) -> set[str]:
    nodes = list(ast.walk(ast.parse(path.read_text())))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return plain | {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
