"""Rules that make one verdict of what the seats of a panel said. Pure.

Abstaining and failing are no consent, and where a rule lacks the seats it needs, a person decides.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import mean

from store.events import Seat
from store.events.guard import PanelVerdict

SEATS = 3
"""What `majority` and `unanimous` need."""
SAME_MISTAKE = 0.6
"""How often two different models agree when both are wrong: so much of a second vote is the first one again."""
LONGEST_BECAUSE = 1_000

_SAYS = {
    "allow": "allows it",
    "ask": "wants a person to decide",
    "deny": "denies it",
    "abstain": "abstains",
    "failed": "gave no verdict",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the panel says as one. `because` names who dissents, and on which argument."""

    verdict: PanelVerdict
    because: str
    disputed: tuple[str, ...] = ()
    """JSON Pointers of the arguments that somebody objects to."""


Rule = Callable[[Sequence[Seat]], Verdict]


def one(seats: Sequence[Seat]) -> Verdict:
    """The word of the only seat."""
    if len(seats) != 1:
        return _too_few(seats, 1)
    (seat,) = seats
    word: PanelVerdict = seat.verdict if seat.verdict == "allow" or seat.verdict == "deny" else "ask"
    return Verdict(verdict=word, because=_clipped(_words(seat)), disputed=_disputed(seats))


def majority(seats: Sequence[Seat]) -> Verdict:
    """More than half of the seats, as two of three; anything less goes to a person."""
    if len(seats) < SEATS:
        return _too_few(seats, SEATS)
    if _count(seats, "allow") * 2 > len(seats):
        return _tally("allow", seats)
    return _tally("deny" if _count(seats, "deny") * 2 > len(seats) else "ask", seats)


def unanimous(seats: Sequence[Seat]) -> Verdict:
    """All seats: a single dissent, abstention or failure is a veto, and goes to a person."""
    if len(seats) < SEATS:
        return _too_few(seats, SEATS)
    if _count(seats, "allow") == len(seats):
        return _tally("allow", seats)
    return _tally("deny" if _count(seats, "deny") == len(seats) else "ask", seats)


def beside_policy_check(rule: Rule) -> Rule:
    """The votes decide by `rule`; a policy check among the seats that does not allow makes that at least `ask`."""

    def both(seats: Sequence[Seat]) -> Verdict:
        checks = [seat for seat in seats if seat.kind == "policy_check"]
        voted = rule([seat for seat in seats if seat.kind != "policy_check"])
        against = [seat for seat in checks if seat.verdict != "allow"]
        return Verdict(
            verdict="ask" if against and voted.verdict == "allow" else voted.verdict,
            because=_clipped(_joined([voted.because, *map(_words, against)])),
            disputed=_disputed(seats),
        )

    return both


def effective_votes(seats: Sequence[Seat]) -> float:
    """How many independent votes these are worth: k / (1 + (k − 1)·ρ), over the k seats that did vote.

    ρ is the mean over all pairs: 1 for two seats of one model, else 0.6, because models agree 60 % of the time when
    both err. Three different models are worth 1.36 votes, the same model asked three times 1.
    """
    voted = [seat for seat in seats if seat.verdict not in ("abstain", "failed")]
    if len(voted) < 2:
        return float(len(voted))
    correlation = mean(1.0 if a.model == b.model else SAME_MISTAKE for a, b in combinations(voted, 2))
    return len(voted) / (1 + (len(voted) - 1) * correlation)


def _too_few(seats: Sequence[Seat], needed: int) -> Verdict:
    because = f"It takes {needed} to judge this, and there {'was' if len(seats) == 1 else 'were'} {len(seats)}."
    return Verdict(verdict="ask", because=because, disputed=_disputed(seats))


def _tally(verdict: PanelVerdict, seats: Sequence[Seat]) -> Verdict:
    word = "deny" if verdict == "deny" else "allow"
    head = f"{_count(seats, word)} of {len(seats)} {word} it"
    others = [_words(seat) for seat in seats if seat.verdict != "allow"]
    return Verdict(verdict=verdict, because=_clipped(_joined([head, *others])), disputed=_disputed(seats))


def _count(seats: Sequence[Seat], word: str) -> int:
    return sum(seat.verdict == word for seat in seats)


def _words(seat: Seat) -> str:
    return f"{seat.profile} {_SAYS[seat.verdict]}{f' on {seat.path}' if seat.path else ''}: {seat.because}"


def _disputed(seats: Sequence[Seat]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(seat.path for seat in seats if seat.path and seat.verdict != "allow"))


def _clipped(text: str) -> str:
    return text if len(text) <= LONGEST_BECAUSE else f"{text[: LONGEST_BECAUSE - 2]} …"


def _joined(sentences: Sequence[str]) -> str:
    return "; ".join([*(one.rstrip(".") for one in sentences[:-1]), sentences[-1]])
