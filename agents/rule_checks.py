"""What is odd about a policy's rules before anything is called: rules that can never match or never matter. Pure.

Only what is certain is said: a rule without a remark may still be pointless.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator
from fnmatch import fnmatchcase
from typing import Any

from agents.conditions import same
from agents.config import Condition, Policy, Rule, When
from agents.hours import UnknownZone, zone
from agents.policy import RELEASE_ORDER, VERIFY_ORDER
from agents.what_if import restricts
from store.events import Release, Verify

Tool = tuple[str, str]
"""Connector, and its own name for the tool."""
_PARTS = ("connector", "tool", "risk", "evidence", "agent", "hours", "session_cost_over_usd")


def problems(policy: Policy, known_tools: Collection[Tool], connectors: Collection[str] = ()) -> dict[int, list[str]]:
    """Index of a rule → sentences about it; rules that nothing is said about are not there.

    `connectors` are those that exist, also where none of their tools is known: about these nothing is said.
    """
    found = {
        index: [*_never(rule, known_tools, connectors), *_pointless(index, policy)]
        for index, rule in enumerate(policy.rules)
    }
    return {index: sentences for index, sentences in found.items() if sentences}


def hard_denies(policy: Policy) -> list[int]:
    """The rules that refuse a call outright: no person is asked, and no other rule can allow it."""
    return [index for index, rule in enumerate(policy.rules) if rule.release is Release.DENY]


# ── rules that can never match ────────────────────────────────────────────────────────────────────────────────────


def _never(rule: Rule, known_tools: Collection[Tool], connectors: Collection[str]) -> Iterator[str]:
    when = rule.when
    yield from _nowhere(when, known_tools, connectors)
    if when.hours is not None:
        if when.hours.start == when.hours.end:
            yield f"It never matches: the time begins and ends at {when.hours.start}."
        try:
            zone(when.hours.timezone)
        except UnknownZone as problem:
            yield f"Its time cannot be told: {problem}."
    by_path: dict[str, list[Condition]] = defaultdict(list)
    for condition in when.arguments:
        by_path[condition.path].append(condition)
    for path, conditions in by_path.items():
        for never in _contradictions(path, conditions):
            yield f"{_lead(rule, path, conditions)}: {never}."


def _nowhere(when: When, known_tools: Collection[Tool], connectors: Collection[str]) -> Iterator[str]:
    names = {connector for connector, _ in known_tools} | set(connectors)
    meant = {name for name in names if when.connector is None or fnmatchcase(name, when.connector)}
    if when.connector is not None and names and not meant:
        yield f"It never matches: there is no connector {when.connector}."
        return
    listed = {connector for connector, _ in known_tools}
    if when.tool is None or not meant & listed:
        return  # a connector that has not been listed may offer it
    if not any(connector in meant and fnmatchcase(tool, when.tool) for connector, tool in known_tools):
        of = f" of {when.connector}" if when.connector else ""
        silent = ", ".join(sorted(meant - listed))
        but = f" What {silent} offers is not known at the moment." if silent else ""
        yield f"It matches no tool{of} that is known: {when.tool}.{but}"


def _lead(rule: Rule, path: str, conditions: list[Condition]) -> str:
    """What restricts counts as matching where it cannot be told, so even nonsense then has an effect."""
    if not restricts(rule):
        return "It never matches"
    surely_there = any(one.op == "exists" and one.value in (None, True) for one in conditions)
    return f"It only matches where {path} {'cannot be read' if surely_there else 'is missing or cannot be read'}"


def _contradictions(path: str, conditions: list[Condition]) -> Iterator[str]:
    if any(one.op == "in" and isinstance(one.value, list | tuple) and not one.value for one in conditions):
        yield f"the list for {path} is empty"
    if "*" in path.split("/"):
        return  # each condition may hold for another element
    wanted = [one.value for one in conditions if one.op == "eq"]
    if wanted and not all(same(wanted[0], other) for other in wanted):
        yield f"{path} cannot be {_shown(wanted[0])} and something else at once"
    if _demands(conditions) and any(one.op == "exists" and one.value is False for one in conditions):
        yield f"{path} cannot be missing and have a value at once"
    low, high = _bounds(conditions)
    if low and high and (low[0] > high[0] or (low[0] == high[0] and (low[1] or high[1]))):
        yield f"{path} cannot be {_side(low, 'more')} and {_side(high, 'less')} at once"


def _demands(conditions: list[Condition]) -> bool:
    return any(one.op in ("eq", "in") or (one.op == "exists" and one.value in (None, True)) for one in conditions)


Bound = tuple[float, bool]
"""The number, and whether it is left out itself."""


def _bounds(conditions: list[Condition]) -> tuple[Bound | None, Bound | None]:
    """The highest lower and the lowest upper bound."""
    numbers = [one for one in conditions if _is_number(one.value)]
    low = [(one.value, one.op == "gt") for one in numbers if one.op in ("gt", "ge", "eq")]
    high = [(one.value, one.op == "lt") for one in numbers if one.op in ("lt", "le", "eq")]
    return max(low, default=None), min(high, key=lambda bound: (bound[0], not bound[1]), default=None)


def _side(bound: Bound, word: str) -> str:
    number, left_out = bound
    return f"{word} than {_shown(number)}" if left_out else f"{_shown(number)} or {word}"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value == value


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 40 else text[:39] + "…"


# ── rules without effect ──────────────────────────────────────────────────────────────────────────────────────────


def _pointless(index: int, policy: Policy) -> Iterator[str]:
    rule = policy.rules[index]
    if rule.verify is None and rule.release is None:
        yield "It changes nothing: it neither verifies nor releases anything."
        return
    for other_index, other in enumerate(policy.rules):
        if other_index == index or not _covers(other.when, rule.when) or not _overrules(other, rule):
            continue
        if _covers(rule.when, other.when) and _overrules(rule, other) and index < other_index:
            continue  # two of a kind: only the later one is remarked on
        yield f"It changes nothing: rule {other_index + 1} always matches too and is at least as strict."
        return


def _covers(wider: When, narrower: When) -> bool:
    """Whether every call of the one is a call of the other, as far as that is plain: it asks for less, or the same."""
    if any(_wants_more(getattr(wider, part), getattr(narrower, part), part) for part in _PARTS):
        return False
    return all(any(_same_condition(one, other) for other in narrower.arguments) for one in wider.arguments)


def _wants_more(wider: Any, narrower: Any, part: str) -> bool:
    if wider is None or wider == narrower:
        return False
    if narrower is None:
        return not (part in ("connector", "tool") and wider == "*")
    if part in ("connector", "tool", "agent"):
        plain = not any(sign in narrower for sign in "*?[")
        return not (wider == "*" or (plain and fnmatchcase(narrower, wider)))
    return not (part == "session_cost_over_usd" and wider <= narrower)


def _same_condition(one: Condition, other: Condition) -> bool:
    return one.path == other.path and one.op == other.op and same(one.value, other.value)


def _overrules(strict: Rule, rule: Rule) -> bool:
    """Whether everything `rule` says is said by the other at least as strictly.

    An approver it names counts even where another rule decides.
    """
    if rule.approver is not None and rule.approver != strict.approver:
        return False
    if strict.when.evidence is not None and _relaxes_only(rule, strict):
        return False  # a call without values has none that restricts, and all that relax
    return _at_least(strict.release, rule.release, RELEASE_ORDER) and _at_least(
        strict.verify, rule.verify, VERIFY_ORDER
    )


def _relaxes_only(rule: Rule, strict: Rule) -> bool:
    """Whether it allows, or wants no check, where the other restricts: these two look at evidence differently."""
    allows = rule.release is Release.ALLOW and strict.release is not Release.ALLOW
    return allows or (rule.verify is Verify.NONE and strict.verify is not Verify.NONE)


def _at_least(strict: Any, said: Any, order: tuple[Any, ...]) -> bool:
    return said is None or (strict is not None and order.index(strict) >= order.index(said))
