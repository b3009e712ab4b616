"""What the form for a connector means as a document, and back. Pure."""

import re
import shlex
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from agents.model_mistakes import sounds_secret
from agents.tools.openapi.document import JSON_BYTES_AT_MOST
from agents.tools.place import shown

Document = dict[str, Any]

STDIO, HTTP, OPENAPI, BUILTIN = "mcp_stdio", "mcp_http", "openapi", "builtin"
KINDS = {
    STDIO: "An MCP server started here (stdio)",
    HTTP: "An MCP server with an address (HTTP)",
    OPENAPI: "A service described by OpenAPI",
    BUILTIN: "Built in: calculator, clock, HTTP GET",
}
KIND_NAMES = {STDIO: "MCP, stdio", HTTP: "MCP, HTTP", BUILTIN: "built in", OPENAPI: "OpenAPI"}
NO_AUTH = "none"
AUTHS = {
    NO_AUTH: "No key, or one among the headers",
    "bearer": "Bearer token",
    "header": "A header of its own",
    "basic": "User and password",
    "client_credentials": "OAuth, client credentials",
    "oauth": "OAuth, a person signs in",
}
AUTHS_OF = {
    HTTP: (NO_AUTH, "bearer", "header", "basic", "oauth"),
    OPENAPI: (NO_AUTH, "bearer", "header", "basic", "client_credentials"),
}
SECRET_OF = {
    "bearer": "value",
    "header": "value",
    "basic": "password",
    "client_credentials": "client_secret",
    "oauth": "client_secret",
}
"""Which key of `auth` holds the secret. The token of somebody who signs in is kept by itself, and never in here."""
LARGEST_SPEC_BYTES = JSON_BYTES_AT_MOST
RESERVED = "oauth."
"""Secrets of this beginning are sign-ins; nobody sets, sees or refers to them."""
SOUNDS_SECRET = re.compile(r"key|token|secret|passw|credential|authorization|cookie", re.IGNORECASE)
ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s\"']+")
HIDDEN = "(hidden: only admins read it)"
LAST_SAID = " It last said: "
OF_ITS_KIND = {
    STDIO: ("command", "args", "env"),
    HTTP: ("url", "headers", "auth"),
    OPENAPI: ("url", "headers", "auth", "spec", "spec_text"),
    BUILTIN: ("allow",),
}
HOST = re.compile(r"(\*\.)?([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]*[a-z0-9])?(:\d{1,5})?", re.IGNORECASE)


class Unreadable(ValueError):
    """A field that cannot be read; str is one sentence."""


def words(text: str) -> list[str]:
    """A command line's arguments, split as a shell would, over any number of lines."""
    try:
        return shlex.split(text)
    except ValueError as error:
        raise Unreadable(f"It cannot be split into words: {str(error)[:1].lower()}{str(error)[1:]}.") from error


def pairs(text: str, separator: str) -> dict[str, str]:
    """One `NAME=value` (or `Name: value`) a line."""
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        name, divided, value = line.partition(separator)
        if not divided or not name.strip():
            raise Unreadable(f"Line {number} has no “{separator.strip()}” after a name.")
        found[name.strip()] = value.strip() if separator == ":" else value
    return found


def unpaired(values: Mapping[str, str], separator: str) -> str:
    gap = " " if separator == ":" else ""
    return "\n".join(f"{name}{separator}{gap}{value}" for name, value in values.items())


def plain_secrets(values: Mapping[str, str]) -> list[str]:
    """Names whose values look like secrets and are written out."""
    return [name for name, value in values.items() if SOUNDS_SECRET.search(name) and value and not is_reference(value)]


def is_reference(value: str) -> bool:
    return value.startswith(("env:", "secret:"))


def changed(document: Mapping[str, Any], kind: str, values: Mapping[str, Any]) -> Document:
    """The document with these values; empty ones, and those of the other kind, are taken out. The rest stays."""
    others = {key for keys in OF_ITS_KIND.values() for key in keys} - set(OF_ITS_KIND[kind])
    merged = {**document, **values, "kind": kind}
    return {key: value for key, value in merged.items() if key not in others and value not in (None, "", [], {})}


def target(document: Mapping[str, Any]) -> str:
    """Where it is, in a line: its command, or its address without a query (which may hold a key)."""
    if document.get("kind") == HTTP:
        return shown(document.get("url") or "")
    if document.get("kind") == STDIO:
        return shlex.join([document.get("command") or "", *_without_secrets(document.get("args", ()), "…")])
    if document.get("kind") == OPENAPI:
        return without_keys(document.get("url") or document.get("spec") or "")
    return ", ".join(document.get("allow") or ())


