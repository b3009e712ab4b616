"""What the form for an agent means as documents: agent, toolset and policy, changed only where touched. Pure."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

Document = dict[str, Any]

WHOLE = ("inputs", "output_schema")
"""JSON schemas: replaced as a whole, for what a schema no longer says must not come back from the stored one."""
LONGEST_NAME = 64
DEFAULT_POLICY = "Reads run. Everything else waits for a person."


def name_for(agent: str, what: str, taken: Collection[str]) -> str:
    """`Refund clerk tools`; numbered when something else is called that."""
    stem = f"{agent[: LONGEST_NAME - len(what) - 5].rstrip()} {what}"
    names = [stem, *(f"{stem} {number}" for number in range(2, len(taken) + 3))]
    return next(name for name in names if name not in taken)


def toolset(stored: Mapping[str, Any], name: str, picks: Mapping[str, str]) -> Document:
    """The toolset with these tools (`connector/tool` → risk); entries that stay keep all else they say."""
    kept = [_judged(one, picks[key]) for one in stored.get("tools", ()) if (key := _key(one)) in picks]
    there = {_key(one) for one in kept}
    offered = {one.get("as") or one["tool"] for one in kept}
    for key, risk in picks.items():
        if key not in there:
            kept.append(_entry(key, risk, offered))
    return {**stored, "name": name, "tools": kept}


def picked(toolset: Mapping[str, Any]) -> dict[str, str]:
    """What a toolset picks, as `connector/tool` → risk."""
    return {_key(one): one.get("risk", "unknown") for one in toolset.get("tools", ())}


def picks(opened: Mapping[str, str], mine: Mapping[str, str], theirs: Mapping[str, str]) -> dict[str, str]:
    """What was ticked, unticked or judged here, on top of what the toolset picks by now."""
    unticked = opened.keys() - mine.keys()
    ticked = {key: risk for key, risk in mine.items() if opened.get(key) != risk}
    stays = {key: risk for key, risk in theirs.items() if key not in unticked}
    return stays | ticked


def _key(entry: Mapping[str, Any]) -> str:
    return f"{entry['connector']}/{entry['tool']}"


def _judged(entry: Mapping[str, Any], risk: str) -> Document:
    return dict(entry) if entry.get("risk", "unknown") == risk else {**entry, "risk": risk}


def _entry(key: str, risk: str, offered: set[str]) -> Document:
    """A tool whose name is taken by another system's is offered under its system's name too."""
    connector, _, tool = key.partition("/")
    entry: Document = {"connector": connector, "tool": tool, "risk": risk}
    if tool in offered:
        entry["as"] = f"{''.join(letter if letter.isalnum() else '_' for letter in connector)}_{tool}"
    offered.add(entry.get("as") or tool)
    return entry


def agent(stored: Mapping[str, Any], shown: Mapping[str, Any], values: Mapping[str, Any]) -> Document:
    """The agent with what differs from what the form showed at first; None takes a key away, the rest stays."""
    document: Document = dict(stored)
    for key, value in values.items():
        if value == shown.get(key):
            continue
        if isinstance(value, Mapping) and key not in WHOLE:
            document[key] = _merged(document.get(key) or {}, shown.get(key) or {}, value)
        else:
            document[key] = value
    return {key: value for key, value in document.items() if value is not None}


def _merged(stored: Mapping[str, Any], shown: Mapping[str, Any], values: Mapping[str, Any]) -> Document:
    changed = {key: value for key, value in values.items() if value != shown.get(key)}
    return {key: value for key, value in {**stored, **changed}.items() if value is not None}


def policy(name: str) -> Document:
    """No rules: the defaults by risk apply."""
    return {"name": name, "text": DEFAULT_POLICY, "rules": []}


def fresh_scenario() -> Document:
    return {"given": "", "expect": "", "title": ""}


def scenario_rows(stored: Iterable[Mapping[str, Any]]) -> list[Document]:
    return [fresh_scenario() | {key: value for key, value in one.items() if value is not None} for one in stored]


def scenarios(rows: Iterable[Mapping[str, Any]]) -> list[Document]:
    """Rows of which nothing is filled in count as none."""
    found = []
    for row in rows:
        given, expect, title = (str(row[key] or "").strip() for key in ("given", "expect", "title"))
        if given:
            found.append({"given": given, "expect": expect, **({"title": title} if title else {})})
    return found


def fresh_stage() -> Document:
    return {"stage": "", "goal": "", "tools": None, "done_when": "", "critical": False}


def stage_rows(stored: Iterable[Mapping[str, Any]]) -> list[Document]:
    return [fresh_stage() | {key: value for key, value in one.items() if value is not None} for one in stored]


def stages(rows: Iterable[Mapping[str, Any]]) -> list[Document]:
    """`tools` None offers them all, and an empty list none: that one only comes from the stored document."""
    found = []
    for row in rows:
        stage: Document = {"stage": str(row["stage"] or "").strip(), "goal": str(row["goal"] or "").strip()}
        if row["tools"] is not None:
            stage["tools"] = list(row["tools"])
        if done_when := str(row["done_when"] or "").strip():
            stage["done_when"] = done_when
        found.append({**stage, "critical": True} if row["critical"] else stage)
    return found
