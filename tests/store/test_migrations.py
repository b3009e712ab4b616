"""The migrated schema is the one the tables describe, and an older file is brought up to it with all it holds."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlmodel import SQLModel

from store import tables
from store.audit import verify
from store.database import FILE_NAME, WRITER_PRAGMAS, Database, _connect, run
from store.encoding import FIRST_HASH, chain
from store.event_log import EventLog
from store.migrations import upgrade
from store.passages import Passage, Passages
from store.payloads import seal
from store.queries import Queries
from store.schedule_runs import ScheduleRuns
from store.times import utc_now

from .scenes import NOON, Clock, decided, record, started

AT = "2026-03-02T12:00:00.000000Z"


def a_table_of_ours(_: Any, name: str | None, type_: str, *__: Any) -> bool:
    """The full-text index is no table that SQLAlchemy could describe."""
    return type_ != "table" or not str(name).startswith("passages")


COMPARED = {"compare_type": True, "include_object": a_table_of_ours}


def test_the_migrated_schema_equals_the_tables(database: Database) -> None:
    context = MigrationContext.configure(database._writer_connection, opts=COMPARED)
    assert tables.EventRow.metadata is SQLModel.metadata
    assert compare_metadata(context, SQLModel.metadata) == []


def test_keys_columns_and_indexes_are_spelled_out_alike(database: Database) -> None:
    plain = sa.create_engine("sqlite://")
    SQLModel.metadata.create_all(plain)
    names = set(SQLModel.metadata.tables)
    with plain.connect() as wanted:
        assert described(database._writer_connection, names) == described(wanted, names)


def test_opening_a_migrated_file_again_changes_nothing(database: Database) -> None:
    before = database.path.read_bytes()
    folder, now = database.folder, database.now
    database.close()
    before = database.path.read_bytes()
    Database.open(folder, now=now).close()
    assert database.path.read_bytes() == before


def described(connection: sa.Connection, names: set[str]) -> dict[str, object]:
    inspector = sa.inspect(connection)
    return {
        name: (
            [(column["name"], str(column["type"]), column["nullable"]) for column in inspector.get_columns(name)],
            inspector.get_table_options(name),
            inspector.get_pk_constraint(name)["constrained_columns"],
            sorted((str(index["name"]), tuple(index["column_names"])) for index in inspector.get_indexes(name)),
            sorted(tuple(unique["column_names"]) for unique in inspector.get_unique_constraints(name)),
            sorted(
                (tuple(key["constrained_columns"]), key["referred_table"]) for key in inspector.get_foreign_keys(name)
            ),
        )
        for name in sorted(names)
    }


REPLY = """{"type":"ModelReplied","v":1,"step":1,"turn":1,"purpose":"agent","profile":"scripted",
"model":"offline/operator","because":"first of act","prompt":{"parent":null,"parts":[],"tools":null,"parameters":{}},
"entries":[],"output":"OUTPUT","calls":1,"finish_reason":"tool_calls",
"usage":{"input":900,"cache_read":100,"cache_write":0,"output":40},"cost_usd":0.25,"cache_saved_usd":0.125,
"latency_ms":12.5,"first_token_ms":null,"context_limit":32000,"segments":[],"attempts":[]}""".replace("\n", "")
PROPOSED = """{"type":"CallProposed","v":1,"call_id":"1.1","provider_id":"c1","step":1,"tool":"refund_order",
"connector":"crm","own_name":"refund","definition_hash":"HASH","risk":"write","idempotent":false,"details":"DETAILS",
"action_digest":"DIGEST","state":"held","verify":"none","release":"ask","rule":null,"because":"writes ask"}"""
REQUESTED = """{"type":"ApprovalRequested","v":1,"approval_id":"a1","kind":"call","call_id":"1.1","step":1,
"agent":"Refund clerk","tool":"refund_order","connector":"crm","own_name":"refund","definition_hash":"HASH",
"action_digest":"DIGEST","details":"DETAILS","risk":"write","verify":"none","release":"ask","approver":"anyone",
"rule":null,"because":"writes ask","requested_by":"ann","required":1,"expires_at":null,"run_seconds":600.0,
"supersedes":null}"""


def insert(connection: sa.Connection, table: str, **row: Any) -> None:
    names = ", ".join(f'"{name}"' for name in row)
    run(connection, f"INSERT INTO {table} ({names}) VALUES ({', '.join(f':{name}' for name in row)})", row)


def write_a_session(connection: sa.Connection) -> None:
    """A session that waits for a person, row by row as the first schema held it."""
    title, output = seal("Refund order 1043"), seal('{"text": "", "calls": []}')
    details = seal('{"arguments_json":"{\\"order\\":1043}","effect":"Refund order 1043","problems":[]}')
    for payload in (title, output, details):
        insert(connection, "payloads", session_id="s1", ref=payload.ref, salt=payload.salt, content=payload.content)
    started_ = f'{{"type":"SessionStarted","v":1,"agent":"Refund clerk","pins":{{"agent":1}},"title":"{title.ref}","inputs":null,"by":"ann"}}'
    message = f'{{"type":"MessageReceived","v":1,"text":"{title.ref}","turn":1,"opens_turn":true,"by":"ann"}}'
    texts = [started_, message, REPLY, PROPOSED, REQUESTED]
    hash_ = FIRST_HASH
    for seq, text in enumerate(texts, 1):
        data = text.replace("\n", "").replace("OUTPUT", output.ref).replace("DETAILS", details.ref)
        data = data.replace("DIGEST", "d" * 64).replace("HASH", "e" * 64)
        stored = ("s1", seq, data.split('"')[3], 1, AT, "waiting_approval", data)
        hash_ = chain(hash_, *stored)
        names = ("session_id", "seq", "type", "v", "at", "status", "data")
        insert(connection, "events", **dict(zip(names, stored, strict=True)), hash=hash_)
    insert(
        connection, "sessions", id="s1", seq=5, hash=hash_, agent="Refund clerk", title="Refund order 1043",
        started_by="ann", pins='{"agent": 1}', created_at=AT, updated_at=AT, status="waiting_approval", turn=1,
        steps=1, tool_calls=1, turn_steps=1, turn_tool_calls=1, invalid_calls=0, working_seconds=0, waiting_seconds=0,
        cost_usd=0.25, cost_unknown=0, input_tokens=900, cache_read_tokens=100, cache_write_tokens=0,
        output_tokens=40, context_used=1000, context_limit=32000, segments="[]",
    )  # fmt: skip
    insert(
        connection, "calls", session_id="s1", call_id="1.1", step=1, tool="refund_order", connector="crm",
        own_name="refund", risk="write", state="held", details_ref=details.ref, action_digest="d" * 64,
    )  # fmt: skip
    insert(
        connection, "approvals", id="a1", session_id="s1", call_id="1.1", kind="call", agent="Refund clerk",
        tool="refund_order", connector="crm", own_name="refund", definition_hash="e" * 64, action_digest="d" * 64,
        details_ref=details.ref, risk="write", verify="none", release="ask", approver="anyone", because="writes ask",
        requested_by="ann", status="pending", requested_at=AT, run_seconds=600.0, required=1, approvals_given=0,
        step=1, seq=5,
    )  # fmt: skip


@pytest.fixture
def old_file(tmp_path: Path) -> Path:
    """A database that only the first program has ever opened, with a session in it."""
    connection = _connect(tmp_path / FILE_NAME, WRITER_PRAGMAS)
    upgrade(connection, tmp_path, to="0001")
    write_a_session(connection)
    connection.close()
    connection.engine.dispose()
    return tmp_path


async def test_a_database_from_before_the_guards_goes_on_where_it_was(old_file: Path, clock: Clock) -> None:
    database = Database.open(old_file, now=clock)
    try:
        queries, log = Queries(database), EventLog(database)
        session, (approval,) = await queries.session("s1"), (await queries.inbox()).items
        assert session is not None
        assert (session["cost_usd"], session["costs"], session["saved_usd"]) == (0.25, {"agent": 0.25}, 0.125)
        assert session["cache_hit_rate"] == 0.1
        assert (approval["checks"], approval["evidence"], approval["arguments"]) == ([], [], {"order": 1043})
        await record(log, "s1", decided(run_by=NOON), started(call_id="1.1"))
        assert [one["seq"] for one in await queries.events("s1")] == [1, 2, 3, 4, 5, 6, 7]
        assert await queries.inbox_matches_events() == []
        assert verify(database.path).ok
    finally:
        database.close()


async def test_a_database_from_before_the_guards_can_be_searched(old_file: Path, clock: Clock) -> None:
    database = Database.open(old_file, now=clock)
    try:
        passages = Passages(database)
        texts = await passages.texts_between("s1", 0, 5)
        assert texts == [Passage(seq=2, turn=1, kind="user", text="Refund order 1043")]
        await passages.index("s1", texts)
        assert [one.seq for one in await passages.search("s1", ["1043"], 5)] == [2]
    finally:
        database.close()


async def test_schedules_from_before_they_ran_make_up_for_nothing(tmp_path: Path) -> None:
    connection = _connect(tmp_path / FILE_NAME, WRITER_PRAGMAS)
    upgrade(connection, tmp_path, to="0002")
    row = {"kind": "schedule", "name": "Nightly", "version": 1, "document": "{}", "deleted": 0, "by": "ada", "at": AT}
    insert(connection, "documents", **row)
    connection.close()
    connection.engine.dispose()
    before = utc_now()
    database = Database.open(tmp_path)
    try:
        (mark,) = await ScheduleRuns(database).history("Nightly")
        assert (mark.outcome, mark.because) == ("skipped", "Schedules run from this version on.")
        seen = await ScheduleRuns(database).seen_until("Nightly")
        assert seen is not None
        assert before - timedelta(seconds=1) < seen <= utc_now()
    finally:
        database.close()