def for_others(document: Mapping[str, Any]) -> Document:
    """A connector or model as those may read it who are no admins: what is written out may be a key, no reference is."""
    told = dict(document)
    for key in ("env", "headers"):
        if told.get(key):
            told[key] = {name: value if is_reference(value) else HIDDEN for name, value in told[key].items()}
    if told.get("args"):
        told["args"] = list(_without_secrets(told["args"], HIDDEN))
    for key in ("url", "api_base", "spec"):
        if told.get(key):
            told[key] = without_keys(told[key])
    if (told.get("auth") or {}).get("token_url"):
        told["auth"] = {**told["auth"], "token_url": without_keys(told["auth"]["token_url"])}
    if told.get("parameters"):
        told["parameters"] = {name: _parameter(name, value) for name, value in told["parameters"].items()}
    return told


def _parameter(name: str, value: Any) -> Any:
    """Older versions of a model may hold a secret that is refused by now."""
    if sounds_secret(name) and not isinstance(value, bool):
        return HIDDEN
    return without_keys(value) if isinstance(value, str) and "://" in value else value


def hosts(text: str) -> list[str]:
    """Hosts, one a line or divided by commas. A whole address is not one."""
    found = text.replace(",", " ").split()
    for one in found:
        if not HOST.fullmatch(one):
            raise Unreadable(f"“{one}” is no host. Write example.org, or *.example.org for all below it.")
    return found


def uploaded(name: str, content: bytes) -> str:
    """The text of an uploaded description. Whether it is OpenAPI is seen when its tools are listed."""
    if len(content) > LARGEST_SPEC_BYTES:
        raise Unreadable(f"“{name}” is larger than {LARGEST_SPEC_BYTES // 1_000_000} MB and was not taken.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable(f"“{name}” is no text in UTF-8, so it is neither JSON nor YAML. It was not taken.") from None
    if not text.strip() or "\x00" in text:
        raise Unreadable(f"“{name}” holds no JSON and no YAML. It was not taken.")
    return text


def auth_of(kind: str, values: Mapping[str, str], secret: str | None) -> dict[str, str] | None:
    """`secret`: the reference to it. What is empty is left out."""
    if kind == NO_AUTH:
        return None
    given = {key: value.strip() for key, value in values.items() if value and value.strip()}
    if secret and kind in SECRET_OF:
        given[SECRET_OF[kind]] = secret
    return {"kind": kind, **given}


def secret_name(connector: str, what: str, taken: Collection[str] = ()) -> str:
    """Under which a typed secret is kept: one that is not in use for something else."""
    plain = re.sub(r"[^A-Za-z0-9._]+", "-", f"{connector or 'connector'}-{what}").strip("-._")[:52]
    plain = f"key-{plain}" if plain.startswith(RESERVED) else plain
    name, number = plain, 2
    while name in taken:
        name, number = f"{plain}-{number}", number + 1
    return name


def _without_secrets(args: Iterable[str], mark: str) -> Iterator[str]:
    """`--token x` and `--token=x` with the value hidden, and addresses without who signs in there."""
    is_value = False
    for arg in args:
        name, given, _ = arg.partition("=")
        sounds = arg.startswith("-") and bool(SOUNDS_SECRET.search(name))
        if is_value and not arg.startswith("-"):
            yield mark
        else:
            yield f"{name}={mark}" if sounds and given else ADDRESS.sub(lambda at: _keyless(at[0], mark), arg)
        is_value = sounds and not given


def _keyless(url: str, mark: str) -> str:
    return without_keys(url).replace(HIDDEN, mark)


def without_keys(url: str) -> str:
    """An address with what may be a key in it hidden: its query, and who signs in."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return HIDDEN
    if not (parts.query or parts.username or parts.password):
        return url
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, place, parts.path, HIDDEN if parts.query else "", ""))


def hidden_in(document: Mapping[str, Any]) -> list[str]:
    """Paths in a connector or model of values that were read hidden, and would now be saved as such."""
    texts: list[tuple[str, Any]] = [(key, document.get(key)) for key in ("url", "api_base", "spec")]
    if isinstance(args := document.get("args"), list | tuple):
        texts += [(f"args/{at}", arg) for at, arg in enumerate(args)]
    for key in ("env", "headers", "auth", "parameters"):
        if isinstance(values := document.get(key), Mapping):
            texts += [(f"{key}/{name}", value) for name, value in values.items()]
    return [path for path, text in texts if isinstance(text, str) and HIDDEN in text]


def last_words(because: str) -> tuple[str, list[str]]:
    """Why a server is not connected: the sentence, and the lines that it last wrote by itself."""
    sentence, _, said = because.partition(LAST_SAID)
    return sentence, said.split(" / ") if said else []


def references_to(secret: str, documents: Mapping[str, list[Mapping[str, Any]]]) -> list[str]:
    """What of the configuration refers to a secret, in words."""
    wanted = f"secret:{secret}"
    models = [f"model “{one['name']}”" for one in documents.get("models", ()) if one.get("api_key") == wanted]
    connectors = [
        f"connector “{one['name']}”"
        for one in documents.get("connectors", ())
        if wanted in _values(one, "env", "headers", "auth")
    ]
    return models + connectors


def _values(document: Mapping[str, Any], *keys: str) -> set[str]:
    return {value for key in keys for value in (document.get(key) or {}).values() if isinstance(value, str)}
