"""What a version of a document changed, in a sentence; what uses a document; what stands in a rollback's way. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import quote

from agents.config import PLURAL
from store.configuration import Stored

from . import problems

Document = Mapping[str, Any]
Whole = Mapping[str, Mapping[str, Document]]
"""Kind → name → document, as it is now."""
WORDS = {
    "act": "acting models", "as": "new names", "api_base": "address", "api_key": "key", "args": "arguments",
    "env": "environment", "spec_text": "description", "text": "written policy", "models": "models",
    "halts": "emergency stops", "budget_usd_per_day": "budget per day", "agent_budgets_usd": "budgets of agents",
}  # fmt: skip
"""Keys of documents that would not read well."""
KINDS = {"standing_approval": "standing approval", "settings": "settings"}
PLACES = {"settings": "/settings", "standing_approval": "/policies"}
MOST = 4


def kind_words(kind: str) -> str:
    return KINDS.get(kind, kind)


def page_of(kind: str) -> str:
    """Where documents of this kind are edited, without their names."""
    return PLACES.get(kind, f"/{PLURAL[kind]}")


def address_of(kind: str, name: str) -> str:
    """The page of one document, without the base path of a proxy."""
    if kind == "settings":
        return page_of(kind)
    page = "/policies/standing" if kind == "standing_approval" else page_of(kind)
    return f"{page}/{quote(name, safe='')}"


def sentence(history: Sequence[Stored], at: int) -> str:
    """What the version at this place of the history did."""
    now = history[at].document
    before = history[at - 1].document if at else None
    if now is None:
        return "Deleted."
    if same := next((one for one in history[:at] if one.document == now), None):
        return f"As version {same.version} again."
    return "Made." if before is None else changed(before, now)


def changed(before: Document, now: Document) -> str:
    """The keys that differ; of lists of named things, how many came and went."""
    parts = [_part(key, before.get(key), now.get(key)) for key in {**before, **now} if before.get(key) != now.get(key)]
    if not parts:
        return "Only the order of its fields changed."
    more = f" and {len(parts) - MOST} more" if len(parts) > MOST else ""
    words = "; ".join(parts[:MOST]) + more
    return f"{words[:1].upper()}{words[1:]}."


def users(kind: str, name: str, whole: Whole) -> list[tuple[str, str]]:
    """(kind, name) of the documents that name this one."""
    found = {
        "model": lambda: _agents(whole, lambda one: name in _models(one)),
        "toolset": lambda: _agents(whole, lambda one: one.get("toolset") == name),
        "policy": lambda: _agents(whole, lambda one: one.get("policy") == name),
        "agent": lambda: _of_agent(name, whole),
        "connector": lambda: _of_connector(name, whole),
    }
    return list(found[kind]()) if kind in found else []


def agents_of(kind: str, name: str, whole: Whole) -> list[str]:
    """The agents whose sessions pin a version of it."""
    return [name] if kind == "agent" else [one for other, one in users(kind, name, whole) if other == "agent"]


def put_in(kind: str, document: Document, whole: Mapping[str, Sequence[Document]]) -> dict[str, list[Document]]:
    """The configuration with this document in it, in the order in which its mistakes are counted."""
    others = [one for one in whole.get(PLURAL[kind], ()) if one["name"] != document["name"]]
    return {**{plural: list(listed) for plural, listed in whole.items()}, PLURAL[kind]: [*others, document]}


def refusals(found: Iterable[str], whole: Mapping[str, Sequence[Document]]) -> list[str]:
    """The configuration's complaints, each as a sentence that names the document it is about."""
    return list(dict.fromkeys(_refusal(one, whole) for one in found))


def _refusal(problem: str, whole: Mapping[str, Sequence[Document]]) -> str:
    parts = problems.PROBLEM.fullmatch(problem)
    listed = whole.get(parts["plural"], ()) if parts else ()
    if parts is None or parts["at"] is None or int(parts["at"]) >= len(listed):
        return problem
    kind = next((kind for kind, plural in PLURAL.items() if plural == parts["plural"]), parts["plural"])
    where = f", {parts['path'].replace('/', ' ')}" if parts["path"] else ""
    return f"{kind_words(kind).capitalize()} “{listed[int(parts['at'])]['name']}”{where}: {parts['words']}."


def _part(key: str, before: Any, now: Any) -> str:
    words = WORDS.get(key, key.replace("_", " "))
    if before is None:
        return f"{words} added"
    if now is None:
        return f"{words} taken out"
    if isinstance(before, list) and isinstance(now, list):
        return _listed(words, before, now)
    if isinstance(before, str | int | float | bool) and isinstance(now, str | int | float | bool):
        short = all(len(str(one)) <= 24 and "\n" not in str(one) for one in (before, now))
        return f"{words} from {_value(before)} to {_value(now)}" if short else f"{words} changed"
    return f"{words} changed"


def _listed(words: str, before: list[Any], now: list[Any]) -> str:
    came = sum(one not in before for one in now)
    went = sum(one not in now for one in before)
    if not came and not went:
        return f"{words} in another order"
    altered = min(came, went)
    told = ((came - altered, "added"), (went - altered, "taken out"), (altered, "changed"))
    return f"{words}: " + ", ".join(f"{count} {what}" for count, what in told if count)


def _value(one: Any) -> str:
    return {True: "on", False: "off"}[one] if isinstance(one, bool) else str(one) or "nothing"


def _models(agent: Document) -> set[str]:
    chains = dict(agent.get("models") or {}).values()
    return {name for chain in chains for name in (chain if isinstance(chain, list) else [chain])}


def _agents(whole: Whole, uses: Any) -> Iterator[tuple[str, str]]:
    yield from (("agent", name) for name, one in whole.get("agent", {}).items() if uses(one))


def _of_agent(name: str, whole: Whole) -> Iterator[tuple[str, str]]:
    yield from (("schedule", other) for other, one in whole.get("schedule", {}).items() if one.get("agent") == name)
    yield from _agents(whole, lambda one: dict(one.get("fallback") or {}).get("agent") == name)
    yield from _policies(whole, lambda when: _speaks_of(when.get("agent"), name))
    yield from _standing(whole, "agent", name)
    settings = whole.get("settings", {}).items()
    yield from (("settings", desk) for desk, one in settings if name in dict(one.get("agent_budgets_usd") or {}))


def _of_connector(name: str, whole: Whole) -> Iterator[tuple[str, str]]:
    for other, one in whole.get("toolset", {}).items():
        if any(entry.get("connector") == name for entry in one.get("tools") or ()):
            yield "toolset", other
    yield from _policies(whole, lambda when: when.get("connector") == name)
    yield from _standing(whole, "connector", name)


def _policies(whole: Whole, uses: Callable[[Document], bool]) -> Iterator[tuple[str, str]]:
    for other, one in whole.get("policy", {}).items():
        if any(uses(dict(rule.get("when") or {})) for rule in one.get("rules") or ()):
            yield "policy", other


def _standing(whole: Whole, key: str, name: str) -> Iterator[tuple[str, str]]:
    named = whole.get("standing_approval", {}).items()
    yield from (("standing_approval", other) for other, one in named if one.get(key) == name)


def _speaks_of(glob: str | None, name: str) -> bool:
    """One that fits every name speaks of none in particular."""
    return glob is not None and glob.strip("*") != "" and fnmatchcase(name, glob)
