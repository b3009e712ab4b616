"""The configuration's complaints (`/models/3/api_base: …`) brought to the fields of a form, or into sentences. Pure."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

PROBLEM = re.compile(r"/(?P<plural>[a-z_]+)(?:/(?P<at>\d+))?(?:/(?P<path>[^:]*))?: (?P<words>.*)", re.DOTALL)
NAMES = (
    "Up to 64 letters (a to z), digits, spaces, dots, dashes and underscores, of which the first is a letter or digit"
)
PLAIN = (
    (re.compile(r"String should match pattern '\^\[A-Za-z0-9\].*"), NAMES),
    (re.compile(r"Input should be greater than or equal to"), "It has to be at least"),
    (re.compile(r"Input should be less than or equal to"), "It has to be at most"),
    (re.compile(r"Input should be greater than"), "It has to be more than"),
    (re.compile(r"Input should be a valid integer.*"), "A whole number is needed"),
    (re.compile(r"Input should be"), "It has to be"),
    (re.compile(r"Field required"), "This is needed"),
)
"""The validator's words, and ours."""
SINGULAR = {
    "models": "model",
    "connectors": "connector",
    "toolsets": "toolset",
    "policies": "policy",
    "agents": "agent",
    "schedules": "schedule",
    "standing_approvals": "standing approval",
    "settings": "settings",
}


def by_field(problems: Iterable[str], fields: Collection[str]) -> tuple[dict[str, str], list[str]]:
    """Field → what is wrong with it, and what belongs to none. A field is named `models/api_base`, without index."""
    found: dict[str, list[str]] = {}
    others: list[str] = []
    for problem in problems:
        parts = PROBLEM.fullmatch(problem)
        path = f"{parts['plural']}/{parts['path'] or ''}" if parts else ""
        fitting = [one for one in fields if path == one or path.startswith(f"{one}/")]
        if parts and fitting:
            found.setdefault(max(fitting, key=len), []).append(_sentence(parts["words"]))
        else:
            others.append(_sentence(parts["words"]) if parts else problem)
    return {one: " ".join(dict.fromkeys(words)) for one, words in found.items()}, list(dict.fromkeys(others))


def users(problems: Iterable[str], whole: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[str]:
    """Who would be left without it: each document that a refused deletion complained about, once."""
    named: dict[str, None] = {}
    for problem in problems:
        parts = PROBLEM.fullmatch(problem)
        if parts is None or parts["at"] is None:
            named[problem] = None
            continue
        documents = whole.get(parts["plural"], ())
        at = int(parts["at"])
        name = documents[at]["name"] if at < len(documents) else "?"
        named[f"{SINGULAR.get(parts['plural'], parts['plural'])} “{name}”"] = None
    return list(named)


def _sentence(words: str) -> str:
    words = words.strip()
    for jargon, plain in PLAIN:
        words = jargon.sub(plain, words)
    return words[:1].upper() + words[1:] + ("" if words.endswith((".", "?", "!")) else ".")
