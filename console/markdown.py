"""Model and tool text → safe HTML: CommonMark without raw HTML or images, links marked, code highlighted. Pure."""

from collections.abc import Sequence
from functools import lru_cache
from html import escape
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

LONGEST = 200_000
LONGEST_CODE = 20_000
"""Beyond this, code is shown plainly: highlighting is the slow part."""
SAFE_SCHEMES = ("http://", "https://", "mailto:")
TAGS = {
    "p", "br", "hr", "em", "strong", "s", "code", "pre", "span", "blockquote", "ul", "ol", "li", "a",
    "h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
_FORMATTER: Any = HtmlFormatter(nowrap=True, classprefix="hl-")


@lru_cache(maxsize=2048)
def render(text: str) -> str:
    """HTML that can neither run anything nor ask any server for anything."""
    html = _MARKDOWN.render(text[:LONGEST])
    return nh3.clean(
        html,
        tags=TAGS,
        attributes={"a": {"href", "target"}, "code": {"class"}, "span": {"class"}, "ol": {"start"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )


def _coloured(code: str, language: str, _attributes: str) -> str:
    if len(code) > LONGEST_CODE or not language:
        return ""  # then markdown-it escapes it plainly
    try:
        lexer = get_lexer_by_name(language.lower()[:30])
    except ClassNotFound:
        return ""
    return str(highlight(code, lexer, _FORMATTER))


def _safe_link(url: str) -> bool:
    return url.strip().lower().startswith(SAFE_SCHEMES)


def _link(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    tokens[index].attrSet("target", "_blank")
    return renderer.renderToken(tokens, index, options, env)


def _image(_renderer: RendererHTML, tokens: Sequence[Token], index: int, _options: Any, _env: Any) -> str:
    """An image would tell its server that somebody reads this, and what: only its words are shown."""
    token = tokens[index]
    return f"<span>[image: {escape(token.content)}] {escape(str(token.attrGet('src') or ''))}</span>"


def _build() -> MarkdownIt:
    options = {"html": False, "linkify": True, "typographer": False, "highlight": _coloured, "maxNesting": 20}
    markdown = MarkdownIt("commonmark", options).enable(["table", "strikethrough", "linkify"])
    markdown.validateLink = _safe_link  # type: ignore[method-assign]
    markdown.add_render_rule("link_open", _link)
    markdown.add_render_rule("image", _image)
    return markdown


_MARKDOWN = _build()
