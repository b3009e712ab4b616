"""The models agents may think with: what they are, where they live, what they cost."""

from html import escape
from urllib.parse import quote

from fastapi import Request
from nicegui import ui

from agents.config import Model
from agents.model_calls import ModelInfo
from store.people import Role

from .. import connector_form
from ..components import votes
from ..components.empty import empty
from ..desk import Desk
from ..frame import base_path, frame
from ..icons import icon
from ..security import person_of
from . import model
from .model_offers import offers
from .model_usage import ModelUsage


def register(desk: Desk) -> None:
    model.register(desk)

    @ui.page("/models")
    async def models(request: Request) -> None:
        person = person_of(request)
        history = votes.table_of(await desk.queries.dissent())
        used = await ModelUsage.read(desk)
        may_act = person.role.rank >= Role.ADMIN.rank
        with frame(desk, person, active="models", title="Models"), ui.element("div").classes("qd-page qd-main"):
            add = f'<a class="qd-btn qd-p" href="{base_path()}/models/new">{icon("plus", "md")}Add a model</a>'
            head = f'<h1>Models</h1><span class="qd-sp"></span>{add if may_act else ""}'
            ui.html(head, sanitize=False).classes("qd-top")
            with ui.element("div").classes("qd-doc"), ui.element("div").classes("qd-col qd-broad"):
                _list(desk, may_act)
                if may_act:
                    offers(desk)
                used.draw()
                if history:
                    ui.html("<h2>How they have judged and voted</h2>", sanitize=False)
                    ui.html(history, sanitize=False).classes("qd-tblwrap")


def _list(desk: Desk, may_act: bool) -> None:
    known: dict[str, Model] = desk.runtime.administration.documents("model")
    if not known:
        text = "A model is what an agent thinks with: a server of your own, or a provider you have a key for."
        link = (f"{base_path()}/models/new", "Add a model") if may_act else None
        empty("chip", "There is no model yet", text, link)
        return
    head = (
        "<tr><th>Name</th><th>Model</th><th class='qd-hide'>Lives</th><th class='qd-r qd-hide'>Context window</th>"
        "<th class='qd-r qd-hide'>USD per million in, out</th><th class='qd-hide'>Key</th></tr>"
    )
    rows = "".join(_row(one, desk.runtime.models.info(one), _key(desk, one)) for one in known.values())
    ui.html(f'<table class="qd-tbl"><thead>{head}</thead><tbody>{rows}</tbody></table>', sanitize=False).classes(
        "qd-tblwrap"
    )


def _row(one: Model, info: ModelInfo, key: str) -> str:
    scripted = ' <span class="qd-chip qd-o">scripted demo model</span>' if info.scripted else ""
    where = f'<div class="qd-i3 qd-s">{escape(_place(one.api_base))}</div>' if one.api_base else ""
    prices = f"{info.prices.input:g}, {info.prices.output:g}" if info.prices else _unknown()
    window = f"{info.context_window:,}" if info.context_window else _unknown()
    lives = "on our side" if one.residency == "local" else "outside"
    return (
        f'<tr><td><a class="qd-rowlink" href="{base_path()}/models/{quote(one.name)}">{escape(one.name)}</a>'
        f"{scripted}</td>"
        f'<td><code class="qd-break">{escape(one.model)}</code>{where}</td><td class="qd-hide qd-nw">{lives}</td>'
        f'<td class="qd-r qd-hide">{window}</td><td class="qd-r qd-hide">{prices}</td>'
        f'<td class="qd-hide">{key}</td></tr>'
    )


def _unknown() -> str:
    return '<span class="qd-i3">unknown</span>'


def _place(url: str) -> str:
    """Without what may be a key in it."""
    return connector_form.without_keys(url).partition("?")[0]


def _key(desk: Desk, one: Model) -> str:
    if one.api_key is None:
        return '<span class="qd-i3">none</span>'
    reference = f"<code>{escape(one.api_key)}</code>"
    try:
        desk.secrets.resolve(one.api_key)
    except KeyError as error:
        return f'{reference} <span class="qd-chip qd-bad" title="{escape(str(error.args[0]))}">missing</span>'
    return reference
