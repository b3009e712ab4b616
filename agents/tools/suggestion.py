"""Suggests a risk for a tool from its annotations and its name. Pure; only ever a hint: the admin's word decides."""

import re

from store.events import Risk

from .definition import ToolDefinition


def _words_of(text: str) -> frozenset[str]:
    return frozenset(text.split())


ANYTHING = _words_of("batch bash command eval exec execute invoke manage proxy query request run script shell sql")
DESTRUCTIVE = _words_of(
    "archive ban cancel clear close deactivate delete destroy disable drop empty erase expire forget kill overwrite "
    "purge refund remove reset revoke terminate trash truncate uninstall unpublish wipe"
)
WRITING = _words_of(
    "accept add append apply approve assign attach book buy change charge commit copy create deploy disburse edit enable "
    "fork grant import insert invite issue merge modify move patch pay post publish push put reassign register rename "
    "replace reply reopen restore save schedule send set start store submit tag transfer trigger update upload upsert "
    "write"
)
READING = _words_of(
    "check compare count describe download estimate export fetch find get list look lookup preview read search show "
    "status summarize validate view"
)
NOUNS_TOO = _words_of(
    "archive book charge command copy issue patch post query refund request reply script tag transfer"
)
"""Verbs only where they come first: `get_refund` and `list_requests` read."""
ADDRESSES = _words_of("callback endpoint href uri url webhook")


def suggest_risk(definition: ToolDefinition) -> tuple[Risk, str]:
    """The risk, and in words what speaks for it."""
    words = _words(definition.name)
    hints = definition.annotations
    said_read, said_destructive = (hints.get("readOnlyHint"), hints.get("destructiveHint"))
    if word := _first(words, ANYTHING):
        return Risk.UNKNOWN, f"“{word}” can do whatever its arguments say."
    if word := _first(words, DESTRUCTIVE):
        but = ", although the server calls it read-only" if said_read is True else ""
        return Risk.DESTRUCTIVE, f"Its name says “{word}”{but}."
    if said_destructive is True and said_read is not True:
        return Risk.DESTRUCTIVE, "The server calls it destructive."
    if word := _first(words, WRITING):
        but = ", although the server calls it read-only" if said_read is True else ""
        return Risk.WRITE, f"Its name says “{word}”{but}."
    if said_read is False:
        return Risk.WRITE, "The server says that it changes things."
    return _reading(definition, words, said_read is True)


def _reading(definition: ToolDefinition, words: list[str], said: bool) -> tuple[Risk, str]:
    word = _first(words, READING)
    if not said and word is None:
        return Risk.UNKNOWN, "Neither its name nor the server says what it does."
    if address := _address(definition):
        return (Risk.UNKNOWN, f"It reads, but “{address}” lets the model choose where a request goes.")
    if said:
        return Risk.READ, "The server calls it read-only."
    return Risk.READ, f"Its name says “{word}”; the server says nothing."


def _words(name: str) -> list[str]:
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return re.findall(r"[a-z0-9]+", spaced.lower())


def _first(words: list[str], meant: frozenset[str]) -> str | None:
    for place, word in enumerate(words):
        if word in meant and (place == 0 or word not in NOUNS_TOO):
            return word
    return None


def _address(definition: ToolDefinition) -> str | None:
    properties = definition.input_schema.get("properties")
    names = properties if isinstance(properties, dict) else {}
    return next((name for name in names if ADDRESSES & set(_words(str(name)))), None)
