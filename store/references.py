"""Which fields of an event hold payload refs, so that pages can show and the audit can check their contents. Pure."""

from typing import Any

PAYLOAD_FIELDS: dict[str, tuple[str, ...]] = {
    "SessionStarted": ("title", "inputs"),
    "MessageReceived": ("text",),
    "AnswerRefused": ("note",),
    "TurnEnded": ("answer",),
    "ModelReplied": ("output",),
    "CallProposed": ("details",),
    "CallRevised": ("details",),
    "ToolFinished": ("output", "shown"),
    "ApprovalRequested": ("details",),
    "ApprovalDecided": ("because", "arguments"),
}
"""Fields shown as their content. A prompt's refs stay refs there: they are read one prompt at a time."""

JSON_FIELDS = {("ModelReplied", "output"), ("ToolFinished", "output"), (None, "details"), (None, "inputs")}


def shown_refs(type_: str, data: dict[str, Any]) -> dict[str, str]:
    """The refs to replace by content, by field."""
    return {name: data[name] for name in PAYLOAD_FIELDS.get(type_, ()) if data.get(name) is not None}


def all_refs(type_: str, data: dict[str, Any]) -> set[str]:
    """Every payload ref an event of this type holds, those of its prompt too."""
    prompt = data.get("prompt") or {} if type_ == "ModelReplied" else {}
    refs = {*shown_refs(type_, data).values(), *prompt.get("parts", ())}
    return refs | ({prompt["tools"]} if prompt.get("tools") else set())


def is_json(type_: str, name: str) -> bool:
    """Whether this content is JSON by nature (a tool's output may be)."""
    return (type_, name) in JSON_FIELDS or (None, name) in JSON_FIELDS
