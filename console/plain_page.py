"""Pages that need neither NiceGUI nor JavaScript: signing in, and sentences that end somewhere. Pure."""

from collections.abc import Mapping
from html import escape

from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse
from starlette.types import Scope

from .icons import LOGO

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title} · Quarterdeck</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<link rel="icon" href="{base}/assets/favicon.svg">
<link rel="stylesheet" href="{base}/assets/app.css">
<style>
.qd-alone p{{margin:0}}
.qd-alone .qd-brand{{justify-content:flex-start}}
.qd-alone .qd-brand svg{{width:22px;height:22px;color:var(--sea)}}
.qd-alone h1{{font-size:18px;line-height:24px;letter-spacing:-.015em}}
.qd-alone h1{{margin:0}}.qd-alone h1+p{{margin-top:4px;color:var(--ink-2)}}
.qd-alone form{{display:grid;gap:14px}}
.qd-alone .qd-inp{{height:36px}}
.qd-alone .qd-btn{{height:36px;justify-content:center;text-decoration:none}}
.qd-alone code{{overflow-wrap:anywhere}}
.qd-alone .qd-say-no{{border:1px solid var(--port-line);background:var(--port-soft);color:var(--port);
 border-radius:6px;padding:8px 10px}}
</style>
</head>
<body{dark}>{script}
<main class="qd-alone"><div class="qd-card">
<div class="qd-brand">{logo}<span>Quarterdeck</span></div>
{body}
</div></main>
</body>
</html>"""
FOLLOW_SYSTEM = (
    '<script>matchMedia("(prefers-color-scheme: dark)").matches && document.body.classList.add("body--dark")</script>'
)


def plain_page(
    scope: Scope, title: str, body: str, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> HTMLResponse:
    """`body` is HTML: escape what goes into it."""
    theme = HTTPConnection(scope).cookies.get("qd_theme", "auto")
    html = PAGE.format(
        title=escape(title),
        base=base_of(scope),
        dark=' class="body--dark"' if theme == "dark" else "",
        script="" if theme in ("dark", "light") else FOLLOW_SYSTEM,
        logo=LOGO,
        body=body,
    )
    return HTMLResponse(html, status, headers=headers)


def message_page(scope: Scope, title: str, sentence: str, *, status: int) -> HTMLResponse:
    """One sentence and the way back."""
    words = f"<div><h1>{escape(title)}</h1><p>{escape(sentence)}</p></div>"
    way_back = f'<a class="qd-btn" href="{base_of(scope)}/">Go to Quarterdeck</a>'
    return plain_page(scope, title, words + way_back, status=status)


def base_of(scope: Scope) -> str:
    """The sub-path we are served under, safe to write into HTML."""
    return escape(str(scope.get("root_path", "")))
