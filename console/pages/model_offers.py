"""Providers whose keys lie in the environment offer themselves: by the variable's name, never by its value."""

import os
from html import escape
from urllib.parse import urlencode

from nicegui import ui

from agents.config import Model

from .. import model_form
from ..desk import Desk
from ..frame import base_path
from ..icons import icon


def offers(desk: Desk) -> None:
    models: dict[str, Model] = desk.runtime.administration.documents("model")
    used = [{"api_key": one.api_key} for one in models.values()]
    found = model_form.offers({name for name, value in os.environ.items() if value}, used)
    if found:
        cards = "".join(_card(one) for one in found)
        ui.html(f'<h2 class="qd-lab">Keys in the environment</h2><div class="qd-offers">{cards}</div>', sanitize=False)


def _card(one: model_form.Offer) -> str:
    path = f"{base_path()}/models/new?{urlencode({'key': one.variable})}"
    return (
        f'<a class="qd-offer" href="{path}">{icon("chip")}<span><b>{escape(one.title)}</b>'
        f"<span class='qd-help'><code>{escape(one.variable)}</code> is set</span></span>"
        f'<span class="qd-link">Add a model{icon("chevron", "sm")}</span></a>'
    )
