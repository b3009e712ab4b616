"""What is wrong with one connector beyond the shape of its document. Pure."""

import re
from collections.abc import Iterator

from . import recall
from .config import Auth, Connector, is_sign_in
from .tools.addresses import RefusedAddress, place_of


def found(path: str, connector: Connector) -> Iterator[str]:
    """As sentences, each with its path."""
    if connector.kind == "mcp_stdio" and not connector.command:
        yield f"{path}/command: an MCP server over stdio needs the command that starts it"
    if connector.kind == "mcp_http" and not (connector.url or "").startswith(("http://", "https://")):
        yield f"{path}/url: an MCP server over HTTP needs its http:// or https:// address"
    if connector.kind == "openapi":
        yield from _openapi_problems(path, connector)
    if connector.auth is not None:
        yield from _auth_problems(f"{path}/auth", connector.kind, connector.auth)
    yield from _allow_problems(f"{path}/allow", connector)
    yield from _address_problems(path, connector)
    if connector.name == recall.CONNECTOR:
        yield f"{path}/name: {recall.CONNECTOR!r} is what Quarterdeck calls its own tools"


def _address_problems(path: str, connector: Connector) -> Iterator[str]:
    """What looks like an address and is none: `http://host:99999`, `http://[host`."""
    token_url = connector.auth.token_url if connector.auth else None
    for key, value in (("url", connector.url), ("spec", connector.spec), ("auth/token_url", token_url)):
        if value and value.startswith(("http://", "https://")):
            try:
                place_of(value)
            except RefusedAddress as error:
                yield f"{path}/{key}: {error}"


def _openapi_problems(path: str, connector: Connector) -> Iterator[str]:
    if not connector.spec and not connector.spec_text:
        yield f"{path}/spec: an OpenAPI service needs its description, by address (spec) or as text (spec_text)"
    if connector.spec and connector.spec_text:
        yield f"{path}/spec_text: there is an address for the description already; keep one of the two"
    for key in ("spec", "url"):
        value = getattr(connector, key)
        if value and not value.startswith(("http://", "https://")):
            yield f"{path}/{key}: it needs to begin with http:// or https://"
        elif value and "@" in value.split("/", 3)[2]:
            yield f"{path}/{key}: leave name and password out of the address and enter them as the sign-in"


_AUTH_NEEDS = {
    "header": ("name", "value"),
    "bearer": ("value",),
    "basic": ("username", "password"),
    "client_credentials": ("token_url", "client_id", "client_secret"),
    "oauth": (),
}


def _auth_problems(path: str, kind: str, auth: Auth) -> Iterator[str]:
    if kind in ("mcp_stdio", "builtin"):
        yield f"{path}: only services reached over HTTP are signed in to"
    if kind == "openapi" and auth.kind == "oauth":
        yield f"{path}/kind: signing in by OAuth is for remote MCP servers; use client_credentials"
    for key, reference in (("value", auth.value), ("password", auth.password), ("client_secret", auth.client_secret)):
        if reference and is_sign_in(reference):
            yield f"{path}/{key}: {reference} is somebody's sign-in, which nothing else may use; name another secret"
    for key in _AUTH_NEEDS[auth.kind]:
        if not getattr(auth, key):
            yield f"{path}/{key}: a sign-in of kind {auth.kind} needs it"
    if auth.name and not re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}", auth.name):
        yield f"{path}/name: {auth.name!r} is no name of a header"
    if auth.token_url and not auth.token_url.startswith(("http://", "https://")):
        yield f"{path}/token_url: it needs to begin with http:// or https://"


def _allow_problems(path: str, connector: Connector) -> Iterator[str]:
    if connector.allow and connector.kind != "builtin":
        yield f"{path}: only the built-in tools have a list of hosts to read from"
    for i, host in enumerate(connector.allow):
        if (
            not re.fullmatch(r"(?:\*\.)?[A-Za-z0-9.-]+(?::\d{1,5})?|\[[0-9A-Fa-f:.]+\](?::\d{1,5})?", host)
            or host == "*."
        ):
            yield f"{path}/{i}: {host!r} is no host; write example.org, *.example.org or example.org:8080"
