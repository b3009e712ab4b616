"""Events of the guards → patches of timeline rows: checks, votes, candidates, summaries, what was recalled. Pure."""

from collections.abc import Iterable
from typing import Any

from . import format

Data = dict[str, Any]
Patch = dict[str, Any]
LONGEST_FOLD = 6_000
"""Characters of a summary or of recalled passages in a row; the record has the rest."""
KINDS = {"policy_check": "Policy check", "vote": "Vote", "judge": "Judge"}
WORST_FIRST = ("deny", "ask", "failed", "abstain", "allow")
"""Dissent comes first wherever several models are named."""
UNSUPPORTED = "reasoning does not support"
"""A check that says so in its own words need not be repeated in ours."""
STUCK = {
    "same_result": "The same call gave the same result again",
    "same_failure": "The same call failed again",
    "back_and_forth": "It goes back and forth",
    "no_call": "It talks without doing anything",
}


def input_checked(event: Data, data: Data) -> list[Patch]:
    numbers = _numbers(data.get("seat"), data.get("latency_ms"))
    match data["verdict"]:
        case "enough":
            return [_note(event, "Enough to begin", "plain", data["because"], numbers=numbers, sign="shield")]
        case "missing":
            question = _text(data.get("question"))
            fold = ("Why it asks", data["because"])
            return [_note(event, "The agent asks", "warn", question, fold=fold, numbers=numbers, sign="help")]
    return [_note(event, "The request was not checked", "warn", data["because"], numbers=numbers)]


def verified(event: Data, data: Data) -> list[Patch]:
    """Joins the call's own row: who said what of it, and what follows."""
    checks = in_order(data["seats"])
    dissent = next((one for one in checks if one["verdict"] != "allow"), None)
    return [
        {
            "key": f"call-{data['call_id']}",
            "state": data["state"],
            "because": data["because"],
            "checked": {
                "chips": tally(checks),
                "dissent": f"{dissent['name']}: {dissent['because']}" if dissent else "",
                "numbers": joined(cost_of(data["seats"]), took(data["latency_ms"])),
                "votes": votes_words(data.get("effective_votes"), data["seats"]),
                "parts": checks,
            },
        }
    ]


def picked(event: Data, data: Data) -> list[Patch]:
    candidates = data["candidates"]
    number = len(candidates)
    title = f"Best of {number}: the {_ordinal(data['picked'] + 1)} was taken"
    judge = data.get("judge")
    numbers = joined(judge["profile"] if judge else "", cost_of(_extra(data)), took(data["latency_ms"]))
    parts = [_candidate(at, one, at == data["picked"]) for at, one in enumerate(candidates)]
    label = f"All {number} candidates"
    note = _note(event, title, "plain", data["because"], numbers=numbers, sign="scale")
    return [{**note, "label": label, "parts": parts}]


def progress(event: Data, data: Data) -> list[Patch]:
    tone, title = ("bad", "Stopped, it was stuck") if data["action"] == "stop" else ("warn", STUCK[data["pattern"]])
    note = data.get("note")
    return [_note(event, title, tone, data["because"], fold=("What the model is told", _text(note)) if note else None)]


def suspended(event: Data, data: Data) -> list[Patch]:
    return [_note(event, f"{data['tool']} is suspended", "warn", data["because"])]


def summarised(event: Data, data: Data) -> list[Patch]:
    turns = data["turns"]
    which = "The beginning is" if not turns else "Turn 1 is" if turns == 1 else f"Turns 1–{turns} are"
    sizes = f"{format.tokens(data['before_tokens'])} → {format.tokens(data['after_tokens'])} tokens"
    numbers = joined(data["profile"], price(data["cost_usd"]), took(data["latency_ms"]))
    fold = ("Read the summary", _text(data.get("summary")))
    title = f"{which} now told as a summary"
    return [{**_note(event, title, "plum", sizes, fold=fold, numbers=numbers), "sign": "fold"}]


def summary_failed(event: Data, data: Data) -> list[Patch]:
    return [_note(event, "No summary", "plain", data["because"], numbers=price(data.get("cost_usd")))]


def stubbed(event: Data, data: Data) -> list[Patch]:
    title = "Older tool results are now told as stubs"
    return [{**_note(event, title, "plum", data["because"]), "sign": "fold"}]


def recalled(event: Data, data: Data) -> list[Patch]:
    title = f"Recalled {format.plural(len(data['seqs']), 'passage')}"
    fold = ("Read them", _text(data.get("passages")))
    words = f"for “{data['query']}”"
    return [{**_note(event, title, "plum", words, fold=fold, numbers=took(data["latency_ms"])), "sign": "recall"}]


def handed_over(event: Data, data: Data) -> list[Patch]:
    to = f"to {data['agent']}" if data["to"] == "agent" and data.get("agent") else f"to another {data['to']}"
    title = "Handed over to a person" if data["to"] == "person" else f"Handed over {to}"
    patch = _note(event, title, "warn", "", fold=("Its summary", _text(data.get("summary"))))
    return [{**patch, "session": data["session_id"]} if data.get("session_id") else patch]


def warnings(evidence: Iterable[Data]) -> list[dict[str, str]]:
    """What gives pause among the values of a call, worst first: those from nowhere, near misses, untrusted ones."""
    found = [
        {"kind": kind, "path": one["path"].removeprefix("/"), "value": one["value"][:60], "words": words}
        for one in evidence
        for kind, words in [doubt(one)]
        if kind
    ]
    return sorted(found, key=lambda one: one["kind"] != "none")


