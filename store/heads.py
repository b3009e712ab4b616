"""The newest row of each busy session, kept in memory so that an append reads nothing. Writer thread only.

What a batch changes is visible within the batch at once, and to later ones only if it was committed.
"""

from collections import OrderedDict

import sqlalchemy as sa

from .database import run
from .session_rows import Row
from .statements import select, table_of
from .tables import SessionRow

KEPT = 10_000
_COLUMNS = tuple(table_of(SessionRow).columns.keys())
SELECT_SESSION = select(SessionRow, "id = :id")


class Heads:
    def __init__(self) -> None:
        self._committed: OrderedDict[str, Row] = OrderedDict()
        self._batch: dict[str, Row] = {}

    def get(self, connection: sa.Connection, session_id: str) -> Row | None:
        """The session's row as of now in this transaction; not to be changed. None: no such session."""
        row = self._batch.get(session_id) or self._committed.get(session_id)
        if row is None:
            found = run(connection, SELECT_SESSION, {"id": session_id}).fetchone()
            row = None if found is None else dict(zip(_COLUMNS, found, strict=True))
        return row

    def put(self, session_id: str, row: Row) -> None:
        self._batch[session_id] = row

    def settle(self, committed: bool) -> None:
        """After each batch. A failed commit leaves open what the file holds, so everything is read again."""
        if not committed:
            self._committed.clear()
        for session_id, row in self._batch.items() if committed else ():
            self._committed[session_id] = row
            self._committed.move_to_end(session_id)
        self._batch.clear()
        while len(self._committed) > KEPT:
            self._committed.popitem(last=False)
