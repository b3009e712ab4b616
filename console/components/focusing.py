"""Moving the focus to what an action made. Where somebody has gone on to another input meanwhile, it stays there:
what they type must not land elsewhere."""

from nicegui import ui
from nicegui.element import Element

FOLLOW_FOCUS = """<script>(() => {
  let acted = null;
  const act = () => { acted = document.activeElement; };
  const typing = (event) => event.target.closest("input, textarea, select");
  addEventListener("click", (event) => typing(event) || act(), true);
  addEventListener("keydown", (event) => (event.key === "Enter" || !typing(event)) && act(), true);
  window.qdFocus = (find) => setTimeout(() => {
    const now = document.activeElement;
    if (!now || now === document.body || now === acted) find()?.focus();
  }, 60);
})();</script>"""
"""`qdFocus(find)`: the element is looked for once the page has drawn it, a moment later."""


def focus_in(place: Element, selector: str) -> None:
    """The first element in `place` that fits."""
    with place:
        ui.run_javascript(f"qdFocus(() => getHtmlElement({place.id})?.querySelector({selector!r}))")


def focus_on(element: Element) -> None:
    with element:
        ui.run_javascript(f"qdFocus(() => getHtmlElement({element.id}))")