def doubt(one: Data) -> tuple[str, str]:
    """("none" | "weak" | "", why): whether a value's origin gives pause."""
    if one["origin"] == "nowhere":
        return "none", one.get("near") or "invented?"
    if one.get("near"):
        return "weak", one["near"]
    return ("", "") if one.get("trusted", True) else ("weak", "only a tool’s text says so")


def in_order(seats: Iterable[Data]) -> list[dict[str, Any]]:
    """What each model said, dissent first."""
    said = [_part(seat) for seat in seats]
    return sorted(said, key=lambda one: WORST_FIRST.index(one["verdict"]))


def _part(seat: Data) -> dict[str, Any]:
    return {
        "verdict": seat["verdict"],
        "title": KINDS[seat["kind"]],
        "name": seat["profile"],
        "path": (seat.get("path") or "").removeprefix("/"),
        "because": seat["because"],
        "clause": seat.get("clause") or "",
        "unsupported": seat.get("supports") is False and UNSUPPORTED not in seat["because"],
        "numbers": joined(price(seat.get("cost_usd")), took(seat["latency_ms"])) if seat["verdict"] != "failed" else "",
    }


def tally(checks: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Chips: what the policy check said, and how many votes said what."""
    chips = [
        {"verdict": one["verdict"], "words": f"policy: {one['verdict']}"}
        for one in checks
        if one["title"] == KINDS["policy_check"]
    ]
    votes = [one["verdict"] for one in checks if one["title"] != KINDS["policy_check"]]
    counted = [{"verdict": word, "words": f"{votes.count(word)} {word}"} for word in WORST_FIRST if word in votes]
    return chips + counted


def votes_words(effective: float | None, seats: list[Data]) -> str:
    votes = sum(seat["kind"] == "vote" and seat["verdict"] not in ("abstain", "failed") for seat in seats)
    if effective is None or votes < 2:
        return ""
    return f"{votes} votes of models that err alike count as {effective:.1f} independent ones."


def cost_of(seats: Iterable[Data]) -> str:
    """What they cost together; nothing where a part of it is unknown."""
    costs = [seat.get("cost_usd") for seat in seats if seat.get("verdict") != "failed"]
    return "" if not costs or None in costs else price(sum(one for one in costs if one is not None))


def price(usd: float | None) -> str:
    return "" if usd is None else format.cost(usd)


def took(ms: float | None) -> str:
    if ms is None:
        return ""
    return f"{ms:.0f} ms" if ms < 1000 else f"{ms / 1000:.1f} s"


def joined(*words: str) -> str:
    return " · ".join(word for word in words if word)


def _numbers(seat: Data | None, ms: float | None) -> str:
    return joined(seat["profile"], price(seat.get("cost_usd")), took(ms)) if seat else ""


def _note(
    event: Data,
    title: str,
    tone: str,
    text: str,
    *,
    fold: tuple[str, str] | None = None,
    numbers: str = "",
    sign: str = "",
) -> Patch:
    row: Patch = {"key": f"e{event['seq']}", "kind": "note", "tone": tone, "title": title, "text": text}
    if fold:
        row |= {"label": fold[0], "long": fold[1]}
    if numbers:
        row["numbers"] = numbers
    return row | ({"sign": sign} if sign else {})


def _candidate(at: int, one: Data, taken: bool) -> dict[str, Any]:
    output = one.get("output")
    said = output if isinstance(output, dict) else {"text": output or "[erased]", "calls": []}
    calls = [
        f"{call.get('name')} {call.get('arguments')}" for call in said.get("calls") or () if isinstance(call, dict)
    ]
    words = "\n".join([str(said.get("text") or ""), *calls]).strip() or "(nothing)"
    problems = f"Not usable: {'; '.join(one['problems'])}" if one.get("problems") else ""
    return {
        "verdict": "allow" if taken else "failed" if problems else "abstain",
        "word": "taken" if taken else "not usable" if problems else "",
        "title": f"Candidate {at + 1}",
        "name": one["profile"],
        "path": "",
        "because": f"{words[:1500]}{'…' if len(words) > 1500 else ''}",
        "clause": problems,
        "unsupported": False,
        "numbers": joined(price(one.get("cost_usd")), took(one.get("latency_ms"))),
    }


def _extra(data: Data) -> list[Data]:
    """What comparing cost on top of the reply that was taken, which its own step shows."""
    others = [one for at, one in enumerate(data["candidates"]) if at != data["picked"]]
    return [*others, *([data["judge"]] if data.get("judge") else [])]


def _text(value: Any) -> str:
    text = "[erased]" if value is None else str(value)
    return text if len(text) <= LONGEST_FOLD else f"{text[:LONGEST_FOLD]}…"


def _ordinal(number: int) -> str:
    return {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth"}.get(number, f"{number}th")


ROWS: dict[str, Any] = {
    "InputChecked": input_checked,
    "CallVerified": verified,
    "BestPicked": picked,
    "ProgressNoted": progress,
    "ToolSuspended": suspended,
    "Summarised": summarised,
    "SummaryFailed": summary_failed,
    "ResultsStubbed": stubbed,
    "PassagesRecalled": recalled,
    "HandedOver": handed_over,
}
