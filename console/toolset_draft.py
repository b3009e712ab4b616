"""A toolset while it is being curated: picks, words and limits of each tool. Pure."""

from collections.abc import Mapping
from typing import Any

Entry = dict[str, Any]
Document = dict[str, Any]


def key_of(entry: Mapping[str, Any]) -> str:
    return f"{entry['connector']}/{entry['tool']}"


def entries_of(document: Mapping[str, Any]) -> dict[str, Entry]:
    return {key_of(one): dict(one) for one in document.get("tools", ())}


class Draft:
    """What is picked, in order; what was said of a tool that is not picked any more is kept until the page is left."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = dict(document)
        self.said = entries_of(document)
        self.picked = list(self.said)
        self.over_limit_because: str | None = document.get("over_limit_because")

    def pick(self, picks: Mapping[str, str]) -> None:
        """`connector/tool` → risk: exactly these are picked now."""
        kept = [key for key in self.picked if key in picks]
        self.picked = [*kept, *(key for key in picks if key not in kept)]
        for key, risk in picks.items():
            entry = self.entry(key)
            if entry.get("risk", "unknown") != risk:
                self.said[key] = {**entry, "risk": risk}
        self._untangle()

    def _untangle(self) -> None:
        """A tool whose name is taken by another system's is offered under its system's name too."""
        names: set[str] = set()
        for key in self.picked:
            entry = self.entry(key)
            name = entry.get("as") or entry["tool"]
            if name in names and not entry.get("as"):
                connector = "".join(one if one.isalnum() else "_" for one in entry["connector"])
                name = f"{connector}_{name}"
                self.said[key] = {**entry, "as": name}
            names.add(name)

    def entry(self, key: str) -> Entry:
        if key not in self.said:
            connector, _, tool = key.partition("/")
            self.said[key] = {"connector": connector, "tool": tool}
        return self.said[key]

    def say(self, key: str, field: str, value: Any) -> None:
        """Nothing (None, empty, False) takes the field away: the default holds."""
        entry = {name: old for name, old in self.entry(key).items() if name != field}
        self.said[key] = {**entry, field: value} if value not in (None, "", (), [], {}, False) else entry

    def whole(self, name: str) -> Document:
        document = {**self.document, "name": name, "tools": [self.entry(key) for key in self.picked]}
        document.pop("over_limit_because", None)
        if self.over_limit_because:
            document["over_limit_because"] = self.over_limit_because
        return document

    @property
    def is_changed(self) -> bool:
        return self.whole(self.document.get("name", "")) != {"name": "", "tools": [], **self.document}
