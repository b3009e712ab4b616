"""Sends a person's decision to the runtime and puts refusals into words."""

from typing import Any

from agents.commands.approvals import Decider
from agents.errors import AgentsError, BadRequest, Conflict
from store.errors import StoreUnavailable
from store.people import Person

from ..desk import Desk


async def decide(
    desk: Desk,
    approval: dict[str, Any],
    decision: Any,
    person: Person,
    *,
    arguments_json: str | None = None,
    because: str | None = None,
    code: str | None = None,
) -> tuple[str, ...]:
    """Decide as this person; an empty result means it was recorded, otherwise sentences why not."""
    try:
        await desk.runtime.decide(
            approval["id"],
            decision,
            by=Decider(name=person.name, role=person.role.value),
            action_digest=approval["action_digest"],
            new_arguments=arguments_json,
            because=because or None,
            code=code,
        )
    except BadRequest as error:
        return error.problems or (str(error),)
    except Conflict as error:
        winner = f" {error.winner} was first." if error.winner and error.winner != person.name else ""
        return (f"{error}{winner}",)
    except (AgentsError, StoreUnavailable) as error:
        return (f"{error} Nothing was decided.",)
    return ()
