"""“Find or do”, on every page: goes to pages, documents and sessions by a few letters."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from nicegui.element import Element

from store.people import Role

from .. import version_words
from ..desk import Desk
from ..security import allowed

Place = tuple[str, str, str]
"""Words, what sort of thing it is, and its path."""
KINDS = ("agent", "toolset", "connector", "policy", "model", "schedule")
SESSIONS = 8


class Palette(Element, component="palette.js"):
    def __init__(self, desk: Desk, places: Sequence[Place], base: str) -> None:
        super().__init__()
        self._desk = desk
        self._base = base
        self._props["places"] = [self._item(*one) for one in places]
        self.on("search", lambda event: self._search(str(event.args or "")))

    async def _search(self, words: str) -> None:
        """Read anew each time: it is opened seldom, and what is there, and who may read it, may have changed."""
        if await allowed(self._desk, Role.VIEWER, "find something") is None:
            return
        page = await self._desk.queries.sessions(q=words[:200] or None, limit=SESSIONS)
        sessions = [
            {**self._item(one["title"] or one["id"], "Session", f"/sessions/{one['id']}"), "id": f"{one['id']} {words}"}
            for one in page.items
        ]
        self.run_method("found", words, self._documents(), sessions)

    def _documents(self) -> list[dict[str, Any]]:
        administration = self._desk.runtime.administration
        return [
            self._item(name, kind.capitalize(), f"{version_words.page_of(kind)}/{quote(name, safe='')}")
            for kind in KINDS
            for name in administration.documents(kind)
        ]

    def _item(self, words: str, sort: str, path: str) -> dict[str, Any]:
        return {"words": words, "sort": sort, "href": f"{self._base}{path}"}
