"""Who is asking, and whether they may: a bearer token for everything, the signed-in cookie for reading only."""

from dataclasses import dataclass

from fastapi import Request

from agents.errors import NotAllowed
from store.people import People, Role

from .problems import Unauthorized

COOKIES = ("__Host-qd_session", "qd_session")
"""The sign-in cookie's name on https and on http, in the order they are believed."""
MAKE_ONE = "Send `Authorization: Bearer TOKEN`. `python main.py token NAME --role operator` makes a token."
NEEDED = {"GET": Role.VIEWER, "POST": Role.OPERATOR, "PUT": Role.ADMIN}


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """A person, or the name a token was made for, with the role read for this very request."""

    name: str
    role: Role


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
            raise Unauthorized("This token is not valid, or was revoked. Make a new one with `python main.py token`.")
        return Actor(name=holder.name, role=holder.role)
    if request.method == "GET" and (cookie := _cookie(request)):
        person = await people.who(cookie)
        if person is not None:
            return Actor(name=person.name, role=person.role)
    raise Unauthorized(MAKE_ONE)


def _cookie(request: Request) -> str | None:
    return next((request.cookies[name] for name in COOKIES if request.cookies.get(name)), None)


def _a(role: Role) -> str:
    return f"{'a' if role is Role.VIEWER else 'an'} {role}"
