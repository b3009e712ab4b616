"""A remote MCP server that wants a sign-in, made with the SDK: its own authorization server, consent page and tools.

Run as a module; it prints its port. `/issued` tells which tokens it gave, and `/forget` makes it refuse them.
"""

import secrets
import socket
import time
from html import escape
from urllib.parse import urlencode

import uvicorn
from mcp.server import MCPServer
from mcp.server.auth.provider import (
    AccessToken,
    AuthorizationCode,
    AuthorizationParams,
    RefreshToken,
    construct_redirect_uri,
)
from mcp.server.auth.settings import AuthSettings, ClientRegistrationOptions
from mcp.shared.auth import OAuthClientInformationFull, OAuthToken
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response


class Office:
    """Registers clients, asks for consent, and gives out tokens."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.seconds = 3600
        self.clients: dict[str, OAuthClientInformationFull] = {}
        self.asked: dict[str, tuple[str, AuthorizationParams]] = {}
        self.codes: dict[str, AuthorizationCode] = {}
        self.access: dict[str, AccessToken] = {}
        self.refresh: dict[str, RefreshToken] = {}
        self.issued: list[str] = []
        self.renewals = 0

    async def get_client(self, client_id: str) -> OAuthClientInformationFull | None:
        return self.clients.get(client_id)

    async def register_client(self, client_info: OAuthClientInformationFull) -> None:
        self.clients[str(client_info.client_id)] = client_info

    async def authorize(self, client: OAuthClientInformationFull, params: AuthorizationParams) -> str:
        ticket = secrets.token_urlsafe(8)
        self.asked[ticket] = (str(client.client_id), params)
        return f"{self.base}/consent?{urlencode({'ticket': ticket})}"

    def answer(self, ticket: str, *, agreed: bool) -> str:
        client_id, params = self.asked.pop(ticket)
        if not agreed:
            words = "The user said <b>no</b>"
            return construct_redirect_uri(
                str(params.redirect_uri), error="access_denied", error_description=words, state=params.state
            )
        code = self._noted("code")
        self.codes[code] = AuthorizationCode(
            code=code, client_id=client_id, scopes=params.scopes or [], expires_at=time.time() + 60,
            code_challenge=params.code_challenge, redirect_uri=params.redirect_uri, resource=params.resource,
            redirect_uri_provided_explicitly=params.redirect_uri_provided_explicitly,
        )  # fmt: skip
        return construct_redirect_uri(str(params.redirect_uri), code=code, state=params.state)

    async def load_authorization_code(self, client: OAuthClientInformationFull, code: str) -> AuthorizationCode | None:
        return self.codes.get(code)

    async def exchange_authorization_code(
        self, client: OAuthClientInformationFull, code: AuthorizationCode
    ) -> OAuthToken:
        del self.codes[code.code]
        return self._tokens(str(client.client_id), code.resource)

    async def load_refresh_token(self, client: OAuthClientInformationFull, token: str) -> RefreshToken | None:
        return self.refresh.get(token)

    async def exchange_refresh_token(
        self, client: OAuthClientInformationFull, token: RefreshToken, scopes: list[str]
    ) -> OAuthToken:
        del self.refresh[token.token]  # each is taken once
        self.renewals += 1
        return self._tokens(str(client.client_id), token.resource)

    async def load_access_token(self, token: str) -> AccessToken | None:
        return self.access.get(token)

    async def revoke_token(self, token: AccessToken | RefreshToken) -> None:
        self.access.pop(token.token, None)

    def _tokens(self, client_id: str, resource: str | None) -> OAuthToken:
        access, refresh = self._noted("access"), self._noted("refresh")
        ends = int(time.time()) + 3600
        self.access[access] = AccessToken(
            token=access, client_id=client_id, scopes=[], expires_at=ends, resource=resource
        )
        self.refresh[refresh] = RefreshToken(token=refresh, client_id=client_id, scopes=[], resource=resource)
        return OAuthToken(access_token=access, refresh_token=refresh, expires_in=self.seconds)

    def _noted(self, kind: str) -> str:
        made = f"{kind}-{secrets.token_urlsafe(24)}"
        self.issued.append(made)
        return made


def build(base: str) -> MCPServer:
    office = Office(base)
    auth = AuthSettings(
        issuer_url=base,  # type: ignore[arg-type]
        resource_server_url=f"{base}/mcp",  # type: ignore[arg-type]
        validate_token_resource=True,
        client_registration_options=ClientRegistrationOptions(enabled=True),
    )
    server = MCPServer("office", auth=auth, auth_server_provider=office)

    @server.tool()
    def get_page(title: str) -> str:
        """Get a page."""
        return f"The page {title}"

    @server.custom_route("/consent", methods=["GET"])
    async def consent(request: Request) -> Response:
        ticket = escape(request.query_params["ticket"])
        links = "".join(f"<a href='/answer?ticket={ticket}&say={say}'>{say}</a> " for say in ("Agree", "Deny"))
        return HTMLResponse(f"<h1>May Quarterdeck read your pages?</h1>{links}")

    @server.custom_route("/answer", methods=["GET"])
    async def answer(request: Request) -> Response:
        given = request.query_params
        return RedirectResponse(office.answer(given["ticket"], agreed=given["say"] == "Agree"), 302)

    @server.custom_route("/issued", methods=["GET"])
    async def issued(_request: Request) -> Response:
        return JSONResponse({"tokens": office.issued, "renewals": office.renewals, "clients": len(office.clients)})

    @server.custom_route("/forget", methods=["POST"])
    async def forget(request: Request) -> Response:
        office.access.clear()
        if request.query_params.get("all"):
            office.refresh.clear()
        return Response(status_code=204)

    @server.custom_route("/seconds/{number}", methods=["POST"])
    async def seconds(request: Request) -> Response:
        office.seconds = int(request.path_params["number"])
        return Response(status_code=204)

    return server


def main() -> None:
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    app = build(f"http://127.0.0.1:{port}").streamable_http_app()
    print(port, flush=True)
    uvicorn.Server(uvicorn.Config(app, log_level="error")).run(sockets=[listening])


if __name__ == "__main__":
    main()
