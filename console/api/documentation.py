"""The OpenAPI description, and the page that shows it with our own copy of Swagger UI (no other host is asked)."""

from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from agents.config import Configuration

from .guarded import KEY
from .shapes import Health, Problem

ASSETS = Path(__file__).parents[2] / "assets" / "api-docs"
REF = "#/components/schemas/{model}"
ABOUT = """What people do on the pages of Quarterdeck, other programs do here: start sessions, follow them, and decide.

Every request carries `Authorization: Bearer TOKEN`; GET also accepts the cookie of a signed-in browser.
Viewers read, operators also act on sessions and approvals, admins also change the configuration.
Times are UTC (ISO 8601). Refusals are `application/problem+json`, and their `detail` says what to do."""
IDEMPOTENCY = {
    "name": KEY,
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 200},
    "description": "Up to 24 hours the same key and body get the same answer, and nothing happens twice.",
}
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Quarterdeck API</title>
<link rel="stylesheet" href="docs/assets/swagger-ui.css">
<link rel="icon" href="docs/assets/favicon-32x32.png">
</head>
<body>
<div id="api"></div>
<script src="docs/assets/swagger-ui-bundle.js"></script>
<script>
SwaggerUIBundle({url: "openapi.json", dom_id: "#api", deepLinking: true, validatorUrl: null, tryItOutEnabled: true});
</script>
</body>
</html>
"""


async def show_page(_request: Request) -> Response:
    return HTMLResponse(PAGE)


def add_documentation(api: FastAPI) -> None:
    async def show_description(_request: Request) -> Response:
        return JSONResponse(api.openapi())

    api.router.routes += [
        Route("/openapi.json", show_description),
        Route("/docs", show_page),
        Mount("/docs/assets", StaticFiles(directory=ASSETS)),
    ]
    api.openapi = lambda: described(api)  # type: ignore[method-assign]


def described(api: FastAPI) -> dict[str, Any]:
    """The description with full addresses, made once."""
    if api.openapi_schema is None:
        made = get_openapi(title=api.title, version=api.version, description=ABOUT, routes=api.routes)
        made["paths"] = {"/healthz": _health()} | {f"/api{path}": one for path, one in made["paths"].items()}
        _add_schemas(made)
        for path, operations in made["paths"].items():
            for method, operation in operations.items():
                _complete(path, method, operation)
        api.openapi_schema = made
    return api.openapi_schema


def _add_schemas(made: dict[str, Any]) -> None:
    components = made.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for model in (Problem, Health, Configuration):
        whole = model.model_json_schema(ref_template=REF)
        schemas |= {name: one for name, one in whole.pop("$defs", {}).items() if name not in schemas}
        schemas[model.__name__] = whole
    components["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "description": "From `python main.py token NAME --role ROLE`."},
        "browser": {"type": "apiKey", "in": "cookie", "name": "qd_session", "description": "Signed in; GET only."},
    }


def _complete(path: str, method: str, operation: dict[str, Any]) -> None:
    if path == "/healthz":
        return
    operation["security"] = [{"token": []}, {"browser": []}] if method == "get" else [{"token": []}]
    if method == "post":
        operation["parameters"] = [*operation.get("parameters", ()), IDEMPOTENCY]


def _health() -> dict[str, Any]:
    answer = {"application/json": {"schema": {"$ref": REF.format(model="Health")}}}
    return {
        "get": {
            "tags": ["health"],
            "summary": "Is it running?",
            "operationId": "get_health",
            "responses": {"200": {"description": "It is.", "content": answer}},
        }
    }
