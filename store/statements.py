"""Prepared statements written from the tables, with `:name` parameters. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import SQLModel


def table_of(model: type[SQLModel]) -> sa.Table:
    return SQLModel.metadata.tables[str(model.__tablename__)]


def insert(model: type[SQLModel], *, leave_existing: bool = False) -> str:
    names = table_of(model).columns.keys()
    values = ", ".join(f":{name}" for name in names)
    ending = " ON CONFLICT DO NOTHING" if leave_existing else ""
    return f"INSERT INTO {table_of(model).name} ({_listed(names)}) VALUES ({values}){ending}"


class InsertMany:
    """One statement for several rows: with every step SQLite lets go of the interpreter, and has to get it back."""

    def __init__(self, model: type[SQLModel], *, leave_existing: bool = False) -> None:
        self.names = tuple(column.name for column in table_of(model).columns)
        self._start = f"INSERT INTO {table_of(model).name} ({_listed(list(self.names))}) VALUES "
        self._ending = " ON CONFLICT DO NOTHING" if leave_existing else ""
        self._texts: dict[int, str] = {}

    def text(self, count: int) -> str:
        if count not in self._texts:
            row = f"({', '.join('?' * len(self.names))})"
            self._texts[count] = self._start + ", ".join([row] * count) + self._ending
        return self._texts[count]

    def values(self, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
        return [row[name] for row in rows for name in self.names]


def update(model: type[SQLModel], *, fixed: tuple[str, ...] = ()) -> str:
    """Sets every column except the key and the fixed ones, which also spares their indexes."""
    table = table_of(model)
    keys = table.primary_key.columns.keys()
    changing = [name for column in table.columns if (name := column.name) not in (*keys, *fixed)]
    return (
        f"UPDATE {table.name} SET {', '.join(f'{_quoted(name)} = :{name}' for name in changing)} "
        f"WHERE {' AND '.join(f'{_quoted(name)} = :{name}' for name in keys)}"
    )


def select(model: type[SQLModel], where: str) -> str:
    return f"SELECT {_listed(table_of(model).columns.keys())} FROM {table_of(model).name} WHERE {where}"


def _listed(names: list[str]) -> str:
    return ", ".join(map(_quoted, names))


def _quoted(name: str) -> str:
    return f'"{name}"'
