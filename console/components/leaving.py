"""Leaving a form: the browser asks first where something would be lost, and only there."""

import json

from nicegui import ui

from ..frame import base_path


def leave_for(path: str) -> None:
    """Go to a page of ours after everything was saved.

    One script, because `ui.navigate.to` overtakes a `ui.run_javascript` before it: the browser would ask whether
    changes may be lost that were just saved.
    """
    ui.run_javascript(f"window.qdTouched = false; window.open({json.dumps(base_path() + path)}, '_self')")


def ask_before_leaving(*, noting: bool = True) -> None:
    """`noting`: whatever is typed or chosen counts as a change; otherwise the page says itself what does."""
    if noting:
        ui.add_body_html(NOTE_WHAT_IS_TOUCHED)
    ui.add_body_html(ASK)


LOST = (
    "This page has lost Quarterdeck, which was started anew meanwhile, or is away. What you typed is still here, but "
    "cannot be saved from this page: open it in another tab, copy what you need, then close this one."
)
ASK = f"""<script>(() => {{
  const stayed = () => {{
    if (window.socket?.connected || document.querySelector(".qd-lost")) return;
    document.getElementById("popup").ariaHidden = true;
    const notice = Object.assign(document.createElement("div"), {{ className: "qd-note qd-bad qd-lost" }});
    const anew = Object.assign(document.createElement("a"), {{ href: location.href, target: "_blank" }});
    notice.role = "alert";
    anew.className = "qd-btn qd-t";
    anew.textContent = "Open it anew";
    notice.append(Object.assign(document.createElement("span"), {{ textContent: {json.dumps(LOST)} }}), anew);
    document.body.append(notice);
    window.socket?.once("connect", () => notice.remove());
  }};
  addEventListener("beforeunload", (event) => {{
    if (!window.qdTouched) return;
    event.preventDefault();
    setTimeout(stayed, 300);
  }});
}})();</script>"""
"""A restarted server does not know the page any more, and has it load anew. Who stays is told what still works."""
NOTE_WHAT_IS_TOUCHED = """<script>(() => {
  const touched = (event) => {
    if (!event.target.closest(".qd-tt-bar")) window.qdTouched = true;
  };
  addEventListener("input", touched, true);
  addEventListener("click", (event) => event.target.closest(".q-menu .q-item, .q-radio") && touched(event), true);
})();</script>"""
