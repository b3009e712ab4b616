"""What the API needs of the running program, and how routes get hold of it and of who is asking."""

from typing import Annotated, Protocol, cast

from fastapi import Depends, Request

from agents.runtime import Runtime
from store.idempotency import Idempotency
from store.people import People
from store.queries import Queries

from .access import Actor


class ApiDesk(Protocol):
    """The console's Desk, or any server without pages that carries the same five."""

    @property
    def runtime(self) -> Runtime: ...
    @property
    def people(self) -> People: ...
    @property
    def queries(self) -> Queries: ...
    @property
    def idempotency(self) -> Idempotency: ...
    @property
    def version(self) -> str: ...


def desk_of(request: Request) -> ApiDesk:
    return cast(ApiDesk, request.app.state.desk)


def actor_of(request: Request) -> Actor:
    return cast(Actor, request.state.actor)


DeskHere = Annotated[ApiDesk, Depends(desk_of)]
ActorHere = Annotated[Actor, Depends(actor_of)]
