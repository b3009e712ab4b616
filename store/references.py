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
    "InputRequired": ("form",),
    "ApprovalRequested": ("details",),
    "ApprovalDecided": ("because", "arguments"),
    "InputChecked": ("question", "asked"),
    "CallVerified": ("asked",),
    "BestPicked": ("asked",),
    "ProgressNoted": ("note",),
    "Summarised": ("summary", "asked"),
    "PassagesRecalled": ("passages",),
    "HandedOver": ("summary",),
}
"""Fields shown as their content. A prompt's refs stay refs there: they are read one prompt at a time."""

NESTED_FIELDS: dict[str, tuple[str, tuple[str, ...]]] = {"BestPicked": ("candidates", ("output",))}
"""Where a list inside the event holds refs: its name, and the fields of each of its items."""

HIDDEN_FIELDS: dict[str, tuple[str, ...]] = {"ToolFinished": ("masks",), "InputRequired": ("request_state",)}
"""Refs whose contents no page and no answer of the API shows: the values that stand-ins stand for, and what a server
noted for itself."""

JSON_FIELDS = {
    ("ModelReplied", "output"), ("ToolFinished", "output"), ("BestPicked", "output"), (None, "details"),
    ("InputRequired", "form"),
    (None, "inputs"), (None, "asked"),
}  # fmt: skip

Place = tuple[dict[str, Any], str, str]
"""The object that holds a ref, the ref's field in it, and the ref."""


def shown_refs(type_: str, data: dict[str, Any]) -> dict[str, str]:
    """The refs of the event's own fields to replace by content, by field."""
    return {name: data[name] for name in PAYLOAD_FIELDS.get(type_, ()) if data.get(name) is not None}


def places(type_: str, data: dict[str, Any]) -> list[Place]:
    """The same with those inside the event's lists: wherever content takes the place of a ref."""
    found = [(data, name, ref) for name, ref in shown_refs(type_, data).items()]
    list_name, names = NESTED_FIELDS.get(type_, ("", ()))
    found += [(item, name, item[name]) for item in data.get(list_name, ()) for name in names if item.get(name)]
    return found


def hide(type_: str, data: dict[str, Any]) -> None:
    """Takes out the refs nobody may follow; what is left says whether there was one."""
    for name in HIDDEN_FIELDS.get(type_, ()):
        data[name] = data.get(name) is not None


def all_refs(type_: str, data: dict[str, Any]) -> set[str]:
    """Every payload ref an event of this type holds, the hidden ones and those of its prompt too."""
    prompt = data.get("prompt") or {} if type_ == "ModelReplied" else {}
    hidden = {data[name] for name in HIDDEN_FIELDS.get(type_, ()) if data.get(name)}
    refs = {ref for _, _, ref in places(type_, data)} | {*prompt.get("parts", ())} | hidden
    return refs | ({prompt["tools"]} if prompt.get("tools") else set())


def is_json(type_: str, name: str) -> bool:
    """Whether this content is JSON by nature (a tool's output may be)."""
    return (type_, name) in JSON_FIELDS or (None, name) in JSON_FIELDS
