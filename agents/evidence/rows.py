"""Which records of the tools' results the user means, and which belong to somebody else. Pure.

A record scores for each of its fields that the user mentions, more the fewer records of its shape share that value.
Records that name a meant record's number are meant too. The newest turn that means any record of a shape decides.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
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
    totals: list[float] = field(default_factory=list)
    """By record, with what its parents scored: a line belongs to its order."""
    best: dict[int, float] = field(default_factory=dict)
    """By shape; and the record that has it."""
    first: dict[int, int] = field(default_factory=dict)


def standing(index: Index, row: int) -> Standing:
    """Whether the user means this record, means another of its shape instead, or neither can be told."""
    if row < 0:
        return "unclear"
    return _standing(index, _meant(index), row)


def _standing(index: Index, meant: Meant, row: int) -> Standing:
    score, best = meant.totals[row], meant.best.get(index.rows[row].shape, 0.0)
    if score > 0 and score >= best * AS_MUCH:
        return "meant"
    return "other" if best >= CLEAR else "unclear"


def rows_meant(index: Index) -> list[int]:
    """Newest first; the unclear ones too, where nothing says that they are somebody else's."""
    if "rows" not in index.derived:
        newest = range(len(index.rows) - 1, max(-1, len(index.rows) - 400), -1)
        known: dict[Standing, list[int]] = {"meant": [], "unclear": [], "other": []}
        for row in newest:
            known[standing(index, row)].append(row)
        index.derived["rows"] = (known["meant"] + known["unclear"][:MOST_UNCLEAR])[:MOST_ROWS]
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
        meant = Meant(totals=[0.0] * len(index.rows))
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
    for number, row in enumerate(index.rows):
        total = meant.scores.get(number, 0.0) + (meant.totals[row.parent] if row.parent >= 0 else 0.0)
        meant.totals[number] = total
        if total > meant.best.get(row.shape, 0.0):
            meant.best[row.shape], meant.first[row.shape] = total, number


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
