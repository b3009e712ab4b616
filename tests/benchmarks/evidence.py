"""What it costs to say where 50 values came from, in 200 kB of history: the index beside a plain search per value."""

import json
import random
import time
from collections.abc import Callable

from agents.arguments import leaves
from agents.evidence import Index, Source, trace
from tests.agents.evidence_cases import World
from tests.benchmarks.measure import median, table

HISTORY = 200_000
LEAVES = 50
ROUNDS = 15


def main(history: int = HISTORY, rounds: int = ROUNDS) -> None:
    """Known and unknown values in turn, and each beside the baseline, so that a busy machine slows them alike."""
    worlds, texts = _history(history)
    sources = [Source("user", 1, _asked(worlds)), *(Source("tool", seq, text) for seq, text in enumerate(texts, 2))]
    known, invented = _known(worlds), _invented()
    indexed = _indexed(sources)
    seen: dict[str, list[float]] = {}
    for _ in range(rounds):
        for name, work in (
            ("index 200 kB", lambda: _indexed(sources)),
            ("one result more", lambda: _indexed(sources[-1:])),
            (f"{LEAVES} known values, new history", lambda: _fresh(indexed, known)),
            (f"{LEAVES} known values, again", lambda: trace(known, indexed, schema={})),
            (f"{LEAVES} invented values", lambda: _fresh(indexed, invented)),
            (f"plain search, {LEAVES} known", lambda: _plain(known, sources)),
            (f"plain search, {LEAVES} invented", lambda: _plain(invented, sources)),
        ):
            seen.setdefault(name, []).append(_milliseconds(work))
    targets = {
        "index 200 kB": "≤ 30 ms",
        f"{LEAVES} known values, new history": "< 5 ms",
        f"{LEAVES} invented values": "< 5 ms",
    }
    size = sum(len(source.text) for source in sources) / 1000
    rows = [
        [name, f"{median(times):.2f} ms", f"{min(times):.2f} ms", targets.get(name, "")] for name, times in seen.items()
    ]
    table(
        f"Evidence: {LEAVES} values in {size:.0f} kB of history, {len(indexed.rows)} records",
        ["what", "median", "best", "target"],
        rows,
    )


def _milliseconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def _indexed(sources: list[Source]) -> Index:
    index = Index()
    for source in sources:
        index.add(source)
    return index


def _fresh(index: Index, values: dict[str, object]) -> object:
    """As after something was added: which records the user means is worked out anew."""
    index.derived.clear()
    return trace(values, index, schema={})


def _plain(values: dict[str, object], sources: list[Source]) -> list[bool]:
    """The baseline: is the value's text anywhere? It knows no notations, no records and no near misses."""
    texts = [source.text for source in sources]
    return [any(str(leaf.value) in text for text in texts) for leaf in leaves(json.dumps(values))]


def _history(size: int) -> tuple[list[World], list[str]]:
    rng = random.Random(5)
    worlds: list[World] = []
    texts: list[str] = []
    while sum(map(len, texts)) < size:
        worlds.append(World(rng))
        texts += [worlds[-1].people(), worlds[-1].row_list(), *(json.dumps(order) for order in worlds[-1].orders)]
    return worlds, texts


def _asked(worlds: list[World]) -> str:
    return f"Refund order {worlds[0].orders[0]['order_id']} and write to {worlds[3].customers[0]['name']}."


def _known(worlds: list[World]) -> dict[str, object]:
    rows = [(world.orders[0], world.customers[0]) for world in worlds[: LEAVES // 5]]
    keys = ("email", "phone", "name")
    return {
        f"row{n}": {"order_id": o["order_id"], "amount": o["total"], **{key: c[key] for key in keys}}
        for n, (o, c) in enumerate(rows)
    }


def _invented() -> dict[str, object]:
    return {
        f"row{n}": {
            "order_id": 100_000 + n,
            "amount": 3.07 + n,
            "email": f"ghost.{n}@elsewhere{n}.example",
            "phone": f"+31 555 77 1{n}1",
            "name": f"Xaver Quux{n}",
        }
        for n in range(LEAVES // 5)
    }
