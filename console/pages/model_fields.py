"""The inputs of the form for a model, and what they say together."""

from typing import Any

from nicegui import ui

from agents.config import is_sign_in
from agents.model_calls import ModelInfo
from agents.model_listing import Listed

from .. import model_form
from ..components.document_form import DocumentForm
from ..components.field import choice, field, line, number, whole_number
from .model_card import KnownNames, ModelCard
from .model_server import ServerModels

RESIDENCY = {
    "local": "On our side: nothing leaves our machines",
    "external": "Outside: texts are sent to somebody else",
}
MODEL_WORDS = {
    model_form.SERVER: ("As the server calls it.", "llama3.1:8b"),
    model_form.HOSTED: ("As the provider calls it.", "gpt-4o-mini"),
    model_form.OTHER: ("As litellm calls it, provider first.", "bedrock/anthropic.claude-3-5-sonnet-20241022-v2:0"),
}
ADDRESS_WORDS = {
    model_form.SERVER: "Ollama, vLLM, llama.cpp, LM Studio and others: the address that ends in /v1.",
    model_form.OTHER: "Only if it is not the provider's own.",
}


class ModelFields:
    """`document` is as stored, or as this person may read it; only what was touched is changed."""

    def __init__(self, form: DocumentForm, document: dict[str, Any], offer: model_form.Offer | None = None) -> None:
        self.desk = form.desk
        self.document = document
        self.fixed = form.fixed
        self.fields = form.fields
        self._field = form.field
        self.offer = offer
        self.kind = model_form.kind_of(document) if document else _first_kind(offer)
        self.residency_touched = bool(document)
        self.url_typed = ""
        self._name()
        self._kind()
        self.where = ui.element("div").classes("qd-form")
        self._key()
        self.card = ModelCard(self.desk, self.fixed, self._fill, self._hint)
        self._size()
        self._where()

    def _name(self) -> None:
        with self._field("models/name", "Name", "What agents and people call it here.", needed=not self.document):
            self.name = line("Name", self.document.get("name", ""), fixed=self.fixed or bool(self.document))

    def _kind(self) -> None:
        with field("What it is"):
            self.kinds = ui.radio(model_form.KINDS, value=self.kind, on_change=self._choose).props("inline dense")
            self.kinds.props["aria-label"] = "What it is"
            if self.fixed:
                self.kinds.disable()

    def _choose(self, event: Any) -> None:
        model = str(self.model.value or "")
        self.url_typed = self.url_value() or self.url_typed
        self.kind = event.value
        self._where()
        self.model.value = self.model.value or model  # what was typed is kept, whatever it turns out to be
        if self.url is not None:
            self.url.value = self.url.value or self.url_typed

    def _where(self) -> None:
        """The fields that depend on the kind."""
        model = self.document.get("model", "")
        bare = model_form.bare_name(self.kind, model) if model_form.kind_of(self.document) == self.kind else ""
        self.where.clear()
        for key in ("models/api_base", "models/model"):
            self.fields.pop(key, None)
        with self.where:
            self.provider = self._provider(model) if self.kind == model_form.HOSTED else None
            self.url = self._url() if self.kind != model_form.HOSTED else None
            if self.kind == model_form.SERVER and not self.fixed:
                ServerModels(self.desk, lambda: (self.url_value(), self.key()), self._take)
            help_text, hint = MODEL_WORDS[self.kind]
            with self._field("models/model", "Model", help_text, needed=True):
                self.model = line("Model", bare or self._wished(), hint=hint, fixed=self.fixed, mono=True)
                self.names = KnownNames(self.desk, self.model)
        self.model.on("blur", self._look_up)
        self._guess_residency()
        self._look_up()

    def _wished(self) -> str:
        """Where an offer is of a kind that has no list of its own: `azure/`, and the deployment's name behind it."""
        return f"{self.offer.provider}/" if self.offer and self.kind == model_form.OTHER else ""

    def _look_up(self, _event: Any = None) -> None:
        provider = str(self.provider.value) if self.provider is not None else ""
        self.names.of(provider)
        self.card.show(model_form.model_string(self.kind, provider, str(self.model.value or "")))

    def _fill(self, known: ModelInfo) -> None:
        """What litellm's list says becomes this profile's own."""
        self.window.value, self.most.value = known.context_window, known.max_output
        for key, one in self.prices.items():
            one.value = getattr(known.prices, key) if known.prices else None

    def _hint(self, known: ModelInfo) -> None:
        """What holds where nothing is typed. What stays the same is not sent: it could meet somebody typing."""
        known_of = {self.window: known.context_window, self.most: known.max_output}
        known_of |= {one: getattr(known.prices, key, None) for key, one in self.prices.items()}
        for one, value in known_of.items():
            if one.props.get("placeholder") != (words := _or_unknown(value)):
                one.props["placeholder"] = words

    def _take(self, url: str, found: Listed) -> None:
        """One of the server's models was chosen."""
        assert self.url is not None
        self.url.value, self.model.value = url, found.name
        if found.context_window and not self.window.value:
            self.window.value = found.context_window
        if not self.name.value:
            self.name.value = model_form.plain_name(found.name)
        self._look_up()

    def key(self) -> str | None:
        """The key as it stands in the form. Raises KeyError where one is named that is not there."""
        if self.how.value == model_form.TYPED:
            return str(self.typed.value or "") or None
        reference = self._reference()
        if reference and is_sign_in(reference):
            raise KeyError(f"{reference} is somebody's sign-in, which no model may use.")
        return self.desk.secrets.resolve(reference) if reference else None

    def _provider(self, model: str) -> ui.select:
        own = model.partition("/")[0] or (self.offer.provider if self.offer else "")
        first = own if own in model_form.PROVIDERS else "openai"
        with field("Provider"):
            made = choice("Provider", model_form.PROVIDERS, first, fixed=self.fixed)
        made.on_value_change(self._look_up)
        return made

    def _url(self) -> ui.input:
        needed = self.kind == model_form.SERVER
        with self._field("models/api_base", "Address", ADDRESS_WORDS[self.kind], needed=needed):
            made = line(
                "Address",
                self.document.get("api_base", ""),
                hint="http://localhost:11434/v1",
                fixed=self.fixed,
                mono=True,
            )
        made.on_value_change(self._guess_residency)
        return made

    def _guess_residency(self, _event: Any = None) -> None:
        if self.residency_touched or not hasattr(self, "residency"):
            return
        near = self.url is not None and bool(self.url.value) and model_form.is_near(self.url.value)
        self.residency.value = (
            "local" if near or (self.kind == model_form.SERVER and not self.url_value()) else "external"
        )
        self.residency_touched = False

    def url_value(self) -> str:
        return str(self.url.value or "").strip() if self.url is not None else ""

    def _key(self) -> None:
        how, name = model_form.key_of(self.document)
        if self.offer is not None:
            how, name = model_form.ENVIRONMENT, self.offer.variable
        options = {
            model_form.NO_KEY: "No key",
            model_form.TYPED: "Typed here, kept encrypted",
            model_form.ENVIRONMENT: "From an environment variable",
        }
        if self.desk.secrets.names() or how == model_form.KEPT:
            options[model_form.KEPT] = "A secret that is already kept"
        with self._field("models/api_key", "API key"), ui.element("div").classes("qd-pair"):
            self.how = choice("How the key is given", options, how, fixed=self.fixed)
            self.how.on_value_change(self._key_shown)
            self.typed = line("API key", secret=True, hint="Write-only: nobody can read it again", fixed=self.fixed)
            self.variable = line(
                "Variable",
                name if how == model_form.ENVIRONMENT else "",
                hint="OPENAI_API_KEY",
                mono=True,
                fixed=self.fixed,
            )
            names = sorted({*self.desk.secrets.names(), *([name] if how == model_form.KEPT else [])})
            self.kept = choice("Secret", names, name if how == model_form.KEPT else None, fixed=self.fixed)
        self._key_shown()

    def _key_shown(self, _event: Any = None) -> None:
        for how, one in (
            (model_form.TYPED, self.typed),
            (model_form.ENVIRONMENT, self.variable),
            (model_form.KEPT, self.kept),
        ):
            one.set_visibility(self.how.value == how)

    def _size(self) -> None:
        document, priced = self.document, self.document.get("prices") or {}
        with ui.element("div").classes("qd-pair"):
            with self._field("models/context_window", "Context window", "In tokens. Empty: as its card says."):
                self.window = number("Context window", document.get("context_window"), hint="unknown", fixed=self.fixed)
            with self._field("models/max_output", "Longest answer", "In tokens. Empty: as its card says."):
                self.most = number("Longest answer", document.get("max_output"), hint="unknown", fixed=self.fixed)
        with (
            self._field(
                "models/prices",
                "Prices",
                "USD per million tokens. Empty: as its card says, else costs are shown as unknown.",
            ),
            ui.element("div").classes("qd-pair qd-three"),
        ):
            self.prices = {
                key: self._price(key, words, priced.get(key))
                for key, words in (("input", "In"), ("output", "Out"), ("cache_read", "In, from the cache"))
            }
        with self._field("models/residency", "Where it lives"):
            self.residency = choice(
                "Where it lives", RESIDENCY, document.get("residency", "external"), fixed=self.fixed
            )
            self.residency.on("update:model-value", lambda: setattr(self, "residency_touched", True))

    def _price(self, key: str, words: str, value: float | None) -> ui.number:
        with self._field(f"models/prices/{key}", words):
            return number(words, value, hint="unknown", fixed=self.fixed)

    def given_name(self) -> str:
        return str(self.name.value or "").strip()

    def typed_key(self) -> str | None:
        """The key typed here, which is kept nowhere yet."""
        return str(self.typed.value or "") if self.how.value == model_form.TYPED else None

    def written(self) -> dict[str, Any]:
        """The form as a document, with a reference in place of a typed key."""
        provider = str(self.provider.value) if self.provider is not None else ""
        return model_form.changed(
            self.document,
            {
                "name": self.given_name(),
                "model": model_form.model_string(self.kind, provider, str(self.model.value or "")),
                "api_base": self.url_value() or None,
                "api_key": self._reference(),
                "context_window": whole_number(self.window.value),
                "max_output": whole_number(self.most.value),
                "prices": model_form.prices(self.document, {key: one.value for key, one in self.prices.items()}),
                "residency": self.residency.value,
            },
        )

    def _reference(self) -> str | None:
        match self.how.value:
            case model_form.TYPED:
                return f"secret:{model_form.secret_name(self.given_name(), self.document, self.desk.secrets.names())}"
            case model_form.ENVIRONMENT:
                return f"env:{str(self.variable.value or '').strip()}"
            case model_form.KEPT:
                return f"secret:{self.kept.value or ''}"
        return None

    def missing(self) -> dict[str, str]:
        """What only the form can know: the address of a server, a key that was announced and not given."""
        missing = {}
        if self.kind == model_form.SERVER and not self.url_value().startswith(("http://", "https://")):
            missing["models/api_base"] = "The server's http:// or https:// address is needed."
        if not str(self.model.value or "").strip():
            missing["models/model"] = "Say which model it is."
        given = {
            model_form.TYPED: self.typed.value,
            model_form.ENVIRONMENT: self.variable.value,
            model_form.KEPT: self.kept.value,
        }
        if not given.get(self.how.value, "none needed"):
            missing["models/api_key"] = "Give the key, or choose “No key”."
        return missing


def _or_unknown(value: float | None) -> str:
    return "unknown" if value is None else f"{value:g}" if value < 1000 else f"{value:.0f}"


def _first_kind(offer: model_form.Offer | None) -> str:
    if offer is None:
        return model_form.SERVER
    return model_form.HOSTED if offer.provider in model_form.PROVIDERS else model_form.OTHER
