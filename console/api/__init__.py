"""The REST API: /api/v1, /healthz, and its documentation at /api/docs. `register` puts it onto the console's app."""

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from . import approvals, configuration, events, sessions
from .desk import ApiDesk
from .documentation import add_documentation
from .problems import answer_refusal

__all__ = ["make_api", "register"]


def register(app: FastAPI, desk: ApiDesk) -> None:
    """Call it before anything that answers every path."""

    async def healthz(_request: Request) -> Response:
        return JSONResponse({"status": "ok", "version": desk.version})

    app.add_route("/healthz", healthz, include_in_schema=False)
    app.mount("/api", make_api(desk))


def make_api(desk: ApiDesk) -> FastAPI:
    """An app of its own, so that its errors and its description are its own."""
    api = FastAPI(
        title="Quarterdeck",
        version=desk.version,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        root_path_in_servers=False,
        strict_content_type=False,
        generate_unique_id_function=lambda route: route.name,
    )
    api.state.desk = desk
    for part in (sessions, events, approvals, configuration):
        api.include_router(part.router)
    add_documentation(api)
    api.add_exception_handler(HTTPException, answer_refusal)
    api.add_exception_handler(Exception, answer_refusal)
    return api
