"""What one kind of document is called, where it stands, and the head of its page."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape

from nicegui import ui

from ..frame import base_path
from ..icons import icon


@dataclass(frozen=True, slots=True, kw_only=True)
class Sort:
    """The words for one kind of document; `plural` is also its path and its part of the configuration."""

    kind: str
    plural: str
    make: str
    only_admins: str
    at: str = ""
    """The path of its list and its place in the navigation, where these are not `plural`."""

    @property
    def one(self) -> str:
        words = self.kind.replace("_", " ")
        return f"{'an' if words[0] in 'aeiou' else 'a'} {words}"

    @property
    def path(self) -> str:
        return f"/{self.at or self.plural}"

    @property
    def place(self) -> str:
        return self.path.split("/")[1]

    @property
    def title(self) -> str:
        return self.plural.replace("_", " ").capitalize()


@contextmanager
def head(sort: Sort, title: str) -> Iterator[None]:
    """The way back and the title; what is created inside stands at the right."""
    words, base = escape(title), base_path()
    with ui.element("header").classes("qd-top"):
        back = f'<a class="qd-i3" href="{base}{sort.path}">{sort.title}</a>{icon("chevron", "sm")}'
        shown = f'{back}<h1 class="qd-el" title="{words}">{words}</h1>'
        ui.html(shown, sanitize=False).classes("qd-row").style("min-width:0")
        ui.element("span").classes("qd-sp")
        yield
