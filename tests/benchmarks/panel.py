"""What models that verify cost: three votes at once against one and against three in a row, and each guard's price.

The models answer after 100, 200 and 300 ms on the fake server; the ways of asking take turns.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

from agents.config import Agent
from agents.guards.best_of import best_of
from agents.guards.consensus import chairs, consensus
from agents.guards.input_check import input_check
from agents.guards.questions import CallToJudge
from agents.guards.verdicts import SEATS
from agents.guards.verify import verify
from store.events import Verify
from tests.benchmarks.measure import cpu_seconds, median, table
from tests.fakes.processes import openai_server
from tests.fakes.room import Room

ROUNDS = 10
LATENCIES_MS = (100, 200, 300)
SECONDS = 30
CLAUSE = "Refunds up to 200 are fine. "
THOUGHT = "The person wants 40 back for order 1043, which the shop shows as paid. "
CALL = CallToJudge(
    request="Please refund 40 for order 1043, the lamp arrived broken.",
    tool="refund_order",
    arguments={"order": "1043", "amount": 40, "because": "arrived broken"},
    policy=CLAUSE * 70,  # 2 kB
    reasoning={"need": THOUGHT, "source": THOUGHT, "therefore": THOUGHT, "alternatives": []},
)
SHOP = Agent.model_validate(
    {"name": "Shop", "instructions": CLAUSE * 35, "toolset": "t", "policy": "p", "models": {"act": ["m"]}}
)
PROMPT = [{"role": "system", "content": CLAUSE * 100}, {"role": "user", "content": CALL.request}]

ANSWERS: dict[str, Any] = {
    "vote": {"because": "It is what was asked.", "path": "", "verdict": "allow"},
    "policy_check": {"clause": CLAUSE.strip(), "because": "It is what was asked.", "path": "", "verdict": "allow"},
    "reasoning_check": {"because": "It speaks of the same values.", "path": "", "supports": True},
    "input_check": {"because": "The order is named.", "missing": [], "question": "", "verdict": "enough"},
    "best_of": {"because": "It names the amount.", "pick": 1},
}
Ask = Callable[[], Awaitable[Any]]


def main(rounds: int = ROUNDS) -> None:
    with openai_server({f"model-{ms}": _script(ms) for ms in LATENCIES_MS}) as server:
        asyncio.run(_main(Room(server), rounds))


def _script(after_ms: int) -> dict[str, Any]:
    answers = {name: [{"json": answer, "after_ms": after_ms}] for name, answer in ANSWERS.items()}
    words = {f"@{degrees}": [{"text": f"Done, at {degrees}.", "after_ms": after_ms}] for degrees in (0.2, 0.7, 1.0)}
    return answers | words | {"": [{"text": "Done.", "after_ms": after_ms}]}


async def _main(room: Room, rounds: int) -> None:
    voters = room.chain(*(f"model-{ms}" for ms in LATENCIES_MS))
    await consensus(room.models, voters, CALL, SECONDS)  # warm
    await _votes(room, rounds, voters)
    await _guards(room, rounds, voters)
    await room.models.close()


async def _votes(room: Room, rounds: int, voters: list[Any]) -> None:
    one_by_one = chairs(room.models, voters, SECONDS)

    async def in_a_row() -> None:
        for chair in one_by_one:
            await chair.answer(CALL)

    ways: dict[str, Ask] = {
        f"one vote ({LATENCIES_MS[-1]} ms)": lambda: one_by_one[-1].answer(CALL),
        "three votes at once": lambda: consensus(room.models, voters, CALL, SECONDS),
        "three votes in a row": in_a_row,
    }
    measured = await _in_turn(ways, rounds)
    slowest = median(measured[next(iter(ways))][0])
    rows = [
        [
            name,
            f"{median(wall):.0f} ms",
            f"{max(wall):.0f} ms",
            f"{median(wall) / slowest:.2f}×",
            f"{median(cpu):.1f} ms",
        ]
        for name, (wall, cpu) in measured.items()
    ]
    answering = ", ".join(map(str, LATENCIES_MS))
    table(
        f"Votes of models that answer after {answering} ms, {rounds} rounds", ["asked", "p50", "worst", "", "CPU"], rows
    )


async def _guards(room: Room, rounds: int, voters: list[Any]) -> None:
    """Every model of these answers after 100 ms, so the time is that of the guard's longest row of questions."""
    quick, quick_voters = voters[:1], [voters[0]] * SEATS
    models = room.models
    guards: dict[str, Ask] = {
        "input check": lambda: input_check(models, quick, CALL.request, SHOP, None, ["refund_order"], SECONDS),
        "verify: check": lambda: verify(models, Verify.CHECK, CALL, quick, [], SECONDS),
        "verify: consensus": lambda: verify(models, Verify.CONSENSUS, CALL, [], quick_voters, SECONDS),
        "verify: unanimous, policy checked": lambda: verify(
            models, Verify.UNANIMOUS, CALL, quick, quick_voters, SECONDS
        ),
        "best of three": lambda: best_of(models, quick, PROMPT, [], 3, quick, CALL.request, lambda reply: [], SECONDS),
    }
    sent = {name: await _sent(room, ask) for name, ask in guards.items()}
    measured = await _in_turn(guards, rounds)
    rows = [
        [name, *sent[name], f"{median(wall):.0f} ms", f"{median(cpu):.1f} ms"] for name, (wall, cpu) in measured.items()
    ]
    heads = ["guard", "calls", "tokens in", "tokens out", "p50", "CPU"]
    table(f"What each guard costs, models answering after {LATENCIES_MS[0]} ms, a policy of 2 kB", heads, rows)


async def _in_turn(ways: dict[str, Ask], rounds: int) -> dict[str, tuple[list[float], list[float]]]:
    """Milliseconds of wall-clock and of processor of every way, a round of all of them after the other."""
    measured: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in ways}
    for _ in range(rounds):
        for name, ask in ways.items():
            began, cpu = time.perf_counter(), cpu_seconds()
            await ask()
            measured[name][0].append((time.perf_counter() - began) * 1000)
            measured[name][1].append((cpu_seconds() - cpu) * 1000)
    return measured


async def _sent(room: Room, ask: Ask) -> list[str]:
    """Calls, and tokens in and out, as a quarter of the characters."""
    before = len(room.server.requests())
    await ask()
    bodies = room.server.requests()[before:]
    characters = sum(len(message["content"]) for body in bodies for message in body["messages"])
    answers = [
        ANSWERS.get(((body.get("response_format") or {}).get("json_schema") or {}).get("name")) for body in bodies
    ]
    written = sum(len(json.dumps(answer)) if answer else len("Done, at 0.2.") for answer in answers)
    return [str(len(bodies)), f"{characters // 4:,}", f"{written // 4:,}"]
