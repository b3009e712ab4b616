"""A real service that describes itself in OpenAPI 3.1, in its own process: `python openapi_service.py`, prints its port."""

import asyncio
import base64
import os
import socket
from typing import Annotated, Any

import uvicorn
from fastapi import Depends, FastAPI, Form, Header, HTTPException, Query, Request
from fastapi.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from pydantic import BaseModel, Field

app = FastAPI(title="Workshop", version="1")
tokens: list[str] = []
seen: list[str] = []


class Line(BaseModel):
    name: str
    price: float | None = None


class Order(BaseModel):
    customer: int
    amount: float = Field(gt=0)
    lines: list[Line] = []


class Branch(BaseModel):
    name: str
    children: list["Branch"] = []


@app.post("/orders/{order:path}/echo", operation_id="echo order", summary="Say what arrived")
async def echo(
    order: str, request: Request, body: Order, tags: Annotated[list[str], Query()] = [],  # noqa: B006
    x_reason: Annotated[str | None, Header()] = None,
) -> Any:  # fmt: skip
    raw = (await request.body()).decode()
    seen.append(raw)
    return {"order": order, "tags": tags, "reason": x_reason, "raw": raw, "path": request.scope["raw_path"].decode()}


@app.get("/numbers", operation_id="numbers")
async def numbers() -> Response:
    return Response(
        '{\n  "price": 12.50,\n  "id": 12345678901234567890,\n "name": "a  b"}', media_type="application/json"
    )


@app.post("/tree", operation_id="plant")
async def plant(body: Branch) -> dict[str, str]:
    return {"planted": body.name}


@app.post("/form", operation_id="send_form")
async def form(name: Annotated[str, Form()], size: Annotated[int, Form()] = 1) -> dict[str, Any]:
    return {"name": name, "size": size}


@app.delete("/orders/{order}", operation_id="delete_order")
async def delete(order: int) -> Response:
    return Response(status_code=204)


@app.get("/fails/{status}", operation_id="fail")
@app.post("/fails/{status}", operation_id="fail_writing")
async def fail(status: int) -> Response:
    return JSONResponse({"detail": "no luck"}, status_code=status)


@app.post("/hang", operation_id="hang")
async def hang() -> str:
    await asyncio.Event().wait()
    return ""


@app.post("/die", operation_id="die")
async def die() -> None:
    os._exit(1)


@app.get("/away", operation_id="away")
async def away(to: str) -> Response:
    return RedirectResponse(to)


@app.get("/picture", operation_id="picture")
async def picture() -> Response:
    return Response(b"x" * 12_000, media_type="image/png")


@app.get("/large", operation_id="large")
async def large(size: int) -> Response:
    return PlainTextResponse("x" * size)


@app.get("/whoami", operation_id="whoami")
async def whoami(request: Request) -> dict[str, str]:
    """What it was told about who asks: exactly what must not reach a model."""
    return {name: request.headers[name] for name in ("authorization", "x-api-key") if name in request.headers}


def only(wanted: str, name: str = "authorization") -> Any:
    def check(request: Request) -> None:
        if request.headers.get(name) != wanted:
            raise HTTPException(401, "not signed in")

    return Depends(check)


BASIC = f"Basic {base64.b64encode(b'desk:hunter2-and-more').decode()}"


@app.get("/by/bearer", operation_id="by_bearer", dependencies=[only("Bearer hunter2-and-more")])
@app.get("/by/header", operation_id="by_header", dependencies=[only("hunter2-and-more", "x-api-key")])
@app.get("/by/basic", operation_id="by_basic", dependencies=[only(BASIC)])
async def signed_in() -> str:
    return "welcome"


@app.post("/by/token", operation_id="by_token")
async def by_token(request: Request) -> str:
    if not tokens or request.headers.get("authorization") != f"Bearer {tokens[-1]}":
        raise HTTPException(401, "token is over")
    return f"welcome with token {len(tokens)}"


@app.post("/token", include_in_schema=False)
async def token(request: Request) -> Any:
    given = await request.form()
    basic = f"Basic {base64.b64encode(b'quarter:hunter2-and-more').decode()}"
    in_body = (given.get("client_id"), given.get("client_secret")) == ("quarter", "hunter2-and-more")
    if request.query_params.get("only") == "body" and not in_body:
        return JSONResponse({"error": "invalid_client"}, status_code=400)
    if request.headers.get("authorization") != basic and not in_body:
        return JSONResponse(
            {"error": "invalid_client", "error_description": str(dict(request.headers))}, status_code=401
        )
    assert given.get("grant_type") == "client_credentials"
    tokens.append(f"token-number-{len(tokens) + 1}-{given.get('scope')}")
    return {"access_token": tokens[-1], "token_type": "bearer", "expires_in": 3600}


@app.post("/revoke", operation_id="revoke")
async def revoke() -> int:
    """Ends the token that is in use, as a service may at any time."""
    tokens.append("nobody has this one")
    return len(tokens)


if __name__ == "__main__":
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen()
    print(listening.getsockname()[1], flush=True)
    uvicorn.Server(uvicorn.Config(app, log_level="critical")).run(sockets=[listening])
