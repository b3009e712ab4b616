"""Whether the `when` of a policy rule holds for a call: yes, no, or it cannot be told. Pure."""

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any

from agents import evidence, patterns, pointer
from agents.circumstances import UNKNOWN, Circumstances
from agents.config import Condition, Hours, When
from agents.hours import UnknownZone, within
from agents.pointer import MISSING
from store.events import Evidence, Risk

Truth = bool | None
"""None: it cannot be told."""
Why = Callable[[], str]
"""Put into words only when somebody asks: most rules are tried and few are explained."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """The call a rule is asked about; `tool` is the connector's own name."""

    connector: str
    tool: str
    risk: Risk
    arguments: dict[str, Any]
    evidence: tuple[Evidence, ...] | None = None
    """Of every scalar leaf; None where nobody has looked."""
    circumstances: Circumstances = UNKNOWN
    definition_hash: str | None = None
    """Of the tool as it is offered; None where nobody knows it."""


class _CannotTell(ValueError):
    """Says in a few words why a condition cannot be evaluated."""


def holds(when: When, call: Call, *, every: bool) -> tuple[Truth, Why]:
    """All parts together. `every`: under `*` all elements must satisfy a condition, otherwise one is enough."""
    doubt: tuple[Truth, Why] | None = None
    reasons: list[Why] = []
    for truth, why in _parts(when, call, every):
        if truth is False:
            return truth, why
        if truth is None and doubt is None:
            doubt = truth, why
        reasons.append(why)
    return doubt or (True, lambda: "; ".join(why() for why in reasons) or "it is about every call")


def _parts(when: When, call: Call, every: bool) -> Iterator[tuple[Truth, Why]]:
    """One after the other: what comes after the first that does not hold need not be looked at."""
    yield from _about_the_tool(when, call)
    yield from _around(when, call.circumstances)
    for condition in when.arguments:
        yield _argument(condition, call.arguments, every)
    if when.evidence is not None:
        yield _evidence(when.evidence, call.evidence, every)


def _about_the_tool(when: When, call: Call) -> Iterable[tuple[Truth, Why]]:
    if when.connector is not None:
        yield _named("connector", call.connector, when.connector)
    if when.tool is not None:
        yield _named("tool", call.tool, when.tool)
    if when.risk is not None:
        same = call.risk == when.risk
        yield same, lambda: f"its risk is {call.risk}" + ("" if same else f", not {when.risk}")


def _around(when: When, around: Circumstances) -> Iterable[tuple[Truth, Why]]:
    if when.agent is not None:
        yield (
            (None, lambda: "nobody knows which agent calls")
            if around.agent is None
            else _named("agent", around.agent, when.agent)
        )
    if when.hours is not None:
        yield _hours(when.hours, around.at)
    if (limit := when.session_cost_over_usd) is not None:
        yield _cost(limit, around.session_cost_usd)


def _hours(hours: Hours, at: datetime | None) -> tuple[Truth, Why]:
    if at is None:
        return None, lambda: "nobody knows when it is"
    try:
        inside = within(hours, at)
    except UnknownZone as error:
        problem = str(error)
        return None, lambda: f"the time cannot be told: {problem}"
    words = f"{hours.start} to {hours.end} ({hours.timezone})"
    return inside, lambda: f"it is {'' if inside else 'not '}within {words}"


def _cost(limit: float, cost: float | None) -> tuple[Truth, Why]:
    if cost is None or not math.isfinite(cost):
        return None, lambda: "what the session has cost is unknown"
    over = cost > limit
    return over, lambda: f"the session has cost ${cost:.2f}, which is {'' if over else 'not '}more than ${limit:g}"


def _named(what: str, name: str, glob: str) -> tuple[Truth, Why]:
    matches = fnmatchcase(name, glob)
    return matches, lambda: f"the {what} {name} {'is' if matches else 'is not'} {glob}"


def _evidence(wanted: str, found: tuple[Evidence, ...] | None, every: bool) -> tuple[Truth, Why]:
    """Restrictive rules hold if any value has this evidence, lax ones only if all have."""
    if found is None:
        return None, lambda: "nobody has looked where its values come from"
    having = [one.path for one in found if evidence.matches((one,), wanted)]
    if every:
        return len(having) == len(found), lambda: f"{len(having)} of {len(found)} values are of evidence {wanted}"
    named = ", ".join(having[:3]) or "no value"
    return bool(having), lambda: f"{named} is of evidence {wanted}"


