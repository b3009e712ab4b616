"""One secret in a form: typed here and kept encrypted, already kept, or in the environment. Never shown again."""

from nicegui import ui

from .. import model_form
from ..desk import Desk
from .field import choice, line

TYPED, KEPT, ENVIRONMENT = model_form.TYPED, model_form.KEPT, model_form.ENVIRONMENT
HIDDEN = "Write-only: nobody can read it again"
WAYS = {
    TYPED: "Typed here, kept encrypted",
    KEPT: "A secret that is already kept",
    ENVIRONMENT: "From an environment variable",
}


class SecretField:
    """`reference` is as stored: `secret:NAME`, `env:NAME`, or empty. Belongs inside a Field."""

    def __init__(self, desk: Desk, label: str, reference: str, *, fixed: bool, reserved: str) -> None:
        kind, _, name = reference.partition(":")
        names = sorted(
            {one for one in desk.secrets.names() if not one.startswith(reserved)} | ({name} if kind == KEPT else set())
        )
        ways = {way: words for way, words in WAYS.items() if way != KEPT or names}
        with ui.element("div").classes("qd-pair"):
            self.how = choice(f"How the {label.lower()} is given", ways, kind if kind in ways else TYPED, fixed=fixed)
            self.how.on_value_change(self._shown)
            self.value = line(label, secret=True, hint=HIDDEN, fixed=fixed)
            self.kept = choice("Secret", names, name if kind == KEPT else None, fixed=fixed)
            hint = "SERVICE_TOKEN"
            self.variable = line("Variable", name if kind == ENVIRONMENT else "", hint=hint, mono=True, fixed=fixed)
        self._shown()

    def _shown(self) -> None:
        for way, one in ((TYPED, self.value), (KEPT, self.kept), (ENVIRONMENT, self.variable)):
            one.set_visibility(self.how.value == way)

    def typed(self) -> str | None:
        """What was typed, to be kept under the name that `reference` gave it."""
        return str(self.value.value) if self.how.value == TYPED and self.value.value else None

    def reference(self, name: str) -> str | None:
        """What the document says; `name` is where a typed value will be kept."""
        match self.how.value:
            case model_form.TYPED:
                return f"secret:{name}" if self.value.value else None
            case model_form.KEPT:
                return f"secret:{self.kept.value}" if self.kept.value else None
            case _:
                variable = str(self.variable.value or "").strip()
                return f"env:{variable}" if variable else None
