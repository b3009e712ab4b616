"""What the guards that ask no model cost each call: progress, intents, masking, routing."""

import json
import time
from collections.abc import Callable
from itertools import count

from agents.config import Agent
from agents.folded import Call, Session
from agents.guards.did import Did
from agents.guards.intents import same_intent, to_suspend
from agents.guards.progress import stuck
from agents.masking import hide, reveal
from agents.presets import guards_of
from agents.routing import route
from store.events import CallState, Release, Risk, Verify
from tests.benchmarks.measure import median, table

ROUNDS = 200
FIELDS = ("email", "phone", "iban")
DONE = tuple(
    Did(tool="get_order", digest=f"digest-{n % 15}", state=CallState.SUCCEEDED, repeats=1 + n // 15, risk=Risk.READ)
    for n in range(30)
)
CALL = Call(
    id="1.1", provider_id="p", step=1, tool="get_order", connector="crm", own_name="get_order", definition_hash="h",
    risk=Risk.READ, idempotent=False, details="d", digest="digest", state=CallState.SUCCEEDED, verify=Verify.NONE,
    release=Release.ALLOW, rule=None, because="So.",
)  # fmt: skip
SESSION = Session(id="S-1", step=3, stage_steps=3, calls=(CALL,), done=DONE)
AGENT = Agent.model_validate(
    {
        "name": "Clerk",
        "instructions": "Help.",
        "toolset": "t",
        "policy": "p",
        "models": {"act": "main", "plan": "frontier", "small": "mini", "judge": "wise", "vote": ["a", "b", "c"]},
        "profile": "back_office",
    }
)
REJECTED = {"order_id": 1755, "amount": 389.0, "reason": "Tent poles cracked", "customer": "Anna Berg"}
PROPOSED = {"customer_id": 42, "email": "anna.berg@shop.example", "text": "Your refund is on its way. " * 10}


def output(sensitive: int) -> str:
    """About 10 kB of JSON as a tool gives it, with this many people whose address and phone number are sensitive."""
    order = {
        "status": "open",
        "lines": [{"sku": "T-1", "quantity": 1, "price": 12.5}],
        "note": "Left at the door.\nOk.",
    }
    people = [
        {"id": n, "email": f"user{n}@shop.example", "phone": f"+49 170 {n:07d}", **order} for n in range(sensitive)
    ]
    others = [{"id": n, **order, "total": n * 1.5} for n in range((10_000 - len(json.dumps(people))) // 137)]
    return json.dumps({"people": people, "orders": others})


def main(rounds: int = ROUNDS) -> None:
    tokens = count(1)

    def fresh(name: str) -> str:
        return f"{next(tokens):06x}"

    few, none = output(10), output(0)
    known = hide(output(40), FIELDS, {}, fresh).new
    told = {"email": next(iter(known)), "text": "Dear customer."}
    work: list[tuple[str, Callable[[], object]]] = [
        ("presets", lambda: guards_of(AGENT)),
        ("progress, 30 calls in the turn", lambda: stuck(DONE, 0, ())),
        (
            "intents, 3 rejected calls",
            lambda: ([same_intent(REJECTED, PROPOSED) for _ in range(3)], to_suspend([("a", True)] * 20, "a")),
        ),
        ("routing", lambda: route(SESSION, AGENT, recovering=False)),
        (f"reveal, {len(known)} known values", lambda: reveal(told, known)),
        (f"hide, {len(few) / 1000:.0f} kB, 20 sensitive values", lambda: hide(few, FIELDS, known, fresh)),
    ]
    rows = [[name, f"{milliseconds(run, rounds):.3f} ms", ""] for name, run in work]
    together = milliseconds(lambda: [run() for _, run in work], rounds)
    rows += [
        ["all of them, per call", f"{together:.3f} ms", "≤ 1 ms"],
        [
            f"hide, {len(none) / 1000:.0f} kB with nothing sensitive",
            f"{milliseconds(lambda: hide(none, FIELDS, known, fresh), rounds):.3f} ms",
            "",
        ],
        [
            "hide, no value known and no field named",
            f"{milliseconds(lambda: hide(none, (), {}, fresh), rounds):.3f} ms",
            "",
        ],
    ]
    table("The guards that ask no model", ["what", "CPU, p50", "target"], rows)


def milliseconds(run: Callable[[], object], rounds: int) -> float:
    run()
    taken = []
    for _ in range(rounds):
        began = time.thread_time()
        run()
        taken.append((time.thread_time() - began) * 1000)
    return median(taken)
