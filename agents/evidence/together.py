"""Whether the values of one call stand in the same record: an amount beside another order's number does not. Pure."""

from collections.abc import Collection, Iterator

from .forms import fold
from .found import Found, Leaf
from .index import FIELD, Index, Place
from .rows import called, is_number_of_something

MOST_LEAVES = 60


def apart(leaves: Collection[tuple[Leaf, Found]], index: Index) -> Iterator[tuple[str, str]]:
    """By path: a value a tool returned, of a record that is not the one whose number is in the same call."""
    if len(leaves) > MOST_LEAVES or not index.rows:
        return
    known = [(leaf, found, places) for leaf, found in leaves if (places := _fields(leaf, index))]
    numbers = [(leaf, places) for leaf, _, places in known if is_number_of_something(places[0][2], leaf.value)]
    for leaf, found, places in known:
        if found.origin == "tool" and not found.near:
            for other, its in numbers:
                if other is not leaf and (row := _elsewhere(index, places, its)) is not None:
                    yield leaf.path, f"it belongs to {called(index, row)}, not to {other.value}"
                    break


def _fields(leaf: Leaf, index: Index) -> list[Place]:
    value = leaf.value
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
