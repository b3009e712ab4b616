"""Sends a person's decision to the runtime and puts refusals into words."""

from dataclasses import dataclass
from typing import Any

from agents.commands.approvals import Decider
from agents.errors import AgentsError, BadRequest, Conflict
from store.errors import StoreUnavailable
from store.people import Person

from ..desk import Desk


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Recorded: the request that carries on (the revision, after an edit). Refused: sentences why."""

    approval_id: str | None = None
    problems: tuple[str, ...] = ()


async def decide(
    desk: Desk,
    approval: dict[str, Any],
    decision: Any,
    person: Person,
    *,
    arguments_json: str | None = None,
    because: str | None = None,
    code: str | None = None,
) -> Answer:
    """Decide as this person, now."""
    try:
        decided = await desk.runtime.decide(
            approval["id"],
            decision,
            by=Decider(name=person.name, role=person.role.value),
            action_digest=approval["action_digest"],
            new_arguments=arguments_json,
            because=because or None,
            code=code,
        )
    except BadRequest as error:
        return Answer(problems=error.problems or (str(error),))
    except Conflict as error:
        winner = f" {error.winner} was first." if error.winner and error.winner != person.name else ""
        return Answer(problems=(f"{error}{winner}",))
    except (AgentsError, StoreUnavailable) as error:
        return Answer(problems=(f"{error} Nothing was decided.",))
    return Answer(approval_id=decided.approval_id)
