"""Recognises the shop's tools among the offered ones, whatever their prefix, and builds calls that fit; pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from .replies import Fields, ScriptedCall
from .schemas import fitted, plainest, resolved

_READING = ("get", "read", "show", "fetch", "view", "load", "lookup")
_WRITING = ("write", "send", "mail", "email", "message")
_TRAILING = ("id", "by", "record", "detail")
_NOUNS = ("customer", "order", "ticket", "address", "shipment", "credit", "history")
# kind: (verbs, noun, parameters by which a tool of another name is known; the admin may have fixed them, unseen)
KINDS: dict[str, tuple[tuple[str, ...], str, tuple[str, ...]]] = {
    "find_customer": (("find", "search", "lookup", "query"), "customer", ("query",)),
    "get_customer": (_READING, "customer", ("customer_id",)),
    "list_orders": (("list", *_READING), "order", ("customer_id",)),
    "get_order": (_READING, "order", ("order_id",)),
    "get_ticket": (_READING, "ticket", ("ticket_id",)),
    "refund_order": (("refund", "reimburse"), "order", ("order_id", "amount")),
    "write_to_customer": (_WRITING, "customer", ("customer_id", "body")),
    "write_to_address": (_WRITING, "address", ("address", "body")),
    "track_shipment": (("track", "trace", "locate"), "shipment", ("order_id",)),
    "grant_store_credit": (("grant", "give", "issue"), "credit", ("customer_id", "amount")),
    "recall_history": (("recall", "search", "remember"), "history", ("query",)),
    "delete_customer": (("delete", "erase", "remove", "forget"), "customer", ("customer_id",)),
    "get_charge": (_READING, "charge", ("charge",)),
    "create_refund": (("create", "make", "issue"), "refund", ("charge", "amount")),
}
_OTHER_NAMES = {
    "query": ("q", "search", "term", "text", "name"),
    "address": ("email", "to", "email_address", "recipient"),
    "body": ("text", "message", "content"),
    "subject": ("title",),
    "amount": ("amount_eur", "amount_euros", "value", "eur"),
    "reason": ("because", "why", "note", "comment"),
    "customer_id": ("customer",),
    "order_id": ("order", "order_number"),
    "ticket_id": ("ticket", "ticket_number"),
}
EXACT = 3
_REASONING = {"need", "source", "therefore"}


def canonical(name: str) -> str:
    """`orderId`, `order-id` and `Order ID` are all `order_id`."""
    return "_".join(_words(name))


def _words(name: str) -> list[str]:
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return [word.lower() for word in re.findall(r"[A-Za-z]+|\d+", spaced)]


def likeness(name: str, kind: str) -> int:
    """How much a tool's name speaks for this kind: 3 its very name at the end, 2 its words, 0 not at all."""
    if canonical(name).endswith(kind) and canonical(name)[: -len(kind)][-1:] in ("", "_"):
        return EXACT
    verbs, noun, _ = KINDS[kind]
    words = [word.removesuffix("s") if word != "address" else word for word in _words(name)]
    others = set(_NOUNS) - {noun} - ({"customer"} if kind == "list_orders" else set())
    if not any(verb in words for verb in verbs) or others & set(words):
        return 0
    whole = words[-1] in (noun, *verbs, *_TRAILING)  # `remove_customer_tag` removes no customer
    return 2 if noun in words and whole else 0


def kind_called(name: str) -> str:
    """The kind a tool's name alone speaks for, or the name itself."""
    best = max(KINDS, key=lambda kind: likeness(name, kind))
    return best if likeness(name, best) else name


@dataclass(frozen=True, slots=True)
class Tool:
    """An offered function: its name as offered and the schema of its parameters."""

    name: str
    parameters: Fields

    @property
    def properties(self) -> Fields:
        return self.parameters.get("properties") or {}

    def reasoning_property(self) -> str | None:
        for name, schema in self.properties.items():
            inner = resolved(schema, self.parameters).get("properties")
            if isinstance(inner, dict) and inner.keys() >= _REASONING:
                return str(name)
        return None

    def property_for(self, parameter: str) -> str | None:
        by_name = {canonical(name): name for name in self.properties if name != self.reasoning_property()}
        wanted = (parameter, *_OTHER_NAMES.get(parameter, ()))
        return next((by_name[name] for name in wanted if name in by_name), None)

    def takes(self, arguments: Fields) -> Fields:
        """Those of the arguments that are offered: a parameter that the admin has fixed is not."""
        return {name: value for name, value in arguments.items() if self.property_for(name)}

    def met(self, kind: str) -> int:
        """How many of the parameters of this kind it offers."""
        return sum(self.property_for(need) is not None for need in KINDS[kind][2])

    def call(self, arguments: Fields, reasoning: Fields) -> ScriptedCall:
        """A call with the reasoning first and every required property filled."""
        slot = self.reasoning_property()
        given = {self.property_for(name): value for name, value in self.takes(arguments).items()}
        made: Fields = {}
        if slot:
            made[slot] = fitted(reasoning, self.properties[slot], self.parameters)
        for name, schema in self.properties.items():
            if name in given:
                made[name] = fitted(given[name], schema, self.parameters)
            elif name in self.parameters.get("required", ()) and name != slot:
                made[name] = plainest(schema, self.parameters)
        return ScriptedCall(self.name, made)


@dataclass(frozen=True, slots=True)
class Toolbox:
    """The offered tools by kind."""

    by_kind: dict[str, Tool]
    tools: tuple[Tool, ...]

    def kind_of(self, name: str) -> str:
        return next((kind for kind, tool in self.by_kind.items() if tool.name == name), "") or kind_called(name)


def toolbox(offered: Sequence[Fields]) -> Toolbox:
    """Every kind with the offered tool most like it, each tool serving one kind."""
    tools = tuple(_tools(offered))
    ranked = sorted(
        ((kind, tool) for tool in tools for kind in KINDS if _serves(tool, kind)),
        key=lambda entry: (-likeness(entry[1].name, entry[0]), -entry[1].met(entry[0])),
    )
    by_kind: dict[str, Tool] = {}
    for kind, tool in ranked:
        if kind not in by_kind and all(taken.name != tool.name for taken in by_kind.values()):
            by_kind[kind] = tool
    return Toolbox(by_kind, tools)


def _serves(tool: Tool, kind: str) -> bool:
    """By its very name whatever it offers; by a name that is only like it if a parameter speaks for it too."""
    like = likeness(tool.name, kind)
    return like == EXACT or (like > 0 and tool.met(kind) > 0)


def _tools(offered: Sequence[Any]) -> Iterable[Tool]:
    for entry in offered:
        function = entry.get("function", entry) if isinstance(entry, dict) else {}
        if isinstance(function.get("name"), str):
            parameters = function.get("parameters")
            yield Tool(function["name"], parameters if isinstance(parameters, dict) else {})
