"""How a connector says who asks: the inputs for each way, with its one secret written and never read."""

from typing import Any

from nicegui import ui

from .. import connector_form
from ..components.document_form import DocumentForm
from ..components.field import choice, line
from ..components.secret_field import SecretField
from ..connector_form import NO_AUTH, SECRET_OF

BY_HAND = "only where the server does not register clients by itself"
FIELDS = {
    "header": (("name", "Header", "X-Api-Key"),),
    "basic": (("username", "User", "quarterdeck"),),
    "client_credentials": (
        ("client_id", "Client id", "quarterdeck"),
        ("token_url", "Token address", "https://login.example.com/oauth/token"),
        ("scope", "Scope", "read write"),
    ),
    "oauth": (("client_id", "Client id", BY_HAND),),
}
SECRET_WORDS = {
    "bearer": "Token",
    "header": "Value of the header",
    "basic": "Password",
    "client_credentials": "Client secret",
    "oauth": "Client secret",
}
SECRET_HELP = {"oauth": "Only where the server gave one together with the client id."}
NO_SECRET_NEEDED = frozenset({"oauth"})
NEEDED = {"header": ("name",), "basic": ("username",), "client_credentials": ("client_id", "token_url")}
OAUTH = (
    "After saving, a button leads to the server's own sign-in page. Its token is kept encrypted, renewed by itself, "
    "and shown to nobody."
)


class AuthFields:
    def __init__(self, form: DocumentForm, kind: str, document: dict[str, Any]) -> None:
        self.form = form
        self.auth: dict[str, Any] = document.get("auth") or {}
        ways = {one: connector_form.AUTHS[one] for one in connector_form.AUTHS_OF[kind]}
        now = self.auth.get("kind", NO_AUTH)
        if now not in ways:
            ways[now] = connector_form.AUTHS.get(now, now)
        with form.field("connectors/auth", "How it is told who asks"):
            self.kind = choice("How it is told who asks", ways, now, fixed=form.fixed)
            self.kind.on_value_change(self._build)
            self.place = ui.element("div").classes("qd-form")
        self._build()

    def _build(self) -> None:
        kind, own = str(self.kind.value), self.auth if self.auth.get("kind") == self.kind.value else {}
        self.texts: dict[str, ui.input] = {}
        self.secret: SecretField | None = None
        self.place.clear()
        for gone in [one for one in self.form.fields if one.startswith("connectors/auth/")]:
            del self.form.fields[gone]
        with self.place:
            for key, label, hint in FIELDS.get(kind, ()):
                with self.form.field(f"connectors/auth/{key}", label):
                    self.texts[key] = line(label, own.get(key, ""), hint=hint, fixed=self.form.fixed, mono=True)
            if kind in SECRET_OF:
                key, label = SECRET_OF[kind], SECRET_WORDS[kind]
                with self.form.field(f"connectors/auth/{key}", label, SECRET_HELP.get(kind, "")):
                    reference = own.get(key) or ""
                    fixed, reserved = self.form.fixed, connector_form.RESERVED
                    self.secret = SecretField(self.form.desk, label, reference, fixed=fixed, reserved=reserved)
            if kind == "oauth":
                ui.html(f"<p class='qd-s qd-i2'>{OAUTH}</p>", sanitize=False)

    def _place_of_secret(self, name: str) -> str:
        """Where a typed secret is kept: the place this connector made before, or a new one; never that of others."""
        kind = str(self.kind.value)
        words = SECRET_WORDS[kind].split()[0].lower()
        own = connector_form.secret_name(name, words)
        if self.auth.get(SECRET_OF[kind]) == f"secret:{own}":
            return own
        return connector_form.secret_name(name, words, self.form.desk.secrets.names())

    def _reference(self, name: str) -> str | None:
        return self.secret.reference(self._place_of_secret(name)) if self.secret is not None else None

    def read(self, name: str) -> dict[str, str] | None:
        kind = str(self.kind.value)
        shown = {"kind", SECRET_OF.get(kind), *self.texts}
        known = {key: value for key, value in self.auth.items() if key not in shown and self.auth.get("kind") == kind}
        values = {key: str(one.value or "") for key, one in self.texts.items()}
        return connector_form.auth_of(kind, known | values, self._reference(name))

    def missing(self, name: str) -> dict[str, str]:
        kind = str(self.kind.value)
        empty = [key for key in NEEDED.get(kind, ()) if not str(self.texts[key].value or "").strip()]
        found = {f"connectors/auth/{key}": "This is needed." for key in empty}
        if self.secret is not None and kind not in NO_SECRET_NEEDED and not self._reference(name):
            found[f"connectors/auth/{SECRET_OF[kind]}"] = "Give it, or choose another way."
        return found

    def typed(self, name: str) -> dict[str, str]:
        value = self.secret.typed() if self.secret is not None else None
        return {f"secret:{self._place_of_secret(name)}": value} if value is not None else {}
