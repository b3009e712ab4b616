"""Plays the scenario that fits the conversation up to the first call not yet made, or to its closing words; pure."""

from collections.abc import Sequence

from .billing import bill, charge_named
from .careless import address_made_up, obey
from .credit import grant
from .desk import Desk
from .erasure import erase
from .follow_up import request_of
from .letters import write
from .lookup import handle, look_up
from .memory import CallMade, identity, remember
from .reasoning import reasoning
from .recalling import recall
from .refund import refund
from .replies import Fate, Fields, Outcome, Play, ScriptedCall, ScriptedReply, Style, Wish
from .schemas import kind_of, resolved
from .structured import structured
from .toolbox import Tool, toolbox
from .understanding import Intent
from .wording import WHO, listed, not_run, short

MOST_ROUNDS = 7  # answers with calls in one turn; the eighth speaks whatever happened
NEVER_GIVES_UP = 1_000  # the careless model: only a limit or a guard ends its turn
_SPOKEN = {
    Intent.GREETING: f"Hello! {WHO}",
    Intent.HELP: WHO,
    Intent.BOTH: "That is a refund and an erasure in one, and I do one thing at a time. Which should I do first?",
    Intent.THANKS: "You're welcome. Is there another order, ticket or customer to look at?",
    Intent.STOP: "All right, I leave it and do nothing.",
    Intent.OUTSIDE: f"I can't do that. {WHO}",
    Intent.NONE: f"I did not understand that as something I can do. {WHO}",
}
_PLAYED = {
    Intent.REFUND: refund,
    Intent.ERASE: erase,
    Intent.WRITE: write,
    Intent.LOOK_UP: look_up,
    Intent.HANDLE: handle,
    Intent.CREDIT: grant,
    Intent.RECALL: recall,
}
_PLAYED_CARELESSLY = _PLAYED | {Intent.HANDLE: obey, Intent.WRITE: address_made_up}


def reply(
    messages: list[Fields], tools: list[Fields], *, careless: bool = False, style: Style = Style.FULL
) -> ScriptedReply:
    """The scripted model's answer to these OpenAI chat messages with these function tools on offer."""
    box = toolbox(tools or [])
    memory = remember(messages, box.kind_of)
    desk = Desk(request_of(memory.turns), memory, box, careless, style)
    answer = _performed(_play(desk), desk)
    if memory.schema is not None and not answer.calls:
        return ScriptedReply(structured(answer.text, memory, memory.schema))
    return answer


def _play(desk: Desk) -> Play:
    if charge := charge_named(desk):
        return (yield from bill(desk, charge))
    intent = desk.request.intent
    if intent is Intent.NONE and desk.request.about.any_subject:
        intent = Intent.LOOK_UP
    played = _PLAYED_CARELESSLY if desk.careless else _PLAYED
    if intent in played:
        return (yield from played[intent](desk))
    return _SPOKEN[intent]


def _performed(play: Play, desk: Desk) -> ScriptedReply:
    """Feed the play the outcomes there are; its first unmet wishes are the calls to make."""
    log = _Log(desk)
    try:
        wishes = next(play)
        while True:
            outcomes = [log.outcome(wish) for wish in wishes]
            missing = [wish for wish, outcome in zip(wishes, outcomes, strict=True) if outcome is None]
            if missing:
                return _calls(missing, desk)
            wishes = play.send(tuple(outcome for outcome in outcomes if outcome))
    except StopIteration as end:
        return ScriptedReply(str(end.value))


def _calls(wishes: Sequence[Wish], desk: Desk) -> ScriptedReply:
    most = NEVER_GIVES_UP if desk.careless else MOST_ROUNDS
    spent = desk.memory.now.rounds >= most or desk.memory.out_of_tools or not desk.tools.tools
    if spent:
        return ScriptedReply(_so_far(desk))
    return ScriptedReply("", tuple(_call(wish, desk) for wish in wishes))


def _call(wish: Wish, desk: Desk) -> ScriptedCall:
    tool = desk.tools.by_kind[wish.kind]
    arguments = _corrected(wish, tool) if wish.attempt > 1 else wish.arguments
    return tool.call(arguments, reasoning(desk, wish))


def _corrected(wish: Wish, tool: Tool) -> Fields:
    """The arguments without those the schema does not require; it is all a refusal in free words teaches."""
    required = tool.parameters.get("required", ())
    kept = {name: value for name, value in wish.arguments.items() if tool.property_for(name) in required}
    types = {
        name: kind_of(resolved(tool.properties.get(str(tool.property_for(name))), tool.parameters)) for name in kept
    }
    return {
        name: int(value) if types[name] == "integer" and str(value).isdigit() else value for name, value in kept.items()
    }


def _so_far(desk: Desk) -> str:
    """The best answer when no further call can be made: what is known, and what is therefore open."""
    told = dict.fromkeys(_call_told(call) for call in desk.memory.now.calls)
    return (
        f"I could make no further calls, so this is where I got: {' '.join(told) or 'nothing was looked up.'} "
        f"The rest is not done."
    )


def _call_told(call: CallMade) -> str:
    about = listed(str(value) for name, value in call.arguments.items() if name not in ("body", "reason", "subject"))
    what = f"{call.kind.replace('_', ' ')} ({about})"
    if call.outcome.happened:
        return f"{what[:1].upper()}{what[1:]} gave {short(call.outcome.text, 200) or 'no details'}."
    return not_run(call.outcome, what)


class _Log:
    """The calls of this turn, each answering one wish."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._open: list[CallMade] = list(desk.memory.now.calls)
        self._met: dict[tuple[object, ...], Outcome] = {}

    def outcome(self, wish: Wish) -> Outcome | None:
        """What became of the wish; None if it is still to be called."""
        key = (wish.kind, identity(wish.arguments), wish.attempt, wish.again)
        if key not in self._met:
            made = self._made(wish)
            if made is None and not self._desk.offers(wish.kind):
                return Outcome(fate=Fate.NOT_OFFERED)
            if made is None:
                return None
            self._met[key] = made.outcome
        return self._met[key]

    def _made(self, wish: Wish) -> CallMade | None:
        """The same call as far as its parameters are offered, or a second try of it with fewer arguments."""
        tool = self._desk.tools.by_kind.get(wish.kind)
        whole = set(identity(wish.arguments))
        wanted = set(identity(tool.takes(wish.arguments))) if tool else whole
        fewer = wish.attempt > 1 or tool is None  # withdrawn tools do not tell any more what they offered
        for index, call in enumerate(self._open):
            had = set(identity(call.arguments))
            if call.kind == wish.kind and (had or not wanted) and (wanted <= had or (fewer and had <= whole)):
                return self._open.pop(index)
        return None
