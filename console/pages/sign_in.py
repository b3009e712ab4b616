"""Coming in and going out: plain forms that work without JavaScript. Sign-in by password or by one-time link."""

import time
from html import escape
from urllib.parse import parse_qs

from fastapi import Request, Response
from nicegui import app
from starlette.responses import RedirectResponse

from store.errors import StoreError, WeakPassword
from store.people import Person

from ..desk import Desk
from ..plain_page import base_of, message_page, plain_page
from ..security.door import Door
from ..security.origins import HOME, safe_next
from ..security.passwords import Passwords
from ..security.throttle import Throttle
from . import sign_in_forms as forms

LONGEST_FORM = 16_384
LONGEST_NAME = 80


class SignIn:
    """The routes, and what they share: who failed lately, and who came by a link (they may choose a new password)."""

    def __init__(self, desk: Desk, door: Door, passwords: Passwords, throttle: Throttle) -> None:
        self._people = desk.people
        self._door = door
        self._passwords = passwords
        self._throttle = throttle
        self._by_link: set[str] = set()

    async def ask(self, request: Request) -> Response:
        """GET /signin"""
        if await self._door.person(request.scope) is not None:
            return _go(request, HOME)
        return _signin_page(request, wanted=request.query_params.get("next"))

    async def check(self, request: Request) -> Response:
        """POST /signin"""
        form = await _form(request)
        name, wanted = form.get("name", "").strip()[:LONGEST_NAME], form.get("next")
        keys = (f"name {name.casefold()}", f"address {self._door.address(request.scope)}")
        if wait := self._throttle.begin(*keys):
            said = f"Too many failed attempts. Try again in {wait} seconds."
            return _signin_page(request, name, wanted, said, status=429, headers={"Retry-After": str(wait)})
        person = await self._people.check_password(name, form.get("password", ""))
        if person is None:
            return _signin_page(request, name, wanted, "That name and password do not match.", status=401)
        self._throttle.forgive(*keys)
        return await self._let_in(request, person, safe_next(wanted))

    async def show_link(self, request: Request) -> Response:
        """GET /link/TOKEN: the same page for every token, and it uses nothing up (mail programs open links)."""
        return plain_page(request.scope, "Sign in", forms.LINK)

    async def use_link(self, request: Request) -> Response:
        """POST /link/TOKEN"""
        person = await self._people.use_link(request.path_params["token"])
        if person is None:
            gone = forms.LINK_GONE.format(base=base_of(request.scope))
            return plain_page(request.scope, "Link used up", gone, status=410)
        return await self._let_in(request, person, "/welcome", by_link=True)

    async def ask_password(self, request: Request) -> Response:
        """GET /welcome: for those without a password, and those who came by a link."""
        person: Person = request.state.person
        has_one = await self._passwords.has_one(person.name)
        if has_one and self._door.token(request.scope) not in self._by_link:
            return _go(request, HOME)
        return _welcome_page(request, person, has_one)

    async def set_password(self, request: Request) -> Response:
        """POST /welcome"""
        person: Person = request.state.person
        has_one, token = await self._passwords.has_one(person.name), self._door.token(request.scope) or ""
        if has_one and token not in self._by_link:
            return _go(request, HOME)
        form = await _form(request)
        password, display_name = form.get("password", ""), form.get("display_name", "").strip()[:LONGEST_NAME]
        if password != form.get("again"):
            return _welcome_page(
                request, person, has_one, "The two passwords differ; nothing was changed.", display_name
            )
        try:
            await self._people.set_password(person.name, password, by=person.name)
        except WeakPassword as error:
            return _welcome_page(request, person, has_one, f"{error} Nothing was changed.", display_name)
        if display_name and display_name != person.display_name:
            await self._people.change(person.name, display_name=display_name, by=person.name)
        self._by_link.discard(token)
        return await self._let_in(request, person, HOME)

    async def leave(self, request: Request) -> Response:
        """POST /signout"""
        token = self._door.token(request.scope)
        if token is not None:
            await self._people.sign_out(token)
            self._by_link.discard(token)
        response = _go(request, "/signin")
        self._door.drop(request.scope, response)
        return response

    async def _let_in(self, request: Request, person: Person, to: str, *, by_link: bool = False) -> Response:
        """Every sign-in gets a token of its own, and ends the one this browser had."""
        if (old := self._door.token(request.scope)) is not None:
            await self._people.sign_out(old)
        token = await self._people.sign_in(person, agent=request.headers.get("user-agent", ""))
        if by_link:
            self._by_link.add(token)
        response = _go(request, to)
        self._door.keep(request.scope, response, token)
        return response


def register(desk: Desk) -> None:
    sign_in = SignIn(desk, app.state.door, app.state.passwords, Throttle(time.monotonic))
    for method, path, handle in (
        ("GET", "/signin", sign_in.ask),
        ("POST", "/signin", sign_in.check),
        ("GET", "/link/{token}", sign_in.show_link),
        ("POST", "/link/{token}", sign_in.use_link),
        ("GET", "/welcome", sign_in.ask_password),
        ("POST", "/welcome", sign_in.set_password),
        ("POST", "/signout", sign_in.leave),
    ):
        app.add_api_route(path, _with_sentences(handle), methods=[method], include_in_schema=False)


def _with_sentences(handle: forms.Handle) -> forms.Handle:
    """A full disk, or a form nobody could have filled in, gets a sentence too."""

    async def answer(request: Request) -> Response:
        try:
            return await handle(request)
        except StoreError as error:
            return message_page(request.scope, "Not just now", str(error), status=503)
        except forms.TooLong as error:
            return message_page(request.scope, "Too long", str(error), status=413)

    return answer


async def _form(request: Request) -> dict[str, str]:
    """Read with a limit: whoever sends this may be anybody."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LONGEST_FORM:
            raise forms.TooLong
    fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=20)
    return {name: values[0] for name, values in fields.items()}


def _go(request: Request, path: str) -> RedirectResponse:
    return RedirectResponse(f"{request.scope.get('root_path', '')}{path}", 303)


def _signin_page(
    request: Request,
    name: str = "",
    wanted: str | None = None,
    problem: str = "",
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> Response:
    wanted = safe_next(wanted)
    hidden = "" if wanted == HOME else f'<input type="hidden" name="next" value="{escape(wanted)}">'
    body = forms.SIGN_IN.format(
        base=base_of(request.scope),
        problem=forms.problem(problem),
        hidden=hidden,
        name=escape(name),
        name_focus="" if name else " autofocus",
        password_focus=" autofocus" if name else "",
    )
    return plain_page(request.scope, "Sign in", body, status=status, headers=headers)


def _welcome_page(request: Request, person: Person, has_one: bool, problem: str = "", shown: str = "") -> Response:
    body = (forms.NEW_PASSWORD if has_one else forms.WELCOME).format(
        base=base_of(request.scope),
        problem=forms.problem(problem),
        name=escape(person.name),
        display_name=escape(shown or person.display_name),
    )
    return plain_page(request.scope, "Welcome", body, status=422 if problem else 200)