def _argument(condition: Condition, arguments: dict[str, Any], every: bool) -> tuple[Truth, Why]:
    try:
        found = _values(arguments, condition.path)
    except ValueError:
        return None, lambda: f"{condition.path} is not a JSON Pointer"
    results = [_satisfies(value, condition) for value in found]
    order = (False, None, True) if every else (True, None, False)
    return min(results, key=lambda result: order.index(result[0]))


def _values(arguments: dict[str, Any], path: str) -> list[Any]:
    """What stands at the path, once per element under `*`; MISSING where nothing does."""
    values: list[Any] = [arguments]
    for step in _steps(path):
        values = [inner for value in values for inner in _below(value, step)]
    return values


_steps = lru_cache(maxsize=1_000)(pointer.split)
"""The same few paths are asked about in every call."""


def _below(value: Any, step: str) -> list[Any]:
    if step != "*":
        return [pointer.child(value, step)]
    elements = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    return elements or [MISSING]


# ── one condition on one value ────────────────────────────────────────────────────────────────────────────────────


def _satisfies(value: Any, condition: Condition) -> tuple[Truth, Why]:
    try:
        truth = _exists(value, condition.value) if condition.op == "exists" else _compare(value, condition)
    except (_CannotTell, patterns.CannotSearch) as error:
        problem = str(error)
        return None, lambda: f"{condition.path} cannot be tested: {problem}"
    return truth, lambda: f"{condition.path} is {_shown(value)}, which {_IS[truth]} {_words(condition)}"


_IS = {True: "fits", False: "does not fit"}


def _words(condition: Condition) -> str:
    value = True if condition.op == "exists" and condition.value is None else condition.value
    return f"{condition.op} {_shown(value)}"


def _shown(value: Any) -> str:
    text = "missing" if value is MISSING else repr(value)
    return text if len(text) <= 60 else text[:59] + "…"


def _exists(value: Any, wanted: Any) -> bool:
    if wanted is not None and not isinstance(wanted, bool):
        raise _CannotTell("exists needs true or false")
    return (value is not MISSING) == (wanted is not False)


def _compare(value: Any, condition: Condition) -> bool:
    if value is MISSING:
        raise _CannotTell("it is missing")
    return _OPERATIONS[condition.op](value, condition.value)


def same(one: Any, other: Any) -> bool:
    """Equal as JSON: 50 and 50.0 are, 1 and true are not, whatever stands inside what."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


def _numbers(value: Any, wanted: Any) -> tuple[Any, Any]:
    """Texts are not compared by size: "100" stands before "50"."""
    for number in (value, wanted):
        if isinstance(number, bool) or not isinstance(number, int | float) or math.isnan(number):
            raise _CannotTell("only numbers can be compared by size")
    return value, wanted


def _texts(value: Any, wanted: Any) -> tuple[str, str]:
    if not isinstance(value, str) or not isinstance(wanted, str):
        raise _CannotTell("both sides must be text")
    return value, wanted


def _less(value: Any, wanted: Any) -> bool:
    number, limit = _numbers(value, wanted)
    return bool(number < limit)


def _less_or_equal(value: Any, wanted: Any) -> bool:
    number, limit = _numbers(value, wanted)
    return bool(number <= limit)


def _one_of(value: Any, wanted: Any) -> bool:
    if not isinstance(wanted, list | tuple):
        raise _CannotTell("the rule must give a list")
    return any(same(value, one) for one in wanted)


def _matches(value: Any, wanted: Any) -> bool:
    text, pattern = _texts(value, wanted)
    return patterns.found(pattern, text)


def _starts(value: Any, wanted: Any) -> bool:
    text, start = _texts(value, wanted)
    return text.startswith(start)


def _ends(value: Any, wanted: Any) -> bool:
    text, end = _texts(value, wanted)
    return text.endswith(end)


def _contains(value: Any, wanted: Any) -> bool:
    if isinstance(value, list):
        return any(same(one, wanted) for one in value)
    text, part = _texts(value, wanted)
    return part in text


_OPERATIONS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": same,
    "ne": lambda value, wanted: not same(value, wanted),
    "lt": _less,
    "le": _less_or_equal,
    "gt": lambda value, wanted: _less(wanted, value),
    "ge": lambda value, wanted: _less_or_equal(wanted, value),
    "in": _one_of,
    "not_in": lambda value, wanted: not _one_of(value, wanted),
    "matches": _matches,
    "starts_with": _starts,
    "ends_with": _ends,
    "contains": _contains,
}
