"""YAML as OpenAPI allows it, which is what JSON can say: no dates, no `yes` and `no`, no merging of keys. Pure.

Built from the parser's events, one after the other: the library's own composer calls itself for every level, and a
small file of nothing but brackets ends the process.
"""

import re
from typing import Any

import yaml

LEVELS_AT_MOST = 200
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)")
_FLOAT = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}


class NotPlain(ValueError):
    """YAML that says more than JSON could; the message is a sentence's end."""


def load(text: str) -> Any:
    """An alias is the same object again; nothing is copied. Raises NotPlain or yaml.YAMLError."""
    builder = _Builder()
    for event in yaml.parse(text, _LOADER):
        builder.take(event)
    return builder.root


class _Builder:
    def __init__(self) -> None:
        self.root: Any = None
        self._open: list[Any] = []
        self._keys: list[Any] = []
        """Beside each open mapping the key that waits for its value."""
        self._anchors: dict[str, Any] = {}

    def take(self, event: Any) -> None:
        match event:
            case yaml.ScalarEvent():
                self._add(_scalar(event), event.anchor)
            case yaml.MappingStartEvent():
                self._begin({}, event.anchor)
            case yaml.SequenceStartEvent():
                self._begin([], event.anchor)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self._open.pop()
                self._keys.pop()
            case yaml.AliasEvent():
                self._add(self._meant(event.anchor or ""), None)

    def _begin(self, container: Any, anchor: str | None) -> None:
        if len(self._open) >= LEVELS_AT_MOST:
            raise NotPlain(f"it is nested deeper than {LEVELS_AT_MOST} levels")
        self._add(container, anchor)
        self._open.append(container)
        self._keys.append(_NONE)

    def _add(self, value: Any, anchor: str | None) -> None:
        if anchor is not None:
            self._anchors[anchor] = value
        if not self._open:
            self.root = value
        elif isinstance(self._open[-1], list):
            self._open[-1].append(value)
        elif self._keys[-1] is _NONE:
            if isinstance(value, dict | list):
                raise NotPlain("one of its keys is not a text")
            self._keys[-1] = value
        else:
            self._open[-1][_text(self._keys[-1])] = value
            self._keys[-1] = _NONE

    def _meant(self, anchor: str) -> Any:
        if anchor not in self._anchors:
            raise NotPlain(f"it uses the alias *{anchor[:40]}, which it does not define")
        value = self._anchors[anchor]
        if any(value is one for one in self._open):
            raise NotPlain("it contains itself by an alias; $ref can say that")
        return value


_NONE: Any = object()


def _text(key: Any) -> str:
    return key if isinstance(key, str) else {True: "true", False: "false", None: "null"}.get(key, str(key))


def _scalar(event: Any) -> Any:
    text = str(event.value)
    if not event.implicit[0]:  # quoted, a block of text, or with a tag of its own
        return text
    low = text.lower()
    if low in _WORDS and text in (low, low.capitalize(), low.upper()):
        return _WORDS[low]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text
