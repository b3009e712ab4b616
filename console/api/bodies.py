"""Request bodies: limited in size, and read as strictly as tool arguments, so that every number survives."""

from typing import Any

from fastapi import Request

from agents import arguments
from agents.arguments import BadArguments

from .problems import TooLarge, Unusable

LARGEST = 2_000_000
"""Bytes."""


class StrictRequest(Request):
    """What FastAPI reads bodies from: no duplicate keys, NaN, 1e400 or half characters; 50.0 and big integers stay."""

    _content: bytes | None = None

    async def body(self) -> bytes:
        if self._content is None:
            self._content = await self._read()
        return self._content

    async def json(self) -> Any:
        return strict_json(await self.body())

    async def _read(self) -> bytes:
        announced = self.headers.get("content-length", "")
        if announced.isdecimal() and len(announced) < 20 and int(announced) > LARGEST:
            raise TooLarge(LARGEST)
        content = bytearray()
        async for chunk in self.stream():
            content += chunk
            if len(content) > LARGEST:
                raise TooLarge(LARGEST)
        return bytes(content)


def text_of(body: bytes) -> str:
    """Raises Unusable."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unusable(f"The body is not UTF-8: byte {error.start:,} cannot be read.") from None


def strict_json(body: bytes) -> dict[str, Any]:
    """Raises Unusable."""
    try:
        return arguments.parse(text_of(body))
    except BadArguments as error:
        raise Unusable(f"The body{str(error).removeprefix('The arguments')}") from None
