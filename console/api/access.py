"""Who is asking, and whether they may: a bearer token for everything, the signed-in cookie for reading only."""

from dataclasses import dataclass

from fastapi import Request

from agents.errors import NotAllowed, NotFound
from store.people import People, Role
from store.queries import Queries

from .problems import Unauthorized

COOKIES = ("__Host-qd_session", "qd_session")
"""The sign-in cookie's name on https and on http, in the order they are believed."""
MAKE_ONE = "Send `Authorization: Bearer TOKEN`. `python main.py token NAME --role operator` makes a token."
FILTERED = ("/v1/sessions", "/v1/approvals")
"""Their handlers look at the actor's agents themselves."""
NEEDED = {"GET": Role.VIEWER, "POST": Role.OPERATOR, "PUT": Role.ADMIN}


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """A person, or the name a token was made for, with the role read for this very request."""

    name: str
    role: Role
    agents: tuple[str, ...] = ()
    """The agents a token is limited to; none named: all."""

    @property
    def only(self) -> str:
        return f"{self.name} is limited to the agents {', '.join(self.agents)}"

    @property
    def known_as(self) -> str:
        """Whose repeated requests get the recorded answer: not those of a token with another scope."""
        return f"{self.name} ({', '.join(self.agents)})" if self.agents else self.name

    def may_use(self, agent: str) -> bool:
        return not self.agents or agent in self.agents


async def confine(route: str, parameters: dict[str, str], actor: Actor, queries: Queries) -> None:
    """Keeps a limited token to its agents: what belongs to others does not exist for it. Lists filter by themselves.

    `route` is the path with its parameters' names. Raises NotFound or NotAllowed; a route it does not know is refused.
    """
    if not actor.agents:
        return
    id_ = parameters.get("id", "")
    if route.startswith("/v1/sessions/{id}"):
        session = await queries.session(id_)
        if session is None or not actor.may_use(session["agent"]):
            raise NotFound(f"There is no session {id_}.")
    elif route.startswith("/v1/approvals/{id}"):
        approval = await queries.approval(id_)
        if approval is None or not actor.may_use(approval["agent"]):
            raise NotFound(f"There is no approval request {id_}.")
    elif route not in FILTERED:
        raise NotAllowed(f"{actor.only}, and this is about everything.")


async def authorise(request: Request, people: People) -> Actor:
    """Raises Unauthorized when nobody known asks, NotAllowed when their role is not enough for the method."""
    actor = await _who(request, people)
    needed = NEEDED.get(request.method, Role.ADMIN)
    if actor.role.rank < needed.rank:
        raise NotAllowed(f"This needs {_a(needed)}; {actor.name} is {_a(actor.role)}.")
    return actor


async def _who(request: Request, people: People) -> Actor:
    header = request.headers.get("authorization")
    if header is not None:
        scheme, _, token = header.partition(" ")
        holder = await people.token_holder(token.strip()) if scheme.lower() == "bearer" else None
        if holder is None:
            raise Unauthorized(
                "This token is not valid, has expired, or was revoked. Make a new one with `python main.py token`."
            )
        return Actor(name=holder.name, role=holder.role, agents=holder.agents)
    if request.method == "GET" and (cookie := _cookie(request)):
        person = await people.who(cookie)
        if person is not None:
            return Actor(name=person.name, role=person.role)
    raise Unauthorized(MAKE_ONE)


def _cookie(request: Request) -> str | None:
    return next((request.cookies[name] for name in COOKIES if request.cookies.get(name)), None)


def _a(role: Role) -> str:
    return f"{'a' if role is Role.VIEWER else 'an'} {role}"
