"""How a plain function becomes one of the CRM's MCP tools, and how each call of it is carried out."""

import inspect
import os
import sqlite3
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import anyio
import anyio.to_thread
from mcp.types import ToolAnnotations

from agents.demo.crm import ledger, schema
from agents.demo.crm.desk import Desk, Refusal

READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
ADDS = ToolAnnotations(read_only_hint=False, destructive_hint=False, idempotent_hint=False, open_world_hint=False)
REPLACES = ToolAnnotations(read_only_hint=False, destructive_hint=False, idempotent_hint=True, open_world_hint=False)
DESTROYS = ToolAnnotations(read_only_hint=False, destructive_hint=True, idempotent_hint=False, open_world_hint=False)
SENDS = ToolAnnotations(read_only_hint=False, destructive_hint=False, idempotent_hint=False, open_world_hint=True)

Function = Callable[..., Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """What the CRM offers; `changes` is the truth, `annotations` are only what it claims."""

    function: Function
    changes: bool
    annotations: ToolAnnotations | None

    @property
    def name(self) -> str:
        return self.function.__name__


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """Where the database is, what day it is, and the faults that tests ask for in the environment."""

    path: Path
    fixed_today: date | None = None
    delay_seconds: float = 0
    hanging_tool: str = ""
    mute_tool: str = ""

    @classmethod
    def from_environment(cls, path: Path, fixed_today: date | None) -> "Shop":
        return cls(
            path=path,
            fixed_today=fixed_today,
            delay_seconds=float(os.environ.get("QUARTERDECK_CRM_DELAY_MS", "0")) / 1000,
            hanging_tool=os.environ.get("QUARTERDECK_CRM_HANG_TOOL", ""),
            mute_tool=os.environ.get("QUARTERDECK_CRM_MUTE_TOOL", ""),
        )


def reads(claim: ToolAnnotations | None = READS) -> Callable[[Function], Tool]:
    return lambda function: Tool(function=function, changes=False, annotations=claim)


def changes(claim: ToolAnnotations | None) -> Callable[[Function], Tool]:
    return lambda function: Tool(function=function, changes=True, annotations=claim)


def tools_in(module: ModuleType) -> list[Tool]:
    """In the order in which the module defines them."""
    return [value for value in vars(module).values() if isinstance(value, Tool)]


def callable_for(tool: Tool, shop: Shop) -> Callable[..., Awaitable[Any]]:
    """The tool's function as the SDK wants it: asynchronous and without the desk among its parameters."""

    async def call(**arguments: Any) -> Any:
        if tool.name == shop.hanging_tool:
            await anyio.sleep_forever()
        answer = await anyio.to_thread.run_sync(carry_out, tool, shop, arguments)
        if tool.name == shop.mute_tool:
            await anyio.sleep_forever()  # the change is in the file, the caller never hears of it
        return answer

    signature = inspect.signature(tool.function)
    _desk, *parameters = signature.parameters.values()
    call.__name__, call.__doc__ = tool.name, inspect.getdoc(tool.function)
    call.__annotations__ = {p.name: p.annotation for p in parameters} | {"return": signature.return_annotation}
    call.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]  # inspect reads it
    return call


def carry_out(tool: Tool, shop: Shop, arguments: dict[str, Any]) -> Any:
    """A change and its ledger row are one transaction; closing an uncommitted connection rolls it back."""
    with closing(schema.connect(shop.path)) as db:
        desk = Desk(db=db, today=shop.fixed_today or date.today())
        db.execute("begin immediate" if tool.changes else "pragma query_only = on")
        try:
            answer = tool.function(desk, **arguments)
        except OverflowError as error:
            raise Refusal("A number is too large.") from error
        except sqlite3.IntegrityError as error:
            raise Refusal(f"The database does not allow that: {error}.") from error
        if tool.changes:
            ledger.write_row(db, tool.name, arguments, desk.effect)
            time.sleep(shop.delay_seconds)
            db.execute("commit")
        return answer
