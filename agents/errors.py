"""Every refusal of the agents room; the message is one sentence an operator can act on. Pure."""


class AgentsError(Exception):
    """Base of all of them."""


class IllegalEvent(AgentsError):
    """The state machine has no such move: a defect in the program, never an operator's fault."""


class NotFound(AgentsError):
    """There is no such session, approval, agent, or document."""


class NotNow(AgentsError):
    """The session is in no state for this."""


class Missing(AgentsError):
    """Something the session needs was deleted or cannot be reached; it waits until that is put right."""


class BadRequest(AgentsError):
    """What was sent cannot be used; `problems` names each part."""

    def __init__(self, message: str, problems: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.problems = problems


class Halted(AgentsError):
    """An emergency stop is in force; the message says whose, since when and why."""


class NotAllowed(AgentsError):
    """This person may not make this decision."""


class Conflict(AgentsError):
    """Base of decisions that came too late; `winner` says who or what was first."""

    def __init__(self, message: str, winner: str | None = None) -> None:
        super().__init__(message)
        self.winner = winner


class AlreadyDecided(Conflict):
    """Somebody else decided first."""


class Expired(Conflict):
    """The time to decide, or to run, is over."""


class Changed(Conflict):
    """What was shown is not what would run any more."""
