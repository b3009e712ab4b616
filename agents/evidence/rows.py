"""Which records of the tools' results the user means, which are somebody else's, and which a call mixes up. Pure.

A record scores for each of its fields that the user mentions, more the fewer records of its shape share that value.
Records that name a meant record's number are meant too. The newest turn that means any record of a shape decides.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from typing import Any, Literal

from .forms import WORD, Key, fold, keys_in
from .index import FIELD, Index, Place, parts_of_name

LONGEST_TURN = 20_000
TURNS = 12
"""Of the user, from the newest back."""
MOST_ROWS, MOST_UNCLEAR = 20, 8
"""To reckon with."""
CLEAR = 0.5
"""Score from which a record counts as meant: one of its values is shared with at most one other record."""
AS_MUCH = 0.6
"""Share of the best score that is still meant: two orders named by number are, one that shares only the name is not."""
PART_OF_A_FIELD = 0.5
LINKED = 0.6
MOST_LEAVES = 60
"""Of one call, to be compared with each other."""
Family = Literal["id", "money", "count", "date", ""]
Standing = Literal["meant", "other", "unclear"]

_FAMILIES: tuple[tuple[Family, str], ...] = (
    ("date", "date day at on since until from to start end born birthday check deadline due_date"),
    ("money", "amount price total sum cost fee credit balance refunded paid due value net gross tax discount cents remaining limit"),
    ("count", "quantity count qty nights guests days seats stock replicas items units hours weeks months people rooms size page"),
    ("id", "id ids number no nr key ref reference order ticket code sku invoice uuid"),
)  # fmt: skip


@lru_cache(maxsize=4096)
def family(name: str) -> Family:
    """What kind of number a field of this name holds; the last telling word decides: `order_total` is money."""
    for part in reversed(parts_of_name(name)):
        for kind, words in _FAMILIES:
            if part in words.split():
                return kind
    return ""


@dataclass(slots=True)
class Meant:
    scores: dict[int, float] = field(default_factory=dict)
    totals: dict[int, float] = field(default_factory=dict)
    """By record, with what its parents scored: a line belongs to its order. Where nothing scored, nothing stands."""
    best: dict[int, float] = field(default_factory=dict)
    """By shape; and the record that has it."""
    first: dict[int, int] = field(default_factory=dict)


def standing(index: Index, row: int) -> Standing:
    """Whether the user means this record, means another of its shape instead, or neither can be told."""
    if row < 0:
        return "unclear"
    return _standing(index, _meant(index), row)


def _standing(index: Index, meant: Meant, row: int) -> Standing:
    score, best = meant.totals.get(row, 0.0), meant.best.get(index.rows[row].shape, 0.0)
    if score > 0 and score >= best * AS_MUCH:
        return "meant"
    return "other" if best >= CLEAR else "unclear"


def rows_meant(index: Index) -> list[int]:
    """Newest first; the unclear ones too, where nothing says that they are somebody else's."""
    if "rows" not in index.derived:
        meant, newest = _meant(index), range(len(index.rows) - 1, max(-1, len(index.rows) - 400), -1)
        known = [row for row in newest if row in meant.totals and _standing(index, meant, row) == "meant"]
        unclear = (row for row in newest if _standing(index, meant, row) == "unclear")
        index.derived["rows"] = [*known, *islice(unclear, MOST_UNCLEAR)][:MOST_ROWS]
    rows: list[int] = index.derived["rows"]
    return rows


def named_instead(index: Index, row: int) -> str:
    """The record of the same shape that the user means, as a person would call it."""
    return called(index, _meant(index).first[index.rows[row].shape])


def called(index: Index, row: int) -> str:
    """`Ola Hansen (C-1042)`, or whatever of the two there is."""
    fields = index.rows[row].fields
    name = next((v for k, v in fields.items() if isinstance(v, str) and v and "name" in parts_of_name(k)), None)
    number = next((v for k, v in fields.items() if is_number_of_something(k, v)), None)
    if name and number is not None:
        return f"{name} ({number})"
    return str(name if number is None else number) if name or number is not None else "another record"


def is_number_of_something(name: str, value: Any) -> bool:
    if isinstance(value, str):
        coded = any(c.isdigit() for c in value) and not any(c.isspace() for c in value)
        return 3 <= len(value) <= 64 and ((coded and family(name) in ("id", "")) or "@" in value)
    return isinstance(value, int) and not isinstance(value, bool) and family(name) == "id"


# ── scores ────────────────────────────────────────────────────────────────────────────────────────────────────────


Scores = dict[int, float]


def _meant(index: Index) -> Meant:
    if "meant" not in index.derived:
        meant = Meant()
        if index.rows:
            for number in reversed(index.said[-TURNS:]):
                _take(index, meant, _mentioned(index, index.sources[number].text))
            for _ in range(2):
                _link(index, meant)
        index.derived["meant"] = meant
    found: Meant = index.derived["meant"]
    return found


