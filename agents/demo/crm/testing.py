"""A CRM process of one's own for tests: starts it over stdio, calls its tools and looks into its file."""

import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anyio.from_thread import BlockingPortal, start_blocking_portal
from mcp import StdioServerParameters
from mcp.client import Client
from mcp.types import CallToolResult, TextContent

from agents.demo.crm.ledger import LedgerRow, read_ledger

ROOT = Path(__file__).parents[3]
TODAY = "2026-11-22"


@dataclass(frozen=True, slots=True, kw_only=True)
class Crm:
    """`read` and `change` also judge by the ledger: no row for the one, exactly one for the other."""

    path: Path
    client: Client
    portal: BlockingPortal

    def call(self, tool: str, arguments: dict[str, Any], timeout_seconds: float | None = None) -> CallToolResult:
        async def go() -> CallToolResult:
            return await self.client.call_tool(tool, arguments, read_timeout_seconds=timeout_seconds)

        return self.portal.call(go)

    def read(self, tool: str, **arguments: Any) -> Any:
        before = len(self.ledger())
        result = self.call(tool, arguments)
        assert not result.is_error, result.content
        assert len(self.ledger()) == before, f"{tool} should only read"
        return result.structured_content

    def change(self, tool: str, **arguments: Any) -> Any:
        before = len(self.ledger())
        result = self.call(tool, arguments)
        assert not result.is_error, result.content
        (row,) = self.ledger()[before:]
        assert (row.tool, bool(row.effect)) == (tool, True)
        assert row.arguments.items() >= {key: value for key, value in arguments.items() if value is not None}.items()
        return result.structured_content

    def refusal(self, tool: str, **arguments: Any) -> str:
        """The error's text; the whole file must be as before."""
        before = self.path.read_bytes()
        result = self.call(tool, arguments)
        assert result.is_error
        assert self.path.read_bytes() == before
        (content,) = result.content
        assert isinstance(content, TextContent)
        return content.text

    def ledger(self) -> list[LedgerRow]:
        return read_ledger(self.path)

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(f"{self.path.as_uri()}?mode=ro", uri=True)) as db:
            return db.execute(sql, values).fetchall()

    def value(self, sql: str, *values: object) -> Any:
        return self.rows(sql, *values)[0][0]


def dump(path: Path) -> str:
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as db:
        return "\n".join(db.iterdump())


def parameters(path: Path, *options: str, **environment: str) -> StdioServerParameters:
    return StdioServerParameters(
        command=sys.executable,
        args=["-m", "agents.demo.crm", "--database", str(path), "--today", TODAY, *options],
        cwd=ROOT,
        env={"PATH": os.environ.get("PATH", ""), **environment},
    )


@contextmanager
def running(path: Path, **environment: str) -> Iterator[Crm]:
    with start_blocking_portal() as portal:
        target = Client(parameters(path, **environment))
        with portal.wrap_async_context_manager(target) as client:
            yield Crm(path=path, client=client, portal=portal)
