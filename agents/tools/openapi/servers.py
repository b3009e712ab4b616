"""Where a service is: the admin's word, else what the description says, relative to where it was found. Pure."""

from typing import Any
from urllib.parse import urljoin, urlsplit

from agents.tools.errors import CannotStart

from .arguments import CannotBeCalled


def base_of(
    document: dict[str, Any], item: dict[str, Any], said: dict[str, Any], *, url: str | None, spec_url: str | None
) -> str:
    """Without a slash at its end. Raises CannotStart where nobody says, CannotBeCalled for one that is no web address."""
    if url:
        return _plain(url)
    server = _first_server(said) or _first_server(item) or _first_server(document) or "/"
    if spec_url:
        server = urljoin(spec_url, server)
    if urlsplit(server).scheme == "" or not urlsplit(server).netloc:
        raise CannotStart(
            "The description does not say where the service is: enter its address, as https://api.example.org."
        )
    return _plain(server)


def _plain(url: str) -> str:
    try:
        parts = urlsplit(url)
        known = parts.scheme in ("http", "https") and parts.hostname and not parts.username and parts.port != 0
    except ValueError:
        known = None
    if not known:
        raise CannotBeCalled("its server is no http:// or https:// address")
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


def _first_server(holder: dict[str, Any]) -> str | None:
    servers = holder.get("servers")
    first = servers[0] if isinstance(servers, list) and servers else None
    if not isinstance(first, dict) or not isinstance(first.get("url"), str):
        return None
    address: str = first["url"].strip()
    variables = first.get("variables")
    for name, variable in variables.items() if isinstance(variables, dict) else ():
        value = variable.get("default") if isinstance(variable, dict) else None
        address = address.replace(f"{{{name}}}", str(value)) if value is not None else address
    return address
