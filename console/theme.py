"""The look of every page: our one style sheet, fonts, small scripts, and the reader's choice of light or dark."""

from nicegui import ui

from .icons import icon

CHOICES = ("auto", "light", "dark")
COOKIE = "qd_theme"
HEAD = """
<link rel="preload" as="font" type="font/woff2" href="{base}/assets/fonts/inter-latin-wght-normal.woff2" crossorigin>
<link rel="stylesheet" href="{base}/assets/app.css?v={version}">
<script src="{base}/assets/qd.js?v={version}" defer></script>
"""


def dress(*, base: str, version: str) -> str:
    """Dress the page being built; returns the theme that was chosen."""
    request = ui.context.client.request
    choice = request.cookies.get(COOKIE, "auto") if request else "auto"
    choice = choice if choice in CHOICES else "auto"
    ui.add_head_html(HEAD.format(base=base, version=version))
    ui.dark_mode({"auto": None, "light": False, "dark": True}[choice])
    ui.colors(primary="#0b5a7a", negative="#cf3e33", positive="#2a9264", warning="#b3780f")
    return choice


def switch(choice: str) -> None:
    """The three-way choice, as a button that goes round; the browser keeps it in a cookie."""
    following = CHOICES[(CHOICES.index(choice) + 1) % len(CHOICES)]
    sign = "moon" if choice == "dark" else "sun"
    button = ui.element("button").classes("qd-iconbtn")
    button.props["title"] = button.props["aria-label"] = f"Theme: {choice}"
    with button:
        ui.html(icon(sign, "md"), sanitize=False)
    button.on("click", js_handler=f"() => {{ qdTheme('{following}'); setTimeout(() => location.reload(), 50); }}")
