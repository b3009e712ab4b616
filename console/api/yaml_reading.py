"""YAML from outside → plain values, refusing what grows beyond its text and keys that come twice. Pure."""

from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent, Event, MappingStartEvent, ScalarEvent

LARGEST = 100_000
"""Values, with every alias written out: a small text of nested aliases can stand for billions."""
DEEPEST = 64
MERGE = "<<"


class BadYaml(ValueError):
    """The text of the exception is one sentence."""


def read(text: str) -> Any:
    """Raises BadYaml. Safe to call on anything, but slow on megabytes: use a thread."""
    try:
        _Survey().make(text)
        return yaml.load(text, Loader=yaml.CSafeLoader)
    except BadYaml:
        raise
    except yaml.YAMLError as error:
        raise BadYaml(f"This is not YAML: {' '.join(str(error).split())[:300]}.") from None
    except ValueError as error:  # 2026-02-30, or a number of 5,000 digits
        raise BadYaml(f"A value cannot be read: {error}.") from None


@dataclass(slots=True)
class _Open:
    """A list or mapping whose end has not come yet."""

    anchor: str | None
    before: int
    """Values that came before it."""
    is_mapping: bool
    children: int = 0
    keys: set[str] = field(default_factory=set)


class _Survey:
    """What the text stands for, from its events alone. Building it comes after: libyaml recurses then, and crashes."""

    def __init__(self) -> None:
        self.open: list[_Open] = []
        self.sizes: dict[str, int] = {}
        self.count = 0

    def make(self, text: str) -> None:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            self._see(event)
            if self.count > LARGEST:
                raise BadYaml(f"It stands for more than {LARGEST:,} values; use fewer aliases.")
            if len(self.open) > DEEPEST:
                raise BadYaml(f"It is nested deeper than {DEEPEST} levels.")

    def _see(self, event: Event) -> None:
        if isinstance(event, AliasEvent):
            self._child(None, event)
            if event.anchor not in self.sizes:
                raise BadYaml(f"The alias *{event.anchor} stands for nothing that came before it.")
            self.count += self.sizes[event.anchor]
        elif isinstance(event, CollectionStartEvent):
            self._child(None, event)
            self.open.append(_Open(event.anchor, self.count, isinstance(event, MappingStartEvent)))
            self.count += 1
        elif isinstance(event, ScalarEvent):
            self._child(event.value, event)
            self.count += 1
            self._note(event.anchor, 1)
        elif isinstance(event, CollectionEndEvent):
            closed = self.open.pop()
            self._note(closed.anchor, self.count - closed.before)

    def _child(self, text: str | None, event: Event) -> None:
        """Every other child of a mapping is a key."""
        if not self.open:
            return
        parent = self.open[-1]
        if parent.is_mapping and parent.children % 2 == 0 and text is not None and text != MERGE:
            if text in parent.keys:
                line = event.start_mark.line + 1 if event.start_mark else "?"
                raise BadYaml(f"The key {text[:100]!r} comes twice in one mapping, in line {line}.")
            parent.keys.add(text)
        parent.children += 1

    def _note(self, anchor: str | None, size: int) -> None:
        if anchor is not None:
            self.sizes[anchor] = size
