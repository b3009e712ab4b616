"""A person's edit of a call, checked before it is decided on: schema, pinned values, both policies, evidence. Pure."""

from dataclasses import replace

from store.events import Evidence

from . import arguments
from .arguments import BadArguments, CallDetails
from .commands.approvals import Revision
from .config import Policy
from .effect import effect
from .errors import BadRequest
from .folded import Call
from .proposals import Rules, digest_of
from .schema_check import problems
from .world import Situation, World

WRITTEN = "written by the person who decided"


def canonical_edit(text: str | None) -> str:
    if text is None:
        raise BadRequest("An edit needs the new arguments.", ("/arguments: required",))
    try:
        return arguments.canonical(arguments.parse(text))
    except BadArguments as error:
        raise BadRequest(str(error), (f"/arguments: {error}",)) from error


def revision(call: Call, text: str, stored: str | None, situation: Situation, world: World) -> Revision:
    """An edit as it would run: pinned values unchanged, schema and both policies asked again."""
    tool = situation.tools.get(call.tool)
    if tool is None or stored is None:
        raise BadRequest(f"{call.tool} is not offered any more; reject the call instead.")
    values = arguments.parse(text)
    wrong = [f"/arguments{one}" for one in problems(values, tool.definition.input_schema)]
    wrong += [
        f"/arguments/{key}: is fixed to {value!r} by the administrator"
        for key, value in tool.entry.pinned.items()
        if values.get(key) != value
    ]
    wrong += [
        f"/arguments/{key}: is kept out of use by the administrator" for key in tool.entry.hidden if key in values
    ]
    if wrong:
        raise BadRequest("The edited arguments do not fit the tool.", tuple(wrong))
    before = CallDetails.model_validate_json(stored)
    evidence = _evidence(text, before)
    ruling = _current(situation.rules, world).judge(tool, values, evidence)
    if ruling.release == "deny":
        raise BadRequest(f"Policy denies the edited call: {ruling.because}", (f"/arguments: {ruling.because}",))
    shown = {key: value for key, value in values.items() if key not in tool.entry.pinned}
    changes = {"arguments_json": text, "effect": effect(tool.entry.tool, shown), "problems": (), "evidence": evidence}
    details = before.model_copy(update=changes | {"kept": tuple(tool.entry.pinned)})
    return Revision(details=details, digest=digest_of(tool, text), release=ruling.release, approver=ruling.approver)


def _evidence(text: str, before: CallDetails) -> tuple[Evidence, ...]:
    """What a person wrote comes from a person; what they left alone comes from where it came from."""
    known = {(one.path, one.value): one for one in before.evidence}
    return tuple(
        known.get((leaf.path, leaf.raw)) or Evidence(path=leaf.path, value=leaf.raw, origin="user", quote=WRITTEN)
        for leaf in arguments.leaves(text)
    )


def _current(rules: Rules, world: World) -> Rules:
    """The rules with the policy as it is at this very moment."""
    version, policy = world.find("policy", rules.current.name, Policy)
    return replace(rules, current=policy, current_version=version)