def _take(index: Index, meant: Meant, scores: Scores) -> None:
    """Scores of one turn, for the shapes of which no later turn meant a record."""
    if not scores:
        return
    clear = {index.rows[row].shape for row, score in scores.items() if score >= CLEAR}
    fresh = {shape for shape in clear if meant.best.get(shape, 0.0) < CLEAR}
    meant.scores |= {row: score for row, score in scores.items() if index.rows[row].shape in fresh}
    if not fresh:
        return
    meant.best.clear()
    for number in _with_inner(index, meant.scores):
        row = index.rows[number]
        total = meant.scores.get(number, 0.0) + meant.totals.get(row.parent, 0.0)
        meant.totals[number] = total
        if total > meant.best.get(row.shape, 0.0):
            meant.best[row.shape], meant.first[row.shape] = total, number


def _with_inner(index: Index, rows: Iterable[int]) -> list[int]:
    """These records and all inside them, the outer ones first."""
    found, todo = set(rows), list(rows)
    while todo:
        inner = [row for row in index.inner.get(todo.pop(), ()) if row not in found]
        found.update(inner)
        todo += inner
    return sorted(found)


def _mentioned(index: Index, text: str) -> Scores:
    words = [word.strip(".,;:!?()[]\"'#„“”«»") for word in fold(text[:LONGEST_TURN]).split()]
    keys: set[Key] = {" ".join(words[i : i + n]) for n in (1, 2, 3, 4) for i in range(len(words) - n + 1)}
    keys |= keys_in(fold(text[:LONGEST_TURN]))
    fields: dict[tuple[int, str], float] = {}
    for key in keys:
        _spread(index, fields, [p for p in index.places.get(key, ()) if _tells(key, p)], 1.0)
    for word in {part for one in words for part in WORD.findall(one) if len(part) > 2 and not part.isdigit()}:
        parts = [p for p in index.words.get(word, ()) if p[3] == FIELD and len(p[4]) > len(word)]
        _spread(index, fields, parts, PART_OF_A_FIELD)
    return _by_row(fields)


def _tells(key: Key, place: Place) -> bool:
    """Whether this value in this field says which record is meant: 2 in `quantity` does not, 2145 in `order_id` does."""
    if isinstance(key, int | float):
        return place[3] == FIELD and (family(place[2]) == "id" or key >= 100 or key != int(key))
    return place[3] == FIELD


def _spread(index: Index, fields: dict[tuple[int, str], float], places: Iterable[Place], weight: float) -> None:
    """Each field counts once, by its best match, and the less the more records of the shape have the same there."""
    groups: dict[tuple[int, str], set[int]] = defaultdict(set)
    for _, row, name, _, _ in places:
        if row >= 0:
            groups[index.rows[row].shape, name].add(row)
    for (_, name), rows in groups.items():
        share = weight / len(rows)
        for row in rows:
            fields[row, name] = max(share, fields.get((row, name), 0.0))


def _by_row(fields: dict[tuple[int, str], float]) -> Scores:
    scores: Scores = defaultdict(float)
    for (row, _), score in fields.items():
        scores[row] += score
    return scores


def _link(index: Index, meant: Meant) -> None:
    """What a meant record refers to by number, and what refers to it, is meant where nothing else was named."""
    numbers: set[Key] = set()
    for row in meant.scores:
        if _standing(index, meant, row) == "meant":
            fields = index.rows[row].fields.items()
            numbers |= {fold(v) if isinstance(v, str) else v for k, v in fields if is_number_of_something(k, v)}
    linked: dict[tuple[int, str], float] = {}
    for number in numbers:
        _spread(index, linked, [p for p in index.places.get(number, ()) if p[3] == FIELD], LINKED)
    _take(index, meant, _by_row(linked))


# ── values of one call ────────────────────────────────────────────────────────────────────────────────────────────


def apart(values: Sequence[tuple[str, Any, bool]], index: Index) -> Iterator[tuple[str, str]]:
    """By path: a value of a record that is not the one whose number is in the same call. True: it is asked about."""
    if len(values) > MOST_LEAVES or not index.rows:
        return
    known = [(path, value, asked, places) for path, value, asked in values if (places := _fields(index, value))]
    numbers = [(path, value, its) for path, value, _, its in known if is_number_of_something(its[0][2], value)]
    for path, _, asked, places in known:
        for other, number, its in numbers if asked else ():
            if other != path and (row := _elsewhere(index, places, its)) is not None:
                yield path, f"it belongs to {called(index, row)}, not to {number}"
                break


def _fields(index: Index, value: Any) -> list[Place]:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return []
    key = fold(value) if isinstance(value, str) else abs(value)
    return [place for place in index.places.get(key, ()) if place[3] == FIELD and place[1] >= 0]


def _elsewhere(index: Index, mine: list[Place], its: list[Place]) -> int | None:
    """A record of mine, where records of one shape hold either value in different fields, and none holds both."""
    if {place[2] for place in mine} & {place[2] for place in its}:
        return None  # two of a kind, as in a merge of two customers
    here, there = _by_shape(index, mine), _by_shape(index, its)
    common = here.keys() & there.keys()
    if not common or any(here[shape] & there[shape] for shape in common):
        return None
    return min(here[min(common)])


def _by_shape(index: Index, places: list[Place]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for place in places:
        found.setdefault(index.rows[place[1]].shape, set()).add(place[1])
    return found
